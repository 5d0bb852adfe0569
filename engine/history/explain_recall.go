package history

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Memory is what is kept of leads and of the rules that decided about them. Rows,
// and Program, are required.
type Memory struct {
	Rows Rows
	// Program gives the rules of a revision; an error where they are not there any
	// more, or cannot be loaded.
	Program func(revision uint32) (*engine.Program, error)
	// Rulings are those in force now. Of the past those of them are known that are
	// still kept.
	Rulings *engine.Rulings
}

// Gap is something that is not known any more.
type Gap string

// The gaps that an answer may have.
const (
	GapRules     Gap = "rules_gone"       // a revision that decided cannot be loaded any more
	GapDiffers   Gap = "not_reproducible" // deciding again gives something else: a pause or another ruling that is not kept
	GapReasons   Gap = "reasons_expired"  // reasons of older decisions are not kept
	GapForgotten Gap = "forgotten"        // the lead was forgotten, and what it had done
	GapUnknown   Gap = "unknown_then"     // nobody had seen the lead by then
)

// Recalled is a lead as it stood at an instant, by running its journal again: every
// fact in the order in which it came, under the rules that decided about it then.
type Recalled struct {
	Lead    *engine.Lead // as it stood
	At      engine.Time
	Rows    []engine.Fact // of its journal until then, in the order in which they came
	Program *engine.Program
	Gaps    []Gap
	From    engine.Time // of the first decision that could not be repeated; 0: all could

	memory *Memory
	looks  [][]engine.Look // by row: how rules were judged
	frame  *engine.Frame
	fx     engine.Effects
	past   past
}

// past is the History of a run of a journal: what had come by then.
type past struct {
	memory *Memory
	lead   engine.LeadID
	rows   []engine.Fact // of the lead, in order of Seq
	until  engine.Time   // wall time of the fact at hand: what other leads had by then
}

// Facts implements engine.History.
func (h *past) Facts(id engine.LeadID, yield func(*engine.Fact) error) error {
	if id == h.lead {
		own := slices.Clone(h.rows)
		slices.SortStableFunc(own, func(a, b engine.Fact) int {
			return cmp.Or(cmp.Compare(a.Event.At, b.Event.At), cmp.Compare(a.Seq, b.Seq))
		})
		for i := range own {
			if err := yield(&own[i]); err != nil {
				return err
			}
		}
		return nil
	}
	return h.memory.Rows.Facts(id.Partition(h.memory.Rows.Partitions()), id, func(f *engine.Fact) error {
		if f.Event.Received > h.until {
			return nil
		}
		return yield(f)
	})
}

// Recall runs a lead's journal again until an instant of the lead's own time; 0 is
// all of it. A fact that came only after that instant was not known then, and is left
// out.
func (m *Memory) Recall(id engine.LeadID, until engine.Time) (*Recalled, error) {
	rows, err := m.journal(id)
	if err != nil {
		return nil, err
	}
	r := m.recaller(id)
	return r, r.run(knownBy(rows, until))
}

// RecallRow runs a lead's journal again up to one of its rows, that one included.
func (m *Memory) RecallRow(id engine.LeadID, seq uint64) (*Recalled, error) {
	rows, err := m.journal(id)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(rows, func(f engine.Fact) bool { return f.Seq > seq })
	if n < 0 {
		n = len(rows)
	}
	r := m.recaller(id)
	return r, r.run(rows[:n])
}

func (m *Memory) recaller(id engine.LeadID) *Recalled {
	r := &Recalled{memory: m, frame: engine.NewFrame(), Lead: &engine.Lead{ID: id}, past: past{memory: m, lead: id}}
	r.frame.Recall(func(revision uint32) *engine.Program {
		p, err := m.Program(revision)
		if err != nil {
			return nil
		}
		return p
	})
	return r
}

