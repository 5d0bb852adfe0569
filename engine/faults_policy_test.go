package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// The faults of other systems that belong to the contact policy, each a test of
// its own.

// policySpec has one workflow of one mail for each step given, under the policy.
func policySpec(policy engine.PolicySpec, sends ...engine.SendSpec) *engine.Spec {
	s := spec()
	policy.Name = "default"
	s.Policies = []engine.PolicySpec{policy}
	s.Scores, s.Stages, s.TossUps, s.Flows, s.KPIs = nil, nil, nil, nil, nil
	s.Events = append(s.Events,
		engine.EventSpec{Name: "go"},
		engine.EventSpec{Name: "email_bounced", Fields: []engine.AttrSpec{{Name: "kind", Kind: engine.Text}}},
		engine.EventSpec{Name: "email_complained"},
	)
	for i := range s.Events {
		if s.Events[i].Name == "unsubscribed" {
			s.Events[i].Fields = []engine.AttrSpec{{Name: "topic", Kind: engine.Text}, {Name: "channel", Kind: engine.Text}}
		}
	}
	for i := range sends {
		send := sends[i]
		send.Kind, send.Lane, send.Policy = "email", engine.LaneNurture, "default"
		if send.Channel == "" {
			send.Channel = "mail"
		}
		if send.Content == nil {
			send.Content = letter{enginetest.Parts(fmt.Sprint("mail ", i))}
		}
		s.Flows = append(s.Flows, engine.FlowSpec{
			Name: fmt.Sprint("flow", i), Enter: engine.EnterSpec{On: "go"}, ReEnter: &engine.ReEnterSpec{}, Priority: i,
			Steps: []engine.StepSpec{{Name: "mail", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: &send}},
		})
	}
	return s
}

func (w *world) identify() {
	w.t.Helper()
	w.event(engine.Identify, "", text("email", "tanaka@example.co.jp"))
}

func (w *world) consent() {
	w.t.Helper()
	w.track("consent_given", text("purpose", "marketing"))
}

func (w *world) skipped(reason string) float64 {
	return w.Read(w.tanaka(), engine.Key{Kind: engine.KeySkipped, Name: "mail", Arg: reason}).Number()
}

func clock(zone *time.Location, s string) engine.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		panic(err)
	}
	return engine.TimeOf(t)
}

// sentAt are the instants at which mails went.
func sentAt(s *engine.Spec, zone *time.Location, begin string, span engine.Span, t *testing.T) []string {
	t.Helper()
	var at []string
	w := newWorld(t, s, sim.Options{Start: clock(zone, begin), OnFact: func(_ engine.LeadID, row *engine.Fact) {
		for _, d := range row.Decisions {
			if d.Kind == engine.Sent {
				at = append(at, row.Event.Received.In(zone).Format("2006-01-02 15:04"))
			}
		}
	}})
	w.event(engine.Identify, "", text("email", "a@example.com"), text("timezone", zone.String()))
	w.track("go")
	w.after(span)
	return at
}

// TestFault01 — weekdays and hours belong to the lead's day, not to the day in UTC.
func TestFault01WeekdaysOfTheLead(t *testing.T) {
	t.Parallel()
	window := &calendar.Window{Days: calendar.MondayToFriday, From: 8 * 60, To: 9 * 60}
	s := policySpec(engine.PolicySpec{}, engine.SendSpec{Window: window})
	for _, c := range []struct{ zone, begin, want string }{
		{"Asia/Tokyo", "2026-10-10 07:00", "2026-10-12 08:00"},          // Saturday, 22:00 UTC on Friday
		{"Asia/Tokyo", "2026-10-12 07:00", "2026-10-12 08:00"},          // Monday, Sunday in UTC
		{"America/Los_Angeles", "2026-10-09 20:00", "2026-10-12 08:00"}, // Friday evening, Saturday in UTC
		{"Asia/Kolkata", "2026-10-10 00:30", "2026-10-12 08:00"},        // Saturday, Friday in UTC
	} {
		if got := sentAt(s, mustZone(c.zone), c.begin, 5*engine.Day, t); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s from %s: sent at %v, want %s", c.zone, c.begin, got, c.want)
		}
	}
}

