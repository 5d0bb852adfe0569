package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// Guard keeps a change of rules from losing a lead: one that stands where the new
// rules have nothing, and do not say where it goes.
type Guard struct {
	// Look looks at all leads, as they stand in the store, and gives the error with
	// which the change is refused.
	Look func() error
	// Lost reports whether the new rules would lose a lead as it stands.
	Lost func(*engine.Lead) bool
}

// SwapGuarded is SwapBy, unless that would lose a lead. Leads go on while all of them
// are looked at, and some may come just then to where they must not stand. So the
// workers note who does, and stand still for the moment in which those few are looked
// at again and the program is swapped. Nothing that comes in meanwhile is lost: it
// waits that long.
func (r *Runner) SwapGuarded(ctx context.Context, p *engine.Program, sources map[string][]byte, author string, g Guard) (uint32, error) {
	return r.swap(ctx, p, sources, author, &g)
}

// PromoteGuarded is Promote, unless that would lose a lead, as SwapGuarded is SwapBy.
func (r *Runner) PromoteGuarded(ctx context.Context, p *engine.Program, sources map[string][]byte, author string, g Guard) (uint32, error) {
	return r.promote(ctx, p, sources, author, &g)
}

// ErrComeAndGo is returned where a change is refused because some lead stood where the
// new rules have nothing, however often all were looked at, and was gone at the next
// look.
var ErrComeAndGo = errors.New("leads come and go on a step that the new rules do not have; say where they go with moved")

// guardTries is how often all leads are looked at anew because some had come, and
// gone on, meanwhile.
const guardTries = 5

// stand lets the workers stand still while nobody stands where the guard forbids it.
// They go on when release is called.
func (r *Runner) stand(ctx context.Context, g *Guard) (release func(), err error) {
	for range guardTries {
		if release, err = r.standOnce(ctx, g); release != nil || err != nil {
			return release, err
		}
	}
	return nil, ErrComeAndGo
}

// standOnce looks at all leads once. It gives neither a release nor an error when a
// lead has come meanwhile: then all are to be looked at again.
func (r *Runner) standOnce(ctx context.Context, g *Guard) (release func(), err error) {
	look := &lookout{lost: g.Lost, noted: map[engine.LeadID]bool{}}
	r.lookout.Store(look)
	defer r.lookout.Store(nil)
	if err := r.awaited(ctx, r.barrier()); err != nil {
		return nil, err
	}
	if err := g.Look(); err != nil {
		return nil, err
	}
	halted, release := r.halt()
	if err := r.awaited(ctx, halted); err != nil {
		release()
		return nil, err
	}
	lost, err := r.anyLost(look)
	if lost || err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// anyLost looks again at those that were noted, when no worker decides.
func (r *Runner) anyLost(look *lookout) (bool, error) {
	for id := range look.noted {
		var lead engine.Lead
		found, err := r.store.Lead(id, &lead)
		if err != nil {
			return false, fmt.Errorf("look at who came to a step that is gone: %w", err)
		}
		if found && look.lost(&lead) {
			return true, nil
		}
	}
	return false, nil
}

// awaited waits until what was asked is durable.
func (r *Runner) awaited(ctx context.Context, s *submission) error {
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-r.dead:
		return ErrStopping
	}
}

// halt lets every worker stand still when what it has decided is durable, until
// release is called.
func (r *Runner) halt() (halted *submission, release func()) {
	halted = &submission{done: make(chan struct{})}
	halted.left.Store(int64(len(r.workers)))
	until := make(chan struct{})
	for _, w := range r.workers {
		r.load.work.Add(1)
		w.inbox.putFact(fact{order: orderHalt, sub: halted, halt: until})
	}
	return halted, sync.OnceFunc(func() { close(until) })
}

// stay stands still if that was asked. It reports false when the runner is dead.
func (w *worker) stay() bool {
	if w.halt == nil {
		return true
	}
	until := w.halt
	w.halt = nil
	w.still.Store(true) // the committer is not to wait for what this inbox has
	defer w.still.Store(false)
	if !w.handOver() {
		return false
	}
	select {
	case <-until:
		return true
	case <-w.r.dead:
		return false
	}
}

// lookout notes the leads that come to where they must not stand.
type lookout struct {
	lost func(*engine.Lead) bool

	mu    sync.Mutex
	noted map[engine.LeadID]bool
}

func (l *lookout) note(lead *engine.Lead) {
	if !l.lost(lead) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.noted[lead.ID] = true
}

// Settled reports whether every lead has heard of the rules in force: then each
// stands on a step that they have.
func (r *Runner) Settled() bool { return r.sweep.settled() }

// Heard reports whether every lead had heard of a revision when the store's last life
// ended.
func Heard(st *store.Store, revision uint32) (bool, error) {
	text, err := st.Note(sweepName)
	if err != nil || text == nil {
		return false, err
	}
	var p place
	if err := json.Unmarshal(text, &p); err != nil {
		return false, fmt.Errorf("read how far the leads had heard of their rules: %w", err)
	}
	return p.Done && p.Revision == revision, nil
}
