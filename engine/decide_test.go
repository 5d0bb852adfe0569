package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

var (
	tokyo = mustZone("Asia/Tokyo")
	start = engine.TimeOf(time.Date(2026, 10, 5, 9, 0, 0, 0, tokyo)) // a Monday

	interest = engine.Key{Kind: engine.KeyScore, Name: "interest"}
	form     = engine.Key{Kind: engine.KeyEvent, Name: "form"}
	purpose  = engine.Key{Kind: engine.KeyEvent, Name: "purpose"}
	flagged  = engine.Key{Kind: engine.KeyLead, Name: "unsubscribed"}
)

func mustZone(name string) *time.Location {
	zone, err := calendar.ParseZone(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func atLeast(k engine.Key, n float64) []engine.Cond {
	return enginetest.When(fmt.Sprintf("%s >= %v", k, n), func(facts map[string]any) bool {
		v, ok := facts[k.String()].(float64)
		return ok && v >= n
	}, k)
}

func below(k engine.Key, n float64) []engine.Cond {
	return enginetest.When(fmt.Sprintf("%s < %v", k, n), func(facts map[string]any) bool {
		v, ok := facts[k.String()].(float64)
		return ok && v < n
	}, k)
}

func isText(k engine.Key, s string) []engine.Cond {
	return enginetest.When(fmt.Sprintf("%s == '%s'", k, s), func(facts map[string]any) bool { return facts[k.String()] == s }, k)
}

func not(k engine.Key) []engine.Cond {
	return enginetest.When("not "+k.String(), func(facts map[string]any) bool { return facts[k.String()] != true }, k)
}

// spec is a small workspace with something of everything.
func spec() *engine.Spec {
	japan := &calendar.Calendar{Name: "japan", Workdays: 0b0111110, Open: 9 * 60, Close: 18 * 60, Japan: true}
	return &engine.Spec{
		Name: "test", Zone: tokyo, Language: "ja", Calendar: japan, KeyAttr: "email",
		Attrs: []engine.AttrSpec{
			{Name: "email", Kind: engine.Text},
			{Name: "company", Kind: engine.Text},
			{Name: "employees", Kind: engine.Number},
			{Name: "timezone", Kind: engine.Text},
			{Name: "unsubscribed", Kind: engine.Flag, Default: engine.FlagValue(false)},
		},
		Events: []engine.EventSpec{
			{Name: "page_viewed", Fields: []engine.AttrSpec{{Name: "path", Kind: engine.Text}}},
			{Name: "form_submitted", Fields: []engine.AttrSpec{{Name: "form", Kind: engine.Text}}},
			{Name: "inquiry", From: "form_submitted", When: isText(form, "inquiry")},
			{Name: "consent_given", Fields: []engine.AttrSpec{{Name: "purpose", Kind: engine.Text}}},
			{Name: "email_clicked"},
			{Name: "unsubscribed"},
			{Name: "toss_up_rejected"},
			{Name: "toss_up_accepted"},
		},
		Consents: []engine.ConsentSpec{{Name: "marketing", Granted: "consent_given", When: isText(purpose, "marketing"), Revoked: "unsubscribed", Expires: 730 * engine.Day}},
		Scores: []engine.ScoreSpec{
			{Name: "fit", Rules: []engine.ScoreRule{
				{Name: "size", When: atLeast(engine.Key{Kind: engine.KeyLead, Name: "employees"}, 100), Points: 20},
			}},
			{Name: "interest", HalfLife: 14 * engine.Day, Range: true, Max: 100, Rules: []engine.ScoreRule{
				{Name: "view", On: "page_viewed", Points: 20, PerDay: 2},
				{Name: "inquiry", On: "inquiry", Points: 60},
				{Name: "click", On: "email_clicked", Points: 8},
			}},
		},
		Stages: []engine.StageSpec{
			{Name: "lead"},
			{Name: "mql", Enter: atLeast(interest, 40), Leave: below(interest, 15), LeaveTo: "lead"},
			{Name: "sal"},
		},
		TossUps: []engine.TossUpSpec{{
			Name: "hot", From: "mql", To: "sal", When: atLeast(interest, 70), Hold: 10 * engine.Minute, Cooldown: 90 * engine.Day,
			HandOver: &engine.HandOverSpec{Channel: "crm", Kind: "crm", Content: enginetest.Parts("hot")},
			Answer: &engine.AnswerSpec{
				Within: calendar.Length{BusinessDays: 2}, Accepted: "toss_up_accepted", Rejected: "toss_up_rejected", Recycle: "lead",
			},
		}},
		Policies: []engine.PolicySpec{{
			Name: "default", Requires: "marketing", Allowed: not(flagged),
			Quiet: &calendar.Quiet{From: 19 * 60, To: 8*60 + 30, Days: 0b1000001, Holidays: true, Calendar: japan},
			Caps:  []engine.CapSpec{{Channel: "mail", AtMost: 1, Per: 7 * engine.Day}},
		}},
		Channels: []engine.ChannelSpec{
			{Name: "mail", Plugin: "email", Reach: engine.ReachLead, Retry: engine.RetrySpec{Times: 2, Over: 24 * engine.Hour}},
			{Name: "crm", Plugin: "crm", Reach: engine.ReachStaff, Keyed: true, Retry: engine.RetrySpec{Times: 5, Over: engine.Hour}},
		},
		Flows: []engine.FlowSpec{{
			Name: "nurture", Enter: engine.EnterSpec{On: "page_viewed"}, ReEnter: &engine.ReEnterSpec{After: 90 * engine.Day, AtMost: 1},
			Exits: []engine.ExitSpec{{Name: "handed_over", TossUp: "hot"}, {Name: "opted_out", When: enginetest.When("lead.unsubscribed",
				func(facts map[string]any) bool { return facts[flagged.String()] == true }, flagged)}},
			Steps: []engine.StepSpec{
				{Name: "read", Kind: engine.WaitStep, Next: 1, Wait: &engine.WaitSpec{For: calendar.Length{Span: 4 * time.Hour}}},
				{Name: "first", Kind: engine.SendStep, Next: 2, Send: &engine.SendSpec{Channel: "mail", Kind: "email", Lane: engine.LaneNurture, Policy: "default", Content: enginetest.Parts("first")}},
				{Name: "reaction", Kind: engine.WaitStep, Next: 3, Wait: &engine.WaitSpec{On: []string{"email_clicked"}, AtMost: calendar.Length{Span: 96 * time.Hour}}},
				{Name: "clicked", Kind: engine.BranchStep, Branch: &engine.BranchSpec{
					Cases:     []engine.CaseSpec{{Name: "yes", First: 4, When: atLeast(engine.Key{Kind: engine.KeyTimes, Name: "email_clicked", Window: 4 * engine.Day}, 1)}},
					Otherwise: 5,
				}},
				{Name: "second", Kind: engine.SendStep, Next: 5, Send: &engine.SendSpec{Channel: "mail", Kind: "email", Lane: engine.LaneNurture, Policy: "default", Content: enginetest.Parts("second")}},
				{Name: "done", Kind: engine.ExitStep},
			},
		}},
		KPIs: []engine.KPISpec{{Name: "click_rate", Rate: "email_clicked", Of: "email_sent", Within: 7 * engine.Day}},
	}
}

// world is a Sim with a script's vocabulary.
type world struct {
	*sim.Sim
	t *testing.T
	n int
}

func newWorld(t *testing.T, s *engine.Spec, opts sim.Options) *world {
	t.Helper()
	p, err := engine.NewProgram(s, "digest", 1)
	if err != nil {
		t.Fatal(err)
	}
	if opts.Start == 0 {
		opts.Start = start
	}
	return &world{Sim: sim.New(p, opts), t: t}
}

func (w *world) event(kind engine.EventKind, name string, fields ...engine.Field) {
	w.t.Helper()
	w.n++
	if _, err := w.Submit(engine.Event{Kind: kind, Name: name, ID: fmt.Sprint("m", w.n), User: "tanaka", At: w.Now(), Fields: fields}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) track(name string, fields ...engine.Field) {
	w.t.Helper()
	w.event(engine.Track, name, fields...)
}

func (w *world) after(s engine.Span) {
	w.t.Helper()
	if err := w.Advance(w.Now().Add(s)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tanaka() *engine.Lead {
	return w.Find(engine.Identifier{Kind: engine.ByUser, Value: "tanaka"})
}

func (w *world) want(what string, got, want any) {
	w.t.Helper()
	if !reflect.DeepEqual(got, want) {
		w.t.Errorf("%s at %s: got %v, want %v", what, w.Now().In(tokyo).Format("Mon 01-02 15:04"), got, want)
	}
}

func (w *world) score() float64 { return w.Read(w.tanaka(), interest).Number() }

func (w *world) sent(channel string) int {
	n := 0
	for _, r := range w.Sent() {
		if r.Channel == channel {
			n++
		}
	}
	return n
}

func text(name, value string) engine.Field {
	return engine.Field{Name: name, Value: engine.TextValue(value)}
}

func TestTossUpIsMadeOnceHeldAndRecycled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.event(engine.Identify, "", text("email", "tanaka@example.co.jp"), engine.Field{Name: "employees", Value: engine.TextValue("320")})
	w.want("fit", w.Read(w.tanaka(), engine.Key{Kind: engine.KeyScore, Name: "fit"}).Number(), 20.0)
	w.track("page_viewed")
	w.want("interest", w.score(), 20.0)
	w.want("place", w.tanaka().Place("nurture"), "read")
	w.after(engine.Day)
	w.track("form_submitted", text("form", "inquiry"))
	w.want("interest is between", w.score() > 78 && w.score() < 80, true)
	w.want("stage", w.tanaka().Acts.Stage, "mql")
	w.want("hand-overs during hold", w.sent("crm"), 0)
	w.after(10 * engine.Minute)
	w.want("hand-overs after hold", w.sent("crm"), 1)
	w.want("stage", w.tanaka().Acts.Stage, "sal")
	w.want("place", w.tanaka().Place("nurture"), "exit.handed_over")
	w.after(2 * engine.Day)
	w.want("stage after silence", w.tanaka().Acts.Stage, "lead")
	w.after(28 * engine.Day)
	w.track("form_submitted", text("form", "inquiry"))
	w.want("stage when warm again", w.tanaka().Acts.Stage, "mql")
	w.after(11 * engine.Minute)
	w.want("hand-overs within the cooldown", w.sent("crm"), 1)
}

func TestNobodyIsMailedAtNight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{Start: engine.TimeOf(time.Date(2026, 10, 6, 18, 30, 0, 0, tokyo))})
	w.track("consent_given", text("purpose", "marketing"))
	w.track("page_viewed")
	w.after(5 * engine.Hour)
	w.want("mails at 23:30", w.sent("mail"), 0)
	w.after(9 * engine.Hour)
	w.want("mails at 08:30", w.sent("mail"), 1)
	w.want("step", w.tanaka().Place("nurture"), "reaction")
}

func TestNobodyIsMailedWithoutLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.track("page_viewed")
	w.after(30 * engine.Day)
	w.want("mails", w.sent("mail"), 0)
	w.want("skipped", w.Read(w.tanaka(), engine.Key{Kind: engine.KeySkipped, Name: "mail", Arg: "no_consent"}).Number(), 1.0)
	w.want("place", w.tanaka().Place("nurture"), "exit.done")
}

// letter is a message to the lead's own address.
type letter struct{ engine.Content }

func (letter) Address() engine.Key { return engine.Key{Kind: engine.KeyLead, Name: "email"} }

func TestNobodyIsMailedWithoutAnAddress(t *testing.T) {
	t.Parallel()
	s := spec()
	send := s.Flows[0].Steps[1].Send
	send.Content = letter{send.Content}
	for _, address := range []string{"", "tanaka@example.co.jp"} {
		w := newWorld(t, s, sim.Options{Render: true})
		w.event(engine.Identify, "", text("email", address))
		w.track("consent_given", text("purpose", "marketing"))
		w.track("page_viewed")
		w.after(5 * engine.Hour)
		mails := 1
		if address == "" {
			mails = 0
		}
		w.want("mails to "+address, w.sent("mail"), mails)
		w.want("skipped", w.Read(w.tanaka(), engine.Key{Kind: engine.KeySkipped, Name: "mail", Arg: engine.NoAddress}).Number(), float64(1-mails))
	}
}

// Sales are told whom they get.
func TestHandOverNamesTheLead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{Render: true})
	w.track("form_submitted", text("form", "inquiry"))
	w.track("page_viewed")
	w.after(10 * engine.Minute)
	sent := w.Sent()
	if len(sent) != 1 {
		t.Fatalf("%d messages, want one hand-over", len(sent))
	}
	for name, want := range map[string]string{"lead": w.tanaka().ID.String(), "user_id": "tanaka", "message_id": "m2"} {
		got, _ := engine.Lookup(sent[0].Parts, name)
		w.want(name, got.Text(), want)
	}
}

