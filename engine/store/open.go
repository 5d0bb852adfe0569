package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// Store is the state of one data folder. See the package comment for who may call
// what.
type Store struct {
	opts     Options
	db       *badger.DB
	lockFile *os.File
	durable  durable
	parts    []partition
	names    names

	// Bounds of one transaction, below Badger's own.
	maxRows  int
	maxBytes int64

	committer committer
	published atomic.Uint64 // commits, for others than the committer
	posts     atomic.Uint64 // number of the last fact for another lead

	hits, misses, lookups, walked atomic.Uint64

	broken atomic.Pointer[error]

	auditing sync.Mutex // numbers the entries of the audit log

	life    sync.Mutex // guards what follows
	users   int        // calls under way
	closing bool
	idle    chan struct{} // closed when closing and users is 0

	filters    chan *partition // whose filter is to be built
	stopKeeper chan struct{}
	keeper     sync.WaitGroup
}

// Open opens the data folder, or makes it. It locks the folder, checks that the
// folder is what it should be, removes what a killed process may have left, looks
// for space, opens the database and makes sure that it has all commits it ever
// had. What it refuses, it refuses with the way out.
func Open(o Options) (*Store, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	lock, err := takeFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{opts: o, lockFile: lock}
	if err := s.open(); err != nil {
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Store) open() error {
	o := &s.opts
	f, err := checkFolder(o.Dir, o.Partitions)
	if err != nil {
		return err
	}
	o.Partitions = f.Partitions
	dir := filepath.Join(o.Dir, badgerDir)
	if err := s.checkSpace(); err != nil {
		return err
	}
	later, err := s.inspect(dir)
	if err != nil {
		return err
	}
	if err := placeBallast(o); err != nil {
		return err
	}
	if s.db, err = openBadger(o.badger(dir)); err != nil {
		return err
	}
	s.maxRows, s.maxBytes = int(s.db.MaxBatchCount())-64, s.db.MaxBatchSize()-64<<10
	s.names.start()
	s.idle = make(chan struct{})
	if err := s.checkFormat(f); err != nil {
		return err
	}
	if err := s.loadPartitions(); err != nil {
		return err
	}
	if err := s.checkDurable(); err != nil {
		return err
	}
	s.startKeeper(later)
	return nil
}

// inspect makes the database's folder fit to be opened, or finds that it is not.
// It gives the tables that are to be verified later.
func (s *Store) inspect(dir string) (later []string, err error) {
	removed, err := removeEmptyLogs(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range removed {
		s.opts.Log.Warn("removed an empty log that a killed process left", "file", name)
	}
	if err := checkLogs(dir); err != nil {
		if !s.opts.AcceptLoss {
			return nil, err
		}
		s.opts.Log.Warn("the loss of commits was accepted", "error", err)
	}
	return checkFiles(dir, s.opts.badger(dir))
}

// openBadger opens the database. Badger panics over some damage; that is an error
// like any other here.
func openBadger(o badger.Options) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("open the database in %s: it is damaged: %v; restore a backup", o.Dir, p)
		}
	}()
	if db, err = badger.Open(o); err != nil {
		return nil, fmt.Errorf("open the database in %s: %w", o.Dir, err)
	}
	return db, nil
}

func (s *Store) checkSpace() error {
	r, err := s.Space()
	if err != nil {
		return err
	}
	if r.State == SpaceClose {
		return fmt.Errorf("open %s: %w: %d MiB are left; free some space (the file %s there may be deleted for that) and start again",
			s.opts.Dir, ErrFull, r.Free>>20, ballastFile)
	}
	return nil
}

// checkFormat compares the format inside the database with the file beside it, or
// writes it into a new one.
func (s *Store) checkFormat(f format) error {
	key := []byte{globalRow, 'm'}
	var inside format
	err := s.read(key, func(b []byte) error { return json.Unmarshal(b, &inside) })
	if err != nil {
		return fmt.Errorf("read the format of the database: %w", err)
	}
	if inside == (format{}) {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		if err := s.db.Update(func(txn *badger.Txn) error { return txn.Set(key, text) }); err != nil {
			return fmt.Errorf("write the format of the database: %w", err)
		}
		return nil
	}
	if inside.Format != f.Format || inside.Partitions != f.Partitions {
		return fmt.Errorf("the file %s says format %d with %d partitions and the database format %d with %d: they do not belong together; put back the file that was there",
			filepath.Join(s.opts.Dir, formatFile), f.Format, f.Partitions, inside.Format, inside.Partitions)
	}
	return nil
}

