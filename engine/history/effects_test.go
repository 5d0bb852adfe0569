package history_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// twins are two worlds in which the same happened. What a plan says of a change is
// compared with what comes of it: the change is made in one, and not in the other.
type twins struct {
	t         *testing.T
	old, new  *world
	rules     string // as proposed
	effects   *history.Effects
	at        engine.Time
	was       map[engine.LeadID]uint64 // facts of each lead then
	proposed  *engine.Spec
	wasInside map[engine.LeadID]bool // in the workflow follow
}

// people is how many leads the twins have.
const people = 28

// eve is how the twins' leads stand on the eve of the change: some weeks of liveRules,
// and a wave of inquiries in the last hours.
func eve(w *world) {
	liveHistory(w, rand.New(rand.NewPCG(11, 5)), people, 140)
	morning := w.now() - w.now()%engine.Time(engine.Day) + engine.Time(engine.Day) // 09:00 in Tokyo
	w.pass(time.Duration(morning.Sub(w.now())) * time.Millisecond)
	for n := range people {
		user := fmt.Sprint("u", n)
		w.happen(engine.Track, "viewed", user, text("path", "/pricing"))
		if n%3 != 0 {
			w.happen(engine.Track, "inquired", user)
		}
		w.pass(5 * time.Minute)
	}
}

// change plans the change of liveRules that the replacements make, and makes it.
func change(t *testing.T, pairs ...string) *twins {
	t.Helper()
	x := &twins{t: t, rules: liveRules, was: map[engine.LeadID]uint64{}, wasInside: map[engine.LeadID]bool{}}
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(x.rules, pairs[i]) {
			t.Fatalf("the rules have no %q", pairs[i])
		}
		x.rules = strings.Replace(x.rules, pairs[i], pairs[i+1], 1)
	}
	x.old, x.new = newWorld(t, liveSpec(t, liveRules)), newWorld(t, liveSpec(t, liveRules))
	eve(x.old)
	eve(x.new)
	x.at, x.proposed = x.old.now(), liveSpec(t, x.rules)
	x.each(x.old, func(l *engine.Lead) {
		x.was[l.ID] = l.Seq
		x.wasInside[l.ID] = len(l.Acts.Runs) > 0
	})
	running := x.old.runner.Program()
	var err error
	x.effects, err = history.FindEffects(history.EffectsOptions{
		Rows: x.old.store, Old: running, New: liveSpec(t, x.rules), Digest: "changed",
		Changes: history.Diff(running.Spec(), liveSpec(t, x.rules), func(engine.Expr) string { return "" }), Now: x.at, Workers: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	next, err := engine.NewProgram(x.proposed, "changed", 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.new.runner.Swap(t.Context(), next, nil); err != nil {
		t.Fatal(err)
	}
	x.new.quiet()
	if x.effects.Leads != len(x.was) || x.effects.Faults != 0 {
		t.Errorf("the plan has seen %d leads of %d, with %d faults", x.effects.Leads, len(x.was), x.effects.Faults)
	}
	return x
}

// each reads all leads of a world.
func (x *twins) each(w *world, yield func(l *engine.Lead)) {
	x.t.Helper()
	for part := range w.store.Partitions() {
		err := w.store.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
			var l engine.Lead
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			if l.ID = id; l.Entity == engine.NoEntity && l.Into.IsZero() {
				yield(&l)
			}
			return nil
		})
		if err != nil {
			x.t.Fatal(err)
		}
	}
}

func (x *twins) leads(w *world) map[engine.LeadID]*engine.Lead {
	all := map[engine.LeadID]*engine.Lead{}
	x.each(w, func(l *engine.Lead) { all[l.ID] = l })
	return all
}

