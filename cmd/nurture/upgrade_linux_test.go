package main_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

const upgradeRules = `project "upgrade" { timezone = "Asia/Tokyo" }

lead {
  key = "email"

  text "email" {}
}

event "asked" {}

workflow "answer" {
  enter { on = event.asked }

  steps {
    poster "hello" { text = "{{ lead.email ?? '' }}" }
  }
}

channel "post" {
  plugin = "poster"

  config { url = %q }
}
`

// postOffice counts what each release of the plugin posts.
type postOffice struct {
	mu       sync.Mutex
	keys     map[string]int
	texts    map[string]int
	releases map[string]int
	changed  chan struct{} // closed and replaced with every message
}

func (o *postOffice) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.keys[r.Header.Get("Idempotency-Key")]++
	o.texts[string(text)]++
	o.releases[r.Header.Get("X-Release")]++
	close(o.changed)
	o.changed = make(chan struct{})
}

func (o *postOffice) until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	patience := enginetest.Patience(t)
	for {
		o.mu.Lock()
		so, changed := ok(), o.changed
		o.mu.Unlock()
		if so {
			return
		}
		select {
		case <-changed:
		case <-patience.Done():
			t.Fatalf("%s did not come about: %v of %d messages", what, o.releases, len(o.keys))
		}
	}
}

// buildPoster puts a release of the plugin into a workspace, at one blow.
func buildPoster(t *testing.T, rules, release string) {
	t.Helper()
	built := filepath.Join(t.TempDir(), "poster")
	if out, err := exec.Command("go", "build", "-ldflags", "-X main.release="+release, "-o", built, "./testdata/poster").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	folder := filepath.Join(rules, "plugins")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(built, filepath.Join(folder, "nurture-plugin-poster")); err != nil {
		t.Fatal(err)
	}
}

func lockPlugins(t *testing.T, bin, rules string) {
	t.Helper()
	if out, err := exec.Command(bin, "plugin", "lock", rules).CombinedOutput(); err != nil {
		t.Fatalf("lock: %v\n%s", err, out)
	}
}

// A plugin is replaced and locked while messages stream through it: the new release
// takes over, and every message is posted once. When the server is killed, none of
// its processes is left.
func TestPluginUpgradedUnderLoad(t *testing.T) {
	t.Parallel()
	office := &postOffice{keys: map[string]int{}, texts: map[string]int{}, releases: map[string]int{}, changed: make(chan struct{})}
	service := httptest.NewServer(office)
	t.Cleanup(service.Close)
	rules, bin := t.TempDir(), buildProgram(t)
	write(t, filepath.Join(rules, "rules.hcl"), fmt.Sprintf(upgradeRules, service.URL))
	buildPoster(t, rules, "1.0.0")
	lockPlugins(t, bin, rules)
	s := startServer(t, bin, rules, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")

	sent := 0
	stream := func(n int) {
		for range n {
			var batch []any
			for range 10 {
				who := fmt.Sprintf("lead%04d", sent)
				batch = append(batch,
					map[string]any{"type": "identify", "messageId": "i" + who, "userId": who, "traits": map[string]any{"email": who + "@example.com"}},
					map[string]any{"type": "track", "messageId": "t" + who, "userId": who, "event": "asked"})
				sent++
			}
			s.ask(t, http.MethodPost, "/v1/batch", map[string]any{"batch": batch}, &struct{}{})
		}
	}
	stream(20)
	office.until(t, "a message of the old release", func() bool { return office.releases["1.0.0"] > 0 })
	buildPoster(t, rules, "2.0.0")
	stream(20) // the old release goes on: the new one is not locked
	lockPlugins(t, bin, rules)
	for range 200 {
		stream(1)
		office.mu.Lock()
		over := office.releases["2.0.0"] > 0
		office.mu.Unlock()
		if over {
			break
		}
	}
	office.until(t, "a message of the new release", func() bool { return office.releases["2.0.0"] > 0 })
	stream(20)
	office.until(t, "every message", func() bool { return len(office.texts) == sent })
	st := s.until(t, "the new plugin", func(st liveStatus) bool { return len(st.Plugins) == 1 && st.Plugins[0].State == "running" })
	if st.Plugins[0].Restarts != 0 || !st.Rules.OK {
		t.Errorf("status %+v", st)
	}
	office.mu.Lock()
	if n := slices.Max(slices.Collect(maps.Values(office.keys))); n != 1 || len(office.keys) != sent {
		t.Errorf("%d messages, %d keys, one of them came %d times", sent, len(office.keys), n)
	}
	t.Logf("%d messages, by release %v, each once", sent, office.releases)
	office.mu.Unlock()
	s.killWithChildren(t)
}

// killWithChildren kills the server and waits until none of its processes is left.
func (s *served) killWithChildren(t *testing.T) {
	t.Helper()
	children := s.children(t)
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.gone()
	for _, fd := range children {
		untilEnded(t, fd)
	}
}

// children are the pidfds of the server's processes. Their numbers alone may be given to
// others when they have ended.
func (s *served) children(t *testing.T) (fds []int) {
	t.Helper()
	for _, pid := range childrenOf(t, s.cmd.Process.Pid) {
		fd, err := unix.PidfdOpen(pid, 0)
		if err == unix.ESRCH {
			continue // it has just ended: one of an old release
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(fd) })
		fds = append(fds, fd)
	}
	return fds
}

// untilEnded waits until the process of a pidfd is over.
func untilEnded(t *testing.T, fd int) {
	t.Helper()
	patience := enginetest.Patience(t)
	for fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}; ; {
		n, err := unix.Poll(fds, 1000)
		switch {
		case n == 1:
			return
		case err != nil && err != unix.EINTR, patience.Err() != nil:
			t.Fatalf("a process of the server's lives on (%v)", err)
		}
	}
}
