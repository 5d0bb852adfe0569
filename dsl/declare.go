package dsl

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// consts gives const.NAME its values, before anything else is evaluated.
func (b *builder) consts() {
	values := map[string]cty.Value{}
	plain := map[string]engine.Value{}
	first := map[string]hcl.Range{}
	for _, n := range b.root.all("const") {
		for _, name := range names(n.attrs) {
			a := n.attrs[name]
			if before, twice := first[name]; twice {
				b.r.add(codeTwice, a.src.NameRange, n.trail(), "const", name).also(before)
				continue
			}
			first[name] = a.src.NameRange
			c, ok := b.eval.value(a.src.Expr, a.in())
			if !ok {
				continue
			}
			value, ok := engineValue(c.v)
			switch {
			case len(c.secrets) > 0:
				b.r.add(codeSecretHere, a.place(), a.in(), Doc{"const values are read by everybody.", "const の値は誰でも読めます。"})
			case !ok:
				b.r.add(codeWrongType, a.place(), a.in(), name, Doc{"a number, a text or a flag", "数値、文字列、true / false のどれか"}, "70")
			case !validName(name):
				b.r.add(codeBadName, a.src.NameRange, n.trail(), name)
			default:
				values[name], plain[name] = c.v, value
			}
		}
		n.attrs = map[string]*attribute{} // done: the tree's walk has nothing to decode here
	}
	b.eval.consts = values
	b.scope.Consts = plain
}

// project sets what everything else depends on: zone, language, calendar.
func (b *builder) project() {
	b.scope.Language = "en"
	b.scope.Zone = time.UTC
	if n := b.root.one("project"); n != nil {
		b.spec.Name = n.label
		if a := n.get("language"); a != nil {
			b.scope.Language = a.text
		}
		if a := n.get("timezone"); a != nil {
			b.scope.Zone, _ = calendar.ParseZone(a.text)
		}
		b.spec.Holdout = n.number("holdout")
		b.checkRegion(n)
	}
	b.spec.Language = b.scope.Language
	b.spec.Zone = b.scope.Zone
}

// declare makes every name known, whatever file it stands in.
func (b *builder) declare() {
	b.enterAll(b.root.kids)
	b.declareAttributes()
	b.declareAccount()
	b.declareEvents()
	b.declareRest()
}

// enterAll makes the names of top-level blocks known, and of stages.
func (b *builder) enterAll(kids []*node) {
	for _, n := range kids {
		if n.spec.Label == NameLabel {
			b.enter(n.spec.Name, n)
		}
		if n.spec.Name != "lifecycle" {
			continue
		}
		for _, k := range n.kids {
			if k.spec.Name == "stage" {
				b.enter("stage", k)
			}
		}
	}
}

// enter keeps the first block of a name; another was reported when it was read.
func (b *builder) enter(kind string, n *node) {
	if n.label == "" || n.broken {
		return
	}
	if b.declared[kind] == nil {
		b.declared[kind] = map[string]*node{}
	}
	if b.declared[kind][n.label] == nil {
		b.declared[kind][n.label] = n
	}
}

func (n *node) info() namedInfo {
	info := namedInfo{Name: n.label, Where: n.labelPlace()}
	if a := n.get("label"); a != nil {
		info.Label = a.text
	}
	return info
}

var fieldKinds = map[string]engine.Kind{
	"text": engine.Text, "number": engine.Number, "flag": engine.Flag, "time": engine.Instant, "choice": engine.Text,
}

// isField reports a block that declares a typed value.
func isField(n *node) bool { return fieldKinds[n.spec.Name] != engine.None }