// since counts, by what key says of them, the decisions that a world has made since
// the change; "" is not counted.
func (x *twins) since(w *world, key func(lead engine.LeadID, d *engine.Decision) string) map[string]int {
	x.t.Helper()
	n := map[string]int{}
	for id, seq := range x.was {
		err := w.store.Facts(id.Partition(w.store.Partitions()), id, func(f *engine.Fact) error {
			for i := range f.Decisions {
				if k := key(id, &f.Decisions[i]); f.Seq > seq && k != "" {
					n[k]++
				}
			}
			return nil
		})
		if err != nil {
			x.t.Fatal(err)
		}
	}
	return n
}

// same compares counts, of which there must be some.
func same(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	maps.DeleteFunc(got, func(_ string, n int) bool { return n == 0 })
	maps.DeleteFunc(want, func(_ string, n int) bool { return n == 0 })
	if !maps.Equal(got, want) || len(want) == 0 {
		t.Errorf("%s: the plan says %v, it came to %v", what, got, want)
	}
}

// A closer score lets leads be handed over at once, join a segment and move on.
func TestPlanOfWhatHappensAtOnce(t *testing.T) {
	t.Parallel()
	x := change(t,
		`when     = ["score.interest >= 60", "did('viewed', '2d')"]
  hold     = "10m"
  cooldown = "4d"`, `when     = ["score.interest >= 30", "did('viewed', '2d')"]
  cooldown = "4d"`,
		`score.fit >= 30 and score.interest >= 25`, `score.interest >= 20`,
		`workflow "follow" {`, `workflow "cared_for" {
  enter {
    segment = segment.engaged
  }
  steps {
    wait "some_time" {
      for = "1d"
    }
  }
}
workflow "follow" {`,
		`when = "score.interest >= 30"`, `when = "score.interest >= 12"`,
	)
	got, want := map[string]int{}, x.since(x.new, func(_ engine.LeadID, d *engine.Decision) string {
		switch d.Kind {
		case engine.TossedUp:
			return "toss_up " + d.Subject
		case engine.Enrolled:
			return "enter " + d.Subject
		case engine.Moved:
			return "stage " + d.Subject + " " + d.Detail
		}
		return ""
	})
	for _, a := range x.effects.TossUps {
		got["toss_up "+a.Name] = a.N
		if len(a.Sample) != min(a.N, 10) || !slices.IsSorted(a.Sample) {
			t.Errorf("of %d leads handed over %v are named", a.N, a.Sample)
		}
	}
	for _, a := range x.effects.Enters {
		got["enter "+a.Name] = a.N
	}
	for _, m := range x.effects.Stages {
		got["stage "+m.From+" "+m.To] = m.N
	}
	same(t, "at once", got, want)
	if want["toss_up hot"] == 0 || want["stage lead mql"] == 0 {
		t.Errorf("the change does too little: %v", want)
	}
	if other := x.since(x.old, func(_ engine.LeadID, d *engine.Decision) string { return d.Subject }); len(other) > 0 {
		t.Errorf("without the change something happens as well: %v", other)
	}
}

// What an hour brings under both rules, the messages of waits that end earlier among it.
func TestPlanOfTheNextHour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		replace []string
	}{
		{"shorter", []string{`wait "think" {
      for = "2h"`, `wait "think" {
      for       = "20m"
      on_change = "recompute"`}},
		{"a little shorter", []string{`wait "think" {
      for = "2h"`, `wait "think" {
      for       = "95m"
      on_change = "recompute"`}},
		{"longer", []string{`wait "think" {
      for = "2h"`, `wait "think" {
      for       = "5h"
      on_change = "recompute"`}},
		{"one more", []string{`email "thanks" {`, `email "hello" {
      subject  = "Hello"
      template = "thanks.md"
    }
    email "thanks" {`, `at_most     = 2`, `at_most     = 9`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := change(t, c.replace...)
			x.old.pass(time.Hour)
			x.new.pass(time.Hour)
			sent := func(_ engine.LeadID, d *engine.Decision) string {
				if d.Kind == engine.Sent {
					return d.Subject + " " + d.Detail
				}
				return ""
			}
			before, after := map[string]int{}, map[string]int{}
			for _, s := range x.effects.Sends {
				before[s.Channel+" "+s.Cause], after[s.Channel+" "+s.Cause] = s.Before, s.After
			}
			old, new := x.since(x.old, sent), x.since(x.new, sent)
			if maps.Equal(old, new) {
				t.Errorf("the change changes nothing: %v", old)
			}
			same(t, "both", sum(before, after), sum(old, new))
			if len(old) > 0 {
				same(t, "as it is", before, old)
			}
			if len(new) > 0 {
				same(t, "changed", after, new)
			}
		})
	}
}

