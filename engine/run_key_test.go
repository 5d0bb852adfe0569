package engine_test

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// TestEventsOfAnotherRun: an event that says the key is about the run with that
// key and no other; one that does not say it is about all of them.
func TestEventsOfAnotherRun(t *testing.T) {
	t.Parallel()
	s := flowSpec(engine.FlowSpec{
		Name: "x", Enter: engine.EnterSpec{On: "ordered", Key: field("order")}, ReEnter: &engine.ReEnterSpec{AtMost: 9},
		Goals: []engine.GoalSpec{{Name: "again", On: "ordered", Within: 30 * engine.Day}},
		Exits: []engine.ExitSpec{{Name: "gone", On: "unsubscribed"}},
		Steps: []engine.StepSpec{
			{Name: "reaction", Kind: engine.WaitStep, Next: 1, Wait: &engine.WaitSpec{
				On: []string{"email_clicked"}, AtMost: length(48 * time.Hour), Otherwise: 1,
				Cases: []engine.WaitCase{{Name: "clicked", On: []string{"email_clicked"}, First: 2}},
			}},
			exitStep("silent"), exitStep("clicked"),
		},
	})
	for i := range s.Events {
		if name := s.Events[i].Name; name == "email_clicked" || name == "unsubscribed" {
			s.Events[i].Fields = append(s.Events[i].Fields, engine.AttrSpec{Name: "order", Kind: engine.Text})
		}
	}
	begin := func() *world {
		w := newWorld(t, s, sim.Options{})
		w.track("ordered", text("order", "A"))
		w.track("ordered", text("order", "B"))
		w.want("runs", len(w.tanaka().Acts.Runs), 2)
		return w
	}
	w := begin()
	w.track("email_clicked", text("order", "C"))
	w.want("a click on a third order", len(w.tanaka().Acts.Runs), 2)
	w.track("email_clicked", text("order", "A"))
	w.want("a click on the first", len(w.tanaka().Acts.Runs), 1)
	w.want("the run that goes on", w.tanaka().Acts.Runs[0].Key, "B")
	w.track("unsubscribed", text("order", "A"))
	w.want("an exit of the first", len(w.tanaka().Acts.Runs), 1)
	w.track("unsubscribed", text("order", "B"))
	w.want("an exit of the second", len(w.tanaka().Acts.Runs), 0)

	w = begin()
	w.track("email_clicked")
	w.want("a click that says no order", len(w.tanaka().Acts.Runs), 0)
}
