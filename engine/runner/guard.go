package runner

import (
	"time"

	"github.com/seed-456efde2/nurture/engine/store"
)

// guardEvery is how often the free space is measured.
const guardEvery = 5 * time.Second

// guard stops intake while the disk is low, lets it go on when there is room
// again, and stops the runner before the disk is full: the store could not be
// closed then.
func (r *Runner) guard(stop <-chan struct{}) {
	for r.measureSpace() {
		fired, cancel := r.clock.At(r.clock.Now().Add(guardEvery))
		select {
		case <-fired:
		case <-stop:
			cancel()
			return
		}
	}
}

// measureSpace reports false when the runner is dead of it.
func (r *Runner) measureSpace() bool {
	report, err := r.store.Space()
	if err != nil {
		return r.fail(err)
	}
	r.space.Store(&report)
	if report.State == store.SpaceClose {
		return r.fail(store.ErrFull)
	}
	low := report.State == store.SpaceStop
	if r.diskFull.Swap(low) != low {
		r.log.Warn("free disk space", "state", report.State.String(), "free_mib", report.Free>>20)
	}
	return true
}
