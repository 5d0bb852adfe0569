package engine

import (
	"strconv"
	"strings"
)

// KeyKind says what family of facts a Key belongs to.
type KeyKind uint8

// The families of facts that a condition or a text may read.
const (
	KeyLead           KeyKind = iota + 1 // lead.NAME: an attribute
	KeyEvent                             // event.NAME: a field of the event at hand
	KeyScore                             // score.NAME, read at now
	KeySegment                           // segment.NAME
	KeyStage                             // lead.stage
	KeyConsent                           // consent.NAME
	KeyTimes                             // times('event'[, 'window']); did and never compare it with 0
	KeySince                             // since('event'): days, none when it never happened
	KeyAt                                // at('workflow'): step, "exit.NAME", or ""
	KeyInWorkflow                        // in_workflow('workflow')
	KeySent                              // sent('channel'[, 'window'])
	KeySkipped                           // skipped('channel'[, 'reason'])
	KeyTossedUp                          // tossed_up('toss_up')
	KeyNow                               // now, in the lead's zone
	KeyWeekday                           // weekday: 'mon' … 'sun'
	KeyHour                              // hour: 0 … 23
	KeyBusinessDay                       // business_day
	KeyReasons                           // why the toss-up at hand was made, as JSON; texts of a hand_over only
	KeyTossUp                            // name of the toss-up at hand; texts of a hand_over only
	KeyAccount                           // account.NAME: what is said of the lead's account
	KeyAccountTimes                      // account.times('event'[, 'window']): of all leads of the account
	KeyAccountSince                      // account.since('event')
	KeyConfirmURL                        // where a consent is confirmed; texts of its confirm only
	KeyPreferencesURL                    // the lead's preference page; texts of messages
	KeyTouch                             // first_touch.NAME, last_touch.NAME: Arg is FirstTouch or LastTouch
	KeyShown                             // shown('slot'): the step that shows something there, or ""
)

// Key is one fact about a lead, flat: everything that `when = "…"` can read is
// compiled to a set of Keys before anything runs. The set is exact, so it gives
// the index from event to rules, the windows to keep, what the decision log must
// hold and what a test must supply.
type Key struct {
	Kind   KeyKind
	Name   string // attribute, field, score, event, workflow, channel, …
	Arg    string // the reason of KeySkipped
	Window Span   // KeyTimes, KeySent: 0 means ever
}

// The facts that Links brings to the text of a message, by the names under which
// texts read them.
const (
	ConfirmURL     = "confirm_url"
	PreferencesURL = "preferences_url"
)

var keyPrefix = map[KeyKind]string{
	KeyLead: "lead.", KeyEvent: "event.", KeyScore: "score.", KeySegment: "segment.",
	KeyConsent: "consent.", KeyTimes: "times:", KeySince: "since:", KeyAt: "at:",
	KeyAccount: "account.", KeyAccountTimes: "account.times:", KeyAccountSince: "account.since:",
	KeyInWorkflow: "in_workflow:", KeySent: "sent:", KeySkipped: "skipped:", KeyTossedUp: "tossed_up:",
	KeyShown: "shown:",
}

// String is the key's flat name, under which its value stands in Vars.
func (k Key) String() string {
	switch k.Kind {
	case KeyStage:
		return "lead.stage"
	case KeyNow:
		return "now"
	case KeyWeekday:
		return "weekday"
	case KeyHour:
		return "hour"
	case KeyBusinessDay:
		return "business_day"
	case KeyReasons:
		return "reasons"
	case KeyTossUp:
		return "toss_up"
	case KeyConfirmURL:
		return ConfirmURL
	case KeyPreferencesURL:
		return PreferencesURL
	case KeyTouch:
		return k.Arg + "_touch." + k.Name
	}
	var b strings.Builder
	b.WriteString(keyPrefix[k.Kind])
	b.WriteString(k.Name)
	if k.Arg != "" {
		b.WriteString(":")
		b.WriteString(k.Arg)
	}
	if k.Window != 0 {
		b.WriteString(":")
		b.WriteString(k.Window.String())
	}
	return b.String()
}