// field reads a declared attribute or field.
func (b *builder) field(n *node) *fieldInfo {
	f := &fieldInfo{namedInfo: n.info(), Kind: fieldKinds[n.spec.Name]}
	if a := n.get("required"); a != nil {
		f.Required = a.flag
	}
	if a := n.get("normalize"); a != nil && a.flag && f.Kind != engine.Text {
		b.r.add(codeUnusedHalf, a.src.NameRange, n.trail(), "normalize",
			Doc{"only texts have widths", "文字列だけに効きます"}, Doc{"Take it away.", "取り除いてください。"})
	}
	if a := n.get("of"); a != nil {
		for _, t := range a.texts {
			f.Choices = append(f.Choices, t.text)
		}
	}
	if a := n.get("default"); a != nil {
		if v, ok := b.fits(f, a, codeBadDefault); ok {
			f.Default = v
		}
	}
	return f
}

// fits brings a written value to a declared kind, or says why it does not go.
func (b *builder) fits(f *fieldInfo, a *attribute, code string) (engine.Value, bool) {
	v := a.value
	if f.Kind == engine.Instant && v.Kind() == engine.Text {
		if c, ok := parseCivil(v.Text()); ok {
			return engine.TimeValue(engine.TimeOf(c.in(b.scope.Zone))), true
		}
	}
	if f.Choices != nil && v.Kind() == engine.Text && !slices.Contains(f.Choices, v.Text()) {
		b.r.add(codeBadChoice, a.place(), a.in(), v.Text(), strings.Join(f.Choices, ", ")).
			suggest(quoted(closest(v.Text(), f.Choices)))
		return v, false
	}
	if v.Kind() != f.Kind {
		b.r.add(code, a.place(), a.in(), f.Name, kindWord(f), describe(v), kindExample(f))
		return v, false
	}
	return v, true
}

func kindWord(f *fieldInfo) Doc {
	switch f.Kind {
	case engine.Number:
		return Doc{"a number", "数値"}
	case engine.Flag:
		return Doc{"true or false", "true か false"}
	case engine.Instant:
		return Doc{"a time", "日時"}
	}
	return Doc{"a text", "文字列"}
}

func kindExample(f *fieldInfo) string {
	switch {
	case len(f.Choices) > 0:
		return quoted(f.Choices[0])
	case f.Kind == engine.Number:
		return "10"
	case f.Kind == engine.Flag:
		return "true"
	case f.Kind == engine.Instant:
		return `"2026-09-01 10:00"`
	}
	return `"…"`
}

// declareAttributes reads every lead block into one set.
func (b *builder) declareAttributes() {
	b.scope.Attributes = map[string]*fieldInfo{}
	for _, n := range b.root.all("lead") {
		for _, k := range n.kids {
			if !isField(k) || k.broken {
				continue
			}
			if first := b.scope.Attributes[k.label]; first != nil {
				b.r.add(codeTwice, k.labelPlace(), n.trail(), k.spec.Name, k.label).also(first.Where)
				k.broken = true
				continue
			}
			b.checkSpecial(k)
			b.scope.Attributes[k.label] = b.field(k)
		}
	}
	if f := b.scope.Attributes["email"]; f != nil && f.Kind == engine.Text {
		b.scope.Address = "email"
	}
}

// pluginEvents makes known what the plugins of the configured channels report.
func (b *builder) pluginEvents() {
	for _, channel := range names(b.declared["channel"]) {
		t := b.pluginOf(channel)
		if t == nil {
			continue
		}
		for _, e := range t.Events {
			fields := textFields(e.Fields...)
			for _, name := range e.Numbers {
				fields = append(fields, builtInField{name: name, number: true})
			}
			own := builtInEvent{e.Name, e.Doc, fields}.info(b.scope.Language)
			own.BuiltIn = false // whoever declares it may also emit it
			if have := b.scope.Events[e.Name]; have != nil {
				for name, f := range own.Fields {
					if have.Fields[name] == nil {
						have.Fields[name] = f
					}
				}
				continue
			}
			b.scope.Events[e.Name] = own
		}
	}
}

func (b *builder) checkSpecial(k *node) {
	if why, reserved := reservedAttrs[k.label]; reserved {
		b.r.add(codeReserved, k.labelPlace(), k.trail(), k.label, why)
	}
	if s, special := specialAttrs[k.label]; special && k.spec.Name != s.kind {
		b.r.add(codeSpecialKind, k.block.TypeRange, k.trail(), k.label, s.kind, s.why)
	}
}

