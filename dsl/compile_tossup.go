package dsl

import "github.com/seed-456efde2/nurture/engine"

// capacity compiles how much an owner can take.
func capacitySpec(n *node) *engine.CapacitySpec {
	s := &engine.CapacitySpec{OrderBy: n.ref("order_by"), InquiriesWait: n.text("inquiries") == "wait"}
	if a := n.get("at_most"); a != nil {
		s.AtMost = int(a.num)
	}
	if a := n.get("per"); a != nil {
		s.Per = a.length
	}
	return s
}

// answer compiles the clock that a hand-over sets: reasons, reminders, escalations.
func (b *builder) answer(n *node, reasons bool) *engine.AnswerSpec {
	s := &engine.AnswerSpec{
		Accepted: n.ref("accepted"), Rejected: n.ref("rejected"), Recycle: n.ref("recycle"),
	}
	if a := n.get("within"); a != nil {
		s.Within = a.length
	}
	if !n.has("accepted") {
		s.Accepted = "toss_up_accepted"
	}
	if !n.has("rejected") {
		s.Rejected = "toss_up_rejected"
	}
	for _, k := range n.all("reason") {
		s.Reasons = append(s.Reasons, engine.ReasonSpec{
			Name: k.label, Label: k.info().Label, Recycle: k.ref("recycle"), Cooldown: k.span("cooldown"),
		})
	}
	for _, k := range n.kids {
		switch k.spec.Name {
		case "remind":
			s.Notices = append(s.Notices, b.reminder(k, engine.Remind, reasons))
		case "escalate":
			s.Notices = append(s.Notices, b.reminder(k, engine.Escalate, reasons))
		}
	}
	return s
}

// reminder compiles a message to sales about an offer that nobody has answered.
func (b *builder) reminder(n *node, kind engine.NoticeKind, reasons bool) engine.ReminderSpec {
	s := engine.ReminderSpec{Kind: kind, Channel: n.ref("channel")}
	if a := n.get("after"); a != nil {
		s.After = a.length
	}
	if t := b.pluginOf(s.Channel); t != nil {
		s.StepKind = t.Steps[0].Kind
	}
	sc := b.scope.with(readsPacket, nil)
	s.Owner = b.ownerText(n.get("owner"), sc)
	if n.has("subject") || n.has("payload") {
		s.Content = b.packet(packetOf(n, reasons), sc, n)
	}
	return s
}

// ownerText compiles who in sales gets something; nil where nobody is written.
func (b *builder) ownerText(a *attribute, sc *Scope) engine.Str {
	if a == nil || len(a.lits) == 0 {
		return nil
	}
	text, found := compileStr(a.lits[0], sc)
	b.r.take(found, a.place(), a.in())
	b.counts.Conditions++
	if text == nil {
		return nil
	}
	return text
}

// packetOf are the parts of a message to sales: the toss-up's name, the subject,
// what else was written, and the reasons where they are asked for.
func packetOf(n *node, reasons bool) []part {
	parts := []part{{Name: "toss_up", Place: n.place(), Fact: &engine.Key{Kind: engine.KeyTossUp}}}
	if a := n.get("subject"); a != nil {
		parts = append(parts, part{Name: "subject", Place: a.src.NameRange, Lit: &a.lits[0]})
	}
	if a := n.get("payload"); a != nil {
		parts = append(parts, a.parts...)
	}
	if reasons {
		parts = append(parts, part{Name: "reasons", Place: n.place(), Fact: &engine.Key{Kind: engine.KeyReasons}})
	}
	return parts
}

// success compiles the outcome. Events that are called deal_won and deal_lost mean
// what they say.
func (b *builder) success(n *node) *engine.SuccessSpec {
	s := &engine.SuccessSpec{On: n.ref("on"), Within: n.span("within"), Won: n.ref("won"), Lost: n.ref("lost")}
	if !n.has("won") && b.scope.Events["deal_won"] != nil {
		s.Won = "deal_won"
	}
	if !n.has("lost") && b.scope.Events["deal_lost"] != nil {
		s.Lost = "deal_lost"
	}
	return s
}
