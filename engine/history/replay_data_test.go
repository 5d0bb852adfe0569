package history_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// rulesOf compiles rules that are written in the test.
func rulesOf(t testing.TB, text string) *engine.Spec {
	t.Helper()
	w, problems := dsl.Load(fstest.MapFS{"rules.hcl": &fstest.MapFile{Data: []byte(text)}}, dsl.Options{})
	if w == nil {
		t.Fatal(problems.Render())
	}
	return w.Spec
}

// recordOf reads a file of recorded events.
func recordOf(t testing.TB, name string) []engine.Event {
	t.Helper()
	f, err := os.Open(enginetest.Data(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var events []engine.Event
	err = intake.Lines(f, "test", func(_ int, e engine.Event, problem error) error {
		if problem == nil {
			events = append(events, e)
		}
		return problem
	})
	if err != nil {
		t.Fatal(err)
	}
	return events
}

// visit is one line of a data set, read without any of ours.
type visit struct {
	Type, Event, UserID string
	Timestamp           time.Time
	Traits, Properties  map[string]any
}

// figures are what a rule is judged by, computed by hand.
type figures struct {
	leads, won, outcomes, found int
	precision, recall           float64
	median, p90                 float64
}

// byHand reads the file line by line and applies a rule that is a Go function: who is
// picked at which line, and what came of it.
func byHand(t *testing.T, name, outcome string, within time.Duration, picks func(v *visit) bool) figures {
	t.Helper()
	f, err := os.Open(enginetest.Data(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	picked, won := map[string]time.Time{}, map[string]time.Time{}
	var end time.Time
	lines := bufio.NewScanner(z)
	for lines.Scan() {
		var v visit
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if v.Timestamp.After(end) {
			end = v.Timestamp
		}
		if v.Event == outcome {
			won[v.UserID] = v.Timestamp
		} else if picks(&v) && picked[v.UserID].IsZero() {
			picked[v.UserID] = v.Timestamp
		}
	}
	var days []float64
	x := figures{leads: len(picked), outcomes: len(won)}
	judged, ripe := 0, 0
	for user, at := range picked {
		out, had := won[user]
		over := within == 0 || !at.Add(within).After(end)
		if over {
			judged++
		}
		if had && !out.Before(at) && (within == 0 || !out.After(at.Add(within))) {
			x.won++
			days = append(days, out.Sub(at).Hours()/24)
			if over {
				ripe++
			}
		}
		if had && !out.Before(at) {
			x.found++
		}
	}
	slices.Sort(days)
	x.precision, x.recall = float64(ripe)/float64(judged), float64(x.found)/float64(x.outcomes)
	x.median, x.p90 = days[(len(days)+1)/2-1], days[int(math.Ceil(0.9*float64(len(days))))-1]
	return x
}

const olistRules = `
project "olist" { timezone = "UTC" }
lead {
  text "origin" {}
}
event "contact_requested" {
  name = "Contact Requested"
  text "origin" {}
}
event "deal_won" { name = "Deal Won" }
`

const bankRules = `
project "bank" { timezone = "UTC" }
lead {
  number "age" {}
}
event "call_made" {
  name = "Call Made"
  text   "previous_outcome" {}
  number "euribor3m" {}
}
event "deposit_subscribed" { name = "Deposit Subscribed" }
`

// What replay says of a rule is what a few lines of Go say that read the same file
// and know nothing of the engine: precision, recall and lead time, of two sets of
// rules each, on what companies really recorded.
func TestReplayAgreesWithAnIndependentComputation(t *testing.T) {
	t.Parallel()
	searched := []any{"paid_search", "organic_search", "direct_traffic", "unknown"}
	points := map[any]int{"paid_search": 60, "organic_search": 40, "email": 20}
	for _, c := range []struct {
		name, data, outcome, event string
		within                     time.Duration
		rules                      [2]string
		picks                      [2]func(v *visit) bool
		precision, recall          string // of the first rules, as the data's own page says
		leads                      int
	}{
		{
			name: "olist", data: "olist/olist.ndjson.gz", outcome: "Deal Won", event: "deal_won",
			rules: [2]string{
				olistRules + `toss_up "x" {
  on   = event.contact_requested
  when = "event.origin in ['paid_search', 'organic_search', 'direct_traffic', 'unknown']"
}`,
				olistRules + `score "interest" {
  rule "paid" {
    on     = event.contact_requested
    when   = "event.origin == 'paid_search'"
    points = 60
  }
  rule "organic" {
    on     = event.contact_requested
    when   = "event.origin == 'organic_search'"
    points = 40
  }
  rule "mail" {
    on     = event.contact_requested
    when   = "event.origin == 'email'"
    points = 20
  }
}
toss_up "x" { when = "score.interest >= 40" }`,
			},
			picks: [2]func(v *visit) bool{
				func(v *visit) bool {
					return v.Event == "Contact Requested" && slices.Contains(searched, v.Properties["origin"])
				},
				func(v *visit) bool { return v.Event == "Contact Requested" && points[v.Properties["origin"]] >= 40 },
			},
			precision: "0.128", recall: "0.83", leads: 5480,
		},
		{
			name: "bank", data: "bank/bank.ndjson.gz", outcome: "Deposit Subscribed", event: "deposit_subscribed", within: 2 * time.Hour,
			rules: [2]string{
				bankRules + `toss_up "x" {
  on   = event.call_made
  when = "event.previous_outcome == 'success' or event.euribor3m < 1.3"
}`,
				bankRules + `toss_up "x" {
  on   = event.call_made
  when = "event.previous_outcome == 'success'"
}`,
			},
			picks: [2]func(v *visit) bool{
				func(v *visit) bool {
					rate, ok := v.Properties["euribor3m"].(float64)
					return v.Event == "Call Made" && (v.Properties["previous_outcome"] == "success" || ok && rate < 1.3)
				},
				func(v *visit) bool { return v.Event == "Call Made" && v.Properties["previous_outcome"] == "success" },
			},
			precision: "0.298", recall: "0.56", leads: 8796,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			events := recordOf(t, c.data)
			var to engine.Time
			for i := range events {
				to = max(to, events[i].At)
			}
			done, err := history.Replay(history.ReplayOptions{
				Source: history.FromEvents(events, ""), To: to, Outcome: c.event, Within: engine.Span(c.within.Milliseconds()),
				Rules: []history.Ruleset{{Name: "a", Spec: rulesOf(t, c.rules[0])}, {Name: "b", Spec: rulesOf(t, c.rules[1])}},
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, set := range done.Sets {
				got, want := set.TossUps[0], byHand(t, c.data, c.outcome, c.within, c.picks[i])
				text := func(precision, recall, median, p90 float64, counts ...int) string {
					return fmt.Sprintf("leads, won, outcomes, found %v, precision %.6f, recall %.6f, median %.4f d, p90 %.4f d", counts, precision, recall, median, p90)
				}
				a := text(*got.Precision, *got.Recall, *got.MedianDays, *got.P90Days, got.Leads, got.Won, got.Outcomes, got.Found)
				b := text(want.precision, want.recall, want.median, want.p90, want.leads, want.won, want.outcomes, want.found)
				t.Logf("%s rules %s: %s", c.name, set.Name, a)
				if a != b {
					t.Errorf("%s rules %s: replay says\n%s\nby hand it is\n%s", c.name, set.Name, a, b)
				}
				if i == 0 && (got.Leads != c.leads || fmt.Sprintf("%.3f", *got.Precision) != c.precision || !strings.HasPrefix(fmt.Sprintf("%.3f", *got.Recall), c.recall)) {
					t.Errorf("%s: %d leads, precision %.3f, recall %.3f; the data's own page says %d, %s, %s", c.name, got.Leads, *got.Precision, *got.Recall, c.leads, c.precision, c.recall)
				}
			}
			d := done.Differences[0]
			t.Logf("%s: both %d, gained %d, lost %d", c.name, d.Both, len(d.Gained), len(d.Lost))
			if d.Both+len(d.Lost) != done.Sets[0].TossUps[0].Leads || d.Both+len(d.Gained) != done.Sets[1].TossUps[0].Leads {
				t.Errorf("%s: the differences do not add up: %d in both, %d gained, %d lost", c.name, d.Both, len(d.Gained), len(d.Lost))
			}
		})
	}
}
