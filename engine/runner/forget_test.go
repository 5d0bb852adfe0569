package runner

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// keyedSpec is mailSpec with a key attribute.
func keyedSpec() *engine.Spec {
	s := mailSpec(24 * time.Hour)
	s.KeyAttr = "email"
	s.Attrs = []engine.AttrSpec{{Name: "email", Kind: engine.Text}}
	s.Events = append(s.Events, engine.EventSpec{Name: "unsubscribed"})
	return s
}

// Whatever was known of somebody is gone, under every name, and only they are.
func TestForget(t *testing.T) {
	t.Parallel()
	r := &receiver{}
	g := newRig(t, program(t, keyedSpec(), "d"), r, nil)
	text := func(name, value string) engine.Field {
		return engine.Field{Name: name, Value: engine.TextValue(value)}
	}
	visit := g.event("v1", "", "visit")
	visit.Visitor = "cookie"
	g.submit(visit)
	who := g.event("i1", "u1", "", text("email", "a@example.jp"))
	who.Kind, who.Visitor = engine.Identify, "cookie"
	other := g.event("i2", "u2", "", text("email", "b@example.jp"))
	other.Kind = engine.Identify
	g.submit(who, other, g.event("s1", "u1", "signup"), g.event("x1", "u1", "unsubscribed"))
	g.quiet()
	for _, raw := range []string{`{"userId":"u1"}`, `{"email":"A@example.jp"}`, `{"userId":"u11"}`} {
		if err := g.runner.Refuse(t.Context(), []store.BadEvent{{At: g.now(), Code: "bad", Raw: []byte(raw)}}); err != nil {
			t.Fatal(err)
		}
	}
	lead := engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead()
	g.advance(time.Minute)
	done, err := g.runner.Forget(t.Context(), lead)
	if err != nil {
		t.Fatal(err)
	}
	g.quiet()
	if done.Leads < 2 || done.Facts < 4 || done.Refused != 2 || done.Names != 3 {
		t.Errorf("it took %+v", done)
	}
	for _, name := range []engine.Identifier{{Kind: engine.ByUser, Value: "u1"}, {Kind: engine.ByVisitor, Value: "cookie"}, {Kind: engine.ByKey, Value: "a@example.jp"}} {
		if id, found, err := g.store.Resolve(name); err != nil || found {
			t.Errorf("a name of kind %d is still of %v, %v", name.Kind, id, err)
		}
		var l engine.Lead
		if found, err := g.store.Lead(name.Lead(), &l); err != nil || found && (l.Forgotten == 0 || l.FirstSeen != 0 || l.User+l.Visitor != "" || !l.Into.IsZero() || len(l.Folds.Attrs) > 0) {
			t.Errorf("the row of kind %d is %+v, %v", name.Kind, l, err)
		}
		facts := 0
		if err := g.store.Facts(name.Lead().Partition(g.parts), name.Lead(), func(f *engine.Fact) error {
			if facts++; f.Event.Kind != engine.Forget || len(f.Event.Fields) > 0 {
				t.Errorf("kind %d still has the fact %+v", name.Kind, f.Event)
			}
			return nil
		}); err != nil || facts > 1 {
			t.Errorf("kind %d has %d facts, %v", name.Kind, facts, err)
		}
	}
	if len(g.lead("u2").Folds.Attrs) != 1 {
		t.Error("somebody else was forgotten too")
	}
	if n, err := g.store.CountRefused(); err != nil || n != 1 {
		t.Errorf("%d refused events are left, %v", n, err)
	}
	g.advance(48 * time.Hour)
	g.quiet()
	if sent := r.requests(); len(sent) > 1 {
		t.Errorf("%d messages went", len(sent))
	}
	late := g.event("s1", "u1", "signup")
	late.At = late.At.Add(-100 * engine.Hour)
	fresh := g.event("s2", "u1", "visit")
	g.submit(late, fresh)
	l := g.lead("u1")
	if l.FirstSeen != fresh.At || len(l.Acts.Runs) != 0 || len(l.Folds.Barred) != 1 {
		t.Errorf("afterwards it is %+v", l)
	}
	if _, err := g.runner.Forget(t.Context(), engine.LeadID{9}); !errors.Is(err, ErrNoLead) {
		t.Errorf("to forget nobody: %v", err)
	}
}

// A journal that does not fit into one transaction goes in pieces.
func TestForgetALongJournal(t *testing.T) {
	t.Parallel()
	g := newRig(t, program(t, keyedSpec(), "d"), &receiver{}, nil)
	const n = store.MaxErase + 500
	for i := 0; i < n; i += 1000 {
		var events []engine.Event
		for j := i; j < min(n, i+1000); j++ {
			e := g.event(fmt.Sprint(j), "u1", "visit", number("points", 1))
			e.At += engine.Time(j)
			events = append(events, e)
		}
		g.submit(events...)
	}
	g.advance(time.Minute)
	done, err := g.runner.Forget(t.Context(), engine.Identifier{Kind: engine.ByUser, Value: "u1"}.Lead())
	if err != nil || done.Facts != n {
		t.Fatalf("%d of %d facts went, %v", done.Facts, n, err)
	}
	g.close()
	g.open(program(t, keyedSpec(), "d"), nil)
	if l := g.lead("u1"); l.Forgotten == 0 || len(l.Folds.Scores) != 0 {
		t.Errorf("after a restart it is %+v", l)
	}
}