func sum(a, b map[string]int) map[string]int {
	all := maps.Clone(a)
	for k, n := range b {
		all[k] += n
	}
	return all
}

// Waits that end earlier or later than they would have, or when they would have
// though the rules say otherwise now.
func TestPlanOfWaits(t *testing.T) {
	t.Parallel()
	const wait = `wait "think" {
      for = "2h"`
	for _, c := range []struct{ name, now string }{
		{"kept", "for = \"6h\""},
		{"later", "for = \"6h\"\n      on_change = \"recompute\""},
		{"earlier", "for = \"90m\"\n      on_change = \"recompute\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := change(t, wait, "wait \"think\" {\n      "+c.now)
			was, now := x.leads(x.old), x.leads(x.new)
			want := map[string]int{}
			for id, l := range was {
				for i := range l.Acts.Runs {
					r := &l.Acts.Runs[i]
					if r.Step != "think" {
						continue
					}
					want["standing"]++
					next := runOf(now[id], r)
					if next == nil || next.Step != r.Step {
						want["moved"]++
						continue
					}
					switch before, after := dueOf(l, r), dueOf(now[id], next); {
					case after < before:
						want["earlier"]++
					case after > before:
						want["later"]++
					default:
						want["kept"]++
					}
				}
			}
			got := map[string]int{}
			for _, s := range x.effects.Steps {
				if s.Workflow != "follow" || s.Step != "think" {
					t.Errorf("of a step that is not changed: %+v", s)
				}
				got["standing"], got["earlier"], got["later"], got["kept"] = s.Standing, s.WaitEarlier, s.WaitLater, s.WaitKept
				for _, m := range s.Moves {
					got["moved"] += m.N
				}
			}
			same(t, "waits", got, want)
			if want[c.name] == 0 {
				t.Errorf("none is %s: %v", c.name, want)
			}
			inside := 0
			for _, is := range x.wasInside {
				if is {
					inside++
				}
			}
			if f := x.effects.Workflows; len(f) != 1 || f[0].Inside != inside || f[0].Keep+f[0].Move != inside || f[0].Move != want["moved"] {
				t.Errorf("%d leads are inside, %d of them move on; the plan says %+v", inside, want["moved"], f)
			}
		})
	}
}

func runOf(l *engine.Lead, r *engine.Run) *engine.Run {
	for i := range l.Acts.Runs {
		if l.Acts.Runs[i].ID == r.ID {
			return &l.Acts.Runs[i]
		}
	}
	return nil
}

func dueOf(l *engine.Lead, r *engine.Run) engine.Time {
	for i := range l.Timers {
		if t := &l.Timers[i]; (t.Kind == engine.RunDue || t.Kind == engine.RunGiveUp) && t.Ref == r.Slot() {
			return t.Due
		}
	}
	return 0
}

