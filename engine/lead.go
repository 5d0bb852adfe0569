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
//  6. A lead that was merged into another (Into is set) is a part of it: it is
//     never decided about again until the merge is undone.
//  7. Names, never positions, tie a Lead to a Program, so that any Program may
//     decide about any Lead.
type Lead struct {
	ID        LeadID
	Entity    EntityKind // what the row stands for; a lead unless it is set
	User      string     // userId, "" while unknown
	Visitor   string     // anonymousId last seen
	FirstSeen Time
	Now       Time   // lead time: the greatest At seen, or the wheel's clock at the last timer
	Seq       uint64 // facts so far
	Revision  uint32 // of the Program that decided last
	Ruling    uint32 // number of the Rulings under which it was decided last

	Into  LeadID   // lead that this one was merged into, zero for none
	Parts []LeadID // leads that were merged into this one; their facts are its facts

	Forgotten Time // of a tombstone: facts from outside of this instant or before are not taken

	Folds  Folds
	Acts   Acts
	Timers []Timer

	Awaited []string // ids of facts that are corrected and have not come: see Correction

	Apart      []LeadID    // leads that were one with this one and are not any more: see Frame.journals
	Conflicts  []Conflict  // leads with other userIds that have a name of this one
	Colleagues *Colleagues // what a lead knows of its account, nil for nothing

	Desk    *Desk         // of an EntityDesk
	Guards  []Guard       // of an EntityAccount
	Account *AccountState // of an EntityAccount
	Figure  *FigureState  // of an EntityKPI
	Review  *ReviewState  // of an EntityReview
}

// Folds is what follows from the facts alone.
type Folds struct {
	Digest   uint64 // of the definitions they were folded under; others fold anew
	LastAt   Time   // (At, ID) of the greatest fact folded
	LastID   string // facts at or before it arrive late; see Event.place
	Attrs    []Attr
	Scores   []Score
	Counts   []Count
	Consents []Consent
	Barred   []Bar
	Hits     []MessageHits
	Passes   []Pass // in order of funnel and step
	Askings  []Asking
	Wishes   []Wish
	Origins  Origins
}

// Bar is a suppression: the lead may not be written to through channels of a
// kind, or about a topic, whatever consent says.
type Bar struct {
	Kind   string // step kind of the channels, "email" for instance; "" for all
	Topic  string // "" for all topics
	Reason string // BarBounced, BarComplained, BarUnsubscribed
	At     Time
}

// Why a lead is barred.
const (
	BarBounced      = "hard_bounce"
	BarComplained   = "complaint"
	BarUnsubscribed = "unsubscribed"
)

// MessageHits are the opens and clicks of one message, as far as they are needed
// to tell people from machines. At most MaxHits of at most MaxHitMessages
// messages, the latest, are kept.
type MessageHits struct {
	Message string
	Sent    Time
	Hits    []Hit
}

// Hit is one open or click with its verdict.
type Hit struct {
	At      Time
	ID      string // of the fact
	Event   string
	Link    string // "" for an open
	Agent   uint8  // class of the client: see package verdict
	Verdict Verdict
	Reason  string
}

// Bounds of the remembered hits.
const (
	MaxHits        = 32
	MaxHitMessages = 8
)

// Verdict says who opened or clicked.
type Verdict uint8

// The verdicts. What is not known counts as human: see Spec.
const (
	Unjudged Verdict = iota
	Human
	Machine
)

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
	Caps  []Cap   // points counted per rule and calendar day, where a rule has a limit
	Paid  []Point // what has not expired, ascending, where the score's points expire
}

// Point is what one rule paid at one instant.
type Point struct {
	At     Time
	Points float64
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
	Message string  // message id, "" where the event carries none
	Labels  string  // as in Delta.Labels
	Done    bool    // counted in the numerator already
	By      string  // id of the fact that counted it
	Seq     uint64  // row of the journal that opened it
	Arm     ArmMark // in which it was opened
}

// Trial is one message of an experiment that may still be a success.
type Trial struct {
	Experiment string
	Arm        string
	Message    string
	At         Time
	Done       bool
	By         string   // id of the fact that made it a success
	Guards     []string // guard events that were counted already
}

