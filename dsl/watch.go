package dsl

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// WatchOptions say how a folder is watched.
type WatchOptions struct {
	// After gives a channel that delivers once, after the time: the shell's clock.
	// Required.
	After func(time.Duration) <-chan time.Time
	// Quiet is how long nothing may happen before a change counts as complete.
	// Editors and git write in several strokes. Default 100 ms.
	Quiet time.Duration
	// Poll is how often the folder is looked at though nothing was told: network
	// file systems tell nothing of what another machine wrote, and the number of
	// watches is bounded by the system. Default 30 s, and 2 s for a folder on a
	// network file system or one that cannot be watched; negative turns it off.
	Poll time.Duration
	// Log takes what could not be watched. Default: nowhere.
	Log *slog.Logger

	unwatched bool // as if the system gave no watches
}

const (
	defaultQuiet = 100 * time.Millisecond
	defaultPoll  = 30 * time.Second
	blindPoll    = 2 * time.Second
	// longestUnrest is after how many quiet times the folder is looked at though it was
	// never quiet: something writes there for ever.
	longestUnrest = 100
	// longestLock is for how many quiet times a lock of git is waited for: a git that
	// was killed leaves it behind.
	longestLock = 300
)

// Watch tells when the content of a workspace's files has changed: a value on the
// channel means that it differs from what it was when the last value was sent, or
// when Watch was called. Changes come together: while nobody has taken the value,
// there is no second one. The channel is closed when ctx is done.
//
// Folders are watched, not files: an editor that writes a new file and renames it
// over the old one would take a watched file away with it. Folders that appear are
// watched too, and what symbolic links point to, also when they are turned to
// something else: that is how Kubernetes changes a mounted folder, and how many
// deployments change a whole release. A touched file whose content is the same is no
// change. While git changes the files (its index is locked) they are not looked at: half
// a checkout may be rules that load, without the workflows of the other half. Beside
// that the folder is looked at from time to time: see Poll.
func Watch(ctx context.Context, dir string, o WatchOptions) (<-chan struct{}, error) {
	if o.Quiet <= 0 {
		o.Quiet = defaultQuiet
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("watch %s: it is not a folder", dir)
	}
	w := &watcher{dir: dir, o: o, watched: map[string]fs.FileInfo{}, changed: make(chan struct{}, 1)}
	w.listen()
	if o.Poll == 0 {
		w.o.Poll = defaultPoll
		if w.files == nil || remoteFolder(dir) {
			w.o.Poll = blindPoll
		}
	}
	w.last, w.seen, w.fresh = w.content(), w.outline(), true
	go w.run(ctx)
	return w.changed, nil
}

// watcher owns one folder's notifications; run is its only goroutine.
type watcher struct {
	dir     string
	o       WatchOptions
	files   *fsnotify.Watcher // nil: the system gives no watches
	watched map[string]fs.FileInfo
	changed chan struct{}
	last    [sha256.Size]byte // of the content
	seen    [sha256.Size]byte // of the outline, when the folder was polled last
	fresh   bool              // the outline was another one at the last poll
	locked  int               // quiet times that git has taken
}

// listen asks the system for watches. Without them the folder is polled.
func (w *watcher) listen() {
	files, err := fsnotify.NewWatcher()
	if err != nil || w.o.unwatched {
		w.o.Log.Warn("watch workspace: the system gives no watches, the folder is looked at every two seconds", "error", err)
		return
	}
	w.files = files
	if err := w.folders(); err != nil {
		w.o.Log.Warn("watch workspace: not every folder can be watched, they are looked at from time to time", "error", err)
	}
}

func (w *watcher) run(ctx context.Context) {
	defer close(w.changed)
	var events <-chan fsnotify.Event
	var errs <-chan error
	if w.files != nil {
		defer w.files.Close()
		events, errs = w.files.Events, w.files.Errors
	}
	var quiet, restless <-chan time.Time
	poll := w.nextPoll()
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-events:
			if !ok {
				return
			}
			if quiet == nil {
				restless = w.o.After(longestUnrest * w.o.Quiet)
			}
			quiet = w.o.After(w.o.Quiet)
		case err, ok := <-errs:
			if !ok {
				return
			}
			// An overflow means that something happened which nobody told us: look.
			w.o.Log.Warn("watch workspace", "error", err)
			quiet = w.o.After(w.o.Quiet)
		case <-quiet:
			quiet, restless = w.calm(), nil
		case <-restless:
			quiet, restless = w.calm(), nil
		case <-poll:
			if w.polled() {
				quiet = w.o.After(w.o.Quiet)
			}
			poll = w.nextPoll()
		}
	}
}

