package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	_ "embed"
)

//go:embed workspace/load.hcl
var rules []byte

// The keys of the server that is started here, and of its channel. They guard
// nothing: server and sink live on this machine for as long as the load runs.
const (
	writeKey   = "loadgen-write-key"
	apiKey     = "loadgen-api-key"
	sinkSecret = "whsec_bG9hZGdlbi1sb2FkZ2VuLWxvYWRnZW4tbG9hZGdlbg=="
)

// sink takes what the rules send and does nothing with it but count, by the key
// that is the same in every attempt.
type sink struct {
	server *httptest.Server

	mu     sync.Mutex
	taken  map[string]bool
	mails  int
	offers int
}

func newSink() *sink {
	s := &sink{taken: map[string]bool{}}
	s.server = httptest.NewServer(s)
	return s
}

// ServeHTTP takes one action.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := r.Header.Get("webhook-id"); !s.taken[id] {
		s.taken[id] = true
		if strings.Contains(string(body), `"mail":`) {
			s.mails++
		} else {
			s.offers++
		}
	}
}

// counts is how many mails and hand-overs came in, each once.
func (s *sink) counts() (mails, offers int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails, s.offers
}

// server is a nurture that was started for the load. It is spoken to over HTTP
// alone.
type server struct {
	bin, dir string
	sink     *sink
	cmd      *exec.Cmd
	url      string // another one after each start: a port that was given up may be anybody's
}

// startServer starts the program on a new folder of state.
func startServer(ctx context.Context, bin, dir string, sink *sink) (*server, error) {
	s := &server{bin: bin, dir: dir, sink: sink}
	workspace := filepath.Join(dir, "workspace")
	if err := os.MkdirAll(workspace, 0o755); err != nil {
		return nil, fmt.Errorf("make the workspace: %w", err)
	}
	if err := os.WriteFile(filepath.Join(workspace, "load.hcl"), rules, 0o600); err != nil {
		return nil, fmt.Errorf("write the rules: %w", err)
	}
	return s, s.start(ctx)
}

// start runs the program and waits until it takes events.
func (s *server) start(ctx context.Context) error {
	s.cmd = exec.CommandContext(ctx, s.bin, "serve", filepath.Join(s.dir, "workspace"), "--data", filepath.Join(s.dir, "data"),
		"--listen", "127.0.0.1:0", "--write-key", "load="+writeKey, "--api-key", "load="+apiKey, "--json")
	s.cmd.Env = append(os.Environ(), "LOADGEN_SINK="+s.sink.server.URL, "LOADGEN_SECRET="+sinkSecret)
	errors := &tail{most: 4 << 10}
	s.cmd.Stderr = errors
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	var ready struct{ URL string }
	if err := json.NewDecoder(out).Decode(&ready); err != nil || ready.URL == "" {
		_ = s.cmd.Process.Kill()
		return fmt.Errorf("the server does not say where it listens (%w): %s", err, errors)
	}
	s.url = ready.URL
	return nil
}

// kill ends the server as a power cut would.
func (s *server) kill() error {
	if err := s.cmd.Process.Kill(); err != nil {
		return fmt.Errorf("kill the server: %w", err)
	}
	_ = s.cmd.Wait() // it says that it was killed
	return nil
}

// stop ends the server as an operator would.
func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	return nil
}

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	most int
	text []byte
}

// Write implements io.Writer.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	t.text = t.text[max(0, len(t.text)-t.most):]
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// reader asks a server what it knows.
type reader struct {
	url, key string
	http     *http.Client
}

func newReader(url, key string) *reader {
	return &reader{url, key, &http.Client{Timeout: time.Minute}}
}

func (r *reader) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path, nil)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", path, err)
	}
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(strconv.Itoa(resp.StatusCode) + " " + string(body[:min(len(body), 200)]))
	}
	if err != nil {
		return nil, fmt.Errorf("ask for %s: %w", path, err)
	}
	return body, nil
}

// metrics are a server's figures by name and labels, as they stand in the text.
type metrics map[string]float64

// metrics reads them.
func (r *reader) metrics(ctx context.Context) (metrics, error) {
	body, err := r.get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	m := metrics{}
	lines := bufio.NewScanner(strings.NewReader(string(body)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		at := strings.LastIndexByte(line, ' ')
		if at < 0 || line[0] == '#' {
			continue
		}
		if v, err := strconv.ParseFloat(line[at+1:], 64); err == nil {
			m[line[:at]] = v
		}
	}
	return m, lines.Err()
}

// sum adds up all figures of a name whose labels have every one of the parts.
func (m metrics) sum(name string, parts ...string) float64 {
	total := 0.0
	for key, v := range m {
		if key != name && !strings.HasPrefix(key, name+"{") {
			continue
		}
		has := true
		for _, part := range parts {
			has = has && strings.Contains(key, part)
		}
		if has {
			total += v
		}
	}
	return total
}

// cpu is the processor time of the server and its plugins, in seconds.
func (m metrics) cpu() float64 {
	return m.sum("process_cpu_seconds_total") + m.sum("nurture_plugin_cpu_seconds_total")
}

// counted is how many events of the workload stand in the server's counters, which
// are written in the transaction that decides an event.
func (m metrics) counted() (by [len(eventNames)]int, all int) {
	for i, name := range eventNames {
		by[i] = int(m.sum("nurture_kpi_value", `kpi="`+name+`"`))
		all += by[i]
	}
	return by, all
}

// leadState is what is checked of a lead.
type leadState struct {
	Scores []struct {
		Name  string
		Value float64
	}
	Facts []struct{ MessageID string }
}

// lead reads one lead with its journal.
func (r *reader) lead(ctx context.Context, user string) (l leadState, err error) {
	body, err := r.get(ctx, "/api/v1/leads/"+user+"?facts=1000")
	if err == nil {
		err = json.Unmarshal(body, &l)
	}
	return l, err
}
