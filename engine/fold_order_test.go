package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// randomOrder is the events in a random order, some of them twice; the first round
// has them as they happened.
func randomOrder(r *rand.Rand, events []engine.Event, round int) []engine.Event {
	order := slices.Concat(events, events[:10])
	if round > 0 {
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// TestFault18 — events in any order of arrival, some of them twice, fold to the
// same, though mails go, stages move and receipts come in between.
func TestFault18OrderOfArrival(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 19))
		events := randomEvents(r, 40)
		var first []byte
		for round := range 3 {
			w := newWorld(t, spec(), sim.Options{})
			for i, e := range randomOrder(r, events, round) {
				e.Received = start.Add(40*engine.Day + engine.Span(i)*engine.Hour)
				if _, err := w.Submit(e); err != nil {
					t.Fatal(err)
				}
			}
			got := leadFolds(w.tanaka())
			if round == 0 {
				first = got
			}
			if !bytes.Equal(got, first) {
				t.Fatalf("seed %d: folds differ by order of arrival", seed)
			}
		}
	}
}

// After every event, late or not, the folds are what the journal folds to, also
// where rules read what acts have brought.
func TestFault18FoldsAreThoseOfTheJournal(t *testing.T) {
	t.Parallel()
	reading := spec()
	reading.Scores[1].Rules = append(reading.Scores[1].Rules, engine.ScoreRule{
		Name: "after_mail", On: "form_submitted", Points: 3,
		When: atLeast(engine.Key{Kind: engine.KeyTimes, Name: "email_sent"}, 1),
	})
	for name, s := range map[string]*engine.Spec{"plain": spec(), "rules that read receipts": reading} {
		for seed := range uint64(25) {
			r := rand.New(rand.NewPCG(seed, 18))
			events := randomEvents(r, 40)
			for round := range 3 {
				w := newWorld(t, s, sim.Options{})
				for i, e := range randomOrder(r, events, round) {
					e.Received = max(e.At, w.Now())
					if round > 0 {
						e.Received = start.Add(engine.Span(i) * 12 * engine.Hour)
					}
					if _, err := w.Submit(e); err != nil {
						t.Fatal(err)
					}
					if got := leadFolds(w.tanaka()); !bytes.Equal(got, refolded(t, w)) {
						t.Fatalf("%s, seed %d, round %d: after %d events the folds are not those of the journal", name, seed, round, i+1)
					}
				}
			}
		}
	}
}

// journal keeps the rows of one lead and counts how often they are read.
type journal struct {
	rows  []engine.Fact
	scans int
}

