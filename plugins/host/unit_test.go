package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

func TestRestarts(t *testing.T) {
	t.Parallel()
	policy := RestartPolicy{}.complete()
	now := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	r := restarts{policy: policy, seed: "mail"}
	around := func(got, want time.Duration) bool { return got >= want*8/10 && got <= want*12/10 }
	for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 64} {
		wait, quarantined := r.died(now, 0)
		if quarantined || !around(wait, want*time.Second) {
			t.Fatalf("death %d: %s, quarantined %v; want about %ds", i+1, wait, quarantined, want)
		}
		now = now.Add(wait)
	}
	if wait, quarantined := r.died(now, 0); !quarantined || wait != 10*time.Minute {
		t.Fatalf("8th death: %s, quarantined %v", wait, quarantined)
	}
	if wait, quarantined := r.died(now.Add(time.Hour), 5*time.Minute); quarantined || !around(wait, time.Second) {
		t.Fatalf("after a healthy spell: %s, quarantined %v", wait, quarantined)
	}
	again := restarts{policy: policy, seed: "mail"}
	first, _ := again.died(now, 0)
	other := restarts{policy: policy, seed: "crm"}
	second, _ := other.died(now, 0)
	if first == second {
		t.Error("two channels come back at the same instant")
	}
}

// Waits outside the window count for nothing: a plugin that dies every hour is
// never quarantined.
func TestRareDeathsDoNotQuarantine(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC)
	r := restarts{policy: RestartPolicy{}.complete(), seed: "mail"}
	for range 100 {
		now = now.Add(time.Hour)
		if _, quarantined := r.died(now, time.Minute); quarantined {
			t.Fatal("quarantined")
		}
	}
}

func TestQueueServesLanesInOrder(t *testing.T) {
	t.Parallel()
	q := newQueue(3)
	put := func(lane engine.Lane, n int) {
		t.Helper()
		if err := q.put(t.Context(), []item{{request: engine.Request{Lane: lane, Attempt: n}}}); err != nil {
			t.Fatal(err)
		}
	}
	put(engine.LaneBroadcast, 1)
	put(engine.LaneBroadcast, 2)
	put(engine.LaneNurture, 3)
	put(engine.LaneTossUp, 4)
	put(engine.LaneBroadcast, 5)
	if free := q.free(engine.LaneBroadcast); free != 0 {
		t.Errorf("%d free in a full lane", free)
	}
	if free := q.free(engine.LaneTossUp); free != 2 {
		t.Errorf("%d free for toss-ups beside a full lane", free)
	}
	order := func(n int) string {
		var s []string
		for _, it := range q.take(n, func(*engine.Request) bool { return true }) {
			s = append(s, fmt.Sprint(it.request.Attempt))
		}
		return strings.Join(s, " ")
	}
	if got := order(2); got != "4 3" {
		t.Errorf("first came %s", got)
	}
	back := q.take(1, func(*engine.Request) bool { return true })
	if left := q.back(back); left != nil {
		t.Error("an open queue refused what it gave")
	}
	if got := order(9); got != "1 2 5" {
		t.Errorf("then came %s", got)
	}
}

func TestQueueTakesAllOrNone(t *testing.T) {
	t.Parallel()
	q := newQueue(3)
	two := make([]item, 2)
	if err := q.put(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("enough"))
	if err := q.put(ctx, two); err == nil || q.len() != 2 {
		t.Fatalf("error %v, %d in the queue", err, q.len())
	}
	done := make(chan error, 1)
	go func() { done <- q.put(t.Context(), make([]item, 5)) }()
	q.take(2, func(*engine.Request) bool { return true })
	if err := get(t, "room", done); err != nil || q.len() != 5 {
		t.Fatalf("more than a lane holds into an empty one: %v, %d in the queue", err, q.len())
	}
	if n := len(q.close()); n != 5 {
		t.Errorf("%d came out of the closing queue", n)
	}
	if err := q.put(t.Context(), two); !errors.Is(err, errQueueClosed) {
		t.Errorf("closed queue: %v", err)
	}
}

