package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// deskSpec hands over whoever reaches 70, two for each region a business day, and
// inquiries at once.
func deskSpec() *engine.Spec {
	s := spec()
	s.Attrs = append(s.Attrs, engine.AttrSpec{Name: "region", Kind: engine.Text})
	s.Events = append(s.Events, engine.EventSpec{Name: "opportunity"}, engine.EventSpec{Name: "deal_won"}, engine.EventSpec{Name: "heat", Fields: []engine.AttrSpec{{Name: "points", Kind: engine.Number}}})
	s.Scores[1].Max = 1000
	s.Scores[1].Rules = append(s.Scores[1].Rules, engine.ScoreRule{Name: "heat", On: "heat", Amount: enginetest.Amount(engine.Key{Kind: engine.KeyEvent, Name: "points"})})
	t := &s.TossUps[0]
	t.From, t.To, t.Hold = "", "sal", 0
	t.HandOver.Owner, t.HandOver.Reasons = textOf{engine.Key{Kind: engine.KeyLead, Name: "region"}}, true
	t.Capacity = &engine.CapacitySpec{AtMost: 2, Per: calendar.Length{BusinessDays: 1}}
	t.Answer.Reasons = []engine.ReasonSpec{{Name: "no_budget", Label: "予算なし", Recycle: "mql", Cooldown: 180 * engine.Day}}
	t.Success = &engine.SuccessSpec{On: "opportunity", Within: 60 * engine.Day, Won: "deal_won"}
	s.TossUps = append(s.TossUps, engine.TossUpSpec{
		Name: "asked", On: "inquiry", HandOver: &engine.HandOverSpec{Channel: "crm", Kind: "crm", Content: enginetest.Parts("asked"), Owner: t.HandOver.Owner},
		Capacity: &engine.CapacitySpec{AtMost: 1, Per: calendar.Length{BusinessDays: 1}},
	})
	return s
}

// textOf is the text of a fact.
type textOf struct{ key engine.Key }

func (s textOf) Reads() []engine.Key { return []engine.Key{s.key} }
func (s textOf) Source() string      { return s.key.String() }
func (s textOf) Meaning() string     { return s.key.String() }
func (s textOf) Place() engine.Place { return engine.Place{} }

func (s textOf) Text(v *engine.Vars) (string, error) {
	text, _ := v.Facts[s.key.String()].(string)
	return text, nil
}

func user(name string) engine.LeadID {
	return engine.Identifier{Kind: engine.ByUser, Value: name}.Lead()
}

// heat gives somebody points.
func (w *world) heat(name string, points float64) {
	w.call(engine.Track, "heat", name, "", engine.Field{Name: "points", Value: engine.NumberValue(points)})
}

// states are the offers by lead, in the order of the names.
func (w *world) states(tossUp string, names ...string) string {
	words := map[engine.OfferState]string{engine.OfferNone: "-", engine.OfferQueued: "waits", engine.OfferMade: "offered", engine.OfferAccepted: "accepted", engine.OfferRejected: "rejected", engine.OfferExpired: "expired"}
	var out []string
	for _, name := range names {
		state := engine.OfferNone
		if l := w.Lead(user(name)); l != nil {
			for _, o := range l.Acts.Offers {
				if o.TossUp == tossUp {
					state = o.State
				}
			}
		}
		out = append(out, words[state])
	}
	return strings.Join(out, " ")
}

// Of five who are ready, the two first are offered; of the three that wait, those
// with the highest score when work begins on the next business day; who waits has
// not changed its stage, and no clock runs for it.
func TestCapacityByOwner(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deskSpec(), sim.Options{})
	for i, name := range []string{"a", "b", "c", "d", "e"} {
		w.heat(name, 80+float64(i))
	}
	all := []string{"a", "b", "c", "d", "e"}
	w.want("on monday", w.states("hot", all...), "offered offered waits waits waits")
	w.want("stage of who waits", w.Lead(user("c")).Acts.Stage, "mql")
	w.want("stage of who is offered", w.Lead(user("a")).Acts.Stage, "sal")
	w.call(engine.Identify, "", "kansai", "", text("region", "kansai"))
	w.heat("kansai", 80)
	w.want("another owner", w.states("hot", "kansai"), "offered")
	w.after(23 * engine.Hour)
	w.want("at eight on tuesday", w.states("hot", all...), "offered offered waits waits waits")
	w.after(engine.Hour)
	w.want("at nine on tuesday", w.states("hot", all...), "offered offered waits offered offered")
	w.want("messages", w.sent("crm"), 5)
	w.after(24 * engine.Hour)
	w.want("on wednesday", w.states("hot", "c"), "offered")
	w.want("leads", len(w.Leads()), 6)
}

