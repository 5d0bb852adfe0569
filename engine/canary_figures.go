package engine

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine/kpi"
)

// The figures of a canary's arm are read from its own counters, from its first
// decision on. They are provisional: they do not wait until every message has had its
// time to be answered, because whoever wants to take a harmful change back wants that
// before. What has happened counts at once; what has not happened yet counts as a
// failure only when its time is over.

// ArmConfidence is that of the interval beside a figure of an arm. The interval holds
// however often it is looked at.
const ArmConfidence = 0.95

// ArmReading is a figure of one arm since its canary began.
type ArmReading struct {
	N, Of    int64    // a rate's numerator and denominator with those that wait; a count's N
	Ripe     kpi.Rate // of them, those whose time is over
	Value    float64  // N of Of, the count, or the value of the formula
	Known    bool     // there is a value
	Rate     bool     // Value is a share, or a quotient
	Quotient bool     // it is divided by something, and so needs a sample
	Told     bool     // it can be told for an arm: see Program.GuardProblem
	Enough   bool     // N or Of reaches MinSample
	Interval *kpi.Interval
}

// ArmFigures reads the figures of one arm. It is for one goroutine and a moment.
type ArmFigures struct {
	p      *Program
	r      *Figures
	known  map[string]*ArmReading
	number uint32
}

// ArmFigures makes a reader of the figures of one arm of the program's canary. Figures
// of one name are those of the running rules in both arms; those that only the change
// has are counted in its own arm alone.
func (p *Program) ArmFigures(counts Counts, now Time, arm Arm) *ArmFigures {
	a := &ArmFigures{p: p, known: map[string]*ArmReading{}}
	if p.canary != nil {
		a.number = p.canary.revision
		if arm == CanaryArm {
			a.p = p.canary
		}
	}
	a.r = a.p.Figures(func(name string, from, to int64, yield func(Delta) error) error {
		if a.number == 0 {
			return nil
		}
		return counts(armCounter(a.number, arm, name), from, to, yield)
	}, now)
	return a
}

// Figure reads one figure. An unknown name is an error, and so is what the counters'
// reader met.
func (a *ArmFigures) Figure(name string) (ArmReading, error) {
	m := a.figure(name, 0)
	if a.r.err != nil {
		return ArmReading{}, fmt.Errorf("read kpi %s of an arm: %w", name, a.r.err)
	}
	switch {
	case m != nil:
		return *m, nil
	case a.p.canary != nil && a.p.canary.kpiSpec(name) != nil:
		return ArmReading{}, nil // only the change has it: the others are not counted by it
	}
	return ArmReading{}, fmt.Errorf("there is no kpi %q", name)
}

func (a *ArmFigures) figure(name string, depth int) *ArmReading {
	if m := a.known[name]; m != nil {
		return m
	}
	k := a.p.kpiSpec(name)
	if k == nil || depth > len(a.p.spec.KPIs) {
		return nil
	}
	var m ArmReading
	switch {
	case k.Value != nil:
		m = a.formula(k, depth)
	case k.Rate != "":
		m = a.rate(k)
	default:
		n := a.sum("kpi:"+k.Name, math.MaxInt64, 0)
		value := k.Total(n)
		m = ArmReading{N: int64(math.Round(value)), Value: value, Known: true, Told: true, Enough: value >= float64(k.MinSample)}
	}
	a.known[name] = &m
	return &m
}

// sum adds up an arm's counter before an hour: all of it, whatever its hour, since
// nothing is in it that was there before the canary.
func (a *ArmFigures) sum(name string, before int64, part uint8) int64 {
	var n int64
	a.r.read(name, hours{0, before}, func(d Delta) {
		if d.Part == part {
			n += d.N
		}
	})
	return n
}

