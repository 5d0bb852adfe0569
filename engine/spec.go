package engine

import (
	"time"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Spec is a workspace in the engine's nouns: what the language compiles to.
// NewProgram turns it into a Program and owns it from then on.
//
// All names are the declared ones; what refers to something does so by name. The
// language has checked every reference; NewProgram checks again and refuses what
// does not hold together, because a Program never fails at run time.
type Spec struct {
	Name     string         // of the project
	Zone     *time.Location // of the project; nil: UTC
	Language string         // "ja" or "en"
	Calendar *calendar.Calendar
	Holdout  float64 // percent of all leads that get no marketing message

	KeyAttr string // attribute that identifies a lead as well, or ""
	Attrs   []AttrSpec
	Account *AccountSpec // nil: leads of one company share nothing
	Events  []EventSpec

	Consents []ConsentSpec
	Scores   []ScoreSpec
	Segments []SegmentSpec
	Stages   []StageSpec // in the order of the funnel; the first is where a lead begins
	TossUps  []TossUpSpec
	Policies []PolicySpec
	Channels []ChannelSpec
	Flows    []FlowSpec
	KPIs     []KPISpec
	Funnels  []FunnelSpec
	Reviews  []ReviewSpec

	// Elders are the running revision's workflows, where the spec is that of a canary:
	// the runs that were entered before go on by them. They are read and never changed.
	Elders  []FlowSpec
	Rollout *RolloutSpec // nil: changed rules go live at once

	// Asked are facts that are asked from outside the rules (by tests), so that
	// what they count is kept though no rule counts it.
	Asked []Key
}

// AccountSpec declares the company that a lead belongs to: the leads that have the
// same value of the attribute Key share an account. A group call sets that attribute
// to its groupId; its traits that Attrs declares are the account's, not the lead's.
type AccountSpec struct {
	Key   string
	Attrs []AttrSpec
}

// AttrSpec declares an attribute of a lead.
type AttrSpec struct {
	Name     string
	Wire     string // exact wire name; "" folds
	Label    string
	Kind     Kind
	Choices  []string // of a choice (Kind Text)
	Required bool
	Default  Value
	// Normalize brings a text's widths to one form on the way in.
	Normalize bool
	// Identifier: whoever has the same value is the same lead.
	Identifier bool
	// Form is how the text is written so that equal things are equal; nil: as it comes.
	Form Form
	// Raw is the attribute that keeps the text as it came; "" for none.
	Raw string
	// Zone is the one in which a time is meant that names none; nil: UTC.
	Zone *time.Location
}

// EventSpec declares an event or, with From, a named moment.
type EventSpec struct {
	Name   string
	Wire   string // exact wire name; "" folds
	Label  string
	Fields []AttrSpec
	From   string // named moment: the event it narrows
	When   []Cond // all must hold
}

// ConsentSpec declares leave to write.
type ConsentSpec struct {
	Name    string
	Label   string
	Granted string       // event
	When    []Cond       // judged on Granted
	Revoked string       // event, or ""
	Expires Span         // 0: never
	Confirm *ConfirmSpec // nil: the event alone gives it
	Address string       // how much of a client's network address is kept: "none", "truncated" ("" too), "full"
}

// ScoreSpec declares a score.
type ScoreSpec struct {
	Name     string
	Label    string
	HalfLife Span // 0: does not fade
	Expires  Span // points are dropped this long after they were paid; 0: never
	Step     StepDown
	Range    bool // Min and Max hold
	Min, Max float64
	Rules    []ScoreRule
}

// StepDown lets a score fall by Points for every full Per without a rule of it
// paying, towards 0 and never beyond. At most one of HalfLife, Expires and Step
// is set. Per 0: the score does not step down.
type StepDown struct {
	Points float64
	Per    Span
}

// ScoreRule is one rule of a score. With On it pays when the event comes;
// without, it is a function of the attributes now.
type ScoreRule struct {
	Name   string
	On     string
	When   []Cond
	Points float64
	Amount Num // instead of Points, or nil
	PerDay int // at_most "N per day"; 0: no limit
}

// SegmentSpec is a named condition.
type SegmentSpec struct {
	Name  string
	Label string
	When  []Cond
}

// StageSpec is a stage of the lifecycle.
type StageSpec struct {
	Name    string
	Label   string
	Enter   []Cond // edge-triggered, moves forward only; nil: no way in by condition
	Leave   []Cond
	LeaveTo string
	On      string          // event that moves a lead here from anywhere
	Within  calendar.Length // how long a lead may stay before it is overdue; zero: no bound
}

// TossUpSpec is a rule that hands a lead to sales.
type TossUpSpec struct {
	Name     string
	Label    string
	From     string // stage the lead must be in, or ""
	To       string // stage the hand-over moves it to, or ""
	On       string // event; "" for an edge-triggered rule
	When     []Cond
	Hold     Span
	Cooldown Span // Forever: never again
	Account  Str  // key of the lead's account: a colleague is not handed over as well; nil: everybody for himself
	HandOver *HandOverSpec
	Capacity *CapacitySpec // nil: everybody at once
	Answer   *AnswerSpec
	Success  *SuccessSpec
}

// CapacitySpec says how much an owner can take; the rest wait at the owner's desk.
type CapacitySpec struct {
	AtMost        int
	Per           calendar.Length
	OrderBy       string // score by which the queue stands; "": the first that When reads, else the first declared
	InquiriesWait bool   // a toss-up on an event waits like the others
}

// Forever is the Cooldown of a lead that is handed over once in its life.
const Forever Span = 1 << 62

// HandOverSpec is the action of a toss-up.
type HandOverSpec struct {
	Channel string
	Kind    string // step kind that the channel's plugin brings
	Owner   Str    // nil: the channel's default
	Content Content
	Reasons bool
}

// AnswerSpec is the clock that a hand-over sets for sales.
type AnswerSpec struct {
	Within   calendar.Length
	Accepted string // event
	Rejected string // event
	Recycle  string // stage, or ""
	Reasons  []ReasonSpec
	Notices  []ReminderSpec
}

// ReasonSpec is a reason with which sales may send a lead back.
type ReasonSpec struct {
	Name     string
	Label    string
	Recycle  string // stage, "" for the answer's own
	Cooldown Span   // instead of the rule's; 0: the rule's
}

// NoticeKind says what a notice about an unanswered offer is.
type NoticeKind uint8

// The kinds of notice.
const (
	Remind   NoticeKind = iota + 1 // whoever has the offer is told again
	Escalate                       // somebody else is told
)

// String is the kind's word.
func (k NoticeKind) String() string {
	if k == Escalate {
		return "escalate"
	}
	return "remind"
}

// event is how the event of a notice ends.
func (k NoticeKind) event() string {
	if k == Escalate {
		return "escalated"
	}
	return "reminded"
}

// ReminderSpec is a message to sales about an offer that nobody has answered.
type ReminderSpec struct {
	Kind     NoticeKind
	After    calendar.Length
	Channel  string // "": the hand-over's
	StepKind string // step kind that the channel's plugin brings
	Owner    Str    // nil: the hand-over's
	Content  Content
}

// SuccessSpec names the outcome a toss-up is judged by.
type SuccessSpec struct {
	On     string
	Within Span
	Won    string // event, or ""
	Lost   string // event, or ""
}

// OnBlocked says what becomes of a message that may not go now.
type OnBlocked uint8

// What a policy may do.
const (
	Postpone OnBlocked = iota // to the exact opening
	Skip
)

// PolicySpec is a promise to every lead, kept by every workflow.
type PolicySpec struct {
	Name       string
	Requires   string // consent, or ""
	Allowed    []Cond
	Quiet      *calendar.Quiet // nil: none
	WhenQuiet  OnBlocked
	Caps       []CapSpec
	WhenCapped OnBlocked
}

// CapSpec bounds the messages of a channel to one lead over all workflows.
type CapSpec struct {
	Channel string
	AtMost  int
	Per     Span
	When    OnBlocked
}

// Reach says whom a channel's messages reach; policies cover ReachLead only.
type Reach uint8

// Whom a channel reaches.
const (
	ReachLead Reach = iota + 1
	ReachStaff
	ReachSystem
)

// ChannelSpec is a configured plugin, as far as deciding needs to know it. Its
// config goes to the plugin host and never comes here.
type ChannelSpec struct {
	Name   string
	Plugin string
	Reach  Reach
	Keyed  bool // the receiver honours keys: an unknown outcome may be repeated
	// Answers: its plugin tells afterwards what became of messages, some of it by
	// their keys alone.
	Answers bool
	// Ordered: a lead's next action is not asked for before the one before it is
	// over, however often that has to be tried.
	Ordered bool
	// Domains: there are bounds for single domains of recipients.
	Domains bool
	Retry   RetrySpec
}

// RetrySpec is `retry = "5 times over 24h"`. Attempt n (from 1) is followed, when
// it failed for now, after Over·2ⁿ⁻¹/(2ᵀ−1) with a jitter by hash of ±20 %, so
// that the last one comes at about Over.
type RetrySpec struct {
	Times int // attempts after the first
	Over  Span
}

// FlowSpec is a workflow.
type FlowSpec struct {
	Name     string
	Label    string
	Owner    string
	Enter    EnterSpec
	ReEnter  *ReEnterSpec // nil: once in a lifetime
	Holdout  float64      // percent of those who would enter who get nothing and are counted beside the others
	Priority int          // the higher goes first where a cap or a lane has room for one
	Lane     string       // of all workflows of one lane a lead is in at most one; "": none
	Pause    PauseSpec
	Goals    []GoalSpec
	Exits    []ExitSpec
	Steps    []StepSpec
	Moved    map[string]string // removed step → step
	Place    Place
}

// EnterSpec is the way into a workflow: exactly one of On, Joins, Leaves and
// Schedule (with Members) is set.
type EnterSpec struct {
	On       string // event
	When     []Cond
	Joins    string      // segment: entered at the moment of joining it
	Leaves   string      // segment: entered at the moment of leaving it
	Members  string      // segment: its members enter at every time of Schedule
	Schedule Occurrences // in the project's zone
	Spread   Span        // members enter within this time after Schedule's, by hash; 0: all at once
	Backfill bool        // of Joins: who is a member when the workflow goes live enters too
	Key      Val         // one run for each value (an order, a seminar); nil: one run a lead
}

// Occurrences are the instants of a schedule or a slot.
type Occurrences interface {
	// Next is the first instant strictly after t, in t's zone; ok is false when
	// there is none.
	Next(t time.Time) (next time.Time, ok bool)
	String() string
}

// ReEnterSpec allows entering again: After runs from the last exit, AtMost counts
// re-entries in a lifetime (0: no bound), AtOnce is how many runs with different
// keys may be under way (0: no bound).
type ReEnterSpec struct {
	After  Span
	AtMost int
	AtOnce int
}

// PauseSpec says what a pause means to the leads inside.
type PauseSpec struct {
	Clock   PauseClock
	Overdue OnBlocked // what becomes of messages that fell due meanwhile: Postpone sends them on resuming
}

// PauseClock says whether waits go on while a workflow is paused.
type PauseClock uint8

// What the clock of a paused workflow does.
const (
	ClockStops PauseClock = iota // waits are longer by the pause
	ClockRuns                    // waits that end meanwhile end on resuming
)

// GoalSpec is what a workflow is for, counted within its window after entering
// even when the lead has left, once a run.
type GoalSpec struct {
	Name   string
	On     string
	When   []Cond
	Within Span
}

// ExitSpec takes a lead out the moment it comes true.
type ExitSpec struct {
	Name   string // without "exit."
	On     string // event, or ""
	TossUp string // toss-up that was offered, or ""
	When   []Cond
}

// StepKind says what a step does.
type StepKind uint8

// The kinds of step.
const (
	WaitStep StepKind = iota + 1
	BranchStep
	SendStep
	ExitStep
	SplitStep
	SetStep
	EmitStep
	GotoStep
)

// EndOfFlow is the Next of a last step: the run leaves by "exit.end".
const EndOfFlow = -1

// StepSpec is one step. Steps of a workflow stand in one slice in the order in
// which they are read; Next and the cases' First are indexes into it.
type StepSpec struct {
	Name   string // unique in the workflow
	Kind   StepKind
	Next   int // step after this one, EndOfFlow at the end; unused by ExitStep, BranchStep, SplitStep
	Wait   *WaitSpec
	Show   *ShowSpec // of a wait during which a slot of the site shows something, or nil
	Branch *BranchSpec
	Send   *SendSpec
	Split  *SplitSpec
	Set    *SetSpec
	Emit   *EmitSpec
	Goto   *GotoSpec
	// Removed says where leads go who stand here when a later revision has no such
	// step: "" asks for moved, "exit", or the name of the step that follows.
	Removed string
	Place   Place
}

// WaitSpec holds a lead: for a length of time, until an opening, or until an
// event (then AtMost is the patience). The first event that comes decides; with
// Cases it decides the way too.
type WaitSpec struct {
	For       calendar.Length  // zero: none
	Until     *calendar.Window // next opening, now included; nil: none
	On        []string         // events, those of Cases included; nil: none
	When      []Cond           // narrows On
	AtMost    calendar.Length  // zero: none
	Cases     []WaitCase       // ways by the event that came; nil: every event goes to Next
	Otherwise int              // with Cases: the way of who waited AtMost in vain
	Recompute bool             // a changed wait moves those who wait already
}

// WaitCase is the way of the leads whose wait ended by one of On.
type WaitCase struct {
	Name  string
	On    []string
	When  []Cond
	First int
}

// BranchSpec goes the way of the first case that holds.
type BranchSpec struct {
	Cases     []CaseSpec
	Otherwise int // step, EndOfFlow, or the branch's join where no otherwise is written
}

// CaseSpec is one way of a branch.
type CaseSpec struct {
	Name  string
	When  []Cond
	First int
}

// SplitSpec divides leads by weight: sticky by the hash of lead, workflow and
// step, so that a lead that comes again goes the same way.
type SplitSpec struct {
	Arms []ArmSpec
}

// ArmSpec is one way of a split.
type ArmSpec struct {
	Name   string
	Weight float64
	First  int
}

// SetSpec sets attributes of the lead.
type SetSpec struct {
	Values []Assign
}

// EmitSpec brings an own event.
type EmitSpec struct {
	Event  string
	Fields []Assign
}

// Assign gives a name a value computed from the lead.
type Assign struct {
	Name  string
	Value Val
}

// GotoSpec goes to another step, at most AtMost times in one run; after that the
// run goes on to Next.
type GotoSpec struct {
	To     int
	AtMost int
}

// SendSpec is a step that a channel performs.
type SendSpec struct {
	Channel       string
	Kind          string
	Lane          Lane
	Policy        string // "" where the channel reaches no lead
	Topic         string // what it is about: a lead may unsubscribe from one topic; "": none
	Transactional bool
	Window        *calendar.Window // own sending window, joined with the policy's; nil: none
	Content       Content
	Experiment    *ExperimentSpec
}

// ExperimentSpec tries several forms or times of one message. The arm follows
// from the hash of lead and Name: sticky and reproducible. Exactly one of
// Variants and Slots is set.
type ExperimentSpec struct {
	Name     string // "workflow/step/experiment", unique
	Label    string
	Variants []VariantSpec
	Slots    []SlotSpec
	Measure  string // event that is a success, joined by message id
	Within   Span   // time to react; the arm's trial is judged when it is over
	MinEach  int    // trials of each arm before anything is decided
	Sure     float64
	Guards   []GuardSpec
	Auto     bool // the winner is used at once, else proposed
}

// VariantSpec is one form of the message. Content nil is the step's own.
type VariantSpec struct {
	Name    string
	Tags    []string // what kind of form it is, pooled over experiments
	Content Content
}

// SlotSpec is one weekday and time at which the message goes.
type SlotSpec struct {
	Name string
	At   Occurrences // in the lead's zone
}

// GuardSpec ends an experiment early when an arm does harm: the event's share of
// the arm's messages is above Above for sure.
type GuardSpec struct {
	Event  string
	Above  float64
	Source string
}
