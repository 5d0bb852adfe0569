package store

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"github.com/seed-456efde2/nurture/engine"
)

// killed copies the folder of an open store, as a killed process would leave it.
// Log files are made large and filled bit by bit; only what was filled is copied.
func killed(t *testing.T, s *Store) string {
	t.Helper()
	to := t.TempDir()
	must(t, filepath.WalkDir(s.opts.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.opts.Dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		copied, err := os.Create(filepath.Join(to, rel))
		if err != nil {
			return err
		}
		_, err = copied.Write(bytes.TrimRight(b, "\x00"))
		return errors.Join(err, copied.Truncate(int64(len(b))), copied.Close())
	}))
	return to
}

// logs are the write-ahead logs of a folder.
func logs(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, badgerDir, "*.mem"))
	if err != nil || len(found) == 0 {
		t.Fatalf("logs of %s: %v, %v", dir, found, err)
	}
	return found
}

// commits writes n commits of one lead each.
func commits(t *testing.T, s *Store, n int) {
	t.Helper()
	for i := range n {
		wrote(t, s, func(w *Write) { w.Lead(i%64, sampleLead(leadIn(i%64, 64, i), i)) })
	}
}

// TestRefused opens folders that must not be opened; each refusal says the way
// out.
func TestRefused(t *testing.T) {
	t.Parallel()
	put := func(name, text string) func(*testing.T, *Options) {
		return func(t *testing.T, o *Options) {
			must(t, os.WriteFile(filepath.Join(o.Dir, name), []byte(text), 0o600))
		}
	}
	fresh := func(t *testing.T, o *Options) {
		s, err := Open(*o)
		must(t, err)
		commits(t, s, 1)
		must(t, s.Close())
	}
	for _, c := range []struct {
		name string
		do   []func(*testing.T, *Options)
		want string
	}{
		{"no folder", []func(*testing.T, *Options){func(_ *testing.T, o *Options) { o.Dir = "" }}, "no data folder is given"},
		{"too many partitions", []func(*testing.T, *Options){func(_ *testing.T, o *Options) { o.Partitions = 5000 }}, "between 1 and 4096"},
		{"another folder", []func(*testing.T, *Options){put("holiday.jpg", "x")}, "choose an empty one"},
		{"other partitions", []func(*testing.T, *Options){fresh, func(_ *testing.T, o *Options) { o.Partitions = 32 }}, "was made with 64 partitions and 32 are asked for"},
		{"a later format", []func(*testing.T, *Options){fresh, put(formatFile, `{"format":2,"partitions":64}`)}, "use the version that wrote it"},
		{"a damaged format", []func(*testing.T, *Options){fresh, put(formatFile, `{"form`)}, "restore it from a backup"},
		{"a foreign format", []func(*testing.T, *Options){fresh, put(formatFile, `{"format":1,"partitions":32}`)}, "do not belong together"},
		{"a lost format", []func(*testing.T, *Options){fresh, func(t *testing.T, o *Options) {
			must(t, os.Remove(filepath.Join(o.Dir, formatFile)))
		}}, "it is not a data folder"},
		{"a damaged manifest", []func(*testing.T, *Options){fresh, put(badgerDir+"/MANIFEST", "nothing of use")}, "restore a backup"},
		{"a lost manifest", []func(*testing.T, *Options){fresh, func(t *testing.T, o *Options) {
			must(t, os.Remove(filepath.Join(o.Dir, badgerDir, badger.ManifestFilename)))
		}}, "the list of tables"},
		{"a lost database", []func(*testing.T, *Options){fresh, func(t *testing.T, o *Options) {
			must(t, os.RemoveAll(filepath.Join(o.Dir, badgerDir)))
		}}, "lost 1 commits"},
		{"a full disk", []func(*testing.T, *Options){func(_ *testing.T, o *Options) {
			o.Statfs = func(string) (free, total uint64, err error) { return 100 << 20, 100 << 30, nil }
		}}, "free some space"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := small(t.TempDir())
			for _, do := range c.do {
				do(t, &o)
			}
			s, err := Open(o)
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("refused with %q, want %q", err, c.want)
			}
		})
	}
}

