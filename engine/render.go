package engine

import "fmt"

// Render finishes the parts of a message that was granted leave, from what the
// lead is now. It is called once for an action; the parts are kept for retries.
func (p *Program) Render(f *Frame, l *Lead, key ActionKey) (Request, error) {
	pending := l.PendingAction(key)
	if pending == nil {
		return Request{}, fmt.Errorf("render action %s: it is not under way", key)
	}
	f.bind(p, l, nil, nil)
	f.offer = pending
	f.look(&l.Folds, l.Now, nil, nil)
	r := p.Request(l, pending)
	content, owner := p.contentOf(f, pending)
	if content == nil {
		return r, fmt.Errorf("render action %s: %s is not in this revision any more", key, pending.what())
	}
	for _, s := range p.slots(content) {
		f.load(s)
	}
	parts, err := content.Render(&f.vars)
	if err != nil {
		return r, fmt.Errorf("render %s: %w", pending.what(), err)
	}
	r.Parts = parts
	if pending.TossUp != "" {
		r.Parts = append(r.Parts, whom(l, pending)...)
	}
	if owner == nil {
		return r, nil
	}
	for _, s := range p.slots(owner) {
		f.load(s)
	}
	name, err := owner.Text(&f.vars)
	if err != nil {
		return r, fmt.Errorf("render the owner of %s: %w", pending.what(), err)
	}
	r.Parts = append(r.Parts, Field{"owner", TextValue(name)})
	return r, nil
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
	f := Frame{p: p, l: l}
	return Request{
		Key: pending.Key, Channel: pending.Channel, Kind: f.kindOf(pending), Lane: pending.Lane,
		Lead: l.ID, Attempt: int(pending.Attempts),
	}
}

func (p *Program) contentOf(f *Frame, pending *Pending) (Content, Str) {
	if s := f.sendOf(pending); s != nil {
		return s.content(pending.Arm), nil
	}
	if i, ok := p.tossUp[pending.TossUp]; ok {
		if h := p.tossUps[i].spec.HandOver; h != nil {
			return h.Content, h.Owner
		}
	}
	return nil, nil
}
