package runner

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// recountSpec counts in every way that there is. The second variant counts one
// thing more.
func recountSpec(variant int) *engine.Spec {
	fields := []engine.AttrSpec{{Name: "message", Kind: engine.Text}, {Name: "step", Kind: engine.Text}}
	ofClick := append([]engine.AttrSpec{{Name: "link", Kind: engine.Text}, {Name: "verdict", Kind: engine.Text}}, fields...)
	spec := &engine.Spec{
		Name: "recount", Zone: time.UTC,
		Events: []engine.EventSpec{
			{Name: "visit", Fields: fields},
			{Name: "touch", Fields: fields},
			{Name: "email_clicked", Fields: ofClick},
			{Name: "email_clicked_machine", Fields: ofClick},
		},
		Scores: []engine.ScoreSpec{{Name: "interest", Rules: []engine.ScoreRule{{Name: "click", On: "email_clicked", Points: 3}}}},
		KPIs: []engine.KPISpec{
			{Name: "visits", Count: "visit", By: []string{"step", "month"}},
			{Name: "people", Count: "visit", Once: engine.OnceEver},
			{Name: "clickers", Count: "email_clicked", Once: engine.OnceMonthly},
			{Name: "clicks", Count: "email_clicked", By: []string{"step"}},
			{Name: "worth", Count: "email_clicked", Sum: &engine.AttrSpec{Name: "worth", Kind: engine.Number}, By: []string{"step"}},
			{Name: "click_rate", Rate: "email_clicked", Of: "touch", Within: 7 * engine.Day, By: []string{"step"}},
			{Name: "visit_rate", Rate: "visit", Of: "touch", Within: 2 * engine.Day},
		},
	}
	if variant == 1 {
		spec.KPIs = append(spec.KPIs, engine.KPISpec{Name: "more_visits", Count: "visit"})
	}
	return spec
}

// After random streams with late, repeated and re-judged events, with crashes and
// changes of rules, every counter of the store is what the journals tell.
func TestCountersAreWhatTheJournalTells(t *testing.T) {
	t.Parallel()
	for seed := range *seeds {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			h := newHistory(t, 2000+seed, recountSpec)
			h.crowded = true
			for range 25 {
				if h.rng.IntN(3) == 0 {
					h.clock.left.Store(int64(1 + h.rng.IntN(200)))
				}
				if h.rng.IntN(8) == 0 {
					h.swap()
				}
				h.submit(h.touches())
				if h.rng.IntN(2) == 0 {
					h.correctSome()
				}
				h.pass([]time.Duration{0, time.Minute, 5 * time.Hour, 60 * time.Hour}[h.rng.IntN(4)])
			}
			h.clock.left.Store(-1)
			h.recounted()
		})
	}
}

// touches are some mails, visits and clicks: some late, some known already, and
// clicks that later ones, or what their sender says of them, show to be a machine's.
func (h *history) touches() []engine.Event {
	var events []engine.Event
	for range 1 + h.rng.IntN(30) {
		if len(h.sent) > 0 && h.rng.IntN(10) == 0 {
			events = append(events, h.sent[h.rng.IntN(len(h.sent))])
			continue
		}
		h.events++
		e := h.event(strconv.Itoa(h.events), userOf(h.rng.IntN(6)), []string{"visit", "touch", "email_clicked", "email_clicked"}[h.rng.IntN(4)])
		add := func(name, value string) {
			e.Fields = append(e.Fields, engine.Field{Name: name, Value: engine.TextValue(value)})
		}
		if mails := h.mails(e.User); e.Name == "touch" || len(mails) == 0 {
			add("message", e.User+"-"+e.ID)
		} else if e.Name == "email_clicked" {
			add("message", mails[len(mails)-1-h.rng.IntN(min(3, len(mails)))])
		}
		add("step", []string{"one", "two"}[h.rng.IntN(2)])
		if e.Name == "email_clicked" {
			add("link", fmt.Sprint("link-", h.rng.IntN(4)))
			add("Worth", fmt.Sprint(float64(h.rng.IntN(4000)-1000)/8))
			e.Context = `{"userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"}`
		}
		if h.rng.IntN(4) == 0 {
			e.At = e.At.Add(-engine.Span(h.rng.IntN(int(2 * engine.Day))))
		}
		events = append(events, e)
		h.sent = append(h.sent, e)
	}
	return events
}

// mails are the messages that a person was sent.
func (h *history) mails(user string) []string {
	var mails []string
	for i := range h.sent {
		if e := &h.sent[i]; e.Name == "touch" && e.User == user {
			mails = append(mails, user+"-"+e.ID)
		}
	}
	return mails
}

// recounted holds the store's counters against the journals.
func (h *history) recounted() {
	h.t.Helper()
	want := map[engine.Delta]int64{}
	p := h.runner.Program()
	frame := engine.NewFrame()
	rejudged := 0
	for i := range 6 {
		id := engine.Identifier{Kind: engine.ByUser, Value: userOf(i)}.Lead()
		facts := storedFacts{h}
		err := p.Recount(frame, &engine.Lead{ID: id}, facts, func(revision uint32) *engine.Program { return h.revised[revision] }, func(d engine.Delta) error {
			n := d.N
			d.N = 0
			want[d] += n
			return nil
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	names := map[string]bool{"event:email_clicked_machine": true, "event:email_clicked": true, "event:visit": true, "event:touch": true}
	for _, variant := range h.programs {
		for _, k := range variant.Spec().KPIs {
			names["kpi:"+k.Name] = true
		}
	}
	for d := range want {
		names[d.Name] = true
	}
	for name := range names {
		err := h.store.Counts(name, 0, math.MaxInt64, func(d engine.Delta) error {
			n := d.N
			d.N = 0
			if strings.HasSuffix(name, "machine") {
				rejudged += int(n)
			}
			if want[d] != n {
				h.t.Errorf("seed %d: %s in hour %d, part %d, %q: counted %d, the journal tells %d", h.seed, name, d.Hour, d.Part, d.Labels, n, want[d])
			}
			delete(want, d)
			return nil
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	for d, n := range want {
		h.t.Errorf("seed %d: %s in hour %d, part %d, %q: counted nothing, the journal tells %d", h.seed, d.Name, d.Hour, d.Part, d.Labels, n)
	}
	h.t.Logf("seed %d: %d events, %d crashes, %d by machines", h.seed, h.events, h.crashes, rejudged)
}

// storedFacts reads a lead's facts.
type storedFacts struct {
	h *history
}

func (j storedFacts) Facts(id engine.LeadID, yield func(*engine.Fact) error) error {
	return j.h.store.Facts(id.Partition(j.h.parts), id, yield)
}
