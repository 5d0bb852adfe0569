package engine

import (
	"cmp"
	"maps"
	"slices"
)

// What a lead had met before a result is kept in the row of the fact that brought
// it: a hand-over that became an opportunity or was won or lost, a workflow's goal,
// the last step of a funnel. So attribution can still tell it when the rows before
// it are no longer there, and what kind of subject a message had when its experiment
// has left the rules.
//
// The journal stands above what was kept: a late fact, a click judged anew or a
// merge changes what is told for as long as the rows are there, and leaves what was
// kept as it was known at the result.

// MaxKeptTouches bounds the touches kept with one result: the first of all, and the
// latest.
const MaxKeptTouches = 16

// ledTo is what the lead met before the fact of the row at hand, if that brought a
// result; else nothing is read.
func (f *Frame) ledTo(e *Event) []Touch {
	if f.h == nil || f.err != nil || !f.resulted() {
		return nil
	}
	walk := newTouchWalk(f.p)
	if f.err = walk.drawn(f.l, f.h); f.err != nil {
		return nil
	}
	f.err = NewFrame().relive(f.p, f.l, f.h, func(met *Event, names []string) {
		if met.At <= e.At {
			walk.meet(met, names)
		}
	})
	if extra := len(walk.touches) - MaxKeptTouches; extra > 0 {
		return slices.Delete(walk.touches, 1, 1+extra)
	}
	return walk.touches
}

// resulted reports whether the row at hand brought a result.
func (f *Frame) resulted() bool {
	for i := f.rowStart.decisions; i < len(f.decisions); i++ {
		if kind := f.decisions[i].Kind; kind == Reached || kind == Succeeded {
			return true
		}
	}
	for i := range f.l.Folds.Passes {
		pass := &f.l.Folds.Passes[i]
		if f.p.lastStep(pass) && !slices.Contains(f.counted, *pass) {
			return true
		}
	}
	return false
}

// lastStep reports whether a pass is that of a funnel's last step.
func (p *Program) lastStep(pass *Pass) bool {
	for i := range p.spec.Funnels {
		if x := &p.spec.Funnels[i]; x.Name == pass.Funnel {
			return int(pass.Index) == len(x.Steps)-1
		}
	}
	return false
}

func newTouchWalk(p *Program) *touchWalk {
	return &touchWalk{p: p, messages: map[string]Touch{}, arms: map[string]string{}, tags: map[string][]string{}}
}

// takeUp begins with what was kept of the time before the first row of the journal,
// each touch once: two results may have had the same one.
func (w *touchWalk) takeUp(kept []Touch, first Time) {
	gone := map[string]Touch{}
	for _, t := range kept {
		if len(t.Tags) > 0 {
			w.tags[t.Message] = t.Tags
		}
		if t.At < first {
			gone[string(putTouch(nil, &t))] = t
		}
	}
	order := slices.Sorted(maps.Keys(gone)) // those of one instant in a fixed order
	slices.SortStableFunc(order, func(a, b string) int { return cmp.Compare(gone[a].At, gone[b].At) })
	for _, k := range order {
		t := gone[k]
		switch t.Kind {
		case TouchSent:
			w.messages[t.Message] = t
		case TouchVisit:
			w.lastPage = t.At
		}
		w.add(t)
	}
}

// putTouches appends kept touches to a row, and nothing where there are none: a row
// without them ends before them.
func putTouches(b []byte, list []Touch) []byte {
	if len(list) == 0 {
		return b
	}
	b = putUint(b, uint64(len(list)))
	for i := range list {
		b = putTouch(b, &list[i])
	}
	return b
}

func putTouch(b []byte, t *Touch) []byte {
	b = putTime(b, t.At)
	b = putFlag(b, t.Named)
	for _, text := range t.texts() {
		b = putText(b, *text)
	}
	b = putUint(b, uint64(len(t.Tags)))
	for _, tag := range t.Tags {
		b = putText(b, tag)
	}
	return b
}

func (r *reader) touches(old []Touch) []Touch {
	if r.bad || len(r.b) == 0 {
		return old[:0]
	}
	touches := list(r, old)
	for i := range touches {
		t := &touches[i]
		t.At, t.Named = r.time(), r.flag()
		for _, text := range t.texts() {
			*text = r.text(*text)
		}
		t.Tags = list(r, []string(nil)) // tags are handed on with the touch, so the row's are its own
		for j := range t.Tags {
			t.Tags[j] = r.text("")
		}
	}
	return touches
}

// texts are the texts of a touch in the order in which they are stored.
func (t *Touch) texts() [10]*string {
	return [...]*string{(*string)(&t.Kind), &t.Channel, &t.Workflow, &t.Step, &t.Variant, &t.Class, &t.Source, &t.Medium, &t.Campaign, &t.Message}
}