// TestLocked names who has the folder.
func TestLocked(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("in use by process %d", os.Getpid())) {
		t.Errorf("opened twice: %v", err)
	}
	reopen(t, s, o)
}

// TestPartitionsKept takes the number of partitions from the folder.
func TestPartitionsKept(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	o.Partitions = 8
	s := openAt(t, o)
	o.Partitions = 0
	if s = reopen(t, s, o); s.Partitions() != 8 {
		t.Errorf("the folder was made with 8 partitions and opens with %d", s.Partitions())
	}
}

// TestEmptyLogs removes the log files of no bytes that a killed process leaves.
func TestEmptyLogs(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	commits(t, s, 10)
	dir := killed(t, s)
	for _, name := range []string{"00099.mem", "000099.vlog"} {
		must(t, os.WriteFile(filepath.Join(dir, badgerDir, name), nil, 0o600))
	}
	again := openAt(t, small(dir))
	if again.Commits() != 10 {
		t.Errorf("%d commits of 10 are there", again.Commits())
	}
}

// TestKilled finds every commit of a store that was never closed.
func TestKilled(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	commits(t, s, 200)
	again := openAt(t, small(killed(t, s)))
	if again.Commits() != 200 {
		t.Errorf("%d commits of 200 are there", again.Commits())
	}
	for i := range 200 {
		if found, err := again.Lead(leadIn(i%64, 64, i), new(engine.Lead)); !found || err != nil {
			t.Errorf("lead %d: %v, %v", i, found, err)
		}
	}
}

// TestFlippedBit damages the log of a killed store. Badger drops what lies behind
// the damage without a word; the count of commits tells.
func TestFlippedBit(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	commits(t, s, 200)
	dir := killed(t, s)
	log := logs(t, dir)[0]
	b, err := os.ReadFile(log)
	must(t, err)
	b[len(bytes.TrimRight(b, "\x00"))/2] ^= 4
	must(t, os.WriteFile(log, b, 0o600))
	_, err = Open(small(dir))
	var lost *LostError
	if !errors.As(err, &lost) || lost.Had != 200 || lost.Has >= 200 {
		t.Fatalf("opened with half its log: %v", err)
	}
	if !strings.Contains(err.Error(), fmt.Sprintf("lost %d commits", 200-lost.Has)) {
		t.Errorf("the loss is told as %q", err)
	}
	_, err = Open(small(dir))
	if !errors.As(err, &lost) {
		t.Errorf("the second time: %v", err)
	}
	o := small(dir)
	o.AcceptLoss = true
	accepted := openAt(t, o)
	if accepted.Commits() != lost.Has {
		t.Errorf("%d commits are there, %d were told", accepted.Commits(), lost.Has)
	}
	commits(t, accepted, 3)
	reopen(t, accepted, small(dir))
}

// TestTornTail takes the loss of a commit that was never acknowledged for what it
// is: the last bytes of the log were not written.
func TestTornTail(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	commits(t, s, 50)
	count, err := os.ReadFile(filepath.Join(s.opts.Dir, durableFile))
	must(t, err)
	commits(t, s, 1)
	dir := killed(t, s)
	must(t, os.WriteFile(filepath.Join(dir, durableFile), count, 0o600)) // the 51st was never counted
	log := logs(t, dir)[0]
	b, err := os.ReadFile(log)
	must(t, err)
	end := len(bytes.TrimRight(b, "\x00"))
	clear(b[end-20 : end])
	must(t, os.WriteFile(log, b, 0o600))
	if again := openAt(t, small(dir)); again.Commits() != 50 {
		t.Errorf("%d commits are there, 50 were acknowledged", again.Commits())
	}
}

