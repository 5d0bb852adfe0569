package engine

import (
	"slices"
	"strconv"
)

// What funnels count follows from the passes that a lead has: a decision counts
// the difference between those before it and those after it. So the sums are those
// of a recomputation from the journal, whatever made the difference: a new event, a
// late one, a click that turns out to be a machine's, a merge, a new definition.

// notePasses remembers the passes as they are counted.
func (f *Frame) notePasses() {
	f.counted = f.counted[:0]
	if f.l.Into.IsZero() {
		f.counted = append(f.counted, f.l.Folds.Passes...)
	}
}

// countPasses counts what has changed since notePasses. The passes of a lead that
// was merged into another are the other's.
func (f *Frame) countPasses() {
	now := f.l.Folds.Passes
	if !f.l.Into.IsZero() {
		now = nil
	}
	was := f.counted
	for len(was) > 0 || len(now) > 0 {
		name := firstFunnel(was, now)
		var old, fresh []Pass
		old, was = cutFunnel(was, name)
		fresh, now = cutFunnel(now, name)
		if slices.Equal(old, fresh) {
			continue
		}
		f.countFunnel(old, -1)
		f.countFunnel(fresh, 1)
	}
}

func firstFunnel(a, b []Pass) string {
	if len(a) == 0 || len(b) > 0 && b[0].Funnel < a[0].Funnel {
		return b[0].Funnel
	}
	return a[0].Funnel
}

// cutFunnel takes a funnel's passes from the beginning of a list.
func cutFunnel(list []Pass, name string) (mine, rest []Pass) {
	i := 0
	for i < len(list) && list[i].Funnel == name {
		i++
	}
	return list[:i], list[i:]
}

// countFunnel counts a lead's passes of one funnel n times. How the steps stand to
// each other is kept with the passes, so that a funnel that has been taken out is
// counted out like any other.
func (f *Frame) countFunnel(passes []Pass, n int64) {
	var before, first *Pass
	order := byIndex(passes)
	by := labelOf(passes, order)
	for _, i := range order {
		pass := &passes[i]
		add := func(name string, from *Pass, labels string) {
			f.fx.Counts = append(f.fx.Counts, Delta{Name: name, Hour: hourOf(from.At), Labels: labels, N: n})
		}
		add(FunnelCounter(pass.Funnel, pass.Step), pass, by)
		if before != nil && before.Index == pass.Index-1 {
			add(FunnelLagCounter(pass.Funnel, pass.Step), before, lagLabels(before, pass, by))
		}
		if first != nil {
			add(FunnelCohortCounter(pass.Funnel, pass.Step), first, lagLabels(first, pass, by))
		}
		if before = pass; pass.Index == 0 {
			first = pass
		}
	}
}

// byIndex are the places of passes in the order of their steps.
func byIndex(passes []Pass) []int {
	order := make([]int, len(passes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(passes[a].Index) - int(passes[b].Index) })
	return order
}

// labelOf is the label of all passes of a lead, so that its steps divide: the value
// as of the first step that had one. Who buys before saying where it came from is
// counted where it came from.
func labelOf(passes []Pass, order []int) string {
	for _, i := range order {
		if by := passes[i].By; by != "" {
			return "by=" + by
		}
	}
	return ""
}

func lagLabels(from, to *Pass, by string) string {
	labels := LagLabel + "=" + strconv.FormatInt(lagHours(from.At, to.At), 10)
	if by != "" {
		labels += labelSeparator + by
	}
	return labels
}

// lagHours is the time from one instant to another in hours, rounded up; below zero
// when the later step came first.
func lagHours(from, to Time) int64 {
	d := int64(to - from)
	h := d / int64(Hour)
	if d > h*int64(Hour) {
		h++
	}
	return h
}