func (a *ArmFigures) rate(k *KPISpec) ArmReading {
	name := "kpi:" + k.Name
	ripe := kpi.MatureHours(k.Within, a.r.now)
	if k.Within == 0 {
		ripe = math.MaxInt64 // without a window an answer may come for ever: everything is judged as it stands
	}
	m := ArmReading{
		N: a.sum(name, math.MaxInt64, 0), Of: a.sum(name, math.MaxInt64, 1), Told: true,
		Ripe: kpi.Rate{N: a.sum(name, ripe, 0), Of: a.sum(name, ripe, 1)},
	}
	m.share(k.MinSample)
	return m
}

// share completes the reading of a rate. What may still come makes no upper end: that
// is told by what is ripe alone; what has come already makes a lower one.
func (m *ArmReading) share(sample int) {
	m.Rate, m.Quotient = true, true
	m.Value, m.Known = kpi.Rate{N: m.N, Of: m.Of}.Value()
	m.Enough = m.Of >= int64(sample) && m.Of > 0
	all, ok := kpi.Rate{N: m.N, Of: m.Of}.Sequential(ArmConfidence)
	if !ok {
		return
	}
	m.Interval = &kpi.Interval{Low: all.Low, High: 1}
	if ripe, ok := m.Ripe.Sequential(ArmConfidence); ok {
		m.Interval.High = max(ripe.High, all.Low)
	}
}

// formula computes a figure from others of the same arm.
func (a *ArmFigures) formula(k *KPISpec, depth int) ArmReading {
	end := a.ripe(k)
	facts := map[string]any{}
	m := ArmReading{Told: a.p.GuardProblem(k.Name) == "", Enough: true}
	if !m.Told {
		return m
	}
	n, of, ratio := k.Value.Ratio()
	for _, name := range k.Value.Figures() {
		v, known, enough := a.operand(name, math.MaxInt64, depth)
		facts[name] = nil
		if known {
			facts[name] = v
		}
		m.Enough = m.Enough && enough
	}
	if ratio {
		enough := m.Enough
		m.N, m.Of = a.total(n, math.MaxInt64, depth), a.total(of, math.MaxInt64, depth)
		m.Ripe = kpi.Rate{N: a.total(n, end, depth), Of: a.total(of, end, depth)}
		m.share(k.MinSample)
		m.Enough = m.Enough && enough
		return m
	}
	v, known, err := k.Value.Number(&Vars{Facts: facts})
	if err != nil && a.r.err == nil {
		a.r.err = err
	}
	m.Value, m.Known, m.N, m.Quotient = v, known && err == nil, int64(math.Round(v)), true
	m.Enough = m.Enough && m.Known && m.N >= int64(k.MinSample)
	return m
}

func (a *ArmFigures) total(names []string, before int64, depth int) (sum int64) {
	for _, name := range names {
		v, _, _ := a.operand(name, before, depth)
		sum += int64(v)
	}
	return sum
}

// operand is what a formula reads, counted before an hour.
func (a *ArmFigures) operand(name string, before int64, depth int) (v float64, known, enough bool) {
	if toss, word, ok := tossUpFigure(name); ok {
		return float64(a.sum("toss_up:"+toss+":"+tossUpCounter[word], before, 0)), true, true
	}
	space, rest, _ := strings.Cut(name, ".")
	word := rest[:max(0, strings.LastIndexByte(rest, '.'))]
	switch space {
	case "event":
		return float64(a.sum("event:"+word, before, 0)), true, true
	case "kpi":
		if m := a.figure(word, depth+1); m != nil {
			return m.Value, m.Known, m.Enough
		}
	}
	return 0, false, false
}

// ripe is the end of the hours whose hand-overs have had all the time that their
// outcomes have.
func (a *ArmFigures) ripe(k *KPISpec) int64 {
	end := int64(math.MaxInt64)
	for _, name := range k.Value.Figures() {
		if toss, word, ok := tossUpFigure(name); ok {
			if within := a.p.outcomeWithin(toss, word); within > 0 {
				end = min(end, kpi.MatureHours(within, a.r.now))
			}
		}
	}
	return end
}

