package httpd

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Long work rests a quarter of the time while events come in, and never while none do.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var events atomic.Uint64
		p := &pace{events: events.Load}
		lead := func() { // a hundredth of a millisecond's work
			time.Sleep(10 * time.Microsecond)
			p.between()
		}
		work := func(leads int) time.Duration {
			begin := time.Now()
			for range leads {
				lead()
			}
			return time.Since(begin)
		}
		if took := work(1000); took != 10*time.Millisecond {
			t.Errorf("10 ms of work take %v while nobody calls", took)
		}
		events.Add(1)
		if took := work(1000); took < 12*time.Millisecond || took > 14*time.Millisecond {
			t.Errorf("10 ms of work take %v beside callers", took)
		}
		time.Sleep(paceCalm)
		if took := work(1000); took != 10*time.Millisecond {
			t.Errorf("10 ms of work take %v after the callers have left", took)
		}
	})
}

// Several workers rest at the same time.
func TestPaceOfMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var events atomic.Uint64
		events.Add(1)
		p := &pace{events: events.Load}
		begin := time.Now()
		ended := make(chan time.Duration)
		for range 3 {
			go func() {
				for range 1000 {
					time.Sleep(10 * time.Microsecond)
					p.between()
				}
				ended <- time.Since(begin)
			}()
		}
		for range 3 {
			if took := <-ended; took < 11*time.Millisecond || took > 20*time.Millisecond {
				t.Errorf("10 ms of each worker's work take %v beside callers", took)
			}
		}
	})
}
