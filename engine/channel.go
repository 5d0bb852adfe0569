package engine

import "strings"

// Channel is a configured channel, nil where there is none of that name.
func (p *Program) Channel(name string) *ChannelSpec {
	c := p.channel[name]
	if c == nil && p.canary != nil {
		return p.canary.channel[name]
	}
	return c
}

// Domain is the domain of the address that an action would go to, in lower case,
// as far as the lead's attributes tell: "" where they do not, or where the
// action's kind does not go to addresses.
func (p *Program) Domain(l *Lead, a *Pending) string {
	p = p.about(l)
	for _, name := range p.addresses[p.kindOf[a.Channel]] {
		if _, domain, ok := strings.Cut(attr(&l.Folds, name).Text(), "@"); ok {
			return strings.ToLower(strings.TrimRight(strings.TrimSpace(domain), ".>"))
		}
	}
	return ""
}
