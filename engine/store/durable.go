package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

const durableFile = "durable.seq"

// durable is the side file that counts commits beside the database. When Badger
// finds a damaged entry in its log it silently drops that and everything behind
// it; then the database knows fewer commits than this file, and the loss shows.
//
// The number is written after each commit, so it is never ahead of what is
// durable, and synced at most once a second, so a power cut makes it a little
// late; a killed process does not. Two slots are written in turn, each with a
// checksum: a torn write leaves the other.
type durable struct {
	noted atomic.Uint64 // the last number written

	mu     sync.Mutex // guards what follows
	file   *os.File
	synced uint64
}

const durableSlot = 16 // magic4 crc4 number8

// openDurable opens the side file of a data folder and gives the number in it; 0
// when it has none.
func openDurable(dir string) (*os.File, uint64, error) {
	f, err := os.OpenFile(filepath.Join(dir, durableFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, 0, fmt.Errorf("open the count of commits: %w", err)
	}
	var number uint64
	for slot := range int64(2) {
		var b [durableSlot]byte
		if n, _ := f.ReadAt(b[:], slot*durableSlot); n == len(b) && string(b[:4]) == "nseq" &&
			binary.LittleEndian.Uint32(b[4:]) == crc32.ChecksumIEEE(b[8:]) {
			number = max(number, binary.LittleEndian.Uint64(b[8:]))
		}
	}
	return f, number, nil
}

// note writes the number of a commit that is durable.
func (d *durable) note(number uint64) error {
	if number == d.noted.Load() {
		return nil
	}
	var b [durableSlot]byte
	copy(b[:], "nseq")
	binary.LittleEndian.PutUint64(b[8:], number)
	binary.LittleEndian.PutUint32(b[4:], crc32.ChecksumIEEE(b[8:]))
	if _, err := d.file.WriteAt(b[:], int64(number%2)*durableSlot); err != nil {
		return fmt.Errorf("count commit %d: %w", number, err)
	}
	d.noted.Store(number)
	return nil
}

// reset writes a number lower than the one that was there, into both slots.
func (d *durable) reset(number uint64) error {
	if err := d.file.Truncate(0); err != nil {
		return fmt.Errorf("reset the count of commits: %w", err)
	}
	d.synced = number + 1 // so that the next sync is done
	return d.note(number)
}

// sync makes the number durable, when it changed since the last time.
func (d *durable) sync() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	number := d.noted.Load()
	if number == d.synced {
		return nil
	}
	if err := syncData(d.file); err != nil {
		return fmt.Errorf("sync the count of commits: %w", err)
	}
	d.synced = number
	return nil
}

func (d *durable) close() error {
	return errors.Join(d.sync(), d.file.Close())
}

// LostError says that the database has fewer commits than it once had: its log
// was damaged, or a part of the folder was put back from an older copy.
type LostError struct {
	Has, Had uint64 // commits
}

// Error tells the loss and the way out.
func (e *LostError) Error() string {
	return fmt.Sprintf("the store lost %d commits: it has %d and had %d; restore a backup, or accept the loss to go on with what is there",
		e.Had-e.Has, e.Has, e.Had)
}
