package engine_test

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// confirmSpec is the small workspace with a double opt-in.
func confirmSpec() *engine.Spec {
	s := spec()
	s.Events = append(s.Events, engine.EventSpec{Name: "email_complained"})
	s.Consents[0].Confirm = &engine.ConfirmSpec{
		Within: 7 * engine.Day, AtMost: 2, Again: 10 * engine.Minute,
		Send: &engine.SendSpec{
			Channel: "mail", Kind: "email", Lane: engine.LaneTransactional, Transactional: true, Content: enginetest.Parts("confirm"),
		},
	}
	return s
}

var marketing = engine.Key{Kind: engine.KeyConsent, Name: "marketing"}

func (w *world) consents() bool { return w.Read(w.tanaka(), marketing).Flag() }

func (w *world) ask() {
	w.t.Helper()
	w.track("consent_given", text("purpose", "marketing"), text("wording", "I want mails"))
}

func (w *world) confirm() {
	w.t.Helper()
	w.track(engine.ConfirmedEvent, text("consent", "marketing"))
}

func TestUnconfirmedIsNoConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, confirmSpec(), sim.Options{})
	w.ask()
	w.want("consent", w.consents(), false)
	w.want("mails that ask", w.sent("mail"), 1)
	w.track("page_viewed")
	w.after(engine.Day)
	w.want("mails without leave", w.sent("mail"), 1)
	w.confirm()
	w.want("consent once confirmed", w.consents(), true)
	given := w.tanaka().Folds.Consents[0]
	w.want("evidence", []string{given.Wording, given.Event}, []string{"I want mails", engine.ConfirmedEvent})
	w.want("nothing waits any more", w.tanaka().Folds.Asking("marketing") == nil, true)
}

// The link works for as long as it says, to the millisecond.
func TestConfirmationExpires(t *testing.T) {
	t.Parallel()
	for late, want := range map[engine.Span]bool{-1: true, 0: false} {
		w := newWorld(t, confirmSpec(), sim.Options{})
		w.ask()
		w.after(7*engine.Day + late)
		w.confirm()
		w.want("consent", w.consents(), want)
	}
}

func TestConfirmingWhatNobodyAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, confirmSpec(), sim.Options{})
	w.confirm()
	w.track(engine.ConfirmedEvent, text("consent", "nothing"))
	w.want("consent", w.consents(), false)
	w.ask()
	w.track("unsubscribed")
	w.confirm()
	w.want("after an unsubscribe", w.consents(), false)
}

func TestAskingAgainIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, confirmSpec(), sim.Options{})
	w.ask()
	w.ask()
	w.want("at once", w.sent("mail"), 1)
	w.after(10 * engine.Minute)
	w.ask()
	w.want("a while later", w.sent("mail"), 2)
	w.after(engine.Day)
	w.ask()
	w.want("a third", w.sent("mail"), 2)
	w.after(7 * engine.Day)
	w.ask()
	w.want("when the bound's time is over", w.sent("mail"), 3)
	w.want("skipped", w.Read(w.tanaka(), engine.Key{Kind: engine.KeySkipped, Name: "mail", Arg: engine.Capped}).Number(), 2.0)
}

// Who has unsubscribed may sign up again; who has complained gets nothing.
func TestAskingAfterTheWayOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, confirmSpec(), sim.Options{})
	w.track("unsubscribed")
	w.ask()
	w.want("mails", w.sent("mail"), 1)
	w.want("the bar stands until it is confirmed", len(w.tanaka().Folds.Barred), 1)
	w.confirm()
	w.want("the bar is lifted", len(w.tanaka().Folds.Barred), 0)
	w.track("email_complained")
	w.ask()
	w.want("mails after a complaint", w.sent("mail"), 1)
}

func TestSomeAskingsNeedNoConfirmation(t *testing.T) {
	t.Parallel()
	s := confirmSpec()
	s.Events[3].Fields = append(s.Events[3].Fields, engine.AttrSpec{Name: "place", Kind: engine.Text})
	s.Consents[0].Confirm.When = isText(engine.Key{Kind: engine.KeyEvent, Name: "place"}, "web")
	w := newWorld(t, s, sim.Options{})
	w.track("consent_given", text("purpose", "marketing"), text("place", "paper"))
	w.want("on paper", w.consents(), true)
	w.want("mails", w.sent("mail"), 0)
}

// Folds are the same in whatever order facts arrive.
func TestPreferencesInAnyOrder(t *testing.T) {
	t.Parallel()
	var events []engine.Event
	names := []engine.Event{
		{Name: "consent_given", Fields: []engine.Field{text("purpose", "marketing")}},
		{Name: engine.ConfirmedEvent, Fields: []engine.Field{text("consent", "marketing")}},
		{Name: "unsubscribed"},
		{Name: engine.WishedEvent, Fields: []engine.Field{text("frequency", "weekly")}},
		{Name: engine.WishedEvent, Fields: []engine.Field{text("frequency", "monthly"), text("topic", "news")}},
		{Name: engine.WishedEvent, Fields: []engine.Field{text("frequency", "none"), text("topic", "news")}},
		{Name: "unsubscribe_undone"},
	}
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range 60 {
		e := names[rng.IntN(len(names))]
		e.Kind, e.ID, e.User = engine.Track, string(rune('a'+i%26))+string(rune('a'+i/26)), "tanaka"
		e.At = start.Add(engine.Span(rng.IntN(20)) * engine.Day)
		e.Received = start.Add(30 * engine.Day)
		events = append(events, e)
	}
	var first engine.Folds
	for round := range 5 {
		w := newWorld(t, confirmSpec(), sim.Options{})
		for _, e := range events {
			if _, err := w.Submit(e); err != nil {
				t.Fatal(err)
			}
		}
		folds := w.tanaka().Folds
		got := engine.Folds{Consents: folds.Consents, Barred: folds.Barred, Askings: folds.Askings, Wishes: folds.Wishes}
		if round == 0 {
			first = got
		} else if !reflect.DeepEqual(first, got) {
			t.Fatalf("round %d folds to\n%+v\nnot\n%+v", round, got, first)
		}
		rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	}
}

// The mail that asks may say what nothing else in the rules reads: of the lead, and of
// what it did, which is kept for it.
func TestConfirmationSaysWhatOnlyItReads(t *testing.T) {
	t.Parallel()
	s := confirmSpec()
	s.Attrs = append(s.Attrs, engine.AttrSpec{Name: "first_name", Kind: engine.Text})
	name := engine.Key{Kind: engine.KeyLead, Name: "first_name"}
	visits := engine.Key{Kind: engine.KeyTimes, Name: "page_viewed", Window: 30 * engine.Day}
	s.Consents[0].Confirm.Send.Content = enginetest.Parts("confirm", name, visits)
	w := newWorld(t, s, sim.Options{Render: true})
	w.event(engine.Identify, "", text("first_name", "Yuki"), text("email", "yuki@example.jp"))
	w.track("page_viewed")
	w.track("page_viewed")
	w.ask()
	sent := w.Sent()
	if len(sent) != 1 {
		t.Fatalf("%d mails went", len(sent))
	}
	for field, want := range map[string]string{name.String(): "Yuki", visits.String(): "2"} {
		if got, _ := engine.Lookup(sent[0].Parts, field); got.Text() != want {
			t.Errorf("%s is %q, want %q", field, got.Text(), want)
		}
	}
}
