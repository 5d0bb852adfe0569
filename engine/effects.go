package engine

// Effects is all that one Decide call wants done besides the changes in the Lead
// itself. The shell applies it in one transaction with the lead's row, all or
// none. The slices are reused by the next Decide on the same Frame.
type Effects struct {
	Facts       []Fact       // rows of the journal, in order
	Ready       []ActionKey  // of Lead.Acts.Pending: give each an outbox row (assign Seq)
	Granted     []ActionKey  // of Lead.Acts.Pending: render where not yet rendered, send after commit
	Settled     []Settlement // actions that are over or wait: remove their outbox rows
	Dead        []DeadAction // give up, keep for an operator
	Counts      []Delta      // counters to add to
	Identifiers []Identifier // new names of this lead, for the identity table
	Posts       []Event      // facts for other leads: durable with this decision, decided after it
	Offers      []LeadOffer  // hand-overs to enter in the register anew
	Fresh       bool         // the event was the lead's first
	Erased      bool         // the lead was forgotten: its journal goes, but for Facts, and its dead letters
	Unnamed     []Identifier // names to take out of the identity table
}

// Settlement names an outbox row to remove, and whether the action is over, so
// that its rendered parts can go too.
type Settlement struct {
	Key  ActionKey
	Lane Lane
	Seq  uint64 // 0: there is no row
	Over bool
}

// Fact is a row of the lead's journal: an event, what the engine derived from it
// at the same instant, and why it acted.
type Fact struct {
	Seq       uint64 // order of arrival within the lead, from 1
	Revision  uint32 // of the Program that decided
	Event     Event  // Lead is not repeated in the stored row
	Derived   []Derived
	Decisions []Decision
	LedTo     []Touch // of a fact that brought a result: what the lead had met before it
}

// Derived is an event that the engine itself brings: toss_up_offered,
// stage_changed, email_sent. It happened at the instant of the act.
type Derived struct {
	Name   string
	At     Time
	Fields []Field
}

// DecisionKind says what was decided.
type DecisionKind uint8

// The kinds of Decision.
const (
	Enrolled   DecisionKind = iota + 1 // Subject: workflow; Detail: first step
	Stepped                            // Subject: workflow; Detail: step reached
	Left                               // Subject: workflow; Detail: exit
	Moved                              // Subject: old stage; Detail: new stage
	Held                               // Subject: toss-up: when is true, hold runs
	TossedUp                           // Subject: toss-up
	Answered                           // Subject: toss-up; Detail: accepted, rejected, expired
	Intended                           // Subject: channel; Detail: "workflow/step" or toss-up
	Permitted                          // Subject: channel; Detail: "workflow/step" or toss-up
	Postponed                          // Subject: channel; Detail: reason code; Until
	Skipped                            // Subject: channel; Detail: reason code
	Sent                               // Subject: channel; Detail: "workflow/step" or toss-up
	Retried                            // Subject: channel; Detail: code; Until
	GaveUp                             // Subject: channel; Detail: code
	Paid                               // Subject: score.rule; Points
	Fault                              // Subject: rule; Detail: what could not be evaluated
	HeldOut                            // Subject: workflow: would have entered and gets nothing
	NotEntered                         // Subject: workflow; Detail: reason code
	Joined                             // Subject: segment
	Parted                             // Subject: segment: left it
	Reached                            // Subject: workflow; Detail: goal
	Drawn                              // Subject: experiment or "workflow/step"; Detail: arm
	Set                                // Subject: attribute
	Paused                             // Subject: what is paused; Detail: what was held
	Resumed                            // Subject: what was paused
	Judged                             // Subject: event; Detail: verdict and reason code; of a hit judged anew too
	Merged                             // Detail: id of the other lead
	Barring                            // Subject: kind; Detail: reason
	Contested                          // Detail: id of another lead with the same key and another userId
	Unmerged                           // Detail: id of the other lead
	Queued                             // Subject: toss-up: waits at a gate; Detail: owner; Points: score
	Turned                             // of a desk. Subject: toss-up; Detail: lead that has its turn
	DroppedOut                         // Subject: toss-up; Detail: why who waited does not any more
	Notified                           // Subject: toss-up; Detail: remind, escalate
	Succeeded                          // Subject: toss-up; Detail: opportunity, won, lost
	Missed                             // Subject: toss-up: an opportunity came that nothing had handed over
	Doubted                            // Subject: toss-up: by what is known now it would not have been made
	Watched                            // Subject: "kpi/threshold"; Detail: state, and the verdict's number
	Corrected                          // Subject: event; Detail: what is true of it: see Correction.Words
	TookBack                           // Subject: workflow or toss-up; Detail: goal or outcome that is none by what is known now
)

var decisionNames = [...]string{
	"", "enrolled", "step", "left", "stage", "holding", "tossed_up", "answered",
	"intended", "permitted", "postponed", "skipped", "sent", "retry", "gave_up", "scored", "fault",
	"held_out", "not_entered", "joined", "parted", "goal", "arm", "set", "paused", "resumed", "judged", "merged", "barred", "contested", "unmerged",
	"queued", "turn", "dropped_out", "notified", "succeeded", "missed", "doubted", "watched",
	"corrected", "took_back",
}

// String is the decision's word in traces and JSON.
func (k DecisionKind) String() string {
	if int(k) < len(decisionNames) {
		return decisionNames[k]
	}
	return "decision"
}

// Decision is one thing that was decided about a lead, with its reason: the unit
// of `explain` and of the decision log.
type Decision struct {
	Kind    DecisionKind
	At      Time
	Subject string
	Detail  string
	Action  ActionKey
	Until   Time
	Points  float64
	Because []Reason
}

// Reason is one condition with the facts that it saw.
type Reason struct {
	Source string
	Holds  bool
	Facts  []Field // by Key.String()
}

// Delta adds to a counter. Counters are kept by hour and label and summed when
// asked.
type Delta struct {
	Name   string // KPI name, "event:NAME", "toss_up:NAME:offered", "step:WORKFLOW/STEP", "stage:NAME", "leads", …
	Hour   int64  // hours since 1970, UTC
	Labels string // "workflow=a\x1fstep=b", or ""
	N      int64
	Part   uint8 // 0 the count or numerator, 1 the denominator; of steps and stages 0 who came, 1 who has gone
}

// History reads a lead's journal, newest changes included.
type History interface {
	// Facts calls yield with the lead's facts in order of (At, Seq). It stops at
	// the first error and returns it. The Fact is valid during the call only.
	Facts(lead LeadID, yield func(*Fact) error) error
}
