package engine_test

import (
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// forgotten decides a Forget fact about tanaka and gives the lead and the effects.
func forgotten(t *testing.T, w *world, l *engine.Lead) *engine.Effects {
	t.Helper()
	var fx engine.Effects
	e := engine.Event{
		Kind: engine.Forget, Lead: l.ID, At: w.Now(), Received: w.Now(),
		Fields: []engine.Field{text(engine.ForgetUser, "tanaka"), text(engine.ForgetKey, "tanaka@example.co.jp")},
	}
	if err := w.Program().Decide(engine.NewFrame(), l, &e, w, &fx); err != nil {
		t.Fatal(err)
	}
	return &fx
}

func TestForgetLeavesATombstone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.event(engine.Identify, "", text("email", "tanaka@example.co.jp"), text("company", "A"))
	w.track("consent_given", text("purpose", "marketing"))
	w.track("page_viewed")
	w.track("unsubscribed", text("topic", "news"))
	l := w.tanaka()
	fx := forgotten(t, w, l)
	if !fx.Erased || len(fx.Unnamed) != 2 || len(fx.Facts) != 1 || len(fx.Identifiers) != 0 {
		t.Fatalf("the effects are %+v", fx)
	}
	stone := fx.Facts[0]
	if stone.Event.Fields != nil || stone.Event.User != "" || len(stone.Derived) != 1 || stone.Derived[0].Name != "unsubscribed" {
		t.Errorf("the tombstone says %+v", stone)
	}
	w.want("user", l.User, "")
	w.want("attributes", len(l.Folds.Attrs)+len(l.Folds.Consents)+len(l.Acts.Runs)+len(l.Timers), 0)
	w.want("bars", len(l.Folds.Barred), 1)
	gone := map[string]int64{}
	for _, d := range fx.Counts {
		gone[d.Name] += int64(d.N) * int64(d.Part)
	}
	for _, name := range []string{"leads", "stage:lead", "step:nurture/read"} {
		w.want("gone from "+name, gone[name], int64(1))
	}
	var back engine.Lead
	if err := engine.DecodeLead(engine.AppendLead(nil, l), &back); err != nil || back.Forgotten != w.Now() {
		t.Errorf("the row reads back as %+v, %v", back, err)
	}
}

// What happened before stays out; what happens afterwards begins anew.
func TestFactsAboutTheForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, confirmSpec(), sim.Options{})
	w.event(engine.Identify, "", text("email", "tanaka@example.co.jp"), text("company", "A"))
	w.track("email_complained")
	l := w.tanaka()
	forgotten(t, w, l)
	decide := func(e engine.Event) engine.Effects {
		t.Helper()
		var fx engine.Effects
		e.Lead, e.User = l.ID, "tanaka"
		if err := w.Program().Decide(engine.NewFrame(), l, &e, w, &fx); err != nil {
			t.Fatal(err)
		}
		return fx
	}
	late := engine.Event{Kind: engine.Track, Name: "page_viewed", ID: "late", At: w.Now(), Received: w.Now().Add(engine.Hour)}
	if fx := decide(late); len(fx.Facts) != 0 || l.FirstSeen != 0 {
		t.Errorf("a late fact was taken: %+v", fx)
	}
	fresh := engine.Event{Kind: engine.Track, Name: "page_viewed", ID: "new", At: w.Now().Add(engine.Hour), Received: w.Now().Add(engine.Hour)}
	if fx := decide(fresh); len(fx.Facts) == 0 || !fx.Fresh {
		t.Errorf("a new fact was not taken: %+v", fx)
	}
	w.want("first seen", l.FirstSeen, fresh.At)
	w.want("bars", l.Folds.Barred[0].Reason, engine.BarComplained)
	w.want("attributes", len(l.Folds.Attrs), 0)
}
