package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// replaceFile writes a whole file, or leaves what was there: beside it first,
// then renamed over it, so that a watcher never sees half of it. A file that was
// there keeps its mode; what is no file (a pipe, a terminal) is written to as it
// is.
func replaceFile(file string, b []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(file); err == nil {
		if !info.Mode().IsRegular() {
			if err := os.WriteFile(file, b, mode); err != nil {
				return fmt.Errorf("write %s: %w", file, err)
			}
			return nil
		}
		mode = info.Mode()
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".nurture-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	_, err = tmp.Write(b)
	if closing := tmp.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(tmp.Name(), mode)
	}
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