func TestCapPostponesToTheExactOpening(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.track("consent_given", text("purpose", "marketing"))
	w.track("page_viewed")
	w.after(4 * engine.Hour)
	w.want("first mail", w.sent("mail"), 1)
	w.track("email_clicked")
	w.want("second waits for the cap", w.sent("mail"), 1)
	w.after(7*engine.Day - 1)
	w.want("a millisecond before the week is over", w.sent("mail"), 1)
	w.after(1)
	w.want("the week after, a holiday, is quiet", w.sent("mail"), 1)
	w.after(20 * engine.Hour)
	w.want("the day after", w.sent("mail"), 2)
}

func TestAnExitActsWhileTheLeadWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.track("consent_given", text("purpose", "marketing"))
	w.track("page_viewed")
	w.track("unsubscribed")
	w.want("place", w.tanaka().Place("nurture"), "exit.opted_out")
	w.after(5 * engine.Day)
	w.want("mails", w.sent("mail"), 0)
	w.want("timers", len(w.tanaka().Timers), 0)
}

func TestRetryBacksOffAndGivesUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcome  engine.Outcome
		attempts int
		dead     int
	}{{engine.Retry, 3, 1}, {engine.Refused, 1, 1}, {engine.Unknown, 1, 1}, {engine.Done, 1, 0}} {
		w := newWorld(t, spec(), sim.Options{Reply: func(engine.Request) engine.Receipt { return engine.Receipt{Outcome: c.outcome, Code: "x"} }})
		w.track("consent_given", text("purpose", "marketing"))
		w.track("page_viewed")
		w.after(3 * engine.Day)
		w.want(c.outcome.String()+": attempts", w.sent("mail"), c.attempts)
		w.want(c.outcome.String()+": dead letters", len(w.Dead()), c.dead)
		w.want(c.outcome.String()+": one key", len(slices.Compact(keysOf(w.Sent()))), 1)
		w.want(c.outcome.String()+": the run goes on", w.tanaka().Place("nurture"), "reaction")
	}
}

