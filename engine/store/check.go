package store

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"
)

// Badger takes some damage for something else: a list of tables that ends early
// for one that was torn, after which it deletes the tables that are missing in
// it; a log damaged in its middle for its end, though a later log goes on; a block
// whose checksum does not match for one without the key that is looked for; and a
// damaged end of a table ends the process. So the files are looked at before
// Badger sees them. What it does find out by itself is left to it.

// verifyAtOpen is up to how many bytes of tables are verified before the store
// opens: about a second's reading from memory, some from a cold disk. Of more,
// only the indexes are; the rest follows in the background.
const verifyAtOpen = 4 << 30

// errDamaged is the cause of all that is refused here.
var errDamaged = errors.New("the data is damaged: restore a backup")

// checkFiles looks for damage in the database's folder. It gives the tables whose
// blocks are still to be verified.
func checkFiles(dir string, o badger.Options) (later []string, err error) {
	tables, err := checkManifest(filepath.Join(dir, badger.ManifestFilename), o)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, checkEmpty(dir)
	}
	if err != nil {
		return nil, err
	}
	var bytes int64
	for i, id := range tables {
		name := table.NewFilename(id, dir)
		info, err := os.Stat(name)
		if err != nil {
			return nil, fmt.Errorf("look at table %d of %d: %w: %w", i+1, len(tables), errDamaged, err)
		}
		bytes += info.Size()
		later = append(later, name)
	}
	for _, name := range later {
		if err := verifyTable(name, bytes <= verifyAtOpen); err != nil {
			return nil, err
		}
	}
	if bytes <= verifyAtOpen {
		return nil, nil
	}
	return later, nil
}

// checkEmpty makes sure that a folder without a list of tables is a new one:
// Badger would begin a new list and delete the tables.
func checkEmpty(dir string) error {
	for _, kind := range []string{"*.sst", "*.mem"} {
		names, err := filepath.Glob(filepath.Join(dir, kind))
		if err != nil || len(names) > 0 {
			return errors.Join(fmt.Errorf("the list of tables in %s is gone: %w", dir, errDamaged), err)
		}
	}
	return nil
}

// checkManifest reads which tables there are. What lies behind the last whole
// record is a record that was being written when the process was killed, unless a
// whole record follows in it: then the length in front of it is damaged.
func checkManifest(path string, o badger.Options) (tables []uint64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	m, end, err := badger.ReplayManifestFile(f, o.ExternalMagicVersion, o)
	if err != nil {
		return nil, fmt.Errorf("read the list of tables %s: %w: %w", path, errDamaged, err)
	}
	for id := range m.Tables {
		tables = append(tables, id)
	}
	slices.Sort(tables)
	if _, err := f.Seek(end, io.SeekStart); err != nil {
		return nil, err
	}
	tail, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	if wholeRecord(tail) {
		return nil, fmt.Errorf("read the list of tables %s at byte %d: %w", path, end, errDamaged)
	}
	return tables, nil
}

// wholeRecord reports that a tail that was not understood holds a record (length4
// crc4 bytes) that is whole but for its length, or a whole one anywhere.
func wholeRecord(tail []byte) bool {
	if len(tail) < 8 {
		return false
	}
	var sum uint32
	for _, b := range tail[8:] {
		sum = crc32.Update(sum, y.CastagnoliCrcTable, []byte{b})
		if sum == binary.BigEndian.Uint32(tail[4:]) {
			return true
		}
	}
	for i := 1; i+8 <= len(tail); i++ {
		n := uint64(binary.BigEndian.Uint32(tail[i:]))
		if n == 0 || n > uint64(len(tail)-i-8) {
			continue
		}
		if crc32.Checksum(tail[i+8:i+8+int(n)], y.CastagnoliCrcTable) == binary.BigEndian.Uint32(tail[i+4:]) {
			return true
		}
	}
	return false
}

// verifyTable compares the checksum of a table's index, and of all its blocks
// where that is asked for.
//
//	block… index indexLength4 checksum checksumLength4
func verifyTable(path string, blocks bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("verify a table: %w", err)
	}
	defer f.Close()
	index, err := tableIndex(f)
	if err != nil {
		return fmt.Errorf("verify the index of %s: %w: %w", path, errDamaged, err)
	}
	if !blocks {
		return nil
	}
	root := fb.GetRootAsTableIndex(index, 0)
	var at fb.BlockOffset
	var block []byte
	for i := range root.OffsetsLength() {
		root.Offsets(&at, i)
		if block, err = readAt(f, block, int64(at.Offset()), int64(at.Len())); err == nil {
			err = verifyBlock(block)
		}
		if err != nil {
			return fmt.Errorf("verify block %d of %s: %w: %w", i, path, errDamaged, err)
		}
	}
	return nil
}

// tableIndex reads a table's index, verified.
func tableIndex(f *os.File) ([]byte, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	end := info.Size()
	take := func(n int64) (b []byte) {
		if err == nil {
			end -= n
			b, err = readAt(f, nil, end, n)
		}
		return b
	}
	length := func() int64 {
		if b := take(4); err == nil {
			return int64(binary.BigEndian.Uint32(b))
		}
		return 0
	}
	sum := take(length())
	index := take(length())
	if err != nil {
		return nil, err
	}
	return index, verifySum(index, sum)
}

