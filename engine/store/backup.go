package store

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// A backup is a line of text, a line of JSON, and the database's own dump in
// frames: length4 crc4 bytes, and a frame of length 0 at the end. The frames make
// a backup that was cut short, or damaged, show itself: Badger's loader takes an
// end anywhere between two of its lists for the end.
const (
	backupMagic = "nurture backup\n"
	maxFrame    = 64 << 10
)

// backupHeader stands in front of a backup.
type backupHeader struct {
	format
	Commits uint64 `json:"commits"`
	// Key is the secret of tracked links that was made in the folder: without it the
	// links in mails that were sent lead nowhere.
	Key []byte `json:"key,omitempty"`
}

// keyFile is the secret of tracked links beside the data.
const keyFile = "tracking.key"

// Backup writes all data as of now to w. It goes on beside the writer. There are
// full backups only: Badger's incremental ones bring deleted rows back.
func (s *Store) Backup(w io.Writer) error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	key, err := os.ReadFile(filepath.Join(s.opts.Dir, keyFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("back up: %w", err)
	}
	header, err := json.Marshal(backupHeader{
		Key:     key,
		format:  format{Format: formatNumber, Partitions: len(s.parts), Engine: engineName},
		Commits: s.Commits(),
	})
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if _, err := fmt.Fprintf(w, "%s%s\n", backupMagic, header); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	frames := &frameWriter{to: w}
	stream := s.db.NewStream()
	stream.NumGo = 2
	stream.LogPrefix = "backup"
	if _, err := stream.Backup(frames, 0); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := frames.close(); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	return nil
}

// Restore makes the data folder o.Dir, which must be empty or missing, from a
// backup. What a failed Restore leaves in the folder is of no use, and Open refuses
// it: the file FORMAT is written last.
func Restore(o Options, r io.Reader) error {
	if err := restore(o, r); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

func restore(o Options, r io.Reader) error {
	in := bufio.NewReader(r)
	header, err := readHeader(in)
	if err != nil {
		return err
	}
	if entries, err := os.ReadDir(o.Dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: choose a new folder", o.Dir)
	}
	if err := o.validate(); err != nil {
		return err
	}
	lock, err := takeFolder(o.Dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	db, err := openBadger(o.badger(filepath.Join(o.Dir, badgerDir)))
	if err != nil {
		return err
	}
	// Nobody else may use the database during a load: a transaction would wait for
	// the numbers that the load brings.
	if err := errors.Join(db.Load(&frameReader{from: in}, 16), db.Close()); err != nil {
		return err
	}
	if len(header.Key) > 0 {
		if err := os.WriteFile(filepath.Join(o.Dir, keyFile), header.Key, 0o600); err != nil {
			return err
		}
	}
	return writeFormat(o.Dir, header.format)
}

// readHeader reads what stands in front of a backup.
func readHeader(in *bufio.Reader) (h backupHeader, err error) {
	magic := make([]byte, len(backupMagic))
	if _, err := io.ReadFull(in, magic); err != nil || string(magic) != backupMagic {
		return h, errors.New("this is not a backup")
	}
	line, err := in.ReadBytes('\n')
	if err != nil {
		return h, fmt.Errorf("the backup is cut short: %w", err)
	}
	if err := json.Unmarshal(line, &h); err != nil {
		return h, fmt.Errorf("the backup's header is damaged: %w", err)
	}
	if h.Format != formatNumber {
		return h, fmt.Errorf("the backup has format %d and this program reads format %d: use the version that wrote it", h.Format, formatNumber)
	}
	return h, nil
}

// frameWriter cuts what is written into frames.
type frameWriter struct {
	to  io.Writer
	buf []byte
}

// Write takes bytes in.
func (f *frameWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		take := min(len(p), maxFrame-len(f.buf))
		f.buf = append(f.buf, p[:take]...)
		p = p[take:]
		if len(f.buf) == maxFrame {
			if err := f.flush(); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func (f *frameWriter) flush() error {
	var head [8]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(f.buf)))
	binary.BigEndian.PutUint32(head[4:], crc32.ChecksumIEEE(f.buf))
	if _, err := f.to.Write(head[:]); err != nil {
		return err
	}
	_, err := f.to.Write(f.buf)
	f.buf = f.buf[:0]
	return err
}

// close writes what is left, and the end.
func (f *frameWriter) close() error {
	if len(f.buf) > 0 {
		if err := f.flush(); err != nil {
			return err
		}
	}
	return f.flush()
}

// frameReader gives back what a frameWriter took in.
type frameReader struct {
	from io.Reader
	buf  [maxFrame]byte
	rest []byte
	end  bool
}

// Read gives bytes out; io.EOF only behind the last frame.
func (f *frameReader) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *frameReader) next() error {
	if f.end {
		return io.EOF
	}
	var head [8]byte
	if _, err := io.ReadFull(f.from, head[:]); err != nil {
		return fmt.Errorf("the backup is cut short: %w", io.ErrUnexpectedEOF)
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > maxFrame {
		return errors.New("the backup is damaged: a frame is too long")
	}
	f.rest = f.buf[:n]
	if _, err := io.ReadFull(f.from, f.rest); err != nil {
		return fmt.Errorf("the backup is cut short: %w", io.ErrUnexpectedEOF)
	}
	if crc32.ChecksumIEEE(f.rest) != binary.BigEndian.Uint32(head[4:]) {
		return errors.New("the backup is damaged: a checksum does not match")
	}
	if n == 0 {
		f.end = true
		return io.EOF
	}
	return nil
}
