package runner

import (
	"encoding/binary"
	"errors"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// A body is the stored form of a finished message: the step kind with its length
// in front, then the parts.

func appendBody(b []byte, q *engine.Request) []byte {
	b = binary.AppendUvarint(b, uint64(len(q.Kind)))
	b = append(b, q.Kind...)
	return engine.AppendFields(b, q.Parts)
}

func decodeBody(b []byte, q *engine.Request) error {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return engine.ErrFormat
	}
	b = b[size:]
	q.Kind = string(b[:n])
	parts, err := engine.DecodeFields(b[n:], nil)
	q.Parts = parts
	return err
}

// errNoBody says that an action has no finished message that can be read.
var errNoBody = errors.New("the message was never finished")

// storedRequest completes the request of an action whose message was finished
// for an earlier attempt.
func (r *Runner) storedRequest(part int, q engine.Request) (engine.Request, error) {
	body, err := r.store.Body(part, q.Key)
	if err != nil {
		return q, err
	}
	if body == nil || decodeBody(body, &q) != nil {
		return q, errNoBody
	}
	return q, nil
}

// keptRequest is storedRequest for an action that may have come from a lead that
// was merged into this one: its message then lies where it was finished.
func (w *worker) keptRequest(s *slot, q engine.Request) (engine.Request, error) {
	kept, err := w.r.storedRequest(s.part, q)
	for i := 0; i < len(s.lead.Parts) && errors.Is(err, errNoBody); i++ {
		kept, err = w.r.storedRequest(s.lead.Parts[i].Partition(w.r.partitions), q)
	}
	return kept, err
}

// finish makes the request of an action that has just got leave. It reports false
// when no message can be made: the text reads what the lead does not have, its
// step is gone, or it is too large. The error is the store's.
func (w *worker) finish(p *engine.Program, s *slot, key engine.ActionKey) (engine.Request, bool, error) {
	a := s.lead.PendingAction(key)
	if a.Attempts > 1 {
		q, err := w.keptRequest(s, p.Request(&s.lead, a))
		if !errors.Is(err, errNoBody) {
			return q, err == nil, err
		}
	}
	q, err := p.Render(w.frame, &s.lead, key, w.r.options.Links)
	if err != nil {
		return q, false, nil // the reason may quote what is known of the lead
	}
	if w.body = appendBody(w.body[:0], &q); len(w.body) > store.MaxBody {
		return q, false, nil
	}
	if c := p.Channel(q.Channel); c != nil && c.Answers {
		w.open.write.Answerable(key, s.lead.ID)
	}
	return q, true, w.open.write.Body(s.part, key, w.body)
}

// unfinished gives up an action whose message cannot be made, in the transaction
// that gave it leave.
func (w *worker) unfinished(p *engine.Program, s *slot, f *fact) error {
	a := s.lead.PendingAction(f.event.Action)
	w.r.counters.unfinished.Add(1)
	w.r.log.Warn("message could not be made", "channel", a.Channel, "workflow", a.Workflow, "step", a.Step,
		"toss_up", a.TossUp, "lead", s.lead.ID.String())
	e := f.event
	e.Kind = engine.Settled
	e.Receipt = engine.Receipt{
		Key: a.Key, Lead: s.lead.ID, Attempt: int(a.Attempts), Outcome: engine.Refused,
		Code: "render_failed", Detail: "the message could not be made from what is known of the lead, or is too large",
	}
	return w.decide(p, s, &e, f.since)
}