// declareEvents adds the declared events to the built-in ones, and then the
// moments, which have the fields of what they narrow.
func (b *builder) declareEvents() {
	b.scope.Events = map[string]*eventInfo{}
	for _, e := range builtInEvents {
		b.scope.Events[e.name] = e.info(b.scope.Language)
	}
	b.pluginEvents()
	events := b.declared["event"]
	for _, name := range names(events) {
		n := events[name]
		info := b.scope.Events[name]
		if info == nil {
			info = &eventInfo{Fields: map[string]*fieldInfo{}}
			b.scope.Events[name] = info
		}
		own := n.info()
		if own.Label == "" {
			own.Label = info.Label
		}
		info.namedInfo = own
		for _, k := range n.kids {
			if isField(k) && !k.broken {
				b.declareField(info, k)
			}
		}
	}
	for _, name := range names(events) {
		if root := b.rootEvent(name); root != name {
			b.scope.Events[name].Fields = b.scope.Events[root].Fields
		}
	}
}

func (b *builder) declareField(info *eventInfo, k *node) {
	f := b.field(k)
	if before := info.Fields[k.label]; before != nil && info.BuiltIn && before.Kind != f.Kind {
		b.r.add(codeBuiltInField, k.block.TypeRange, k.trail(), k.label, info.Name, kindWord(before))
		return
	}
	info.Fields[k.label] = f
}

// rootEvent follows a moment to the event that arrives. A moment of an unknown
// event, or of itself, stands for itself.
func (b *builder) rootEvent(name string) string {
	seen := map[string]bool{}
	for at := name; !seen[at]; {
		seen[at] = true
		n := b.declared["event"][at]
		if n == nil {
			if b.scope.Events[at] == nil {
				return name
			}
			return at
		}
		from := n.get("from")
		if from == nil {
			return at
		}
		at = from.refs[0].Name
	}
	return name
}

// declareRest makes the names of everything else known.
func (b *builder) declareRest() {
	s := &b.scope
	s.Segments, s.Consents, s.TossUps, s.KPIs = b.named("segment"), b.named("consent"), b.named("toss_up"), b.named("kpi")
	s.Rates = map[string]bool{}
	for name, n := range b.declared["kpi"] {
		s.Rates[name] = n.has("rate")
	}
	s.Scores = map[string]*scoreInfo{}
	for name, n := range b.declared["score"] {
		info := &scoreInfo{namedInfo: n.info()}
		if a := n.get("range"); a != nil {
			info.Range, info.Min, info.Max = true, a.from, a.to
		}
		s.Scores[name] = info
	}
	b.stageRank = map[string]int{}
	for _, l := range b.root.all("lifecycle") {
		for _, k := range l.all("stage") {
			if b.declared["stage"][k.label] == k {
				info := k.info()
				b.stageRank[k.label] = len(s.Stages)
				s.Stages = append(s.Stages, &info)
			}
		}
	}
	s.Channels = map[string]*channelInfo{}
	for name, n := range b.declared["channel"] {
		info := &channelInfo{namedInfo: n.info()}
		if a := n.get("plugin"); a != nil {
			info.Plugin = a.text
			if t := b.o.Catalog.find(a.text); t != nil {
				info.Reach = t.Reach
			}
		}
		s.Channels[name] = info
	}
	b.calendar()
}

// flowInfo is what conditions may ask of a workflow.
func flowInfo(n *node) *workflowInfo {
	info := &workflowInfo{namedInfo: n.info()}
	for _, e := range n.all("exit") {
		info.Exits = append(info.Exits, "exit."+e.label)
	}
	for _, st := range n.all("steps") {
		collectSteps(st, info)
		st.walk(func(k *node) {
			if slot := k.text("slot"); k.spec.Name == "show" && slot != "" {
				info.Slots = append(info.Slots, slot)
			}
		})
	}
	info.Exits = append(info.Exits, "exit.end")
	if n.has("holdout") {
		info.Exits = append(info.Exits, "exit.held_out")
	}
	if n.has("lane") {
		info.Exits = append(info.Exits, "exit.displaced") // by a workflow of the lane that goes before
	}
	return info
}

