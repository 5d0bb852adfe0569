package main_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// The secrets of the server under attack. Those who attack know the write key, which
// stands in web pages, and nothing else.
const (
	hostileAPIKey   = "ops-key-that-nobody-outside-knows"
	hostileTracking = "tracking-secret-of-the-server-under-attack"
	hostileShop     = "shop-secret-of-the-server"
	hostileCloud    = "cloud-token-of-the-server"
	hostileHook     = "whsec_aG9zdGlsZS1ob3N0aWxlLWhvc3RpbGUtaG9zdGlsZS0="
)

// personal is data that must be in no log, metric or address.
const personal = "hanako.yamada"

// siege is a server under attack.
type siege struct {
	*served
	t        *testing.T
	patience context.Context
	keys     *tracking.Keys
	bin      string
	canary   atomic.Int64 // requests that arrived where none may go
	long     bool

	mu     sync.Mutex
	counts map[string]*attackCount
	let    []string // what was let in, or fell
}

// attackCount is what became of one kind of attack.
type attackCount struct {
	attempts, refused, taken, fell, let int
}

// times is how often an attack is made: a little in every run of the tests, much more
// in the long form.
func (s *siege) times(n int) int {
	if s.long {
		return 25 * n
	}
	return n
}

// note counts an attempt. status 0 is a connection that the server closed; taken says
// that a 2xx is nothing bad here, because it was an event like any other.
func (s *siege) note(kind string, status int, mayBeTaken bool, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts[kind]
	if c == nil {
		c = &attackCount{}
		s.counts[kind] = c
	}
	c.attempts++
	switch {
	case status == http.StatusServiceUnavailable || status == http.StatusNotImplemented || status == http.StatusHTTPVersionNotSupported:
		c.refused++
	case status >= 500:
		c.fell++
		s.let = append(s.let, fmt.Sprintf("%s: %d for %.200q", kind, status, what))
	case status >= 200 && status < 400 && mayBeTaken:
		c.taken++
	case status >= 200 && status < 400:
		c.let++
		s.let = append(s.let, fmt.Sprintf("%s: %d for %.200q", kind, status, what))
	default:
		c.refused++
	}
}

// send makes a request and gives its status and answer; 0 when the server closed the
// connection.
func (s *siege) send(method, path string, body []byte, headers ...string) (status int, answer string) {
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return http.StatusBadRequest, "" // no client can send this
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		} else {
			req.Header[http.CanonicalHeaderKey(headers[i])] = []string{headers[i+1]}
		}
	}
	resp, err := attacker.Do(req)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if resp.StatusCode == http.StatusSeeOther && resp.Header.Get("Location") == "/signin" {
		return http.StatusUnauthorized, ""
	}
	if resp.StatusCode == http.StatusTemporaryRedirect && path != resp.Header.Get("Location") && !strings.Contains(resp.Header.Get("Location"), "//") {
		return http.StatusNotFound, "" // to the same path without its dots, which is asked again
	}
	return resp.StatusCode, string(b)
}

// try makes a request and counts what became of it.
func (s *siege) try(kind string, mayBeTaken bool, method, path string, body []byte, headers ...string) (answer string) {
	status, answer := s.send(method, path, body, headers...)
	if status == http.StatusOK && strings.Contains(answer, `"refused":`) {
		status = http.StatusUnprocessableEntity // the call was taken, and its item was not
	}
	s.note(kind, status, mayBeTaken, fmt.Sprintf("%s %s %q %.100q", method, path, headers, body))
	return answer
}

// basic is a write key as clients show it.
func basic(key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
}

// attacker follows no redirects, so that each is seen.
var attacker = &http.Client{
	Timeout:       5 * time.Minute, // longer than the server waits for anybody
	Transport:     &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func startSiege(t *testing.T) *siege {
	t.Helper()
	s := &siege{t: t, patience: enginetest.Patience(t), bin: buildProgram(t), counts: map[string]*attackCount{}, long: os.Getenv("NURTURE_HOSTILE") == "long"}
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { s.canary.Add(1) }))
	t.Cleanup(canary.Close)
	byName := strings.Replace(canary.URL, "127.0.0.1", "localhost", 1)
	var err error
	if s.keys, err = tracking.NewKeys(hostileTracking); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), s.bin, "serve", filepath.Join("testdata", "hostile"),
		"--data", filepath.Join(t.TempDir(), "data"), "--listen", "127.0.0.1:0", "--write-key", "web="+webKey,
		"--api-key", "ops="+hostileAPIKey, "--public-url", "https://news.example.com", "--json")
	cmd.Env = append(os.Environ(), "NURTURE_TRACKING_KEYS="+hostileTracking, "SHOP_SECRET="+hostileShop, "CLOUD_TOKEN="+hostileCloud,
		"HOOK_SECRET="+hostileHook, "CANARY_URL="+canary.URL+"/in", "CANARY_NAME_URL="+byName+"/meta-data")
	s.served = serveBy(t, cmd)
	return s
}

