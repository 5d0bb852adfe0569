package engine

import (
	"slices"
	"strings"
)

// Change makes the next rulings by f, which is given the present ones (r may be
// nil: there never were any) without the pauses whose end every lead has heard of,
// up to the number heard. When f gives nil, or what it was given, nothing changes
// and Change gives r.
func (r *Rulings) Change(heard uint32, f func(old *Rulings) (*Rulings, error)) (*Rulings, error) {
	old := &Rulings{}
	if r != nil {
		*old = *r
		old.Pauses = slices.DeleteFunc(slices.Clone(r.Pauses), func(p Pause) bool { return p.To != 0 && p.Ended <= heard })
	}
	next, err := f(old)
	if err != nil || next == nil || next == old {
		return r, err
	}
	changed := *next
	changed.Number = old.Number + 1
	return &changed, nil
}

// Ordinal is the rulings' number; that of none at all is 0.
func (r *Rulings) Ordinal() uint32 {
	if r == nil {
		return 0
	}
	return r.Number
}

// DecidedUnder reads from a lead's stored row whether it has heard of a revision
// under rulings of that number, or need not: it is a part of another lead, or was
// never decided about.
func DecidedUnder(row []byte, revision, ruling uint32) (bool, error) {
	r := &reader{b: row}
	if r.byte() != leadFormat {
		return false, ErrFormat
	}
	r.byte()              // Entity
	r.take(int(r.uint())) // User
	r.take(int(r.uint())) // Visitor
	firstSeen := r.time()
	r.time()
	r.uint()
	heard := uint32(r.uint()) == revision
	heard = uint32(r.uint()) == ruling && heard
	if r.bad {
		return false, ErrFormat
	}
	return heard || r.flag() || firstSeen == 0, nil
}

// WithPause adds a pause that is in force from p.From on. The same pause again
// only changes who asked for it and why; a drain replaces a pause and a pause a
// drain.
func (r *Rulings) WithPause(p Pause) *Rulings {
	next := *r
	next.Pauses = slices.Clone(r.Pauses)
	p.To, p.Ended = 0, 0
	for i := range next.Pauses {
		b := &next.Pauses[i]
		if b.To != 0 || b.Scope != p.Scope || b.Name != p.Name {
			continue
		}
		if b.Drain == p.Drain {
			b.By, b.Why = p.By, p.Why
			return &next
		}
		b.To, b.Ended = p.From, r.Number+1
	}
	next.Pauses = append(next.Pauses, p)
	return &next
}

// WithoutPause ends what is in force under a scope and a name. When nothing is, it
// gives r itself.
func (r *Rulings) WithoutPause(scope PauseScope, name string, now Time) *Rulings {
	next := *r
	next.Pauses = slices.Clone(r.Pauses)
	ended := false
	for i := range next.Pauses {
		if b := &next.Pauses[i]; b.To == 0 && b.Scope == scope && b.Name == name {
			b.To, b.Ended, ended = now, r.Number+1, true
		}
	}
	if !ended {
		return r
	}
	return &next
}

// WithWinners adds what experiments have settled on; a later word about an
// experiment takes the place of the earlier. When all of it is known, it gives r
// itself.
func (r *Rulings) WithWinners(winners []Winner) *Rulings {
	next := *r
	next.Winners = slices.Clone(r.Winners)
	changed := false
	for _, w := range winners {
		i := slices.IndexFunc(next.Winners, func(b Winner) bool { return b.Experiment == w.Experiment })
		switch {
		case i < 0:
			next.Winners = append(next.Winners, w)
		case next.Winners[i].Arm == w.Arm && next.Winners[i].Applied == w.Applied:
			continue
		default:
			next.Winners[i] = w
		}
		changed = true
	}
	if !changed {
		return r
	}
	return &next
}

// Experiments reports whether any step of the workspace tries something.
func (s *Spec) Experiments() bool {
	for i := range s.Flows {
		for j := range s.Flows[i].Steps {
			if send := s.Flows[i].Steps[j].Send; send != nil && send.Experiment != nil {
				return true
			}
		}
	}
	return false
}

var scopeNames = [...]string{"", "all", "workflow", "step", "channel"}

// String is the scope's word.
func (s PauseScope) String() string {
	if int(s) < len(scopeNames) {
		return scopeNames[s]
	}
	return "scope"
}

// ParsePauseScope reads what String wrote.
func ParsePauseScope(s string) (PauseScope, bool) {
	i := slices.Index(scopeNames[:], s)
	return PauseScope(max(i, 0)), i > 0
}

// CheckPause refuses to pause what the program does not have, with a *Problem that
// says what there is.
func (p *Program) CheckPause(scope PauseScope, name string) error {
	var have []string
	switch scope {
	case PauseAll:
		if name != "" {
			return problem("bad_pause", "everything has no name: write `all` alone")
		}
		return nil
	case PauseWorkflow, PauseStep, PauseChannel:
		have = p.pausable(scope)
		if p.canary != nil {
			for _, more := range p.canary.pausable(scope) {
				if !slices.Contains(have, more) {
					have = append(have, more)
				}
			}
		}
	default:
		return problem("bad_scope", "what is to be paused is one of all, workflow, step, channel")
	}
	if slices.Contains(have, name) {
		return nil
	}
	if len(have) == 0 {
		return problem("unknown_"+scope.String(), "the workspace has no %s", scope)
	}
	return problem("unknown_"+scope.String(), "there is no such %s; there are: %s", scope, strings.Join(have, ", "))
}

// pausable are the workflows, steps or channels that the program has.
func (p *Program) pausable(scope PauseScope) (names []string) {
	if scope == PauseChannel {
		for i := range p.spec.Channels {
			names = append(names, p.spec.Channels[i].Name)
		}
		return names
	}
	for i := range p.spec.Flows {
		flow := &p.spec.Flows[i]
		if scope == PauseWorkflow {
			names = append(names, flow.Name)
			continue
		}
		for j := range flow.Steps {
			names = append(names, flow.Name+"/"+flow.Steps[j].Name)
		}
	}
	return names
}
