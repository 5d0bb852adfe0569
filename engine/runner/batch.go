package runner

import (
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// batch is what one worker has decided and the committer makes durable: the
// rows, and what is to happen once they are.
//
//  1. A batch belongs to its worker until it is handed over, then to the
//     committer, and comes back empty of duties when it is durable.
//  2. Batches of a worker become durable in the order in which they were begun.
type batch struct {
	write   *store.Write
	events  int                // decided, duplicates among them
	decided int                // decided
	acks    []ack              // submissions with events in this batch
	ticked  []engine.LeadID    // leads whose tick is over
	rows    []row              // new outbox rows
	dropped []dropped          // outbox rows that are gone
	judged  []judgement        // attempts that were judged
	settled []engine.ActionKey // attempts whose answer was taken
	dues    []due              // timers that were armed
	updates []Update           // for the live feed
	posts   []fact             // facts for other leads

	shadowed []shadowTask // decisions that a shadow compares
}

// ack is the number of events of one submission in a batch.
type ack struct {
	sub *submission
	n   int
}

type dropped struct {
	channel string
	lane    engine.Lane
}

type due struct {
	part int
	at   engine.Time
}

// reset makes the batch ready for its worker's next events.
func (b *batch) reset() {
	b.write.Reset()
	clear(b.acks)
	clear(b.rows)
	clear(b.judged)
	clear(b.updates)
	clear(b.posts)
	clear(b.shadowed)
	*b = batch{
		write: b.write, acks: b.acks[:0], ticked: b.ticked[:0], rows: b.rows[:0], dropped: b.dropped[:0],
		judged: b.judged[:0], settled: b.settled[:0], dues: b.dues[:0], updates: b.updates[:0], posts: b.posts[:0],
		shadowed: b.shadowed[:0],
	}
}

// empty reports a batch that nobody waits for.
func (b *batch) empty() bool { return b.events == 0 }

// owe notes that an event of the submission is done when the batch is durable.
func (b *batch) owe(s *submission) {
	if n := len(b.acks); n > 0 && b.acks[n-1].sub == s {
		b.acks[n-1].n++
		return
	}
	b.acks = append(b.acks, ack{s, 1})
}

// slot is a lead that the present batch has touched, decoded once however often
// it is touched.
type slot struct {
	lead  engine.Lead
	part  int
	due   engine.Time // where the lead stands in the index of due times
	size  int64       // about what its row takes
	dirty bool        // it has changed since its row was last encoded
}