// gauges are figures of the server's process.
type gauges struct{ goroutines, files, memory float64 }

func (s *siege) gauges() (g gauges, all string) {
	_, all = s.send(http.MethodGet, "/metrics", nil, "Authorization", "Bearer "+hostileAPIKey)
	for line := range strings.Lines(all) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, _ := strconv.ParseFloat(value, 64)
		switch name {
		case "go_goroutines":
			g.goroutines = n
		case "process_open_fds":
			g.files = n
		case "process_resident_memory_bytes":
			g.memory = n / (1 << 20)
		}
	}
	return g, all
}

// measured are the figures of a server that answers.
func (s *siege) measured() gauges {
	for s.patience.Err() == nil {
		if g, _ := s.gauges(); g.goroutines > 0 {
			return g
		}
		s.pause(200 * time.Millisecond)
	}
	s.t.Fatal("the server does not tell its figures")
	return gauges{}
}

// TestHostile attacks the built program in every way that this file knows, all of
// them at one time, while good clients go on. Nothing gets in, nothing falls, the good
// ones are served, and in the end the server holds no more than before.
func TestHostile(t *testing.T) {
	t.Parallel()
	s := startSiege(t)
	s.goodLead()
	quiet := s.goodTraffic(func() { s.pause(2 * time.Second) })
	before := s.measured()

	loud := s.goodTraffic(func() {
		var attacks sync.WaitGroup
		for i, attack := range []func(*rand.Rand){
			s.fuzzCalls, s.fuzzSources, s.fuzzLists, s.bombs, s.nesting, s.wrongKeys, s.forgedTokens, s.replayedTokens, s.crossSite,
			s.pathTricks, s.headerAbuse, s.slowHeaders, s.slowBodies, s.slowReaders, s.serverSide, s.logInjection, s.replayedHooks,
		} {
			attacks.Go(func() { attack(rand.New(rand.NewPCG(7, uint64(i)))) })
		}
		attacks.Wait()
	})
	after := s.calm(before)
	s.judgeGood(quiet, loud)
	s.judgeMetrics()
	s.print(quiet, loud, before, after)
	if n := s.canary.Load(); n > 0 {
		t.Errorf("%d requests arrived at an address where none may go", n)
	}
	for _, what := range s.let {
		t.Error("let in or fell:", what)
	}
	s.stop(t)
	s.judgeLog() // all of it is there when the process has ended
}

// pause waits on the machine's clock: a rate of calls has no other.
func (s *siege) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.t.Context().Done():
	}
}

// goodLead is a lead with personal data in every field.
func (s *siege) goodLead() {
	body := fmt.Sprintf(`{"userId":"%[1]s-user","messageId":"good-lead","traits":{"email":"%[1]s@example.jp","name":"%[1]s","company":"%[1]s KK"}}`, personal)
	if status, answer := s.send(http.MethodPost, "/v1/identify", []byte(body), "Authorization", basic(webKey)); status != http.StatusOK {
		s.t.Fatalf("a good lead: %d %s", status, answer)
	}
}

// good is what became of the good clients' calls.
type good struct {
	sent, taken, again int
	waited             []time.Duration
}

// goodTraffic makes a call every 20 ms while work is done, as a client does that keeps
// what is refused for now and sends it again.
func (s *siege) goodTraffic(work func()) *good {
	ctx, stop := context.WithCancel(s.t.Context())
	g := &good{}
	var calls sync.WaitGroup
	var mu sync.Mutex
	calls.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			calls.Go(func() {
				id := strconv.Itoa(int(goodCalls.Add(1)))
				body := []byte(`{"event":"inquired","messageId":"good-` + id + `","userId":"good-user","properties":{"note":"` + personal + `"}}`)
				begin, tries, status := time.Now(), 0, 0
				// How long a server under attack keeps them waiting depends on the machine.
				for status != http.StatusOK && s.patience.Err() == nil {
					if tries++; tries > 1 {
						s.pause(200 * time.Millisecond)
					}
					status, _ = s.send(http.MethodPost, "/v1/track", body, "Authorization", basic(webKey))
				}
				mu.Lock()
				defer mu.Unlock()
				g.sent, g.again = g.sent+1, g.again+tries-1
				g.waited = append(g.waited, time.Since(begin))
				if status == http.StatusOK {
					g.taken++
				}
			})
		}
	})
	work()
	stop()
	calls.Wait()
	slices.Sort(g.waited)
	return g
}

