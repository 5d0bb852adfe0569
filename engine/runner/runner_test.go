package runner

import (
	"errors"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// The way of one event: submitted, durable, its mail sent, the wait over, the
// next mail sent.
func TestWayOfAnEvent(t *testing.T) {
	t.Parallel()
	var world receiver
	g := newRig(t, program(t, mailSpec(72*time.Hour), "a"), &world, nil)
	g.submit(g.event("1", "ann", "signup"))
	g.quiet()
	if got := world.requests(); len(got) != 1 || got[0].Channel != "mail" || got[0].Kind != "email" || got[0].Attempt != 1 || got[0].Parts[0].Value.Text() != "hello" {
		t.Fatalf("after the sign-up: %+v", got)
	}
	g.advance(72*time.Hour - time.Millisecond)
	g.quiet()
	if got := world.requests(); len(got) != 1 {
		t.Fatalf("before the wait is over: %+v", got)
	}
	g.advance(time.Millisecond)
	g.quiet()
	if got := world.requests(); len(got) != 2 || got[1].Parts[0].Value.Text() != "more" {
		t.Fatalf("after the wait: %+v", got)
	}
	l := g.lead("ann")
	if len(l.Acts.Runs) != 0 || len(l.Acts.Pending) != 0 || len(l.Timers) != 0 {
		t.Errorf("the lead is not through: %+v", l.Acts)
	}
	s := g.runner.Status()
	if s.Decided == 0 || s.Commits == 0 || s.Ticks != 1 || s.NextDue != 0 || s.Queued != 0 || s.NewLeads != 1 {
		t.Errorf("status: %+v", s)
	}
	for _, c := range s.Channels {
		if c.Outstanding != 0 || c.Outbox != [engine.Lanes]int64{} || c.Sent != 2 || c.Answers[engine.Done] != 2 {
			t.Errorf("channel: %+v", c)
		}
	}
}

func TestResultsOfACall(t *testing.T) {
	t.Parallel()
	g := newRig(t, program(t, mailSpec(time.Hour), "a"), &receiver{}, nil)
	bad := g.event("", "ann", "visit")
	results := g.submit(g.event("1", "ann", "visit", number("points", 2)), bad, g.event("1", "ann", "visit", number("points", 2)), g.event("2", "bob", "visit", number("points", 3)))
	var problem *engine.Problem
	if !errors.As(results[1].Err, &problem) || problem.Code != "no_id" {
		t.Errorf("an event without id: %v", results[1].Err)
	}
	for i, want := range []bool{false, false, true, false} {
		if results[i].Duplicate != want {
			t.Errorf("event %d: duplicate %v, want %v", i, results[i].Duplicate, want)
		}
	}
	if results := g.submit(g.event("2", "bob", "visit", number("points", 3))); !results[0].Duplicate {
		t.Error("a later duplicate was decided")
	}
	if results := g.submit(engine.Event{Kind: engine.Tick, Lead: g.lead("ann").ID, At: g.now(), Received: g.now()}); results[0].Err == nil {
		t.Error("a client may not send ticks")
	}
	for user, want := range map[string]float64{"ann": 2, "bob": 3} {
		if got := g.lead(user).Folds.Scores[0].Value; got != want {
			t.Errorf("%s has %v points, want %v", user, got, want)
		}
	}
	if results, err := g.runner.Submit(t.Context(), nil); results != nil || err != nil {
		t.Errorf("an empty call: %v %v", results, err)
	}
	if s := g.runner.Status(); s.Queued != 0 || s.QueuedBytes != 0 || s.Malformed != 2 || s.Duplicates != 2 {
		t.Errorf("status: %+v", s)
	}
}

// Events find their lead by the strongest name they carry: a user, a visitor, or
// the attribute by which the workspace knows leads.
func TestIdentity(t *testing.T) {
	t.Parallel()
	spec := mailSpec(time.Hour)
	spec.KeyAttr = "email"
	spec.Attrs = []engine.AttrSpec{{Name: "email", Kind: engine.Text}}
	g := newRig(t, program(t, spec, "a"), &receiver{}, nil)
	email := engine.Field{Name: "email", Value: engine.TextValue("ann@example.com")}
	identify := g.event("1", "ann", "")
	identify.Kind, identify.Fields = engine.Identify, []engine.Field{email}
	g.submit(identify)
	g.quiet()

	byKey, byVisitor, nobody := g.event("2", "", "visit", email), g.event("3", "", "visit"), g.event("4", "", "visit")
	byVisitor.Visitor = "v-1"
	again := byVisitor
	again.ID = "5"
	results := g.submit(byKey, byVisitor, nobody, again)
	g.quiet()
	var problem *engine.Problem
	if !errors.As(results[2].Err, &problem) || problem.Code != "no_identity" {
		t.Errorf("an event of nobody: %v", results[2].Err)
	}
	if l := g.lead("ann"); l.Seq != 2 {
		t.Errorf("ann has %d facts, want 2: the event with her e-mail is hers", l.Seq)
	}
	var visitor engine.Lead
	if found, err := g.runner.Lead(engine.Identifier{Kind: engine.ByVisitor, Value: "v-1"}.Lead(), &visitor); !found || err != nil || visitor.Seq != 2 {
		t.Errorf("the visitor has %d facts, want 2 (%v)", visitor.Seq, err)
	}
}
