package engine

import "strings"

// Origin is what brought a lead to us at one time: the beginning of a visit, or a
// click on a message of ours. It is a fold of the facts, kept only where a rule or a
// figure asks for it.
type Origin struct {
	At       Time
	Class    string // one of OriginClasses
	Source   string // the campaign's source, else the site it came from, else "direct"
	Medium   string
	Campaign string
	Page     string // path of the first page, "" for a click
}

// Origins are the first of all and the latest.
//
//  1. First is the earliest in the order of facts, wherever it came from.
//  2. Last is the latest whose source is known: a visit that nobody sent replaces
//     nothing but another such.
type Origins struct {
	First, Last Origin
	Seen        Time // the latest page or click: a silence after it begins a new visit
}

// The parts of an origin that a condition may read.
const (
	OriginAt       = "at"
	OriginClass    = "class"
	OriginSource   = "source"
	OriginMedium   = "medium"
	OriginCampaign = "campaign"
	OriginPage     = "page"
)

// Whose part it is: Key.Arg of a KeyTouch.
const (
	FirstTouch = "first"
	LastTouch  = "last"
)

// OriginLabels are the labels of a figure that tell the lead's first or last touch.
// Only the class may be one: sources and campaigns stand in addresses, which anybody
// can write, and counters must not grow by what strangers write.
var OriginLabels = []string{"first_class", "last_class"}

// part is one part of an origin, empty while there is none.
func (o *Origin) part(name string) Value {
	if o.At == 0 {
		return Value{}
	}
	if name == OriginAt {
		return TimeValue(o.At)
	}
	text := map[string]string{
		OriginClass: o.Class, OriginSource: o.Source, OriginMedium: o.Medium, OriginCampaign: o.Campaign, OriginPage: o.Page,
	}[name]
	if text == "" {
		return Value{}
	}
	return TextValue(text)
}

// readTouch reads a part of the lead's first or last touch.
func (f *Frame) readTouch(k Key) Value {
	if k.Arg == FirstTouch {
		return f.folds.Origins.First.part(k.Name)
	}
	return f.folds.Origins.Last.part(k.Name)
}

// planOrigins finds whether anything asks where leads come from.
func (p *Program) planOrigins() error {
	for i := range p.keys {
		p.origins = p.origins || p.keys[i].key.Kind == KeyTouch
	}
	for i := range p.spec.KPIs {
		for _, by := range p.spec.KPIs[i].By {
			p.origins = p.origins || by == OriginLabels[0] || by == OriginLabels[1]
		}
	}
	return nil
}

// brings reports whether an event may tell where the lead comes from; name is what
// it counts as, "" for nothing.
func brings(e *Event, name string) bool {
	switch e.Kind {
	case Page, Screen:
		return true
	case Track:
		if strings.HasSuffix(name, "_clicked") {
			return true
		}
	}
	if !e.Kind.Outside() {
		return false
	}
	if _, ok := Lookup(e.Fields, "utm_source"); ok {
		return true
	}
	return strings.Contains(e.Context, `"campaign"`)
}

// foldOrigin notes where an event brings the lead from. name is what the event
// counts as.
func (f *Frame) foldOrigin(folds *Folds, e *Event, name string) {
	if !brings(e, name) {
		return
	}
	o, named := originOf(e, name)
	if o.Class == "" {
		return
	}
	had := &folds.Origins
	fresh := had.Seen == 0 || e.At >= had.Seen.Add(visitGap) ||
		named && (had.Last.Source != o.Source || had.Last.Campaign != o.Campaign)
	had.Seen = max(had.Seen, e.At)
	if !fresh {
		return
	}
	if had.First.At == 0 {
		had.First = o
	}
	if o.Class != ByDirect || had.Last.At == 0 || had.Last.Class == ByDirect {
		had.Last = o
	}
}

// originOf reads where an event comes from. named is true where it says so itself;
// the class is "" where it says nothing and is no visit.
func originOf(e *Event, name string) (o Origin, named bool) {
	if e.Kind == Track && strings.HasSuffix(name, "_clicked") {
		return clickOrigin(e, name), true
	}
	t := visitOf(e)
	named = t.Named
	if !named && e.Kind != Page && e.Kind != Screen {
		return o, false
	}
	o = Origin{At: e.At, Class: t.Class, Source: t.Source, Medium: t.Medium, Campaign: t.Campaign}
	if path, ok := Lookup(e.Fields, "path"); ok {
		o.Page = labelValue(path.Text())
	}
	return o, named
}

// clickOrigin is the origin that a click on a message of ours is. What is shown on
// the site itself brings nobody there.
func clickOrigin(e *Event, name string) Origin {
	text := func(field string) string {
		v, _ := Lookup(e.Fields, field)
		return labelValue(v.Text())
	}
	kind := strings.TrimSuffix(name, "_clicked")
	if text("channel") == "" || kind == webKind {
		return Origin{}
	}
	class := siteClass[kind]
	if class == "" {
		class = ByMail
	}
	return Origin{At: e.At, Class: class, Source: text("channel"), Medium: kind, Campaign: text("workflow")}
}

func putOrigins(b []byte, o *Origins) []byte {
	if *o == (Origins{}) {
		return append(b, 0)
	}
	b = putTime(append(b, 1), o.Seen)
	for _, x := range [...]*Origin{&o.First, &o.Last} {
		b = putTime(b, x.At)
		for _, text := range [...]string{x.Class, x.Source, x.Medium, x.Campaign, x.Page} {
			b = putText(b, text)
		}
	}
	return b
}

func (r *reader) origins(o *Origins) {
	if !r.flag() {
		*o = Origins{}
		return
	}
	o.Seen = r.time()
	for _, x := range [...]*Origin{&o.First, &o.Last} {
		x.At = r.time()
		for _, text := range [...]*string{&x.Class, &x.Source, &x.Medium, &x.Campaign, &x.Page} {
			*text = r.text(*text)
		}
	}
}
