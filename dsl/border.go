package dsl

import (
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// This file is the border between the two halves of the package: the structure
// (blocks, references, steps) and what stands inside quotes and templates
// (conditions, texts, mails). The structure makes Literals and a Scope and asks
//
//	compileCond(lit Literal, sc *Scope) (engine.Cond, []problem)
//	compileNum(lit Literal, sc *Scope) (engine.Num, []problem)
//	compileStr(lit Literal, sc *Scope) (engine.Str, []problem)
//	compileVal(lit Literal, sc *Scope, want …) (engine.Val, []problem)
//	compileText(lit Literal, sc *Scope) (textTemplate, []problem)
//	compileMail(file templateFile, subject textTemplate, sc *Scope) (engine.Content, []problem)
//	compilePayload(parts []part, sc *Scope) (engine.Content, []problem)
//	formatExpr(src string) (string, bool)
//
// for the rest. A compile function returns nil beside an error of severity
// Error; warnings and notes come with a usable result.

// Literal is a quoted string or heredoc of the workspace as it stands in the
// file. Value is what it says: unquoted, unescaped, its indentation removed, in
// Unicode's NFC. Raw is what Range covers in the file, quotes included. An
// interpolation (`${`) has been refused before a Literal is made.
type Literal struct {
	File  string
	Range hcl.Range
	Raw   []byte
	Value string

	starts []int // byte offset in Raw for each byte of Value; nil until asked for
}

// Span maps a part of Value, in bytes, to its place in the file, through quotes,
// escapes and indentation. An empty part is widened to one character where there
// is one. (Expressions count in runes: convert before.)
func (l *Literal) Span(start, end int) hcl.Range { return l.span(start, end) }

// templateFile is a file under templates/.
type templateFile struct {
	Name   string // slash path from the workspace's root: "templates/pricing/short.md"
	Source []byte
}

// part is one finished part that a step or a hand-over gives its channel.
// Exactly one of Lit, Fact and Members is set, or none where Const holds a plain
// value.
type part struct {
	Name    string
	Place   hcl.Range    // of the name
	Lit     *Literal     // a text with {{ }}
	Const   engine.Value // a number, a flag
	Fact    *engine.Key  // a fact handed over as it is: KeyReasons, KeyTossUp
	Members []part       // an object: rendered as one JSON object, members in this order
}

// problem is one thing that is wrong, as found inside a literal or a template.
type problem struct {
	Code    string // of the table in codes.go; the severity stands there
	Args    []any  // for the sentences of the code, in order: %[1]s …; a Doc is given in the reader's language
	Range   hcl.Range
	Suggest string    // what to write instead of the range, or "": "did you mean …?"
	Shown   string    // Suggest as a person reads it ("score.interest" for "interest"); "": as it is
	Other   hcl.Range // a second place that has to do with it; zero: none
}

// Scope is what a literal may name, and what is known about it: a read-only view
// on all declarations. The maps are shared by all Scopes of a workspace.
type Scope struct {
	Attributes map[string]*fieldInfo
	Account    map[string]*fieldInfo // what is said of accounts, nil where none are declared
	Events     map[string]*eventInfo
	Scores     map[string]*scoreInfo
	Segments   map[string]*namedInfo
	Consents   map[string]*namedInfo
	Consts     map[string]engine.Value
	Workflows  map[string]*workflowInfo
	Channels   map[string]*channelInfo
	TossUps    map[string]*namedInfo
	KPIs       map[string]*namedInfo
	Stages     []*namedInfo // in order
	Calendar   *calendar.Calendar
	Zone       *time.Location
	Language   string // "ja" or "en"
	Address    string // attribute that holds the address mails go to, or ""

	Rates map[string]bool // the KPIs that are rates

	Event    *eventInfo  // the event at hand, nil where there is none
	Figure   *figureInfo // the KPI at hand, nil where there is none
	Families family      // what else may be named

	notes *noteBook // what is compiled, for an editor; nil where nobody asks
}

// family is a set of facts that a literal may name.
type family uint32

// The families. What each place of a workspace may name stands in scope.go.
const (
	famLead     family = 1 << iota // lead.*
	famEvent                       // event.*; only with Scope.Event
	famScore                       // score.*
	famSegment                     // segment.*
	famStage                       // stage, lead.stage
	famConsent                     // consent.*
	famConst                       // const.*
	famHistory                     // did, times, never, since
	famFlow                        // at, in_workflow
	famSent                        // sent
	famSkipped                     // skipped: tests
	famTossedUp                    // tossed_up
	famTime                        // now, weekday, hour, business_day
	famHandOver                    // toss_up, reasons: texts of a hand_over
	famKPI                         // kpi.NAME.value: thresholds, formulas, rollout
	famFigure                      // value, and the figure's labels: thresholds
	famFormula                     // toss_up.NAME.handed_over, reachable: formulas
	famPayload                     // payload.*: maps of sources
	famTouch                       // first_touch.*, last_touch.*
	famShown                       // shown: tests
	famMail                        // preferences_url: texts of mails
	famConfirm                     // confirm_url: the mail of a confirm
	famAccount                     // account.*

	famRule = famLead | famEvent | famScore | famSegment | famStage | famConsent | famConst |
		famHistory | famFlow | famSent | famTossedUp | famTime | famAccount | famTouch
)

// has reports whether all of f may be named.
func (s *Scope) has(f family) bool { return s.Families&f == f }

// namedInfo is a declared name.
type namedInfo struct {
	Name  string
	Label string
	Where hcl.Range
}

// fieldInfo is an attribute of a lead or a field of an event.
type fieldInfo struct {
	namedInfo
	Kind     engine.Kind
	Choices  []string // of a choice (Kind Text)
	Required bool     // never empty where identified leads stand
	Default  engine.Value
}

// eventInfo is an event or a named moment; a moment has the fields of the event
// it narrows.
type eventInfo struct {
	namedInfo
	Fields  map[string]*fieldInfo
	BuiltIn bool
}

// scoreInfo is a score. Min and Max hold where Range is true.
type scoreInfo struct {
	namedInfo
	Range    bool
	Min, Max float64
}

// workflowInfo is a workflow with the names at('…') may give: steps, and exits
// as "exit.NAME".
type workflowInfo struct {
	namedInfo
	Steps []string
	Exits []string
	Slots []string // of the web site, that its steps show something in
}

// channelInfo is a configured channel.
type channelInfo struct {
	namedInfo
	Plugin string
	Reach  engine.Reach
}

// For did-you-mean: closest(name, candidates) in suggest.go, with names(map) for
// the candidates.
