package history_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// explainRules have everything that a decision can rest on: fading, expiring and
// computed scores, segments, edges, toss-ups of both kinds with hold and capacity,
// consent, hours, caps, branches, exits and goals.
const explainRules = `
project "shop" { timezone = "Asia/Tokyo" }
const {
  hot = 60
}
lead {
  key = "email"
  text "email" {}
  text "title" { label = "役職" }
  number "employees" { label = "従業員数" }
  choice "industry" {
    label = "業種"
    of    = ["saas", "retail", "other"]
  }
  flag "unsubscribed" { default = false }
}
event "page_viewed" {
  text "path" { required = true }
}
event "asked" {
  label = "問い合わせ"
  number "seats" { default = 0 }
}
event "consent_given" {
  text "purpose" { required = true }
}
event "deal" {}
event "pricing" {
  label = "料金ページ"
  from  = event.page_viewed
  when  = "event.path startsWith '/pricing'"
}
score "fit" {
  rule "boss" {
    when   = "lead.title contains '部長'"
    points = 30
  }
  rule "size" { points = "(lead.employees ?? 0) >= 100 ? 20 : 0" }
}
score "interest" {
  label     = "興味度"
  half_life = "7d"
  range     = [0, 100]
  rule "page" {
    on      = event.page_viewed
    when    = "event.path != '/case' or lead.employees >= 80"
    points  = 4
    at_most = "3 per day"
  }
  rule "pricing" {
    on     = event.pricing
    points = 17
  }
  rule "asked" {
    on     = event.asked
    when   = "event.seats >= 5"
    points = 50
  }
}
score "recent" {
  expires = "3d"
  rule "any" {
    on     = event.page_viewed
    points = 1
  }
}
segment "target" {
  label = "ターゲット企業"
  when  = ["lead.employees >= 100", "lead.industry in ['saas', 'retail']"]
}
segment "quiet" { when = "times('page_viewed') >= 1 and never('page_viewed', '5d')" }
lifecycle {
  stage "lead" {}
  stage "mql" {
    label    = "MQL"
    enter    = "score.interest >= 30"
    leave    = "score.interest < 8"
    leave_to = stage.lead
  }
  stage "sal" {}
  stage "customer" { on = event.deal }
}
consent "marketing" {
  granted = event.consent_given
  when    = "event.purpose == 'marketing'"
  revoked = event.unsubscribed
  expires = "40d"
}
contact_policy "default" {
  requires    = consent.marketing
  allowed     = "not lead.unsubscribed and score.fit < 50"
  quiet_hours = "19:00-08:00"
  cap {
    channel     = channel.mail
    at_most     = 2
    per         = "7d"
    when_capped = "skip"
  }
}
channel "mail" {
  plugin = "email"
  config {
    host = "localhost:25"
    from = "a@example.com"
  }
}
toss_up "hot" {
  label = "営業トスアップ"
  from  = stage.mql
  to    = stage.sal
  when = [
    "score.interest >= const.hot",
    "did('pricing', '7d')",
    "not lead.unsubscribed",
  ]
  hold     = "20m"
  cooldown = "10d"
  answer {
    within   = "2d"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead
  }
  capacity {
    at_most = 2
    per     = "1d"
  }
}
toss_up "inquiry" {
  on       = event.asked
  when     = ["event.seats >= 8", "segment.target"]
  cooldown = "5d"
}
workflow "care" {
  enter {
    on   = event.pricing
    when = "lead.stage in ['lead', 'mql'] and event.path != '/pricing/none'"
  }
  re_enter { after = "6d" }
  goal "asks" {
    on     = event.asked
    when   = "event.seats > 1"
    within = "20d"
  }
  exit "handed" { on = toss_up.hot }
  exit "cold" { when = "score.recent < 1 and score.interest < 10" }
  steps {
    wait "read" { for = "2h" }
    email "tips" {
      subject = "Tips"
      template = "a.md"
    }
    branch "which" {
      case "warm" {
        when = "score.interest >= 25 or did('asked')"
        wait "soon" { for = "1d" }
      }
      case "boss" {
        when = "score.fit >= 30"
        wait "later" { for = "2d" }
      }
      otherwise {
        wait "long" { for = "3d" }
      }
    }
    wait "back" {
      on      = event.page_viewed
      when    = "event.path == '/case'"
      at_most = "4d"
    }
    email "case" {
      subject = "A case"
      template = "a.md"
    }
  }
}
workflow "wake" {
  enter { segment = segment.quiet }
  re_enter { after = "3d" }
  steps {
    email "hello" {
      subject = "Hello"
      template = "a.md"
    }
  }
}
`

