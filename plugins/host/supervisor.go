package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// State is where a channel's plugin stands.
type State string

// The states.
const (
	Starting    State = "starting"    // a process is being started and configured
	Healthy     State = "healthy"     // it takes actions
	Draining    State = "draining"    // it finishes what it has
	Backoff     State = "backoff"     // it died; the next start is soon
	Quarantined State = "quarantined" // it died too often; the next trial is late
	Stopped     State = "stopped"
)

// supervisor keeps one plugin process alive for one configuration of a channel:
// it starts it, watches it, settles what dies with it, and starts it again.
//
//  1. There is at most one process at a time.
//  2. Every process is configured before it gets anything.
//  3. After stop nothing of it is left.
type supervisor struct {
	host    *Host
	plugins *plugins // as they were when it was made
	config  Config
	queue   *queue
	ear     chan struct{} // the line's
	log     *slog.Logger
	redact  redactor

	active chan struct{} // closed: the queue is this one's to serve
	stop   chan struct{} // closed: end
	revive chan struct{} // capacity 1: try again now
	first  chan error    // capacity 1: outcome of the first start
	done   chan struct{} // closed: run has ended

	restarts restarts // run's own

	mu     sync.Mutex
	status Status
	life   *life         // nil unless Healthy or Draining
	spent  time.Duration // processor time of the lives before
	odd    Oddities      // of the lives before
	until  time.Time     // when the next start is due, in Backoff and Quarantined
}

func newSupervisor(h *Host, c Config, l *line) *supervisor {
	return &supervisor{
		host: h, plugins: h.plugins, config: c, queue: l.queue, ear: l.ear,
		log:    h.log.With("channel", c.Name, "plugin", c.Plugin),
		redact: newRedactor(h.plugins.secrets(c)),
		active: make(chan struct{}), stop: make(chan struct{}), revive: make(chan struct{}, 1),
		first: make(chan error, 1), done: make(chan struct{}),
		restarts: restarts{policy: h.options.Restarts, seed: c.Name},
		status:   Status{Channel: c.Name, Plugin: c.Plugin, State: Starting, Since: h.clock.Now()},
	}
}

// run is the supervisor's goroutine.
func (s *supervisor) run() {
	defer close(s.done)
	defer s.set(func(st *Status) { st.State = Stopped })
	for life := 1; ; life++ {
		l, err := s.begin()
		if life == 1 {
			s.first <- err
			if err != nil {
				return
			}
		}
		started := s.host.clock.Now()
		if err == nil {
			if err = s.attend(l); err == nil {
				return
			}
		}
		if s.stopping() || !s.rest(err, s.host.clock.Now().Sub(started)) {
			return
		}
	}
}

func (s *supervisor) stopping() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// begin starts a process.
func (s *supervisor) begin() (*life, error) {
	s.set(func(st *Status) { st.State = Starting })
	ctx, cancel := s.within(s.host.options.StartTimeout)
	defer cancel()
	l, err := s.launch(ctx)
	if err != nil {
		return nil, err
	}
	s.set(func(st *Status) {
		st.State, st.PID, st.Version = Healthy, l.proc.pid, l.desc.Version
	})
	s.mu.Lock()
	s.life = l
	s.mu.Unlock()
	s.log.Info("plugin ready", "pid", l.proc.pid, "version", l.desc.Version)
	return l, nil
}

