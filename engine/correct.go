package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Correction says what is true of a fact after all: a click was a machine's, a bounce
// came late, a consent is not valid, an event never happened. It is a fact of its own
// and stands in the journal beside the first, in which nothing is rewritten.
//
//  1. Folds, counters, experiments and outcomes follow as if it had been known when
//     the fact came. Acts stay: what was sent is sent. What follows now is done by new
//     acts, and a toss-up that would not have been is told to sales.
//  2. It says something about some sides of a fact and leaves the others as they are
//     known. Of two that speak of one side, what was said last is true.
//  3. Never is taken back by anything that is said of the fact later, AsTold takes
//     back everything that was said before.
//  4. A correction may be corrected itself: Fact is then its ID, and only Never can
//     be said of it.
//  5. It may come before its fact: it waits (Lead.Awaited).
type Correction struct {
	ID        string // of the correction; the same one twice is one
	Fact      string // id of the fact
	Source    string // of the fact; "" for whatever source it came from
	Never     bool   // it did not happen
	AsTold    bool   // it was as it was first told
	Verdict   Verdict
	At        Time    // when it happened; 0: as is known
	Fields    []Field // what it says otherwise; a value of no kind takes a field away
	NoConsent bool    // it gives no leave to write
	Who, Why  string
}

// Bounds of what a correction says.
const (
	MaxWhy     = 2000 // bytes
	maxAwaited = 256  // facts of a lead that are corrected and have not come
)

// correctedEvent is the name under which corrections stand in the journal.
const correctedEvent = "fact_corrected"

// noConsent is the field by which a corrected event gives no leave. No client's field
// is named so: names are texts without NUL.
const noConsent = "\x00consent"

// Check refuses what says nothing, or two things that cannot both be.
func (c *Correction) Check(now Time) error {
	switch {
	case c.Fact == "":
		return problem("no_fact", "the correction does not say of which fact it is")
	case c.ID == "" || len(c.ID) > MaxIDLength || len(c.Fact) > MaxIDLength || len(c.Source) > MaxIDLength || len(c.Who) > MaxIDLength:
		return problem("too_long", "the correction has no id, or a name in it is longer than %d bytes", MaxIDLength)
	case strings.TrimSpace(c.Why) == "":
		return problem("no_reason", "a correction needs a reason")
	case len(c.Why) > MaxWhy || !utf8.ValidString(c.Why):
		return problem("too_long", "the reason is longer than %d bytes, or not valid UTF-8", MaxWhy)
	case len(c.Fields) > MaxFields:
		return problem("too_many_fields", "more than %d fields", MaxFields)
	case c.At < 0 || c.At > now.Add(MaxAhead):
		return problem("bad_time", "the time lies in the future")
	}
	for i := range c.Fields {
		name := c.Fields[i].Name
		if name == "" || len(name) > MaxIDLength || strings.IndexByte(name, 0) >= 0 || len(c.Fields[i].Value.str) > MaxFieldLength {
			return problem("bad_field", "a field has no name, or its name or value is too long")
		}
	}
	rest := c.Verdict != Unjudged || c.At != 0 || len(c.Fields) > 0 || c.NoConsent
	switch {
	case c.Never && (c.AsTold || rest), c.AsTold && rest:
		return problem("contradiction", "what never happened, or was as it was first told, cannot be corrected otherwise in the same breath")
	case !c.Never && !c.AsTold && !rest:
		return problem("says_nothing", "the correction says nothing: that it never happened, when it happened, who it was, what it said")
	}
	return nil
}

// The fields under which a correction stands in its event.
const (
	saysFact, saysSource, saysWho, saysWhy                  = "fact", "source", "who", "why"
	saysNever, saysAsTold, saysVerdict, saysAt, saysInvalid = "never", "as_told", "verdict", "at", "no_consent"
	saysField                                               = "field."
)

// Event is the correction as a fact about a lead, said at an instant.
func (c *Correction) Event(lead LeadID, at Time) Event {
	e := Event{Kind: Correct, ID: c.ID, Name: correctedEvent, Lead: lead, At: at, Received: at}
	text := func(name, value string) {
		if value != "" {
			e.Fields = append(e.Fields, Field{name, TextValue(value)})
		}
	}
	flag := func(name string, on bool) {
		if on {
			e.Fields = append(e.Fields, Field{name, FlagValue(true)})
		}
	}
	text(saysFact, c.Fact)
	text(saysSource, c.Source)
	text(saysWho, c.Who)
	text(saysWhy, c.Why)
	flag(saysNever, c.Never)
	flag(saysAsTold, c.AsTold)
	flag(saysInvalid, c.NoConsent)
	text(saysVerdict, verdictWord(c.Verdict))
	if c.At != 0 {
		e.Fields = append(e.Fields, Field{saysAt, TimeValue(c.At)})
	}
	for _, field := range c.Fields {
		e.Fields = append(e.Fields, Field{saysField + field.Name, field.Value})
	}
	return e
}

