package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// scaleRules are rules under which every lead is in flight: it waits in a workflow,
// has a score that fades, and may be handed over.
const scaleRules = `
project "scale" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  text "company" {}
  number "employees" {}
}

event "viewed" {
  text "path" {}
}

event "inquired" {}
event "won" {}

score "interest" {
  half_life = "14d"
  range     = [0, 1000]

  rule "view" {
    on     = event.viewed
    points = 5
  }

  rule "price" {
    on     = event.viewed
    when   = "event.path == '/pricing'"
    points = 20
  }

  rule "inquiry" {
    on     = event.inquired
    points = 60
  }
}

segment "engaged" {
  when = "score.interest >= 30"
}

workflow "follow_up" {
  enter {
    on = event.viewed
  }

  steps {
    wait "think" {
      for = "WAIT"
    }

    wait "STEP" {
      for = "14d"
    }
  }
  MOVED
}

toss_up "hot" {
  when = "score.interest >= BAR"

  success {
    on     = event.won
    within = "90d"
  }
}
`

func scaleFolder(t *testing.T, name, bar, wait, step, moved string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	text := strings.NewReplacer("BAR", bar, "WAIT", wait, "STEP", step, "MOVED", moved).Replace(scaleRules)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "rules.hcl"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// scaleOf is a number that `make plan` sets.
func scaleOf(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s is a number from 1 on, not %q", name, text)
	}
	return n
}

// The built server with many leads in flight: what a plan and a replay cost in time
// and memory, what they do to those who call the server meanwhile, and how fast
// history is run compared with the rate at which it came in. In every test run it is
// small; `make plan` gives it a million leads. No time is asserted.
func TestPlanAndReplayBesideLiveTraffic(t *testing.T) {
	leads, each := scaleOf(t, "NURTURE_PLAN_LEADS", 2000), scaleOf(t, "NURTURE_PLAN_EVENTS", 3)
	quiet := time.Duration(scaleOf(t, "NURTURE_PLAN_QUIET_MS", 300)) * time.Millisecond
	bin := buildProgram(t)
	rules := scaleFolder(t, "rules", "70", "3d", "rest", "")
	proposed := scaleFolder(t, "proposed", "24", "5d", "pause", "moved {\n    from = step.rest\n    to   = step.pause\n  }")
	s := startScaleServer(t, bin, rules)

	begin := time.Now()
	s.fill(t, leads, each)
	live := float64(leads*each) / time.Since(begin).Seconds()
	t.Logf("%d leads in flight, %d events: taken at %.0f events/s (batches of 500, durable and decided), server's memory %s", leads, leads*each, live, s.memory(t))

	// Calls with and without a plan take turns: what else the machine does meanwhile
	// hits both. After the fill, the store has work of its own for a while.
	s.traffic(t, quiet, nil)
	var before, during latencies
	for range scaleOf(t, "NURTURE_PLAN_ROUNDS", 1) {
		without := s.traffic(t, quiet, nil)
		with := s.planned(t, leads, bin, proposed)
		before, during = append(before, without...), append(during, with...)
		logCalls(t, "calls of the server", without, with)
	}
	logCalls(t, "all rounds", before, during)
	s.replayed(t, leads, each, live, bin, proposed)
}

// logCalls tells what a plan does to those who call.
func logCalls(t *testing.T, what string, before, during latencies) {
	t.Helper()
	slices.Sort(before)
	slices.Sort(during)
	ratio := func(q float64) float64 { return float64(during.at(q)) / float64(before.at(q)) }
	t.Logf("%s: p99 %v without, %v while it plans: ratio %.2f; median %v, %v: ratio %.2f (%d and %d calls)",
		what, before.at(0.99), during.at(0.99), ratio(0.99), before.at(0.5), during.at(0.5), ratio(0.5), len(before), len(during))
}

// planned lets the server plan, and gives how long calls took meanwhile.
func (s *scaleServer) planned(t *testing.T, leads int, bin, proposed string) latencies {
	t.Helper()
	text := make(chan []byte, 1)
	started := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		text <- s.verb(t, bin, "plan", proposed, "--json")
	}()
	during := s.traffic(t, 0, done)
	took := time.Since(started)
	var plan struct {
		Plan struct {
			Seconds float64
			Effects struct {
				Leads     int
				Workflows []struct{ Inside, Keep, Move, Lost int }
			}
		}
	}
	if err := json.Unmarshal(<-text, &plan); err != nil {
		t.Fatal(err)
	}
	e := &plan.Plan.Effects
	// The callers' own events make new leads, so there are at least as many.
	if e.Leads < leads || len(e.Workflows) != 1 || e.Workflows[0].Inside < leads || e.Workflows[0].Lost != 0 {
		t.Errorf("the plan has seen %d leads, %+v inside; there are at least %d", e.Leads, e.Workflows, leads)
	}
	t.Logf("plan: %d leads in %.1f s (%.1f s with loading), server's memory at most %s", e.Leads, plan.Plan.Seconds, took.Seconds(), s.memory(t))
	return during
}

