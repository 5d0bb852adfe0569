package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// DeskOptions configures a Desk. Clock and Wall are needed.
type DeskOptions struct {
	Clock Clock // the town's: when a packet came, as people there see it
	Wall  Clock // the machine's: signatures are stamped with it
	// Seed is what the signing secret follows from. Default: 1.
	Seed uint64
	// Keep is how many packets are kept; the oldest go first. Default: 500.
	Keep int
	// Log takes what is turned away. Default: nothing is logged.
	Log *slog.Logger
}

// Desk is where sales receives hand-overs: a receiver of webhooks, on this
// machine only, that verifies signatures and takes every key once. The packets
// are kept in memory.
type Desk struct {
	o        DeskOptions
	secret   secret
	listener net.Listener

	mu       sync.Mutex
	packets  []*Packet // the oldest first
	byKey    map[string]*Packet
	tally    Tally
	watchers watchers[Packet]
	changed  chan struct{} // closed and replaced at each change
}

// Tally counts what came to a desk.
type Tally struct {
	Taken    int // distinct keys
	Repeats  int // keys that came again: answered, not done again
	Rejected int // requests whose signature does not hold
	Unread   int // requests with a right signature that are no packet
}

// maxPacket bounds the bytes of one packet.
const maxPacket = 1 << 20

// NewDesk opens a desk on a free port of this machine.
func NewDesk(o DeskOptions) (*Desk, error) {
	if o.Clock == nil || o.Wall == nil {
		return nil, errors.New("open a sales desk: it needs two clocks")
	}
	if o.Seed == 0 {
		o.Seed = 1
	}
	if o.Keep <= 0 {
		o.Keep = 500
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a sales desk: %w", err)
	}
	return &Desk{
		o: o, secret: newSecret(o.Seed), listener: listener,
		byKey: map[string]*Packet{}, changed: make(chan struct{}),
	}, nil
}

// URL is where hand-overs are posted to.
func (d *Desk) URL() string { return "http://" + d.listener.Addr().String() + "/hand-over" }

// Secret is what they are signed with, "whsec_…".
func (d *Desk) Secret() string { return d.secret.String() }

// Serve takes packets until ctx ends.
func (d *Desk) Serve(ctx context.Context) error {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /hand-over", d.receive)
	server := &http.Server{
		Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(d.o.Log.Handler(), slog.LevelDebug),
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // its listener is closed either way
	defer stop()
	err := server.Serve(d.listener)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("take hand-overs: %w", err)
}

// Close gives the port back when Serve was never called.
func (d *Desk) Close() { _ = d.listener.Close() }

// receive takes one request.
func (d *Desk) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPacket))
	if err != nil {
		http.Error(w, "the body cannot be read", http.StatusBadRequest)
		return
	}
	if err := d.secret.verify(r.Header, body, d.o.Wall.Now()); err != nil {
		d.o.Log.Warn("a hand-over was turned away", "reason", err)
		d.count(func(t *Tally) { t.Rejected++ })
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	p, err := parsePacket(body)
	if err != nil {
		d.o.Log.Warn("a hand-over cannot be read", "reason", err)
		d.count(func(t *Tally) { t.Unread++ })
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	p.Key, p.At = r.Header.Get("webhook-id"), d.o.Clock.Now()
	d.take(p)
	w.WriteHeader(http.StatusNoContent)
}

func (d *Desk) count(f func(*Tally)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.tally)
	d.announce()
}

// announce tells that something changed. mu is held.
func (d *Desk) announce() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// take keeps a packet, unless its key is known.
func (d *Desk) take(p *Packet) {
	d.mu.Lock()
	defer d.mu.Unlock()
	defer d.announce()
	if _, known := d.byKey[p.Key]; known {
		d.tally.Repeats++
		return
	}
	d.tally.Taken++
	p.Number = d.tally.Taken
	d.byKey[p.Key] = p
	d.packets = append(d.packets, p)
	if over := len(d.packets) - d.o.Keep; over > 0 {
		clear(d.packets[:over]) // their keys stay known
		d.packets = d.packets[over:]
	}
	d.watchers.tell(*p)
}

// onPacket calls f with every packet that comes from now on, until the function
// it returns is called. f must not call the desk.
func (d *Desk) onPacket(f func(Packet)) (forget func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.watchers.add(f)
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.watchers.drop(n)
	}
}

// note writes on a packet what became of it.
func (d *Desk) note(key string, what State, at time.Time, remark string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.byKey[key]; p != nil {
		p.State, p.Since, p.Remark = what, at, remark
		d.announce()
	}
}

// Packets are the packets that are kept, the newest first.
func (d *Desk) Packets() []Packet {
	d.mu.Lock()
	defer d.mu.Unlock()
	packets := make([]Packet, len(d.packets))
	for i, p := range d.packets {
		packets[len(packets)-1-i] = *p
	}
	return packets
}

// Tally is what came so far.
func (d *Desk) Tally() Tally {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.tally
}

// Wait returns a packet that matches, one that is there or the first that comes
// or changes so that it does.
func (d *Desk) Wait(ctx context.Context, matches func(Packet) bool) (Packet, error) {
	for {
		d.mu.Lock()
		changed := d.changed
		d.mu.Unlock()
		packets := d.Packets()
		for _, p := range packets {
			if matches(p) {
				return p, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Packet{}, fmt.Errorf("wait for a hand-over, after %d others: %w", len(packets), ctx.Err())
		}
	}
}
