package engine

import (
	"encoding/hex"
	"time"
)

// ActionKey names one action for ever: a hash of what caused it (see
// semantics: kind, name, run id, visit), never of the attempt. A channel treats
// a key that it has seen as done.
type ActionKey [16]byte

// String is the key in hexadecimal, as channels get it.
func (k ActionKey) String() string { return hex.EncodeToString(k[:]) }

// IsZero reports a key that was never set.
func (k ActionKey) IsZero() bool { return k == ActionKey{} }

// ParseActionKey reads what String wrote.
func ParseActionKey(s string) (ActionKey, bool) {
	var k ActionKey
	if len(s) != 2*len(k) {
		return k, false
	}
	_, err := hex.Decode(k[:], []byte(s))
	return k, err == nil
}

// Lane orders the way out: what stands in a lower lane never waits for a higher.
type Lane uint8

// The lanes.
const (
	LaneTossUp Lane = iota
	LaneTransactional
	LaneNurture
	LaneBroadcast
	Lanes = 4
)

// PendingState is where an action stands.
type PendingState uint8

// The states of an action that is under way.
const (
	Ready   PendingState = iota + 1 // in the outbox, waits for its rate token
	Granted                         // has leave to go; an attempt may be running
	Waiting                         // a TryDue timer brings it back (quiet hours, a cap, a retry), or a lifted ruling
)

// Pending is an action under way: an intention from the moment its step was
// reached until a channel accepted or refused it, or it was skipped.
//
//  1. Ready and Granted: exactly one outbox row (Lane, Seq) exists. Waiting: none,
//     and exactly one TryDue timer is armed; or none where a pause holds it, or a
//     cap that a ruling has lowered to nothing, until the lead hears of its end.
//  2. Attempts is the number of times leave was given.
type Pending struct {
	Key      ActionKey
	Lane     Lane
	State    PendingState
	Seq      uint64 // outbox position; assigned by the writer, not by Decide
	Channel  string
	Workflow string // of the step that caused it, or ""
	Step     string
	Run      RunID
	TossUp   string // of the toss-up that caused it, or ""
	Message  string // id of the fact that completed a toss-up
	Since    Time   // wall time of the intention
	Asked    Time   // lead time of the intention; it runs on with wall time from there
	Attempts int32
	Reserved Time   // wall time under which the cap was reserved, 0 when none is
	Reasons  string // JSON, for a hand-over's packet
	Scores   string // JSON: which rules paid, faded to the hand-over
	Touches  string // JSON: what the lead did last
	Priority int32  // of the workflow
	Arm      string // of the step's experiment, "" where there is none
	NotUntil Time   // wall time of its slot, 0 for none
	Canary   uint32 // of its run: see Run
}

// Request is one attempt of one action, finished and ready for a plugin.
type Request struct {
	Key     ActionKey
	Channel string // configured channel
	Kind    string // step kind: "email", "webhook", "crm", …
	Lane    Lane
	Lead    LeadID
	Attempt int
	Parts   []Field // finished parts, rendered once; equal on every attempt
}

// Outcome is a channel's answer.
type Outcome uint8

// The outcomes of an attempt.
const (
	Done    Outcome = iota + 1 // accepted; it will not be asked again
	Retry                      // not done and certain of it; may be asked again after RetryAfter
	Refused                    // not done, and asking again would not help
	Unknown                    // may have happened: repeated only where the receiver honours keys
)

var outcomeNames = [...]string{"", "done", "retry", "refused", "unknown"}

// String is the outcome's word.
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "outcome"
}

// Receipt is what came of an attempt.
type Receipt struct {
	Key        ActionKey
	Lead       LeadID
	Attempt    int
	Outcome    Outcome
	Provider   string        // the service's own id of the message
	Code       string        // stable reason code of a Retry, Refused or Unknown
	Detail     string        // a sentence for operators, without personal data
	RetryAfter time.Duration // 0: the channel's own back-off

	// Cost is what the service takes for what it accepted, in Currency; 0: nothing, or
	// nobody knows. On the way to the lead both are fields of the Settled fact.
	Cost     float64
	Currency string
}

// DeadAction is an action that was given up, kept until an operator retries or
// discards it.
type DeadAction struct {
	Pending Pending
	Lead    LeadID
	At      Time
	Outcome Outcome // Refused, Unknown, or Retry when its attempts were used up
	Code    string
	Detail  string
}