// loadPartitions reads where each partition stands, and how many commits there
// were.
func (s *Store) loadPartitions() error {
	c := &s.committer
	s.parts = make([]partition, s.opts.Partitions)
	for i := range s.parts {
		a, err := s.loadPartition(i)
		if err != nil {
			return fmt.Errorf("read partition %d: %w", i, err)
		}
		c.commits = max(c.commits, a.Commits)
	}
	err := s.read([]byte{globalRow, 'c'}, func(b []byte) error {
		if len(b) != 8 {
			return engine.ErrFormat
		}
		c.commits = max(c.commits, binary.BigEndian.Uint64(b))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the number of commits: %w", err)
	}
	s.published.Store(c.commits)
	if err := s.loadPosts(); err != nil {
		return fmt.Errorf("read the facts for other leads: %w", err)
	}
	return s.BadEvents(0, 1, func(b *BadEvent) error {
		c.lastBad = b.Seq
		return nil
	})
}

func (s *Store) loadPartition(number int) (a Anchor, err error) {
	p := &s.parts[number]
	p.number = number
	p.leads.budget = uint64(s.opts.LeadCache) / uint64(len(s.parts)) / slotUnit * slotUnit
	p.leads.complete = true // without an anchor there is no row at all
	p.seen.asked = true
	err = s.read(partKey(nil, number, anchorRow), func(b []byte) error {
		p.leads.complete = false
		return decodeAnchor(b, &a)
	})
	p.start(a)
	return a, err
}

// checkDurable compares the commits that the database has with the number noted
// beside it.
func (s *Store) checkDurable() error {
	file, had, err := openDurable(s.opts.Dir)
	if err != nil {
		return err
	}
	s.durable.file = file
	has := s.committer.commits
	switch {
	case has == had:
		s.durable.noted.Store(has)
		s.durable.synced = has
		return nil
	case has > had: // it was killed before the last was counted, or synced
		return errors.Join(s.durable.note(has), s.durable.sync())
	case !s.opts.AcceptLoss:
		return &LostError{Has: has, Had: had}
	}
	s.opts.Log.Warn("the loss of commits was accepted", "has", has, "had", had)
	return errors.Join(s.durable.reset(has), s.durable.sync())
}

// Close waits for the calls that are under way, ends the background work and
// closes the database. After a failed commit it closes as well as it can.
func (s *Store) Close() error {
	s.life.Lock()
	if s.closing {
		s.life.Unlock()
		return ErrClosed
	}
	s.closing = true
	if s.users == 0 {
		close(s.idle)
	}
	s.life.Unlock()
	close(s.stopKeeper)
	s.keeper.Wait()
	<-s.idle
	return s.release()
}

// release gives back whatever was opened.
func (s *Store) release() error {
	var errs []error
	if s.durable.file != nil {
		errs = append(errs, s.durable.close())
	}
	if s.db != nil {
		if err := s.db.Close(); err != nil {
			errs = append(errs, fmt.Errorf("close the database: %w", err))
		}
	}
	return errors.Join(append(errs, unlock(s.lockFile), s.lockFile.Close())...)
}

// enter counts a call in, unless the store is closed or broken.
func (s *Store) enter() error {
	if cause := s.broken.Load(); cause != nil {
		return *cause
	}
	s.life.Lock()
	defer s.life.Unlock()
	if s.closing {
		return ErrClosed
	}
	s.users++
	return nil
}

func (s *Store) leave() {
	s.life.Lock()
	defer s.life.Unlock()
	if s.users--; s.users == 0 && s.closing {
		close(s.idle)
	}
}

// fail breaks the store and gives the error that every call returns from now on:
// the first that was met.
func (s *Store) fail(cause error) error {
	err := fmt.Errorf("%w: %w", ErrBroken, cause)
	s.broken.CompareAndSwap(nil, &err)
	return *s.broken.Load()
}

// startKeeper starts the background work: filters are built, the count of commits
// is synced once a second, and what Open left for later is verified.
func (s *Store) startKeeper(later []string) {
	s.filters = make(chan *partition, len(s.parts))
	s.stopKeeper = make(chan struct{})
	for i := range s.parts {
		s.filters <- &s.parts[i]
	}
	s.keeper.Add(3)
	go s.buildFilters()
	go s.syncDurable()
	go s.verifyTables(later)
}

// verifyTables verifies tables beside the store's work. Damage breaks the store.
// A table that is gone was merged into others.
func (s *Store) verifyTables(names []string) {
	defer s.keeper.Done()
	for _, name := range names {
		select {
		case <-s.stopKeeper:
			return
		default:
		}
		if err := verifyTable(name, true); err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.opts.Log.Error("a table is damaged", "error", s.fail(err))
			return
		}
	}
}

func (s *Store) syncDurable() {
	defer s.keeper.Done()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-s.stopKeeper:
			return
		case <-tick.C:
			if err := s.durable.sync(); err != nil {
				s.opts.Log.Error("sync the count of commits", "error", err)
			}
		}
	}
}

// Partitions is the number of virtual partitions, fixed when the folder was made.
func (s *Store) Partitions() int { return len(s.parts) }

// Commits is the number of transactions so far.
func (s *Store) Commits() uint64 { return s.published.Load() }
