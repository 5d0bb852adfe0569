package host

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// patience is how long a test waits for what must come.
const patience = 2 * time.Minute

func testOptions(modes ...string) Options {
	o := Options{
		Builtin:   func(mode string) []string { return []string{os.Args[0], "plugin", "serve", mode} },
		PingEvery: 100 * time.Millisecond,
		// Two cores may be shared with a hundred processes: who is well is not taken for
		// hung because it had to wait for them. Tests of what hangs set their own.
		StartTimeout: patience,
		StopTimeout:  patience,
		PingTimeout:  patience / 4,
		graces:       graces{patience, patience, patience},
		Restarts:     RestartPolicy{Min: 10 * time.Millisecond, Max: 50 * time.Millisecond, Crashes: -1},
	}
	for _, mode := range modes {
		o.Catalog = append(o.Catalog, describeRelay(mode))
	}
	return o
}

// newHost starts a host with one channel for each mode, under the mode's name.
func newHost(t testing.TB, receiver *receiver, log *journal, modes ...string) *Host {
	t.Helper()
	o := testOptions(modes...)
	return newHostWith(t, o, receiver, log, modes...)
}

func newHostWith(t testing.TB, o Options, receiver *receiver, log *journal, modes ...string) *Host {
	t.Helper()
	if log != nil {
		o.Log = slog.New(log)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := h.Apply(t.Context(), configs(receiver, modes...)); err != nil {
		t.Fatal(err)
	}
	return h
}

func configs(receiver *receiver, modes ...string) []Config {
	var list []Config
	for _, mode := range modes {
		values := map[string]any{"receiver": "nowhere", "token": "s3cret-token"}
		if receiver != nil {
			values["receiver"] = receiver.addr
		}
		list = append(list, Config{Name: mode, Plugin: mode, Values: values})
	}
	return list
}

func request(channelName string, n, attempt int) engine.Request {
	r := engine.Request{Channel: channelName, Kind: "relay", Lane: engine.LaneNurture, Attempt: attempt}
	copy(r.Key[:], fmt.Sprintf("key%013d", n))
	r.Parts = []engine.Field{{Name: "to", Value: engine.TextValue("tanaka@example.co.jp")}}
	return r
}

// send sends and gives the channel on which the receipts come.
func send(t testing.TB, h *Host, requests ...engine.Request) <-chan engine.Receipt {
	t.Helper()
	receipts := make(chan engine.Receipt, 2*len(requests)+1)
	if err := h.Send(t.Context(), requests, func(r engine.Receipt) { receipts <- r }); err != nil {
		t.Fatal(err)
	}
	return receipts
}

func get[T any](t testing.TB, what string, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatalf("%s did not come", what)
		panic("unreachable")
	}
}

func wantOutcome(t testing.TB, r engine.Receipt, outcome engine.Outcome, code string) {
	t.Helper()
	if r.Outcome != outcome || r.Code != code {
		t.Fatalf("receipt is %v %q (%s), want %v %q", r.Outcome, r.Code, r.Detail, outcome, code)
	}
}

// receiver is the service behind the relay channel. It honours keys: what it was
// told under a key that it has is counted once.
type receiver struct {
	addr string
	said chan string // every line as it comes, and "bye KEY" at the end of a connection

	mu     sync.Mutex
	answer func(line string) string // blocks as it likes
	done   map[string]int           // finals by key
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{addr: lis.Addr().String(), done: map[string]int{}, said: make(chan string, 100_000)}
	r.answers(func(string) string { return "ok" })
	var conns sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	conns.Go(func() {
		for {
			c, err := lis.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(ctx, func() { c.Close() })
			conns.Go(func() { r.serve(c) })
		}
	})
	t.Cleanup(func() { lis.Close(); cancel(); conns.Wait() })
	return r
}

// answers sets what the receiver says to a line.
func (r *receiver) answers(f func(line string) string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func (r *receiver) serve(c net.Conn) {
	defer c.Close()
	lines := bufio.NewScanner(c)
	key := ""
	defer func() { r.said <- "bye " + key }()
	for lines.Scan() {
		line := lines.Text()
		words := strings.Fields(line)
		key = words[1]
		if words[0] == "final" {
			r.mu.Lock()
			r.done[words[1]]++
			r.mu.Unlock()
		}
		r.said <- line
		if words[0] == "linger" {
			continue
		}
		r.mu.Lock()
		answer := r.answer
		r.mu.Unlock()
		fmt.Fprintln(c, answer(line))
	}
}

func (r *receiver) finals(key engine.ActionKey) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done[key.String()]
}

