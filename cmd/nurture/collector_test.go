package main

import "testing"

// What may lie about is bounded for a large heap, never less than a share of it, and
// a small one is collected as Go does.
func TestCollectAt(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, c := range []struct {
		live uint64
		want int
	}{
		{0, 100},
		{30 * mib, 100},
		{192 * mib, 100},
		{384 * mib, 50},
		{600 * mib, 32},
		{640 * mib, 30},
		{4096 * mib, 30},
	} {
		if got := collectAt(c.live); got != c.want {
			t.Errorf("with %d MiB alive the next collection is at %d %%, not %d %%", c.live/mib, got, c.want)
		}
	}
}
