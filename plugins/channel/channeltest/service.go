package channeltest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// HoldWord in a request makes a Service wait with its answer, for ever, when the
// request's key is new to it.
const HoldWord = "hold-this-one"

// Service stands in for what is behind a plugin that speaks HTTP. It takes every
// request, finds the action's key in it wherever it stands (header, address or
// body), performs each key once, and counts what comes without one.
type Service struct {
	server   *http.Server
	listener net.Listener
	stopped  chan struct{}

	mu      sync.Mutex
	done    map[string]bool
	keyless int
	tells   *telling
}

// telling is what the service tells who asks it.
type telling struct{ news, cursor, nothing []byte }

// Tell makes the service answer every GET with news, but with nothing where the
// request holds the cursor.
func (s *Service) Tell(news []byte, cursor string, nothing []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tells = &telling{news, []byte(cursor), nothing}
}

// told answers who asks. It reports false where the service tells nothing.
func (s *Service) told(w http.ResponseWriter, r *http.Request, request []byte) bool {
	s.mu.Lock()
	t := s.tells
	s.mu.Unlock()
	if t == nil || r.Method != http.MethodGet {
		return false
	}
	answer := t.news
	if bytes.Contains(request, t.cursor) {
		answer = t.nothing
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(answer) // the plugin may be gone
	return true
}

// StartService starts one on a free port of this machine. Close it.
func StartService() (*Service, error) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the stand-in service: %w", err)
	}
	s := &Service{listener: lis, stopped: make(chan struct{}), done: map[string]bool{}}
	s.server = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = s.server.Serve(lis) }() // until Close
	return s, nil
}

// URL is where it listens, without a path.
func (s *Service) URL() string { return "http://" + s.listener.Addr().String() }

// Close ends it with everything that it holds.
func (s *Service) Close() error {
	close(s.stopped)
	return s.server.Close()
}

// Times is how often it performed the key. Requests without any key count too:
// one of them may have been this one.
func (s *Service) Times(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.keyless
	if s.done[key] {
		n++
	}
	return n
}

var keyForm = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

func (s *Service) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return // the plugin is gone
	}
	var head bytes.Buffer
	fmt.Fprintln(&head, r.URL.String())
	_ = r.Header.Write(&head) // to memory
	if s.told(w, r, append(head.Bytes(), body...)) {
		return
	}
	key := string(keyForm.Find(head.Bytes()))
	if key == "" {
		key = string(keyForm.Find(body))
	}
	if s.perform(key) && bytes.Contains(append(head.Bytes(), body...), []byte(HoldWord)) {
		select {
		case <-s.stopped:
		case <-r.Context().Done():
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, "{\"id\": \"id-%.8s\"}\n", key)
}

// perform reports whether it was done now, and not before under the same key.
func (s *Service) perform(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key == "" {
		s.keyless++
		return true
	}
	before := s.done[key]
	s.done[key] = true
	return !before
}
