package demo

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Options of a Town. Clock, Server, Mailbox and Desk are needed; the zero value
// of the others works.
type Options struct {
	Clock   Clock
	Server  string // address of the collector, "http://127.0.0.1:8383"
	Key     string // write key. Default: none
	Mailbox *Mailbox
	Desk    *Desk

	// Country is where it lies. Default: Japan.
	Country *Country
	// Seed is what everything that happens follows from. Default: 1.
	Seed uint64
	// Leads is how many people come at most; then only those come back. Default:
	// 200.
	Leads int
	// PerHour is how many come in an hour of office time, on average; a sixth of
	// that come in an hour of an evening or a weekend. Default: 3.
	PerHour float64
	// Log takes what does not go well. Default: nothing is logged.
	Log *slog.Logger
}

// Town is everybody outside: people who visit the web site, read mails and get
// calls, and the sales person who calls them.
type Town struct {
	o         Options
	agenda    *agenda
	collector *collector
	arrivals  *rand.Rand
	sent      atomic.Int64
	known     atomic.Int64

	// Only the goroutine that runs the agenda touches these.
	people    []*person
	byAddress map[string]*person
	byID      map[string]*person
}

// NewTown makes a town. Nothing happens in it until Run.
func NewTown(o Options) (*Town, error) {
	if o.Clock == nil || o.Server == "" || o.Mailbox == nil || o.Desk == nil {
		return nil, errors.New("make a town: it needs a clock, a server, a mailbox and a desk")
	}
	if o.Country == nil {
		o.Country = Japan()
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Leads <= 0 {
		o.Leads = 200
	}
	if o.PerHour <= 0 {
		o.PerHour = 3
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t := &Town{
		o: o, agenda: newAgenda(o.Clock), arrivals: source(o.Seed, "arrivals", 0),
		byAddress: map[string]*person{}, byID: map[string]*person{},
	}
	t.collector = &collector{
		url: o.Server, key: o.Key, clock: o.Clock, log: o.Log,
		sent: func(n int) { t.sent.Add(int64(n)) },
	}
	return t, nil
}

// Run lets the town live until ctx ends.
func (t *Town) Run(ctx context.Context) {
	transport := &http.Transport{DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, MaxIdleConns: 2}
	defer transport.CloseIdleConnections()
	t.collector.client = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	defer t.o.Mailbox.onMail(t.mailArrived)()
	defer t.o.Desk.onPacket(t.packetArrived)()
	t.begin(t.o.Clock.Now())
	t.agenda.run(ctx, t.collector.post)
}

// Sent is how many events the town has sent.
func (t *Town) Sent() int64 { return t.sent.Load() }

// Leads is how many people have come so far.
func (t *Town) Leads() int64 { return t.known.Load() }
