package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What lies in a data folder besides durableFile.
const (
	formatFile  = "FORMAT"
	lockFile    = "LOCK"
	ballastFile = "ballast"
	badgerDir   = "badger"
)

// formatNumber is the number of the layout in keys.go and of the codecs of rows.
const formatNumber = 1

// format is what a data folder says of itself, in the file FORMAT and once more
// inside the database.
type format struct {
	Format     int    `json:"format"`
	Partitions int    `json:"partitions"`
	Engine     string `json:"engine"`
}

const engineName = "badger v4"

// takeFolder makes the data folder if need be and locks it for this process.
func takeFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	taken, err := lock(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	}
	if !taken {
		defer f.Close()
		holder := "another process"
		if b, err := io.ReadAll(io.LimitReader(f, 32)); err == nil && len(strings.TrimSpace(string(b))) > 0 {
			holder = "process " + strings.TrimSpace(string(b))
		}
		return nil, fmt.Errorf("the data folder %s is in use by %s; stop it, or choose another folder", dir, holder)
	}
	if err := f.Truncate(0); err != nil {
		return f, fmt.Errorf("lock the data folder: %w", err)
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return f, err
}

// checkFolder reads what the folder says of itself, or writes it into a new one,
// and compares it with what is asked for. It gives the format in force.
func checkFolder(dir string, partitions int) (format, error) {
	path := filepath.Join(dir, formatFile)
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return newFolder(dir, partitions)
	case err != nil:
		return format{}, fmt.Errorf("read what the data folder is: %w", err)
	}
	var f format
	if err := json.Unmarshal(text, &f); err != nil || f.Format < 1 || f.Partitions < 1 || f.Partitions > maxPartitions {
		return f, fmt.Errorf("the file %s is damaged; restore it from a backup of the folder", path)
	}
	if f.Format != formatNumber {
		return f, fmt.Errorf("the data folder %s has format %d and this program reads format %d: use the version that wrote it, or restore a backup into a new folder",
			dir, f.Format, formatNumber)
	}
	if partitions != 0 && partitions != f.Partitions {
		return f, fmt.Errorf("the data folder %s was made with %d partitions and %d are asked for: their number is fixed for ever; leave it out, or begin a new folder",
			dir, f.Partitions, partitions)
	}
	return f, nil
}

// newFolder writes the format of a folder that has no data yet.
func newFolder(dir string, partitions int) (format, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return format{}, fmt.Errorf("look into the data folder: %w", err)
	}
	for _, e := range entries {
		if e.Name() != lockFile && e.Name() != formatFile+".new" {
			return format{}, fmt.Errorf("%s has no file %s and is not empty (%s lies there): it is not a data folder; choose an empty one", dir, formatFile, e.Name())
		}
	}
	if partitions == 0 {
		partitions = defaultPartitions
	}
	f := format{Format: formatNumber, Partitions: partitions, Engine: engineName}
	return f, writeFormat(dir, f)
}

func writeFormat(dir string, f format) error {
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(dir, formatFile), append(text, '\n')); err != nil {
		return fmt.Errorf("write what the data folder is: %w", err)
	}
	return nil
}

// writeSynced puts a small file in place, all or nothing, durably.
func writeSynced(path string, text []byte) error {
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// removeEmptyLogs deletes log files of no bytes: a process that was killed while
// Badger made one leaves it behind, and Badger then refuses to open. Nothing was
// ever in it. It gives their names.
func removeEmptyLogs(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look into the database's folder: %w", err)
	}
	var removed []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".mem" && ext != ".vlog" {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return removed, fmt.Errorf("look at %s: %w", e.Name(), err)
		}
		if info.Size() != 0 {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return removed, fmt.Errorf("remove the empty log %s: %w", e.Name(), err)
		}
		removed = append(removed, e.Name())
	}
	return removed, nil
}

// placeBallast makes the ballast file of size bytes, unless it is there or would
// take space that is needed. A smaller or larger one is brought to size.
func placeBallast(o *Options) error {
	path := filepath.Join(o.Dir, ballastFile)
	if o.Ballast < 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove the ballast: %w", err)
		}
		return nil
	}
	if info, err := os.Stat(path); err == nil && info.Size() == o.Ballast {
		return nil
	}
	space, err := o.measure()
	if err != nil {
		return err
	}
	if space.Free < space.Limits.Stop+uint64(o.Ballast) {
		o.Log.Warn("too little space for the ballast file", "dir", o.Dir, "free", space.Free)
		return nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("make the ballast: %w", err)
	}
	err = reserve(f, o.Ballast)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("make the ballast: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

// memTableFor is the size that memtables must have so that the logs in the database's
// folder, which a killed process left, fit into them: size, or more where one was
// written with larger ones. Badger ends the process over a log that does not fit. A
// log is made of twice the size and cut to what is in it when it is read, so one of
// another length may be full.
func memTableFor(dir string, size int64) int64 {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return size // there is no database yet, or who opens it says what is wrong
	}
	need := size
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".mem" {
			continue
		}
		if info, err := e.Info(); err == nil && info.Size() != 2*size {
			need = max(need, info.Size())
		}
	}
	return need
}