// Arms that switch: of an experiment, leads who had a message of it and would get
// another form; of a split, leads inside who would go another way.
func TestPlanOfArms(t *testing.T) {
	t.Parallel()
	x := change(t,
		`variant "plain" {}`, `variant "short" {
          subject = "Thx"
        }
        variant "plain" {}`,
		`arm "two" {`, `arm "three" {
        weight = 60
        wait "two_days" {
          for = "2d"
        }
      }
      arm "two" {`,
	)
	// What the arms are under the new rules shows where they were in force from the
	// beginning.
	fresh := newWorld(t, liveSpec(t, x.rules))
	eve(fresh)
	for _, w := range []*world{x.old, fresh} {
		for n := range people { // everybody gets a message, and comes to the split
			w.happen(engine.Track, "agreed", fmt.Sprint("u", n))
			w.happen(engine.Track, "inquired", fmt.Sprint("u", n))
		}
		w.pass(12 * 24 * time.Hour)
	}
	arms := func(w *world, subject string) map[engine.LeadID]string {
		all := map[engine.LeadID]string{}
		for id := range x.was {
			err := w.store.Facts(id.Partition(w.store.Partitions()), id, func(f *engine.Fact) error {
				for i := range f.Decisions {
					if d := &f.Decisions[i]; d.Kind == engine.Drawn && d.Subject == subject {
						all[id] = d.Detail
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	want, got := map[string]int{}, map[string]int{}
	tried := x.leadsTried()
	for subject, counts := range map[string]map[engine.LeadID]bool{"follow/thanks/wording": tried, "follow/ways": x.wasInside} {
		was, now := arms(x.old, subject), arms(fresh, subject)
		for id, is := range counts {
			if !is {
				continue
			}
			if was[id] == "" || now[id] == "" {
				t.Fatalf("lead %v never came to %s: %q, %q", id, subject, was[id], now[id])
			}
			want[subject+" all"]++
			if was[id] != now[id] {
				want[subject]++
			}
		}
	}
	for _, a := range x.effects.Arms {
		got[a.Name+" all"], got[a.Name] = a.Leads, a.Switch
	}
	same(t, "arms", got, want)
	if want["follow/thanks/wording"] == 0 || want["follow/ways"] == 0 {
		t.Errorf("nobody switches: %v", want)
	}
}

// leadsTried are the leads who had drawn an arm of the experiment before the change.
func (x *twins) leadsTried() map[engine.LeadID]bool {
	tried := map[engine.LeadID]bool{}
	for id, seq := range x.was {
		err := x.new.store.Facts(id.Partition(x.new.store.Partitions()), id, func(f *engine.Fact) error {
			for i := range f.Decisions {
				tried[id] = tried[id] || f.Seq <= seq && f.Decisions[i].Kind == engine.Drawn && f.Decisions[i].Subject == "follow/thanks/wording"
			}
			return nil
		})
		if err != nil {
			x.t.Fatal(err)
		}
	}
	return tried
}

// A closer cap keeps back the next message of those who have had as many as it
// allows, and would not have been kept back before.
func TestPlanOfCaps(t *testing.T) {
	t.Parallel()
	const cap = `at_most     = 2
    per         = "3d"`
	for _, c := range []struct {
		name, now string
		none      bool
	}{
		{"fewer", "at_most     = 1\n    per         = \"3d\"", false},
		{"longer", "at_most     = 2\n    per         = \"9d\"", false},
		{"one more of another length", "at_most     = 2\n    per         = \"3d\"\n    when_capped = \"postpone\"\n  }\n  cap {\n    channel     = channel.mail\n    at_most     = 1\n    per         = \"2d\"", false},
		{"looser", "at_most     = 2\n    per         = \"1d\"", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := change(t, cap, c.now)
			want := map[string]int{}
			for id := range x.was {
				over := func(most int, per engine.Span) bool { return x.hadMails(id, per) >= most }
				now := map[string]bool{
					"fewer": over(1, 3*engine.Day), "longer": x.remembered(id, 9*engine.Day) >= 2,
					"one more of another length": over(2, 3*engine.Day) || over(1, 2*engine.Day), "looser": over(2, engine.Day),
				}[c.name]
				if now && !over(2, 3*engine.Day) {
					want["default mail"]++
				}
			}
			got := map[string]int{}
			for _, e := range x.effects.Caps {
				got[e.Policy+" "+e.Channel] = e.Over
			}
			if c.none {
				if len(got)+len(want) > 0 {
					t.Errorf("a looser cap keeps back %v, by hand %v", got, want)
				}
				return
			}
			same(t, "caps", got, want)
			x.kept(want["default mail"])
		})
	}
}

// hadMails counts, from the journal, the messages accepted in a time before the change.
func (x *twins) hadMails(id engine.LeadID, per engine.Span) int {
	n := 0
	err := x.old.store.Facts(id.Partition(x.old.store.Partitions()), id, func(f *engine.Fact) error {
		for i := range f.Decisions {
			if d := &f.Decisions[i]; d.Kind == engine.Sent && d.Subject == "mail" && d.At > x.at.Add(-per) && d.At <= x.at {
				n++
			}
		}
		return nil
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return n
}

// remembered counts what the lead's row remembers: no more than the rules then asked for.
func (x *twins) remembered(id engine.LeadID, per engine.Span) int {
	n := 0
	x.each(x.old, func(l *engine.Lead) {
		if l.ID != id {
			return
		}
		for i := range l.Acts.Sent {
			for _, at := range l.Acts.Sent[i].Recent {
				if at > x.at.Add(-per) {
					n++
				}
			}
		}
	})
	return n
}

// kept lets everybody be sent a message, in both worlds, and counts who is kept back
// by the cap in the changed one alone.
func (x *twins) kept(want int) {
	x.t.Helper()
	capped := func(id engine.LeadID, d *engine.Decision) string {
		if d.Kind == engine.Postponed && d.Detail == engine.Capped {
			return id.String()
		}
		return ""
	}
	var lists [2]map[string]int
	for i, w := range []*world{x.old, x.new} {
		for n := range people {
			w.happen(engine.Track, "agreed", fmt.Sprint("u", n))
			w.happen(engine.Track, "asked", fmt.Sprint("u", n))
		}
		lists[i] = x.since(w, capped)
	}
	n := 0
	for id := range lists[1] {
		if lists[0][id] == 0 {
			n++
		}
	}
	if n != want {
		x.t.Errorf("the plan says that the cap keeps %d leads' next message back, it has kept %d", want, n)
	}
}

// Scores and segments that flip: read by both programs, from the rows of both worlds.
func TestPlanOfFlips(t *testing.T) {
	t.Parallel()
	x := change(t,
		`points = 20`, `points = 22`,
		`half_life = "5d"`, `half_life = "2d"`,
		`when   = "lead.employees >= 100"`, `when   = "lead.employees >= 50"`,
		`when = "score.interest >= 30"`, `when = "score.interest >= 18"`,
	)
	was, now := x.leads(x.old), x.leads(x.new)
	read := func(w *world, l *engine.Lead, key engine.Key) engine.Value {
		return w.runner.Program().Read(engine.NewFrame(), l, x.at, key)
	}
	want, got := map[string]int{}, map[string]int{}
	for id := range was {
		for _, name := range []string{"interest", "fit"} {
			key := engine.Key{Kind: engine.KeyScore, Name: name}
			d := read(x.new, now[id], key).Number() - read(x.old, was[id], key).Number()
			switch {
			case d > 1e-6:
				want["score "+name+" up"]++
			case d < -1e-6:
				want["score "+name+" down"]++
			}
		}
		key := engine.Key{Kind: engine.KeySegment, Name: "engaged"}
		switch before, after := read(x.old, was[id], key).Flag(), read(x.new, now[id], key).Flag(); {
		case after && !before:
			want["segment engaged up"]++
		case before && !after:
			want["segment engaged down"]++
		}
	}
	for _, f := range x.effects.Scores {
		got["score "+f.Name+" up"], got["score "+f.Name+" down"] = f.Up, f.Down
	}
	for _, f := range x.effects.Segments {
		got["segment "+f.Name+" up"], got["segment "+f.Name+" down"] = f.Up, f.Down
	}
	same(t, "flips", got, want)
	for _, what := range []string{"score interest up", "score interest down", "score fit up", "segment engaged up"} {
		if want[what] == 0 {
			t.Errorf("nothing flips as in %q: %v", what, want)
		}
	}
}
