package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

// Counts calls yield with the sums of a counter in the hours [from, to). It is how
// counters are read, wherever they are kept.
type Counts func(name string, from, to int64, yield func(Delta) error) error

// Confidence is that of the interval beside every rate.
const Confidence = 0.95

// Reading is a figure at an instant.
type Reading struct {
	N, Of    int64 // the count, or a rate's numerator and denominator
	Value    float64
	Known    bool          // there is a value: something was judged
	Rate     bool          // Value is a share, N of Of
	Interval *kpi.Interval // in which a rate may be trusted, nil where none can be told
	Waiting  int64         // not judged yet: too young to have failed
	Enough   bool          // the sample reaches MinSample
}

// PartReading is the figure of one combination of labels.
type PartReading struct {
	Labels string // as in Delta.Labels
	Reading
}

// Empty reports that nothing was counted, nor waits.
func (m *Reading) Empty() bool { return m.N == 0 && m.Of == 0 && m.Waiting == 0 }

// Figure is a key figure with its parts by label. Parts that were counted in the
// time before, and not in the figure's own, are among them and Empty: what is
// watched does not vanish by falling silent.
type Figure struct {
	Spec  *KPISpec
	Total Reading
	Parts []PartReading // in order of Labels
}

// Figures reads the program's key figures from counters, as they are at an instant.
// It is for one goroutine and a moment: what was read once is remembered.
type Figures struct {
	p      *Program
	counts Counts
	now    Time
	span   hours // of a history; zero: every figure's own
	known  map[string]*Figure
	sums   map[string]int64
	err    error
}

// hours is the range [from, to).
type hours struct{ from, to int64 }

// Figures makes a reader of the program's figures.
func (p *Program) Figures(counts Counts, now Time) *Figures {
	return &Figures{p: p, counts: counts, now: now, known: map[string]*Figure{}, sums: map[string]int64{}}
}

// Between is a reader of what was counted in [from, to) alone, for drawing how a
// figure went. What is too young to be judged at the reader's instant stays out.
func (r *Figures) Between(from, to int64) *Figures {
	q := r.p.Figures(r.counts, r.now)
	q.span = hours{from, max(from+1, to)}
	return q
}

// Figure reads one figure. An unknown name is an error, and so is what the counters'
// reader met.
func (r *Figures) Figure(name string) (*Figure, error) {
	f := r.figure(name, 0)
	if r.err != nil {
		return nil, fmt.Errorf("read kpi %s: %w", name, r.err)
	}
	if f == nil {
		return nil, fmt.Errorf("there is no kpi %q", name)
	}
	return f, nil
}

// figure reads a figure once. Formulas that read themselves were refused at load;
// depth keeps a Program that was made otherwise from going on for ever.
func (r *Figures) figure(name string, depth int) *Figure {
	if f := r.known[name]; f != nil {
		return f
	}
	k := r.p.kpiSpec(name)
	if k == nil || depth > len(r.p.spec.KPIs) {
		return nil
	}
	f := &Figure{Spec: k}
	if k.Value != nil {
		f.Total = r.formula(k, depth)
	} else {
		r.counted(f)
	}
	r.known[name] = f
	return f
}

func (p *Program) kpiSpec(name string) *KPISpec {
	for i := range p.spec.KPIs {
		if k := &p.spec.KPIs[i]; k.Name == name {
			return k
		}
	}
	return nil
}

// window is the hours that a figure covers: of a rate those of its deliveries, the
// youngest of which are not ripe.
func (r *Figures) window(over, within Span) hours {
	if r.span != (hours{}) {
		return r.span
	}
	h := hours{0, kpi.HourOfMillis(r.now) + 1}
	if over > 0 {
		h.from = max(0, kpi.HourOfMillis(r.now.Add(-over-within)))
	}
	return h
}

// tallies are counters by hour: counts or numerators in [0], denominators in [1].
type tallies [2]kpi.Counter

// counted reads a figure that is kept as events arrive.
func (r *Figures) counted(f *Figure) {
	k := f.Spec
	h := r.window(k.Over, k.Within)
	parts := map[string]*tallies{}
	var sum tallies
	before := h
	if k.Over > 0 && len(k.By) > 0 {
		before.from = max(0, h.from-(h.to-h.from))
	}
	r.read("kpi:"+k.Name, before, func(d Delta) {
		t := parts[d.Labels]
		if t == nil {
			t = new(tallies)
			parts[d.Labels] = t
		}
		t[d.Part&1].Add(d.Hour, d.N)
		sum[d.Part&1].Add(d.Hour, d.N)
	})
	f.Total = r.reading(k, &sum, h)
	for labels, t := range parts {
		if labels == "" {
			continue
		}
		f.Parts = append(f.Parts, PartReading{labels, r.reading(k, t, h)})
	}
	slices.SortFunc(f.Parts, func(a, b PartReading) int { return strings.Compare(a.Labels, b.Labels) })
}

// read walks a counter.
func (r *Figures) read(name string, h hours, yield func(Delta)) {
	if r.err != nil {
		return
	}
	r.err = r.counts(name, h.from, h.to, func(d Delta) error {
		yield(d)
		return nil
	})
}

func (r *Figures) reading(k *KPISpec, t *tallies, h hours) Reading {
	if k.Rate == "" {
		n := t[0].Sum(h.from, h.to)
		value := k.Total(n)
		return Reading{N: int64(math.Round(value)), Value: value, Known: true, Enough: value >= float64(k.MinSample)}
	}
	ripe := min(h.to, max(h.from, kpi.MatureHours(k.Within, r.now)))
	rate := kpi.Rate{N: t[0].Sum(h.from, ripe), Of: t[1].Sum(h.from, ripe)}
	return ratio(rate, t[1].Sum(ripe, h.to), k.MinSample)
}

