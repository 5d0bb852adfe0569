package dsl

import (
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// mailStep is the kind of step that sends mails, which alone have links of ours.
const mailStep = "email"

// What a confirm block says that says nothing.
const (
	defaultConfirmWithin = 7 * engine.Day
	defaultConfirmAtMost = 3
	defaultConfirmAgain  = 10 * engine.Minute
)

// confirmations compiles the double opt-ins, once the ways out are known.
func (b *builder) confirmations() {
	for i := range b.spec.Consents {
		c := &b.spec.Consents[i]
		n := b.declared["consent"][c.Name]
		if n == nil {
			continue
		}
		if k := n.one("confirm"); k != nil {
			c.Confirm = b.confirm(n, k)
		}
	}
}

func (b *builder) confirm(consent, n *node) *engine.ConfirmSpec {
	c := &engine.ConfirmSpec{
		When:   b.conds(n.get("when"), b.eventScope(readsConsent, consent.ref("granted"))),
		Within: defaultConfirmWithin, AtMost: defaultConfirmAtMost, Again: defaultConfirmAgain,
	}
	if n.has("within") {
		c.Within = n.span("within")
	}
	if n.has("at_most") {
		c.AtMost = int(n.number("at_most"))
	}
	if n.has("again") {
		c.Again = n.span("again")
	}
	s := &engine.SendSpec{Kind: mailStep, Lane: engine.LaneTransactional, Transactional: true, Channel: b.confirmChannel(n)}
	template, subject := n.get("template"), n.get("subject")
	sc := b.scope.with(readsConfirm, nil)
	content := b.mail(template, subject, sc)
	if content == nil {
		return c
	}
	if !slices.Contains(content.Reads(), engine.Key{Kind: engine.KeyConfirmURL}) {
		b.r.add(codeNoConfirmLink, template.place(), template.in(), template.text)
	}
	s.Content = content
	c.Send = s
	return c
}

// confirmChannel is the channel that sends the mail: the named one, or the only one
// that sends any.
func (b *builder) confirmChannel(n *node) string {
	var able []string
	for _, name := range names(b.declared["channel"]) {
		if t := b.pluginOf(name); t != nil && t.performs(mailStep) && t.Reach == engine.ReachLead {
			able = append(able, name)
		}
	}
	if n.has("channel") {
		name := n.ref("channel")
		if t := b.pluginOf(name); t != nil && !slices.Contains(able, name) {
			a := n.attrs["channel"]
			b.r.add(codeWrongChannel, a.place(), a.in(), name, t.Plugin, mailStep, ableHint(mailStep, able))
		}
		return name
	}
	switch len(able) {
	case 0:
		b.r.add(codeNoChannel, n.place(), n.parent.trail(), mailStep, b.channelExample(mailStep))
		return ""
	case 1:
		return able[0]
	}
	b.r.add(codeWhichChannel, n.place(), n.parent.trail(), mailStep, "channel."+strings.Join(able, ", channel."))
	return ""
}
