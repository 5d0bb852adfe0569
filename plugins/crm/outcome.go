package crm

import (
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// The events that sales systems tell of.
const (
	Accepted    = "toss_up_accepted"
	Rejected    = "toss_up_rejected"
	Opportunity = "opportunity_created"
	Won         = "deal_won"
	Lost        = "deal_lost"
)

// Outcome is what sales did with a lead that was handed over.
type Outcome struct {
	Reference
	Record string // the record's id in the sales system
	Event  string
	At     time.Time
	Reason string // of a rejection or a loss, in the words of sales
	Amount string // a decimal number, "" where there is none
}

// Fact is the outcome for the engine. Its id follows from the record, the
// hand-over and the event: told again, it counts once.
func (o Outcome) Fact() channel.Fact {
	fields := map[string]any{"record": o.Record}
	if o.TossUp != "" {
		fields["toss_up"] = o.TossUp
	}
	if o.Reason != "" {
		fields["reason"] = o.Reason
	}
	if n, ok := number(o.Amount); ok {
		fields["amount"] = n
	}
	return channel.Fact{
		ID: o.Record + "/" + o.Key + "/" + o.Event, Event: o.Event, At: o.At,
		Action: o.Key, Lead: o.Lead, Fields: fields,
	}
}

// Facts are several outcomes for the engine.
func Facts(outcomes []Outcome) []channel.Fact {
	facts := make([]channel.Fact, len(outcomes))
	for i, o := range outcomes {
		facts[i] = o.Fact()
	}
	return facts
}
