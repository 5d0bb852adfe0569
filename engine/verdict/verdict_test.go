package verdict

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/seed-456efde2/nurture/engine/enginetest/seeded"
)

const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	sent   = 1_000_000 * second
)

// Each line is a message: hits as "seconds-after-the-hand-over link class", and what is
// said of each.
func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, hits, want string }{
		{"a person reads and clicks", "60 - browser, 75 price browser", "human ordinary, human ordinary"},
		{"a person clicks, pictures being off", "75 price browser", "human ordinary"},
		{"two links, one after the other", "60 price browser, 64 case browser", "human ordinary, human ordinary"},
		{"a double click", "60 price browser, 60.2 price browser", "human ordinary, human ordinary"},
		{"four clicks on one link", "60 a browser, 61 a browser, 62 a browser, 63 a browser", "human ordinary, human ordinary, human ordinary, human ordinary"},
		{"a scanner that hides, a second apart", "600 a browser, 601 b browser", "machine burst, machine burst"},
		{"a scanner that hides, and waits", "60 a browser, 62 b browser, 64 c browser", "machine burst, machine burst, machine burst"},
		{"a slow scanner", "60 a browser, 64 b browser, 69 c browser, 74 d browser, 79 e browser", strings.Repeat("machine burst, ", 4) + "machine burst"},
		{"its open", "60.5 - browser, 61 a browser, 61.5 b browser, 3600 - browser", "machine company, machine burst, machine burst, human ordinary"},
		{"a person after the scanner", "6 a browser, 7 b browser, 300 a browser", "machine burst, machine burst, human ordinary"},
		{"five clicks on one link", "60 a browser, 61 a browser, 62 a browser, 63 a browser, 64 a browser", strings.Repeat("machine repeat, ", 4) + "machine repeat"},
		{"at once", "1 - browser, 4.9 a browser", "machine instant, machine instant"},
		{"quick, but a person may be", "2 - browser, 5 a browser", "human ordinary, human ordinary"},
		{"before the hand-over", "-3 a browser", "machine early"},
		{"the trap, and who came with it", "100 trap trapped, 109 a browser, 91 - browser, 111 b browser", "machine trap, machine company, machine company, human ordinary"},
		{"a filter at the moment of the click", "100 a scanner, 101 a browser", "machine filter, human ordinary"},
		{"the head, and then the page", "100 a head, 100.2 a browser", "machine head, human ordinary"},
		{"Apple fetches everything", "30 - prefetcher, 7200 a prefetcher", "machine prefetched, human ordinary"},
		{"Gmail fetches for a person", "3600 - proxy", "human by_proxy"},
		{"Gmail fetches at once", "1 - proxy", "machine instant"},
		{"a vendor's network, soon", "300 a likely", "machine maybe_filter"},
		{"a person seen through it, later", "3600 a likely", "human ordinary"},
		{"a program", "100 a tool, 200 - tool", "machine program, machine program"},
		{"a card", "100 a preview", "machine card"},
		{"no agent", "100 a nameless, 100 - nameless", "machine no_agent, unknown nothing_known"},
		{"a channel told of it", "100 a unseen, 300 - unseen", "unknown nothing_known, unknown nothing_known"},
		{"a channel told of a burst", "100 a unseen, 101 b unseen", "machine burst, machine burst"},
		{"the channel knows better", "100 a browser human, 101 b browser, 102 - scanner human, 103 - browser machine", "human told, machine burst, human told, machine told"},
	} {
		if got := said(Judge(sent, parseHits(t, c.hits))); got != c.want {
			t.Errorf("%s:\n%s\n got %s\nwant %s", c.name, c.hits, got, c.want)
		}
	}
}

// When nothing is known of the hand-over, nothing is too soon.
func TestJudgeWithoutHandOver(t *testing.T) {
	t.Parallel()
	if got := said(Judge(sent, []Hit{{ID: "1", At: sent + hour, Link: "a", Class: 200}})); got != "unknown nothing_known" {
		t.Errorf("a class of a later version: %s", got)
	}
	if got := said(Judge(0, parseHits(t, "1 a browser, 1 - browser, 100 b likely"))); got != "human ordinary, human ordinary, unknown maybe_filter" {
		t.Error(got)
	}
}

var shortClasses = map[string]Class{
	"browser": Browser, "trapped": Trapped, "scanner": Scanner, "head": HeadOnly, "prefetcher": Prefetcher,
	"proxy": PictureProxy, "likely": LikelyScanner, "tool": Tool, "preview": Preview, "nameless": Nameless, "unseen": Unseen,
}