// TestFault02 — on the day on which the clocks change, a message comes at the hour
// that the wall clock shows, in both directions.
func TestFault02OffsetOfTheDay(t *testing.T) {
	t.Parallel()
	s := policySpec(engine.PolicySpec{Quiet: &calendar.Quiet{From: 19 * 60, To: 8*60 + 30}}, engine.SendSpec{})
	for _, c := range []struct{ zone, day, next string }{
		{"Europe/Berlin", "2026-03-28", "2026-03-29"},
		{"Europe/Berlin", "2026-10-24", "2026-10-25"},
		{"America/New_York", "2026-03-07", "2026-03-08"},
		{"America/New_York", "2026-10-31", "2026-11-01"},
		{"Australia/Lord_Howe", "2026-04-04", "2026-04-05"}, // half an hour
		{"Australia/Lord_Howe", "2026-10-03", "2026-10-04"},
		{"Asia/Tokyo", "2026-03-28", "2026-03-29"},
	} {
		got := sentAt(s, mustZone(c.zone), c.day+" 20:00", engine.Day, t)
		if want := c.next + " 08:30"; !slices.Equal(got, []string{want}) {
			t.Errorf("%s: sent at %v, want %s", c.zone, got, want)
		}
	}
}

// TestFault03 — quiet hours over midnight are quiet at night, not by day.
func TestFault03QuietOverMidnight(t *testing.T) {
	t.Parallel()
	s := policySpec(engine.PolicySpec{Quiet: &calendar.Quiet{From: 22 * 60, To: 7 * 60}}, engine.SendSpec{})
	for begin, want := range map[string]string{
		"2026-10-06 21:59": "2026-10-06 21:59",
		"2026-10-06 22:00": "2026-10-07 07:00",
		"2026-10-06 23:59": "2026-10-07 07:00",
		"2026-10-07 00:00": "2026-10-07 07:00",
		"2026-10-07 06:59": "2026-10-07 07:00",
		"2026-10-07 07:00": "2026-10-07 07:00",
		"2026-10-07 12:00": "2026-10-07 12:00",
	} {
		if got := sentAt(s, tokyo, begin, engine.Day, t); !slices.Equal(got, []string{want}) {
			t.Errorf("from %s: sent at %v, want %s", begin, got, want)
		}
	}
}

// TestFault10 — every attempt of one message carries the same key, whatever
// happens between them; another message another.
func TestFault10RetriesCarryOneKey(t *testing.T) {
	t.Parallel()
	fails := 3
	s := policySpec(engine.PolicySpec{}, engine.SendSpec{})
	s.Channels[0].Retry = engine.RetrySpec{Times: 5, Over: engine.Day}
	w := newWorld(t, s, sim.Options{Reply: func(engine.Request) engine.Receipt {
		if fails--; fails >= 0 {
			return engine.Receipt{Outcome: engine.Retry, Code: "busy"}
		}
		return engine.Receipt{Outcome: engine.Done}
	}})
	w.identify()
	w.track("go")
	for range 30 {
		w.after(engine.Hour)
		w.track("page_viewed")
	}
	w.want("attempts", w.sent("mail"), 4)
	w.want("keys", len(slices.Compact(keysOf(w.Sent()))), 1)
	w.track("go")
	keys := keysOf(w.Sent())
	w.want("another message has another key", keys[4] == keys[3], false)
}

// TestFault12 — a receiver that answers 500 for an hour loses nothing, and gets
// what it missed in order.
func TestFault12ReceiverAwayForAnHour(t *testing.T) {
	t.Parallel()
	s := spec()
	s.Events = append(s.Events, engine.EventSpec{Name: "go"})
	hook := func(name string, next int) engine.StepSpec {
		return engine.StepSpec{Name: name, Kind: engine.SendStep, Next: next, Send: &engine.SendSpec{
			Channel: "hook", Kind: "webhook", Lane: engine.LaneTransactional, Content: enginetest.Parts(name),
		}}
	}
	s.Channels = append(s.Channels, engine.ChannelSpec{Name: "hook", Plugin: "webhook", Reach: engine.ReachSystem, Keyed: true, Retry: engine.RetrySpec{Times: 8, Over: 24 * engine.Hour}})
	s.Flows = []engine.FlowSpec{{Name: "tell", Enter: engine.EnterSpec{On: "go"}, Steps: []engine.StepSpec{hook("first", 1), hook("second", engine.EndOfFlow)}}}
	var w *world
	var accepted []string
	w = newWorld(t, s, sim.Options{Render: true, Reply: func(r engine.Request) engine.Receipt {
		if w.Now() < start.Add(engine.Hour) {
			return engine.Receipt{Outcome: engine.Unknown, Code: "http_500"}
		}
		name, _ := engine.Lookup(r.Parts, "text")
		accepted = append(accepted, name.Text())
		return engine.Receipt{Outcome: engine.Done}
	}})
	w.track("go")
	w.after(2 * engine.Day)
	w.want("accepted", accepted, []string{"first", "second"})
	w.want("dead letters", len(w.Dead()), 0)
	w.want("place", w.tanaka().Place("tell"), "exit.end")
}

