package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
)

// A canary is a change of rules that some leads get before the others. Two programs
// decide side by side: the running one about everybody but the leads of the arm, as
// if nothing else were there, and the canary's about those. The canary's program is
// the running rules with the workflows and the toss-ups of the change; scores,
// segments, policies and figures are one for everybody until it is promoted, because
// they are promises to every lead alike. Each of the two has a revision of its own,
// so every decision names the rules that took it.
//
//  1. A lead belongs to the arm by the hash of its id: the same leads after every
//     restart, and raising the percentage takes nobody out.
//  2. A lead of the arm enters workflows by the change's definitions, and such a run
//     says so (Run.Canary). Runs that were entered before go on by the definitions of
//     the running revision (Spec.Elders).
//  3. What belongs to a name belongs to both: how often a workflow may be entered, who
//     is held out, lanes, pauses, the state of a toss-up.
//  4. When the canary ends, a run of it follows whatever rules come then, by the name
//     of its step, as every run does (see Frame.replace). One whose step came with a
//     change that was taken back, and does not say where to go, ends by RolledBack.
//  5. A merged lead has the arm of the one that stands.

// Canary says who gets a change before the others, and since when.
type Canary struct {
	Percent float64 `json:"percent"` // of all leads, by hash
	Salt    string  `json:"salt"`    // of the hash: another one picks other leads
	Since   Time    `json:"since"`
}

// RolledBack is the exit of a run whose step was taken back with its change.
const RolledBack = "rolled_back"

// WithCanary is the program with c deciding about the leads of the arm. c is made
// from a Spec with Elders. Neither of the two programs is changed; the rulings of p
// hold for both.
func (p *Program) WithCanary(c *Program, terms Canary) (*Program, error) {
	switch {
	case !(terms.Percent >= 0 && terms.Percent <= 100):
		return nil, fmt.Errorf("try a canary on %v percent of the leads: it is a number from 0 to 100", terms.Percent)
	case c.revision == p.revision:
		return nil, fmt.Errorf("try a canary: it has the number %d of the running revision", p.revision)
	}
	q, arm := *p, *c
	arm.canary, arm.rulings = nil, p.rulings
	if arm.elder == nil {
		arm.elder = map[string]int{}
	}
	arm.scope = &armScope{number: c.revision, arm: CanaryArm, since: terms.Since}
	q.scope = &armScope{number: c.revision, arm: ControlArm, since: terms.Since}
	q.canary, q.terms, q.salt = &arm, terms, sha256.Sum256([]byte("canary\x00"+terms.Salt))
	return &q, nil
}

// WithoutCanary is the program as it decides when no change is tried.
func (p *Program) WithoutCanary() *Program {
	q := *p
	q.canary, q.scope, q.terms = nil, nil, Canary{}
	return &q
}

// Canary is the program of the change that is being tried, nil for none.
func (p *Program) Canary() (c *Program, terms Canary) { return p.canary, p.terms }

// Promoting is the program with the numbers of the canaries that were promoted: their
// runs are its own.
func (p *Program) Promoting(canaries []uint32) *Program {
	q := *p
	q.promoted = canaries
	return &q
}

// InCanary reports whether a lead belongs to the arm that gets the change.
func (p *Program) InCanary(lead LeadID) bool {
	if p.canary == nil {
		return false
	}
	var named [sha256.Size + len(lead)]byte
	copy(named[:], p.salt[:])
	copy(named[sha256.Size:], lead[:])
	sum := sha256.Sum256(named[:])
	return float64(binary.BigEndian.Uint64(sum[:8])>>11)/(1<<53)*100 < p.terms.Percent
}

// For is the program that decides about a lead.
func (p *Program) For(lead LeadID) *Program {
	if p.InCanary(lead) {
		return p.canary
	}
	return p
}

// about is For, of a row that may stand for something else than a lead: what crosses
// leads is decided by the running rules.
func (p *Program) about(l *Lead) *Program {
	if p.canary == nil || l.Entity != NoEntity {
		return p
	}
	return p.For(l.ID)
}

// Heard reports whether a lead's row was decided last by the rules in force.
func (p *Program) Heard(l *Lead) bool {
	return l.Revision == p.about(l).revision && l.Ruling == p.ruling()
}

// HeardRow is Heard for a stored row. Whoever need not hear has: a part of another
// lead, and a lead that was never decided about.
func (p *Program) HeardRow(id LeadID, row []byte) (bool, error) {
	revision := p.revision
	if p.canary != nil && RowEntity(row) == NoEntity {
		revision = p.For(id).revision
	}
	return DecidedUnder(row, revision, p.ruling())
}

// WholeRow reports whether a stored row is that of a lead that stands for itself: no
// entity, and no part of another lead.
func WholeRow(row []byte) (bool, error) {
	r := &reader{b: row}
	if r.byte() != leadFormat {
		return false, ErrFormat
	}
	entity := EntityKind(r.byte())
	r.take(int(r.uint())) // User
	r.take(int(r.uint())) // Visitor
	firstSeen := r.time()
	r.time()
	r.uint()
	r.uint()
	r.uint()
	part := r.flag()
	if r.bad {
		return false, ErrFormat
	}
	return entity == NoEntity && firstSeen != 0 && !part, nil
}

// InForce names what decides: the revision, the rulings, and the canary with its
// terms. Two programs with one name decide equally.
func (p *Program) InForce() string {
	name := fmt.Sprintf("r%d.%d", p.revision, p.ruling())
	if p.canary != nil {
		name += fmt.Sprintf("+r%d %v%% %s", p.canary.revision, p.terms.Percent, p.terms.Salt)
	}
	return name
}

