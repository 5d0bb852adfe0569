package engine

// Rulings is what has been decided about the rules while they run: by an operator
// (a pause), by an experiment (its winner), by a threshold (a tightened cap). They
// are data beside the Program: Program.Under makes one that decides under them.
// A Rulings is immutable; a change makes the next one, with the next Number, and
// every lead hears of it as it hears of a changed file.
type Rulings struct {
	Number   uint32
	Pauses   []Pause
	Winners  []Winner
	Tightens []Tighten
	Verdicts []VerdictMark
}

// PauseScope says what is paused.
type PauseScope uint8

// What can be paused.
const (
	PauseAll      PauseScope = iota + 1 // every workflow and every message of theirs
	PauseWorkflow                       // Name: workflow
	PauseStep                           // Name: "workflow/step"
	PauseChannel                        // Name: channel
)

// Pause stops a workflow, a step, a channel or everything. While To is 0 it is in
// force; afterwards it is kept until every lead has heard of its end.
type Pause struct {
	Scope PauseScope
	Name  string
	Drain bool // nobody enters any more; who is inside goes on
	From  Time
	To    Time   // 0: in force
	Ended uint32 // Number of the Rulings that ended it, 0 while in force
	By    string // who asked for it, or "kpi NAME"
	Why   string
}

// covers reports whether the pause stops a step of a workflow.
func (p *Pause) covers(workflow, step string) bool {
	switch p.Scope {
	case PauseAll:
		return true
	case PauseWorkflow:
		return p.Name == workflow
	case PauseStep:
		return step != "" && p.Name == workflow+"/"+step
	}
	return false
}

// Winner is the arm that an experiment has settled on.
type Winner struct {
	Experiment string
	Arm        string
	At         Time
	Applied    bool // used from now on; else only proposed
	Why        string
}

// Tighten lowers a cap until it is lifted.
type Tighten struct {
	Policy  string
	Channel string // "" for all caps of the policy
	AtMost  int
	Per     Span
	From    Time
	By      string
}

// Under is the same program, deciding under these rulings.
func (p *Program) Under(r *Rulings) *Program {
	q := *p
	q.rulings = r
	if p.canary != nil {
		q.canary = p.canary.Under(r)
	}
	return &q
}

// Rulings are those under which the program decides; nil: none.
func (p *Program) Rulings() *Rulings { return p.rulings }

// paused is the pause in force that stops a step of a workflow, nil for none.
func (p *Program) paused(workflow, step string) *Pause {
	if p.rulings == nil {
		return nil
	}
	for i := range p.rulings.Pauses {
		if b := &p.rulings.Pauses[i]; b.To == 0 && !b.Drain && b.covers(workflow, step) {
			return b
		}
	}
	return nil
}

// drained reports whether nobody may enter a workflow any more.
func (p *Program) drained(workflow string) bool {
	if p.rulings == nil {
		return false
	}
	for i := range p.rulings.Pauses {
		if b := &p.rulings.Pauses[i]; b.To == 0 && b.Drain && b.covers(workflow, "") {
			return true
		}
	}
	return false
}

// winner is the arm that an experiment has settled on and uses, "" for none.
func (p *Program) winner(experiment string) string {
	if p.rulings == nil {
		return ""
	}
	for i := range p.rulings.Winners {
		if w := &p.rulings.Winners[i]; w.Applied && w.Experiment == experiment {
			return w.Arm
		}
	}
	return ""
}

// ruling is the number that a lead remembers having heard of.
func (p *Program) ruling() uint32 {
	if p.rulings == nil {
		return 0
	}
	return p.rulings.Number
}
