package main

import (
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// ownPages are the addresses of a lead's own pages that the text of a mail may read:
// the way out, the preference page, and where a consent is confirmed.
func (l *trackedLinks) ownPages(m engine.Outgoing) map[string]any {
	if m.Kind != mailKind || l.links.Base == "" {
		return nil
	}
	pages := map[string]any{}
	add := func(name string, t tracking.Token) {
		if address, err := l.links.Address(t); err == nil {
			pages[name] = address
		}
	}
	if out := l.wayOut(m); out != "" {
		pages[dsl.UnsubscribeFact] = out
	}
	add(engine.PreferencesURL, tracking.Token{Kind: tracking.Preferences, Lead: m.Lead, Message: m.Key, Channel: m.Channel})
	if m.Confirms != "" {
		add(engine.ConfirmURL, tracking.Token{Kind: tracking.Confirm, Lead: m.Lead, Message: m.Key, Channel: m.Channel, Step: m.Confirms})
	}
	return pages
}