// flowOf is the definition by which a run goes: canary is the run's mark.
func (p *Program) flowOf(workflow string, canary uint32) (at int, ok bool) {
	table := p.flow
	if p.elder != nil && canary != p.revision {
		table = p.elder
	}
	at, ok = table[workflow]
	return at, ok
}

// flowNamed is the definition of a workflow, an elder where the change has none.
func (p *Program) flowNamed(workflow string) (at int, ok bool) {
	if at, ok = p.flow[workflow]; !ok {
		at, ok = p.elder[workflow]
	}
	return at, ok
}

// with is the program that decides about a lead, with a frame for it.
func (p *Program) with(l *Lead, f *Frame) (*Program, *Frame) {
	if q := p.about(l); q != p {
		return q, f.aside()
	}
	return p, f
}

// entering is the mark of the runs that are entered by this program.
func (p *Program) entering() uint32 {
	if p.elder == nil {
		return 0
	}
	return p.revision
}

// aside is the frame for the leads of the arm: a frame that goes from one program to
// another and back forgets each time what it has prepared.
func (f *Frame) aside() *Frame {
	if f.other == nil {
		f.other = NewFrame()
	}
	f.other.keeps, f.other.past, f.other.trace, f.other.paid = f.keeps, f.past, f.trace, f.paid
	return f.other
}

// adopt takes a run out of a canary that is over, or to which the lead does not
// belong. It reports the exit by which the run leaves where it finds no place.
func (f *Frame) adopt(run *Run) (gone string) {
	gone = "removed"
	if run.Canary == 0 || run.Canary == f.p.entering() {
		return gone
	}
	if !slices.Contains(f.p.promoted, run.Canary) {
		gone = RolledBack
	}
	run.Canary = 0
	for i := range f.l.Acts.Pending {
		if p := &f.l.Acts.Pending[i]; p.Run == run.ID {
			p.Canary = 0
		}
	}
	return gone
}

// adoptAll takes out of the canary the runs that came with a merged lead of the other
// arm.
func (f *Frame) adoptAll() {
	for _, id := range f.runIDs() {
		if run := f.l.runByID(id); run != nil && run.Canary != 0 && run.Canary != f.p.entering() {
			f.settleRun(run)
		}
	}
}

// Arm is one side of a canary.
type Arm uint8

// The sides of a canary.
const (
	ControlArm Arm = iota // the leads about whom the running rules decide
	CanaryArm             // those who get the change
)

// String is the arm's word, with which the names of its counters begin.
func (a Arm) String() string {
	if a == CanaryArm {
		return "canary"
	}
	return "control"
}

// armScope is the part of the counters that tells the arms of a canary apart.
type armScope struct {
	number uint32 // revision of the canary's program
	arm    Arm
	since  Time
}

// ArmMark tells in which arm of which canary something began, 0 for none: the
// canary's number twice, and one more in the canary's own arm.
type ArmMark uint32

func (s *armScope) mark() ArmMark { return ArmMark(s.number)<<1 | ArmMark(s.arm) }

// mark is the lead's present arm.
func (f *Frame) mark() ArmMark {
	if f.p.scope == nil {
		return 0
	}
	return f.p.scope.mark()
}

// markOf is the arm to which an event counts: none when it was there before the
// canary began.
func (f *Frame) markOf(e *Event) ArmMark {
	if f.p.scope == nil || e.Received < f.p.scope.since {
		return 0
	}
	return f.p.scope.mark()
}

// armPrefixes begin the names of the counters that are told apart by arm: those that
// figures are made of, and what a reader compares.
var armPrefixes = [...]string{"kpi:", "toss_up:", "event:", "flow:", "exit:", "sent:", "skipped:", "dead:"}

// armCounter is a counter of one arm.
func armCounter(number uint32, arm Arm, name string) string {
	return fmt.Sprintf("%s:%d:%s", arm, number, name)
}

// armName is where a counter of the arm of a mark is kept.
type armName struct {
	mark ArmMark
	name string
}

// add counts, and while a canary is tried counts once more for the arm in which it
// began.
func (f *Frame) add(d Delta, mark ArmMark) {
	f.fx.Counts = append(f.fx.Counts, d)
	if f.p.scope == nil || mark>>1 != ArmMark(f.p.scope.number) {
		return
	}
	if name := f.armCounterOf(mark, d.Name); name != "" {
		d.Name = name
		f.fx.Counts = append(f.fx.Counts, d)
	}
}

// armCounterOf is the name of an arm's counter, made once; "" where it is not told
// apart by arm.
func (f *Frame) armCounterOf(mark ArmMark, name string) string {
	known, ok := f.armNames[armName{mark, name}]
	if ok {
		return known
	}
	if slices.ContainsFunc(armPrefixes[:], func(prefix string) bool { return len(name) > len(prefix) && name[:len(prefix)] == prefix }) {
		known = armCounter(uint32(mark>>1), Arm(mark&1), name)
	}
	if f.armNames == nil || len(f.armNames) >= maxArmNames {
		f.armNames = map[armName]string{}
	}
	f.armNames[armName{mark, name}] = known
	return known
}

// maxArmNames bounds the names that a frame remembers.
const maxArmNames = 4096

// knowsFlow reports whether there is a workflow of that name, in the change or in the
// running revision beside it.
func (p *Program) knowsFlow(name string) bool {
	_, ok := p.flowNamed(name)
	return ok
}