// form is all of it in one text, to see whether it has changed.
func (w *workflowInfo) form() string {
	return w.Label + "\x00" + strings.Join(w.Steps, "\x00") + "\x00" + strings.Join(w.Exits, "\x00")
}

func (b *builder) named(kind string) map[string]*namedInfo {
	out := map[string]*namedInfo{}
	for name, n := range b.declared[kind] {
		info := n.info()
		out[name] = &info
	}
	return out
}

// collectSteps finds the names that at('…') may give.
func collectSteps(n *node, info *workflowInfo) {
	for _, k := range n.kids {
		switch k.spec.Name {
		case "case", "otherwise", "arm":
			collectSteps(k, info)
		case "experiment":
		case "exit":
			info.Exits = append(info.Exits, "exit."+k.label)
		default:
			info.Steps = append(info.Steps, k.label)
			collectSteps(k, info)
		}
	}
}

// builtInCalendar is known without a block, and its name brings the public
// holidays of Japan.
const builtInCalendar = "japan"

// calendar finds the project's calendar.
func (b *builder) calendar() {
	name := ""
	if p := b.root.one("project"); p != nil {
		if a := p.get("calendar"); a != nil {
			name = a.refs[0].Name
		}
	}
	n := b.declared["calendar"][name]
	if name == "" || n == nil && name != builtInCalendar {
		b.scope.Calendar = &calendar.Calendar{Workdays: calendar.MondayToFriday, Open: 9 * 60, Close: 18 * 60}
		b.spec.Calendar = b.scope.Calendar
		return
	}
	c := &calendar.Calendar{
		Name: name, Japan: name == builtInCalendar,
		Workdays: calendar.MondayToFriday, Open: 9 * 60, Close: 18 * 60,
	}
	if n != nil {
		if a := n.get("workdays"); a != nil {
			c.Workdays = a.days
		}
		if a := n.get("hours"); a != nil {
			c.Open, c.Close = int(a.from), int(a.to)
		}
		if a := n.get("holidays"); a != nil {
			c.Japan = c.Japan || a.holidays
			for _, t := range a.texts {
				if t.text != builtInCalendar {
					c.DaysOff = append(c.DaysOff, t.text)
				}
			}
		}
	}
	b.scope.Calendar, b.spec.Calendar = c, c
}

// resolve holds every reference against what is declared. A step is known to its
// workflow only, and checked there.
func (b *builder) resolve(n *node) {
	n.walk(func(n *node) {
		for _, name := range names(n.attrs) {
			a := n.attrs[name]
			for _, ref := range a.refs {
				if ref.Kind != "step" && !b.known(ref) {
					known := b.knownNames(ref.Kind)
					b.r.add(codeUnknownRef, ref.place, a.in(), ref.Kind, ref.Name, hintList(known)).
						suggest(prefixed(ref.Kind+".", closest(ref.Name, known)))
					a.ok = false
				}
			}
		}
	})
}

func (b *builder) known(r ref) bool {
	switch r.Kind {
	case "event":
		return b.scope.Events[r.Name] != nil
	case "calendar":
		return r.Name == builtInCalendar || b.declared[r.Kind][r.Name] != nil
	}
	return b.declared[r.Kind][r.Name] != nil
}

func (b *builder) knownNames(kind string) []string {
	switch kind {
	case "event":
		return names(b.scope.Events)
	case "calendar":
		known := names(b.declared[kind])
		if !slices.Contains(known, builtInCalendar) {
			known = append(known, builtInCalendar)
		}
		return known
	}
	return names(b.declared[kind])
}
