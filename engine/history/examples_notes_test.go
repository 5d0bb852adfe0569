package history

import (
	"fmt"
	"slices"
	"testing"
)

// Which leads are looked at, where there are too many, follows from their names: not
// from the order in which they come, nor from who reads them.
func TestNotesKeepTheSameLeads(t *testing.T) {
	t.Parallel()
	const leads, most = 5000, 600
	names := func(n *notes) []string {
		var list []string
		for _, h := range n.kept {
			list = append(list, h.name)
		}
		slices.Sort(list)
		return list
	}
	all := notes{most: most}
	for i := range leads {
		all.keep(&history{name: fmt.Sprintf("u%d", i)})
	}
	if n := len(all.kept); n > most || n < most/3 || all.halvings != 4 {
		t.Errorf("%d leads of %d are kept after %d halvings, %d may be", n, leads, all.halvings, most)
	}
	for workers := range 6 {
		own := make([]notes, workers+1)
		for w := range own {
			own[w].most = most
		}
		for i := range leads {
			i = leads - 1 - i
			own[i*i%len(own)].keep(&history{name: fmt.Sprintf("u%d", i)})
		}
		var joined notes
		for w := range own {
			joined.join(&own[w])
		}
		if !slices.Equal(names(&joined), names(&all)) {
			t.Errorf("%d workers keep %d leads, one keeps %d", len(own), len(joined.kept), len(all.kept))
		}
	}
}
