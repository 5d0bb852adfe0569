package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// hitSpec sends one mail and counts who opens and clicks.
func hitSpec() *engine.Spec {
	s := policySpec(engine.PolicySpec{}, engine.SendSpec{})
	ofMessage := []engine.AttrSpec{{Name: "message", Kind: engine.Text}, {Name: "link", Kind: engine.Text}, {Name: "verdict", Kind: engine.Text}}
	s.Events = slices.DeleteFunc(s.Events, func(e engine.EventSpec) bool { return e.Name == "email_clicked" })
	s.Events = append(s.Events,
		engine.EventSpec{Name: "email_clicked", Fields: ofMessage},
		engine.EventSpec{Name: "email_opened", Fields: ofMessage},
		engine.EventSpec{Name: "email_sent", Fields: ofMessage},
		engine.EventSpec{Name: "price_clicked", From: "email_clicked", When: isText(engine.Key{Kind: engine.KeyEvent, Name: "link"}, "price")},
	)
	s.Scores = []engine.ScoreSpec{{Name: "interest", Rules: []engine.ScoreRule{
		{Name: "click", On: "email_clicked", Points: 8}, {Name: "price", On: "price_clicked", Points: 20},
	}}}
	s.KPIs = []engine.KPISpec{
		{Name: "click_rate", Rate: "email_clicked", Of: "email_sent", Within: 7 * engine.Day},
		{Name: "clicks", Count: "email_clicked"},
		{Name: "machines", Count: "email_clicked_machine"},
	}
	s.Events = append(s.Events, engine.EventSpec{Name: "email_clicked_machine", Fields: ofMessage})
	return s
}

// browser is what a person's browser says of itself.
const browser = `{"userAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"}`

type hit struct {
	after engine.Span // of sending
	name  string
	link  string
	told  string
}

func (h hit) event(sent engine.Time, message string, n int) engine.Event {
	e := engine.Event{
		Kind: engine.Track, Name: h.name, ID: fmt.Sprintf("h%02d", n), User: "tanaka", At: sent.Add(h.after), Context: browser,
		Fields: []engine.Field{text("message", message)},
	}
	if h.link != "" {
		e.Fields = append(e.Fields, text("link", h.link))
	}
	if h.told != "" {
		e.Fields = append(e.Fields, text("verdict", h.told))
	}
	return e
}

// counts are the sums of counters over all hours and labels.
type counts map[string]int64

func (c counts) add(d engine.Delta) { c[fmt.Sprint(d.Name, "/", d.Part)] += d.N }

// hitsWorld has sent one mail.
func hitsWorld(t *testing.T, sum counts) (w *world, message string) {
	t.Helper()
	w = newWorld(t, hitSpec(), sim.Options{OnCount: sum.add})
	w.identify()
	w.track("go")
	return w, w.Sent()[0].Key.String()
}

