package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/seed-456efde2/nurture/workflows"
)

// devPlace is where a demo lives on disk: the rules, which stay, and the state,
// which begins anew each time and goes when the demo ends.
type devPlace struct {
	workspace string
	data      string
	fresh     bool   // the workspace was copied just now
	passing   string // folder that goes with the demo, because there was no other; "" as a rule
	why       error  // for which passing is set
}

// findPlace makes a place under home, the user's cache folder when home is "". An
// own workspace is used where it is; without one it is a copy of a starter, the
// demo's when none is named. Where nothing can be written, the place is a
// temporary folder, and says so.
func findPlace(home, workspace, starter string) (*devPlace, error) {
	if starter == "" {
		starter = workflows.DocumentRequest
	}
	if workspace != "" {
		if err := isFolder(workspace); err != nil {
			return nil, err
		}
	}
	base, err := devHome(home)
	p := &devPlace{why: err}
	if err != nil {
		if base, err = os.MkdirTemp("", "nurture-dev-"); err != nil {
			return nil, fmt.Errorf("find a folder for the demo: %w", errors.Join(p.why, err))
		}
		p.passing = base
	}
	if err := p.settle(base, workspace, starter); err != nil {
		return nil, errors.Join(err, p.leave())
	}
	return p, nil
}

// devHome is the folder that demos of this user share.
func devHome(home string) (string, error) {
	if home == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		home = cache
	}
	base := filepath.Join(home, "nurture", "dev")
	if err := os.MkdirAll(base, 0o700); err != nil {
		return "", err
	}
	probe, err := os.MkdirTemp(base, "probe-") // a folder may be there and not be ours to write
	if err != nil {
		return "", err
	}
	return base, os.Remove(probe)
}

func (p *devPlace) settle(base, workspace, starter string) error {
	sweep(base)
	data, err := os.MkdirTemp(base, dataPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo's state: %w", err)
	}
	p.data, p.workspace = data, workspace
	if workspace != "" {
		return nil
	}
	p.workspace = filepath.Join(base, "workspace")
	if starter != workflows.DocumentRequest {
		p.workspace = filepath.Join(base, "workspace-"+starter)
	}
	p.fresh, err = copyStarter(p.workspace, starter)
	return err
}

// dataPrefix begins the names of state folders; the process that uses one follows.
const dataPrefix = "data-"

// sweep removes the state of demos that were killed before they could.
func sweep(base string) {
	entries, err := os.ReadDir(base)
	if err != nil {
		return // a demo runs as well beside old folders
	}
	for _, e := range entries {
		rest, ok := strings.CutPrefix(e.Name(), dataPrefix)
		pid, _, _ := strings.Cut(rest, "-")
		n, err := strconv.Atoi(pid)
		if ok && err == nil && !running(n) {
			_ = os.RemoveAll(filepath.Join(base, e.Name()))
		}
	}
}

// running reports whether there is a process of that number, as far as can be
// told.
func running(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone)
}

// copyStarter brings a starter's workspace to a folder, unless there is one
// already: it belongs to whoever edits it.
func copyStarter(dir, starter string) (fresh bool, err error) {
	if found, err := filepath.Glob(filepath.Join(dir, "*.hcl")); err == nil && len(found) > 0 {
		return false, nil
	}
	files, err := workflows.Open(starter)
	if err != nil {
		return false, err
	}
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		content, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	})
	if err != nil {
		return false, fmt.Errorf("copy the demo's workspace to %s: %w", dir, err)
	}
	return true, nil
}

// leave removes what does not stay.
func (p *devPlace) leave() error {
	folder := p.data
	if p.passing != "" {
		folder = p.passing
	}
	if folder == "" {
		return nil
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("remove the demo's state: %w", err)
	}
	return nil
}