// journal is a slog handler that tests wait on.
type journal struct {
	mu      sync.Mutex
	lines   []string
	changed chan struct{}
	attrs   string
	root    *journal
}

func newJournal() *journal {
	j := &journal{changed: make(chan struct{})}
	j.root = j
	return j
}

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }
func (j *journal) WithGroup(string) slog.Handler            { return j }

func (j *journal) WithAttrs(attrs []slog.Attr) slog.Handler {
	sub := &journal{root: j.root, attrs: j.attrs}
	for _, a := range attrs {
		sub.attrs += " " + a.String()
	}
	return sub
}

func (j *journal) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message + j.attrs
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	j.root.mu.Lock()
	defer j.root.mu.Unlock()
	j.root.lines = append(j.root.lines, line)
	close(j.root.changed)
	j.root.changed = make(chan struct{})
	return nil
}

// wait waits for the nth line (from 1) that holds all the words.
func (j *journal) wait(t testing.TB, nth int, words ...string) string {
	t.Helper()
	deadline := time.After(patience)
	for {
		j.mu.Lock()
		found := j.find(words)
		changed, all := j.changed, j.shortened()
		j.mu.Unlock()
		if len(found) >= nth {
			return found[nth-1]
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the log never said %q %d times:\n%s", words, nth, all)
		}
	}
}

func (j *journal) find(words []string) []string {
	return slices.DeleteFunc(slices.Clone(j.lines), func(line string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) })
	})
}

// shortened is the end of the log for people, each line cut. The caller holds the
// lock.
func (j *journal) shortened() string {
	var b strings.Builder
	for _, line := range j.lines[max(0, len(j.lines)-40):] {
		b.WriteString(cut(line, 200) + "\n")
	}
	return b.String()
}

func (j *journal) all() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}

// stillClock stands still until it is moved.
type stillClock struct {
	mu      sync.Mutex
	now     time.Time
	timers  []*stillTimer
	changed chan struct{}
}

type stillTimer struct {
	at   time.Time
	d    time.Duration
	fire chan time.Time
}

func newStillClock() *stillClock {
	return &stillClock{now: time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC), changed: make(chan struct{})}
}

func (c *stillClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *stillClock) After(d time.Duration) (<-chan time.Time, func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	timer := &stillTimer{at: c.now.Add(d), d: d, fire: make(chan time.Time, 1)}
	c.timers = append(c.timers, timer)
	close(c.changed)
	c.changed = make(chan struct{})
	return timer.fire, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.timers = slices.DeleteFunc(c.timers, func(o *stillTimer) bool { return o == timer })
	}
}

// passUntil lets d pass whenever somebody waits for d, until something comes. Once
// may not do: who is about to wait for something else does not see that d has passed.
func passUntil[T any](t testing.TB, c *stillClock, d time.Duration, from <-chan T) T {
	t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		changed := c.changed
		waited := slices.ContainsFunc(c.timers, func(o *stillTimer) bool { return o.d == d })
		if waited && len(from) == 0 {
			c.advance(d)
		}
		c.mu.Unlock()
		select {
		case v := <-from:
			return v
		case <-changed:
		case <-deadline:
			t.Fatalf("nothing came of %s", d)
		}
	}
}

// pass waits until somebody waits for d, then lets d pass.
func (c *stillClock) pass(t testing.TB, d time.Duration) {
	t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		waited := slices.ContainsFunc(c.timers, func(o *stillTimer) bool { return o.d == d })
		changed := c.changed
		if waited {
			c.advance(d)
		}
		c.mu.Unlock()
		if waited {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("nobody waits for %s", d)
		}
	}
}

func (c *stillClock) advance(d time.Duration) {
	c.now = c.now.Add(d)
	c.timers = slices.DeleteFunc(c.timers, func(o *stillTimer) bool {
		due := !o.at.After(c.now)
		if due {
			o.fire <- c.now
		}
		return due
	})
}