// The score that counts is that of the turn: who warms up while it waits passes
// who came before.
func TestQueueGoesByScoreNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deskSpec(), sim.Options{})
	for _, name := range []string{"a", "b", "c", "d"} {
		w.heat(name, 100)
	}
	w.heat("e", 80)
	w.after(engine.Hour)
	w.heat("e", 30)
	w.after(23 * engine.Hour)
	w.want("on tuesday", w.states("hot", "c", "d", "e"), "offered waits offered")
}

// An inquiry goes at once, however full the desk is, and takes a place.
func TestInquiriesGoAtOnce(t *testing.T) {
	t.Parallel()
	s := deskSpec()
	w := newWorld(t, s, sim.Options{})
	for _, name := range []string{"a", "b", "c"} {
		w.call(engine.Track, "form_submitted", name, "", text("form", "inquiry"))
	}
	w.want("at once", w.states("asked", "a", "b", "c"), "offered offered offered")
	waiting := deskSpec()
	waiting.TossUps[1].Capacity.InquiriesWait = true
	w = newWorld(t, waiting, sim.Options{})
	for _, name := range []string{"a", "b"} {
		w.call(engine.Track, "form_submitted", name, "", text("form", "inquiry"))
	}
	w.want("where they wait", w.states("asked", "a", "b"), "offered waits")
	w.after(24 * engine.Hour)
	w.want("a day later", w.states("asked", "b"), "offered")
}

// A turn that comes to a lead whose condition has fallen by time alone goes to the
// next one at the same instant.
func TestTurnIsJudgedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deskSpec(), sim.Options{})
	w.heat("a", 100)
	w.heat("b", 100)
	w.heat("c", 70.5) // below 70 before tomorrow
	w.after(20 * engine.Hour)
	w.heat("d", 70)
	w.after(4 * engine.Hour)
	w.want("on tuesday", w.states("hot", "c", "d"), "- -")
	w.want("who dropped out", w.decisions(user("c"), engine.DroppedOut, "hot"), 1)
	w.heat("d", 10)
	w.want("the places are free", w.states("hot", "d"), "offered")
}

// Changed rules reach the desks: more room lets those in who wait, and a capacity
// that is gone lets everybody in.
func TestDeskHearsOfChangedRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, deskSpec(), sim.Options{})
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		w.heat(name, 100)
	}
	more := deskSpec()
	more.TossUps[0].Capacity.AtMost = 3
	swap(t, w, more, 2)
	w.want("with room for three", w.states("hot", "a", "b", "c", "d", "e"), "offered offered offered waits waits")
	none := deskSpec()
	none.TossUps[0].Capacity = nil
	swap(t, w, none, 3)
	w.want("without a bound", w.states("hot", "d", "e"), "offered offered")
	gone := deskSpec()
	for _, name := range []string{"f", "g", "h"} {
		w.heat(name, 100)
	}
	swap(t, w, gone, 4)
	for _, name := range []string{"i", "j"} {
		w.heat(name, 100)
	}
	gone = deskSpec()
	gone.TossUps = gone.TossUps[1:]
	gone.Flows[0].Exits = gone.Flows[0].Exits[1:]
	swap(t, w, gone, 5)
	w.want("of a rule that is gone", w.states("hot", "j"), "-")
}

func swap(t *testing.T, w *world, s *engine.Spec, revision uint32) {
	t.Helper()
	p, err := engine.NewProgram(s, fmt.Sprint("r", revision), revision)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Swap(p); err != nil {
		t.Fatal(err)
	}
}

// Once for an account: a colleague is not handed over while one is with sales, and
// is when that one was sent back.
func TestOnceForAnAccount(t *testing.T) {
	t.Parallel()
	s := deskSpec()
	s.TossUps[0].Account = textOf{engine.Key{Kind: engine.KeyLead, Name: "company"}}
	w := newWorld(t, s, sim.Options{})
	for _, name := range []string{"a", "b", "c"} {
		company := "acme"
		if name == "c" {
			company = ""
		}
		w.call(engine.Identify, "", name, "", text("company", company))
		w.heat(name, 100)
	}
	w.want("one of acme", w.states("hot", "a", "b", "c"), "offered - offered")
	w.want("it is said why", w.decisions(user("b"), engine.DroppedOut, "hot"), 1)
	w.call(engine.Track, "toss_up_rejected", "a", "")
	w.heat("d", 1)
	w.call(engine.Identify, "", "d", "", text("company", "acme"))
	w.after(24 * engine.Hour)
	w.heat("d", 100)
	w.want("a colleague after the rejection", w.states("hot", "d"), "offered")
}
