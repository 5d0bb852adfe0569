package host

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/plugins/channel"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

const (
	// maxMessage bounds a message to a plugin, unless one action alone is larger.
	// A plugin in another language may keep gRPC's limit of 4 MiB.
	maxMessage = 3 << 20
	// timeoutGrace is how long after an action's time the host waits for the
	// plugin's own word.
	timeoutGrace = 5 * time.Second
)

// session is the Deliver stream to one healthy process: actions out of the queue,
// results back to whom they concern.
//
//  1. A flight is an action that was handed to the stream and not yet settled.
//     There are never more than window of them.
//  2. Every flight is settled exactly once: by its result, by its deadline, or by
//     the end of the session.
//  3. Where the plugin commits, a flight that was never granted leave did not
//     happen, and never will: leave is refused to what is no longer a flight.
type session struct {
	terms
	stream channelv1.ChannelService_DeliverClient

	wake    chan struct{} // capacity 1: room in the window, or something to answer
	landed  chan struct{} // capacity 1: flights were settled
	pull    chan struct{} // closed: take from the queue
	quiesce chan struct{} // closed: take no more
	ended   chan struct{} // closed when reading has ended and all is settled
	err     error         // why, after ended

	mu      sync.Mutex
	flights map[uint64]*flight
	next    uint64
	late    map[uint64]bool // given up by their deadline, the latest ones
	odd     Oddities
	answers []*channelv1.CommitAnswer
}

// terms are what a session works under.
type terms struct {
	queue   *queue
	desc    channel.Description
	commits bool // the plugin asks before the point of no return
	window  int
	clock   Clock
	redact  redactor
	log     *slog.Logger
}

type flight struct {
	item
	deadline  time.Time
	committed bool
}

func newSession(stream channelv1.ChannelService_DeliverClient, t terms) *session {
	return &session{
		terms: t, stream: stream,
		wake: make(chan struct{}, 1), landed: make(chan struct{}, 1),
		pull: make(chan struct{}), quiesce: make(chan struct{}), ended: make(chan struct{}),
		flights: map[uint64]*flight{}, late: map[uint64]bool{},
	}
}

// run reads and writes until the stream ends.
func (s *session) run() {
	var writer sync.WaitGroup
	stop := make(chan struct{})
	writer.Go(func() { s.write(stop) })
	s.err = s.read()
	close(stop)
	writer.Wait()
	s.crash()
	close(s.ended)
}

// write hands over what the queue has and the window allows.
func (s *session) write(stop <-chan struct{}) {
	pull, quiesce := s.pull, s.quiesce
	var ready <-chan struct{} // nil: not the one who takes from the queue
	for {
		select {
		case <-stop:
			return
		case <-pull:
			pull, ready = nil, s.queue.ready
		case <-quiesce:
			pull, quiesce, ready = nil, nil, nil
			s.queue.signal() // what this one was woken for is its successor's
		case <-s.wake:
		case <-ready:
		}
		for {
			items, msg := s.message(ready != nil)
			if len(msg.Actions) == 0 && len(msg.CommitAnswers) == 0 {
				break
			}
			if err := s.stream.Send(msg); err != nil {
				s.unsend(items, msg)
				return // the reader learns why
			}
		}
	}
}

// message takes the next message: all answers, and as many actions as fit.
func (s *session) message(pulling bool) ([]item, *channelv1.DeliverRequest) {
	s.mu.Lock()
	answers := s.answers
	s.answers = nil
	free := s.window - len(s.flights)
	s.mu.Unlock()
	msg := &channelv1.DeliverRequest{CommitAnswers: answers}
	if !pulling || s.quiet() || free <= 0 {
		return nil, msg
	}
	size := 0
	items := s.queue.take(min(free, s.desc.BatchMax), func(r *engine.Request) bool {
		n := requestSize(r)
		fits := size == 0 || size+n <= maxMessage
		size += n
		return fits
	})
	timeout := time.Duration(s.desc.Timeout)
	deadline := s.clock.Now().Add(timeout + timeoutGrace)
	msg.Actions = make([]*channelv1.Action, len(items))
	s.mu.Lock()
	for i, it := range items {
		s.next++
		s.flights[s.next] = &flight{item: it, deadline: deadline}
		msg.Actions[i] = wireAction(s.next, &it.request, timeout)
	}
	s.mu.Unlock()
	return items, msg
}

func (s *session) quiet() bool {
	select {
	case <-s.quiesce:
		return true
	default:
		return false
	}
}

// unsend puts back what the stream did not even take.
func (s *session) unsend(items []item, msg *channelv1.DeliverRequest) {
	s.mu.Lock()
	for _, a := range msg.Actions {
		delete(s.flights, a.Id)
	}
	s.mu.Unlock()
	for _, it := range s.queue.back(items) {
		it.settle(engine.Receipt{Outcome: engine.Retry, Code: CodeStopping})
	}
}