// replayed lets the server replay what it has recorded.
func (s *scaleServer) replayed(t *testing.T, leads, each int, live float64, bin, proposed string) {
	t.Helper()
	var replayed struct {
		Replay struct {
			Events  int
			Seconds float64
			Rules   []struct{ Leads int }
		}
	}
	if err := json.Unmarshal(s.verb(t, bin, "replay", proposed, "--live", "--json"), &replayed); err != nil {
		t.Fatal(err)
	}
	r := &replayed.Replay
	if r.Events < leads*each || len(r.Rules) != 1 || r.Rules[0].Leads < leads {
		t.Errorf("the replay has run %d events of %+v leads; there are at least %d of %d", r.Events, r.Rules, leads*each, leads)
	}
	rate := float64(r.Events) / r.Seconds
	t.Logf("replay: %d events in %.2f s, %.0f events/s: %.1f times the live rate; server's memory at most %s", r.Events, r.Seconds, rate, rate/live, s.memory(t))
}

// scaleServer is a server that runs beside the test.
type scaleServer struct {
	url string
	pid int
	n   atomic.Int64
}

func startScaleServer(t *testing.T, bin, rules string) *scaleServer {
	t.Helper()
	announce := filepath.Join(t.TempDir(), "url")
	cmd := exec.CommandContext(t.Context(), bin, "serve", rules, "--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0", "--announce", announce)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is stopped below
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-ended
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		select {
		case <-ended:
			t.Fatalf("the server ended:\n%s", log.String())
		default:
		}
		if b, err := os.ReadFile(announce); err == nil {
			if _, url, ok := strings.Cut(strings.TrimSpace(string(b)), "nurture "); ok {
				return &scaleServer{url: url, pid: cmd.Process.Pid}
			}
		}
	}
}

// fill sends events of many leads in batches, a few callers at once.
func (s *scaleServer) fill(t *testing.T, leads, each int) {
	t.Helper()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var callers sync.WaitGroup
	const size = 500
	for range 8 {
		callers.Go(func() {
			for failed.Load() == nil {
				from := int(next.Add(size)) - size
				if from >= leads*each {
					return
				}
				var b bytes.Buffer
				b.WriteString(`{"batch":[`)
				for i := from; i < min(from+size, leads*each); i++ {
					if i > from {
						b.WriteByte(',')
					}
					path := "/blog"
					if i%4 == 0 {
						path = "/pricing"
					}
					fmt.Fprintf(&b, `{"type":"track","event":"viewed","userId":"u%d","messageId":"f%d","properties":{"path":%q}}`, i%leads, i, path)
				}
				b.WriteString(`]}`)
				if err := s.post("/v1/batch", b.Bytes()); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	callers.Wait()
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
}

func (s *scaleServer) post(path string, body []byte) error {
	for {
		resp, err := http.Post(s.url+path, "application/json", bytes.NewReader(body))
		if err != nil {
			return err
		}
		resp.Body.Close()
		switch resp.StatusCode {
		case http.StatusOK:
			return nil
		case http.StatusTooManyRequests, http.StatusServiceUnavailable: // for now
			<-time.After(20 * time.Millisecond)
		default:
			return fmt.Errorf("POST %s: %s", path, resp.Status)
		}
	}
}

// latencies are those of many calls.
type latencies []time.Duration

func (l latencies) at(q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(len(l)-1, int(q*float64(len(l))))].Round(10 * time.Microsecond)
}

// traffic sends 200 single events a second, each at its time whether the ones before
// are answered or not, and measures from that time. It goes on for a time, or until
// done.
func (s *scaleServer) traffic(t *testing.T, long time.Duration, done <-chan struct{}) latencies {
	t.Helper()
	var mu sync.Mutex
	var all latencies
	var calls sync.WaitGroup
	begin := time.Now()
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		due := <-tick.C
		if done == nil && time.Since(begin) > long {
			tick.Stop()
			break
		}
		select {
		case <-done:
			tick.Stop()
			calls.Wait()
			slices.Sort(all)
			return all
		default:
		}
		calls.Go(func() {
			n := s.n.Add(1)
			body := fmt.Appendf(nil, `{"event":"viewed","userId":"t%d","messageId":"t%d","properties":{"path":"/"}}`, n, n)
			if err := s.post("/v1/track", body); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, time.Since(due))
		})
	}
	calls.Wait()
	slices.Sort(all)
	return all
}

// verb runs a verb against the server and gives what it prints.
func (s *scaleServer) verb(t *testing.T, bin string, args ...string) []byte {
	cmd := exec.CommandContext(t.Context(), bin, append(args, "--server", s.url)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("nurture %s: %v\n%s%s", args[0], err, stderr.String(), out)
	}
	return out
}

var memories = regexp.MustCompile(`(VmHWM|RssAnon|RssFile):\s+(\d+) kB`)

// memory is the most that the server has held, and what it holds now: of its own, and
// of the store's files, which the system takes back when it needs room.
func (s *scaleServer) memory(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	mib := map[string]int{}
	for _, m := range memories.FindAllSubmatch(b, -1) {
		kib, err := strconv.Atoi(string(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		mib[string(m[1])] = kib >> 10
	}
	if mib["VmHWM"] == 0 {
		t.Fatal("the machine does not tell the peak of memory")
	}
	return fmt.Sprintf("%d MiB (now %d of its own and %d of files)", mib["VmHWM"], mib["RssAnon"], mib["RssFile"])
}