var goodCalls atomic.Int64

func (g *good) quantile(q float64) time.Duration {
	if len(g.waited) == 0 {
		return 0
	}
	return g.waited[min(len(g.waited)-1, int(q*float64(len(g.waited))))]
}

// calm waits until the server has let go of what it held, and gives its figures then.
func (s *siege) calm(before gauges) gauges {
	attacker.CloseIdleConnections()
	var now gauges
	for s.patience.Err() == nil {
		if now, _ = s.gauges(); now.goroutines > 0 && now.goroutines <= before.goroutines+20 && now.files <= before.files+20 {
			return now
		}
		s.pause(200 * time.Millisecond)
	}
	s.t.Errorf("the server holds on: %+v before, %+v after", before, now)
	return now
}

// judgeGood checks that every good call was taken, and counted once.
func (s *siege) judgeGood(parts ...*good) {
	want := 0
	for _, g := range parts {
		if g.taken != g.sent {
			s.t.Errorf("%d of %d good calls were taken", g.taken, g.sent)
		}
		want += g.sent
	}
	text := s.ask(http.MethodGet, "/api/v1/leads/good-user?facts=0", "")
	var lead struct{ Scores []struct{ Value float64 } }
	if err := json.Unmarshal([]byte(text), &lead); err != nil || len(lead.Scores) != 1 || lead.Scores[0].Value != float64(30*want) {
		s.t.Errorf("%d good calls pay %d points; the lead has %.200s (%v)", want, 30*want, text, err)
	}
}

// judgeMetrics looks for personal data where everybody looks who operates.
func (s *siege) judgeMetrics() {
	_, metrics := s.gauges()
	for line := range strings.Lines(metrics) {
		if strings.Contains(line, personal) || strings.Contains(line, "evil") {
			s.t.Errorf("a metric tells who or what somebody is: %s", line)
		}
	}
}

// judgeLog looks for personal data, secrets and forged lines in the log.
func (s *siege) judgeLog() {
	for line := range strings.Lines(s.stderr.String()) {
		var entry struct{ Time, Level, Msg string }
		switch err := json.Unmarshal([]byte(line), &entry); {
		case err != nil || entry.Time == "" || entry.Level == "":
			s.t.Errorf("a line of the log that the server has not written: %.300q", line)
		case entry.Msg == forgedLine, strings.Contains(line, "\x1b"):
			s.t.Errorf("a client has written into the log: %.300q", line)
		case strings.Contains(line, personal), strings.Contains(line, hostileAPIKey), strings.Contains(line, webKey), strings.Contains(line, hostileShop):
			s.t.Errorf("the log tells who somebody is, or a secret: %.300q", line)
		case strings.Contains(line, "panic"):
			s.t.Errorf("something fell: %.500q", line)
		}
	}
}

// print tells what was tried and what became of it.
func (s *siege) print(quiet, loud *good, before, after gauges) {
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "attack\tattempts\trefused\ttaken as events\tlet in\tfell\t")
	var sum attackCount
	for _, kind := range slices.Sorted(maps.Keys(s.counts)) {
		c := s.counts[kind]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t\n", kind, c.attempts, c.refused, c.taken, c.let, c.fell)
		sum = attackCount{sum.attempts + c.attempts, sum.refused + c.refused, sum.taken + c.taken, sum.fell + c.fell, sum.let + c.let}
	}
	fmt.Fprintf(t, "all\t%d\t%d\t%d\t%d\t%d\t\n", sum.attempts, sum.refused, sum.taken, sum.let, sum.fell)
	_ = t.Flush()
	fmt.Fprintf(&text, "good calls: %d quiet, %d under attack, %d sent again, all taken; p50 %v → %v, p99 %v → %v (ratio %.1f)\n",
		quiet.sent, loud.sent, loud.again, quiet.quantile(0.5), loud.quantile(0.5), quiet.quantile(0.99), loud.quantile(0.99),
		loud.quantile(0.99).Seconds()/max(quiet.quantile(0.99).Seconds(), 1e-9))
	fmt.Fprintf(&text, "goroutines %.0f → %.0f, files %.0f → %.0f, memory %.0f → %.0f MiB\n",
		before.goroutines, after.goroutines, before.files, after.files, before.memory, after.memory)
	s.t.Log("\n" + text.String())
}