// explainVariants are three revisions of the rules.
func explainVariants(t testing.TB) []*engine.Program {
	t.Helper()
	change := []*strings.Replacer{
		strings.NewReplacer(),
		strings.NewReplacer("hot = 60", "hot = 45", `half_life = "7d"`, `half_life = "5d"`, "event.seats >= 8", "event.seats >= 4"),
		strings.NewReplacer("hot = 60", "hot = 70", `enter    = "score.interest >= 30"`, `enter    = "score.interest >= 20 and score.fit >= 0"`, "at_most     = 2", "at_most     = 1"),
	}
	var list []*engine.Program
	for i, r := range change {
		p, err := engine.NewProgram(explainSpec(t, r.Replace(explainRules)), fmt.Sprint("rules ", i), uint32(i+1))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// explainSpec compiles rules whose mails have a text.
func explainSpec(t testing.TB, text string) *engine.Spec {
	t.Helper()
	files := fstest.MapFS{"rules.hcl": {Data: []byte(text)}, "templates/a.md": {Data: []byte("Hello.\n")}}
	w, problems := dsl.Load(files, dsl.Options{})
	if w == nil {
		t.Fatal(problems.Render())
	}
	return w.Spec
}

// explainWorld is a simulated history of some leads.
type explainWorld struct {
	sim      *sim.Sim
	programs []*engine.Program
}

// Partitions, Leads and Facts make a world the rows of a store.
func (w *explainWorld) Partitions() int { return 1 }

func (w *explainWorld) Leads(int, engine.LeadID, int, func(engine.LeadID, []byte) error) error {
	return nil
}

func (w *explainWorld) Facts(_ int, id engine.LeadID, yield func(*engine.Fact) error) error {
	return w.sim.Facts(id, yield)
}

func (w *explainWorld) memory() *history.Memory {
	return &history.Memory{Rows: w, Rulings: w.sim.Program().Rulings(), Program: func(n uint32) (*engine.Program, error) {
		if int(n) > len(w.programs) {
			return nil, fmt.Errorf("there is no revision %d", n)
		}
		return w.programs[n-1], nil
	}}
}

const explainStart = engine.Time(1_790_000_000_000)

// newExplainWorld lets people do things at random for some weeks: late and in order, known
// and unknown, while the rules change twice.
func newExplainWorld(t testing.TB, programs []*engine.Program, seed uint64) *explainWorld {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 7))
	w := &explainWorld{programs: programs}
	w.sim = sim.New(programs[0], sim.Options{Apart: true, Reply: func(engine.Request) engine.Receipt {
		switch rng.IntN(10) {
		case 0:
			return engine.Receipt{Outcome: engine.Refused, Code: "no"}
		case 1:
			return engine.Receipt{Outcome: engine.Retry, Code: "later"}
		}
		return engine.Receipt{Outcome: engine.Done}
	}})
	now := explainStart
	const steps = 100
	for i := range steps {
		now = now.Add(engine.Span(rng.IntN(int(5 * engine.Hour))))
		if i == steps/3 || i == 2*steps/3 {
			if err := w.sim.Advance(now); err != nil {
				t.Fatal(err)
			}
			if err := w.sim.Swap(programs[(3*i+steps/2)/steps]); err != nil {
				t.Fatal(err)
			}
		}
		if i == steps/2 || i == steps/2+9 {
			if err := w.pause(i == steps/2, now); err != nil {
				t.Fatal(err)
			}
		}
		e := someEvent(rng, i)
		e.At, e.Received = now, now
		if rng.IntN(8) == 0 {
			e.At = now.Add(-engine.Span(rng.IntN(int(3 * engine.Day))))
		}
		if _, err := w.sim.Submit(e); err != nil {
			t.Fatal(err)
		}
		if rng.IntN(25) == 0 {
			if err := w.correct(e, fmt.Sprint("c", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.sim.Advance(now.Add(10 * engine.Day)); err != nil {
		t.Fatal(err)
	}
	return w
}

// pause stops the care, or lets it go on.
func (w *explainWorld) pause(begin bool, now engine.Time) error {
	if err := w.sim.Advance(now); err != nil {
		return err
	}
	return w.sim.Rule(func(old *engine.Rulings) (*engine.Rulings, error) {
		if begin {
			return old.WithPause(engine.Pause{Scope: engine.PauseWorkflow, Name: "care", From: now, By: "somebody"}), nil
		}
		return old.WithoutPause(engine.PauseWorkflow, "care", now), nil
	})
}

// correct says of an event that it never happened.
func (w *explainWorld) correct(e engine.Event, id string) error {
	c := engine.Correction{ID: id, Fact: e.ID, Source: e.Source, Never: true, Who: "somebody", Why: "it was a test"}
	lead := w.sim.Find(e.Strongest())
	if lead == nil {
		return nil
	}
	return w.sim.Correct(lead.Whole(), c)
}

// someEvent is something that one of a few people does.
func someEvent(rng *rand.Rand, i int) engine.Event {
	who := rng.IntN(6)
	e := engine.Event{Kind: engine.Track, ID: fmt.Sprint("m", i), Source: "test", User: fmt.Sprint("u", who)}
	if who == 5 {
		e.User, e.Visitor = "", "v1"
	}
	text := func(name, v string) engine.Field { return engine.Field{Name: name, Value: engine.TextValue(v)} }
	number := func(name string, n int) engine.Field {
		return engine.Field{Name: name, Value: engine.NumberValue(float64(n))}
	}
	pick := func(list ...string) string { return list[rng.IntN(len(list))] }
	switch n := rng.IntN(20); {
	case n < 10:
		e.Kind, e.Name, e.Fields = engine.Page, "", []engine.Field{text("path", pick("/", "/case", "/pricing", "/pricing/a", "/pricing/none"))}
	case n < 12:
		e.Name, e.Fields = "asked", []engine.Field{number("seats", rng.IntN(12))}
	case n < 15:
		e.Kind = engine.Identify
		e.Fields = []engine.Field{text("email", fmt.Sprint(who, "@example.com")), number("employees", 50+rng.IntN(200)), text("title", pick("部長", "担当", "営業部長")), text("industry", pick("saas", "retail", "other"))}
	case n < 17:
		e.Name, e.Fields = "consent_given", []engine.Field{text("purpose", pick("marketing", "marketing", "other"))}
	case n < 18:
		e.Name = pick("unsubscribed", "deal")
	case n < 19 && e.User != "":
		e.Visitor = "v1" // who was nobody becomes known
		e.Kind, e.Fields = engine.Page, []engine.Field{text("path", "/")}
	default:
		e.Name = pick("toss_up_accepted", "toss_up_rejected")
	}
	return e
}

// TestExplainAgreesWithTheDecisionLog takes ten thousand decisions by chance out of
// random histories and explains each from the facts alone: the lead's journal is run
// again under the rules of then, and the rule that the decision rests on is looked at
// anew. Verdict, conditions and every value that they saw are those of the log.
func TestExplainAgreesWithTheDecisionLog(t *testing.T) {
	t.Parallel()
	programs := explainVariants(t)
	const want = 10_000
	kinds, revisions := map[engine.DecisionKind]int{}, map[uint32]int{}
	compared, judged, values, worlds, gaps := 0, 0, 0, 0, 0
	for seed := uint64(1); compared < want; seed++ {
		w := newExplainWorld(t, programs, seed)
		worlds++
		memory := w.memory()
		rng := rand.New(rand.NewPCG(seed, 11))
		whole := map[engine.LeadID]*history.Recalled{}
		for i, pick := range pickDecisions(t, w, rng, min(180, want-compared)) {
			r, err := whole[pick.lead], error(nil)
			switch {
			case i%20 == 0: // as it stood right after that row, and nothing that came later
				r, err = memory.RecallRow(pick.lead, pick.row.Seq)
			case r == nil:
				r, err = memory.Recall(pick.lead, 0)
				whole[pick.lead] = r
			}
			if err != nil {
				t.Fatalf("world %d: %v", seed, err)
			}
			if len(r.Gaps) > 0 {
				gaps++
			}
			row := slices.IndexFunc(r.Rows, func(f engine.Fact) bool { return f.Seq == pick.row.Seq })
			d := r.Explain(row, pick.n)
			if err := agrees(&d, &pick.row.Decisions[pick.n]); err != nil {
				t.Fatalf("world %d, lead %v, row %d, decision %d: %v", seed, pick.lead, pick.row.Seq, pick.n, err)
			}
			compared++
			kinds[d.Decision.Kind]++
			revisions[d.Row.Revision]++
			if d.Rule.Block != "" {
				judged++
			}
			for _, reason := range d.Again {
				values += len(reason.Facts)
			}
		}
	}
	t.Logf("%d decisions of %d worlds agree: %d rest on conditions, %d values compared, by revision %v, %v", compared, worlds, judged, values, revisions, kinds)
	if gaps > 0 {
		t.Errorf("%d of %d histories could not be run again as they were", gaps, compared)
	}
	for i := range programs {
		if n := revisions[programs[i].Revision()]; n < want/10 {
			t.Errorf("only %d of %d decisions are of revision %d", n, compared, programs[i].Revision())
		}
	}
	if judged < want/4 {
		t.Errorf("only %d of %d decisions rest on a condition: the worlds are too quiet to show anything", judged, compared)
	}
}

type picked struct {
	lead engine.LeadID
	row  engine.Fact
	n    int
}

// pickDecisions takes some decisions by chance out of a world's log.
func pickDecisions(t testing.TB, w *explainWorld, rng *rand.Rand, most int) []picked {
	t.Helper()
	var all []picked
	for _, id := range w.sim.All() {
		if l := w.sim.Lead(id); l.Entity != engine.NoEntity {
			continue
		}
		err := w.Facts(0, id, func(f *engine.Fact) error {
			for n := range f.Decisions {
				all = append(all, picked{id, *f, n})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(most, len(all))]
}

// agrees reports how an explanation differs from what the log says.
func agrees(d *history.Decided, logged *engine.Decision) error {
	if d.Decision.Kind != logged.Kind || d.Decision.Subject != logged.Subject || d.Decision.Detail != logged.Detail {
		return fmt.Errorf("explains %v %s %s, the log says %v %s %s", d.Decision.Kind, d.Decision.Subject, d.Decision.Detail, logged.Kind, logged.Subject, logged.Detail)
	}
	if !conditioned(logged.Kind) || len(logged.Because) == 0 {
		return nil
	}
	if len(d.Again) != len(logged.Because) {
		return fmt.Errorf("%v %s: %d conditions explain what %d decided", logged.Kind, logged.Subject, len(d.Again), len(logged.Because))
	}
	for i := range d.Again {
		again, then := &d.Again[i], &logged.Because[i]
		if again.Source != then.Source || again.Holds != then.Holds || !slices.Equal(again.Facts, then.Facts) {
			return fmt.Errorf("%v %s: explained as\n%+v\nthe log says\n%+v", logged.Kind, logged.Subject, *again, *then)
		}
	}
	return nil
}

// conditioned reports a kind of decision whose reasons are conditions of the rules.
func conditioned(kind engine.DecisionKind) bool {
	switch kind {
	case engine.TossedUp, engine.Held, engine.Queued, engine.Enrolled, engine.HeldOut, engine.Joined:
		return true
	}
	return false
}
