package dsl

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// stillClock is a shell's clock that only the test moves: each wait that the
// watcher asks for is handed to the test, which lets it end.
type stillClock struct {
	waits chan chan time.Time
}

func (c *stillClock) After(time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	c.waits <- ch
	return ch
}

// watched is a folder under watch. settle lets the quiet time pass after whatever
// the folder's notifications started, and reports whether a change was told.
type watched struct {
	t       *testing.T
	dir     string
	clock   *stillClock
	changed <-chan struct{}
}

func watchDir(t *testing.T) *watched {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.hcl"), "# a\n")
	write(t, filepath.Join(dir, "templates/hello.md"), "hello\n")
	w := &watched{t: t, dir: dir, clock: &stillClock{waits: make(chan chan time.Time, 1024)}}
	var err error
	w.changed, err = Watch(t.Context(), dir, WatchOptions{After: w.clock.After})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// settle waits for the next notification, ends every quiet time that is begun
// until a change is told, and reports whether one was.
func (w *watched) settle() bool {
	w.t.Helper()
	select {
	case wait := <-w.clock.waits:
		wait <- time.Time{}
	case <-w.t.Context().Done():
		w.t.Fatal("the folder's notifications never came")
	}
	for {
		select {
		case wait := <-w.clock.waits:
			wait <- time.Time{}
		case _, open := <-w.changed:
			return open
		}
	}
}

// TestWatch goes through what editors and people do to a folder.
func TestWatch(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(t *testing.T, dir string){
		"a file is written": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.hcl"), "# b\n") },
		"a file is replaced": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, ".a.hcl.swp"), "# b\n")
			if err := os.Rename(filepath.Join(dir, ".a.hcl.swp"), filepath.Join(dir, "a.hcl")); err != nil {
				t.Fatal(err)
			}
		},
		"a file is removed": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "a.hcl")); err != nil {
				t.Fatal(err)
			}
		},
		"a template is written": func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "templates/hello.md"), "こんにちは\n")
		},
		"a folder appears": func(t *testing.T, dir string) { write(t, filepath.Join(dir, "more/deep/b.hcl"), "# b\n") },
		"a file changes its name": func(t *testing.T, dir string) {
			if err := os.Rename(filepath.Join(dir, "a.hcl"), filepath.Join(dir, "b.hcl")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := watchDir(t)
			edit(t, w.dir)
			if !w.settle() {
				t.Error("the change was not told")
			}
		})
	}
}

// TestWatchFollowsNewFolders: a file in a folder that appeared is seen too.
func TestWatchFollowsNewFolders(t *testing.T) {
	t.Parallel()
	w := watchDir(t)
	write(t, filepath.Join(w.dir, "new/b.hcl"), "# 1\n")
	w.settle()
	write(t, filepath.Join(w.dir, "new/b.hcl"), "# 2\n")
	if !w.settle() {
		t.Error("the change was not told")
	}
}

// TestWatchIgnoresWhatChangesNothing: files that are touched, hidden or of other
// kinds are no change; the one real change after them is told once.
func TestWatchIgnoresWhatChangesNothing(t *testing.T) {
	t.Parallel()
	w := watchDir(t)
	write(t, filepath.Join(w.dir, "a.hcl"), "# a\n")
	write(t, filepath.Join(w.dir, ".hidden.hcl"), "# h\n")
	write(t, filepath.Join(w.dir, "data.bin"), "x")
	for range 3 {
		wait := <-w.clock.waits
		wait <- time.Time{}
	}
	write(t, filepath.Join(w.dir, "a.hcl"), "# real\n")
	if !w.settle() {
		t.Fatal("the change was not told")
	}
	for len(w.clock.waits) > 0 {
		wait := <-w.clock.waits
		wait <- time.Time{}
	}
	select {
	case <-w.changed:
		t.Error("one change was told twice")
	default:
	}
}

// TestWatchEnds: the channel is closed when nobody wants it any more.
func TestWatchEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	changed, err := Watch(ctx, t.TempDir(), WatchOptions{After: (&stillClock{waits: make(chan chan time.Time, 1)}).After})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, open := <-changed; open {
		t.Error("a change was told of nothing")
	}
	if _, err := Watch(t.Context(), filepath.Join(t.TempDir(), "nowhere"), WatchOptions{}); err == nil {
		t.Error("a folder that is not there is watched")
	}
}
