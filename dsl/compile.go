package dsl

import (
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// conds compiles the conditions of an attribute. What does not compile is
// reported and left out; the workspace does not load then.
func (b *builder) conds(a *attribute, sc *Scope) []engine.Cond {
	if a == nil {
		return nil
	}
	var out []engine.Cond
	for _, lit := range a.lits {
		c, found := compileCond(lit, sc)
		b.r.take(found, lit.Range, a.in())
		b.counts.Conditions++
		if c != nil {
			b.ask(c.Reads())
			out = append(out, c)
		}
	}
	return out
}

// ask notes which workflows are asked about, and what they are like now: what is
// compiled stands as long as they stay so.
func (b *builder) ask(keys []engine.Key) {
	for _, k := range keys {
		if k.Kind != engine.KeyAt && k.Kind != engine.KeyInWorkflow {
			continue
		}
		if w := b.scope.Workflows[k.Name]; w != nil {
			b.asked[k.Name] = w.form()
		}
	}
}

// pair reports an attribute that means nothing without another.
func (b *builder) pair(n *node, name, without string) {
	if a := n.attrs[name]; a != nil && !n.has(without) && n.one(without) == nil {
		b.r.add(codeNeeds, a.src.NameRange, n.trail(), name, without)
	}
}

// exclude reports two attributes of which only one may stand.
func (b *builder) exclude(n *node, name, other string, help Doc) bool {
	a, o := n.attrs[name], n.attrs[other]
	if a == nil || o == nil {
		return false
	}
	b.r.add(codeExcludes, a.src.NameRange, n.trail(), name, other, help).also(o.src.NameRange)
	return true
}

// ref is the name a sound reference gives, or "".
func (n *node) ref(name string) string {
	if a := n.get(name); a != nil && len(a.refs) > 0 {
		return a.refs[0].Name
	}
	return ""
}

// text is a sound text, or "".
func (n *node) text(name string) string {
	if a := n.get(name); a != nil {
		return a.text
	}
	return ""
}

// flag is a sound flag, or false.
func (n *node) flag(name string) bool {
	a := n.get(name)
	return a != nil && a.flag
}

// span is a sound length of time, or 0.
func (n *node) span(name string) engine.Span { return n.get(name).span() }

// eventScope is the scope of rules with on: what they may read, and the event.
func (b *builder) eventScope(f family, event string) *Scope {
	return b.scope.with(f, b.scope.Events[event])
}

// sorted calls do for the declared blocks of a kind in order of name. The Spec
// lists everything that way, so that moving a block to another file changes
// nothing.
func (b *builder) sorted(kind string, do func(*node)) {
	for _, name := range names(b.declared[kind]) {
		do(b.declared[kind][name])
	}
}

// facts compiles what is known and what happens: attributes, events, consents.
func (b *builder) facts() {
	b.attributes()
	b.account()
	for _, name := range names(b.scope.Events) {
		b.event(name, b.declared["event"][name])
	}
	b.wireNames()
	b.sorted("consent", b.consent)
}

func (b *builder) attributes() {
	var first *attribute
	for _, l := range b.root.all("lead") {
		for _, k := range l.kids {
			if f := b.scope.Attributes[k.label]; isField(k) && f != nil && f.Where == k.labelPlace() {
				s := b.fieldSpec(k, f)
				b.identifier(k, &s)
				b.spec.Attrs = append(b.spec.Attrs, s)
			}
		}
		key := l.get("key")
		if key == nil {
			continue
		}
		if first != nil {
			b.r.add(codeTwice, key.place(), l.trail(), "key", key.text).also(first.place())
			continue
		}
		first = key
		f := b.scope.Attributes[key.text]
		if f == nil {
			known := names(b.scope.Attributes)
			b.r.add(codeUnknownRef, key.place(), key.in(), Doc{"attribute", "属性"}, key.text, hintList(known)).
				suggest(quoted(closest(key.text, known)))
			continue
		}
		if f.Kind != engine.Text || f.Choices != nil {
			b.r.add(codeBadDefault, key.place(), key.in(), "key", Doc{"the name of a text attribute", "text の属性の名前"}, key.text, `key = "email"`)
			continue
		}
		b.spec.KeyAttr = key.text
		if b.scope.Address == "" {
			b.scope.Address = key.text
		}
	}
	b.keyForm()
	slices.SortFunc(b.spec.Attrs, byAttrName)
}

func byAttrName(a, b engine.AttrSpec) int {
	switch {
	case a.Name < b.Name:
		return -1
	case a.Name > b.Name:
		return 1
	}
	return 0
}

func (b *builder) fieldSpec(n *node, f *fieldInfo) engine.AttrSpec {
	s := engine.AttrSpec{
		Name: f.Name, Label: f.Label, Kind: f.Kind, Choices: f.Choices, Required: f.Required, Default: f.Default,
	}
	if f.Kind == engine.Instant {
		s.Zone = b.scope.Zone
	}
	if n != nil {
		s.Wire, s.Normalize = n.text("name"), n.flag("normalize")
	}
	return s
}

// event compiles an event or a moment. A built-in event has no block.
func (b *builder) event(name string, n *node) {
	info := b.scope.Events[name]
	s := engine.EventSpec{Name: name, Label: info.Label}
	if n != nil {
		s.Wire = n.text("name")
		b.checkMoment(n)
	}
	if root := b.rootEvent(name); root != name {
		s.From = root
		s.When = b.momentConds(name, root)
		b.spec.Events = append(b.spec.Events, s)
		return
	}
	for _, field := range names(info.Fields) {
		s.Fields = append(s.Fields, b.fieldSpec(b.fieldNode(n, field), info.Fields[field]))
	}
	b.spec.Events = append(b.spec.Events, s)
}

func (b *builder) fieldNode(n *node, field string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if isField(k) && k.label == field {
			return k
		}
	}
	return nil
}

