package main_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/sim"
	"github.com/seed-456efde2/nurture/engine/store"
)

// orderRules are the rules of the recorded shops, with folds that depend on more
// than the last fact: points that fade and are capped by the day, points by what was
// known at the event, a consent, windows.
const orderRules = `
score "interest" {
  half_life = "90d"
  range     = [0, 100]

  rule "contact" {
    on      = event.contact_requested
    when    = "lead.origin in ['organic_search', 'social', 'email']"
    points  = 30
    at_most = "1 per day"
  }

  rule "deal" {
    on     = event.deal_won
    when   = "times('contact_requested') >= 1"
    points = 50
  }
}

consent "contact" {
  granted = event.contact_requested
  when    = "event.origin != 'unknown'"
}

segment "lively" { when = "times('contact_requested', '30d') >= 1 and since('contact_requested') < 10" }
`

// outcomeOf is what an arrival of the events has come to.
type outcomeOf struct {
	leads  int
	folds  string // digest of all leads' folds
	tossed string // digest of who was handed over by which fact
	offers int
}

// Facts that arrive in any order, and three times each, come to the folds and to the
// hand-overs that they come to in order: in the simulator, and in the runner that
// serves.
func TestOlistInAnyOrder(t *testing.T) {
	t.Parallel()
	p := orderProgram(t)
	events := recordedEvents(t)
	orders := []struct {
		name string
		list []engine.Event
	}{
		{"in order", events},
		{"shuffled", shuffled(events, 1, 1)},
		{"shuffled otherwise", shuffled(events, 1, 2)},
		{"three times each, shuffled", shuffled(events, 3, 3)},
	}
	var want outcomeOf
	for i, o := range orders {
		for _, where := range []string{"simulator", "runner"} {
			var got outcomeOf
			if where == "simulator" {
				got = bySimulator(t, p, o.list)
			} else {
				got = byRunner(t, p, o.list)
			}
			t.Logf("%-9s %-26s %6d events: %d leads, folds %.12s, %d hand-overs %.12s", where, o.name, len(o.list), got.leads, got.folds, got.offers, got.tossed)
			if i == 0 && where == "simulator" {
				want = got
			} else if got != want {
				t.Errorf("%s, %s: %+v, not %+v", where, o.name, got, want)
			}
		}
	}
	if n := len(picks(t, "olist")); want.offers != n || want.leads < 8000 {
		t.Errorf("%d leads of %d were handed over, who must be are %d", want.offers, want.leads, n)
	}
}

func orderProgram(t *testing.T) *engine.Program {
	t.Helper()
	rules, err := os.ReadFile("testdata/olist/olist.hcl")
	if err != nil {
		t.Fatal(err)
	}
	w, problems := dsl.Load(fstest.MapFS{
		"olist.hcl": &fstest.MapFile{Data: rules}, "order.hcl": &fstest.MapFile{Data: []byte(orderRules)},
	}, dsl.Options{})
	if w == nil {
		t.Fatal(problems.Render())
	}
	spec := w.Spec
	spec.TossUps[0].HandOver = nil // nobody has to hear of them here
	p, err := engine.NewProgram(spec, w.Digest, 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// recordedEvents are the events of the file, all of them received when the last has
// happened: a recorded year that is sent at once.
func recordedEvents(t *testing.T) []engine.Event {
	t.Helper()
	f, err := os.Open(enginetest.Data(t, "olist/olist.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var events []engine.Event
	last := engine.Time(0)
	err = intake.Lines(f, "web", func(_ int, e engine.Event, problem error) error {
		events = append(events, e)
		last = max(last, e.At)
		return problem
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range events {
		events[i].Received = last
	}
	return events
}

// shuffled are the events, each so many times, in an order by chance.
func shuffled(events []engine.Event, times int, seed uint64) []engine.Event {
	var list []engine.Event
	for range times {
		list = append(list, events...)
	}
	rand.New(rand.NewPCG(seed, 77)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func bySimulator(t *testing.T, p *engine.Program, events []engine.Event) outcomeOf {
	t.Helper()
	s := sim.New(p, sim.Options{Start: events[0].Received})
	for _, e := range events {
		if _, err := s.Submit(e); err != nil {
			t.Fatal(err)
		}
	}
	var all []*engine.Lead
	for _, id := range s.All() {
		all = append(all, s.Lead(id))
	}
	return outcomeFrom(all)
}

func byRunner(t *testing.T, p *engine.Program, events []engine.Event) outcomeOf {
	t.Helper()
	s, err := store.Open(store.Options{Dir: t.TempDir(), Partitions: 16, NoSync: true, Ballast: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	clock := enginetest.NewClock(events[0].Received.In(time.UTC))
	r, err := runner.New(runner.Options{Store: s, Program: p, Sender: nobody{}, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	for batch := range slices.Chunk(events, 500) {
		results, err := r.Submit(t.Context(), slices.Clone(batch))
		if err != nil {
			t.Fatal(err)
		}
		for _, result := range results {
			if result.Err != nil {
				t.Fatal(result.Err)
			}
		}
	}
	if err := r.Quiet(t.Context()); err != nil {
		t.Fatal(err)
	}
	var all []*engine.Lead
	for part := range 16 {
		err := s.Leads(part, engine.LeadID{}, 1<<30, func(id engine.LeadID, row []byte) error {
			l := &engine.Lead{ID: id}
			all = append(all, l)
			return engine.DecodeLead(row, l)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	return outcomeFrom(all)
}

// nobody is behind no channel.
type nobody struct{}

// Send implements runner.Sender.
func (nobody) Send(context.Context, []engine.Request, func(engine.Receipt)) error { return nil }

// outcomeFrom sums up what leads have come to: their folds, in one order whichever
// came first, and what handed them over.
func outcomeFrom(all []*engine.Lead) outcomeOf {
	slices.SortFunc(all, func(a, b *engine.Lead) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	var out outcomeOf
	folds, tossed := sha256.New(), sha256.New()
	for _, l := range all {
		if l.Entity != engine.NoEntity {
			continue
		}
		out.leads++
		plain := engine.Lead{Folds: l.Folds}
		f := &plain.Folds
		f.LastAt, f.LastID = 0, ""
		f.Attrs = slices.SortedFunc(slices.Values(f.Attrs), func(a, b engine.Attr) int { return cmp.Compare(a.Name, b.Name) })
		f.Scores = slices.SortedFunc(slices.Values(f.Scores), func(a, b engine.Score) int { return cmp.Compare(a.Name, b.Name) })
		f.Counts = slices.SortedFunc(slices.Values(f.Counts), func(a, b engine.Count) int { return cmp.Compare(a.Event, b.Event) })
		folds.Write(engine.AppendLead(l.ID[:], &plain))
		for i := range l.Acts.Offers {
			if o := &l.Acts.Offers[i]; o.Count > 0 {
				out.offers += int(o.Count)
				fmt.Fprintln(tossed, l.ID, o.TossUp, o.ID, o.Cause, o.Count)
			}
		}
	}
	out.folds, out.tossed = hex.EncodeToString(folds.Sum(nil)), hex.EncodeToString(tossed.Sum(nil))
	return out
}
