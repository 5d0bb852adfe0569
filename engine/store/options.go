package store

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Options says where a store lives and what it may use. The zero value of every
// field but Dir works.
type Options struct {
	// Dir is the data folder. It is created when it does not exist.
	Dir string
	// Partitions is the number of virtual partitions, fixed when the folder is
	// created. Default: what the folder has, 64 for a new one.
	Partitions int
	// Memory chooses Badger's options. Default: MemoryAuto.
	Memory Memory
	// LeadCache bounds the bytes of cached lead rows. Default: a 32nd of the memory
	// at hand, at least 32 MiB and at most 512 MiB; negative: 1 MiB.
	LeadCache int64
	// SeenFilter bounds the bytes of the filters that tell a fresh message id
	// without a read. Default: a 128th of the memory at hand, at least 8 MiB and
	// at most 128 MiB, which is enough for 90 million; negative: 1 MiB.
	SeenFilter int64
	// SeenFor is how long a message id is remembered. Default: 14 days; less than
	// 7 days is refused.
	SeenFor time.Duration
	// BadEvents is how many refused events are kept. Default: 10,000.
	BadEvents uint64
	// Ballast is the size of the file that an operator may delete to get out of a
	// full disk. Default: 256 MiB; negative: none.
	Ballast int64
	// Space says when free space is too little. Default: see SpaceLimits.
	Space SpaceLimits
	// Statfs measures the file system under a folder. Default: the system's.
	Statfs func(dir string) (free, total uint64, err error)
	// NoSync leaves syncing to the operating system: a power cut may lose
	// commits. For tests and for imports that can be repeated. Default: every
	// commit is synced before it returns.
	NoSync bool
	// AcceptLoss opens a store that is known to have lost commits. Default: Open
	// refuses with a LostError.
	AcceptLoss bool
	// Now is the wall clock, used for the age of message ids only. Default:
	// time.Now.
	Now func() time.Time
	// Log takes what an operator should know. Default: nothing is logged.
	Log *slog.Logger

	memTable int64 // for tests: the size of a memtable, where not 0
}

// Memory chooses between the measured sets of options.
type Memory uint8

// The sets of options. See the package comment for the figures behind them.
const (
	MemoryAuto  Memory = iota // MemoryLarge from 3 GiB on, else MemorySmall
	MemoryLarge               // five memtables, merged a dozen at a time
	MemorySmall               // for 1 GiB machines: two memtables, merged a few at a time
)

// memTableSize is chosen by what Badger needs to write one to disk: memory that is
// handed out in pieces of 4, 8, 16, 32 MiB and kept for the next table, up to eight
// times over, so what counts is on which side of such a step a table ends. Full, a
// memtable of 26 MiB takes 28 MiB of it. One of 32 MiB would take 60 and one of
// 64 MiB 124, of which a server under load kept seven. Twelve that are merged
// together are as many bytes as five of 64 MiB, so nothing is written more often.
const memTableSize = 26 << 20

// Bounds and defaults.
const (
	defaultPartitions = 64
	maxPartitions     = 4096
	defaultBallast    = 256 << 20
	defaultBadEvents  = 10_000
	defaultSeenFor    = 14 * 24 * time.Hour
	leastSeenFor      = 7 * 24 * time.Hour

	// MaxBody bounds the rendered parts of one action, so that the row stays
	// beside its key and never goes to Badger's value log.
	MaxBody = 768 << 10
)

// validate fills in the defaults and refuses what cannot work.
func (o *Options) validate() error {
	if o.Dir == "" {
		return fmt.Errorf("open store: no data folder is given")
	}
	if o.Partitions < 0 || o.Partitions > maxPartitions {
		return fmt.Errorf("open store: %d partitions; between 1 and %d are possible", o.Partitions, maxPartitions)
	}
	if o.SeenFor == 0 {
		o.SeenFor = defaultSeenFor
	}
	if o.SeenFor < leastSeenFor {
		return fmt.Errorf("open store: message ids are to be remembered for %v; duplicates are promised to be known for 7 days", o.SeenFor)
	}
	if o.BadEvents == 0 {
		o.BadEvents = defaultBadEvents
	}
	if o.Ballast == 0 {
		o.Ballast = defaultBallast
	}
	if o.Statfs == nil {
		o.Statfs = statfs
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.size(AvailableMemory())
	return nil
}

// size chooses what depends on the memory at hand.
func (o *Options) size(memory uint64) {
	if o.Memory == MemoryAuto {
		o.Memory = MemoryLarge
		if memory < 3<<30 {
			o.Memory = MemorySmall
		}
	}
	const mib = 1 << 20
	if o.LeadCache == 0 {
		o.LeadCache = min(max(int64(memory/32), 32*mib), 512*mib)
	}
	o.LeadCache = max(o.LeadCache, mib)
	if o.SeenFilter == 0 {
		o.SeenFilter = min(max(int64(memory/128), 8*mib), 128*mib)
	}
	o.SeenFilter = max(o.SeenFilter, mib)
}

// badger is the configuration of the database under the store.
func (o *Options) badger(dir string) badger.Options {
	b := badger.DefaultOptions(dir).
		WithLogger(badgerLog{o.Log}).
		WithSyncWrites(!o.NoSync).
		WithDetectConflicts(false). // there is one writer
		WithBypassLockGuard(ownLock).
		WithMetricsEnabled(false).
		WithCompression(options.None).
		WithBlockCacheSize(0). // blocks are read from the mapped file
		WithIndexCacheSize(0).
		WithValueLogFileSize(64 << 20).
		WithNumVersionsToKeep(1).
		WithNumCompactors(2).
		WithChecksumVerificationMode(options.NoVerification) // see check.go
	if o.memTable != 0 {
		return b.WithMemTableSize(memTableFor(dir, o.memTable))
	}
	b = b.WithMemTableSize(memTableFor(dir, memTableSize))
	if o.Memory == MemorySmall {
		return b.WithNumMemtables(2).WithNumLevelZeroTables(4).WithNumLevelZeroTablesStall(10)
	}
	return b.WithNumMemtables(5).WithNumLevelZeroTables(12).WithNumLevelZeroTablesStall(36)
}

// badgerLog passes Badger's own messages on: its warnings and errors as they
// are, everything else for debugging.
type badgerLog struct{ log *slog.Logger }

func (l badgerLog) Errorf(format string, args ...any) {
	l.log.Error("badger: " + fmt.Sprintf(format, args...))
}

func (l badgerLog) Warningf(format string, args ...any) {
	l.log.Warn("badger: " + fmt.Sprintf(format, args...))
}

func (l badgerLog) Infof(format string, args ...any) {
	l.log.Debug("badger: " + fmt.Sprintf(format, args...))
}

func (l badgerLog) Debugf(string, ...any) {}
