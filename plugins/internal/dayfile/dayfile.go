// Package dayfile writes lines into a file a day, in a folder that somebody else
// collects from, so that each key stands there once whatever happens: the same key
// asked twice, a crash in the middle of a line, a second process while a new
// version takes over, a file that was taken away.
//
// Two kinds of file lie in the folder. NAME-2026-10-05.csv is what people want.
// .NAME-2026-10-05.keys remembers which keys have been written; it stays when the
// other is taken away, for as long as Options.Keep says. A line is written before
// its key, and the key says where its line ended. So whatever stands behind the end
// of the last key was left by a crash: nobody was told that it is there, and it is
// cut off before the next line is written.
package dayfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options say where the files lie and what stands in them.
type Options struct {
	Folder string // an absolute path; made where it is missing
	Name   string // the beginning of every file's name
	Ext    string // "csv"
	// Header begins every file. Default: nothing.
	Header []byte
	// Zone says when a day begins. Default: UTC.
	Zone *time.Location
	// Keep is how long a key is remembered after its day. Default: 30 days.
	Keep time.Duration
}

// Writer writes the files. It is safe for concurrent use.
type Writer struct {
	o Options

	mu   sync.Mutex
	days map[string]*ledger // by the path of the key file
}

// Line is one line of a file, its end included.
type Line struct {
	Key  string
	Text []byte
}

// ErrBroken says that the file may hold a part of what was to be written.
var ErrBroken = errors.New("the file could not be brought back to what it was")

// Open makes the folder where it is missing, sees that it can be written to, and
// cuts off what a crash has left in the files of all remembered days.
func Open(o Options) (*Writer, error) {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Keep <= 0 {
		o.Keep = 30 * 24 * time.Hour
	}
	if err := os.MkdirAll(o.Folder, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	w := &Writer{o: o, days: map[string]*ledger{}}
	return w, w.mend()
}

// mend cuts off what a crash has left.
func (w *Writer) mend() error {
	lock, err := w.lock()
	if err != nil {
		return err
	}
	defer lock.Close()
	days, err := w.ledgers()
	if err != nil {
		return err
	}
	for _, day := range days {
		keys := w.ledgerOf(day)
		if err := keys.catchUp(); err != nil {
			return err
		}
		info, err := os.Stat(w.path(day))
		if err != nil || !keys.known || info.Size() <= keys.end {
			continue
		}
		if err := os.Truncate(w.path(day), keys.end); err != nil {
			return fmt.Errorf("cut off what a crash left: %w", err)
		}
	}
	return nil
}

// path is where the file of a day lies.
func (w *Writer) path(day string) string {
	return filepath.Join(w.o.Folder, w.o.Name+"-"+day+"."+w.o.Ext)
}

// Check sees that the folder can be written to.
func (w *Writer) Check() error {
	lock, err := w.lock()
	if err != nil {
		return err
	}
	return lock.Close()
}

// Append writes the lines whose keys are new into the file of the day, and returns
// its name when everything is on the disk. After an error none of them counts, and
// they may be written again; after ErrBroken they may stand in the file all the
// same until the next Append.
func (w *Writer) Append(ctx context.Context, now time.Time, lines ...Line) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	lock, err := w.lock()
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := w.remember(now); err != nil {
		return "", err
	}
	day := now.In(w.o.Zone).Format(time.DateOnly)
	name := filepath.Base(w.path(day))
	fresh := w.fresh(lines)
	if len(fresh) == 0 {
		return name, nil
	}
	return name, w.write(w.path(day), w.ledgerOf(day), fresh)
}

// lock keeps other processes out of the folder until the file is closed.
func (w *Writer) lock() (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(w.o.Folder, "."+w.o.Name+".lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("write into the folder: %w", err)
	}
	if err := flock(file); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the folder: %w", err), file.Close())
	}
	return file, nil
}

// fresh are the lines whose keys are new, each once.
func (w *Writer) fresh(lines []Line) []Line {
	var out []Line
	seen := map[string]bool{}
	for _, l := range lines {
		if !seen[l.Key] && !w.has(l.Key) {
			seen[l.Key] = true
			out = append(out, l)
		}
	}
	return out
}

func (w *Writer) has(key string) bool {
	for _, d := range w.days {
		if d.keys[key] {
			return true
		}
	}
	return false
}

func (w *Writer) write(path string, keys *ledger, lines []Line) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("open the file of the day: %w", err)
	}
	defer file.Close()
	end, err := begin(file, keys)
	if err != nil {
		return err
	}
	var text []byte
	entries := make([]entry, len(lines))
	if end == 0 {
		text = append(text, w.o.Header...)
	}
	for i, l := range lines {
		text = append(text, l.Text...)
		entries[i] = entry{l.Key, end + int64(len(text))}
	}
	err = writeAt(file, text, end)
	if err == nil {
		err = keys.add(entries...)
	}
	if err != nil && file.Truncate(end) != nil {
		err = errors.Join(ErrBroken, err)
	}
	return err
}

// begin brings the file to what counts in it, and returns where that ends.
func begin(file *os.File, keys *ledger) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("look at the file of the day: %w", err)
	}
	size := info.Size()
	switch {
	case size == 0:
		// New, or taken away and begun again: from here the ends count anew.
		return 0, keys.add(entry{startMark, 0})
	case !keys.known || size <= keys.end:
		return size, nil // whatever stands there, it is not ours to cut
	}
	if err := file.Truncate(keys.end); err != nil {
		return 0, fmt.Errorf("cut off what a crash left: %w", err)
	}
	return keys.end, nil
}

func writeAt(file *os.File, text []byte, at int64) error {
	_, err := file.WriteAt(text, at)
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write the file of the day: %w", err)
	}
	return nil
}