// momentConds are the conditions of a moment and of the moments it narrows, the
// widest first.
func (b *builder) momentConds(name, root string) []engine.Cond {
	var chain []*node
	for at := name; at != root; {
		n := b.declared["event"][at]
		chain = append(chain, n)
		at = n.ref("from")
	}
	slices.Reverse(chain)
	var out []engine.Cond
	for i, n := range chain {
		counted := b.counts.Conditions
		own := b.conds(n.get("when"), b.eventScope(readsMoment, root))
		if i < len(chain)-1 {
			b.counts.Conditions = counted // it is counted where it is declared
		}
		out = append(out, own...)
	}
	return out
}

func (b *builder) checkMoment(n *node) {
	b.pair(n, "when", "from")
	from := n.attrs["from"]
	if from == nil {
		return
	}
	b.pair(n, "from", "when")
	b.exclude(n, "name", "from", Doc{
		"A moment never arrives itself; the name belongs to the event it narrows.", "瞬間はそれ自体では届きません。name は、もとのイベントに書きます。",
	})
	for _, k := range n.kids {
		if isField(k) {
			b.r.add(codeExcludes, k.place(), n.trail(), k.title(), "from", Doc{
				"A moment has the fields of the event it narrows; declare it there.", "瞬間の項目は、もとのイベントの項目です。そちらに宣言してください。",
			}).also(from.place())
		}
	}
	if name := n.ref("from"); name != "" && b.rootEvent(n.label) == n.label {
		b.r.add(codeCycle, from.place(), from.in(), n.label, n.label+" → "+name+" → …")
	}
}

// wireNames finds two things that arrive under one name.
func (b *builder) wireNames() {
	arrives := wireNames{b: b}
	for _, l := range b.root.all("lead") {
		arrives.fields(l.kids)
	}
	events := wireNames{b: b}
	for _, n := range b.root.all("event") {
		if n.has("from") {
			continue
		}
		events.add(n)
		fields := wireNames{b: b}
		fields.fields(n.kids)
	}
}

// wireNames collects names on the wire: the exact one where it is written, else
// all that fold to the declared one.
type wireNames struct {
	b    *builder
	seen map[string]*node
}

func (w *wireNames) fields(kids []*node) {
	for _, k := range kids {
		if isField(k) && !k.broken {
			w.add(k)
		}
	}
}

func (w *wireNames) add(n *node) {
	wire := n.text("name")
	if wire == "" {
		wire = n.label
	}
	folded := engine.Fold(wire)
	if w.seen == nil {
		w.seen = map[string]*node{}
	}
	first := w.seen[folded]
	if first == nil {
		w.seen[folded] = n
		return
	}
	// Two exact names that only fold alike are told apart.
	if first.text("name") != "" && n.text("name") != "" && first.text("name") != n.text("name") || first.label == n.label {
		return
	}
	w.b.r.add(codeSameWire, n.labelPlace(), n.trail(), first.label, n.label, wire).also(first.labelPlace())
}

func (b *builder) consent(n *node) {
	granted := n.ref("granted")
	s := engine.ConsentSpec{
		Name: n.label, Label: n.info().Label, Granted: granted, Revoked: n.ref("revoked"), Expires: n.span("expires"),
		Address: n.text("address"),
	}
	s.When = b.conds(n.get("when"), b.eventScope(readsConsent, granted))
	if granted != "" && granted == s.Revoked && !n.has("when") {
		b.r.add(codeExcludes, n.attrs["revoked"].place(), n.trail("revoked"), "granted", "revoked", Doc{
			"One event cannot give and take back.", "ひとつのイベントで同意と取り消しはできません。",
		}).also(n.attrs["granted"].place())
	}
	b.spec.Consents = append(b.spec.Consents, s)
}
