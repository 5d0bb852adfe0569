package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// Inside a canary's arm a run that was entered before goes by the definition of the
// running rules, and so it is explained: as to its lane, and as to its messages.
func TestGatesKnowTheRunsOfElders(t *testing.T) {
	t.Parallel()
	flows := func(lane, letter string) *engine.Spec {
		return flowSpec(
			engine.FlowSpec{Name: "long", Lane: lane, Enter: engine.EnterSpec{On: "page_viewed"}, Steps: []engine.StepSpec{waitFor("wait", 240*time.Hour, 1), mail(letter, 2), exitStep("done")}},
			engine.FlowSpec{Name: "other", Lane: "l", Enter: engine.EnterSpec{On: "ordered"}, Steps: []engine.StepSpec{exitStep("done")}},
		)
	}
	for _, c := range []struct {
		before, after string // lane of the workflow that the lead is in
		busy          bool
	}{{"l", "", true}, {"", "l", false}} {
		running, change := flows(c.before, "old_mail"), flows(c.after, "new_mail")
		w := newWorld(t, running, sim.Options{})
		w.call(engine.Track, "page_viewed", "a", "")
		w.try(running, change, 100)
		l := w.Lead(user("a"))
		p, f := w.Program().For(l.ID), engine.NewFrame()
		w.want("the definition of the run", p.FlowOf(&l.Acts.Runs[0]).Lane, c.before)
		shut := slices.ContainsFunc(p.EntryGates(f, l, w.Now(), "other"), func(g engine.Gate) bool { return g.Code == engine.LaneBusy && g.Subject == "long" && !g.Open })
		w.want("the lane is busy, as it is explained", shut, c.busy)
		for step, sends := range map[string]bool{"old_mail": true, "new_mail": true, "wait": false, "none": false} {
			w.want("explains the message "+step, len(p.SendGates(f, l, w.Now(), "long", step)) > 0, sends)
		}
		w.call(engine.Track, "ordered", "a", "", text("order", "1"))
		w.want("the lane is busy", w.decisions(user("a"), engine.NotEntered, "other") == 1, c.busy)
		w.want("and who is let in", w.decisions(user("a"), engine.Enrolled, "other") == 1, !c.busy)
	}
}