// TestFault15 — what a scanner opens and clicks gives no points and no success, even
// where only the company of later clicks shows it.
func TestFault15Scanners(t *testing.T) {
	t.Parallel()
	h := engine.Hour
	for _, c := range []struct {
		name          string
		hits          []hit
		score         float64
		human, robots int64 // clicks
		rate          int64
	}{
		{"a person", []hit{{h, "email_opened", "", ""}, {h + 5000, "email_clicked", "price", ""}}, 28, 1, 0, 1},
		{"a click in the second of sending", []hit{{800, "email_clicked", "price", ""}}, 0, 0, 1, 0},
		{"all links at once", []hit{{h, "email_clicked", "price", ""}, {h + 300, "email_clicked", "case", ""}, {h + 600, "email_clicked", "stop", ""}}, 0, 0, 3, 0},
		{"a scanner, then a person", []hit{
			{h, "email_clicked", "price", ""}, {h + 300, "email_clicked", "case", ""}, {3 * h, "email_clicked", "case", ""},
		}, 8, 1, 2, 1},
		{"a person, then a scanner", []hit{
			{h, "email_clicked", "price", ""}, {3 * h, "email_clicked", "price", ""}, {3*h + 300, "email_clicked", "case", ""},
		}, 28, 1, 2, 1},
		{"the channel knows a machine", []hit{{h, "email_clicked", "price", "machine"}}, 0, 0, 1, 0},
		{"the channel knows a person", []hit{{800, "email_clicked", "price", "human"}}, 28, 1, 0, 1},
	} {
		for _, order := range permutations(len(c.hits)) {
			sum := counts{}
			w, message := hitsWorld(t, sum)
			sent := w.Now()
			w.after(4 * h)
			for _, i := range order {
				if _, err := w.Submit(c.hits[i].event(sent, message, i)); err != nil {
					t.Fatal(err)
				}
			}
			name := fmt.Sprint(c.name, " ", order, ": ")
			w.want(name+"score", w.score(), c.score)
			w.want(name+"clicks", sum["event:email_clicked/0"], c.human)
			w.want(name+"machine clicks", sum["event:email_clicked_machine/0"], c.robots)
			w.want(name+"counted clicks", sum["kpi:clicks/0"], c.human)
			w.want(name+"counted machines", sum["kpi:machines/0"], c.robots)
			w.want(name+"clicked messages", sum["kpi:click_rate/0"], c.rate)
			w.want(name+"sent messages", sum["kpi:click_rate/1"], int64(1))
		}
	}
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{{}}
	}
	var all [][]int
	for _, p := range permutations(n - 1) {
		for i := 0; i <= len(p); i++ {
			all = append(all, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return all
}

// A verdict that is changed later is recorded with its reason, and undoes no step.
func TestLaterVerdictIsRecordedAndUndoesNoAct(t *testing.T) {
	t.Parallel()
	var judged []string
	s := hitSpec()
	s.Stages = []engine.StageSpec{{Name: "lead"}, {Name: "hot", Enter: atLeast(interest, 20)}}
	w := newWorld(t, s, sim.Options{OnFact: func(_ engine.LeadID, row *engine.Fact) {
		for _, d := range row.Decisions {
			if d.Kind == engine.Judged {
				judged = append(judged, d.Because[0].Facts[0].Value.Text()+" "+d.Detail)
			}
		}
	}})
	w.identify()
	w.track("go")
	sent, message := w.Now(), w.Sent()[0].Key.String()
	w.after(engine.Hour)
	for i, h := range []hit{{engine.Hour, "email_clicked", "price", ""}, {engine.Hour + 300, "email_clicked", "case", ""}} {
		if i == 1 {
			w.want("stage", w.tanaka().Acts.Stage, "hot")
		}
		if _, err := w.Submit(h.event(sent, message, i)); err != nil {
			t.Fatal(err)
		}
	}
	w.want("score", w.score(), 0.0)
	w.want("stage stays", w.tanaka().Acts.Stage, "hot")
	w.want("judged", judged, []string{"h00 human ordinary", "h01 machine burst", "h00 machine burst"})
}

// A hit that is known before the mail server has answered is judged when it has.
func TestHitBeforeTheReceipt(t *testing.T) {
	t.Parallel()
	sum := counts{}
	var w *world
	early := true
	w = newWorld(t, hitSpec(), sim.Options{OnCount: sum.add, Reply: func(r engine.Request) engine.Receipt {
		if early {
			early = false
			return engine.Receipt{Outcome: engine.Retry, RetryAfter: time.Minute}
		}
		return engine.Receipt{Outcome: engine.Done}
	}})
	s := w.Program().Spec()
	s.Channels[0].Retry = engine.RetrySpec{Times: 3, Over: engine.Hour}
	w.identify()
	w.track("go")
	message := w.Sent()[0].Key.String()
	w.after(59 * engine.Second)
	if _, err := w.Submit(hit{0, "email_clicked", "price", ""}.event(w.Now(), message, 1)); err != nil {
		t.Fatal(err)
	}
	w.want("points while nothing is known", w.score(), 28.0)
	w.after(2 * engine.Second)
	w.want("attempts", w.sent("mail"), 2)
	w.want("points for a click before the mail went", w.score(), 0.0)
	w.want("clicks", sum["event:email_clicked/0"], int64(0))
	w.want("machine clicks", sum["event:email_clicked_machine/0"], int64(1))
}

// Folds, verdicts among them, are the same in whatever order hits arrive, and are
// what the journal folds to.
func TestVerdictsDoNotDependOnArrival(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 15))
		var first []byte
		var want string
		hits := make([]hit, 3+r.IntN(40))
		at := engine.Minute
		for i := range hits {
			at += engine.Span(r.Int64N(int64([]engine.Span{500, 2000, 20 * engine.Second, engine.Hour}[r.IntN(4)])))
			hits[i] = hit{at, []string{"email_clicked", "email_clicked", "email_opened"}[r.IntN(3)], "", ""}
			if hits[i].name == "email_clicked" {
				hits[i].link = []string{"price", "case", "stop"}[r.IntN(3)]
			}
			if r.IntN(9) == 0 {
				hits[i].told = []string{"human", "machine"}[r.IntN(2)]
			}
		}
		for round := range 3 {
			sum := counts{}
			w, message := hitsWorld(t, sum)
			sent := w.Now()
			w.after(at)
			order := r.Perm(len(hits))
			if round == 0 {
				slices.Sort(order)
			}
			for _, i := range order {
				if _, err := w.Submit(hits[i].event(sent, message, i)); err != nil {
					t.Fatal(err)
				}
			}
			got := leadFolds(w.tanaka())
			tally := fmt.Sprint(sum["event:email_clicked/0"], sum["event:email_clicked_machine/0"], sum["kpi:clicks/0"], sum["kpi:machines/0"], sum["kpi:click_rate/0"], sum["event:price_clicked/0"])
			if round == 0 {
				first, want = got, tally
			}
			if !bytes.Equal(got, first) {
				t.Fatalf("seed %d: folds differ by order of arrival", seed)
			}
			if len(hits) <= engine.MaxHits && tally != want {
				t.Fatalf("seed %d, order %v: counted %s, in order %s", seed, order, tally, want)
			}
			if again := refolded(t, w); !bytes.Equal(got, again) {
				t.Fatalf("seed %d: the journal folds to something else", seed)
			}
		}
	}
}

