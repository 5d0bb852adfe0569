package engine

import "slices"

// Lead is what is known about one prospect: identity, folds, acts and the
// timers that will wake it. One goroutine at a time owns a Lead; Decide is the
// only function that changes it.
//
//  1. Folds is a pure function of the lead's facts in the order (At, ID): a late
//     fact rebuilds it from the journal as if it had been known at once.
//  2. Acts only ever grows by what Decide did at the lead's now; later facts
//     correct it by new acts.
//  3. Timers is the truth about when the lead wakes; any index of it elsewhere
//     is derived. A slot (Kind, Ref) stands in it at most once.
//  4. A Run that waits has exactly one armed Timer or listens to an event, and
//     every RunDue or RunGiveUp Timer has its Run.
//  5. Whatever is removed from a slice of a Lead is removed with slices.Delete,
//     which clears the tail: DecodeLead reuses what lies behind the length.
//  6. Names, never positions, tie a Lead to a Program, so that any Program may
//     decide about any Lead.
type Lead struct {
	ID        LeadID
	User      string // userId, "" while unknown
	Visitor   string // anonymousId last seen
	FirstSeen Time
	Now       Time   // lead time: the greatest At seen, or the wheel's clock at the last timer
	Seq       uint64 // facts so far
	Revision  uint32 // of the Program that decided last

	Folds  Folds
	Acts   Acts
	Timers []Timer
}

// Folds is what follows from the facts alone.
type Folds struct {
	Digest   uint64 // of the definitions they were folded under; others fold anew
	LastAt   Time   // (At, ID) of the greatest fact folded
	LastID   string // facts at or before it arrive late
	Attrs    []Attr
	Scores   []Score
	Counts   []Count
	Consents []Consent
}

// Attr is an attribute with the fact that set it.
type Attr struct {
	Name  string
	Value Value
}

// Score is a score's value at an instant; it is read at any later one by its
// half-life.
type Score struct {
	Name  string
	Value float64
	AsOf  Time
	Caps  []Cap // points counted per rule and calendar day, where a rule has a limit
}

// Cap counts how often a scoring rule has paid on one calendar day.
type Cap struct {
	Rule string
	Day  int32 // days since 1970-01-01 in the lead's zone
	N    int32
}

// Count tells how often an event (or named moment) happened. Recent holds the
// times within the longest window that any rule asks for, ascending.
type Count struct {
	Event  string
	Total  int64
	Last   Time
	Recent []Time
}

// Consent is leave to write, with its evidence.
type Consent struct {
	Name    string
	Given   Time // 0: never
	Revoked Time // after Given: withdrawn
	Event   string
	Wording string
	Source  string
}

// Cohort is one thing to be judged for a KPI's rate: a delivery that may still
// be clicked. It is dropped once its window is over.
type Cohort struct {
	KPI     string
	At      Time
	Message string // message id, "" where the event carries none
	Labels  string // as in Delta.Labels
	Done    bool   // counted in the numerator already
}

// Acts is what was done about the lead.
type Acts struct {
	Stage      string
	StageSince Time
	Risen      []string // stages whose enter was true at the last verdict
	Offers     []Offer
	Runs       []Run
	Past       []Past
	Pending    []Pending
	Sent       []Tally
	Skipped    []Skips
	Cohorts    []Cohort
}

// OfferState is where a toss-up stands.
type OfferState uint8

// The states of a toss-up for one lead.
const (
	OfferNone     OfferState = iota
	OfferHolding             // when is true, hold has not passed
	OfferMade                // handed to sales, no answer yet
	OfferAccepted            // sales took it
	OfferRejected            // sales sent it back
	OfferExpired             // sales did not answer in time
)

// Offer is what became of one toss-up rule for this lead.
type Offer struct {
	TossUp string
	State  OfferState
	True   bool // the last verdict of when: a fresh rising edge needs a "no" in between
	Since  Time // of State
	Made   Time // last hand-over; the cooldown counts from it
	ID     ActionKey
	Count  int32
	Cause  string // id of the fact that made when true
}

// RunID names one passage of a lead through a workflow.
type RunID [8]byte

// Run is a lead inside a workflow, standing on a step.
type Run struct {
	Workflow string
	ID       RunID
	Step     string
	Visit    int32 // how many steps were reached before this one: part of the action's key
	Entered  Time
	Reached  Time // when Step was reached
	Entry    string
	Messages []ActionKey // sent by this run, newest last, at most MaxRunMessages
}

// MaxRunMessages bounds the messages that a run remembers for `wait on`.
const MaxRunMessages = 16

// Past is what is remembered of a workflow the lead has left.
type Past struct {
	Workflow string
	Entries  int32
	Entered  Time
	Left     Time
	Exit     string // name of the exit, as in "exit.done"
}

// Tally counts hand-overs that a channel accepted (or that are under way).
// Recent holds the times within the longest window any rule or cap asks for,
// ascending; the last ones may be reservations.
type Tally struct {
	Channel string
	Total   int64
	Recent  []Time
}

// Skips counts messages that were not sent, by channel and reason.
type Skips struct {
	Channel string
	Reason  string
	N       int64
}

// TimerKind says what a timer is for.
type TimerKind uint8

// The kinds of timer. HoldDue, RunDue and RunGiveUp run on lead time; TryDue and
// AnswerDue on wall time.
const (
	HoldDue   TimerKind = iota + 1 // Ref: toss-up
	RunDue                         // Ref: workflow
	RunGiveUp                      // Ref: workflow; at_most of a wait on an event
	TryDue                         // Ref: action key in hexadecimal
	AnswerDue                      // Ref: toss-up
)

// Wall reports whether the timer runs on wall time.
func (k TimerKind) Wall() bool { return k == TryDue || k == AnswerDue }

// Timer wakes a lead.
type Timer struct {
	Kind TimerKind
	Ref  string
	Due  Time
}

// NextDue is the earliest timer's due time, 0 when none is armed.
func (l *Lead) NextDue() Time {
	var next Time
	for i := range l.Timers {
		if d := l.Timers[i].Due; next == 0 || d < next {
			next = d
		}
	}
	return next
}

// arm sets the slot's timer; arming twice is once.
func (l *Lead) arm(kind TimerKind, ref string, due Time) {
	for i := range l.Timers {
		if t := &l.Timers[i]; t.Kind == kind && t.Ref == ref {
			t.Due = due
			return
		}
	}
	l.Timers = append(l.Timers, Timer{kind, ref, due})
}

// disarm empties the slot.
func (l *Lead) disarm(kind TimerKind, ref string) {
	for i := range l.Timers {
		if t := &l.Timers[i]; t.Kind == kind && t.Ref == ref {
			l.Timers = slices.Delete(l.Timers, i, i+1)
			return
		}
	}
}
