package dsl

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
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
	// Log takes what could not be watched. Default: nowhere.
	Log *slog.Logger
}

const defaultQuiet = 100 * time.Millisecond

// Watch tells when the content of a workspace's files has changed: a value on the
// channel means that it differs from what it was when the last value was sent, or
// when Watch was called. Changes come together: while nobody has taken the value,
// there is no second one. The channel is closed when ctx is done.
//
// Folders are watched, not files: an editor that writes a new file and renames it
// over the old one would take a watched file away with it. Folders that appear are
// watched too. A touched file whose content is the same is no change.
func Watch(ctx context.Context, dir string, o WatchOptions) (<-chan struct{}, error) {
	if o.Quiet <= 0 {
		o.Quiet = defaultQuiet
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	files, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	w := &watcher{dir: dir, o: o, files: files, changed: make(chan struct{}, 1)}
	if err := w.folders(); err != nil {
		files.Close()
		return nil, fmt.Errorf("watch %s: %w", dir, err)
	}
	w.last = w.content()
	go w.run(ctx)
	return w.changed, nil
}

// watcher owns one folder's notifications; run is its only goroutine.
type watcher struct {
	dir     string
	o       WatchOptions
	files   *fsnotify.Watcher
	changed chan struct{}
	last    [sha256.Size]byte
}

func (w *watcher) run(ctx context.Context) {
	defer close(w.changed)
	defer w.files.Close()
	var quiet <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-w.files.Events:
			if !ok {
				return
			}
			quiet = w.o.After(w.o.Quiet)
		case err, ok := <-w.files.Errors:
			if !ok {
				return
			}
			// An overflow means that something happened which nobody told us: look.
			w.o.Log.Warn("watch workspace", "error", err)
			quiet = w.o.After(w.o.Quiet)
		case <-quiet:
			quiet = nil
			w.look()
		}
	}
}

// look compares the content, and tells when it differs.
func (w *watcher) look() {
	if err := w.folders(); err != nil {
		w.o.Log.Warn("watch workspace", "error", err)
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

// folders watches every folder of the workspace that is not watched yet.
func (w *watcher) folders() error {
	return filepath.WalkDir(w.dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && name == w.dir:
			return err
		case err != nil, !e.IsDir():
			return nil // a file that went away while we looked
		case name != w.dir && hiddenName(e.Name()), name == filepath.Join(w.dir, pluginsDir):
			return filepath.SkipDir
		}
		if err := w.files.Add(name); err != nil && name == w.dir {
			return err
		}
		return nil
	})
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
