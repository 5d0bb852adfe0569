package engine

import (
	"fmt"
	"maps"
)

// Links puts into messages what leads back to us: tracked links, the way to
// unsubscribe. Implementations are safe for concurrent use and answer equally for
// equal messages.
type Links interface {
	// Facts are what the text of a message may read besides its own, by name.
	Facts(m Outgoing) map[string]any
	// Finish gives the rendered parts their links.
	Finish(m Outgoing, parts []Field) []Field
}

// Outgoing says which message to which lead is being rendered.
type Outgoing struct {
	Key           ActionKey
	Lead          LeadID
	Channel       string // configured channel
	Kind          string // step kind: "email"
	Workflow      string
	Step          string
	Topic         string
	Transactional bool
	Confirms      string // consent that it asks to confirm, "" for every other message
	Language      string // of the project, "ja" or "en"
}

// Render finishes the parts of a message that was granted leave, from what the
// lead is now. It is called once for an action; the parts are kept for retries.
// links may be nil: then nothing in the message leads back to us.
func (p *Program) Render(f *Frame, l *Lead, key ActionKey, links Links) (Request, error) {
	pending := l.PendingAction(key)
	if pending == nil {
		return Request{}, fmt.Errorf("render action %s: it is not under way", key)
	}
	p, f = p.with(l, f)
	f.bind(p, l, nil, nil)
	f.offer = pending
	f.look(&l.Folds, l.Now, nil, nil)
	r := p.Request(l, pending)
	content, owner := p.contentOf(f, pending)
	if content == nil {
		return r, fmt.Errorf("render action %s: %s is not in this revision any more", key, pending.what())
	}
	f.loadFor(content)
	parts, err := f.renderLinked(content, pending, links)
	if err != nil {
		return r, fmt.Errorf("render %s: %w", pending.what(), err)
	}
	r.Parts = parts
	if pending.TossUp != "" {
		r.Parts = append(r.Parts, whom(l, pending)...)
		r.Parts = append(r.Parts, f.packetParts(pending, links)...)
	}
	if owner == nil {
		return r, nil
	}
	if o := l.offer(pending.TossUp); o != nil && pending.Step == "" && o.Owner != "" && o.Cause == pending.Message {
		r.Parts = append(r.Parts, Field{"owner", TextValue(o.Owner)})
		return r, nil
	}
	f.loadFor(owner)
	name, err := owner.Text(&f.vars)
	if err != nil {
		return r, fmt.Errorf("render the owner of %s: %w", pending.what(), err)
	}
	r.Parts = append(r.Parts, Field{"owner", TextValue(name)})
	return r, nil
}

// renderLinked renders a content, with its links where it goes to a lead.
func (f *Frame) renderLinked(content Content, pending *Pending, links Links) ([]Field, error) {
	s := f.sendOf(pending)
	if links == nil || s == nil {
		return content.Render(&f.vars)
	}
	if c := f.p.channel[s.Channel]; c == nil || c.Reach != ReachLead {
		return content.Render(&f.vars)
	}
	m := Outgoing{
		Key: pending.Key, Lead: f.l.ID, Channel: s.Channel, Kind: s.Kind, Workflow: pending.Workflow, Step: pending.Step,
		Topic: s.Topic, Transactional: s.Transactional, Language: f.p.spec.Language,
		Confirms: pending.confirms(),
	}
	known := links.Facts(m)
	maps.Copy(f.vars.Facts, known)
	parts, err := content.Render(&f.vars)
	for name := range known {
		delete(f.vars.Facts, name) // the next message has its own, or none
	}
	if err != nil {
		return nil, err
	}
	return links.Finish(m, parts), nil
}

// whom tells sales which lead it is that they get, and by which message, so that
// their answer can name both.
func whom(l *Lead, pending *Pending) []Field {
	fields := []Field{{"lead", TextValue(l.ID.String())}}
	if l.User != "" {
		fields = append(fields, Field{"user_id", TextValue(l.User)})
	}
	return append(fields, Field{"message_id", TextValue(pending.Message)})
}

// Request is a granted action's request without its parts, for parts that were
// rendered before.
func (p *Program) Request(l *Lead, pending *Pending) Request {
	f := Frame{p: p.about(l), l: l}
	return Request{
		Key: pending.Key, Channel: pending.Channel, Kind: f.kindOf(pending), Lane: pending.Lane,
		Lead: l.ID, Attempt: int(pending.Attempts),
	}
}

func (p *Program) contentOf(f *Frame, pending *Pending) (Content, Str) {
	if s := f.sendOf(pending); s != nil {
		return s.content(pending.Arm), nil
	}
	if n := p.figureNotice(pending); n != nil {
		f.noticeFacts(pending)
		return n.Content, nil
	}
	if p.reviewOf(pending) != nil {
		return reportOf(pending), nil
	}
	if i, ok := p.tossUp[pending.TossUp]; ok {
		return p.tossUpContent(&p.tossUps[i], pending)
	}
	return nil, nil
}