func (j *journal) Facts(_ engine.LeadID, yield func(*engine.Fact) error) error {
	j.scans++
	for i := range j.rows {
		if err := yield(&j.rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// shell drives one lead by hand, with receipts that come when they like.
type shell struct {
	t     *testing.T
	p     *engine.Program
	frame *engine.Frame
	lead  engine.Lead
	fx    engine.Effects
	journal
	ready []engine.ActionKey
}

func (s *shell) decide(e engine.Event) {
	s.t.Helper()
	e.Lead = engine.Identifier{Kind: engine.ByUser, Value: "tanaka"}.Lead()
	s.lead.ID, e.User = e.Lead, "tanaka"
	if err := s.p.Decide(s.frame, &s.lead, &e, s, &s.fx); err != nil {
		s.t.Fatal(err)
	}
	for _, row := range s.fx.Facts {
		row.Derived, row.Decisions = slices.Clone(row.Derived), slices.Clone(row.Decisions)
		s.rows = append(s.rows, row)
	}
	s.ready = append(s.ready, s.fx.Ready...)
}

// A receipt is dated by the clock on the wall, later than what the client did
// meanwhile. That does not make the client's events late: the journal is not read.
func TestFault18ReceiptsMakeNothingLate(t *testing.T) {
	t.Parallel()
	s := &shell{t: t, p: program(t, flowSpec(engine.FlowSpec{
		Name: "thanks", Enter: engine.EnterSpec{On: "form_submitted"}, ReEnter: &engine.ReEnterSpec{},
		Steps: []engine.StepSpec{mail("thanks", engine.EndOfFlow)},
	}), 1), frame: engine.NewFrame()}
	now, n := start, 0
	track := func(name string, ago engine.Span) {
		n++
		s.decide(engine.Event{Kind: engine.Track, Name: name, ID: fmt.Sprintf("m%03d", n), At: now.Add(-ago), Received: now})
	}
	for range 50 {
		now = now.Add(engine.Minute)
		track("form_submitted", 0)
		for _, key := range s.ready {
			now = now.Add(10 * engine.Second)
			s.decide(engine.Event{Kind: engine.Attempt, Action: key, At: now, Received: now})
			now = now.Add(10 * engine.Second)
			p := s.lead.PendingAction(key)
			if p == nil {
				continue
			}
			s.decide(engine.Event{Kind: engine.Settled, Action: key, At: now, Received: now, Receipt: engine.Receipt{Key: key, Attempt: int(p.Attempts), Outcome: engine.Done}})
		}
		s.ready = s.ready[:0]
		track("page_viewed", 5*engine.Second) // before the receipt, after everything of the client's
	}
	if sent := s.p.Read(s.frame, &s.lead, now, engine.Key{Kind: engine.KeySent, Name: "mail"}).Number(); sent < 40 {
		t.Errorf("%v mails, want one for each form", sent)
	}
	if s.scans != 0 {
		t.Errorf("the journal was read %d times", s.scans)
	}
	track("page_viewed", engine.Minute)
	if s.scans != 1 {
		t.Errorf("the journal was read %d times for a late event, want once", s.scans)
	}
}

// settle brings every message that is ready out, each receipt a while after.
func (s *shell) settle(now engine.Time, after engine.Span) engine.Time {
	s.t.Helper()
	for _, key := range s.ready {
		s.decide(engine.Event{Kind: engine.Attempt, Action: key, At: now, Received: now})
		now = now.Add(after)
		if p := s.lead.PendingAction(key); p != nil {
			s.decide(engine.Event{Kind: engine.Settled, Action: key, At: now, Received: now, Receipt: engine.Receipt{Key: key, Attempt: int(p.Attempts), Outcome: engine.Done}})
		}
	}
	s.ready = s.ready[:0]
	return now
}

// Where a rule does ask for what a receipt brought, the client's event from before
// the receipt does not see it.
func TestFault18EventBeforeAReceiptDoesNotSeeIt(t *testing.T) {
	t.Parallel()
	spec := flowSpec(engine.FlowSpec{
		Name: "thanks", Enter: engine.EnterSpec{On: "form_submitted"}, Steps: []engine.StepSpec{mail("thanks", engine.EndOfFlow)},
	})
	spec.Scores[1].Rules = []engine.ScoreRule{{
		Name: "after_mail", On: "form_submitted", Points: 3, When: atLeast(engine.Key{Kind: engine.KeyTimes, Name: "email_sent"}, 1),
	}}
	s := &shell{t: t, p: program(t, spec, 1), frame: engine.NewFrame()}
	form := func(id string, at, received engine.Time) {
		s.decide(engine.Event{Kind: engine.Track, Name: "form_submitted", ID: id, At: at, Received: received})
	}
	score := func(want float64) {
		t.Helper()
		if got := s.p.Read(s.frame, &s.lead, s.lead.Now, interest).Number(); got != want {
			t.Errorf("score %v, want %v", got, want)
		}
	}
	form("a", start, start)
	now := s.settle(start, 20*engine.Second)
	form("b", start.Add(10*engine.Second), now.Add(engine.Second))
	score(0)
	form("c", now.Add(2*engine.Second), now.Add(2*engine.Second))
	if got := s.p.Read(s.frame, &s.lead, now, engine.Key{Kind: engine.KeyTimes, Name: "email_sent"}).Number(); got != 1 {
		t.Errorf("%v mails sent, want 1", got)
	}
	score(3)
}

// A rule on a late event is judged with the facts as of the event's own time, also
// where the event itself changes no fold.
func TestLateEventIsJudgedAsOfItsTime(t *testing.T) {
	t.Parallel()
	spec := scoreSpec(engine.ScoreSpec{})
	spec.Events = append(spec.Events, engine.EventSpec{Name: "asked"})
	spec.TossUps = []engine.TossUpSpec{{Name: "asked", On: "asked", When: atLeast(interest, 10)}}
	for at, want := range map[engine.Span]int{5: 0, 15: 1, 25: 0} {
		made := 0
		w := newWorld(t, spec, sim.Options{OnFact: func(_ engine.LeadID, row *engine.Fact) {
			for _, d := range row.Decisions {
				if d.Kind == engine.TossedUp {
					made++
				}
			}
		}})
		begin := w.Now()
		w.after(10 * engine.Minute)
		w.pay(20)
		w.after(10 * engine.Minute)
		w.pay(-20)
		w.after(10 * engine.Minute)
		if _, err := w.Submit(engine.Event{Kind: engine.Track, Name: "asked", ID: "late", User: "tanaka", At: begin.Add(at * engine.Minute)}); err != nil {
			t.Fatal(err)
		}
		w.want(fmt.Sprint("toss-ups by who asked at ", int(at)), made, want)
	}
}

// A wheel that comes late does not overlook that a hold was broken meanwhile.
func TestLateWheelSeesABrokenHold(t *testing.T) {
	t.Parallel()
	for hold, want := range map[engine.Span]engine.OfferState{
		90 * engine.Minute: engine.OfferHolding, // it fell at 12:00, before the hold was over
		30 * engine.Minute: engine.OfferMade,
	} {
		spec := flipSpec(enginetest.Compare(engine.Key{Kind: engine.KeyHour}, "!=", 12))
		spec.Segments, spec.Flows = nil, nil
		spec.TossUps[0].Hold = hold
		s := &shell{t: t, p: program(t, spec, 1), frame: engine.NewFrame()}
		begin := clock(tokyo, "2026-10-05 11:00")
		s.decide(engine.Event{Kind: engine.Track, Name: "up", ID: "a", At: begin, Received: begin})
		late := clock(tokyo, "2026-10-05 13:20")
		s.decide(engine.Event{Kind: engine.Tick, At: late, Received: late})
		if got := s.lead.Acts.Offers[0].State; got != want {
			t.Errorf("hold of %v: state %v, want %v", hold, got, want)
		}
	}
}