func keysOf(requests []engine.Request) (keys []engine.ActionKey) {
	for _, r := range requests {
		keys = append(keys, r.Key)
	}
	return keys
}

func TestReEntryIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	entered := func() int32 { return w.tanaka().Acts.Past[0].Entries }
	w.track("page_viewed")
	w.after(10 * engine.Day) // out again
	w.track("page_viewed")
	w.want("too soon", entered(), int32(1))
	w.after(91 * engine.Day)
	w.track("page_viewed")
	w.want("after 90 days", entered(), int32(2))
	w.after(200 * engine.Day)
	w.track("page_viewed")
	w.want("at most once more", entered(), int32(2))
}

// The folds of a lead are the same in whatever order, and however often, its
// facts arrive.
func TestFoldsDoNotDependOnArrival(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		events := randomEvents(r, 40)
		inOrder := foldsOf(t, events)
		shuffled := slices.Clone(events)
		shuffled = append(shuffled, events[:20]...)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if got := foldsOf(t, shuffled); !bytes.Equal(got, inOrder) {
			t.Fatalf("seed %d: folds differ by order of arrival", seed)
		}
	}
}

func randomEvents(r *rand.Rand, n int) []engine.Event {
	names := []string{"page_viewed", "form_submitted", "consent_given", "email_clicked", "unsubscribed"}
	var events []engine.Event
	for i := range n {
		at := start.Add(engine.Span(r.Int64N(int64(20*engine.Day/engine.Hour))) * engine.Hour)
		e := engine.Event{Kind: engine.Track, ID: fmt.Sprint("m", i), User: "tanaka", At: at, Received: start.Add(40 * engine.Day), Name: names[r.IntN(len(names))]}
		switch {
		case e.Name == "consent_given":
			e.Fields = []engine.Field{text("purpose", []string{"marketing", "survey"}[r.IntN(2)])}
		case e.Name == "form_submitted":
			e.Fields = []engine.Field{text("form", []string{"inquiry", "download"}[r.IntN(2)])}
		case r.IntN(5) == 0:
			e.Kind, e.Name = engine.Identify, ""
			e.Fields = []engine.Field{{Name: "employees", Value: engine.NumberValue(float64(r.IntN(300)))}, text("company", fmt.Sprint("c", r.IntN(9)))}
		}
		events = append(events, e)
	}
	slices.SortFunc(events, func(a, b engine.Event) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return bytes.Compare([]byte(a.ID), []byte(b.ID))
	})
	return events
}