// Acts is what was done about the lead.
type Acts struct {
	Stage      string
	StageSince Time
	Risen      []string // stages whose enter was true at the last verdict
	Offers     []Offer  // one for each rule: its latest candidacy or offer
	Former     []Offer  // offers before those whose outcome may still come, at most MaxFormer
	Runs       []Run
	Past       []Past
	Pending    []Pending
	Sent       []Tally
	Asked      []Tally // by consent: messages that asked to confirm it, by wall time
	Heard      []Tally // by topic of a wish: messages since
	Skipped    []Skips
	Cohorts    []Cohort
	Trials     []Trial
	Inside     []string // segments the lead was a member of at the last verdict, of those whose membership acts
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
	OfferQueued              // waits at a gate: its account, the desk of its owner
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

	Owner      string  // in sales, "" where the rule names nobody
	Account    string  // key of the lead's account, where the rule goes by it
	Rank       float64 // score by which it stands in the queue, at RankAt
	RankAt     Time
	Signal     Time   // of the fact that made when true
	Asked      Time   // wall time at which it became a candidate
	AnsweredAt Time   // of the answer, or of silence; 0: none yet
	Reason     string // of the answer, or why a candidate dropped out
	Late       string // what sales said after the time was over
	Until      Time   // not handed over again before; 0: the rule's cooldown alone
	Stale      bool   // sales did not take it, and the lead has done nothing since
	Packet     string // reasons of an inquiry that waits, as JSON

	Opportunity Time // when it came about, 0: not yet
	Closed      Time // when it was won or lost
	Won         bool
	Doubted     bool    // a later fact shows that it would not have been made
	Revision    uint32  // that made it
	Rule        string  // version of the rule then: see tossUpPlan
	Arm         ArmMark // in which it was made
}

// Offered reports whether it was handed over: it is no candidacy.
func (o *Offer) Offered() bool {
	return o.State >= OfferMade && o.State <= OfferExpired
}

// MaxFormer bounds the offers whose outcome a lead waits for besides the latest.
const MaxFormer = 8

// RunID names one passage of a lead through a workflow.
type RunID [8]byte

// Run is a lead inside a workflow, standing on a step.
type Run struct {
	Workflow string
	Key      string // entry key, "" where the workflow has none
	ID       RunID
	Step     string
	Visit    int32 // how many steps were reached before this one: part of the action's key
	Entered  Time
	Reached  Time // when Step was reached
	Entry    string
	Messages []ActionKey // sent by this run, newest last, at most MaxRunMessages
	Loops    []Loop      // gotos taken
	Goals    []string    // goals reached
	Removed  string      // Step's StepSpec.Removed
	Hold     Hold        // what a pause holds the run at
	Way      string      // of HoldOver: the case by which the wait ended, "" when its time was over
	Due      Time        // of HoldOver: when the wait's time was over
	Canary   uint32      // revision of the canary by which it was entered, 0 for none
}

// Hold says at what a pause holds a run.
type Hold uint8

// The kinds of Hold.
const (
	NotHeld    Hold = iota
	HoldOver        // the wait is over; the run has not gone on
	HoldBefore      // the step is reached; nothing of it has been done
)

// Loop counts how often a run has taken a goto.
type Loop struct {
	Step string
	N    int32
}

// Slot names the run among the lead's timers: the workflow, and the entry key
// where there is one.
func (r *Run) Slot() string { return runSlot(r.Workflow, r.Key) }

func runSlot(workflow, key string) string {
	if key == "" {
		return workflow
	}
	return workflow + labelSeparator + key
}

// MaxRunMessages bounds the messages that a run remembers for `wait on`.
const MaxRunMessages = 16

// Past is what is remembered of a workflow the lead has left.
type Past struct {
	Workflow string
	Key      string // entry key of the runs it remembers
	Entries  int32
	Entered  Time
	Left     Time
	Exit     string   // name of the exit, as in "exit.done"
	Ghost    bool     // held out: nothing was done, goals are counted
	Goals    []string // of the last run, reached
}

// MaxPastKeys bounds the entry keys that are remembered for one workflow; the
// oldest are forgotten, and may enter again.
const MaxPastKeys = 64

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

// The kinds of timer. HoldDue, RunDue, RunGiveUp and FlipDue run on lead time; the
// others on wall time.
const (
	HoldDue   TimerKind = iota + 1 // Ref: toss-up
	RunDue                         // Ref: run's slot
	RunGiveUp                      // Ref: run's slot; at_most of a wait on an event
	TryDue                         // Ref: action key in hexadecimal
	AnswerDue                      // Ref: toss-up
	FlipDue                        // Ref: "": time alone changes the answer of a condition that acts
	EnterDue                       // Ref: workflow: its schedule's next time
	SlotDue                        // Ref: "": of a desk: a place is free again
	NoticeDue                      // Ref: toss-up and the notice's number: nobody has answered
)

// Wall reports whether the timer runs on wall time.
func (k TimerKind) Wall() bool {
	return k == TryDue || k == AnswerDue || k == EnterDue || k == SlotDue || k == NoticeDue
}

// Timer wakes a lead.
type Timer struct {
	Kind TimerKind
	Ref  string
	Due  Time
}

// before reports whether a timer runs before another. At one instant, what time
// alone changes comes first: a hold that it breaks is broken.
func (t *Timer) before(u *Timer) bool {
	return t.Due < u.Due || t.Due == u.Due && t.Kind == FlipDue && u.Kind != FlipDue
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