// TestTornCount takes the other slot when one is torn.
func TestTornCount(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	commits(t, s, 7)
	must(t, s.Close())
	path := filepath.Join(o.Dir, durableFile)
	b, err := os.ReadFile(path)
	must(t, err)
	b[durableSlot+9] ^= 1 // the slot of odd numbers
	must(t, os.WriteFile(path, b, 0o600))
	f, number, err := openDurable(o.Dir)
	must(t, err)
	must(t, f.Close())
	if number != 6 {
		t.Errorf("the count is %d, want the 6 of the other slot", number)
	}
	if again := openAt(t, o); again.Commits() != 7 {
		t.Errorf("%d commits are there of 7", again.Commits())
	}
}

// TestFlips flips a bit anywhere in the files of a store that was closed: Open
// refuses, or all is there. It never ends the process, and nothing is lost without
// a word.
func TestFlips(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	commits(t, s, 500)
	s = reopen(t, s, o)
	commits(t, s, 500)
	must(t, s.Close()) // moves all into tables
	rng := rand.New(rand.NewPCG(5, 7))
	refused := 0
	for _, kind := range []string{"*.sst", "MANIFEST"} {
		files, err := filepath.Glob(filepath.Join(o.Dir, badgerDir, kind))
		must(t, err)
		for range 40 {
			path := files[rng.IntN(len(files))]
			whole, err := os.ReadFile(path)
			must(t, err)
			at := rng.IntN(len(whole))
			if rng.IntN(2) == 0 { // the ends of tables are small and matter most
				at = len(whole) - 1 - rng.IntN(min(len(whole), 400))
			}
			dir := t.TempDir()
			must(t, os.CopyFS(dir, os.DirFS(o.Dir)))
			broken := bytes.Clone(whole)
			broken[at] ^= 1 << rng.IntN(8)
			must(t, os.WriteFile(filepath.Join(dir, badgerDir, filepath.Base(path)), broken, 0o600))
			if _, err := checkedLeads(t, small(dir), 1000); err != nil {
				refused++
				if !errors.Is(err, errDamaged) {
					t.Errorf("%s byte %d of %d: %v", filepath.Base(path), at, len(whole), err)
				}
			}
		}
	}
	if refused < 40 {
		t.Errorf("only %d of 80 flips were refused", refused)
	}
}

// checkedLeads opens a folder and reads n leads that commits wrote; it fails the
// test when one is gone or another.
func checkedLeads(t *testing.T, o Options, n int) (*Store, error) {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for i := range n {
		var l engine.Lead
		found, err := s.Lead(leadIn(i%64, 64, i%500), &l)
		if err != nil {
			return nil, err
		}
		if !found || l.User != fmt.Sprintf("u%07d", i%500) {
			t.Errorf("lead %d was found: %v, as %q", i, found, l.User)
		}
	}
	return s, nil
}

// TestVerifyLater finds a damaged table of a store that is open already.
func TestVerifyLater(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	commits(t, s, 500)
	s = reopen(t, s, o)
	tables, err := filepath.Glob(filepath.Join(o.Dir, badgerDir, "*.sst"))
	must(t, err)
	later := func(names ...string) error {
		s.keeper.Add(1)
		s.verifyTables(names)
		return s.Commit()
	}
	must(t, later(append(tables, filepath.Join(t.TempDir(), "merged.sst"))...))
	b, err := os.ReadFile(tables[0])
	must(t, err)
	b[len(b)/3] ^= 16
	broken := filepath.Join(t.TempDir(), "000001.sst")
	must(t, os.WriteFile(broken, b, 0o600))
	if err := later(tables[0], broken); !errors.Is(err, ErrBroken) || !errors.Is(err, errDamaged) {
		t.Errorf("with a damaged table: %v", err)
	}
}

