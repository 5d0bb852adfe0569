package engine

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Touch is something that a lead met on its way to a result: a message that we
// sent, a click on it, a visit.
type Touch struct {
	At       Time
	Kind     TouchKind
	Channel  string
	Workflow string
	Step     string
	Variant  string   // arm of the experiment in the step
	Tags     []string // of the variant: what kind of subject it has
	Class    string   // of a visit: one of OriginClasses
	Named    bool     // the visit itself says where it comes from
	Source   string   // of a visit: the campaign's source, else the site it came from, else "direct"
	Medium   string
	Campaign string
	Message  string
}

// TouchKind says what kind of touch it was.
type TouchKind string

// The kinds of touch.
const (
	TouchSent  TouchKind = "sent"
	TouchClick TouchKind = "click" // by a person, as it is judged now
	TouchVisit TouchKind = "visit" // the first page of a visit
)

// Conversion is a result with the touches before it, in order of time.
type Conversion struct {
	At      Time
	Touches []Touch
}

// MaxTouches bounds the touches of one conversion: the first of all, and the latest.
const MaxTouches = 64

// visitGap is the silence after which a page begins a new visit.
const visitGap = 30 * Minute

// Conversions reads from a lead's journal how often an event (or a named moment)
// happened, and what the lead met within the time before each. Late facts, merged
// ones and clicks judged anew are in it as they are known now: as far as the journal
// reaches, it is the journal that counts. What was met before its first row is told
// as it was kept with the results (see Fact.LedTo).
func (p *Program) Conversions(f *Frame, l *Lead, h History, event string, within Span) ([]Conversion, error) {
	if p.events[event] == nil {
		return nil, nil
	}
	walk := newTouchWalk(p)
	if err := walk.drawn(l, h); err != nil {
		return nil, err
	}
	var found []Conversion
	err := f.relive(p, l, h, func(e *Event, names []string) {
		if slices.Contains(names, event) {
			found = append(found, Conversion{At: e.At, Touches: walk.before(e.At, within)})
		}
		walk.meet(e, names)
	})
	return found, err
}

// relive folds a lead's journal anew, aside, and shows each event with the names
// under which it counts as everything is known now.
func (f *Frame) relive(p *Program, l *Lead, h History, visit func(e *Event, names []string)) error {
	aside := *l
	f.bind(p, &aside, nil, h)
	items, err := f.readHistory(nil)
	if err != nil {
		return err
	}
	f.judgeAnew(items)
	aside.Folds = Folds{}
	for _, it := range items {
		f.names = f.names[:0]
		f.refoldItem(&aside.Folds, it)
		visit(&it.event, f.names)
		f.decisions = f.decisions[:0]
	}
	f.retold = f.retold[:0]
	return nil
}

// touchWalk gathers the touches of one lead as its facts pass by.
type touchWalk struct {
	p        *Program
	messages map[string]Touch    // sent, by message
	arms     map[string]string   // "workflow/step" → arm
	tags     map[string][]string // of messages, as they were kept
	touches  []Touch
	lastPage Time
}

