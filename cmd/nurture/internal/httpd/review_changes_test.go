package httpd

import (
	"slices"
	"testing"

	"github.com/seed-456efde2/nurture/engine/store"
)

// TestWentLive: a review tells of promotions and of changes at once, not of what some of
// the leads tried, nor of what was put back then.
func TestWentLive(t *testing.T) {
	t.Parallel()
	revisions := []store.Revision{
		{Number: 1, Digest: "a"},
		{Number: 2, Digest: "b beside a", Base: 1},
		{Number: 3, Digest: "a"}, // b was taken back
		{Number: 4, Digest: "c beside a", Base: 3},
		{Number: 5, Digest: "c"}, // promoted
		{Number: 6, Digest: "d"}, // at once
		{Number: 7, Digest: "e beside d", Base: 6},
	}
	var got [][2]uint32
	for _, c := range wentLive(revisions) {
		pair := [2]uint32{0, c[1].Number}
		if c[0] != nil {
			pair[0] = c[0].Number
		}
		got = append(got, pair)
	}
	if want := [][2]uint32{{0, 1}, {3, 5}, {5, 6}}; !slices.Equal(got, want) {
		t.Errorf("went live, each with the one before it: %v, not %v", got, want)
	}
}
