package history_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
)

// liveRules have something of everything that decides about one lead by itself.
const liveRules = `
project "live" { timezone = "Asia/Tokyo" }
lead {
  key = "email"
  text "email" { required = true }
  number "employees" {}
  flag "unsubscribed" { default = false }
}
channel "mail" {
  plugin = "email"
  config {
    host = "127.0.0.1:1"
    from = "a@example.jp"
  }
}
event "agreed" {}
consent "news" {
  granted = event.agreed
  revoked = event.unsubscribed
}
contact_policy "default" {
  requires    = consent.news
  allowed     = "not lead.unsubscribed"
  quiet_hours = "21:00-08:00"
  when_quiet  = "postpone"
  cap {
    channel     = channel.mail
    at_most     = 2
    per         = "3d"
    when_capped = "postpone"
  }
}
event "viewed" {
  text "path" {}
}
event "inquired" {}
event "asked" {}
event "won" {}
score "fit" {
  rule "large" {
    when   = "lead.employees >= 100"
    points = 30
  }
}
score "interest" {
  half_life = "5d"
  range     = [0, 200]
  rule "view" {
    on      = event.viewed
    points  = 5
    at_most = "20 per day"
  }
  rule "price" {
    on     = event.viewed
    when   = "event.path == '/pricing'"
    points = 20
  }
  rule "inquiry" {
    on     = event.inquired
    points = 40
  }
}
segment "engaged" {
  when = "score.interest >= 30"
}
lifecycle {
  stage "lead" {}
  stage "mql" {
    enter    = "score.fit >= 30 and score.interest >= 25"
    leave    = "score.interest < 10"
    leave_to = stage.lead
  }
  stage "customer" {
    on = event.won
  }
}
workflow "follow" {
  enter {
    on = event.inquired
  }
  re_enter {
    after   = "2d"
    at_most = 3
  }
  exit "bought" {
    on = event.won
  }
  steps {
    wait "think" {
      for = "2h"
    }
    email "thanks" {
      subject  = "Thanks"
      template = "thanks.md"
      experiment "wording" {
        measure = "click"
        within  = "3d"
        variant "plain" {}
        variant "number" {
          subject = "3 ideas for you"
        }
      }
    }
    wait "again" {
      on      = event.viewed
      at_most = "1d"
    }
    branch "warm" {
      case "engaged" {
        when = "segment.engaged"
        email "offer" {
          subject  = "An offer"
          template = "thanks.md"
        }
      }
      otherwise {
        wait "rest" {
          for = "2d"
        }
      }
    }
    split "ways" {
      arm "one" {
        weight = 50
        wait "one_day" {
          for = "1d"
        }
      }
      arm "two" {
        weight = 50
        email "more" {
          subject  = "More"
          template = "thanks.md"
        }
      }
    }
  }
}
workflow "answer" {
  enter {
    on = event.asked
  }
  re_enter {
    after = "1m"
  }
  steps {
    email "reply" {
      subject  = "Your question"
      template = "thanks.md"
    }
  }
}
toss_up "hot" {
  when     = ["score.interest >= 60", "did('viewed', '2d')"]
  hold     = "10m"
  cooldown = "4d"
  success {
    on     = event.won
    within = "30d"
  }
}
toss_up "large" {
  when     = "lead.stage == 'mql'"
  cooldown = "never again"
}
`

// liveSpec compiles rules with one mail.
func liveSpec(t testing.TB, rules string) *engine.Spec {
	t.Helper()
	w, problems := dsl.Load(fstest.MapFS{
		"rules.hcl": &fstest.MapFile{Data: []byte(rules)}, "templates/thanks.md": &fstest.MapFile{Data: []byte("Thanks.\n")},
	}, dsl.Options{})
	if w == nil {
		t.Fatal(problems.Render())
	}
	return w.Spec
}

// taker is a channel that takes everything.
type taker struct{}

func (taker) Send(_ context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	for i := range requests {
		q := &requests[i]
		report(engine.Receipt{Key: q.Key, Lead: q.Lead, Attempt: q.Attempt, Outcome: engine.Done})
	}
	return nil
}

// world is a live server's inside on a clock that the test moves.
type world struct {
	t      testing.TB
	clock  *enginetest.Clock
	store  *store.Store
	runner *runner.Runner
	seq    int
}