// The row moves its items at times; none is lost or out of order.
func TestRowKeepsOrder(t *testing.T) {
	t.Parallel()
	var r row
	next, want := 0, 0
	for step := range 1000 {
		for range step % 7 {
			r.push(item{request: engine.Request{Attempt: next}})
			next++
		}
		for range step % 5 {
			if r.len() == 0 {
				break
			}
			it := r.pop()
			if it.request.Attempt != want {
				t.Fatalf("%d came instead of %d", it.request.Attempt, want)
			}
			if step%11 == 0 {
				r.unpop(it)
				continue
			}
			want++
		}
	}
	if r.len() != next-want {
		t.Fatalf("%d left, want %d", r.len(), next-want)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{"plain words", "DEBUG plain words"},
		{"[WARN] careful", "WARN careful"},
		{`{"@level":"error","@message":"no disk","@timestamp":"x","free":0}`, `ERROR no disk said=[free=0]`},
		{`{"level":30,"msg":"pino","pid":5,"time":1}`, "INFO pino"},
		{`{"level":"WARN","msg":"slog","n":[1,2]}`, `WARN slog said=[n=[1,2]]`},
		{`{"@message": {"a": 1}}`, `DEBUG {"@message": {"a": 1}}`},
		{`{"@message": "a", "@level": null}`, "DEBUG a"},
		{`null`, "DEBUG null"},
		{`{`, "DEBUG {"},
		{"panic: boom", "ERROR panic: boom"},
		{"\xff\xfe", "DEBUG \uFFFD"},
		{strings.Repeat("y", 10_000), "DEBUG " + strings.Repeat("y", maxLine)},
	} {
		j := newJournal()
		l := &lines{log: slog.New(j), clock: newStillClock()}
		l.read(strings.NewReader(c.line+"\n"), slog.LevelDebug)
		if got := j.all(); got != c.want {
			t.Errorf("%.60q\n got %.120s\nwant %.120s", c.line, got, c.want)
		}
	}
}

// After a Go panic began, its stack is an error too.
func TestPanicStack(t *testing.T) {
	t.Parallel()
	j := newJournal()
	l := &lines{log: slog.New(j), clock: newStillClock()}
	l.read(strings.NewReader("before\npanic: boom\ngoroutine 1 [running]:\nmain.main()"), slog.LevelDebug)
	if got := strings.Count(j.all(), "ERROR"); got != 3 {
		t.Errorf("%d errors:\n%s", got, j.all())
	}
	if l.last() != "before / panic: boom / goroutine 1 [running]: / main.main()" {
		t.Errorf("last words %q", l.last())
	}
}

func TestLineRate(t *testing.T) {
	t.Parallel()
	j, clock := newJournal(), newStillClock()
	l := &lines{log: slog.New(j), clock: clock}
	for range 250 {
		l.write([]byte("again"), slog.LevelDebug)
	}
	clock.mu.Lock()
	clock.advance(time.Second)
	clock.mu.Unlock()
	l.write([]byte("a second later"), slog.LevelDebug)
	if n := strings.Count(j.all(), "again"); n != lineRate {
		t.Errorf("%d lines in a second", n)
	}
	j.wait(t, 1, "WARN plugin wrote too much: 150 lines dropped")
	j.wait(t, 1, "a second later")
}

func TestRedact(t *testing.T) {
	t.Parallel()
	r := newRedactor([]string{"hunter2-password", "abc"})
	req := &engine.Request{Parts: []engine.Field{{Name: "subject", Value: engine.TextValue("田中 様へ")}}}
	for _, c := range []struct{ text, want string }{
		{"550 <Tanaka@example.co.jp>: no such user", "550 <<address>>: no such user"},
		{"login hunter2-password failed at abc", "login <secret> failed at abc"},
		{"subject 田中 様へ refused", "subject <subject> refused"},
		{"", ""},
	} {
		if got := r.detail(c.text, req); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
	if got := r.text(strings.Repeat("あ", 100), 10); got != "あああ…" {
		t.Errorf("cut to %q", got)
	}
}

// A host that was killed leaves its folder behind; the next one removes it, but
// no other's.
func TestFolders(t *testing.T) {
	base, err := os.MkdirTemp("/tmp", "t")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(base) })
	t.Setenv("TMPDIR", base)
	dead, err := openFolder("")
	if err != nil {
		t.Fatal(err)
	}
	_ = dead.lock.Close() // as the end of a process does
	living, err := openFolder("")
	if err != nil {
		t.Fatal(err)
	}
	third, err := openFolder("")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dead.path); !os.IsNotExist(err) {
		t.Errorf("the dead host's folder: %v", err)
	}
	if _, err := os.Stat(living.path); err != nil {
		t.Errorf("the living host's folder: %v", err)
	}
	if err := errors.Join(living.close(), third.close()); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(base); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}

	given := filepath.Join(base, "given")
	f, err := openFolder(given)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openFolder(given); err == nil || !strings.Contains(err.Error(), "in use by another server") {
		t.Errorf("error %v", err)
	}
	if err := errors.Join(os.Mkdir(filepath.Join(given, socketName+"1"), 0o700), f.close()); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(given); len(left) != 1 || left[0].Name() != lockName {
		t.Errorf("left behind: %v", left)
	}
	var all sync.WaitGroup
	for range 50 { // side by side, each sweeping what it may take for another's
		all.Go(func() {
			f, err := openFolder("")
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := os.Stat(f.path); err != nil {
				t.Error(err)
			}
			if err := f.close(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := openFolder(filepath.Join(base, strings.Repeat("x", 60))); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("error %v", err)
	}
}
