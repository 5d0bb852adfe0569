package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"
)

// LeadID is the stable internal name of a lead. It follows from the first
// identifier under which the lead was seen (see Identifier.Lead), so that two
// machines give the same lead the same id without asking each other.
type LeadID [16]byte

// String is the id in hexadecimal, as it stands in URLs and logs. It is not
// personal data: the identifier cannot be read back from it.
func (id LeadID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports an id that was never set.
func (id LeadID) IsZero() bool { return id == LeadID{} }

// ParseLeadID reads what String wrote.
func ParseLeadID(s string) (LeadID, bool) {
	var id LeadID
	if len(s) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(s))
	return id, err == nil
}

// Partition is the lead's place among n virtual partitions: the same for ever.
func (id LeadID) Partition(n int) int {
	return int((uint(id[14])<<8 | uint(id[15])) % uint(n))
}

// IdentifierKind says where an identifier comes from.
type IdentifierKind uint8

// The kinds of identifier, strongest first: where an event carries several, the
// strongest names the lead.
const (
	ByUser      IdentifierKind = iota + 1 // the client's userId
	ByKey                                 // the attribute that lead { key = … } names, e-mail as a rule
	ByVisitor                             // the client's anonymousId
	ByOwner                               // an owner in sales: of an entity, see EntityDesk
	ByAccount                             // an account: of an entity, see EntityAccount
	ByFigure                              // a figure under its labels: of an entity, see EntityKPI
	ByReview                              // a review: of an entity, see EntityReview
	ByAttribute                           // an attribute that identifies beside the key: see Program.AttributeName
)

// Identifier is one name under which clients know a lead. Personal data.
type Identifier struct {
	Kind  IdentifierKind
	Value string
}