// journal is a copy of a lead's rows in the order in which they came.
func (m *Memory) journal(id engine.LeadID) ([]engine.Fact, error) {
	var rows []engine.Fact
	err := m.Rows.Facts(id.Partition(m.Rows.Partitions()), id, func(f *engine.Fact) error {
		rows = append(rows, copyFact(f))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the facts of lead %v: %w", id, err)
	}
	slices.SortFunc(rows, func(a, b engine.Fact) int { return cmp.Compare(a.Seq, b.Seq) })
	return rows, nil
}

// copyFact is a fact that outlives the call that it was valid in.
func copyFact(f *engine.Fact) engine.Fact {
	own := *f
	own.Event.Fields = slices.Clone(f.Event.Fields)
	own.Derived = slices.Clone(f.Derived)
	for i := range own.Derived {
		own.Derived[i].Fields = slices.Clone(own.Derived[i].Fields)
	}
	own.Decisions = slices.Clone(f.Decisions)
	for i := range own.Decisions {
		d := &own.Decisions[i]
		d.Because = slices.Clone(d.Because)
		for j := range d.Because {
			d.Because[j].Facts = slices.Clone(d.Because[j].Facts)
		}
	}
	own.LedTo = slices.Clone(f.LedTo)
	return own
}

// knownBy are the rows that had come by an instant. The lead's own time says so: what
// comes after a fact that is later than the instant was not known. Where the server
// was there, its own clock says so too; a file of old events that was read in later is
// taken by its own times.
func knownBy(rows []engine.Fact, until engine.Time) []engine.Fact {
	if until == 0 {
		return rows
	}
	live := false
	for i := range rows {
		e := &rows[i].Event
		if e.At > until || live && e.Received > until {
			return rows[:i]
		}
		live = live || e.Received <= until
	}
	return rows
}

// run decides rows again, one fact after the other. One fact may have brought several
// rows: timers that were due before it have rows of their own.
func (r *Recalled) run(rows []engine.Fact) error {
	r.looks = make([][]engine.Look, len(rows))
	programs := map[uint32]*engine.Program{}
	tracers := map[uint32]*engine.Tracer{}
	in := rulingsOf(r.memory.Rulings)
	for n := 0; n < len(rows); {
		row := &rows[n]
		r.past.until = max(r.past.until, row.Event.Received) // the row of a timer that ran late says when it was due
		p, known := programs[row.Revision]
		if !known {
			var err error
			if p, err = r.memory.Program(row.Revision); err != nil {
				p = nil
				r.gap(GapRules, row)
			} else {
				tracers[row.Revision] = engine.NewTracer(p)
			}
			programs[row.Revision] = p
		}
		if p == nil {
			if err := r.adopt(rows[n : n+1]); err != nil {
				return err
			}
			n++
			continue
		}
		r.Program = p.Under(in.at(r.past.until))
		took, err := r.again(rows[n:], tracers[row.Revision], r.looks[n:])
		if err != nil {
			return err
		}
		n += took
	}
	r.Rows = rows
	if len(rows) > 0 {
		r.At = r.Lead.Now
		r.noteExpired()
	}
	return nil
}

// again decides the first of rows again. It reports how many rows that took.
func (r *Recalled) again(rows []engine.Fact, t *engine.Tracer, looks [][]engine.Look) (took int, err error) {
	same, made, err := r.same(rows, t)
	if err != nil {
		return 0, err
	}
	if !same {
		r.gap(GapDiffers, &rows[0])
		r.share(looks[:1], t.Looks, rows[:1])
		return 1, r.adopt(rows[:1])
	}
	r.share(looks[:made], t.Looks, rows[:made])
	r.past.rows = append(r.past.rows, rows[:made]...)
	return made, nil
}

// same decides the first of rows again. It reports whether that has given what was
// decided then, and in how many rows. Of rules that are new to it the lead may have
// heard before, by a pass that changed nothing and left no row: what such a lead does
// is tried where one that hears only now does something else.
func (r *Recalled) same(rows []engine.Fact, t *engine.Tracer) (same bool, made int, err error) {
	if r.Lead.FirstSeen == 0 || r.Program.Heard(r.Lead) {
		return r.decide(rows, t)
	}
	before, err := copyLead(r.Lead)
	if err != nil {
		return false, 0, err
	}
	if same, made, err = r.decide(rows, t); same || err != nil {
		return same, made, err
	}
	r.Lead = before
	if err := r.Program.Hear(r.frame, r.Lead, &r.past); err != nil {
		return false, 0, fmt.Errorf("let a lead hear of its rules: %w", err)
	}
	return r.decide(rows, t)
}

// decide decides the first of rows again and compares all that this brings.
func (r *Recalled) decide(rows []engine.Fact, t *engine.Tracer) (same bool, made int, err error) {
	e := rows[0].Event
	t.Looks = nil
	r.frame.Trace(t, e.ID)
	if err := r.Program.Decide(r.frame, r.Lead, &e, &r.past, &r.fx); err != nil {
		return false, 0, fmt.Errorf("decide about lead %v again: %w", r.Lead.ID, err)
	}
	made = min(len(r.fx.Facts), len(rows)) // it may be cut within what one fact brought
	same = made > 0
	for i := 0; same && i < made; i++ {
		same = sameRow(&r.fx.Facts[i], &rows[i])
	}
	return same, made, nil
}

// share gives each row the looks that were taken until its last decision; the last
// row has all the others.
func (r *Recalled) share(to [][]engine.Look, looks []engine.Look, rows []engine.Fact) {
	before, i := 0, 0
	for n := range to {
		end := before + len(rows[n].Decisions)
		for ; i < len(looks) && (looks[i].Before < end || n == len(to)-1); i++ {
			look := looks[i]
			look.Before -= before
			to[n] = append(to[n], look)
		}
		before = end
	}
}

// sameRow reports whether deciding again has given what was decided then. Reasons may
// have expired.
func sameRow(a, b *engine.Fact) bool {
	if a.Seq != b.Seq || a.Event.Kind != b.Event.Kind || a.Event.At != b.Event.At || a.Event.ID != b.Event.ID ||
		len(a.Decisions) != len(b.Decisions) || len(a.Derived) != len(b.Derived) {
		return false
	}
	for i := range a.Decisions {
		x, y := a.Decisions[i], b.Decisions[i]
		x.Because, y.Because = nil, nil
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	for i := range a.Derived {
		x, y := &a.Derived[i], &b.Derived[i]
		if x.Name != y.Name || x.At != y.At || !slices.Equal(x.Fields, y.Fields) {
			return false
		}
	}
	return true
}

// adopt takes a row as it is written where it cannot be decided again: its facts are
// folded, and what was done is taken from what it says.
func (r *Recalled) adopt(rows []engine.Fact) error {
	l := r.Lead
	for i := range rows {
		row := &rows[i]
		r.past.rows = append(r.past.rows, *row)
		l.Seq, l.Revision = row.Seq, row.Revision
		if l.FirstSeen == 0 || row.Event.Kind.Outside() && row.Event.At < l.FirstSeen {
			l.FirstSeen = row.Event.At
		}
		l.Now = max(l.Now, row.Event.At)
		for j := range row.Decisions {
			if d := &row.Decisions[j]; d.Kind == engine.Moved {
				l.Acts.Stage, l.Acts.StageSince = d.Detail, d.At
			}
		}
	}
	if r.Program == nil {
		return nil
	}
	return r.Program.FoldAnew(engine.NewFrame(), l, &r.past, nil)
}

func (r *Recalled) gap(g Gap, row *engine.Fact) {
	if r.From == 0 {
		r.From = row.Event.At
	}
	if !slices.Contains(r.Gaps, g) {
		r.Gaps = append(r.Gaps, g)
	}
}

// Decided is one decision of the log with what explains it.
type Decided struct {
	Decision engine.Decision // as it was recorded
	Row      *engine.Fact
	// Again are the conditions that it rested on, judged anew on the facts of then;
	// nil where it rests on none.
	Again []engine.Reason
	Rule  engine.RuleName
	Holds bool // verdict of the rule, judged anew
}

// Explain explains the decision number i of a row.
func (r *Recalled) Explain(n, i int) Decided {
	d := Decided{Decision: r.Rows[n].Decisions[i], Row: &r.Rows[n]}
	looks := r.looks[n]
	for k := len(looks) - 1; k >= 0; k-- {
		look := &looks[k]
		if look.Before > i || !restsOn(&d.Decision, look) {
			continue
		}
		d.Again, d.Rule, d.Holds = look.Reasons, look.Rule, look.Holds
		return d
	}
	return d
}

// LastLook is how a rule was judged last, and in which row.
func (r *Recalled) LastLook(rule engine.RuleName) (look *engine.Look, row *engine.Fact) {
	for n := len(r.looks) - 1; n >= 0; n-- {
		for k := len(r.looks[n]) - 1; k >= 0; k-- {
			if r.looks[n][k].Rule == rule {
				return &r.looks[n][k], &r.Rows[n]
			}
		}
	}
	return nil, nil
}

// restsOn reports whether a decision followed from a look at a rule.
func restsOn(d *engine.Decision, look *engine.Look) bool {
	is := func(block, part string, holds bool) bool {
		return look.Rule.Block == block && look.Rule.Part == part && look.Holds == holds
	}
	switch d.Kind {
	case engine.TossedUp, engine.Held, engine.Queued:
		return is("toss_up."+d.Subject, "when", true)
	case engine.DroppedOut:
		return is("toss_up."+d.Subject, "when", false)
	case engine.Moved:
		return is("stage."+d.Detail, "enter", true) || is("stage."+d.Subject, "leave", true)
	case engine.Enrolled, engine.HeldOut, engine.NotEntered:
		return is("workflow."+d.Subject, "enter", true)
	case engine.Left:
		return is("workflow."+d.Subject+".exit."+d.Detail, "when", true)
	case engine.Reached:
		return is("workflow."+d.Subject+".goal."+d.Detail, "when", true)
	case engine.Joined:
		return is("segment."+d.Subject, "when", true)
	case engine.Parted:
		return is("segment."+d.Subject, "when", false)
	case engine.Paid:
		score, rule, _ := cut(d.Subject)
		return is("score."+score+".rule."+rule, "when", true)
	case engine.Skipped:
		return d.Detail == engine.NotAllowed && look.Rule.Part == "allowed" && !look.Holds
	}
	return false
}
