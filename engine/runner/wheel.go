package runner

import (
	"math"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// never is the due time of a partition without timers.
const never = engine.Time(math.MaxInt64)

// wheel turns due timers into Tick facts. It sleeps until the earliest of them
// and reads the store's index of due times, so that a tick costs what is due and
// not what waits.
//
//  1. No durable row of a partition is due before next[partition], unless its
//     lead has a tick under way.
//  2. A lead has at most one tick under way, and all leads together at most
//     limit, however many timers are due at one second: the rest stays in the
//     index. So fresh events are never far behind.
//  3. A tick is a suggestion. The lead's row is the truth: the worker lets
//     stale ones pass.
type wheel struct {
	r     *Runner
	limit int
	bell  chan struct{}

	mu       sync.Mutex
	next     []engine.Time // by partition
	under    map[engine.LeadID]struct{}
	over     []engine.LeadID // of under: those whose ticks are durable
	scanning bool
	fired    uint64
}

func newWheel(r *Runner, partitions, limit int) *wheel {
	return &wheel{
		r: r, limit: limit, bell: make(chan struct{}, 1),
		next:  make([]engine.Time, partitions), // every partition is scanned at the start
		under: make(map[engine.LeadID]struct{}, limit),
	}
}

// note tells that a durable row of the partition is due at that time.
func (w *wheel) note(part int, due engine.Time) {
	w.mu.Lock()
	earlier := due < w.next[part]
	if earlier {
		w.next[part] = due
	}
	w.mu.Unlock()
	if earlier {
		wake(w.bell)
	}
}

// done tells that these leads' ticks are durable. They are forgotten between two
// scans only: a scan under way may still see the index rows that brought them.
func (w *wheel) done(leads []engine.LeadID) {
	if len(leads) == 0 {
		return
	}
	w.mu.Lock()
	w.over = append(w.over, leads...)
	w.mu.Unlock()
	wake(w.bell)
}

// forget frees the room of ticks that are over. mu is held.
func (w *wheel) forget() {
	for _, id := range w.over {
		delete(w.under, id)
	}
	w.over = w.over[:0]
}

// due reports whether a timer is due now, or may be.
func (w *wheel) due() bool {
	now := engine.TimeOf(w.r.clock.Now())
	w.mu.Lock()
	defer w.mu.Unlock()
	_, due := w.earliest()
	return w.scanning || due <= now
}

// earliest is the partition whose timer comes first. mu is held.
func (w *wheel) earliest() (part int, due engine.Time) {
	due = never
	for i, t := range w.next {
		if t < due {
			part, due = i, t
		}
	}
	return part, due
}

// run fires timers until the runner stops its wheel.
func (w *wheel) run(stop <-chan struct{}) {
	for {
		next, err := w.turn()
		if err != nil {
			w.r.fail(err)
			return
		}
		w.r.load.tell()
		var fired <-chan time.Time
		cancel := func() {}
		if next != never {
			fired, cancel = w.r.clock.At(next.In(nil))
		}
		select {
		case <-fired:
		case <-w.bell:
		case <-stop:
			cancel()
			return
		}
		cancel()
	}
}

// turn fires what is due, as far as there is room, and says when to go on: never
// means not before the bell rings.
func (w *wheel) turn() (engine.Time, error) {
	for {
		now := engine.TimeOf(w.r.clock.Now())
		w.mu.Lock()
		w.forget()
		part, due := w.earliest()
		room := w.limit - len(w.under)
		if due > now || room <= 0 {
			w.mu.Unlock()
			if room <= 0 {
				return never, nil
			}
			return due, nil
		}
		w.next[part], w.scanning = never, true
		w.mu.Unlock()
		next, err := w.scan(part, now, room)
		w.mu.Lock()
		w.next[part], w.scanning = min(w.next[part], next), false
		w.mu.Unlock()
		if err != nil {
			return never, err
		}
	}
}

// scan sends at most room ticks of one partition and says when the first row is
// due that it has left.
func (w *wheel) scan(part int, now engine.Time, room int) (next engine.Time, err error) {
	next = never
	since := w.r.clock.Now()
	err = w.r.store.Due(part, never, 0, func(lead engine.LeadID, due engine.Time) error {
		if due > now || room == 0 {
			next = due
			return store.ErrStop
		}
		if w.begin(lead) {
			room--
			w.r.post(fact{event: engine.Event{Kind: engine.Tick, Lead: lead, At: now, Received: now}, due: due, since: since})
		}
		return nil
	})
	return next, err
}

// begin notes that a lead's tick is under way; false when one is already.
func (w *wheel) begin(lead engine.LeadID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, under := w.under[lead]; under {
		return false
	}
	w.under[lead] = struct{}{}
	w.fired++
	return true
}
