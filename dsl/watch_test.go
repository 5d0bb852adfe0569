package dsl

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// stillClock is a shell's clock that only the test moves: each wait that the
// watcher asks for is handed to the test, which lets it end.
type stillClock struct {
	waits chan chan time.Time
}

func (c *stillClock) After(d time.Duration) <-chan time.Time {
	if d == longestUnrest*defaultQuiet {
		return nil // what a test writes has an end
	}
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
	return startWatch(t, dir, WatchOptions{Poll: -1})
}

func startWatch(t *testing.T, dir string, o WatchOptions) *watched {
	t.Helper()
	w := &watched{t: t, dir: dir, clock: &stillClock{waits: make(chan chan time.Time, 4096)}}
	o.After = w.clock.After
	var err error
	w.changed, err = Watch(t.Context(), dir, o)
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

// replace changes a file as many editors do: whoever reads it meanwhile has all of the
// old text or all of the new, and never an empty file in between.
func replace(t *testing.T, file, text string) {
	t.Helper()
	swap := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".swp")
	write(t, swap, text)
	if err := os.Rename(swap, file); err != nil {
		t.Fatal(err)
	}
}

// TestWatch goes through what editors and people do to a folder.
func TestWatch(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(t *testing.T, dir string){
		"a file is written":  func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.hcl"), "# b\n") },
		"a file is replaced": func(t *testing.T, dir string) { replace(t, filepath.Join(dir, "a.hcl"), "# b\n") },
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
	replace(t, filepath.Join(w.dir, "a.hcl"), "# real\n") // the watcher may be looking still
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
	changed, err := Watch(ctx, t.TempDir(), WatchOptions{After: (&stillClock{waits: make(chan chan time.Time, 1)}).After, Poll: -1})
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

// mounted is a folder as Kubernetes mounts it: links to a folder that a link names.
func mounted(t *testing.T) (dir string, swap func(release, content string)) {
	t.Helper()
	dir = t.TempDir()
	swap = func(release, content string) {
		write(t, filepath.Join(dir, release, "a.hcl"), content)
		write(t, filepath.Join(dir, release, "templates/hello.md"), content)
		link := filepath.Join(dir, "..data_tmp")
		if err := os.Symlink(release, link); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(link, filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	swap("..1", "# 1\n")
	for _, name := range []string{"a.hcl", "templates"} {
		if err := os.Symlink(filepath.Join("..data", name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir, swap
}

// TestWatchFollowsMounts: a mounted folder has all its files, and changes when its
// one link is turned, again and again.
func TestWatchFollowsMounts(t *testing.T) {
	t.Parallel()
	dir, swap := mounted(t)
	files, err := listFiles(os.DirFS(dir))
	if err != nil || len(files.hcl) != 1 || len(files.templates) != 1 {
		t.Fatalf("the mounted folder has %+v, %v", files, err)
	}
	w := startWatch(t, dir, WatchOptions{Poll: -1})
	for _, release := range []string{"..2", "..3", "..4"} {
		swap(release, "# "+release+"\n")
		if !w.settle() {
			t.Fatalf("the swap to %s was not told", release)
		}
	}
	write(t, filepath.Join(dir, "templates", "hello.md"), "# inside what the link points to\n")
	if !w.settle() {
		t.Error("a change inside the folder that a link points to was not told")
	}
}

// TestWatchFollowsReleases: the workspace itself is a link that is turned.
func TestWatchFollowsReleases(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	current := filepath.Join(top, "current")
	turn := func(release string) {
		write(t, filepath.Join(top, release, "a.hcl"), "# "+release+"\n")
		link := filepath.Join(top, "next")
		if err := os.Symlink(release, link); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(link, current); err != nil {
			t.Fatal(err)
		}
	}
	turn("r1")
	w := startWatch(t, current, WatchOptions{Poll: -1})
	turn("r2")
	if !w.settle() {
		t.Fatal("the next release was not told")
	}
	write(t, filepath.Join(top, "r2", "a.hcl"), "# r2, mended\n")
	if !w.settle() {
		t.Error("a change in the next release was not told")
	}
}

// TestWatchPolls: where nobody tells of changes, the folder is looked at.
func TestWatchPolls(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.hcl"), "# a\n")
	w := startWatch(t, dir, WatchOptions{unwatched: true})
	write(t, filepath.Join(dir, "a.hcl"), "# longer\n")
	if !w.settle() {
		t.Fatal("the change was not told")
	}
	write(t, filepath.Join(dir, "templates/new.md"), "new\n")
	if !w.settle() {
		t.Error("the new file was not told")
	}
}

// TestWatchTellsOnceOfACheckout: hundreds of files that are written together are one
// change, told when the last of them lies still.
func TestWatchTellsOnceOfACheckout(t *testing.T) {
	t.Parallel()
	w := watchDir(t)
	for i := range 300 {
		write(t, filepath.Join(w.dir, "flows", "f"+strconv.Itoa(i)+".hcl"), "# "+strconv.Itoa(i)+"\n")
	}
	if !w.settle() {
		t.Fatal("the checkout was not told")
	}
	for len(w.clock.waits) > 0 {
		wait := <-w.clock.waits
		wait <- time.Time{}
	}
	select {
	case <-w.changed:
		t.Error("one checkout was told twice")
	default:
	}
}

// TestWatchPollsCoarseTimes: a file that is written twice within what its time tells
// apart, with as many bytes, is looked at twice.
func TestWatchPollsCoarseTimes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.hcl")
	second := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	put := func(text string) {
		write(t, file, text)
		if err := os.Chtimes(file, second, second); err != nil {
			t.Fatal(err)
		}
	}
	put("# at least 60\n")
	w := &watcher{dir: dir}
	w.polled()
	put("# at least 70\n")
	if !w.polled() {
		t.Error("the file that was written again when the watch began is not looked at")
	}
	if w.polled() {
		t.Error("a file that lies still is looked at for ever")
	}
	second = second.Add(time.Second)
	put("# at least 80\n")
	if !w.polled() {
		t.Error("the file that was written later is not looked at")
	}
	put("# at least 90\n")
	if !w.polled() {
		t.Error("the file that was written again in that second is not looked at")
	}
	if w.polled() {
		t.Error("a file that lies still is looked at for ever")
	}
}

// told ends every wait until a change is told, and reports that one was.
func (w *watched) told() bool {
	for {
		select {
		case wait := <-w.clock.waits:
			wait <- time.Time{}
		case _, open := <-w.changed:
			return open
		}
	}
}

// TestWatchWaitsForGit: while git holds its lock, half of what it writes is not told;
// a lock that is left behind does not hold for ever.
func TestWatchWaitsForGit(t *testing.T) {
	t.Parallel()
	for name, place := range map[string]func(t *testing.T, dir string) string{
		"a repository": func(t *testing.T, dir string) string { return filepath.Join(dir, ".git", "index.lock") },
		"a linked work tree": func(t *testing.T, dir string) string {
			git := t.TempDir()
			write(t, filepath.Join(dir, ".git"), "gitdir: "+git+"\n")
			return filepath.Join(git, "index.lock")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			rules := filepath.Join(dir, "rules")
			write(t, filepath.Join(rules, "a.hcl"), "# a\n")
			lock := place(t, dir)
			write(t, lock, "")
			w := startWatch(t, rules, WatchOptions{Poll: -1})
			write(t, filepath.Join(rules, "a.hcl"), "# half\n")
			for range 3 * longestLock / 4 {
				(<-w.clock.waits) <- time.Time{}
			}
			select {
			case <-w.changed:
				t.Fatal("half a checkout was told")
			default:
			}
			if err := os.Remove(lock); err != nil {
				t.Fatal(err)
			}
			if !w.told() {
				t.Fatal("the checkout was not told")
			}
			write(t, lock, "")
			write(t, filepath.Join(rules, "a.hcl"), "# later\n")
			if !w.told() {
				t.Error("a lock that is left behind holds for ever")
			}
		})
	}
}

// TestWatchLooksAtWhatIsNeverQuiet: where something writes for ever, the folder is
// looked at all the same.
func TestWatchLooksAtWhatIsNeverQuiet(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	restless := make(chan chan time.Time, 64)
	changed, err := Watch(t.Context(), dir, WatchOptions{Poll: -1, After: func(d time.Duration) <-chan time.Time {
		if d != longestUnrest*defaultQuiet {
			return nil // it never comes to rest
		}
		ch := make(chan time.Time, 1)
		restless <- ch
		return ch
	}})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "a.hcl"), "# a\n")
	for {
		select {
		case wait := <-restless:
			wait <- time.Time{}
		case _, open := <-changed:
			if !open {
				t.Error("the watch ended")
			}
			return
		case <-t.Context().Done():
			t.Fatal("the change was never told")
		}
	}
}