// TestManifestLength damages a length in the list of tables, so that the rest looks
// like a record that was torn: Badger would delete the tables it names.
func TestManifestLength(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	s := openAt(t, o)
	for range 5 {
		commits(t, s, 50)
		s = reopen(t, s, o)
	}
	must(t, s.Close())
	path := filepath.Join(o.Dir, badgerDir, badger.ManifestFilename)
	whole, err := os.ReadFile(path)
	must(t, err)
	for _, at := range []int{8, len(whole) - 12} { // the lengths of the first and the last record
		broken := bytes.Clone(whole)
		broken[at+3] += 8
		must(t, os.WriteFile(path, broken, 0o600))
		if _, err := Open(o); !errors.Is(err, errDamaged) {
			t.Errorf("opened with a damaged list of tables: %v", err)
		}
	}
	must(t, os.WriteFile(path, append(whole, 0, 0, 0, 40, 1, 2, 3, 4, 5), 0o600)) // torn while it was written
	if again := openAt(t, o); again.Commits() != 250 {
		t.Errorf("%d commits are there of 250", again.Commits())
	}
}

// TestMissingLog finds a gap between two logs, which no count of commits shows
// because the later log has the later numbers.
func TestMissingLog(t *testing.T) {
	t.Parallel()
	s := openAt(t, small(t.TempDir()))
	commits(t, s, 100)
	dir := killed(t, s)
	whole, err := os.ReadFile(logs(t, dir)[0])
	must(t, err)
	ends := transactionEnds(t, whole)
	header, half := whole[:logHeader], ends[len(ends)/2]
	put := func(name string, parts ...[]byte) {
		must(t, os.WriteFile(filepath.Join(dir, badgerDir, name), append(bytes.Join(parts, nil), make([]byte, 100)...), 0o600))
	}
	first := bytes.Clone(whole[:half])
	first[half/2] ^= 1
	put("00001.mem", first)
	put("00002.mem", header, whole[half:ends[len(ends)-1]])
	if _, err := Open(small(dir)); !errors.Is(err, errDamaged) || !strings.Contains(err.Error(), "00002.mem") {
		t.Errorf("opened with a gap between two logs: %v", err)
	}
	put("00001.mem", whole[:half]) // without the damage the two are one log
	if again := openAt(t, small(dir)); again.Commits() != 100 {
		t.Errorf("%d commits are there of 100", again.Commits())
	}
}

// transactionEnds are the places in a log where a transaction ends.
func transactionEnds(t *testing.T, log []byte) (ends []int) {
	t.Helper()
	src := bytes.NewReader(log[logHeader:])
	r := logReader{in: bufio.NewReader(src), sum: crc32.New(crc32.MakeTable(crc32.Castagnoli))}
	for {
		number, ok := r.entry()
		if !ok {
			return ends
		}
		if number != 0 {
			ends = append(ends, len(log)-src.Len()-r.in.Buffered())
		}
	}
}

// TestSpace follows the free space: go on, stop, close; and a commit is refused
// before the disk is full.
func TestSpace(t *testing.T) {
	t.Parallel()
	free, total := uint64(50<<30), uint64(100<<30)
	o := small(t.TempDir())
	o.Statfs = func(string) (uint64, uint64, error) { return free, total, nil }
	s := openAt(t, o)
	for _, c := range []struct {
		free, total uint64
		want        SpaceState
	}{
		{50 << 30, 100 << 30, SpaceOK},
		{5<<30 - 1, 100 << 30, SpaceStop},
		{2 << 30, 100 << 30, SpaceStop},
		{2<<30 - 1, 100 << 30, SpaceClose},
		{2<<30 - 1, 8 << 30, SpaceStop},
		{512<<20 - 1, 8 << 30, SpaceClose},
		{6 << 30, 4000 << 30, SpaceOK}, // a tenth of a large disk is more than is needed
	} {
		free, total = c.free, c.total
		if r, err := s.Space(); err != nil || r.State != c.want || r.Free != c.free {
			t.Errorf("%d of %d MiB free: %+v, %v; want %v", c.free>>20, c.total>>20, r, err, c.want)
		}
	}
	free, total = 100<<20, 100<<30
	w := s.NewWrite()
	w.Lead(1, sampleLead(leadIn(1, 64, 1), 1))
	if err := s.Commit(w); !errors.Is(err, ErrBroken) || !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), ballastFile) {
		t.Errorf("a commit to a full disk: %v", err)
	}
}