// within is a context that ends with its time, or when the supervisor is told to.
func (s *supervisor) within(limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := within(context.Background(), s.host.clock, limit)
	go func() {
		select {
		case <-s.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// attend watches a healthy process. It returns nil when it was told to stop, and
// else why the process is no more.
func (s *supervisor) attend(l *life) error {
	var listening sync.WaitGroup
	hearing, hangUp := context.WithCancel(context.Background())
	err := s.watch(l, func() {
		l.sess.begin()
		if s.host.options.Intake != nil && l.can(channelv1.Capability_CAPABILITY_LISTEN) {
			listening.Go(func() { s.listen(hearing, l) })
		}
	})
	hangUp()
	stopped := errors.Is(err, errStopped)
	if stopped {
		s.set(func(st *Status) { st.State = Draining })
		listening.Wait()
		err = l.retire(s.host)
	} else {
		l.proc.kill()
		err = errors.Join(err, l.end(s.host))
		listening.Wait()
	}
	s.mu.Lock()
	s.life = nil
	s.spent += l.proc.spent()
	s.odd.add(l.sess.oddities())
	s.mu.Unlock()
	s.set(func(st *Status) { st.PID = 0 })
	if stopped && err != nil {
		s.log.Warn("plugin stopped hard", "error", err.Error())
	}
	if stopped {
		return nil
	}
	return err
}

var errStopped = errors.New("stopped")

// missesAllowed is how many pings in a row may go unanswered.
const missesAllowed = 2

// watch calls begin when the channel is this process's to serve, and returns why it
// stopped watching: errStopped, or what the process did.
func (s *supervisor) watch(l *life, begin func()) error {
	active := s.active
	misses := 0
	for {
		tick, cancel := s.host.clock.After(s.host.options.PingEvery)
		select {
		case <-active:
			active = nil
			begin()
		case <-l.proc.exited:
			cancel()
			return fmt.Errorf("plugin process ended: %s%s", l.proc.ending(), l.proc.lastWords())
		case <-l.sess.ended:
			cancel()
			return s.broken(l)
		case <-s.stop:
			cancel()
			return errStopped
		case <-tick:
			l.sess.expire(s.host.clock.Now())
			if misses++; s.ping(l) == nil {
				misses = 0
			}
			if s.stopping() {
				return errStopped // which may be all that the ping met
			}
			if err := s.frugal(l); err != nil {
				return err
			}
			if misses == missesAllowed {
				return fmt.Errorf("plugin process does not answer: %d pings without answer within %s", misses, s.host.options.PingTimeout)
			}
		}
		cancel()
	}
}

// broken is why the stream ended: the process died, which is the better answer
// where it is known a moment later, or it broke the protocol.
func (s *supervisor) broken(l *life) error {
	if s.host.await(l.proc.exited, s.host.options.graces.exit) == nil {
		return fmt.Errorf("plugin process ended: %s%s", l.proc.ending(), l.proc.lastWords())
	}
	return fmt.Errorf("plugin ended its stream: %s", s.redact.text(l.sess.err.Error(), maxDetail))
}

func (s *supervisor) ping(l *life) error {
	ctx, cancel := s.within(s.host.options.PingTimeout)
	defer cancel()
	return l.conn.Ping(ctx)
}

// rest waits until the next start is due. What cannot wait that long is told to
// come again. It reports false when the supervisor is to end.
func (s *supervisor) rest(cause error, lived time.Duration) bool {
	now := s.host.clock.Now()
	wait, quarantined := s.restarts.died(now, lived)
	state := Backoff
	if quarantined {
		state = Quarantined
	}
	message := s.redact.text(cause.Error(), 2*maxDetail)
	s.mu.Lock()
	s.until = now.Add(wait)
	s.mu.Unlock()
	s.set(func(st *Status) {
		st.State, st.LastError, st.LastErrorAt, st.NextStart = state, message, now, now.Add(wait)
		st.Restarts++
	})
	s.log.Error("plugin down", "state", string(state), "error", message, "next_start_in", wait.String())
	if _, down := s.down(); down {
		s.turnAway()
	}
	fired, cancel := s.host.clock.After(wait)
	defer cancel()
	select {
	case <-fired:
	case <-s.revive:
		s.restarts.forgive()
	case <-s.stop:
		return false
	}
	s.set(func(st *Status) { st.NextStart = time.Time{} })
	return true
}

// down reports whether the plugin is away for longer than requests are held, and
// for how long.
func (s *supervisor) down() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.State != Backoff && s.status.State != Quarantined {
		return 0, false
	}
	wait := s.until.Sub(s.host.clock.Now())
	return wait, wait > s.host.options.Hold
}

// turnAway tells all that wait to come again when the plugin should be back.
func (s *supervisor) turnAway() {
	wait, _ := s.down()
	for _, it := range s.queue.empty() {
		it.settle(s.downReceipt(wait))
	}
}

func (s *supervisor) downReceipt(wait time.Duration) engine.Receipt {
	return engine.Receipt{
		Outcome: engine.Retry, Code: CodeDown, Detail: "the channel's plugin is not running",
		RetryAfter: max(wait, time.Second),
	}
}

// alive is the process that serves, nil when there is none.
func (s *supervisor) alive() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.life
}

func (s *supervisor) set(change func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.status.State
	change(&s.status)
	if s.status.State != before {
		s.status.Since = s.host.clock.Now()
	}
}

// report is the status now.
func (s *supervisor) report() Status {
	s.mu.Lock()
	st, l := s.status, s.life
	st.Odd, st.CPU = s.odd, s.spent.Seconds()
	s.mu.Unlock()
	st.Queued = s.queue.len()
	if l != nil {
		st.InFlight = l.sess.inFlight()
		st.Odd.add(l.sess.oddities())
		if u, ok := usageOf(l.proc.pid); ok {
			st.Memory = u.memory
			st.CPU += u.cpu.Seconds()
		}
	}
	return st
}