// TestSuppression — who is barred gets nothing, whatever consent says, until what
// barred it is gone.
func TestSuppression(t *testing.T) {
	t.Parallel()
	news, orders := engine.SendSpec{Topic: "news"}, engine.SendSpec{Transactional: true}
	for _, c := range []struct {
		name  string
		acts  func(w *world)
		mails []bool // news, something without a topic, transactional
	}{
		{"nothing", func(*world) {}, []bool{true, true, true}},
		{"a hard bounce", func(w *world) { w.track("email_bounced", text("kind", "hard")) }, []bool{false, false, false}},
		{"a soft bounce", func(w *world) { w.track("email_bounced", text("kind", "soft")) }, []bool{true, true, true}},
		{"a hard bounce, another address", func(w *world) {
			w.track("email_bounced", text("kind", "hard"))
			w.after(1)
			w.event(engine.Identify, "", text("email", "tanaka@example.com"))
		}, []bool{true, true, true}},
		{"a hard bounce, another company", func(w *world) {
			w.track("email_bounced", text("kind", "hard"))
			w.event(engine.Identify, "", text("company", "other"))
		}, []bool{false, false, false}},
		{"a complaint, a new consent", func(w *world) { w.track("email_complained"); w.consent() }, []bool{false, false, false}},
		{"an unsubscribe", func(w *world) { w.track("unsubscribed") }, []bool{false, false, true}},
		{"an unsubscribe, a new consent", func(w *world) { w.track("unsubscribed"); w.consent() }, []bool{true, true, true}},
		{"an unsubscribe, taken back", func(w *world) { w.track("unsubscribed"); w.after(1); w.track("unsubscribe_undone") }, []bool{true, true, true}},
		{"an unsubscribe, taken back too late", func(w *world) {
			w.track("unsubscribed")
			w.after(8 * engine.Day)
			w.track("unsubscribe_undone")
		}, []bool{false, false, true}},
		{"an unsubscribe, another taken back", func(w *world) {
			w.track("unsubscribed")
			w.track("unsubscribe_undone", text("topic", "news"))
		}, []bool{false, false, true}},
		{"an unsubscribe from everything, one from mail taken back", func(w *world) {
			w.track("unsubscribed")
			w.track("unsubscribe_undone", text("channel", "mail"))
		}, []bool{false, false, true}},
		{"an unsubscribe from mail, taken back", func(w *world) {
			w.track("unsubscribed", text("channel", "mail"))
			w.track("unsubscribe_undone", text("channel", "mail"))
		}, []bool{true, true, true}},
		{"an unsubscribe taken back that never was", func(w *world) { w.track("unsubscribe_undone") }, []bool{true, true, true}},
		{"an unsubscribe from news", func(w *world) { w.track("unsubscribed", text("topic", "news")) }, []bool{false, true, true}},
		{"an unsubscribe from news, taken back", func(w *world) {
			w.track("unsubscribed", text("topic", "news"))
			w.track("unsubscribe_undone", text("topic", "news"))
		}, []bool{true, true, true}},
		{"an unsubscribe from news, a year later", func(w *world) {
			w.track("unsubscribed", text("topic", "news"))
			w.after(365 * engine.Day)
		}, []bool{false, true, true}},
		{"an unsubscribe from news, a new consent", func(w *world) {
			w.track("unsubscribed", text("topic", "news"))
			w.consent()
		}, []bool{true, true, true}},
	} {
		for i, send := range []engine.SendSpec{news, {}, orders} {
			w := newWorld(t, policySpec(engine.PolicySpec{Requires: "marketing"}, send), sim.Options{})
			w.identify()
			w.consent()
			w.after(engine.Hour)
			c.acts(w)
			w.after(engine.Hour)
			w.track("go")
			w.want(fmt.Sprint(c.name, ", mail ", i), w.sent("mail") == 1, c.mails[i])
		}
	}
}