func parseHits(t *testing.T, text string) (hits []Hit) {
	t.Helper()
	for i, part := range strings.Split(text, ", ") {
		words := strings.Fields(part)
		var after float64
		if _, err := fmt.Sscan(words[0], &after); err != nil {
			t.Fatal(err)
		}
		class, ok := shortClasses[words[2]]
		if !ok {
			t.Fatalf("no class %q", words[2])
		}
		h := Hit{ID: fmt.Sprint("hit", i), At: sent + int64(after*1000), Link: strings.TrimPrefix(words[1], "-"), Class: class}
		if len(words) > 3 {
			h.Told = map[string]Verdict{"human": Human, "machine": Machine}[words[3]]
		}
		hits = append(hits, h)
	}
	return hits
}

func said(judgements []Judgement) string {
	var words []string
	for _, j := range judgements {
		words = append(words, j.Verdict.String()+" "+string(j.Reason))
	}
	return strings.Join(words, ", ")
}

// The first click looks like a person's until the second link is followed a second
// later: what was said of it is said anew.
func TestLaterHitJudgesEarlierOnesAnew(t *testing.T) {
	t.Parallel()
	h := Hits{Sent: sent}
	first := h.Add(Hit{ID: "first", At: sent + minute, Link: "a", Class: Browser})
	if got := said(first); got != "human ordinary" || first[0].Settled != sent+minute+20*second {
		t.Fatalf("%s until %d", got, first[0].Settled-sent)
	}
	both := h.Add(Hit{ID: "second", At: sent + minute + second, Link: "b", Class: Browser})
	if got := said(both); got != "machine burst, machine burst" || both[0].ID != "second" || both[1].ID != "first" || both[1].Settled != sent+minute {
		t.Fatalf("%+v", both)
	}
	if again := h.Add(Hit{ID: "first", At: sent + minute, Link: "a", Class: Browser}); said(again) != "machine burst" || len(h.List) != 2 {
		t.Errorf("told again: %+v", again)
	}
	if later := h.Add(Hit{ID: "third", At: sent + hour, Link: "a", Class: Browser}); said(later) != "human ordinary" {
		t.Errorf("an hour later: %+v", later)
	}
}

// The hand-over that becomes known after the hits judges them anew.
func TestHandedOver(t *testing.T) {
	t.Parallel()
	var h Hits
	if got := said(h.Add(Hit{ID: "1", At: sent + second, Link: "a", Class: Browser})); got != "human ordinary" {
		t.Fatal(got)
	}
	if got := said(h.HandedOver(sent)); got != "machine instant" {
		t.Error(got)
	}
	if got := said(h.HandedOver(sent)); got != "" {
		t.Error(got)
	}
}

func drawHit(t *rapid.T) Hit {
	return Hit{
		ID:    fmt.Sprint(rapid.IntRange(0, 1_000_000).Draw(t, "id")),
		At:    sent + rapid.Int64Range(-10, 60).Draw(t, "half seconds")*500,
		Link:  rapid.SampledFrom([]string{"", "", "a", "b", "c", "d", "e"}).Draw(t, "link"),
		Class: Class(rapid.IntRange(0, 11).Draw(t, "class")),
		Told:  rapid.SampledFrom([]Verdict{Unknown, Unknown, Unknown, Human, Machine}).Draw(t, "told"),
	}
}

func drawHits(t *rapid.T, most int) []Hit {
	return rapid.SliceOfNDistinct(rapid.Custom(drawHit), 0, most, func(h Hit) string { return h.ID }).Draw(t, "hits")
}

func shuffled(t *rapid.T, hits []Hit) []Hit {
	turned := slices.Clone(hits)
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	r.Shuffle(len(turned), func(i, j int) { turned[i], turned[j] = turned[j], turned[i] })
	return turned
}

// In whatever order hits become known, the verdicts are the same in the end, more hits
// than are remembered among them; and what Add says step by step adds up to them.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hits := drawHits(t, 60)
		var finals []map[string]Judgement
		for range 2 {
			hits = shuffled(t, hits)
			h := Hits{}
			handed := rapid.IntRange(0, len(hits)).Draw(t, "handed over after")
			latest := map[string]Judgement{}
			note := func(said []Judgement) {
				for _, j := range said {
					latest[j.ID] = j
				}
			}
			for i, hit := range hits {
				if i == handed {
					note(h.HandedOver(sent))
				}
				note(h.Add(hit))
				if len(h.List) > MaxHits {
					t.Fatalf("%d hits are remembered", len(h.List))
				}
			}
			if handed == len(hits) {
				note(h.HandedOver(sent))
			}
			final := map[string]Judgement{}
			for _, j := range Judge(h.Sent, h.List) {
				final[j.ID] = j
				if latest[j.ID] != j {
					t.Fatalf("told %+v, and it is %+v", latest[j.ID], j)
				}
			}
			finals = append(finals, final)
		}
		if fmt.Sprint(finals[0]) != fmt.Sprint(finals[1]) {
			t.Fatalf("one order gives\n%+v\nanother\n%+v", finals[0], finals[1])
		}
	})
}

