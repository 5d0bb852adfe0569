package dayfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ledger is a key file as far as it has been read. Its lines are "KEY END".
type ledger struct {
	path  string
	keys  map[string]bool
	end   int64 // where the last line that counts ends in the file of the day
	known bool  // end is known
	read  int64 // bytes of the key file that have been read
}

// entry is a line of a ledger.
type entry struct {
	key string
	end int64
}

// startMark stands in the place of a key where a file is begun.
const startMark = "-"

const ledgerExt = ".keys"

func (w *Writer) ledgerOf(day string) *ledger {
	path := filepath.Join(w.o.Folder, "."+w.o.Name+"-"+day+ledgerExt)
	if w.days[path] == nil {
		w.days[path] = &ledger{path: path, keys: map[string]bool{}}
	}
	return w.days[path]
}

// ledgers are the days that have a key file.
func (w *Writer) ledgers() ([]string, error) {
	prefix := "." + w.o.Name + "-"
	found, err := fs.Glob(os.DirFS(w.o.Folder), prefix+"????-??-??"+ledgerExt)
	if err != nil {
		return nil, fmt.Errorf("look for key files: %w", err)
	}
	for i, name := range found {
		found[i] = strings.TrimSuffix(strings.TrimPrefix(name, prefix), ledgerExt)
	}
	return found, nil
}

// remember reads what has been added to the key files, by this process or another,
// and forgets those that are too old.
func (w *Writer) remember(now time.Time) error {
	days, err := w.ledgers()
	if err != nil {
		return err
	}
	oldest := now.Add(-w.o.Keep).In(w.o.Zone).Format(time.DateOnly)
	for _, day := range days {
		keys := w.ledgerOf(day)
		if day < oldest {
			delete(w.days, keys.path)
			if err := os.Remove(keys.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("forget the keys of %s: %w", day, err)
			}
			continue
		}
		if err := keys.catchUp(); err != nil {
			return err
		}
	}
	return nil
}

// catchUp reads the whole lines that are new. A torn one at the end does not count.
func (l *ledger) catchUp() error {
	file, err := os.Open(l.path)
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	defer file.Close()
	b, err := io.ReadAll(io.NewSectionReader(file, l.read, 1<<40))
	if err != nil {
		return fmt.Errorf("read the keys: %w", err)
	}
	b = b[:bytes.LastIndexByte(b, '\n')+1]
	for line := range strings.Lines(string(b)) {
		key, end, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, err := strconv.ParseInt(end, 10, 64)
		if err != nil {
			return fmt.Errorf("%s: %q is no line of a key file; move the file away if it is not one", filepath.Base(l.path), key)
		}
		l.take(entry{key, at})
	}
	l.read += int64(len(b))
	return nil
}

func (l *ledger) take(e entry) {
	l.end, l.known = e.end, true
	if e.key != startMark {
		l.keys[e.key] = true
	}
}

// add writes entries; they count when it returns nil.
func (l *ledger) add(entries ...entry) error {
	var b []byte
	for _, e := range entries {
		b = fmt.Appendf(b, "%s %d\n", e.key, e.end)
	}
	file, err := os.OpenFile(l.path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open the file of keys: %w", err)
	}
	defer file.Close()
	if err = file.Truncate(l.read); err == nil { // a torn line
		_, err = file.WriteAt(b, l.read)
	}
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		err = fmt.Errorf("write the file of keys: %w", err)
		if file.Truncate(l.read) != nil {
			err = errors.Join(ErrBroken, err)
		}
		return err
	}
	l.read += int64(len(b))
	for _, e := range entries {
		l.take(e)
	}
	return nil
}
