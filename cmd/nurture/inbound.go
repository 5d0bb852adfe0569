package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
	"github.com/seed-456efde2/nurture/engine/tracking"
	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// inflow takes what the channels' services tell: it finds the lead that a fact is
// about and hands the fact in at the one door. What is about nobody known, or is
// nothing that the plugin declares, is kept with the events that were refused.
type inflow struct {
	store  *store.Store
	now    func() time.Time
	runner atomic.Pointer[runner.Runner] // plugins start before it
	keys   atomic.Pointer[tracking.Keys]
}

var _ host.Intake = (*inflow)(nil)

// errNotOpen: the server has not come so far yet.
var errNotOpen = errors.New("the server is starting; try again in a moment")

// open lets facts in.
func (f *inflow) open(r *runner.Runner, keys *tracking.Keys) {
	f.keys.Store(keys)
	f.runner.Store(r)
}

// sourceOf is the source of a channel's facts. Clients' write keys have names
// without a colon.
func sourceOf(channel string) string { return "channel:" + channel }

// factsAtOnce is how many facts one Submit takes.
const factsAtOnce = 1000

// Accept makes facts durable.
func (f *inflow) Accept(ctx context.Context, from host.Source, facts []channel.Fact) error {
	r := f.runner.Load()
	if r == nil {
		return errNotOpen
	}
	for some := range slices.Chunk(facts, factsAtOnce) {
		if err := f.accept(ctx, r, from, some); err != nil {
			return err
		}
	}
	return nil
}

func (f *inflow) accept(ctx context.Context, r *runner.Runner, from host.Source, facts []channel.Fact) error {
	received := engine.TimeOf(f.now())
	var events []engine.Event
	var told []channel.Fact
	var letters []store.BadEvent
	refuse := func(fact channel.Fact, code, text string) {
		letters = append(letters, store.BadEvent{
			At: received, Source: sourceOf(from.Channel), Code: code, Text: text, Raw: rawFact(fact),
		})
	}
	for _, fact := range facts {
		if !slices.Contains(from.Events, fact.Event) {
			refuse(fact, "undeclared_event", fmt.Sprintf("plugin %s does not declare this event", from.Plugin))
			continue
		}
		about, err := f.about(r.Program(), fact)
		switch {
		case err != nil:
			return err
		case about.lead.IsZero():
			refuse(fact, about.code, about.text)
			continue
		}
		events = append(events, eventOfFact(from, fact, about, received))
		told = append(told, fact)
	}
	if len(events) > 0 {
		results, err := r.Submit(ctx, events)
		if err != nil {
			return err
		}
		for i := range results {
			var p *engine.Problem
			switch {
			case errors.As(results[i].Err, &p):
				refuse(told[i], p.Code, p.Text)
			case results[i].Err != nil:
				return results[i].Err
			}
		}
	}
	return r.Refuse(ctx, letters)
}

// whom is whom a fact is about: a lead, or the reason why nobody is known.
type whom struct {
	lead  engine.LeadID
	token tracking.Token // where it was found by one
	code  string
	text  string
}

// about finds the lead by the first name that is given and known.
func (f *inflow) about(p *engine.Program, fact channel.Fact) (w whom, err error) {
	w = whom{code: "no_identity", text: "the fact names nobody: no token, action, lead, user, e-mail address or attribute"}
	try := func(given bool, code, text string, find func() (engine.LeadID, bool, error)) {
		if !given || err != nil || !w.lead.IsZero() {
			return
		}
		if w.code == "no_identity" {
			w.code, w.text = code, text
		}
		id, found, failed := find()
		switch {
		case failed != nil:
			err = failed
		case found:
			w.lead, found, err = f.known(id)
			if !found {
				w.lead = engine.LeadID{}
			}
		}
	}
	try(fact.Token != "", "bad_token", "the token is not one of ours, its key is not kept any more, or its lead is gone", func() (engine.LeadID, bool, error) {
		keys := f.keys.Load()
		if keys == nil {
			return engine.LeadID{}, false, nil
		}
		var bad error
		w.token, bad = keys.Open(fact.Token)
		return w.token.Lead, bad == nil, nil
	})
	try(fact.Action != "", "unknown_action", "no message was sent under this key, or too long ago", func() (id engine.LeadID, found bool, err error) {
		key, ok := engine.ParseActionKey(fact.Action)
		if !ok {
			return id, false, nil
		}
		return f.store.LeadOf(key)
	})
	try(fact.Lead != "", "unknown_lead", "there is no lead of this id", func() (engine.LeadID, bool, error) {
		id, ok := engine.ParseLeadID(fact.Lead)
		return id, ok, nil
	})
	try(fact.User != "", "unknown_user", "there is no lead of this userId", func() (engine.LeadID, bool, error) {
		return f.resolve(engine.Identifier{Kind: engine.ByUser, Value: fact.User})
	})
	try(fact.Email != "" && p.Spec().KeyAttr != "", "unknown_address", "there is no lead of this address", func() (id engine.LeadID, found bool, err error) {
		for _, address := range []string{fact.Email, strings.ToLower(fact.Email)} {
			if id, found, err = f.resolve(engine.Identifier{Kind: engine.ByKey, Value: address}); err != nil || found {
				return id, found, err
			}
		}
		return id, false, nil
	})
	try(fact.Attribute != "" && fact.Value != "", "unknown_value", "the attribute does not identify leads, or there is none that has this value", func() (id engine.LeadID, found bool, err error) {
		i, ok := p.AttributeName(fact.Attribute, engine.TextValue(fact.Value))
		if !ok {
			return id, false, nil
		}
		return f.resolve(i)
	})
	return w, err
}