// Hash is the identifier's key in the identity table: equal for equal
// identifiers, unreadable for anybody else.
func (i Identifier) Hash() [16]byte {
	var buf [257]byte
	b := append(buf[:0], byte('0'+i.Kind))
	b = append(b, i.Value...)
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

// Lead is the id of a lead that is first seen under this identifier.
func (i Identifier) Lead() LeadID { return LeadID(i.Hash()) }

// EventKind says through which way an Event came in. The first six are the
// client's calls; the others are facts that the engine's own shell reports.
type EventKind uint8

// The kinds of Event.
const (
	Track EventKind = iota + 1
	Identify
	Page
	Screen
	Group
	Alias

	// Tick: the wheel's clock says that a timer of the lead is due.
	Tick
	// Attempt: an action has its rate token and asks for leave to go. Action is set.
	Attempt
	// Settled: a channel answered, or did not. Action and Receipt are set.
	Settled
	// Redrive: an operator gives a dead letter another round. Action and Letter are set.
	Redrive

	// Merge: another lead (Other) was seen with an identifier of this one. Name says
	// by what it asks.
	Merge
	// Take: the lead Other becomes a part of this one; Context is its stored row.
	Take
	// Contest: the lead Other has the same key and another userId.
	Contest
	// Unmerge: an operator lets this part be a lead of its own again. Action is the
	// id of the lead that it is a part of.
	Unmerge
	// Release: the part Other is a lead of its own again; Context is its stored row.
	Release

	// Ask: the lead Other asks this entity, whose kind and name are Source and User;
	// Name says what, Action which act it is about.
	Ask
	// Tell: the entity Other tells this lead; Name says what, Action of which act.
	Tell

	// Forget: an operator lets the lead be forgotten. Fields are its names, which go
	// from the identity table.
	Forget

	// Correct: somebody says what is true of a fact after all. See Correction.
	Correct
)

var eventKindNames = [...]string{"", "track", "identify", "page", "screen", "group", "alias", "tick", "attempt", "settled", "redrive", "merge", "take", "contest", "unmerge", "release", "ask", "tell", "forget", "correct"}

// String is the wire name of the kind.
func (k EventKind) String() string {
	if int(k) < len(eventKindNames) {
		return eventKindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Outside reports whether the event came from a client, not from the engine's
// own shell. Only outside events are de-duplicated and answered with 400s.
func (k EventKind) Outside() bool { return k >= Track && k <= Alias }

// Event is one thing that happened to one lead: the only input there is.
//
//  1. An Event that passed Check is well-formed; behind it nobody checks again.
//  2. At is when it happened (the client's word, corrected for its clock's skew
//     and never more than MaxAhead after Received); Received is when it reached
//     us. Both are set, by the shell for its own facts.
//  3. ID names it for ever within its Source. The same (Source, ID) twice is one
//     event, whatever else differs.
//  4. An Event is immutable once submitted.
type Event struct {
	Kind     EventKind
	ID       string
	Source   string
	Name     string // wire name of a track; page and screen carry theirs as field "name"
	Lead     LeadID
	User     string // userId, "" for a visitor
	Visitor  string // anonymousId
	At       Time
	Received Time
	Fields   []Field // properties, or traits of an identify or group
	Context  string  // the client's context object as JSON, kept, not read

	Action  ActionKey // Attempt, Settled, Redrive
	Receipt Receipt   // Settled
	Letter  *DeadAction
	Other   LeadID // Merge and after
}

// MaxAhead bounds how far a client's clock may run ahead of ours: an event dated
// later is taken as having happened at Received + MaxAhead.
const MaxAhead = 5 * Minute

// Bounds of one event. What is larger is refused by Check, with the bound named.
const (
	MaxIDLength    = 512       // bytes of ID, User, Visitor, Name
	MaxFields      = 512       // fields of one event
	MaxFieldLength = 32 << 10  // bytes of one text value
	MaxEventLength = 256 << 10 // bytes of all names, values and the context
)

// Problem is why an event was refused, fit for a stranger: Code is stable, Text
// is a sentence. It never quotes a value, because values are personal data.
type Problem struct {
	Code string
	Text string
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Text }

func problem(code, format string, args ...any) error {
	return &Problem{Code: code, Text: fmt.Sprintf(format, args...)}
}

// Check is the gate: it caps At and refuses what is not an event, with a
// *Problem. It sets Lead from the strongest identifier when it is not set.
func (e *Event) Check() error {
	if e.Kind < Track || e.Kind > Correct {
		return problem("bad_type", "type is missing or not one of track, identify, page, screen, group, alias")
	}
	if e.Kind.Outside() {
		if err := e.checkOutside(); err != nil {
			return err
		}
	}
	if e.Lead.IsZero() {
		return problem("no_lead", "the event names no lead")
	}
	if e.At <= 0 || e.Received <= 0 {
		return problem("bad_time", "the event has no time")
	}
	if limit := e.Received.Add(MaxAhead); e.At > limit {
		e.At = limit
	}
	return nil
}

func (e *Event) checkOutside() error {
	if e.ID == "" {
		return problem("no_id", "messageId is missing")
	}
	if e.User == "" && e.Visitor == "" && e.Lead.IsZero() {
		return problem("no_identity", "userId or anonymousId is required")
	}
	if e.Kind == Track && e.Name == "" {
		return problem("no_event", "a track call needs the name of its event")
	}
	total := len(e.Context)
	for _, f := range [...]struct{ what, text string }{
		{"messageId", e.ID}, {"userId", e.User}, {"anonymousId", e.Visitor}, {"event", e.Name},
	} {
		switch {
		case len(f.text) > MaxIDLength:
			return problem("too_long", "%s is longer than %d bytes", f.what, MaxIDLength)
		case !utf8.ValidString(f.text):
			return problem("bad_text", "%s is not valid UTF-8", f.what)
		case strings.IndexByte(f.text, 0) >= 0:
			return problem("bad_text", "%s contains a NUL", f.what)
		}
		total += len(f.text)
	}
	if len(e.Fields) > MaxFields {
		return problem("too_many_fields", "more than %d fields", MaxFields)
	}
	for _, f := range e.Fields {
		if len(f.Value.str) > MaxFieldLength {
			return problem("too_long", "a field is longer than %d bytes", MaxFieldLength)
		}
		if len(f.Name) > MaxIDLength {
			return problem("too_long", "a field's name is longer than %d bytes", MaxIDLength)
		}
		total += len(f.Name) + len(f.Value.str)
	}
	if total > MaxEventLength {
		return problem("too_large", "the event is larger than %d bytes", MaxEventLength)
	}
	if e.Lead.IsZero() {
		e.Lead = e.Strongest().Lead()
	}
	return nil
}

// Strongest is the strongest identifier that the event carries.
func (e *Event) Strongest() Identifier {
	if e.User != "" {
		return Identifier{ByUser, e.User}
	}
	return Identifier{ByVisitor, e.Visitor}
}

// Named is the identifier under which an event's lead is to be looked up; ok is
// false when the event itself says whose it is: by a lead or a userId.
func (p *Program) Named(e *Event) (i Identifier, ok bool) {
	if !e.Lead.IsZero() || e.User != "" {
		return i, false
	}
	if e.Visitor != "" {
		return Identifier{ByVisitor, e.Visitor}, true
	}
	for _, at := range p.identifiers {
		v, given := p.traitIn(e, at, Fold)
		if !given {
			continue
		}
		if i, ok = p.AttributeName(p.spec.Attrs[at].Name, v); ok {
			return i, true
		}
	}
	return i, false
}

// Fold brings a wire name to the form in which the language declares names:
// lower snake case. "Contact Requested", "contactRequested" and
// "contact-requested" all become "contact_requested". Letters of any script are
// kept; every run of anything else is one underscore.
func Fold(wire string) string {
	if isFolded(wire) {
		return wire
	}
	var b strings.Builder
	b.Grow(len(wire) + 4)
	var prevLower, pending bool
	for _, r := range wire {
		if !isWordRune(r) {
			pending = b.Len() > 0
			prevLower = false
			continue
		}
		upper := isUpper(r)
		if pending || (upper && prevLower) {
			b.WriteByte('_')
		}
		pending = false
		prevLower = !upper
		b.WriteRune(toLower(r))
	}
	return b.String()
}
