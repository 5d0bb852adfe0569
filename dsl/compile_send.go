package dsl

import (
	"path"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// send compiles a step that a channel performs.
func (f *flow) send(n *node) *engine.SendSpec {
	b := f.b
	s := &engine.SendSpec{Kind: n.spec.Name, Lane: engine.LaneNurture, Transactional: n.flag("transactional")}
	if s.Transactional {
		s.Lane = engine.LaneTransactional
	}
	s.Channel = f.channelOf(n)
	if a := n.get("send"); a != nil {
		s.Window = &a.window
	}
	if t := b.pluginOf(s.Channel); t != nil {
		if t.Reach == engine.ReachLead {
			s.Policy = f.policyOf(n)
			s.Topic = f.topic(n)
			f.everOpen(n, s)
		} else {
			f.noPolicy(n, s.Channel)
		}
	}
	s.Content = f.message(n, nil)
	if e := n.one("experiment"); e != nil {
		s.Experiment = f.experiment(n, e)
		if len(s.Experiment.Variants) > 0 && s.Content == nil {
			// The step's own form is not whole without a variant; nobody gets it.
			s.Content = s.Experiment.Variants[0].Content
		}
	}
	return s
}

// topic is what the message is about.
func (f *flow) topic(n *node) string {
	a := n.get("topic")
	if a == nil {
		return ""
	}
	if !validName(a.text) {
		f.b.r.add(codeBadName, a.place(), a.in(), a.text).suggest(asName(a.text))
	}
	return a.text
}

// channelOf is the channel that performs the step: the named one, or the only one
// that can.
func (f *flow) channelOf(n *node) string {
	b := f.b
	kind := n.spec.Name
	var able []string
	for _, name := range names(b.declared["channel"]) {
		if t := b.pluginOf(name); t != nil && t.performs(kind) {
			able = append(able, name)
		}
	}
	if n.has("channel") {
		name := n.ref("channel")
		if t := b.pluginOf(name); t != nil && !t.performs(kind) {
			a := n.attrs["channel"]
			d := b.r.add(codeWrongChannel, a.place(), a.in(), name, t.Plugin, kind, ableHint(kind, able))
			if len(able) == 1 {
				d.suggest("channel." + able[0])
			}
		}
		return name
	}
	switch len(able) {
	case 0:
		b.r.add(codeNoChannel, n.place(), n.parent.trail(), kind, b.channelExample(kind))
		return ""
	case 1:
		return able[0]
	}
	b.r.add(codeWhichChannel, n.place(), n.parent.trail(), kind, "channel."+strings.Join(able, ", channel."))
	return ""
}

func ableHint(kind string, able []string) Doc {
	if len(able) == 0 {
		return Doc{"No configured channel can perform " + kind + ".", kind + " を行えるチャネルが設定されていません。"}
	}
	list := "channel." + strings.Join(able, ", channel.")
	return Doc{"These can: " + list + ".", "行えるのは: " + list}
}

func (b *builder) channelExample(kind string) string {
	for _, t := range b.o.Catalog {
		if t.performs(kind) {
			return "channel \"" + kind + "\" {\n  plugin = \"" + t.Plugin + "\"\n}"
		}
	}
	return ""
}

// policyOf is the policy the message goes under: the named one, the only one, or
// the one called "default". What nobody asked for needs a consent on its way.
func (f *flow) policyOf(n *node) string {
	b := f.b
	name := n.ref("policy")
	policies := names(b.declared["contact_policy"])
	transactional := n.flag("transactional")
	switch {
	case n.has("policy"):
	case len(policies) == 1:
		name = policies[0]
	case slices.Contains(policies, "default"):
		name = "default"
	case transactional:
		return ""
	default:
		b.r.add(codeNoPolicy, n.place(), n.parent.trail(), n.title(), policyHint(policies))
		return ""
	}
	if p := b.declared["contact_policy"][name]; p != nil && !p.has("requires") && !transactional {
		f.asking = append(f.asking, f.places[n]) // see consents
	}
	return name
}

func policyHint(policies []string) Doc {
	if len(policies) == 0 {
		return Doc{
			"Write for instance:\ncontact_policy \"default\" {\n  requires = consent.…\n}",
			"たとえば次のように書きます。\ncontact_policy \"default\" {\n  requires = consent.…\n}",
		}
	}
	list := "contact_policy." + strings.Join(policies, ", contact_policy.")
	return Doc{
		"Say which (policy = …), or call one of them \"default\": " + list + ".",
		"policy = … で選ぶか、どれかを \"default\" という名前にしてください: " + list,
	}
}

// noPolicy tells of what means nothing on a channel that reaches no lead.
func (f *flow) noPolicy(n *node, channel string) {
	for _, name := range [...]string{"policy", "transactional", "topic"} {
		if a := n.attrs[name]; a != nil {
			f.b.r.add(codeUnusedHalf, a.src.NameRange, n.trail(), name,
				Doc{"channel." + channel + " reaches no lead", "channel." + channel + " はリードに届きません"},
				Doc{"Take it away.", "取り除いてください。"})
		}
	}
}

// everOpen sees that a step's own window and its policy's quiet time leave room.
func (f *flow) everOpen(n *node, s *engine.SendSpec) {
	if s.Window == nil {
		return
	}
	for i := range f.b.spec.Policies {
		p := &f.b.spec.Policies[i]
		if p.Name == s.Policy && p.Quiet != nil && !calendar.EverOpen(s.Window, p.Quiet) {
			a := n.attrs["send"]
			f.b.r.add(codeNeverOpen, a.place(), a.in(), a.text, p.Name)
		}
	}
}

// message compiles one form of a step: the step's attributes, with a variant's
// before them.
//
// A step whose variants bring what it lacks is compiled with each of them only.
func (f *flow) message(n, variant *node) engine.Content {
	if variant == nil && f.lacks(n) {
		return nil
	}
	get := func(name string) *attribute {
		if variant != nil && variant.has(name) {
			return variant.get(name)
		}
		return n.get(name)
	}
	sc := f.b.scope.with(readsMail, nil)
	var parts []part
	var template *attribute
	isMail := false
	for _, a := range f.b.o.Catalog.step(n.spec.Name).Attrs {
		got := get(a.Name)
		switch {
		case a.Type == TypeTemplateFile:
			isMail, template = true, got
		case got != nil && a.Name != "subject":
			parts = append(parts, attributeParts(got)...)
		}
	}
	subject := get("subject")
	if !isMail {
		if subject != nil {
			parts = append(parts, attributeParts(subject)...)
		}
		return f.b.packet(parts, sc, n)
	}
	mail := f.b.mail(template, subject, sc)
	if len(parts) == 0 {
		return mail
	}
	return extendMail(mail, f.b.packet(parts, sc, n))
}

// lacks reports a step that is whole only with a variant of its experiment.
func (f *flow) lacks(n *node) bool {
	return len(n.variants()) > 0 && slices.ContainsFunc(n.spec.Attrs, func(a *Attr) bool { return a.Required && !n.has(a.Name) })
}

// attributeParts are the finished parts that an attribute of a step becomes.
func attributeParts(a *attribute) []part {
	p := part{Name: a.src.Name, Place: a.src.NameRange}
	switch a.spec.Type {
	case TypeTemplate:
		p.Lit = &a.lits[0]
	case TypeObject:
		return a.parts
	case TypeNumber:
		p.Const = engine.NumberValue(a.num)
	case TypeFlag:
		p.Const = engine.FlagValue(a.flag)
	case TypeTexts:
		list := make([]string, len(a.texts))
		for i, t := range a.texts {
			list[i] = quoted(t.text)
		}
		p.Const = engine.JSONValue("[" + strings.Join(list, ",") + "]")
	default:
		p.Const = engine.TextValue(a.text)
	}
	return []part{p}
}

// mail compiles a message with a template.
func (b *builder) mail(template, subject *attribute, sc *Scope) engine.Content {
	var line textTemplate
	if subject != nil {
		var found []problem
		line, found = compileText(subject.lits[0], sc)
		b.r.take(found, subject.place(), subject.in())
	}
	if template == nil {
		return nil
	}
	file, ok := b.template(template)
	if !ok {
		return nil
	}
	content, found := compileMail(file, line, sc)
	b.r.take(found, template.place(), template.in())
	return content
}

// extended is a mail with parts of the step's own beside it: another recipient, an
// address for answers. A later part stands for an earlier one of its name.
type extended struct {
	engine.Content
	more engine.Content
}

func extendMail(mail, more engine.Content) engine.Content {
	if mail == nil || more == nil {
		return nil
	}
	return &extended{mail, more}
}

// Reads implements engine.Expr.
func (j *extended) Reads() []engine.Key {
	reads := slices.Clone(j.Content.Reads())
	for _, k := range j.more.Reads() {
		if !slices.Contains(reads, k) {
			reads = append(reads, k)
		}
	}
	return reads
}

// Meaning implements engine.Expr.
func (j *extended) Meaning() string { return j.Content.Meaning() + "\x00" + j.more.Meaning() }

// Render implements engine.Content.
func (j *extended) Render(v *engine.Vars) ([]engine.Field, error) {
	parts, err := j.Content.Render(v)
	if err != nil {
		return nil, err
	}
	more, err := j.more.Render(v)
	if err != nil {
		return nil, err
	}
	for _, p := range more {
		i := slices.IndexFunc(parts, func(x engine.Field) bool { return x.Name == p.Name })
		if i < 0 {
			parts = append(parts, p)
		} else {
			parts[i] = p
		}
	}
	return parts, nil
}

// template finds the file of a template attribute.
func (b *builder) template(a *attribute) (templateFile, bool) {
	name := templatesDir + a.text
	if !slices.Contains(b.files.templates, name) {
		known := make([]string, len(b.files.templates))
		for i, t := range b.files.templates {
			known[i] = strings.TrimPrefix(t, templatesDir)
		}
		hint := hintList(known)
		if len(known) == 0 {
			hint = Doc{"There is no file under templates/ yet.", "templates/ の下にファイルがまだありません。"}
		}
		b.r.add(codeNoTemplate, a.place(), a.in(), a.text, hint).suggest(quoted(closestPath(a.text, known)))
		return templateFile{}, false
	}
	if ext := path.Ext(name); ext != ".md" && ext != ".html" {
		b.r.add(codeBadChoice, a.place(), a.in(), a.text, ".md, .html")
		return templateFile{}, false
	}
	src, ok := b.source(name)
	b.used[name] = true
	return templateFile{Name: name, Source: src}, ok
}

// closestPath is the template that was probably meant: one nearly called so, or
// the only one with that file name in another folder.
func closestPath(name string, known []string) string {
	if c := closest(name, known); c != "" {
		return c
	}
	found := ""
	for _, k := range known {
		if path.Base(k) == path.Base(name) {
			if found != "" {
				return ""
			}
			found = k
		}
	}
	return found
}