// Guard asks a condition over figures ("kpi.NAME.value") of the arm, being sure however
// often it is asked. Each figure may be anything in its interval: the guard fires when
// the condition holds for all of it, is held when it holds for none of it, and is open
// between, and while nothing is known. It does not wait for MinSample, because the
// interval is sure of itself. A count is what it is and has no interval; any other
// formula is compared once its sample is large enough.
func (a *ArmFigures) Guard(c FigureCond) (kpi.GuardState, error) {
	var names []string
	var ends [][]float64
	for _, name := range c.Figures() {
		of, ok := strings.CutPrefix(name, "kpi.")
		if !ok {
			return kpi.GuardOpen, fmt.Errorf("guard %s: it reads %s, and a guard reads kpi.NAME.value", c.Source(), name)
		}
		m, err := a.Figure(strings.TrimSuffix(of, ".value"))
		if err != nil {
			return kpi.GuardOpen, fmt.Errorf("guard %s: %w", c.Source(), err)
		}
		if !m.Told || !m.Known || !m.sure() && !m.Enough {
			return kpi.GuardOpen, nil
		}
		names = append(names, name)
		ends = append(ends, m.ends())
	}
	if len(names) > maxGuardFigures {
		return kpi.GuardOpen, fmt.Errorf("guard %s: it reads more than %d figures", c.Source(), maxGuardFigures)
	}
	return corners(c, names, ends)
}

// maxGuardFigures bounds what one guard reads: its corners are two to that power.
const maxGuardFigures = 8

// sure reports whether the figure is known for what it is without a large sample: a
// count, and a share with its interval.
func (m *ArmReading) sure() bool { return m.Interval != nil || !m.Quotient }

// ends are the least and the greatest value that a figure may have.
func (m *ArmReading) ends() []float64 {
	if m.Rate && m.Interval != nil {
		return []float64{m.Interval.Low, m.Interval.High}
	}
	return []float64{m.Value}
}

// corners asks a condition at every combination of ends. Comparisons are monotone, so
// what holds at all corners holds everywhere between.
func corners(c FigureCond, names []string, ends [][]float64) (kpi.GuardState, error) {
	at := make([]int, len(names))
	yes, no := 0, 0
	for {
		facts := map[string]any{}
		for i, name := range names {
			facts[name] = ends[i][at[i]]
		}
		holds, err := c.Holds(&Vars{Facts: facts})
		switch {
		case err != nil:
			return kpi.GuardOpen, fmt.Errorf("guard %s: %w", c.Source(), err)
		case holds:
			yes++
		default:
			no++
		}
		i := 0
		for i < len(at) && at[i] == len(ends[i])-1 {
			at[i] = 0
			i++
		}
		if i == len(at) {
			break
		}
		at[i]++
	}
	switch {
	case no == 0:
		return kpi.GuardFired, nil
	case yes == 0:
		return kpi.GuardHeld, nil
	}
	return kpi.GuardOpen, nil
}

// GuardProblem says why a figure cannot guard a canary, "" when it can: it reads how
// many stand somewhere, which no arm began with, or there is no such figure.
func (p *Program) GuardProblem(figure string) string {
	return p.guardProblem(figure, nil)
}

func (p *Program) guardProblem(figure string, seen []string) string {
	k := p.kpiSpec(figure)
	switch {
	case k == nil:
		return "kpi." + figure
	case k.Value == nil || slices.Contains(seen, figure):
		return ""
	}
	for _, name := range k.Value.Figures() {
		space, rest, _ := strings.Cut(name, ".")
		switch {
		case strings.HasPrefix(name, "reachable:"), space == "stage", space == "segment":
			return name
		case space == "kpi":
			of := rest[:max(0, strings.LastIndexByte(rest, '.'))]
			if why := p.guardProblem(of, append(seen, figure)); why != "" {
				return why
			}
		}
	}
	return ""
}
