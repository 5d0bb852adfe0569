package host

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// folder is the private place for sockets and verified programs. A lock in it
// tells others that its host lives: what a host that was killed has left behind
// is removed by the next one.
type folder struct {
	path string
	own  bool // ours to remove
	lock *os.File
}

const (
	// maxPath leaves room for go-plugin's own names within the 104 bytes that the
	// path of a socket may have.
	maxPath    = 60
	folderName = "nurture-plugins-"
	unlocked   = "nurture-new-" // a folder that is not locked yet
	socketName = "plugin-dir"   // go-plugin's name for the folder of a socket
	lockName   = "lock"
)

// openFolder opens the folder that is given, or makes a new one where none is.
func openFolder(given string) (*folder, error) {
	if given != "" {
		return openGiven(given)
	}
	base := os.TempDir()
	if len(base)+len(folderName)+12 > maxPath {
		base = "/tmp"
	}
	sweep(base)
	// A folder gets the name that is swept only when it is locked.
	fresh, err := os.MkdirTemp(base, unlocked)
	if err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(fresh, lockName), os.O_CREATE)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(base, folderName+strings.TrimPrefix(filepath.Base(fresh), unlocked))
	if err := os.Rename(fresh, path); err != nil {
		return nil, err
	}
	return &folder{path: path, own: true, lock: lock}, nil
}

func openGiven(path string) (*folder, error) {
	if len(path) > maxPath {
		return nil, fmt.Errorf("%s is longer than %d bytes, too long for the path of a socket", path, maxPath)
	}
	if err := errors.Join(os.MkdirAll(path, 0o700), os.Chmod(path, 0o700)); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(path, lockName), os.O_CREATE)
	if err != nil {
		return nil, fmt.Errorf("%s is in use by another server: %w", path, err)
	}
	removeAll(filepath.Join(path, socketName+"*"))
	return &folder{path: path, lock: lock}, nil
}

// sweep removes folders whose hosts are gone.
func sweep(base string) {
	old, _ := filepath.Glob(filepath.Join(base, folderName+"*"))
	for _, path := range old {
		lock, err := lockFile(filepath.Join(path, lockName), 0)
		if err != nil {
			continue
		}
		_ = os.RemoveAll(path)
		_ = lock.Close()
	}
}

func removeAll(pattern string) {
	paths, _ := filepath.Glob(pattern)
	for _, path := range paths {
		_ = os.RemoveAll(path)
	}
}

func (f *folder) close() error {
	defer f.lock.Close()
	if f.own {
		return os.RemoveAll(f.path)
	}
	removeAll(filepath.Join(f.path, socketName+"*"))
	return nil
}
