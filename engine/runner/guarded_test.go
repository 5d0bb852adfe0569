package runner

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// waitsAt is the program of waitsSpec.
func waitsAt(t testing.TB, step string) *engine.Program {
	return program(t, waitsSpec(step), "waits at "+step)
}

func standsOn(step string) func(*engine.Lead) bool {
	return func(l *engine.Lead) bool { return l.Place("long") == step }
}

var errSomebody = errors.New("somebody stands there")

// Who comes to a step that is about to go, after everybody was looked at and before
// the swap, is noticed; so the swap is refused, or waits until they have gone.
func TestSwapGuardedNoticesWhoComesMeanwhile(t *testing.T) {
	t.Parallel()
	first, second := waitsAt(t, "old"), waitsAt(t, "new")
	g := newRig(t, first, &receiver{}, nil)
	looks := 0
	_, err := g.runner.SwapGuarded(t.Context(), second, nil, "ann", Guard{Lost: standsOn("old"), Look: func() error {
		if looks++; looks > 1 {
			if g.lead("late").Place("long") != "old" {
				t.Error("the lead that came meanwhile stands nowhere")
			}
			return errSomebody
		}
		g.submit(g.event("1", "late", "begin")) // when nobody has been found
		return nil
	}})
	if !errors.Is(err, errSomebody) || looks != 2 || g.runner.Program() == second {
		t.Errorf("the swap ended with %v after %d looks", err, looks)
	}
	g.submit(g.event("2", "late", "ask")) // nobody stands still any more
	revision, err := g.runner.SwapGuarded(t.Context(), second, nil, "ann", Guard{Lost: standsOn("nowhere"), Look: func() error { return nil }})
	if err != nil || revision != 2 {
		t.Errorf("the swap gave revision %d, %v", revision, err)
	}
	g.quiet()
	if got := g.lead("late").Place("long"); got != "exit.removed" {
		t.Errorf("the lead that nobody asked about stands on %q", got)
	}
}

// Events stream in while swaps are tried: all are answered, and whoever a swap would
// have lost stands where they stood.
func TestSwapGuardedUnderWay(t *testing.T) {
	t.Parallel()
	const clients, each = 4, 60
	g := newRig(t, waitsAt(t, "old"), &receiver{}, func(o *Options) { o.Batch = 7 })
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for i := range each {
				user := fmt.Sprintf("u%d-%d", c, i)
				if _, err := g.runner.Submit(t.Context(), []engine.Event{g.event("m"+user, user, "begin")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	look := func() error {
		for c := range clients {
			for i := range each {
				var l engine.Lead
				id := engine.Identifier{Kind: engine.ByUser, Value: fmt.Sprintf("u%d-%d", c, i)}.Lead()
				if found, err := g.store.Lead(id, &l); err != nil || found && l.Place("long") == "old" {
					return errors.Join(errSomebody, err)
				}
			}
		}
		return nil
	}
	swapped := false
	for range 10 {
		_, err := g.runner.SwapGuarded(t.Context(), waitsAt(t, "new"), nil, "ann", Guard{Lost: standsOn("old"), Look: look})
		if swapped = swapped || err == nil; err != nil && !errors.Is(err, errSomebody) {
			t.Error(err)
		}
	}
	all.Wait()
	g.quiet()
	for c := range clients {
		for i := range each {
			got := g.lead(fmt.Sprintf("u%d-%d", c, i)).Place("long")
			if got != "old" && got != "new" || swapped && got != "new" {
				t.Errorf("u%d-%d stands on %q; swapped: %v", c, i, got, swapped)
			}
		}
	}
}