// A late bounce bars what has not gone yet, and the decision says why.
func TestSuppressionIsJudgedAtTheMomentOfSending(t *testing.T) {
	t.Parallel()
	var why []engine.Decision
	s := policySpec(engine.PolicySpec{Quiet: &calendar.Quiet{From: 19 * 60, To: 8 * 60}}, engine.SendSpec{})
	w := newWorld(t, s, sim.Options{Start: clock(tokyo, "2026-10-06 20:00"), OnFact: func(_ engine.LeadID, row *engine.Fact) {
		for _, d := range row.Decisions {
			if d.Kind == engine.Skipped || d.Kind == engine.Barring {
				why = append(why, d)
			}
		}
	}})
	w.identify()
	w.track("go")
	w.after(engine.Hour)
	w.track("email_bounced", text("kind", "hard"))
	w.after(engine.Day)
	w.want("mails", w.sent("mail"), 0)
	w.want("skipped", w.skipped(engine.Suppressed), 1.0)
	if len(why) != 2 || why[0].Detail != engine.BarBounced || why[1].Detail != engine.Suppressed || why[1].Because[0].Source != engine.BarBounced {
		t.Errorf("decisions %+v", why)
	}
}

// TestHoldout — the workspace's hold-out gets no marketing message, always the same
// leads, about as many as it says.
func TestHoldout(t *testing.T) {
	t.Parallel()
	s := policySpec(engine.PolicySpec{}, engine.SendSpec{}, engine.SendSpec{Transactional: true})
	s.Holdout = 20
	w := newWorld(t, s, sim.Options{})
	held := 0
	const n = 2000
	for i := range n {
		id := engine.Identifier{Kind: engine.ByUser, Value: fmt.Sprint("u", i)}
		for j := range 2 {
			for k, e := range []engine.Event{{Kind: engine.Identify, Fields: []engine.Field{text("email", "x@example.com")}}, {Kind: engine.Track, Name: "go"}} {
				e.ID, e.User, e.At = fmt.Sprint(i, j, k), id.Value, w.Now()
				if _, err := w.Submit(e); err != nil {
					t.Fatal(err)
				}
			}
		}
		skipped := w.Read(w.Find(id), engine.Key{Kind: engine.KeySkipped, Name: "mail", Arg: engine.HeldBack}).Number()
		switch {
		case skipped == 2:
			held++
		case skipped != 0:
			t.Fatalf("lead %d was held back %v times of 2", i, skipped)
		}
		if w.Program().HeldBack(w.Find(id).ID) != (skipped > 0) {
			t.Fatalf("lead %d: HeldBack says otherwise", i)
		}
	}
	if held < n*16/100 || held > n*24/100 {
		t.Errorf("%d of %d leads are held out, want about a fifth", held, n)
	}
	w.want("transactional and others", w.sent("mail"), 2*n+2*(n-held))
}

// TestCapGivesTheRoomToTheHigherPriority — where a cap has room for one, the
// message of the higher priority goes, whatever order they come in.
func TestCapGivesTheRoomToTheHigherPriority(t *testing.T) {
	t.Parallel()
	policy := engine.PolicySpec{Caps: []engine.CapSpec{{Channel: "mail", AtMost: 1, Per: engine.Day}}}
	s := policySpec(policy, engine.SendSpec{}, engine.SendSpec{}, engine.SendSpec{})
	w := newWorld(t, s, sim.Options{})
	w.identify()
	w.track("go")
	w.after(3 * engine.Day)
	var steps []string
	for _, r := range w.Sent() {
		steps = append(steps, stepOf(s, r.Key, w))
	}
	w.want("order", steps, []string{"flow2", "flow1", "flow0"})
}