// read settles what comes back until the stream ends. The plugin's orderly end
// is no error.
func (s *session) read() error {
	for {
		msg, err := s.stream.Recv()
		if err != nil {
			return err
		}
		s.grant(msg.CommitQuestions)
		s.settle(msg.Results)
	}
}

// settle settles the flights that these are the results of; what is no flight
// any more was settled before.
func (s *session) settle(results []*channelv1.Result) {
	if len(results) == 0 {
		return
	}
	landed := make([]*flight, len(results))
	s.mu.Lock()
	for i, r := range results {
		if landed[i] = s.flights[r.Id]; landed[i] == nil {
			s.wonder(r.Id)
		}
		delete(s.flights, r.Id)
	}
	s.mu.Unlock()
	s.signal()
	for i, f := range landed {
		if f != nil {
			f.settle(s.receipt(results[i], f))
		}
	}
	s.tellDrain()
}

// maxLate is how many ids of actions that were given up are remembered.
const maxLate = 4096

// wonder counts an answer that nobody waits for, and tells of the first of each
// kind. The caller holds the lock.
func (s *session) wonder(id uint64) {
	n, what := &s.odd.Twice, "plugin answered an action twice; the first answer counts"
	switch {
	case id == 0 || id > s.next:
		n, what = &s.odd.Unasked, "plugin answered an action that it was never given; the answer is ignored"
	case s.late[id]:
		delete(s.late, id)
		n, what = &s.odd.Late, "plugin answered an action after its time was over; it had been given up as unknown"
	}
	if *n++; *n == 1 {
		s.log.Warn(what)
	}
}

// oddities is what the plugin has said so far that it should not.
func (s *session) oddities() Oddities {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.odd
}

func (o *Oddities) add(more Oddities) {
	o.Twice += more.Twice
	o.Late += more.Late
	o.Unasked += more.Unasked
}

// grant answers questions for leave: yes to what is still a flight.
func (s *session) grant(questions []*channelv1.CommitQuestion) {
	if len(questions) == 0 {
		return
	}
	s.mu.Lock()
	for _, q := range questions {
		f := s.flights[q.Id]
		if f != nil {
			f.committed = true
		}
		s.answers = append(s.answers, &channelv1.CommitAnswer{Id: q.Id, Granted: f != nil})
	}
	s.mu.Unlock()
	s.signal()
}

func (s *session) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// tellDrain wakes drain, where it waits.
func (s *session) tellDrain() {
	select {
	case s.landed <- struct{}{}:
	default:
	}
}

// lost is the receipt of a flight that the plugin never answered.
func (s *session) lost(f *flight, code, detail string) engine.Receipt {
	if s.commits && !f.committed {
		return engine.Receipt{Outcome: engine.Retry, Code: code, Detail: detail + "; it was not past the point of no return"}
	}
	return engine.Receipt{Outcome: engine.Unknown, Code: code, Detail: detail}
}

// expire settles flights whose time is over.
func (s *session) expire(now time.Time) {
	s.mu.Lock()
	late := map[uint64]*flight{}
	for id, f := range s.flights {
		if now.After(f.deadline) {
			late[id] = f
			delete(s.flights, id)
			if len(s.late) >= maxLate {
				clear(s.late)
			}
			s.late[id] = true
		}
	}
	s.mu.Unlock()
	if len(late) == 0 {
		return
	}
	s.lose(late, CodeTimeout, "the plugin did not answer in time")
	s.signal()
	s.tellDrain()
}

// lose settles flights that got no answer, in the order they were sent.
func (s *session) lose(flights map[uint64]*flight, code, detail string) {
	for _, id := range slices.Sorted(maps.Keys(flights)) {
		f := flights[id]
		f.settle(s.lost(f, code, detail))
	}
}

// crash settles what was under way when the stream ended.
func (s *session) crash() {
	s.mu.Lock()
	flights := s.flights
	s.flights = map[uint64]*flight{}
	s.mu.Unlock()
	s.lose(flights, CodeCrashed, "the plugin ended while it worked on this")
}

// begin lets the session take from the queue.
func (s *session) begin() { close(s.pull) }

// drain takes no more from the queue and waits for what is under way.
func (s *session) drain(ctx context.Context) error {
	close(s.quiesce)
	for {
		n := s.inFlight()
		if n == 0 {
			return nil
		}
		select {
		case <-s.landed:
		case <-s.ended:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("%d actions under way: %w", n, context.Cause(ctx))
		}
	}
}

func (s *session) inFlight() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.flights)
}

// Codes of receipts that the host itself gives.
const (
	CodeCrashed        = "plugin_crashed"  // the process ended while it worked on it
	CodeTimeout        = "plugin_timeout"  // the process did not answer in time
	CodeDown           = "plugin_down"     // there is no process now
	CodeStopping       = "host_stopping"   // the host, or the channel, is going away
	CodeNotTaken       = "queue_full"      // no room before the caller lost patience
	CodeUnknownChannel = "unknown_channel" // no such channel is configured
	CodeTooLarge       = "too_large"       // larger than a message may be
)
