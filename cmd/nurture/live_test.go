package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/receiver"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// built is what a user installs, built once for all tests that start it.
var built = sync.OnceValues(func() (string, error) {
	bin := filepath.Join(os.Getenv("NURTURE_TEST_PROGRAMS"), "nurture")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return bin, nil
})

// buildProgram gives the program that a user installs. It is all tests', so nobody
// changes it.
func buildProgram(t *testing.T) string {
	t.Helper()
	bin, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

// rulesPaying is a workspace whose only rule pays so many points.
func rulesPaying(points int) string {
	return fmt.Sprintf(`project "live" { timezone = "Asia/Tokyo" }

lead {
  text "company" {}
}

event "inquired" {}

score "interest" {
  rule "inquiry" {
    on     = event.inquired
    points = %d
  }
}

toss_up "warm" {
  when = "score.interest >= 1"
}
`, points)
}

// write puts a file in its place at one blow: whoever watches the folder never sees
// the half of it. No program is started meanwhile, which would hold the file open for
// writing, so that a script can be run at once.
func write(t *testing.T, file, text string) {
	t.Helper()
	fresh := filepath.Join(t.TempDir(), "fresh")
	syscall.ForkLock.RLock()
	err := os.WriteFile(fresh, []byte(text), 0o600)
	syscall.ForkLock.RUnlock()
	if err == nil {
		err = os.Rename(fresh, file)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// ask calls the API and reads the answer into out.
func (s *served) ask(t *testing.T, method, path string, body, out any) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(path, "/v1/") {
		req.SetBasicAuth(webKey, "")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, answer, err)
	}
	if raw, ok := out.(*[]byte); ok {
		*raw = answer
	} else if err := json.Unmarshal(answer, out); err != nil {
		t.Fatal(err)
	}
}

type liveStatus struct {
	Revision uint32
	Rules    struct {
		OK       bool
		Problems []string
	}
	Plugins []struct {
		State    string
		Restarts int
	}
}

// until asks for the status until it is as wanted.
func (s *served) until(t *testing.T, what string, ok func(liveStatus) bool) liveStatus {
	t.Helper()
	patience := enginetest.Patience(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var st liveStatus
		s.ask(t, http.MethodGet, "/api/v1/status", nil, &st)
		if ok(st) {
			return st
		}
		select {
		case <-patience.Done():
			t.Fatalf("%s did not come about: %+v", what, st)
		case <-tick.C:
		}
	}
}

// Rules are edited while events stream in: no event is lost, none is decided
// twice, and the decision log names the revision that took each decision. A file
// with problems changes nothing and is shown until it is mended.
func TestRulesChangeWhileEventsStream(t *testing.T) {
	t.Parallel()
	rules := t.TempDir()
	file := filepath.Join(rules, "rules.hcl")
	write(t, file, rulesPaying(1))
	s := startServer(t, buildProgram(t), rules, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")

	stop, sent := make(chan struct{}), make(chan int)
	end := sync.OnceValue(func() int {
		close(stop)
		return <-sent
	})
	defer end() // in every way out: a goroutine that outlives its test must not speak in it
	answered := make(chan struct{})
	go func() {
		n := 0
		for {
			select {
			case <-stop:
				sent <- n
				return
			case answered <- struct{}{}: // to who waits for it
			default:
			}
			n += s.stream(t, n, 25)
		}
	}()
	patience := enginetest.Patience(t)
	decided := func() { // by the rules in force: what is under way now may be older
		for range 3 {
			select {
			case <-answered:
			case <-patience.Done():
				t.Fatal("the stream of events has stopped")
			}
		}
	}
	decided()
	const edits = 8
	for edit := 2; edit <= edits; edit++ {
		before := s.until(t, "a good load", func(st liveStatus) bool { return st.Rules.OK })
		write(t, file, strings.Replace(rulesPaying(edit), "event.inquired\n", "event.inquird\n", 1))
		bad := s.until(t, "a refused reload", func(st liveStatus) bool { return !st.Rules.OK })
		if bad.Revision != before.Revision || len(bad.Rules.Problems) == 0 || !strings.Contains(bad.Rules.Problems[0], "rules.hcl") {
			t.Errorf("a file with problems: revision %d → %d, shown %q", before.Revision, bad.Revision, bad.Rules.Problems)
		}
		var metrics []byte
		s.ask(t, http.MethodGet, "/metrics", nil, &metrics)
		if !bytes.Contains(metrics, []byte("nurture_config_last_reload_successful 0")) {
			t.Error("the metric does not show the refused reload")
		}
		write(t, file, rulesPaying(edit))
		s.until(t, "the next revision", func(st liveStatus) bool { return st.Revision == before.Revision+1 && st.Rules.OK })
		decided()
	}
	s.checkDecisions(t, end(), edits)
	s.stop(t)
}

// streamLeads is how many leads the stream is about at a time. After streamEach events
// it turns to as many others, so that no journal becomes long, however long it goes on.
const streamLeads, streamEach = 200, 20_000

// streamLead is whom an event of the stream is about.
func streamLead(n int) int { return n/streamEach*streamLeads + n%streamLeads }

// stream sends a batch of events, from number n on.
func (s *served) stream(t *testing.T, n, size int) int {
	var batch []map[string]any
	for i := n; i < n+size; i++ {
		batch = append(batch, map[string]any{
			"type": "track", "event": "inquired", "messageId": "m" + strconv.Itoa(i), "userId": "u" + strconv.Itoa(streamLead(i)),
		})
	}
	b, _ := json.Marshal(map[string]any{"batch": batch})
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v1/batch", bytes.NewReader(b))
	req.SetBasicAuth(webKey, "")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Errorf("send: %v", err)
		return 0
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("send: %d", resp.StatusCode)
		return 0
	}
	return size
}

// checkDecisions reads every lead's journal: each event once, and paid by the
// revision that its decision names, whose points are its number.
func (s *served) checkDecisions(t *testing.T, sent, revisions int) {
	t.Helper()
	seen, used := map[string]bool{}, map[uint32]int{}
	for lead := range sent/streamEach*streamLeads + min(streamLeads, sent%streamEach) {
		var doc struct {
			Facts []struct {
				Revision  uint32
				MessageID string
				Decisions []struct {
					Kind   string
					Points float64
				}
			}
		}
		s.ask(t, http.MethodGet, fmt.Sprintf("/api/v1/leads/u%d?facts=1000", lead), nil, &doc)
		for _, f := range doc.Facts {
			if f.MessageID == "" {
				continue
			}
			if seen[f.MessageID] {
				t.Errorf("event %s stands twice in the journal", f.MessageID)
			}
			seen[f.MessageID] = true
			used[f.Revision]++
			for _, d := range f.Decisions {
				if d.Kind == "scored" && d.Points != float64(f.Revision) {
					t.Errorf("revision %d paid %v points", f.Revision, d.Points)
				}
			}
		}
		if len(doc.Facts) == 1000 {
			t.Fatal("more facts than one answer holds: let the stream be spread over more leads")
		}
	}
	if len(seen) != sent {
		t.Errorf("%d events are in the journals, %d were answered with 200", len(seen), sent)
	}
	for r := range used {
		if r < 1 || r > uint32(revisions) {
			t.Errorf("a decision names revision %d, which never existed", r)
		}
	}
	if len(used) < revisions {
		t.Errorf("only revisions %v decided anything", used)
	}
}

// A plugin's process is killed while it works, once before the receiver has done
// anything and once after it has: it is back, and the action is done once.
func TestPluginKilledWhileItWorks(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	for _, done := range []bool{false, true} {
		t.Run(fmt.Sprintf("done=%v", done), func(t *testing.T) {
			t.Parallel()
			sales, err := receiver.New(receiver.Options{Secrets: []string{salesSecret}})
			if err != nil {
				t.Fatal(err)
			}
			working, release := make(chan struct{}, 1), make(chan struct{})
			first := make(chan struct{}, 1)
			first <- struct{}{}
			desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-first:
				default:
					sales.ServeHTTP(w, r)
					return
				}
				if done {
					sales.ServeHTTP(httptest.NewRecorder(), r)
				}
				working <- struct{}{}
				<-release
			}))
			defer desk.Close()
			s := startServer(t, bin, patientOlist(t), filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", desk.URL)
			s.ask(t, http.MethodPost, "/v1/track", map[string]any{
				"event": "Contact Requested", "messageId": "m1", "userId": "u1", "properties": map[string]any{"origin": "unknown"},
			}, &struct{}{})
			<-working
			killChildren(t, s.cmd.Process.Pid)
			close(release)
			if err := sales.Wait(enginetest.Patience(t), func(tally receiver.Tally) bool {
				return tally.Taken == 1 && (!done || tally.Repeats == 1)
			}); err != nil {
				t.Error(err)
			}
			s.until(t, "a restarted plugin", func(st liveStatus) bool { return len(st.Plugins) == 1 && st.Plugins[0].Restarts >= 1 })
			s.stop(t)
			if tally := sales.Tally(); tally.Taken != 1 || tally.Conflicts != 0 || tally.Rejected != 0 {
				t.Errorf("the receiver counted %+v, want the action once", tally)
			}
		})
	}
}

// patientOlist is the recorded company's workspace with a channel that asks again soon,
// and that no outage of a busy machine wears out.
func patientOlist(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("testdata", "olist", "olist.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	patient := regexp.MustCompile(`retry += "[^"]*"`).ReplaceAllString(string(src), `retry = "20 times over 24h"`)
	if patient == string(src) {
		t.Fatal("the workspace's retry has changed")
	}
	write(t, filepath.Join(dir, "olist.hcl"), patient)
	return dir
}

// killChildren kills the processes that a process has started: its plugins.
func killChildren(t *testing.T, parent int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	killed := 0
	for _, file := range stats {
		b, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended since
		}
		_, rest, _ := strings.Cut(string(b), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[1] != strconv.Itoa(parent) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		killed++
	}
	if killed == 0 {
		t.Fatal("the server runs no plugin process")
	}
}