// stepOf finds the workflow of a message in the lead's journal.
func stepOf(_ *engine.Spec, key engine.ActionKey, w *world) string {
	name := ""
	_ = w.Facts(w.tanaka().ID, func(row *engine.Fact) error {
		for _, d := range row.Decisions {
			if d.Kind == engine.Intended && d.Action == key {
				name = d.Detail[:len("flow0")]
			}
		}
		return nil
	})
	return name
}

// What the higher one does not use, because it may not go, the lower one gets at
// once.
func TestCapIsNotKeptForWhoMayNotGo(t *testing.T) {
	t.Parallel()
	policy := engine.PolicySpec{Caps: []engine.CapSpec{{Channel: "mail", AtMost: 1, Per: engine.Day}}}
	closed := &calendar.Window{Days: 1 << time.Sunday, From: 8 * 60, To: 9 * 60}
	s := policySpec(policy, engine.SendSpec{}, engine.SendSpec{Window: closed})
	w := newWorld(t, s, sim.Options{})
	w.identify()
	w.track("go")
	w.want("the lower one", w.sent("mail"), 1)
	w.after(7 * engine.Day)
	w.want("the higher one in its window", w.sent("mail"), 2)
}

// TestRefundGivesTheRoomBack — a refused message gives its place under the cap to
// the next at once.
func TestRefundGivesTheRoomBack(t *testing.T) {
	t.Parallel()
	policy := engine.PolicySpec{Caps: []engine.CapSpec{{Channel: "mail", AtMost: 1, Per: engine.Day}}}
	s := policySpec(policy, engine.SendSpec{}, engine.SendSpec{})
	first := true
	w := newWorld(t, s, sim.Options{Reply: func(engine.Request) engine.Receipt {
		if first {
			first = false
			return engine.Receipt{Outcome: engine.Refused, Code: "no"}
		}
		return engine.Receipt{Outcome: engine.Done}
	}})
	w.identify()
	w.track("go")
	w.want("attempts", w.sent("mail"), 2)
	w.want("counted", w.Read(w.tanaka(), engine.Key{Kind: engine.KeySent, Name: "mail"}).Number(), 1.0)
}

// TestTightenedCap — a ruling lowers a cap, to nothing if need be, until it is lifted.
func TestTightenedCap(t *testing.T) {
	t.Parallel()
	policy := engine.PolicySpec{Caps: []engine.CapSpec{{Channel: "mail", AtMost: 3, Per: engine.Day}}}
	s := policySpec(policy, engine.SendSpec{}, engine.SendSpec{}, engine.SendSpec{})
	p := program(t, s, 1)
	for atMost, want := range map[int][2]int{2: {2, 3}, 1: {1, 3}, 0: {0, 3}} {
		w := newWorld(t, s, sim.Options{})
		w.sweep(p.Under(&engine.Rulings{Number: 1, Tightens: []engine.Tighten{{Policy: "default", AtMost: atMost, Per: 30 * engine.Day, From: w.Now()}}}))
		w.identify()
		w.track("go")
		w.after(engine.Day)
		w.want(fmt.Sprint("mails under a cap of ", atMost), w.sent("mail"), want[0])
		w.sweep(p.Under(&engine.Rulings{Number: 2}))
		w.after(31 * engine.Day)
		w.want("mails after it was lifted", w.sent("mail"), want[1])
	}
}

// TestPausedChannel — what a pause holds waits for its end, is recorded, and goes
// or is skipped as the workflow says.
func TestPausedChannel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		overdue engine.OnBlocked
		mails   int
	}{{engine.Postpone, 1}, {engine.Skip, 0}} {
		s := policySpec(engine.PolicySpec{}, engine.SendSpec{})
		s.Flows[0].Pause.Overdue = c.overdue
		p := program(t, s, 1)
		w := newWorld(t, s, sim.Options{})
		w.identify()
		from := w.Now()
		w.sweep(p.Under(paused(1, engine.Pause{Scope: engine.PauseChannel, Name: "mail", From: from})))
		w.track("go")
		w.after(10 * engine.Day)
		w.want("mails while paused", w.sent("mail"), 0)
		w.want("place while paused", w.tanaka().Place("flow0"), "mail")
		w.want("timers while paused", len(w.tanaka().Timers), 0)
		w.sweep(p.Under(paused(2, engine.Pause{Scope: engine.PauseChannel, Name: "mail", From: from, To: w.Now(), Ended: 2})))
		w.want("mails after it", w.sent("mail"), c.mails)
		w.want("skipped as overdue", w.skipped(engine.Overdue), float64(1-c.mails))
		w.want("place after it", w.tanaka().Place("flow0"), "exit.end")
	}
}