// ratio is the reading of a share.
func ratio(rate kpi.Rate, waiting int64, sample int) Reading {
	m := Reading{N: rate.N, Of: rate.Of, Rate: true, Waiting: waiting, Enough: rate.Of >= int64(sample)}
	m.Value, m.Known = rate.Value()
	if i, ok := rate.Wilson(Confidence); ok {
		m.Interval = &i
	}
	return m
}

// formula computes a figure from others.
func (r *Figures) formula(k *KPISpec, depth int) Reading {
	h := r.window(k.Over, 0)
	ripe, waiting := r.ripe(k, h)
	facts := map[string]any{}
	enough := true
	for _, name := range k.Value.Figures() {
		v, known, ample := r.operand(name, hours{h.from, ripe}, depth)
		if known {
			facts[name] = v
		} else {
			facts[name] = nil
		}
		enough = enough && ample
	}
	if n, of, ok := k.Value.Ratio(); ok {
		add := func(names []string) (sum int64) {
			for _, name := range names {
				v, _ := facts[name].(float64)
				sum += int64(v)
			}
			return sum
		}
		m := ratio(kpi.Rate{N: add(n), Of: add(of)}, waiting, k.MinSample)
		m.Enough = m.Enough && enough
		return m
	}
	v, known, err := k.Value.Number(&Vars{Facts: facts})
	if err != nil && r.err == nil {
		r.err = err
	}
	return Reading{Value: v, Known: known && err == nil, Waiting: waiting, N: int64(math.Round(v)), Enough: enough}
}

// ripe is the end of the hours whose hand-overs have had all the time that their
// outcomes have, so that yesterday's hand-over is no failure yet; and how many
// hand-overs wait for theirs. A formula without such outcomes is ripe at once.
func (r *Figures) ripe(k *KPISpec, h hours) (end, waiting int64) {
	end = h.to
	var names []string
	for _, name := range k.Value.Figures() {
		toss, word, ok := tossUpFigure(name)
		if !ok {
			continue
		}
		if !slices.Contains(names, toss) {
			names = append(names, toss)
		}
		if within := r.p.outcomeWithin(toss, word); within > 0 {
			end = min(end, max(h.from, kpi.MatureHours(within, r.now)))
		}
	}
	for _, toss := range names {
		waiting += r.sum("toss_up:"+toss+":offered", hours{end, h.to})
	}
	return end, waiting
}

// tossUpFigure takes "toss_up.NAME.WORD" apart.
func tossUpFigure(name string) (toss, word string, ok bool) {
	rest, ok := strings.CutPrefix(name, "toss_up.")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ".")
}

// outcomeWithin is how long after the hand-over an outcome may still come.
func (p *Program) outcomeWithin(tossUp, word string) Span {
	i, ok := p.tossUp[tossUp]
	if !ok {
		return 0
	}
	spec := p.tossUps[i].spec
	switch word {
	case "succeeded", "opportunities", "won", "lost":
		if spec.Success != nil {
			return spec.Success.Within
		}
	}
	return 0
}

// tossUpCounter is the counter of each word that a formula may say of a toss-up.
var tossUpCounter = map[string]string{
	"handed_over": "offered", "offered": "offered", "accepted": "accepted", "rejected": "rejected", "expired": "expired",
	"succeeded": "opportunity", "opportunities": "opportunity", "won": "won", "lost": "lost", "missed": "missed",
}

// operand is a figure that a formula reads, over its hours. ample is false when it
// rests on too small a sample.
func (r *Figures) operand(name string, h hours, depth int) (v float64, known, ample bool) {
	if toss, word, ok := tossUpFigure(name); ok {
		return float64(r.sum("toss_up:"+toss+":"+tossUpCounter[word], h)), true, true
	}
	if channel, ok := strings.CutPrefix(name, "reachable:"); ok {
		return float64(r.standing("reachable:"+channel, reachableLabel, h.to)), true, true
	}
	space, rest, _ := strings.Cut(name, ".")
	word := rest[:max(0, strings.LastIndexByte(rest, '.'))]
	switch space {
	case "event":
		return float64(r.sum("event:"+word, h)), true, true
	case "stage":
		return float64(r.standing("stage:"+word, "", h.to)), true, true
	case "segment":
		return float64(r.standing(segmentPrefix+word, "", h.to)), true, true
	case "kpi":
		if f := r.figure(word, depth+1); f != nil {
			return f.Total.Value, f.Total.Known, f.Total.Enough
		}
	}
	return 0, false, false
}

// sum adds up a counter over all its labels.
func (r *Figures) sum(name string, h hours) int64 {
	key := fmt.Sprint(name, h)
	if n, ok := r.sums[key]; ok {
		return n
	}
	var n int64
	r.read(name, h, func(d Delta) {
		if d.Part == 0 {
			n += d.N
		}
	})
	r.sums[key] = n
	return n
}

// standing is how many have come and not gone before an hour.
func (r *Figures) standing(name, labels string, before int64) int64 {
	var n int64
	r.read(name, hours{0, before}, func(d Delta) {
		switch {
		case d.Labels != labels:
		case d.Part == 0:
			n += d.N
		default:
			n -= d.N
		}
	})
	return n
}
