package host

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
)

// item is a request on its way, with whom to tell.
type item struct {
	request engine.Request
	receipt func(engine.Receipt)
}

// settle tells what became of the request.
func (i item) settle(r engine.Receipt) {
	r.Key, r.Lead, r.Attempt = i.request.Key, i.request.Lead, i.request.Attempt
	i.receipt(r)
}

var errQueueClosed = errors.New("channel is stopping")

// queue holds the requests of one channel that wait for its plugin: one bounded
// row for each lane, served in the order of the lanes. A full lane keeps others
// from nothing.
type queue struct {
	limit int           // items a lane
	ready chan struct{} // capacity 1: something came in

	mu     sync.Mutex
	lanes  [engine.Lanes]row
	room   chan struct{} // closed and replaced when room was made
	closed bool
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, ready: make(chan struct{}, 1), room: make(chan struct{})}
}

func (q *queue) lane(r *engine.Request) *row {
	return &q.lanes[min(int(r.Lane), engine.Lanes-1)]
}

// put adds all items or, with an error, none. It waits for room as long as ctx
// lasts. More items than a lane holds go in once the lane is empty.
func (q *queue) put(ctx context.Context, items []item) error {
	for {
		q.mu.Lock()
		if q.closed {
			q.mu.Unlock()
			return errQueueClosed
		}
		if q.fits(items) {
			for _, it := range items {
				q.lane(&it.request).push(it)
			}
			q.mu.Unlock()
			q.signal()
			return nil
		}
		room := q.room
		q.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (q *queue) fits(items []item) bool {
	var n [engine.Lanes]int
	for i := range items {
		n[min(int(items[i].request.Lane), engine.Lanes-1)]++
	}
	for l := range q.lanes {
		if have := q.lanes[l].len(); n[l] > 0 && have > 0 && have+n[l] > q.limit {
			return false
		}
	}
	return true
}

func (q *queue) signal() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// take removes up to n items, the lowest lane first, as long as fits says yes.
func (q *queue) take(n int, fits func(*engine.Request) bool) []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	var taken []item
	for l := range q.lanes {
		lane := &q.lanes[l]
		for lane.len() > 0 && len(taken) < n {
			if !fits(&lane.first().request) {
				n = len(taken)
				break
			}
			taken = append(taken, lane.pop())
		}
	}
	if len(taken) > 0 {
		q.makeRoom()
	}
	return taken
}

// back puts items that were taken but not handed over at the head again. It
// returns them where the queue has closed meanwhile.
func (q *queue) back(items []item) []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return items
	}
	for i := len(items) - 1; i >= 0; i-- {
		q.lane(&items[i].request).unpop(items[i])
	}
	q.signal()
	return nil
}

// empty removes everything.
func (q *queue) empty() []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.clear()
}

// close refuses what comes from now on and returns what was waiting.
func (q *queue) close() []item {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	return q.clear()
}

func (q *queue) clear() []item {
	var all []item
	for l := range q.lanes {
		all = append(all, q.lanes[l].items[q.lanes[l].head:]...)
		q.lanes[l] = row{}
	}
	q.makeRoom()
	return all
}

func (q *queue) makeRoom() {
	close(q.room)
	q.room = make(chan struct{})
}

// free is the number of items that the lane takes without waiting.
func (q *queue) free(lane engine.Lane) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return max(0, q.limit-q.lanes[min(int(lane), engine.Lanes-1)].len())
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for l := range q.lanes {
		n += q.lanes[l].len()
	}
	return n
}

// row is a first-in-first-out list that moves its items only once in a while.
type row struct {
	items []item
	head  int
}

func (r *row) len() int     { return len(r.items) - r.head }
func (r *row) first() *item { return &r.items[r.head] }
func (r *row) push(it item) { r.items = append(r.items, it) }

func (r *row) pop() item {
	it := r.items[r.head]
	r.items[r.head] = item{}
	r.head++
	if r.head > len(r.items)/2 {
		r.items = slices.Delete(r.items, 0, r.head)
		r.head = 0
	}
	return it
}

func (r *row) unpop(it item) {
	if r.head > 0 {
		r.head--
		r.items[r.head] = it
		return
	}
	r.items = slices.Insert(r.items, 0, it)
}