// Written is the fact as a condition names it: "sent('mail', '7d')", "lead.title".
func (k Key) Written() string {
	name, called := map[KeyKind]string{
		KeyTimes: "times", KeySince: "since", KeyAt: "at", KeyInWorkflow: "in_workflow",
		KeySent: "sent", KeySkipped: "skipped", KeyTossedUp: "tossed_up",
		KeyAccountTimes: "account.times", KeyAccountSince: "account.since",
		KeyShown: "shown",
	}[k.Kind]
	if !called {
		return k.String()
	}
	args := "'" + k.Name + "'"
	if k.Arg != "" {
		args += ", '" + k.Arg + "'"
	}
	if k.Window != 0 {
		args += ", '" + k.Window.String() + "'"
	}
	return name + "(" + args + ")"
}

// String is the span as the language writes it: "7d", "4h", "10m", "30s".
func (s Span) String() string {
	for _, u := range [...]struct {
		span Span
		name string
	}{{Day, "d"}, {Hour, "h"}, {Minute, "m"}, {Second, "s"}} {
		if s != 0 && s%u.span == 0 {
			return strconv.FormatInt(int64(s/u.span), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "ms"
}

// MovesWithTime reports whether the fact changes though nothing happens to the
// lead: a fading score, a window that something leaves, the hour.
func (k Key) MovesWithTime() bool {
	switch k.Kind {
	case KeyScore, KeySegment, KeyConsent, KeySince, KeyAccountSince, KeyNow, KeyWeekday, KeyHour, KeyBusinessDay:
		return true
	case KeyTimes, KeySent, KeyAccountTimes:
		return k.Window != 0
	}
	return false
}

// Vars is what a compiled condition or text is evaluated on.
type Vars struct {
	// Facts holds every Key that the expression declared with Reads, under
	// Key.String(): nil, string, float64, bool or time.Time.
	Facts map[string]any
	// Scratch belongs to the language: what it wants to reuse from one
	// evaluation to the next on the same worker.
	Scratch any
}

// Place is where something stands in the workspace.
type Place struct {
	File   string
	Line   int // from 1
	Column int // from 1, in characters
}

// Expr is what every compiled expression tells of itself. Implementations are
// immutable and safe for concurrent use.
type Expr interface {
	Reads() []Key    // every fact it may read, each once
	Source() string  // as the marketer wrote it
	Meaning() string // the same with constants put in: equal texts mean the same
	Place() Place
}

// Cond is a yes/no question about a lead. An error means that it could not be
// evaluated: the engine takes that for "no" and records a fault.
type Cond interface {
	Expr
	Holds(*Vars) (bool, error)
}

// Num is a number computed from a lead; ok is false for "no value" (a missing
// attribute, a division by zero).
type Num interface {
	Expr
	Number(*Vars) (n float64, ok bool, err error)
}

// Str is a text computed from a lead, the owner of a hand-over for instance.
type Str interface {
	Expr
	Text(*Vars) (string, error)
}

// Val is any value computed from a lead: a step's assignment, an entry key.
type Val interface {
	Expr
	Value(*Vars) (Value, error)
}

// Threshold is one comparison of a moving fact with a number inside a condition.
type Threshold struct {
	Key   Key
	Op    string // "<", "<=", ">", ">=", "==", "!="; the key stands on the left
	Value float64
}

// Timely is a Cond that tells with what numbers its moving facts (Key.MovesWithTime)
// are compared, so that the instant at which time alone changes its answer can be
// computed. exact is false when a moving fact is used in any other way; the engine
// then searches for the instant.
type Timely interface {
	Thresholds() (list []Threshold, exact bool)
}

// Content renders the finished parts of a message ("to", "subject", "html",
// "payload", …) for a plugin. It runs in the shell at dispatch, never inside
// Decide.
type Content interface {
	Expr
	Render(*Vars) ([]Field, error)
}

// Addressed is a Content that goes to an address of the lead's own. A lead
// without it is not written to.
type Addressed interface {
	Address() Key
}
