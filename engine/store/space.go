package store

import (
	"errors"
	"fmt"
)

// SpaceLimits says how little free space is too little. Badger dies with SIGBUS
// on a full disk and cannot be opened again until there is room, so a store must
// never come near it.
type SpaceLimits struct {
	// Stop is the free space in bytes under which intake should stop. Default: a
	// tenth of the file system but no more than 5 GiB, and at least 2 GiB: room for
	// the memtables and the largest compactions, on a disk of any size.
	Stop uint64
	// Close is the free space in bytes under which the store must be closed; Commit
	// refuses then. Default: a twentieth but no more than 2 GiB, and at least
	// 512 MiB.
	Close uint64
}

// SpaceState is what the free space allows.
type SpaceState uint8

// The states, worse and worse.
const (
	SpaceOK    SpaceState = iota // go on
	SpaceStop                    // accept no events; finish what is under way
	SpaceClose                   // stop now: Close still has the room it needs
)

var spaceWords = [...]string{"ok", "low", "full"}

// String is the state's word.
func (s SpaceState) String() string {
	if int(s) < len(spaceWords) {
		return spaceWords[s]
	}
	return "space"
}

// SpaceReport is the free space under the data folder.
type SpaceReport struct {
	State       SpaceState
	Free, Total uint64
	Limits      SpaceLimits // in force
}

// ErrFull is the cause of a commit that was refused because the disk is nearly
// full.
var ErrFull = errors.New("the disk under the data folder is nearly full")

// effective fills in what follows from the size of the file system.
func (l SpaceLimits) effective(total uint64) SpaceLimits {
	const gib = 1 << 30
	if l.Stop == 0 {
		l.Stop = max(2*gib, min(total/10, 5*gib))
	}
	if l.Close == 0 {
		l.Close = max(gib/2, min(total/20, 2*gib))
	}
	return l
}

// Space measures the free space. Any goroutine may call it.
func (s *Store) Space() (SpaceReport, error) { return s.opts.measure() }

func (o *Options) measure() (SpaceReport, error) {
	free, total, err := o.Statfs(o.Dir)
	if err != nil {
		return SpaceReport{}, fmt.Errorf("measure free space of %s: %w", o.Dir, err)
	}
	r := SpaceReport{Free: free, Total: total, Limits: o.Space.effective(total)}
	switch {
	case free < r.Limits.Close:
		r.State = SpaceClose
	case free < r.Limits.Stop:
		r.State = SpaceStop
	}
	return r, nil
}

// guardSpace refuses to write when there is too little space. It asks before each
// transaction; that takes a microsecond.
func (s *Store) guardSpace() error {
	r, err := s.Space()
	if err != nil {
		return err
	}
	if r.State == SpaceClose {
		return fmt.Errorf("%w: %s has %d MiB left; free some space (the file %s there may be deleted for that) and start again",
			ErrFull, s.opts.Dir, r.Free>>20, ballastFile)
	}
	return nil
}
