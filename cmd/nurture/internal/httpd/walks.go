package httpd

import (
	"fmt"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// walkBook keeps answers that take a walk through all leads and many journals: the
// stages, what led to a result, who is perhaps one person. One walk is made at a time;
// who asks the same meanwhile gets its answer. What took long is given again for so
// long that walking takes no more than a twentieth of the time, ten minutes at most.
type walkBook struct {
	turn sync.Mutex // held by who walks

	mu      sync.Mutex
	kept    map[string]*walk
	waiting int
	changed int // grows when answers are let go of: what was asked before is not kept
}

// walk is an answer that is kept.
type walk struct {
	value any
	until time.Time
}

const (
	walkShare  = 20                     // of the time that a walk takes, its answer is kept
	walkQuick  = 100 * time.Millisecond // what takes less is not kept
	walkKept   = 10 * time.Minute       // at most
	maxWalks   = 100                    // answers that are kept
	maxWalkers = 16                     // who wait for a walk
)

// known gives an answer that is kept.
func (b *walkBook) known(key string, now time.Time) (any, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.kept[key]
	if w == nil || !now.Before(w.until) {
		return nil, false
	}
	return w.value, true
}

// join lets somebody wait for a walk, where not too many do.
func (b *walkBook) join() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting == maxWalkers {
		return busy(5 * time.Second)
	}
	b.waiting++
	return nil
}

func (b *walkBook) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting--
}

// since is the state of what is told of; see keep.
func (b *walkBook) since() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.changed
}

// keep keeps an answer, unless something was changed since it was asked.
func (b *walkBook) keep(key string, value any, since int, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if since != b.changed {
		return
	}
	if b.kept == nil || len(b.kept) >= maxWalks {
		b.kept = map[string]*walk{}
	}
	b.kept[key] = &walk{value, until}
}

// forget lets go of all answers of a kind: something was changed that they tell of.
func (b *walkBook) forget(kind string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.changed++
	for key := range b.kept {
		if len(key) > len(kind) && key[:len(kind)] == kind && key[len(kind)] == ' ' {
			delete(b.kept, key)
		}
	}
}

// walked gives the answer to a question of a kind, from a walk where it has to be. The
// time is the injected clock's, as everywhere: where it stands still nothing is kept.
func walked[T any](s *Server, kind string, question any, walk func() (T, error)) (T, error) {
	revision := uint32(0)
	if p := s.options.Desk.Program(); p != nil {
		revision = p.Revision()
	}
	key := fmt.Sprintf("%s %d %+v", kind, revision, question)
	if v, ok := s.walks.known(key, s.now()); ok {
		return v.(T), nil
	}
	var none T
	if err := s.walks.join(); err != nil {
		return none, err
	}
	defer s.walks.leave()
	s.walks.turn.Lock()
	defer s.walks.turn.Unlock()
	begun := s.now()
	if v, ok := s.walks.known(key, begun); ok { // who walked before has found it
		return v.(T), nil
	}
	since := s.walks.since()
	v, err := walk()
	if err != nil {
		return none, err
	}
	if took := s.now().Sub(begun); took >= walkQuick {
		s.walks.keep(key, v, since, begun.Add(took).Add(min(walkKept, walkShare*took)))
	}
	return v, nil
}

// walkedLifecycle are the stages, as of when they were walked through.
func (s *Server) walkedLifecycle(p *engine.Program, over engine.Span) (LifecycleDoc, error) {
	return walked(s, "lifecycle", over, func() (LifecycleDoc, error) {
		return ReadLifecycle(p, s.options.People, engine.TimeOf(s.now()), over)
	})
}
