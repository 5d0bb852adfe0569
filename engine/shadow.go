package engine

import (
	"fmt"
	"slices"
	"strconv"
)

// A shadow decides beside the running rules, about the same lead and the same event,
// and nothing comes of it. What it would have done otherwise is what people see of a
// change before it acts.
//
// Both decide about a copy of the lead as it stood before the event. The shadow's rules
// meet it as they would at a swap: folded by their definitions, its runs in their
// places. They do so at every event anew, because nothing of what they decided before
// was done; so what would come about once, at the lead's first event, is found at each.
// Whoever adds up the differences counts leads as well as times.

// Difference is something that one of two programs does about an event and the other
// does not, or does otherwise.
type Difference struct {
	Kind    string // "send", "toss_up", "stage", "segment", "enter", "exit", "skip", "set", "score", "fault"
	Subject string // channel, toss-up, stage before, segment, workflow, attribute, score
	Detail  string // what distinguishes it: the step, the stage after, the exit, the reason
	Only    string // OnlyOld, OnlyNew, or Both: both have it, with other values
	Old     string // of Both: the values
	New     string
}

// Who does what a Difference tells of.
const (
	OnlyOld = "old"
	OnlyNew = "new"
	Both    = "both"
)

// differenceKinds are the decisions that are compared.
var differenceKinds = map[DecisionKind]string{
	Intended: "send", Skipped: "skip", TossedUp: "toss_up", Queued: "toss_up", Moved: "stage",
	Enrolled: "enter", HeldOut: "enter", NotEntered: "enter", Left: "exit", Set: "set", Fault: "fault",
}

// Comparer compares what two programs decide. It belongs to one goroutine.
type Comparer struct {
	sides    [2]side
	scores   []string
	segments []string
}

// side is one of the two programs with its copy of the lead.
type side struct {
	p     *Program
	frame *Frame
	lead  Lead
	fx    Effects
	acts  []act
}

// act is a decision as it is compared.
type act struct {
	kind, subject, detail string
}

// shadowRevision is a number that no revision has: whatever lead the shadow meets, it
// meets as one that another program has left behind.
const shadowRevision = ^uint32(0)

// NewComparer compares a change with the running program, under its rulings.
func NewComparer(running, change *Program) *Comparer {
	c := &Comparer{sides: [2]side{
		{p: running, frame: NewFrame()},
		{p: change.WithRevision(shadowRevision).Under(running.rulings), frame: NewFrame()},
	}}
	for i := range running.spec.Scores {
		name := running.spec.Scores[i].Name
		if _, ok := change.score[name]; ok {
			c.scores = append(c.scores, name)
		}
	}
	for i := range running.spec.Segments {
		name := running.spec.Segments[i].Name
		if change.segment[name] != nil {
			c.segments = append(c.segments, name)
		}
	}
	return c
}

// Compares reports whether a fact is one about which two programs can be compared:
// what happens to a lead and what falls due for it, not who it is.
func Compares(e *Event, l *Lead) bool {
	if l.Entity != NoEntity || !l.Into.IsZero() {
		return false
	}
	return e.Kind.Outside() || e.Kind == Tick || e.Kind == Attempt || e.Kind == Settled || e.Kind == Tell
}

// Compare lets both programs decide about an event and a lead, as its row was before
// (nil: it is new), and yields the differences. The only errors are the History's, and
// that of a row which cannot be read.
func (c *Comparer) Compare(id LeadID, row []byte, e *Event, h History, yield func(Difference)) error {
	for i := range c.sides {
		s := &c.sides[i]
		if len(row) == 0 {
			s.lead.Reset(id)
		} else if err := DecodeLead(row, &s.lead); err != nil {
			return fmt.Errorf("compare decisions: %w", err)
		}
		s.lead.ID = id
		event := *e
		if err := s.p.Decide(s.frame, &s.lead, &event, h, &s.fx); err != nil {
			return fmt.Errorf("compare decisions: %w", err)
		}
		s.collect()
	}
	c.compareActs(yield)
	c.compareFolds(yield)
	return nil
}

// collect takes down what was decided.
func (s *side) collect() {
	s.acts = s.acts[:0]
	for i := range s.fx.Facts {
		for j := range s.fx.Facts[i].Decisions {
			d := &s.fx.Facts[i].Decisions[j]
			kind := differenceKinds[d.Kind]
			if kind == "" {
				continue
			}
			a := act{kind, d.Subject, d.Detail}
			switch d.Kind {
			case TossedUp:
				a.detail = "" // the id of the fact, which is the same for both
			case Queued:
				a.detail = "queued"
			case Enrolled:
				a.detail = "" // the steps follow
			case HeldOut:
				a.detail = "held_out"
			}
			s.acts = append(s.acts, a)
		}
	}
}

// compareActs yields what one side does more often than the other.
func (c *Comparer) compareActs(yield func(Difference)) {
	for i, only := range [...]string{OnlyOld, OnlyNew} {
		rest := slices.Clone(c.sides[1-i].acts)
		for _, a := range c.sides[i].acts {
			if at := slices.Index(rest, a); at >= 0 {
				rest = slices.Delete(rest, at, at+1)
				continue
			}
			yield(Difference{Kind: a.kind, Subject: a.subject, Detail: a.detail, Only: only})
		}
	}
}

// compareFolds yields scores that are others, and segments that only one side has the
// lead in, as the event has left them.
func (c *Comparer) compareFolds(yield func(Difference)) {
	read := func(i int, k Key) Value {
		s := &c.sides[i]
		return s.p.Read(s.frame, &s.lead, max(c.sides[0].lead.Now, c.sides[1].lead.Now), k)
	}
	for _, name := range c.scores {
		k := Key{Kind: KeyScore, Name: name}
		was, is := read(0, k).Number(), read(1, k).Number()
		if !near(was, is) {
			yield(Difference{Kind: "score", Subject: name, Only: Both, Old: brief(was), New: brief(is)})
		}
	}
	for _, name := range c.segments {
		k := Key{Kind: KeySegment, Name: name}
		was, is := read(0, k).Flag(), read(1, k).Flag()
		switch {
		case was && !is:
			yield(Difference{Kind: "segment", Subject: name, Only: OnlyOld})
		case is && !was:
			yield(Difference{Kind: "segment", Subject: name, Only: OnlyNew})
		}
	}
}

// brief is a score as people read it.
func brief(v float64) string { return strconv.FormatFloat(v, 'f', -1, 32) }