func (w *watcher) nextPoll() <-chan time.Time {
	if w.o.Poll < 0 {
		return nil
	}
	return w.o.After(w.o.Poll)
}

// polled reports whether the files are to be looked at: by names, sizes and times they
// differ from what they were at the last poll, or did so at that. A file that is
// written again at the second in which it was seen to change may have the same size
// and, where times are coarse, the same time.
func (w *watcher) polled() bool {
	now := w.outline()
	changed := now != w.seen
	due := changed || w.fresh
	w.seen, w.fresh = now, changed
	return due
}

// calm looks, unless git is at work: then it gives another quiet time.
func (w *watcher) calm() <-chan time.Time {
	if gitLocked(w.dir) {
		if w.locked++; w.locked <= longestLock {
			return w.o.After(w.o.Quiet)
		}
	}
	w.locked = 0
	w.look()
	return nil
}

// gitLocked reports whether git is changing the files of the repository in which a
// folder lies.
func gitLocked(dir string) bool {
	dir, err := filepath.EvalSymlinks(dir)
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	for err == nil {
		if info, lost := os.Stat(filepath.Join(dir, ".git")); lost == nil {
			_, lost = os.Stat(filepath.Join(gitFolder(dir, info), "index.lock"))
			return lost == nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return false
}

// gitFolder is where git keeps what belongs to the working folder: ".git" itself, or
// where a file of that name leads to, as in linked work trees and submodules.
func gitFolder(dir string, info fs.FileInfo) string {
	git := filepath.Join(dir, ".git")
	if info.IsDir() {
		return git
	}
	text, err := os.ReadFile(git)
	if err != nil {
		return git
	}
	to := strings.TrimSpace(strings.TrimPrefix(string(text), "gitdir:"))
	if !filepath.IsAbs(to) {
		to = filepath.Join(dir, to)
	}
	return to
}

// look compares the content, and tells when it differs.
func (w *watcher) look() {
	if w.files != nil {
		if err := w.folders(); err != nil {
			w.o.Log.Warn("watch workspace", "error", err)
		}
	}
	now := w.content()
	if now == w.last {
		return
	}
	w.last = now
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// folders watches every folder of the workspace that is not watched yet, and the
// one in which a symbolic link to the workspace stands.
func (w *watcher) folders() error {
	if info, err := os.Lstat(w.dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if abs, err := filepath.Abs(w.dir); err == nil {
			_ = w.watch(filepath.Dir(abs))
		}
	}
	if err := w.watch(w.dir); err != nil {
		return err
	}
	var failed error
	err := walkFolders(os.DirFS(w.dir), func(name string) {
		if err := w.watch(filepath.Join(w.dir, filepath.FromSlash(name))); err != nil {
			failed = err
		}
	})
	if err != nil {
		return err
	}
	return failed
}

// watch watches one folder, anew when the name stands for another folder now.
func (w *watcher) watch(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		delete(w.watched, name)
		return nil // it went away while we looked
	}
	if old, ok := w.watched[name]; ok {
		if os.SameFile(old, info) {
			return nil
		}
		_ = w.files.Remove(name) // what it stood for may be gone
	}
	if err := w.files.Add(name); err != nil {
		return err
	}
	w.watched[name] = info
	return nil
}

// content is a hash of the names and bytes of all files that belong to the
// workspace. A file that cannot be read counts by its name.
func (w *watcher) content() [sha256.Size]byte {
	h := sha256.New()
	root := os.DirFS(w.dir)
	files, err := listFiles(root)
	if err != nil {
		fmt.Fprintln(h, "unreadable")
	}
	for _, list := range [...][]string{files.hcl, files.templates, files.texts} {
		for _, name := range list {
			src, err := readFile(root, name)
			fmt.Fprintf(h, "%q %d %t\n", name, len(src), err == nil)
			h.Write(src)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// outline is a hash of the names, sizes and times of the files: what polling looks
// at, without reading them.
func (w *watcher) outline() [sha256.Size]byte {
	h := sha256.New()
	root := os.DirFS(w.dir)
	files, err := listFiles(root)
	if err != nil {
		fmt.Fprintln(h, "unreadable")
	}
	for _, list := range [...][]string{files.hcl, files.templates, files.texts} {
		for _, name := range list {
			info, err := fs.Stat(root, name)
			if err != nil {
				fmt.Fprintf(h, "%q unreadable\n", name)
				continue
			}
			fmt.Fprintf(h, "%q %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}
