package sim

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// count is an hour of a counter.
type count struct {
	labels string
	part   uint8
	hour   int64
}

// Judge looks whether an experiment has settled and how the figures stand, as it is
// also done at every full hour of the clock.
func (s *Sim) Judge() error {
	winners := s.program.Judge(func(name, labels string, part uint8, before int64) (sum int64) {
		for c, n := range s.counts[name] {
			if c.labels == labels && c.part == part && c.hour < before {
				sum += n
			}
		}
		return sum
	}, s.now)
	if len(winners) > 0 {
		err := s.Rule(func(old *engine.Rulings) (*engine.Rulings, error) { return old.WithWinners(winners), nil })
		if err != nil {
			return err
		}
	}
	return s.judgeFigures()
}

// judgeFigures looks at the figures that have thresholds, and rules what their
// verdicts ask for.
func (s *Sim) judgeFigures() error {
	if old := s.program.Rulings(); old.WithoutStrays(s.program) != old {
		if err := s.Rule(func(old *engine.Rulings) (*engine.Rulings, error) { return old.WithoutStrays(s.program), nil }); err != nil {
			return err
		}
	}
	if !s.program.Watched() {
		return nil
	}
	looks, err := s.program.Figures(s.Counts, s.now).Judgements()
	if err != nil {
		return err
	}
	for i := range looks {
		j := &looks[i]
		l := s.lead(j.ID())
		if j.Changes(l.Figure, s.now) {
			e := j.Event(s.now)
			if err := s.decide(l, &e); err != nil {
				return err
			}
		}
		if l.Figure == nil || !s.program.Unruled(l.ID, l.Figure) {
			continue
		}
		err := s.Rule(func(old *engine.Rulings) (*engine.Rulings, error) {
			return old.WithVerdicts(s.program, l.ID, l.Figure, s.now), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// judgeUpTo judges at the full hours before the clock goes on to an instant: at each
// where figures are watched, because what holds for a time must be seen to; else at
// the last.
func (s *Sim) judgeUpTo(to engine.Time) error {
	hour := int64(to) / int64(engine.Hour)
	if len(s.counts) == 0 || hour <= s.judged {
		return nil
	}
	first := hour
	if s.program.Watched() && s.judged > 0 {
		first = s.judged + 1
	}
	for s.judged = first; ; s.judged++ {
		s.now = max(s.now, engine.Time(s.judged)*engine.Time(engine.Hour))
		if err := s.Judge(); err != nil || s.judged == hour {
			return err
		}
	}
}

// keepCounts adds to the counters, where figures or experiments are made of them.
func (s *Sim) keepCounts() {
	if s.opts.Apart || len(s.fx.Counts) == 0 || len(s.program.Spec().KPIs) == 0 && !s.program.Spec().Experiments() {
		return
	}
	if s.counts == nil {
		s.counts = map[string]map[count]int64{}
	}
	for _, d := range s.fx.Counts {
		hours := s.counts[d.Name]
		if hours == nil {
			hours = map[count]int64{}
			s.counts[d.Name] = hours
		}
		c := count{d.Labels, d.Part, d.Hour}
		if hours[c] += d.N; hours[c] == 0 {
			delete(hours, c)
		}
	}
}

// Counts are the sums of a counter in the hours [from, to), in the order of hour,
// part and labels, as the store has them.
func (s *Sim) Counts(name string, from, to int64, yield func(engine.Delta) error) error {
	var list []engine.Delta
	for c, n := range s.counts[name] {
		if c.hour >= from && c.hour < to {
			list = append(list, engine.Delta{Name: name, Hour: c.hour, Labels: c.labels, N: n, Part: c.part})
		}
	}
	slices.SortFunc(list, func(a, b engine.Delta) int {
		return cmp.Or(cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Part, b.Part), strings.Compare(a.Labels, b.Labels))
	})
	for _, d := range list {
		if err := yield(d); err != nil {
			return err
		}
	}
	return nil
}

// Figures reads the program's key figures as they are now.
func (s *Sim) Figures() *engine.Figures { return s.program.Figures(s.Counts, s.now) }

// State is how a figure stands under one combination of labels, nil while nobody
// has looked.
func (s *Sim) State(figure, labels string) *engine.FigureState {
	if l := s.Lead(engine.FigureID(figure, labels)); l != nil {
		return l.Figure
	}
	return nil
}

// figuresOf supplies a condition with the figures that it names, and tells them.
func (s *Sim) figuresOf(c engine.Cond) ([]engine.Field, error) {
	asks, ok := c.(engine.FigureCond)
	if !ok || len(asks.Figures()) == 0 {
		return nil, nil
	}
	facts := map[string]any{}
	var told []engine.Field
	figures := s.Figures()
	for _, name := range asks.Figures() {
		answer, err := figures.Answer(name, s.State)
		if err != nil {
			return nil, err
		}
		facts[name] = answer
		told = append(told, engine.Field{Name: name, Value: engine.ValueOf(answer)})
	}
	s.frame.Supply(facts)
	return told, nil
}
