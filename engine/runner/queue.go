package runner

// queue is a first-in, first-out list that keeps its memory. The zero queue is
// empty and ready.
type queue[T any] struct {
	ring  []T // its length is a power of two
	head  int
	count int
}

func (q *queue[T]) len() int { return q.count }

func (q *queue[T]) push(v T) {
	if q.count == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.count)&(len(q.ring)-1)] = v
	q.count++
}

// unshift puts v before all others.
func (q *queue[T]) unshift(v T) {
	if q.count == len(q.ring) {
		q.grow()
	}
	q.head = (q.head - 1) & (len(q.ring) - 1)
	q.ring[q.head] = v
	q.count++
}

// front is the oldest element; the queue must not be empty.
func (q *queue[T]) front() *T { return &q.ring[q.head] }

func (q *queue[T]) pop() T {
	var none T
	v := q.ring[q.head]
	q.ring[q.head] = none
	q.head = (q.head + 1) & (len(q.ring) - 1)
	q.count--
	return v
}

func (q *queue[T]) grow() {
	ring := make([]T, max(8, 2*len(q.ring)))
	for i := range q.count {
		ring[i] = q.ring[(q.head+i)&(len(q.ring)-1)]
	}
	q.ring, q.head = ring, 0
}