// verifyBlock compares a block's checksum, which stands behind it with its length.
func verifyBlock(b []byte) error {
	if len(b) < 4 {
		return io.ErrUnexpectedEOF
	}
	body := b[:len(b)-4]
	n := binary.BigEndian.Uint32(b[len(body):])
	if uint64(n) > uint64(len(body)) {
		return io.ErrUnexpectedEOF
	}
	return verifySum(body[:len(body)-int(n)], body[len(body)-int(n):])
}

// verifySum compares a checksum in the form of protobuf: field 1 names the
// algorithm, field 2 is the sum.
func verifySum(data, message []byte) error {
	var sum pb.Checksum
	for len(message) > 0 {
		tag, n := binary.Uvarint(message)
		if n <= 0 {
			return io.ErrUnexpectedEOF
		}
		value, m := binary.Uvarint(message[n:])
		if m <= 0 {
			return io.ErrUnexpectedEOF
		}
		message = message[n+m:]
		switch tag {
		case 1 << 3:
			sum.Algo = pb.Checksum_Algorithm(value)
		case 2 << 3:
			sum.Sum = value
		}
	}
	if sum.Algo != pb.Checksum_CRC32C && sum.Algo != pb.Checksum_XXHash64 {
		return y.ErrChecksumMismatch
	}
	return y.VerifyChecksum(data, &sum)
}

// readAt reads n bytes at off into b or a larger buffer.
func readAt(f *os.File, b []byte, off, n int64) ([]byte, error) {
	if off < 0 || n < 0 || n > 1<<30 {
		return b, io.ErrUnexpectedEOF
	}
	b = slices.Grow(b[:0], int(n))[:n]
	if _, err := f.ReadAt(b, off); err != nil {
		return b, err
	}
	return b, nil
}

// checkLogs makes sure that no transaction is missing between one log and the
// next. Badger counts its transactions without a gap and begins a log between two
// of them. (The end of the last log is the business of durable.)
func checkLogs(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil || len(names) < 2 {
		return err
	}
	slices.Sort(names)
	var last uint64
	for _, name := range names { // of five digits each, for a very long time
		from, to, err := logSpan(name)
		if err != nil {
			return fmt.Errorf("look into the log %s: %w", name, err)
		}
		if from == 0 {
			continue
		}
		if last != 0 && from != last+1 {
			return fmt.Errorf("%d transactions are missing before the log %s: %w", int64(from-last-1), name, errDamaged)
		}
		last = to
	}
	return nil
}

// Layout of a log: a header, then entries of meta1 usermeta1 key-length
// value-length expiry (varints) key value crc4. The last entry of a transaction
// has its number, in decimal, as value.
const (
	logHeader  = 20
	metaFinTxn = 1 << 7
)

// logSpan reads the numbers of the first and the last whole transaction of a log;
// 0 when it has none.
func logSpan(path string) (from, to uint64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, 0, err
	}
	defer f.Close()
	r := logReader{in: bufio.NewReaderSize(f, 1<<20), sum: crc32.New(y.CastagnoliCrcTable)}
	if _, err := r.in.Discard(logHeader); err != nil {
		return 0, 0, nil
	}
	for {
		number, ok := r.entry()
		if !ok {
			return from, to, nil
		}
		if number == 0 {
			continue
		}
		if from == 0 {
			from = number
		}
		to = number
	}
}

// logReader reads a log's entries and sums their bytes.
type logReader struct {
	in   *bufio.Reader
	sum  hash.Hash32
	one  [1]byte
	body []byte
}

// entry reads one entry. It gives the number of the transaction that the entry
// ends, 0 when it ends none; and false at the end of what is whole.
func (r *logReader) entry() (number uint64, ok bool) {
	r.sum.Reset()
	meta, _ := r.ReadByte()
	_, _ = r.ReadByte()
	key, _ := binary.ReadUvarint(r)
	value, _ := binary.ReadUvarint(r)
	if _, err := binary.ReadUvarint(r); err != nil || key == 0 || key > 1<<17 || value > 1<<30 {
		return 0, false
	}
	n := key + value
	r.body = slices.Grow(r.body[:0], int(n)+4)[:n+4]
	if _, err := io.ReadFull(r.in, r.body); err != nil {
		return 0, false
	}
	_, _ = r.sum.Write(r.body[:n])
	if r.sum.Sum32() != binary.BigEndian.Uint32(r.body[n:]) {
		return 0, false
	}
	if meta&metaFinTxn == 0 {
		return 0, true
	}
	number, err := strconv.ParseUint(string(r.body[key:n]), 10, 64)
	return number, err == nil
}

// ReadByte reads one byte and sums it.
func (r *logReader) ReadByte() (byte, error) {
	b, err := r.in.ReadByte()
	if err == nil {
		r.one[0] = b
		_, _ = r.sum.Write(r.one[:])
	}
	return b, err
}
