package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"code.dny.dev/ssrf"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/store"
	"github.com/seed-456efde2/nurture/engine/verdict"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// inlets are the workspace's sources, as the rules in force have them.
type inlets struct {
	now atomic.Pointer[[]*intake.Source]
}

var _ httpd.Inlets = (*inlets)(nil)

// set puts the sources of newly loaded rules in force. A rotated secret comes this
// way too, though it makes no revision.
func (i *inlets) set(list []*intake.Source) { i.now.Store(&list) }

// Sources implements httpd.Inlets.
func (i *inlets) Sources() []*intake.Source {
	if list := i.now.Load(); list != nil {
		return *list
	}
	return nil
}

// Source implements httpd.Inlets.
func (i *inlets) Source(name string) *intake.Source {
	list := i.Sources()
	at, found := slices.BinarySearchFunc(list, name, func(s *intake.Source, name string) int { return cmp.Compare(s.Name, name) })
	if !found {
		return nil
	}
	return list[at]
}

// receipts hands what providers tell about mails in at the door of the channels'
// own facts: whose it is follows from the message it is about.
type receipts struct {
	inflow *inflow
	store  *store.Store
}

var (
	_ httpd.Receipts   = (*receipts)(nil)
	_ httpd.DeadEvents = (*receipts)(nil)
)

// toldByProviders are the events that receipts may bring.
var toldByProviders = []string{
	"email_delivered", "email_bounced", "email_complained", "email_opened", "email_clicked", "unsubscribed",
}

// Tell implements httpd.Receipts.
func (r *receipts) Tell(ctx context.Context, from *intake.Source, list []intake.Receipt) error {
	facts := make([]channel.Fact, 0, len(list))
	for i := range list {
		facts = append(facts, factOf(&list[i]))
	}
	return r.inflow.Accept(ctx, host.Source{Channel: from.Channel, Plugin: "source " + from.Name, Events: toldByProviders}, facts)
}

func factOf(r *intake.Receipt) channel.Fact {
	f := channel.Fact{ID: r.ID, Event: r.Event, At: time.UnixMilli(int64(r.At)), Action: r.Action, Email: r.Email, Fields: map[string]any{}}
	for _, field := range r.Fields {
		f.Fields[field.Name] = field.Value.Text()
	}
	// Who opened, a person or a machine, is judged as for links of our own.
	if agent, told := f.Fields["agent"].(string); told {
		delete(f.Fields, "agent")
		f.Fields["client"] = float64(verdict.Known().Class(verdict.Request{Method: http.MethodGet, Agent: agent}))
	}
	return f
}

// RefusedEvent implements httpd.DeadEvents.
func (r *receipts) RefusedEvent(seq uint64) (store.BadEvent, bool, error) {
	return r.store.RefusedEvent(seq)
}

// ForgetRefused implements httpd.DeadEvents.
func (r *receipts) ForgetRefused(seqs ...uint64) error { return r.store.ForgetRefused(seqs...) }

// CountRefused implements httpd.DeadEvents.
func (r *receipts) CountRefused() (int, error) { return r.store.CountRefused() }

// Again implements httpd.DeadEvents: it reads what rawFact wrote, and hands it in.
// What is still about nobody is told, and not kept a second time.
func (r *receipts) Again(ctx context.Context, b *store.BadEvent) (*engine.Problem, error) {
	running := r.inflow.runner.Load()
	if running == nil {
		return nil, errNotOpen
	}
	fact, ok := factAgain(b.Raw)
	if !ok {
		return &engine.Problem{Code: b.Code, Text: b.Text}, nil
	}
	about, err := r.inflow.about(running.Program(), fact)
	if err != nil {
		return nil, err
	}
	if about.lead.IsZero() || b.Code == "undeclared_event" {
		return &engine.Problem{Code: cmp.Or(about.code, b.Code), Text: cmp.Or(about.text, b.Text)}, nil
	}
	from := host.Source{Channel: strings.TrimPrefix(b.Source, "channel:"), Events: []string{fact.Event}}
	results, err := running.Submit(ctx, []engine.Event{eventOfFact(from, fact, about, b.At)})
	if err != nil {
		return nil, err
	}
	if p, is := results[0].Err.(*engine.Problem); is {
		return p, nil
	}
	return nil, results[0].Err
}

func factAgain(raw []byte) (f channel.Fact, ok bool) {
	var call struct {
		MessageID  string         `json:"messageId"`
		Event      string         `json:"event"`
		Properties map[string]any `json:"properties"`
		Timestamp  time.Time      `json:"timestamp"`
		UserID     string         `json:"userId"`
		Context    struct {
			About struct{ Token, Action, Lead, Email, Attribute, Value string } `json:"about"`
		} `json:"context"`
	}
	if err := json.Unmarshal(raw, &call); err != nil || call.Event == "" || call.MessageID == "" {
		return f, false
	}
	about := call.Context.About
	return channel.Fact{
		ID: call.MessageID, Event: call.Event, At: call.Timestamp, Fields: call.Properties, User: call.UserID,
		Token: about.Token, Action: about.Action, Lead: about.Lead, Email: about.Email,
		Attribute: about.Attribute, Value: about.Value,
	}, true
}

// fetcher reads public addresses and nothing of this machine's or its network's:
// each address is judged after its name was resolved, right before connecting.
func fetcher() func(ctx context.Context, address string) ([]byte, error) {
	guard := ssrf.New(ssrf.WithPorts(443))
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: guard.Safe}
	client := &http.Client{
		Timeout:       10 * time.Second,
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConns: 2, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 5 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, address string) ([]byte, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, fmt.Errorf("make the request: %w", err)
		}
		if _, err := netip.ParseAddr(req.URL.Hostname()); err == nil || req.URL.Scheme != "https" {
			return nil, fmt.Errorf("the address is not https at a named host")
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, hostOnly(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s answered %d", req.URL.Hostname(), resp.StatusCode)
		}
		const most = 64 << 10
		return io.ReadAll(io.LimitReader(resp.Body, most))
	}
}

// hostOnly leaves out the address of a request that failed: what confirms a
// subscription stands in it.
func hostOnly(err error) error {
	if inner, ok := err.(interface{ Unwrap() error }); ok && inner.Unwrap() != nil {
		return inner.Unwrap()
	}
	return err
}