func newWorld(t testing.TB, spec *engine.Spec) *world {
	t.Helper()
	w := &world{t: t, clock: enginetest.NewClock(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))}
	var err error
	w.store, err = store.Open(store.Options{
		Dir: t.TempDir(), Partitions: 4, NoSync: true, Ballast: -1, LeadCache: -1, SeenFilter: -1,
		Statfs: func(string) (uint64, uint64, error) { return 1 << 40, 1 << 41, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := engine.NewProgram(spec, "live", 1)
	if err != nil {
		t.Fatal(err)
	}
	if w.runner, err = runner.New(runner.Options{Store: w.store, Program: p, Sender: taker{}, Clock: w.clock, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	if err := w.runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.runner.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := w.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

func (w *world) now() engine.Time { return engine.TimeOf(w.clock.Now()) }

func (w *world) quiet() {
	w.t.Helper()
	if err := w.runner.Quiet(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// pass lets time go by, from one due timer to the next: each fires when it is due.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	until := w.now().Add(engine.Span(d.Milliseconds()))
	for {
		next := w.runner.Status().NextDue
		if next == 0 || next > until {
			break
		}
		w.clock.Advance(max(0, time.Duration(next.Sub(w.now()))*time.Millisecond))
		w.quiet()
	}
	w.clock.Advance(time.Duration(until.Sub(w.now())) * time.Millisecond)
	w.quiet()
}

// happen submits an event of now.
func (w *world) happen(kind engine.EventKind, name, user string, fields ...engine.Field) {
	w.t.Helper()
	w.seq++
	e := engine.Event{
		Kind: kind, Name: name, ID: fmt.Sprintf("m%06d", w.seq), Source: "web", User: user, At: w.now(), Received: w.now(), Fields: fields,
	}
	if _, err := w.runner.Submit(w.t.Context(), []engine.Event{e}); err != nil {
		w.t.Fatal(err)
	}
	w.quiet()
}

func text(name, value string) engine.Field {
	return engine.Field{Name: name, Value: engine.TextValue(value)}
}

func number(name string, value float64) engine.Field {
	return engine.Field{Name: name, Value: engine.NumberValue(value)}
}

// bare is a row without what a replay leaves out: the revision, the client's
// context, what the channel said beside its answer.
func bare(f *engine.Fact) []byte {
	c := *f
	c.Revision, c.LedTo, c.Event.Context, c.Event.Lead = 0, nil, "", engine.LeadID{}
	return engine.AppendFact(nil, &c)
}

// What is recorded, run again under the rules that were in force, is decided as it
// was live: every row of every journal is the same, byte for byte, in the same order.
func TestReplayIsTheLiveJournal(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			spec := liveSpec(t, liveRules)
			w := newWorld(t, spec)
			liveHistory(w, rand.New(rand.NewPCG(seed, 1)), 12, 150)
			for _, rows := range []history.Rows{w.store, onlyRows{w.store}} {
				sameAsLive(t, w, rows, spec)
			}
		})
	}
}

// liveHistory lets some weeks of some people pass.
func liveHistory(w *world, rng *rand.Rand, people, events int) {
	for n := range people {
		user := fmt.Sprint("u", n)
		w.happen(engine.Identify, "", user, text("email", user+"@example.jp"), number("employees", float64(rng.IntN(200))))
		if n%4 != 0 {
			w.happen(engine.Track, "agreed", user)
		}
	}
	for range events {
		user := fmt.Sprint("u", rng.IntN(people))
		switch rng.IntN(12) {
		case 0:
			w.happen(engine.Track, "won", user)
		case 1, 2, 3:
			w.happen(engine.Track, "inquired", user)
		case 4:
			w.happen(engine.Identify, "", user, number("employees", float64(rng.IntN(200))))
		default:
			w.happen(engine.Track, "viewed", user, text("path", []string{"/", "/pricing"}[rng.IntN(2)]))
		}
		w.pass([]time.Duration{0, time.Minute, time.Hour, 9 * time.Hour, 40 * time.Hour}[rng.IntN(5)])
	}
}

// onlyRows is a store that cannot read many journals in one go.
type onlyRows struct{ history.Rows }

// sameAsLive replays rows and looks for differences from the journals in the store.
func sameAsLive(t *testing.T, w *world, rows history.Rows, spec *engine.Spec) {
	t.Helper()
	var mu sync.Mutex
	got := map[engine.LeadID][][]byte{}
	o := history.ReplayOptions{Source: history.FromRows(rows, 0), Rules: []history.Ruleset{{Name: "same", Spec: spec}}, To: w.now(), Workers: 2}
	o.Hear(func(lead engine.LeadID, row *engine.Fact) {
		mu.Lock()
		defer mu.Unlock()
		got[lead] = append(got[lead], bare(row))
	})
	done, err := history.Replay(o)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[engine.DecisionKind]int{}
	for part := range w.store.Partitions() {
		err := w.store.Leads(part, engine.LeadID{}, 0, func(id engine.LeadID, row []byte) error {
			if engine.RowEntity(row) == engine.NoEntity {
				compareRows(t, w.store, id, got[id], kinds)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []engine.DecisionKind{engine.TossedUp, engine.Sent, engine.Moved, engine.Enrolled, engine.Stepped, engine.Postponed, engine.Drawn, engine.Paid, engine.Left} {
		if kinds[kind] == 0 {
			t.Errorf("nothing of the kind %d was decided: %v", kind, kinds)
		}
	}
	set := &done.Sets[0]
	if set.Unknown.Messages+set.Unknown.Offers+set.Unknown.Answers+set.Unknown.Apart > 0 || set.Messages != kinds[engine.Sent] || set.Enrolled != kinds[engine.Enrolled] {
		t.Errorf("the replay tells %+v; live it was %v", *set, kinds)
	}
}

func compareRows(t *testing.T, s *store.Store, id engine.LeadID, got [][]byte, kinds map[engine.DecisionKind]int) {
	t.Helper()
	type row struct {
		seq uint64
		b   []byte
	}
	var want []row
	err := s.Facts(id.Partition(s.Partitions()), id, func(f *engine.Fact) error {
		want = append(want, row{f.Seq, bare(f)})
		for i := range f.Decisions {
			kinds[f.Decisions[i].Kind]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(want, func(a, b row) int { return int(a.seq) - int(b.seq) })
	for n := range max(len(want), len(got)) {
		if n >= len(want) || n >= len(got) || !bytes.Equal(want[n].b, got[n]) {
			t.Errorf("lead %v: row %d of %d and %d:\nlive     %s\nreplayed %s", id, n+1, len(want), len(got), shown(want, n, func(r row) []byte { return r.b }), shown(got, n, func(b []byte) []byte { return b }))
			return
		}
	}
}

func shown[T any](list []T, n int, of func(T) []byte) string {
	if n >= len(list) {
		return "nothing"
	}
	var f engine.Fact
	if err := engine.DecodeFact(of(list[n]), &f); err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%+v", f)
}