// foldsOf is what the lead's own facts, without what was derived, fold to: a
// program without acts.
func foldsOf(t *testing.T, events []engine.Event) []byte {
	t.Helper()
	s := spec()
	s.Stages, s.TossUps, s.Flows, s.KPIs = nil, nil, nil, nil
	w := newWorld(t, s, sim.Options{Start: start.Add(40 * engine.Day)})
	for _, e := range events {
		if _, err := w.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	l := *w.tanaka()
	l.Now, l.Seq, l.FirstSeen = 0, 0, 0
	slices.SortFunc(l.Folds.Attrs, func(a, b engine.Attr) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	slices.SortFunc(l.Folds.Counts, func(a, b engine.Count) int { return bytes.Compare([]byte(a.Event), []byte(b.Event)) })
	return engine.AppendLead(nil, &l)
}

func TestStoredFormsReadBack(t *testing.T) {
	t.Parallel()
	var reused engine.Lead
	var row engine.Fact
	opts := sim.Options{Render: true, OnFact: func(_ engine.LeadID, f *engine.Fact) {
		b := engine.AppendFact(nil, f)
		if err := engine.DecodeFact(b, &row); err != nil {
			t.Fatal(err)
		}
		if again := engine.AppendFact(nil, &row); !bytes.Equal(b, again) {
			t.Errorf("a fact reads back as another")
		}
	}}
	w := newWorld(t, spec(), opts)
	for _, e := range randomEvents(rand.New(rand.NewPCG(7, 7)), 200) {
		if _, err := w.Submit(e); err != nil {
			t.Fatal(err)
		}
		b := engine.AppendLead(nil, w.tanaka())
		if err := engine.DecodeLead(b, &reused); err != nil {
			t.Fatal(err)
		}
		if again := engine.AppendLead(nil, &reused); !bytes.Equal(b, again) {
			t.Fatalf("a lead reads back as another")
		}
		for cut := range b {
			if engine.DecodeLead(b[:cut], new(engine.Lead)) == nil {
				t.Fatalf("a lead cut off at byte %d of %d is taken for whole", cut, len(b))
			}
		}
	}
}

func TestWorkloadIsExact(t *testing.T) {
	t.Parallel()
	load := enginetest.Workload{Leads: 500, Start: start}
	const n = 20_000
	p, err := engine.NewProgram(load.Spec(12), "digest", 1)
	if err != nil {
		t.Fatal(err)
	}
	s := sim.New(p, sim.Options{Start: start})
	submit := func(e engine.Event) {
		if _, err := s.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	for lead := range load.Leads {
		for _, e := range load.Preload(lead) {
			submit(e)
		}
	}
	for i := range n {
		submit(load.Event(i))
	}
	var got enginetest.Totals
	for _, id := range s.Leads() {
		got.Scores += int64(s.Read(s.Lead(id), interest).Number())
	}
	for _, r := range s.Sent() {
		if r.Channel == "crm" {
			got.TossUps++
		} else {
			got.Mail1++ // within 20 seconds nobody gets mail 2
		}
	}
	if want := load.Reference(n); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, rules := range []int{12, 1000} {
		b.Run(fmt.Sprintf("rules=%d", rules), func(b *testing.B) {
			load := enginetest.Workload{Leads: 1000, Start: start}
			p, err := engine.NewProgram(load.Spec(rules), "digest", 1)
			if err != nil {
				b.Fatal(err)
			}
			leads := make([]engine.Lead, load.Leads)
			frame, fx := engine.NewFrame(), engine.Effects{}
			events := make([]engine.Event, 100_000)
			for i := range events {
				events[i] = load.Event(i)
				events[i].Lead = engine.Identifier{Kind: engine.ByUser, Value: events[i].User}.Lead()
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				e := events[i%len(events)]
				e.At = e.At.Add(engine.Span(i / len(events) * len(events)))
				l := &leads[load.LeadOf(i%len(events))]
				l.ID = e.Lead
				l.Acts.Pending = l.Acts.Pending[:0]
				if err := p.Decide(frame, l, &e, nil, &fx); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

func BenchmarkLeadRow(b *testing.B) {
	w := newWorld(&testing.T{}, spec(), sim.Options{})
	w.track("consent_given", text("purpose", "marketing"))
	w.track("page_viewed")
	row := engine.AppendLead(nil, w.tanaka())
	var l engine.Lead
	b.ReportMetric(float64(len(row)), "bytes")
	b.ReportAllocs()
	for b.Loop() {
		if err := engine.DecodeLead(row, &l); err != nil {
			b.Fatal(err)
		}
		row = engine.AppendLead(row[:0], &l)
	}
}

// TestWhoComesBeforeWhat: a client's identify and track of one millisecond are
// taken in the order that makes sense, whatever their ids and however they arrive.
func TestWhoComesBeforeWhat(t *testing.T) {
	t.Parallel()
	company := engine.Key{Kind: engine.KeyLead, Name: "company"}
	s := spec()
	s.Flows[0].Enter.When = isText(company, "Acme")
	w := newWorld(t, s, sim.Options{})
	for _, e := range []engine.Event{
		{Kind: engine.Identify, ID: "z", Fields: []engine.Field{text("company", "Acme")}},
		{Kind: engine.Track, ID: "a", Name: "page_viewed"},
	} {
		e.User, e.At = "tanaka", w.Now()
		if _, err := w.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	w.want("place", w.tanaka().Place("nurture"), "read")
}
