package sim

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// company is a workspace whose leads share an account, inquire, and are scored.
func company(t *testing.T) *engine.Program {
	t.Helper()
	of := engine.Key{Kind: engine.KeyAccountTimes, Name: "visit", Window: 14 * engine.Day}
	p, err := engine.NewProgram(&engine.Spec{
		Name: "company", Zone: time.UTC,
		Attrs:    []engine.AttrSpec{{Name: "company", Kind: engine.Text}},
		Account:  &engine.AccountSpec{Key: "company", Attrs: []engine.AttrSpec{{Name: "plan", Kind: engine.Text}}},
		Events:   []engine.EventSpec{{Name: "visit"}, {Name: "ask"}},
		Scores:   []engine.ScoreSpec{{Name: "interest", Rules: []engine.ScoreRule{{Name: "visit", On: "visit", Points: 10}}}},
		Segments: []engine.SegmentSpec{{Name: "busy", When: enginetest.Compare(of, ">=", 2)}},
		TossUps:  []engine.TossUpSpec{{Name: "asked", On: "ask", Cooldown: engine.Day}},
		KPIs:     []engine.KPISpec{{Name: "visits", Count: "visit"}},
	}, "digest", 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func userID(name string) engine.LeadID {
	return engine.Identifier{Kind: engine.ByUser, Value: name}.Lead()
}

func visitorID(name string) engine.LeadID {
	return engine.Identifier{Kind: engine.ByVisitor, Value: name}.Lead()
}

// tell submits an event at the clock's now.
func (w *world) tell(t *testing.T, e engine.Event) {
	t.Helper()
	e.Source, e.At, e.Received = "web", w.Now()+1, w.Now()+1
	if e.Kind == 0 {
		e.Kind = engine.Track
	}
	if _, err := w.Submit(e); err != nil {
		t.Fatal(err)
	}
}

func (w *world) never(t *testing.T, lead engine.LeadID, id, fact string) {
	t.Helper()
	if err := w.Correct(lead, engine.Correction{ID: id, Fact: fact, Never: true, Why: "it was a test"}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) score(t *testing.T, lead engine.LeadID) float64 {
	t.Helper()
	return w.Read(w.Lead(lead), engine.Key{Kind: engine.KeyScore, Name: "interest"}).Number()
}

// A correction reaches the lead that a fact belongs to now, by whichever of its names
// it is sent, and goes with the fact when a merge is taken back.
func TestCorrectionOfAPart(t *testing.T) {
	t.Parallel()
	w := newWorld(company(t))
	w.tell(t, engine.Event{ID: "before", Name: "visit", Visitor: "phone"})
	w.tell(t, engine.Event{ID: "own", Name: "visit", User: "tanaka"})
	w.tell(t, engine.Event{ID: "who", Kind: engine.Identify, User: "tanaka", Visitor: "phone"})
	w.tell(t, engine.Event{ID: "after", Name: "visit", Visitor: "phone"})
	whole, part := userID("tanaka"), visitorID("phone")
	if got := w.score(t, whole); got != 30 {
		t.Fatalf("the score is %v before any correction", got)
	}
	w.never(t, part, "one", "before")
	w.never(t, whole, "two", "after")
	if got := w.score(t, whole); got != 10 {
		t.Errorf("the score is %v after two corrections", got)
	}
	w.never(t, whole, "three", "one")
	if got := w.score(t, whole); got != 20 {
		t.Errorf("the score is %v after one was taken back", got)
	}
	w.never(t, part, "four", "before")
	if err := w.Unmerge(part); err != nil {
		t.Fatal(err)
	}
	if a, b := w.score(t, whole), w.score(t, part); a != 10 || b != 0 {
		t.Errorf("apart, the scores are %v and %v, not 10 and 0", a, b)
	}
}

// Nothing is said of a lead that was forgotten, and nothing comes back.
func TestCorrectionOfTheForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(company(t))
	w.tell(t, engine.Event{ID: "one", Name: "visit", User: "tanaka"})
	id := userID("tanaka")
	if err := w.Settle(engine.Event{Kind: engine.Forget, Lead: id, At: w.Now() + 1, Received: w.Now() + 1}); err != nil {
		t.Fatal(err)
	}
	rows := len(w.rowsOf(id))
	w.never(t, id, "c", "one")
	if l := w.Lead(id); l.FirstSeen != 0 || len(w.rowsOf(id)) != rows || len(l.Awaited) > 0 {
		t.Errorf("the tombstone has become %+v with %d rows", *l, len(w.rowsOf(id)))
	}
	unknown := userID("nobody")
	w.never(t, unknown, "d", "one")
	if l := w.Lead(unknown); l.FirstSeen != 0 || l.Seq != 0 {
		t.Errorf("a correction has made a lead: %+v", *l)
	}
}

func (w *world) rowsOf(id engine.LeadID) []engine.Fact {
	var rows []engine.Fact
	_ = w.Facts(id, func(f *engine.Fact) error {
		rows = append(rows, *f)
		return nil
	})
	return rows
}

// What an account is told follows: the windows that its leads share, and what group
// calls say of it.
func TestCorrectionFollowsToTheAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(company(t))
	for _, user := range []string{"tanaka", "suzuki"} {
		w.tell(t, engine.Event{ID: "i-" + user, Kind: engine.Identify, User: user, Fields: []engine.Field{{Name: "company", Value: engine.TextValue("acme")}}})
		w.tell(t, engine.Event{ID: "v-" + user, Name: "visit", User: user})
	}
	group := func(id, plan string) {
		w.tell(t, engine.Event{ID: id, Kind: engine.Group, User: "tanaka", Fields: []engine.Field{
			{Name: "groupId", Value: engine.TextValue("acme")}, {Name: "plan", Value: engine.TextValue(plan)},
		}})
	}
	group("g1", "silver")
	group("g2", "gold")
	suzuki := userID("suzuki")
	busy := func() bool { return w.Read(w.Lead(suzuki), engine.Key{Kind: engine.KeySegment, Name: "busy"}).Flag() }
	if !busy() {
		t.Fatal("the account is not busy")
	}
	w.never(t, userID("tanaka"), "c", "v-tanaka")
	if busy() {
		t.Error("a colleague still counts a visit that was none")
	}
	w.never(t, userID("tanaka"), "d", "g2")
	account := w.Lead(engine.EntityID(engine.EntityAccount, "acme"))
	if account == nil || account.Account == nil || len(account.Account.Traits) != 1 || account.Account.Traits[0].Value.Text() != "silver" {
		t.Errorf("the account says %+v", account.Account)
	}
}

// An inquiry that was none puts its offer in doubt, by a new act: the offer stands.
func TestCorrectionDoubtsAnInquiry(t *testing.T) {
	t.Parallel()
	w := newWorld(company(t))
	w.tell(t, engine.Event{ID: "ask", Name: "ask", User: "tanaka"})
	id := userID("tanaka")
	if o := w.Lead(id).Acts.Offers; len(o) != 1 || o[0].State != engine.OfferMade {
		t.Fatalf("offers: %+v", o)
	}
	w.never(t, id, "c", "ask")
	w.never(t, id, "c", "ask") // twice is once
	if o := w.Lead(id).Acts.Offers; len(o) != 1 || o[0].State != engine.OfferMade || !o[0].Doubted {
		t.Errorf("offers: %+v", o)
	}
	rows := w.rowsOf(id)
	last := rows[len(rows)-1]
	if len(rows) != 2 || last.Event.Kind != engine.Correct || len(last.Derived) == 0 || last.Derived[0].Name != "toss_up_doubted" {
		t.Errorf("%d rows, the last is %+v", len(rows), last)
	}
}