// leadFolds is the stored form of a lead's folds and nothing else.
func leadFolds(l *engine.Lead) []byte {
	c := engine.Lead{Folds: l.Folds}
	c.Folds.Attrs = slices.Clone(c.Folds.Attrs)
	slices.SortFunc(c.Folds.Attrs, func(a, b engine.Attr) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	c.Folds.Counts = slices.Clone(c.Folds.Counts)
	slices.SortFunc(c.Folds.Counts, func(a, b engine.Count) int { return bytes.Compare([]byte(a.Event), []byte(b.Event)) })
	c.Folds.Scores = slices.Clone(c.Folds.Scores)
	slices.SortFunc(c.Folds.Scores, func(a, b engine.Score) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return engine.AppendLead(nil, &c)
}

// refolded are the folds of the lead as its journal alone gives them.
func refolded(t *testing.T, w *world) []byte {
	t.Helper()
	var copy engine.Lead
	if err := engine.DecodeLead(engine.AppendLead(nil, w.tanaka()), &copy); err != nil {
		t.Fatal(err)
	}
	copy.ID = w.tanaka().ID
	copy.Folds.Digest = 0
	tick := engine.Event{Kind: engine.Tick, Lead: copy.ID, At: copy.Now, Received: w.Now()}
	var fx engine.Effects
	if err := w.Program().Decide(engine.NewFrame(), &copy, &tick, w, &fx); err != nil {
		t.Fatal(err)
	}
	return leadFolds(&copy)
}