// One more hit never makes a person of a machine, and changes nothing that was settled
// before it.
func TestMoreHitsOnlyUncoverMachines(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hits := drawHits(t, 20)
		more := drawHit(t)
		more.ID = "more"
		before := Judge(sent, hits)
		after := Judge(sent, append(slices.Clone(hits), more))
		for i, j := range before {
			if j.Verdict == Machine && after[i].Verdict != Machine {
				t.Fatalf("%+v became %+v by %+v", j, after[i], more)
			}
			if j.Verdict != after[i].Verdict && more.At > j.Settled {
				t.Fatalf("%+v was settled and became %+v by %+v", j, after[i], more)
			}
		}
	})
}

// Judge agrees with itself on any part of the hits in any order, and takes anything.
func TestJudgeTakesAnything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hits := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Hit {
			return Hit{
				ID: rapid.String().Draw(t, "id"), At: rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, math.MinInt64, sent}).Draw(t, "at"),
				Link: rapid.String().Draw(t, "link"), Class: Class(rapid.Byte().Draw(t, "class")), Told: Verdict(rapid.Byte().Draw(t, "told")),
			}
		}), 0, 12).Draw(t, "hits")
		out := Judge(rapid.Int64().Draw(t, "sent"), hits)
		for i, j := range out {
			if j.ID != hits[i].ID || j.Reason.Words("ja") == "" {
				t.Fatalf("%+v of %+v", j, hits[i])
			}
		}
	})
}

// People, a few of whom open links in quick succession, and scanners that hide and are
// not always quick. The figures are printed with -v; the bounds say what may go wrong
// and how seldom.
func TestPeopleAndScanners(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	const messages = 5000
	var people, lost, machines, missed int
	for i := range messages {
		var hits []Hit
		truth := map[string]bool{}
		add := func(human bool, at int64, link string, class Class) {
			id := fmt.Sprint(i, "-", len(hits))
			truth[id] = human
			hits = append(hits, Hit{ID: id, At: sent + at, Link: link, Class: class})
		}
		if i%3 == 0 { // a scanner under a browser's name follows all six links within seconds
			at := r.Int64N(10 * minute)
			for link := range 6 {
				at += r.Int64N(3 * second)
				add(false, at, fmt.Sprint("link", link), Browser)
			}
		}
		for at, clicks := minute/2+r.Int64N(48*hour), r.IntN(4); clicks > 0; clicks-- { // a person, link after link
			at += second + r.Int64N(2*minute)
			add(true, at, fmt.Sprint("link", r.IntN(6)), Browser)
		}
		for _, j := range Judge(sent, hits) {
			switch {
			case truth[j.ID] && j.Verdict == Machine:
				lost++
			case !truth[j.ID] && j.Verdict != Machine:
				missed++
			}
			if truth[j.ID] {
				people++
			} else {
				machines++
			}
		}
	}
	t.Logf("%d clicks of people, %.2f %% taken for machines; %d of scanners, %.2f %% taken for people",
		people, 100*float64(lost)/float64(people), machines, 100*float64(missed)/float64(machines))
	if lost*100 > people || missed*20 > machines {
		t.Error("more than one person in a hundred is lost, or more than one scanner in twenty missed")
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for reason := range reasonWords {
		en, ja := reason.Words("en"), reason.Words("ja")
		if en == "" || ja == "" || en == ja || strings.HasSuffix(en, ".") {
			t.Errorf("%s: %q, %q", reason, en, ja)
		}
	}
	if Reason("new").Words("ja") != "new" || Trap.Words("fr") != Trap.Words("en") {
		t.Error("an unknown reason or language has words of its own")
	}
	for verdict, want := range map[Verdict]string{Unknown: "unknown", Human: "human", Machine: "machine", 9: "unknown"} {
		if verdict.String() != want {
			t.Errorf("%d is %q, want %q", verdict, verdict, want)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	full := Hits{Sent: sent}
	for i := range MaxHits {
		full.Add(Hit{ID: fmt.Sprint(i), At: sent + minute + int64(i)*10*second, Link: fmt.Sprint(i % 7), Class: Browser})
	}
	for b.Loop() {
		h := Hits{Sent: sent, List: slices.Clone(full.List)}
		h.Add(Hit{ID: "new", At: sent + hour, Link: "a", Class: Browser})
	}
}
