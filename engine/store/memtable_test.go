package store

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// A killed process leaves its memtable's log. It can be read by one whose memtables
// are smaller.
func TestLogOfLargerMemtable(t *testing.T) {
	t.Parallel()
	const leads = 60_000
	o := small(t.TempDir())
	o.memTable = 24 << 20
	s := openAt(t, o)
	for n := 0; n < leads; {
		wrote(t, s, func(w *Write) {
			for end := n + 500; n < end; n++ {
				id := leadID(n)
				w.Lead(id.Partition(s.Partitions()), sampleLead(id, n))
			}
		})
	}
	left := small(t.TempDir()) // as it lies on disk before the store is closed
	must(t, os.Mkdir(filepath.Join(left.Dir, badgerDir), 0o700))
	for _, pattern := range []string{"*", badgerDir + "/*"} {
		files, err := filepath.Glob(filepath.Join(o.Dir, pattern))
		must(t, err)
		for _, file := range files {
			name, err := filepath.Rel(o.Dir, file)
			must(t, err)
			if name == badgerDir || name == "LOCK" {
				continue
			}
			b, err := os.ReadFile(file)
			must(t, err)
			must(t, os.WriteFile(filepath.Join(left.Dir, name), b, 0o600))
		}
	}
	again := openAt(t, left)
	var l engine.Lead
	for n := range leads {
		if found, err := again.Lead(leadID(n), &l); err != nil || !found {
			t.Fatalf("lead %d: found %v, %v", n, found, err)
		}
	}
}
