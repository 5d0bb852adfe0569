package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/seed-456efde2/nurture/engine/store"
)

// limitMemory keeps the garbage collector within what the machine has, unless
// the operator has said otherwise.
func limitMemory() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(store.MemoryLimit(store.AvailableMemory()))
	}
}

// By itself the collector lets as much garbage lie about as there are live objects.
// With a million leads most of what lives is rows in large pieces without a pointer,
// which cost next to nothing to look over, and as much again would be wasted. So the
// garbage is bounded: a small server collects as ever, a large one more often.
const (
	garbageBound = 192 << 20 // bytes
	leastPercent = 30        // of what lives, however much that is
	mostPercent  = 100       // Go's own
)

// collectAt is the garbage, as a percentage of the live bytes, at which the next
// collection is to begin.
func collectAt(live uint64) int {
	if live <= garbageBound {
		return mostPercent
	}
	return max(leastPercent, int(garbageBound*mostPercent/live))
}

// paceCollector follows the size of what lives until ctx ends, unless the operator
// has set GOGC. Nothing else in the process sets the percentage; it stays as it was
// left.
func paceCollector(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	set := mostPercent
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(live)
		// To set it stops the world for a moment: not for a difference of nothing.
		if percent := collectAt(live[0].Value.Uint64()); percent < set-4 || percent > set+4 || percent == mostPercent && set != mostPercent {
			debug.SetGCPercent(percent)
			set = percent
		}
	}
}