// TestTransactional — an order's confirmation goes at night, over the cap and
// without consent, never where allowed says no, and it counts towards the cap.
func TestTransactional(t *testing.T) {
	t.Parallel()
	policy := engine.PolicySpec{
		Requires: "marketing", Allowed: not(flagged), Quiet: &calendar.Quiet{From: 19 * 60, To: 8 * 60},
		Caps: []engine.CapSpec{{Channel: "mail", AtMost: 1, Per: 30 * engine.Day}},
	}
	s := policySpec(policy, engine.SendSpec{Transactional: true})
	marketing := policySpec(policy, engine.SendSpec{}).Flows[0]
	marketing.Name, marketing.Enter.On = "marketing", "page_viewed"
	s.Flows = append(s.Flows, marketing)
	w := newWorld(t, s, sim.Options{Start: clock(tokyo, "2026-10-06 23:00")})
	w.identify()
	for n := range 3 {
		w.track("go")
		w.want("at night, without consent", w.sent("mail"), n+1)
	}
	w.after(10 * engine.Hour)
	w.consent()
	w.track("page_viewed")
	w.want("marketing finds the cap full", w.sent("mail"), 3)
	w.after(1)
	w.event(engine.Identify, "", engine.Field{Name: "unsubscribed", Value: engine.FlagValue(true)})
	w.track("go")
	w.want("never against allowed", w.sent("mail"), 3)
	w.want("skipped", w.skipped(engine.NotAllowed), 1.0)
}

// TestSlotJoinsQuietHoursAndWindow — an experiment's slot, the step's window and the
// policy's quiet hours open together, or never.
func TestSlotJoinsQuietHoursAndWindow(t *testing.T) {
	t.Parallel()
	quiet := &calendar.Quiet{From: 19 * 60, To: 8*60 + 30, Days: 1<<time.Saturday | 1<<time.Sunday}
	at := func(clock string) *engine.ExperimentSpec {
		w, err := calendar.ParseWindow(clock)
		if err != nil {
			t.Fatal(err)
		}
		return &engine.ExperimentSpec{Name: "x", Measure: "email_clicked", Slots: []engine.SlotSpec{{Name: "a", At: openings{w}}, {Name: "b", At: openings{w}}}}
	}
	for _, c := range []struct {
		slot   string
		window *calendar.Window
		want   []string
	}{
		{"thu 10:00", nil, []string{"2026-10-08 10:00"}},
		{"thu 07:00", nil, []string{"2026-10-08 08:30"}}, // quiet until 08:30
		{"sat 10:00", nil, []string{"2026-10-12 08:30"}}, // quiet at the week-end
		{"thu 10:00", &calendar.Window{Days: 1 << time.Friday, From: 9 * 60, To: 10 * 60}, []string{"2026-10-09 09:00"}},
		{"thu 10:00", &calendar.Window{From: 20 * 60, To: 21 * 60}, nil}, // never open
	} {
		s := policySpec(engine.PolicySpec{Quiet: quiet}, engine.SendSpec{Window: c.window, Experiment: at(c.slot)})
		if got := sentAt(s, tokyo, "2026-10-06 12:00", 14*engine.Day, t); !slices.Equal(got, c.want) {
			t.Errorf("slot %s: sent at %v, want %v", c.slot, got, c.want)
		}
	}
}

// openings are the beginnings of a window as a schedule.
type openings struct{ w *calendar.Window }

func (o openings) String() string { return o.w.String() }

func (o openings) Next(t time.Time) (time.Time, bool) {
	for range 14 * 24 * 60 {
		t = t.Truncate(time.Minute).Add(time.Minute)
		if o.w.Covers(t) && !o.w.Covers(t.Add(-time.Minute)) {
			return t, true
		}
	}
	return time.Time{}, false
}