// drawn finds into which arms of experiments the lead fell, and takes up what was
// kept with its results.
func (w *touchWalk) drawn(l *Lead, h History) error {
	var kept []Touch
	first := Time(math.MaxInt64)
	for _, part := range append([]LeadID{l.ID}, l.Parts...) {
		err := h.Facts(part, func(row *Fact) error {
			first = min(first, row.Event.At)
			kept = append(kept, row.LedTo...)
			for i := range row.Decisions {
				d := &row.Decisions[i]
				if at := strings.LastIndexByte(d.Subject, '/'); d.Kind == Drawn && at >= 0 {
					w.arms[d.Subject[:at]] = d.Detail
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	w.takeUp(kept, first)
	return nil
}

// meet takes down what of an event is a touch.
func (w *touchWalk) meet(e *Event, names []string) {
	if len(names) == 0 {
		return
	}
	name := names[0]
	text := func(field string) string {
		v, _ := Lookup(e.Fields, field)
		return v.Text()
	}
	switch {
	case strings.HasSuffix(name, "_sent") && text("message") != "":
		if _, known := w.messages[text("message")]; known {
			return
		}
		t := Touch{At: e.At, Kind: TouchSent, Channel: text("channel"), Workflow: text("workflow"), Step: text("step"), Message: text("message")}
		t.Variant = w.arms[t.Workflow+"/"+t.Step]
		if t.Tags = w.p.tagsOf(t.Workflow, t.Step, t.Variant); t.Tags == nil {
			t.Tags = w.tags[t.Message] // the experiment is over and out of the rules
		}
		w.messages[t.Message] = t
		w.add(t)
	case strings.HasSuffix(name, "_clicked"):
		t := w.messages[text("message")]
		t.At, t.Kind, t.Message = e.At, TouchClick, text("message")
		if name == WebClicked {
			t.Channel, t.Workflow, t.Step = webKind, text("workflow"), text("step")
		}
		w.add(t)
	case e.Kind == Page || e.Kind == Screen:
		t := visitOf(e)
		fresh := w.lastPage == 0 || e.At >= w.lastPage.Add(visitGap) || t.Campaign != "" && !w.lastVisitWas(t)
		w.lastPage = e.At
		if fresh {
			w.add(t)
		}
	}
}

func (w *touchWalk) lastVisitWas(t Touch) bool {
	for i := len(w.touches) - 1; i >= 0; i-- {
		if v := &w.touches[i]; v.Kind == TouchVisit {
			return v.Source == t.Source && v.Campaign == t.Campaign
		}
	}
	return false
}

// add keeps the first touch and the latest ones.
func (w *touchWalk) add(t Touch) {
	if len(w.touches) == MaxTouches {
		w.touches = slices.Delete(w.touches, 1, 2)
	}
	w.touches = append(w.touches, t)
}

// before are the touches within the time before an instant.
func (w *touchWalk) before(at Time, within Span) []Touch {
	var list []Touch
	for _, t := range w.touches {
		if within == 0 || t.At >= at.Add(-within) {
			list = append(list, t)
		}
	}
	return list
}

// tagsOf are the tags of the variant that a step sent.
func (p *Program) tagsOf(workflow, step, variant string) []string {
	if variant == "" {
		return nil
	}
	for _, x := range p.experiments {
		if !strings.HasPrefix(x.Name, workflow+"/"+step+"/") {
			continue
		}
		for i := range x.Variants {
			if x.Variants[i].Name == variant {
				return x.Variants[i].Tags
			}
		}
	}
	return nil
}

// visitOf reads where a visit came from: what the event itself says of its
// campaign, else what its context and its address say.
func visitOf(e *Event) Touch {
	t := Touch{At: e.At, Kind: TouchVisit}
	var context struct {
		Campaign struct{ Source, Medium, Name string }
		Page     struct{ URL, Referrer string }
		Referrer struct{ URL string }
	}
	if e.Context != "" {
		_ = json.Unmarshal([]byte(e.Context), &context) // what cannot be read says nothing
	}
	text := func(field, otherwise string) string {
		if v, ok := Lookup(e.Fields, field); ok && v.Text() != "" {
			return v.Text()
		}
		return otherwise
	}
	address := text("url", context.Page.URL)
	t.Source, t.Medium, t.Campaign = labelValue(inQuery(address, "utm_source")), labelValue(inQuery(address, "utm_medium")), labelValue(inQuery(address, "utm_campaign"))
	or := func(into *string, values ...string) {
		for _, v := range values {
			if *into == "" {
				*into = labelValue(v)
			}
		}
	}
	or(&t.Source, text("utm_source", ""), context.Campaign.Source)
	or(&t.Medium, text("utm_medium", ""), context.Campaign.Medium)
	or(&t.Campaign, text("utm_campaign", ""), context.Campaign.Name)
	t.Named = t.Source != ""
	from := hostOf(text("referrer", context.Page.Referrer))
	if sameSite(hostOf(address), from) {
		from = ""
	}
	t.Class = classOf(t.Named, t.Source, t.Medium, from)
	or(&t.Source, from, "direct")
	return t
}

// inQuery is the value of a name in an address's query, "" for none.
func inQuery(address, name string) string {
	_, query, _ := strings.Cut(address, "?")
	query, _, _ = strings.Cut(query, "#")
	for pair := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(pair, "="); key == name {
			return unescaped(value)
		}
	}
	return ""
}

// hostOf is the host of an address, without a port.
func hostOf(address string) string {
	_, rest, ok := strings.Cut(address, "://")
	if !ok {
		return ""
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	host, _, _ := strings.Cut(rest, ":")
	return strings.ToLower(host)
}

// unescaped reads a value of a query. What is not well formed stays as it is.
func unescaped(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		if s[i] == '+' {
			b.WriteByte(' ')
			continue
		}
		b.WriteByte(s[i])
	}
	if text := b.String(); utf8.ValidString(text) {
		return text
	}
	return s
}