// CorrectionOf reads what a Correct event says.
func CorrectionOf(e *Event) Correction {
	c := Correction{ID: e.ID}
	for i := range e.Fields {
		v := e.Fields[i].Value
		switch name := e.Fields[i].Name; name {
		case saysFact:
			c.Fact = v.Text()
		case saysSource:
			c.Source = v.Text()
		case saysWho:
			c.Who = v.Text()
		case saysWhy:
			c.Why = v.Text()
		case saysNever:
			c.Never = true
		case saysAsTold:
			c.AsTold = true
		case saysInvalid:
			c.NoConsent = true
		case saysVerdict:
			c.Verdict = verdictOf(v.Text())
		case saysAt:
			c.At = v.Time()
		default:
			if field, ok := strings.CutPrefix(name, saysField); ok {
				c.Fields = append(c.Fields, Field{field, v})
			}
		}
	}
	return c
}

func verdictWord(v Verdict) string { return [...]string{"", "human", "machine"}[v] }

func verdictOf(word string) Verdict {
	switch word {
	case "human":
		return Human
	case "machine":
		return Machine
	}
	return Unjudged
}

// names reports whether the correction is about that event.
func (c *Correction) names(e *Event) bool {
	return c.Fact == e.ID && (c.Source == "" || c.Source == e.Source)
}

// Words is what is said of the fact, in words of the trace: "never", "at", "machine",
// "fields", "no_consent", "as_told".
func (c *Correction) Words() string {
	var words []string
	add := func(word string, said bool) {
		if said {
			words = append(words, word)
		}
	}
	add(saysNever, c.Never)
	add(saysAsTold, c.AsTold)
	add(saysAt, c.At != 0)
	add(verdictWord(c.Verdict), c.Verdict != Unjudged)
	add("fields", len(c.Fields) > 0)
	add(saysInvalid, c.NoConsent)
	return strings.Join(words, " ")
}

// correction is one with its place among the others: what was said later is true.
type correction struct {
	Correction
	said Time
	lead LeadID
	seq  uint64
}

// inForce are the corrections that were not taken back by others, in the order in
// which they were said, each once.
func inForce(list []correction) []correction {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b correction) int {
		return cmp.Or(cmp.Compare(a.said, b.said), cmp.Compare(a.seq, b.seq), slices.Compare(a.lead[:], b.lead[:]))
	})
	seen := map[string]bool{}
	list = slices.DeleteFunc(list, func(c correction) bool { // part and whole may both have it
		again := seen[c.ID]
		seen[c.ID] = true
		return again
	})
	gone := map[string]bool{}
	for i := len(list) - 1; i >= 0; i-- {
		if c := &list[i]; c.Never && !gone[c.ID] && seen[c.Fact] {
			gone[c.Fact] = true
		}
	}
	return slices.DeleteFunc(list, func(c correction) bool { return gone[c.ID] })
}

// amendment is what all corrections of one fact come to.
type amendment struct {
	any, never, invalid bool
	verdict             Verdict
	at                  Time
	fields              []Field
}

// amended is what stands of one event; any is false when nothing does.
func amended(list []correction, e *Event) amendment {
	var a amendment
	for i := range list {
		c := &list[i]
		switch {
		case !c.names(e):
			continue
		case c.AsTold:
			a = amendment{}
			continue
		case c.Never:
			a.any, a.never = true, true
			continue
		}
		a.any, a.never = true, false
		a.invalid = a.invalid || c.NoConsent
		if c.At != 0 {
			a.at = c.At
		}
		if c.Verdict != Unjudged {
			a.verdict = c.Verdict
		}
		a.fields = append(a.fields, c.Fields...)
	}
	return a
}

// of is the event as it is known now. What never happened is told by never.
func (a *amendment) of(e Event) Event {
	if a.at != 0 {
		e.At = a.at
	}
	e.Fields = slices.Clone(e.Fields)
	set := func(name string, v Value) {
		e.Fields = slices.DeleteFunc(e.Fields, func(field Field) bool { return field.Name == name })
		if !v.IsNone() {
			e.Fields = append(e.Fields, Field{name, v})
		}
	}
	for _, field := range a.fields {
		set(field.Name, field.Value)
	}
	if a.verdict != Unjudged {
		set("verdict", TextValue(verdictWord(a.verdict)))
	}
	if a.invalid {
		set(noConsent, FlagValue(true))
	}
	return e
}

// invalidConsent reports an event of which it was said that it gives no leave.
func invalidConsent(e *Event) bool {
	_, invalid := Lookup(e.Fields, noConsent)
	return invalid
}