// resolve gives the lead that is first seen under an identifier where the table
// does not know it: Known tells whether there is one.
func (f *inflow) resolve(i engine.Identifier) (engine.LeadID, bool, error) {
	id, found, err := f.store.Resolve(i)
	if err != nil || found {
		return id, found, err
	}
	id = i.Lead()
	id, found, err = f.known(id)
	return id, found, err
}

// known reports whether there is such a lead.
func (f *inflow) known(id engine.LeadID) (engine.LeadID, bool, error) {
	var l engine.Lead
	found, err := f.store.Lead(id, &l)
	return id, found && (l.FirstSeen != 0 || !l.Into.IsZero()), err
}

func eventOfFact(from host.Source, fact channel.Fact, about whom, received engine.Time) engine.Event {
	e := engine.Event{
		Kind: engine.Track, ID: fact.ID, Source: sourceOf(from.Channel), Name: fact.Event, Lead: about.lead,
		At: received, Received: received,
	}
	if !fact.At.IsZero() {
		e.At = engine.TimeOf(fact.At)
	}
	message := fact.Action
	if about.token.Message != [16]byte{} {
		message = engine.ActionKey(about.token.Message).String()
	}
	for _, f := range [...]struct{ name, text string }{
		{"message", message},
		{"channel", from.Channel},
		{"workflow", about.token.Workflow},
		{"step", about.token.Step},
		{"topic", about.token.Topic},
	} {
		if _, said := fact.Fields[f.name]; f.text != "" && !said {
			e.Fields = append(e.Fields, engine.Field{Name: f.name, Value: engine.TextValue(f.text)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fact.Fields)) {
		if v, ok := factValue(fact.Fields[name]); ok {
			e.Fields = append(e.Fields, engine.Field{Name: name, Value: v})
		}
	}
	return e
}

func factValue(v any) (engine.Value, bool) {
	switch v := v.(type) {
	case string:
		return engine.TextValue(v), true
	case float64:
		return engine.NumberValue(v), true
	case bool:
		return engine.FlagValue(v), true
	case time.Time:
		return engine.TimeValue(engine.TimeOf(v)), true
	case json.RawMessage:
		return engine.JSONValue(string(v)), true
	}
	return engine.Value{}, false
}

// rawFact is a fact as a client would have sent it, so that an operator can put a
// name to it and send it once more.
func rawFact(fact channel.Fact) []byte {
	call := map[string]any{"type": "track", "messageId": fact.ID, "event": fact.Event, "properties": fact.Fields}
	if !fact.At.IsZero() {
		call["timestamp"] = fact.At.UTC().Format(time.RFC3339Nano)
	}
	about := map[string]any{}
	for name, value := range map[string]string{"token": fact.Token, "action": fact.Action, "lead": fact.Lead, "email": fact.Email, "attribute": fact.Attribute, "value": fact.Value} {
		if value != "" {
			about[name] = value
		}
	}
	if len(about) > 0 {
		call["context"] = map[string]any{"about": about}
	}
	if fact.User != "" {
		call["userId"] = fact.User
	}
	b, err := json.Marshal(call)
	if err != nil {
		return nil // a number that JSON cannot say
	}
	return b
}

// cursorNote is the name of the note that keeps a channel's cursor.
func cursorNote(channel string) string { return "cursor/" + channel }

// Cursor is what was kept last.
func (f *inflow) Cursor(channel string) (string, error) {
	b, err := f.store.Note(cursorNote(channel))
	return string(b), err
}

// KeepCursor makes a cursor durable.
func (f *inflow) KeepCursor(channel, cursor string) error {
	if old, err := f.Cursor(channel); err == nil && old == cursor {
		return nil
	}
	return f.store.SaveNote(cursorNote(channel), []byte(cursor))
}

// callbacks let the services of the channels call us.
type callbacks struct{ plugins *host.Host }

var _ httpd.Callbacks = callbacks{}

// Receive hands a request to the channel's plugin.
func (c callbacks) Receive(ctx context.Context, name string, r httpd.Callback) (httpd.CallbackAnswer, error) {
	reply, err := c.plugins.Receive(ctx, name, channel.HTTPRequest{
		Method: http.MethodPost, Path: r.Path, URL: r.URL, Header: r.Header, Body: r.Body,
	})
	switch {
	case errors.Is(err, host.ErrNoReceiver):
		return httpd.CallbackAnswer{}, httpd.ErrNoCallback
	case err != nil:
		return httpd.CallbackAnswer{}, err
	}
	return httpd.CallbackAnswer{Status: reply.Status, Header: reply.Header, Body: reply.Body}, nil
}