// TestBallast makes, changes and removes the file, and leaves it out where it
// would take space that is needed.
func TestBallast(t *testing.T) {
	t.Parallel()
	o := small(t.TempDir())
	size := func() int64 {
		info, err := os.Stat(filepath.Join(o.Dir, ballastFile))
		if errors.Is(err, fs.ErrNotExist) {
			return -1
		}
		must(t, err)
		return info.Size()
	}
	for _, c := range []struct {
		ask, want int64
		free      uint64
	}{{1 << 20, 1 << 20, 100 << 30}, {2 << 20, 2 << 20, 100 << 30}, {-1, -1, 100 << 30}, {1 << 20, -1, 5<<30 + 100}} {
		o.Ballast = c.ask
		o.Statfs = func(string) (uint64, uint64, error) { return c.free, 400 << 30, nil }
		s := openAt(t, o)
		must(t, s.Close())
		if got := size(); got != c.want {
			t.Errorf("ballast of %d bytes asked for with %d free: %d", c.ask, c.free, got)
		}
	}
}

// TestStatfs measures the real file system.
func TestStatfs(t *testing.T) {
	t.Parallel()
	free, total, err := statfs(t.TempDir())
	if err != nil || free == 0 || total < free {
		t.Errorf("%d of %d bytes are free, %v", free, total, err)
	}
}

// TestMemory reads limits of machines and control groups of both versions.
func TestMemory(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	put := func(path, text string) string {
		path = filepath.Join(root, path)
		must(t, os.MkdirAll(filepath.Dir(path), 0o700))
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	if n := machineMemory(put("meminfo", "MemFree: 1 kB\nMemTotal:       24689764 kB\n")); n != 24689764<<10 {
		t.Errorf("the machine has %d bytes", n)
	}
	put("two/a/memory.max", "max\n")
	put("two/a/b/memory.max", "1073741824\n")
	put("two/a/b/c/memory.max", "4073741824\n")
	if n := groupLimit(filepath.Join(root, "two"), put("self2", "0::/a/b/c\n")); n != 1<<30 {
		t.Errorf("the limit is %d", n)
	}
	put("one/memory/x/memory.limit_in_bytes", "536870912\n")
	put("one/memory/memory.limit_in_bytes", "9223372036854771712\n")
	if n := groupLimit(filepath.Join(root, "one"), put("self1", "5:cpu:/y\n4:memory,hugetlb:/x\n0::/z\n")); n != 512<<20 {
		t.Errorf("the limit is %d", n)
	}
	if n := groupLimit(root, filepath.Join(root, "nothing")); n != 0 {
		t.Errorf("the limit of nothing is %d", n)
	}
	if AvailableMemory() == 0 {
		t.Error("this machine has no memory")
	}
	if l := MemoryLimit(1 << 30); l < 450<<20 || l > 470<<20 {
		t.Errorf("a machine of 1 GiB is advised %d", l)
	}
	if l := MemoryLimit(24 << 30); l != 3<<30 {
		t.Errorf("a machine of 24 GiB is advised %d", l)
	}
}

// TestSizes chooses options by the memory at hand.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		memory     uint64
		want       Memory
		lead, seen int64
	}{
		{1 << 30, MemorySmall, 32 << 20, 8 << 20},
		{4 << 30, MemoryLarge, 128 << 20, 32 << 20},
		{24 << 30, MemoryLarge, 512 << 20, 128 << 20},
	} {
		var o Options
		o.size(c.memory)
		if o.Memory != c.want || o.LeadCache != c.lead || o.SeenFilter != c.seen {
			t.Errorf("%d MiB: %+v", c.memory>>20, o)
		}
	}
}
