package channel

import (
	"context"
	"encoding/json"
	"time"
)

// Channel is a plugin. Describe may be called at any time; Configure is called
// once in the life of a process before anything is asked of it (again only after
// it was refused); Do is called from up to Description.Concurrency goroutines.
type Channel interface {
	// Describe tells what the channel is, always the same.
	Describe() Description
	// Configure takes the settings, which have been checked against
	// Description.Config and completed by its defaults. What it refuses it
	// returns as Diagnostics; any other error becomes one Diagnostic.
	Configure(ctx context.Context, c Config) error
	// Do performs one action. An error means that the outcome is unknown. ctx
	// ends when the action's time is over or the host no longer wants it.
	Do(ctx context.Context, r Request) (Reply, error)
}

// BatchDoer is a Channel that does several actions at once better than one after
// the other. DoBatch gets up to Description.BatchMax requests and answers each,
// in their order. An error is the outcome "unknown" for all.
type BatchDoer interface {
	Channel
	DoBatch(ctx context.Context, rs []Request) ([]Reply, error)
}

// Checker is a Channel that can find out whether its service would accept work,
// without sending anything to anybody.
type Checker interface {
	Check(ctx context.Context) error
}

// Closer is a Channel that holds something to let go of, connections for
// instance. Close is the last call.
type Closer interface {
	Close() error
}

// Request is one action, finished: nothing is left to render or to decide.
type Request struct {
	Key     string // idempotency key, hexadecimal: the same on every attempt
	Kind    string // step kind: "email", "webhook"
	Lead    string // the lead's opaque id
	Attempt int    // from 1
	Parts   []Part // personal data: never log it

	commit func(context.Context) error
}

// Part is a finished part of a message. Value is nil, a string, a float64, a
// bool, a time.Time, or a json.RawMessage for an object or a list.
type Part struct {
	Name  string
	Value any
}

// Text is the text of the part of that name: the string itself, or the JSON of
// an object; "" when there is no such part or it holds something else.
func (r Request) Text(name string) string {
	switch v := r.Part(name).(type) {
	case string:
		return v
	case json.RawMessage:
		return string(v)
	}
	return ""
}

// Part is the value of the part of that name, nil when there is none.
func (r Request) Part(name string) any {
	for i := len(r.Parts) - 1; i >= 0; i-- {
		if r.Parts[i].Name == name {
			return r.Parts[i].Value
		}
	}
	return nil
}

// Commit asks leave to pass the point of no return and waits for the answer. On
// an error the channel must not go on, and answers with Again: the host has
// given the action up, or is gone. Where nobody asks for Commit it costs
// nothing; a Request made by hand in a test always has leave.
func (r Request) Commit(ctx context.Context) error {
	if r.commit == nil {
		return nil
	}
	return r.commit(ctx)
}

// OnCommit returns the request with f in the place of the host's answer, for
// tests of a channel.
func (r Request) OnCommit(f func(context.Context) error) Request {
	r.commit = f
	return r
}

// Outcome is what became of an action.
type Outcome uint8

// The outcomes. The zero Outcome is Unknown: a Reply that somebody forgot to
// fill claims nothing.
const (
	Unknown Outcome = iota // may have happened
	Done                   // accepted by the service
	Retry                  // not done, for certain; may be asked again
	Refused                // not done, and asking again would not help
)

// String is the outcome's word.
func (o Outcome) String() string {
	switch o {
	case Done:
		return "done"
	case Retry:
		return "retry"
	case Refused:
		return "refused"
	}
	return "unknown"
}

// Reply answers one Request. Code is a short stable word ("smtp_550",
// "http_429"); Detail is a sentence for operators. Neither holds personal data:
// the host removes mail addresses and the request's own parts from Detail, but
// cannot know everything.
type Reply struct {
	Outcome  Outcome
	Provider string        // the service's own id of what it accepted
	After    time.Duration // Retry: not earlier than this; 0: the usual back-off
	Code     string
	Detail   string

	// Cost is what the service takes for what it accepted, and Currency in what
	// (ISO 4217); 0: nothing, or nobody knows. Both are fields of the event KIND_sent.
	Cost     float64
	Currency string
}

// Accepted is the Reply of success; provider is the service's own id, or "".
func Accepted(provider string) Reply { return Reply{Outcome: Done, Provider: provider} }

// Again is the Reply of what was certainly not done and may be later.
func Again(after time.Duration, code, detail string) Reply {
	return Reply{Outcome: Retry, After: after, Code: code, Detail: detail}
}

// Refuse is the Reply of what the service will never accept.
func Refuse(code, detail string) Reply {
	return Reply{Outcome: Refused, Code: code, Detail: detail}
}

// Uncertain is the Reply of what may have happened.
func Uncertain(code, detail string) Reply {
	return Reply{Outcome: Unknown, Code: code, Detail: detail}
}
