package httpd

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// A change may be asked for again when its answer got lost. What is in force, put
// aside or answered by name is the same the second time; for the rest a client says
// Idempotency-Key, and the same call under the same key gets the first one's answer.

// Bounds of what is remembered of such calls. Answers are kept in memory: they may
// hold a secret that is told once.
const (
	onceKeep  = 24 * time.Hour
	onceMost  = 10_000
	onceBytes = 64 << 10 // of an answer
	onceKey   = 255      // characters of a key
	onceBody  = 32 << 20 // of a call
)

// onceBook remembers the calls that were made under a key.
type onceBook struct {
	mu    sync.Mutex
	calls map[string]*onceCall
	order []string // of their coming
}

// onceCall is a call with its answer; done is closed when the answer is there.
type onceCall struct {
	request [sha256.Size]byte
	at      time.Time
	done    chan struct{}
	answer  *heldAnswer
}

// begin gives the call of a key, and whether it is the first of it.
func (b *onceBook) begin(key string, request [sha256.Size]byte, now time.Time) (c *onceCall, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.calls == nil {
		b.calls = map[string]*onceCall{}
	}
	for len(b.order) > 0 {
		oldest := b.calls[b.order[0]]
		if oldest != nil && len(b.order) < onceMost && now.Sub(oldest.at) < onceKeep {
			break
		}
		delete(b.calls, b.order[0])
		b.order = b.order[1:]
	}
	if c = b.calls[key]; c != nil {
		return c, false
	}
	c = &onceCall{request: request, at: now, done: make(chan struct{})}
	b.calls[key] = c
	b.order = append(b.order, key)
	return c, true
}

// forget lets a call be made again: it changed nothing.
func (b *onceBook) forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.calls, key)
	b.order = slices.DeleteFunc(b.order, func(k string) bool { return k == key })
}

// once lets a call with an Idempotency-Key through the first time, and gives the
// first time's answer after that.
func (s *Server) once(w http.ResponseWriter, r *http.Request, next http.Handler) {
	key := r.Header.Get("Idempotency-Key")
	l := apiLang(r.URL.Query().Get("lang"), r.Header.Get("Accept-Language"))
	if len(key) > onceKey {
		newProblem(http.StatusBadRequest, "bad_idempotency_key", "an Idempotency-Key has at most 255 characters").in(l).write(w)
		return
	}
	body, err := s.readPlain(r)
	defer body.release()
	if err != nil {
		s.told(problemOf(err), doingOf(r)).in(l).write(w)
		return
	}
	c := callerIn(r.Context())
	owner := sha256.Sum256([]byte(c.name + "\x00" + c.key + "\x00" + key))
	name := hex.EncodeToString(owner[:])
	hash := sha256.New()
	_, _ = io.WriteString(hash, r.Method+" "+r.URL.RequestURI()+"\x00") // a hash takes everything
	_, _ = hash.Write(body.bytes)
	known, first := s.onces.begin(name, [sha256.Size]byte(hash.Sum(nil)), s.now())
	if !first {
		answerAgain(w, known, [sha256.Size]byte(hash.Sum(nil)), l)
		return
	}
	r2 := r.Clone(r.Context())
	r2.Body = io.NopCloser(bytes.NewReader(body.bytes))
	held := &heldAnswer{header: http.Header{}, limit: onceBytes}
	defer func() {
		if held.status == 0 || held.status >= http.StatusInternalServerError || held.status == http.StatusTooManyRequests || held.over {
			s.onces.forget(name) // it failed for now, or its answer is too long to keep
		}
		known.answer = held
		close(known.done)
	}()
	next.ServeHTTP(held, r2)
	held.send(w)
}

// answerAgain answers a call that was made before.
func answerAgain(w http.ResponseWriter, known *onceCall, request [sha256.Size]byte, l lang) {
	if known.request != request {
		newProblem(http.StatusUnprocessableEntity, "idempotency_mismatch", "another call was made under this Idempotency-Key").in(l).write(w)
		return
	}
	select {
	case <-known.done:
	default:
		p := newProblem(http.StatusConflict, "still_running", "the first call under this Idempotency-Key is still under way")
		p.after = time.Second
		p.in(l).write(w)
		return
	}
	w.Header().Set("Idempotency-Replayed", "true")
	known.answer.send(w)
}

// readPlain reads the body of an API call; how long it may be its operation says.
func (s *Server) readPlain(r *http.Request) (*body, error) {
	b := &body{budget: &s.budget, from: strangerAt(r.RemoteAddr)}
	if r.ContentLength > onceBody {
		return b, tooLarge(onceBody)
	}
	return b, b.read(r.Body, onceBody, int(max(r.ContentLength, 0)))
}

// heldAnswer keeps an answer back until it is whole. Beyond its limit only sending
// it on would help, so what keeps it says that it is over.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
	limit  int
	over   bool
}

func (h *heldAnswer) Header() http.Header { return h.header }

func (h *heldAnswer) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *heldAnswer) Write(b []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	n, err := h.body.Write(b)
	h.over = h.over || h.body.Len() > h.limit
	return n, err
}

func (h *heldAnswer) send(w http.ResponseWriter) {
	for name, lines := range h.header {
		w.Header()[name] = lines
	}
	w.WriteHeader(max(h.status, http.StatusOK))
	_, _ = w.Write(h.body.Bytes()) // the client has gone
}

// taggedMost is the longest answer that gets an ETag: it is held in memory until it
// is whole.
const taggedMost = 1 << 20

// taggedAnswer gives an answer an ETag: a sign that changes when the answer does.
// What streams, or is longer than taggedMost, passes by without one.
type taggedAnswer struct {
	http.ResponseWriter
	status int
	held   bytes.Buffer
	passed bool
}

func (t *taggedAnswer) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
	if !t.passed && (status != http.StatusOK || strings.HasPrefix(t.Header().Get("Content-Type"), "text/event-stream")) {
		t.pass()
	}
}

func (t *taggedAnswer) Write(b []byte) (int, error) {
	t.WriteHeader(http.StatusOK)
	if !t.passed && t.held.Len()+len(b) > taggedMost {
		t.pass()
	}
	if t.passed {
		return t.ResponseWriter.Write(b)
	}
	return t.held.Write(b)
}

// pass sends what is held, and from now on everything at once.
func (t *taggedAnswer) pass() {
	t.passed = true
	t.ResponseWriter.WriteHeader(max(t.status, http.StatusOK))
	if t.held.Len() > 0 {
		_, _ = t.ResponseWriter.Write(t.held.Bytes()) // the next write tells it
		t.held.Reset()
	}
}

// Flush is asked for by streams.
func (t *taggedAnswer) Flush() {
	if !t.passed {
		t.pass()
	}
	_ = http.NewResponseController(t.ResponseWriter).Flush() // what cannot flush sends when it likes
}

// Unwrap lets streams move their deadline on.
func (t *taggedAnswer) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// end sends what was held, or says that the client has it already.
func (t *taggedAnswer) end(r *http.Request) {
	if t.passed {
		return
	}
	sum := sha256.Sum256(t.held.Bytes())
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	t.Header().Set("ETag", tag)
	if hasTag(r.Header.Get("If-None-Match"), tag) {
		t.Header().Del("Content-Type")
		t.ResponseWriter.WriteHeader(http.StatusNotModified)
		return
	}
	t.pass()
}

// hasTag reports whether an If-None-Match header names a tag.
func hasTag(header, tag string) bool {
	for _, one := range strings.Split(header, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == tag || one == "*" {
			return true
		}
	}
	return false
}
