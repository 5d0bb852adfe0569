package main

import (
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// Answers implements engine.Answerer: the address under which sales answer a
// hand-over. Without an address of the server there is none.
func (l *trackedLinks) Answers(m engine.Outgoing, offer engine.ActionKey, tossUp string) []engine.Field {
	if l.links.Base == "" {
		return nil
	}
	address, err := l.links.Address(tracking.Token{Kind: tracking.Answer, Lead: m.Lead, Message: offer, Channel: m.Channel, Step: tossUp})
	if err != nil {
		return nil // a name that is too long for an address
	}
	return []engine.Field{{Name: "answer_url", Value: engine.TextValue(address)}}
}
