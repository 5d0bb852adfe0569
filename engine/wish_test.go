package engine_test

import (
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// wishSpec mails at every view of a page, about a topic.
func wishSpec() *engine.Spec {
	s := spec()
	s.TossUps, s.Stages, s.KPIs = nil, nil, nil
	s.Policies[0].Caps, s.Policies[0].Quiet = nil, nil
	mail := func(topic string) engine.StepSpec {
		return engine.StepSpec{Name: "mail", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: &engine.SendSpec{
			Channel: "mail", Kind: "email", Lane: engine.LaneNurture, Policy: "default", Topic: topic, Content: enginetest.Parts("x"),
		}}
	}
	s.Flows = []engine.FlowSpec{
		{Name: "news", Enter: engine.EnterSpec{On: "page_viewed"}, ReEnter: &engine.ReEnterSpec{}, Steps: []engine.StepSpec{mail("news")}},
		{Name: "events", Enter: engine.EnterSpec{On: "form_submitted"}, ReEnter: &engine.ReEnterSpec{}, Steps: []engine.StepSpec{mail("events")}},
	}
	return s
}

func (w *world) wish(frequency, topic string) {
	w.t.Helper()
	w.track(engine.WishedEvent, text("frequency", frequency), text("topic", topic), text("wording", "as the page said"))
}

func TestALeadsOwnCap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wishSpec(), sim.Options{})
	w.track("consent_given", text("purpose", "marketing"))
	w.track("page_viewed")
	w.track("form_submitted")
	w.want("as usual", w.sent("mail"), 2)
	w.wish(engine.Weekly, "")
	w.track("page_viewed")
	w.want("the first of the week", w.sent("mail"), 3)
	w.track("form_submitted")
	w.want("the second waits", w.sent("mail"), 3)
	w.after(7*engine.Day - 1)
	w.want("a millisecond before the week is over", w.sent("mail"), 3)
	w.after(1)
	w.want("after a week", w.sent("mail"), 4)
	w.wish(engine.AsUsual, "")
	w.track("page_viewed")
	w.want("as usual again", w.sent("mail"), 5)
}

func TestAWishAboutATopic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wishSpec(), sim.Options{})
	w.track("consent_given", text("purpose", "marketing"))
	w.wish(engine.Monthly, "news")
	w.track("page_viewed")
	w.after(engine.Day)
	w.track("page_viewed")
	w.want("news", w.sent("mail"), 1)
	w.track("form_submitted")
	w.want("events go", w.sent("mail"), 2)
	w.wish(engine.NotAny, "events")
	w.track("form_submitted")
	w.want("no more events", w.sent("mail"), 2)
	w.wish(engine.Weekly, "events")
	w.track("form_submitted")
	w.want("events again", w.sent("mail"), 3)
}

// To choose a frequency after an unsubscribe is leave of its own, with evidence.
func TestAWishAfterTheWayOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wishSpec(), sim.Options{})
	w.track("consent_given", text("purpose", "marketing"))
	w.after(engine.Day)
	w.track("unsubscribed")
	w.want("consent", w.consents(), false)
	w.after(30 * engine.Day)
	w.wish(engine.Monthly, "")
	w.want("consent", w.consents(), true)
	c := w.tanaka().Folds.Consents[0]
	w.want("evidence", []string{c.Event, c.Wording}, []string{engine.WishedEvent, "as the page said"})
	w.track("page_viewed")
	w.want("mails", w.sent("mail"), 1)
}

// A wish gives no leave that was never there.
func TestAWishIsNoFirstConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, wishSpec(), sim.Options{})
	w.track("unsubscribed")
	w.wish(engine.Weekly, "")
	w.want("consent", w.consents(), false)
	w.wish("often", "")
	w.want("wishes", w.tanaka().Folds.Wishes[0].Frequency(), engine.Weekly)
}

// A place under the lead's own cap comes back when a message was refused.
func TestARefusedMessageIsNotHeard(t *testing.T) {
	t.Parallel()
	refuse := true
	w := newWorld(t, wishSpec(), sim.Options{Reply: func(engine.Request) engine.Receipt {
		if refuse {
			return engine.Receipt{Outcome: engine.Refused, Code: "550"}
		}
		return engine.Receipt{Outcome: engine.Done}
	}})
	w.track("consent_given", text("purpose", "marketing"))
	w.wish(engine.Weekly, "")
	w.track("page_viewed")
	refuse = false
	w.track("page_viewed")
	w.want("mails tried", w.sent("mail"), 2)
}