// corrected are the items as they are known after all: those that never happened are
// none, others are as they were corrected.
func (j *journal) corrected() []*item {
	if len(j.corrections) == 0 {
		return j.items
	}
	list := inForce(j.corrections)
	about := make(map[string]bool, len(list))
	for i := range list {
		about[list[i].Fact] = true
	}
	items := make([]*item, 0, len(j.items))
	moved := false
	for _, it := range j.items {
		if it.derived || !about[it.event.ID] {
			items = append(items, it)
			continue
		}
		a := amended(list, &it.event)
		switch {
		case a.never:
			continue
		case a.any:
			told := it
			it = new(item)
			*it = *told
			it.event = a.of(told.event)
			moved = moved || it.event.At != told.event.At
		}
		items = append(items, it)
	}
	if moved {
		slices.SortStableFunc(items, (*item).compare)
	}
	return items
}

// awaited are the facts that are corrected and have not come.
func (j *journal) awaited() []string {
	if len(j.corrections) == 0 {
		return nil
	}
	known := map[string]bool{}
	for _, it := range j.items {
		if !it.derived {
			known[it.event.ID] = true
		}
	}
	for i := range j.corrections {
		known[j.corrections[i].ID] = true
	}
	var ids []string
	for _, c := range inForce(j.corrections) {
		if !known[c.Fact] {
			known[c.Fact] = true
			ids = append(ids, c.Fact)
		}
	}
	return ids
}

// TrueFact is an outside fact of a journal as it was told and as it is known now.
type TrueFact struct {
	Lead        LeadID // whose row it is
	Seq         uint64
	Told        Event
	Now         Event // as it is known; of what never happened, as it was told
	Never       bool
	Invalid     bool // it gives no leave to write, whatever it says
	Decisions   []Decision
	Corrections []Said // all that was said of it, in order
}

// Said is a correction with its circumstances.
type Said struct {
	Correction
	When Time // it was said
	Void bool // it was taken back by another
}

// TrueFacts reads the outside facts of a lead's journal with what was said of them
// since, in the order in which they happened by what is known now. Corrections whose
// fact has not come are given besides.
func TrueFacts(l *Lead, h History) (facts []TrueFact, waiting []Said, err error) {
	f := NewFrame()
	f.l, f.h = &Lead{ID: l.ID, Parts: l.Parts, Apart: l.Apart}, h
	amendments := &Amendments{}
	err = f.journals(func(row *Fact) error {
		amendments.note(row)
		if row.Event.Kind.Outside() {
			t := TrueFact{Lead: row.Event.Lead, Seq: row.Seq, Decisions: slices.Clone(row.Decisions), Told: row.Event}
			t.Told.Fields = slices.Clone(row.Event.Fields)
			facts = append(facts, t)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read the facts of lead %v: %w", l.ID, err)
	}
	come := make(map[string]bool, len(facts))
	for i := range facts {
		t := &facts[i]
		known := amendments.Of(&t.Told)
		t.Now, t.Never, t.Invalid, t.Corrections = known.Now, known.Never, known.Invalid, known.Corrections
		come[t.Told.ID] = true
	}
	slices.SortFunc(facts, func(a, b TrueFact) int {
		return cmp.Or(cmp.Compare(a.Now.At, b.Now.At), cmp.Compare(a.Seq, b.Seq), slices.Compare(a.Lead[:], b.Lead[:]))
	})
	return facts, amendments.waiting(come), nil
}

// rowOf names a row of a journal.
type rowOf struct {
	lead LeadID
	seq  uint64
}

// Judged reports whether people and machines may have brought an event, so that it can
// be said who did.
func (p *Program) Judged(e *Event) bool {
	plan := p.viewOf(e).planOf(e)
	return plan != nil && plan.machine != nil
}

// MayGrant reports whether an event may give leave to write, by its name.
func (p *Program) MayGrant(e *Event) bool {
	return slices.ContainsFunc(p.Called(e), func(name string) bool {
		plan := p.events[name]
		return len(plan.grants) > 0 || plan.confirms
	})
}

// Known brings recorded outside events, in their order, to what is known of them by
// corrections: those that never happened go, the others are as they were corrected.
// It changes events. Corrections are Correct events, in the order in which they came.
func Known(events []Event, corrections []Event) []Event {
	list := make([]correction, len(corrections))
	about := map[string]bool{}
	for i := range corrections {
		list[i] = correction{CorrectionOf(&corrections[i]), corrections[i].At, corrections[i].Lead, uint64(i)}
		about[list[i].Fact] = true
	}
	list = inForce(list)
	moved := false
	events = slices.DeleteFunc(events, func(e Event) bool {
		if !about[e.ID] {
			return false
		}
		a := amended(list, &e)
		return a.never
	})
	for i := range events {
		e := &events[i]
		if !about[e.ID] {
			continue
		}
		if a := amended(list, e); a.any {
			at := e.At
			*e = a.of(*e)
			moved = moved || e.At != at
		}
	}
	if moved {
		slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
	}
	return events
}
