//go:build !linux

package store

import (
	"math"
	"os"
)

// statfs knows no portable way to measure: there is always space.
func statfs(string) (free, total uint64, err error) { return math.MaxUint64, math.MaxUint64, nil }

// reserve fills the file, which is the portable way to get space for it.
func reserve(f *os.File, size int64) error {
	zeros := make([]byte, 1<<20)
	for size > 0 {
		n, err := f.Write(zeros[:min(size, int64(len(zeros)))])
		if err != nil {
			return err
		}
		size -= int64(n)
	}
	return f.Sync()
}

// lock leaves locking to Badger, which locks its own folder.
func lock(*os.File) (taken bool, err error) { return true, nil }

const ownLock = false

func unlock(*os.File) error { return nil }

// syncData makes what was written to the file durable.
func syncData(f *os.File) error { return f.Sync() }
