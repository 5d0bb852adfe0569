package runner

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// pays is mailSpec with other points for an "ask".
func pays(t testing.TB, points float64) *engine.Program {
	spec := mailSpec(time.Hour)
	spec.Events = append(spec.Events, engine.EventSpec{Name: "ask"})
	spec.Scores = append(spec.Scores, engine.ScoreSpec{Name: "asks", Rules: []engine.ScoreRule{{Name: "ask", On: "ask", Points: points}}})
	return program(t, spec, fmt.Sprint("pays ", points))
}

func TestSwap(t *testing.T) {
	t.Parallel()
	first := pays(t, 1)
	g := newRig(t, first, &receiver{}, func(o *Options) {
		o.Sources, o.Author = map[string][]byte{"a.hcl": []byte("one")}, "ann"
	})
	swap := func(p *engine.Program, want uint32) {
		t.Helper()
		if n, err := g.runner.Swap(t.Context(), p, map[string][]byte{"a.hcl": []byte(p.Digest())}); n != want || err != nil {
			t.Fatalf("swap: revision %d, %v; want %d", n, err, want)
		}
	}
	swap(pays(t, 1), 1) // equal meaning: nothing changes
	swap(pays(t, 2), 2)
	g.submit(g.event("1", "ann", "ask"))
	swap(first, 3)
	g.submit(g.event("2", "ann", "ask"))
	g.quiet()
	if l := g.lead("ann"); l.Revision != 3 || l.Folds.Scores[0].Value != 2 {
		t.Errorf("the lead was folded by revision %d to %+v", l.Revision, l.Folds.Scores)
	}
	g.close()
	g.open(first, nil)
	if s := g.runner.Status(); s.Revision != 3 || s.Digest != first.Digest() || s.Swapped != g.now() {
		t.Errorf("after a restart: %+v", s)
	}
	g.close()
	g.open(pays(t, 5), nil)
	revisions, err := g.store.Revisions()
	if err != nil || len(revisions) != 4 || revisions[0].Author != "ann" || revisions[3].Digest != "pays 5" || revisions[3].At != g.now() {
		t.Fatalf("revisions: %+v %v", revisions, err)
	}
	for digest, want := range map[string]string{"pays 1": "pays 1", "pays 2": "pays 2"} {
		if files, err := g.store.Sources(digest); err != nil || string(files["a.hcl"]) != want {
			t.Errorf("sources of %s: %q %v", digest, files, err)
		}
	}
}

// Rules change while events stream in: none is lost, none decided twice, each
// names the revision that decided it, and what is submitted after a swap is
// decided by the new rules.
func TestSwapUnderWay(t *testing.T) {
	t.Parallel()
	const clients, each = 8, 150
	programs := []*engine.Program{pays(t, 1), pays(t, 2), pays(t, 3)}
	g := newRig(t, programs[0], &receiver{}, func(o *Options) { o.Batch = 7 })
	var all sync.WaitGroup
	var least [clients][each]uint32 // revision in force when the event was submitted
	for c := range clients {
		all.Go(func() {
			for i := range each {
				least[c][i] = g.runner.Program().Revision()
				if _, err := g.runner.Submit(t.Context(), []engine.Event{g.event(fmt.Sprintf("%d-%d", c, i), userOf(c), "ask")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var stop atomic.Bool
	swaps := make(chan int)
	go func() {
		n := 0
		for ; !stop.Load(); n++ {
			if _, err := g.runner.Swap(t.Context(), programs[(n+1)%3], nil); err != nil {
				t.Error(err)
			}
		}
		swaps <- n
	}()
	all.Wait()
	stop.Store(true)
	n := <-swaps
	last := g.runner.Program().Revision()
	if int(last) != n+1 {
		t.Errorf("%d swaps led to revision %d", n, last)
	}
	for c := range clients {
		l := g.lead(userOf(c))
		i := 0
		err := g.store.Facts(l.ID.Partition(g.parts), l.ID, func(f *engine.Fact) error {
			var client, event int
			if _, err := fmt.Sscanf(f.Event.ID, "%d-%d", &client, &event); err != nil {
				return err
			}
			if client != c || f.Revision < least[c][event] || f.Revision > last {
				t.Errorf("event %s was decided by revision %d; %d was in force when it came", f.Event.ID, f.Revision, least[c][event])
			}
			i++
			return nil
		})
		if err != nil || i != each {
			t.Errorf("client %d has %d facts, want %d; %v", c, i, each, err)
		}
	}
}

func TestFeed(t *testing.T) {
	t.Parallel()
	g := newRig(t, pays(t, 1), &receiver{}, nil)
	feed, slow := g.runner.Subscribe(100), g.runner.Subscribe(2)
	g.submit(g.event("1", "ann", "vip"))
	g.quiet()
	updates, lost, err := feed.Read(t.Context(), nil)
	if err != nil || lost != 0 || len(updates) != 3 {
		t.Fatalf("%d updates, %d lost, %v", len(updates), lost, err)
	}
	u := updates[0]
	if u.Lead != g.lead("ann").ID || u.Kind != engine.Track || u.Event != "vip" || u.Revision != 1 || len(u.Decisions) == 0 || u.Decisions[0].Kind != engine.TossedUp {
		t.Errorf("the first update: %+v", u)
	}
	updates, lost, err = slow.Read(t.Context(), nil)
	if err != nil || lost != 1 || len(updates) != 2 || updates[1].Kind != engine.Settled {
		t.Errorf("the slow reader: %d updates, %d lost, %v", len(updates), lost, err)
	}
	feed.Close()
	if _, _, err := feed.Read(t.Context(), nil); err != ErrFeedClosed {
		t.Errorf("after Close: %v", err)
	}
	g.close()
	if _, _, err := slow.Read(t.Context(), nil); err != ErrFeedClosed {
		t.Errorf("after the end: %v", err)
	}
}
