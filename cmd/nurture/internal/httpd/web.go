package httpd

import (
	"crypto/sha256"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// What a web site asks for and tells: the snippet n.js, what its slots show, and what
// became of that. A visitor's id is no proof of who somebody is. All that it gets is
// what a slot shows; who has none, who is unknown and for whom there is nothing get
// the same answer, and the answer names no workflow, no step and no lead.

//go:embed web/n.js
var snippetSource string

// snippet is n.js as it is served.
type snippet struct {
	text      []byte
	name      string // of the address under which it never changes
	tag       string // ETag
	integrity string // for the script element
}

// newSnippet leaves out what browsers do not read: indents, and lines of comment.
var newSnippet = sync.OnceValue(func() *snippet {
	var b strings.Builder
	for line := range strings.Lines(snippetSource) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
			b.WriteString(line + "\n")
		}
	}
	text := []byte(b.String())
	long, short := sha512.Sum384(text), sha256.Sum256(text)
	name := hex.EncodeToString(short[:8])
	return &snippet{text, name + ".js", `"` + name + `"`, "sha384-" + base64.StdEncoding.EncodeToString(long[:])}
})

func (s *Server) routeWeb(mux *http.ServeMux) {
	mux.HandleFunc("GET /n.js", func(w http.ResponseWriter, r *http.Request) { s.serveSnippet(w, r, "public, max-age=3600") })
	mux.HandleFunc("GET /n/{name}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("name") != newSnippet().name {
			http.NotFound(w, r)
			return
		}
		s.serveSnippet(w, r, "public, max-age=31536000, immutable")
	})
	mux.HandleFunc("GET /v1/web/snippet", s.showSnippet)
	mux.HandleFunc("GET /v1/projects/{key}/settings", s.segmentSettings)
	mux.HandleFunc("GET /v1/web/decide", s.decideWeb)
	mux.HandleFunc("OPTIONS /v1/web/decide", s.webPreflight)
	mux.HandleFunc("POST /v1/web/seen", s.takeSeen)
	mux.HandleFunc("OPTIONS /v1/web/seen", s.webPreflight)
}

// serveSnippet answers with n.js. Any site may load it: there is nothing in it that
// is not for everybody.
func (s *Server) serveSnippet(w http.ResponseWriter, r *http.Request, cache string) {
	n, h := newSnippet(), w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", cache)
	h.Set("ETag", n.tag)
	h.Set("Access-Control-Allow-Origin", "*") // browsers ask for it where the page gives a checksum
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Header.Get("If-None-Match") == n.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(n.text)))
	_, _ = w.Write(n.text) // the browser has gone
}

// showSnippet tells what to paste into a page.
func (s *Server) showSnippet(w http.ResponseWriter, r *http.Request) {
	n, host := newSnippet(), askedHost(r)
	plain(w, http.StatusOK, fmt.Sprintf("<script defer src=\"%s/n.js\" data-key=\"WRITE_KEY\"></script>\n\n"+
		"<script defer src=\"%s/n/%s\" integrity=\"%s\" crossorigin=\"anonymous\" data-host=\"%s\" data-key=\"WRITE_KEY\"></script>\n",
		host, host, n.name, n.integrity, host))
}

// askedHost is the address under which the caller knows this server.
func askedHost(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	host := r.Host
	if strings.ContainsAny(host, "\"'<>\\ /") {
		host = "localhost"
	}
	return scheme + "://" + host
}

// segmentSettings is what Segment's analytics.js asks its network for before it
// begins. It says: send to us. Whether the key is known is not told here.
func (s *Server) segmentSettings(w http.ResponseWriter, r *http.Request) {
	scheme, host, _ := strings.Cut(askedHost(r), "://")
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("X-Content-Type-Options", "nosniff")
	_ = json.NewEncoder(w).Encode(map[string]any{ // the browser has gone
		"integrations": map[string]any{"Segment.io": map[string]any{
			"apiKey": r.PathValue("key"), "apiHost": host + "/v1", "protocol": scheme, "unbundledIntegrations": []string{},
			"addBundledMetadata": true, "versionSettings": map[string]string{"version": "4.4.7", "componentTypes": "browser"},
		}},
		"plan":                      map[string]any{"track": map[string]any{"__default": map[string]any{"enabled": true, "integrations": map[string]any{}}}},
		"edgeFunction":              map[string]any{},
		"metrics":                   map[string]any{"sampleRate": 0},
		"legacyVideoPluginsEnabled": false,
		"remotePlugins":             []any{},
	})
}

// visitorHeader has the visitor's id. It stands in a header, not in the address:
// addresses are written down by everything they pass.
const visitorHeader = "X-Nurture-Visitor"

// webPreflight answers a browser that asks whether a page may ask.
func (s *Server) webPreflight(w http.ResponseWriter, r *http.Request) {
	if s.allowOrigin(w, r) {
		h := w.Header()
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", "authorization, content-type, "+strings.ToLower(visitorHeader))
		h.Set("Access-Control-Max-Age", "86400")
	}
	w.WriteHeader(http.StatusNoContent)
}

// Bounds of what a page may ask.
const (
	maxSlots    = 20
	maxSlotName = 64
	webRate     = 10  // questions a second from one address, on average
	webBurst    = 100 // questions at once from one address
	maxWebAsks  = 100_000
)

// shownSlot is what one slot shows.
type shownSlot struct {
	HTML    string `json:"html"`
	Showing string `json:"showing"` // changes when what is shown is something else
	Token   string `json:"token,omitempty"`
}

// webAnswer is what the slots of a page show. One that shows nothing is left out.
type webAnswer struct {
	Slots map[string]shownSlot `json:"slots"`
	// Later, in seconds, says that nothing was decided: what stands stays, and the
	// page asks again.
	Later int `json:"later,omitempty"`
}

// errComing is that a visitor is just becoming known.
var errComing = errors.New("the visitor is just becoming known")

func (s *Server) decideWeb(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	answer, err := s.webSlots(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	_ = json.NewEncoder(w).Encode(answer) // the browser has gone
}

// webSlots decides what a visitor sees.
func (s *Server) webSlots(r *http.Request) (*webAnswer, error) {
	if err := s.asks.take(clientAddress(r), s.now()); err != nil {
		return nil, err
	}
	who, known, err := s.headerSender(r)
	switch {
	case err != nil:
		return nil, err
	case !known:
		if who, err = s.localSender(r); err != nil {
			return nil, err
		}
	}
	if err := s.fromOrigin(r, who.source); err != nil {
		return nil, err
	}
	slots, err := askedSlots(r)
	if err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	answer := &webAnswer{Slots: map[string]shownSlot{}}
	l, found, err := s.leadOfVisitor(r.Header.Get(visitorHeader))
	if errors.Is(err, errComing) {
		// No error for the browser, which would tell the site's owner of it.
		answer.Later = 1
		return answer, nil
	}
	if err != nil {
		return nil, err
	}
	if !found {
		return answer, nil
	}
	for _, slot := range slots {
		shown, ok, err := s.shownIn(slot, l)
		if err != nil {
			return nil, err
		}
		if ok {
			answer.Slots[slot] = shown
		}
	}
	return answer, nil
}

// askedSlots are the slots that a page asks for.
func askedSlots(r *http.Request) ([]string, error) {
	slots := r.URL.Query()["slot"]
	switch id := r.Header.Get(visitorHeader); {
	case len(slots) == 0 || len(slots) > maxSlots:
		return nil, newProblem(http.StatusBadRequest, "bad_slots", fmt.Sprintf("name 1 to %d slots: ?slot=hero&slot=footer", maxSlots))
	case id == "" || len(id) > engine.MaxIDLength:
		return nil, newProblem(http.StatusBadRequest, "no_visitor", "the header "+visitorHeader+" with the visitor's anonymousId is missing or too long")
	}
	for _, slot := range slots {
		if slot == "" || len(slot) > maxSlotName {
			return nil, newProblem(http.StatusBadRequest, "bad_slots", fmt.Sprintf("a slot's name has 1 to %d bytes", maxSlotName))
		}
	}
	return slots, nil
}

// leadOfVisitor is the lead that a visitor's id belongs to now. Ids of other kinds
// (userId, e-mail) find nobody here: those are known to more people than their owner.
func (s *Server) leadOfVisitor(visitor string) (*engine.Lead, bool, error) {
	id, found, err := s.options.People.Resolve(engine.Identifier{Kind: engine.ByVisitor, Value: visitor})
	if err != nil || !found {
		return nil, false, err
	}
	l, found, err := s.leadOf(tracking.Token{Lead: id})
	if err != nil || !found {
		return l, found, err
	}
	return l, true, s.hasCome(engine.Identifier{Kind: engine.ByVisitor, Value: visitor}.Lead(), l)
}

// hasCome asks for another moment where a visitor has just become known: it has been
// given to the lead, and what it was shown is still on its way there. An answer from
// one of them alone would take away what stands on the page, and show it anew.
func (s *Server) hasCome(visitor engine.LeadID, l *engine.Lead) error {
	if visitor == l.ID || slices.Contains(l.Parts, visitor) {
		return nil
	}
	var v engine.Lead
	found, err := s.options.People.Lead(visitor, &v)
	if err != nil || !found || v.Into.IsZero() || v.FirstSeen == 0 {
		return err
	}
	return errComing
}

// shownIn is what a slot shows a lead.
func (s *Server) shownIn(slot string, l *engine.Lead) (shown shownSlot, ok bool, err error) {
	p := s.options.Desk.Program()
	if p == nil {
		return shown, false, nil
	}
	showing := p.Showing(l, slot)
	if showing == nil {
		return shown, false, nil
	}
	now := engine.TimeOf(s.now())
	parts, err := p.RenderShow(engine.NewFrame(), l, now, showing)
	if err != nil {
		// The page keeps what stands in it; the site must not fail with a template.
		s.log.Warn("what a slot shows could not be rendered", "workflow", showing.Workflow, "step", showing.Step)
		return shown, false, nil
	}
	html, _ := engine.Lookup(parts, "html")
	shown.HTML, shown.Showing = html.Text(), showing.ID.String()
	if s.options.Tracking != nil {
		shown.Token, err = s.options.Tracking.Seal(tracking.Token{
			Kind: tracking.Shown, Lead: l.ID, Message: showing.ID, Workflow: showing.Workflow, Step: showing.Step,
			Class: slot, Topic: strconv.FormatInt(int64(now), 36),
		})
		if err != nil {
			return shown, false, fmt.Errorf("seal what a slot shows: %w", err)
		}
	}
	return shown, true, nil
}

// askLimit bounds the questions of each address, so that nobody can try ids out.
type askLimit struct {
	mu   sync.Mutex
	held map[netip.Addr]*bucket
}

func (a *askLimit) take(from netip.Addr, now time.Time) error {
	if from.Is6() && !from.Is4In6() {
		if p, err := from.Prefix(64); err == nil { // a household has a whole network
			from = p.Addr()
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.held == nil || len(a.held) >= maxWebAsks {
		a.held = map[netip.Addr]*bucket{}
	}
	b := a.held[from]
	if b == nil {
		b = &bucket{tokens: webBurst, at: now}
		a.held[from] = b
	}
	b.tokens = min(webBurst, b.tokens+webRate*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.tokens < 1 {
		p := newProblem(http.StatusTooManyRequests, "too_fast", "too many questions from this address, try again later")
		p.after = time.Second
		return p
	}
	b.tokens--
	return nil
}

// seen is what became of what was shown.
type seen struct {
	Token string `json:"token"`
	What  string `json:"what"` // "shown", "clicked"
	Link  string `json:"link"`
	Class string `json:"link_class"`
}

// maxSeen bounds the body of a call that tells it.
const maxSeen = 16 << 10

// seenFor is how long after it was decided it can be told. It is shorter than the
// time for which messages are known to be the same.
const seenFor = 24 * time.Hour

// takeSeen takes in that something was seen, or clicked.
func (s *Server) takeSeen(w http.ResponseWriter, r *http.Request) {
	s.allowOrigin(w, r)
	if err := s.noteSeen(w, r); err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) noteSeen(w http.ResponseWriter, r *http.Request) error {
	if s.options.Tracking == nil {
		return newProblem(http.StatusNotFound, "no_tracking", "this server follows nothing that it shows")
	}
	if err := s.asks.take(clientAddress(r), s.now()); err != nil {
		return err
	}
	var told seen
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSeen)).Decode(&told); err != nil {
		return newProblem(http.StatusBadRequest, "bad_json", "the body is not the JSON of what was seen")
	}
	name := map[string]string{"shown": engine.WebShown, "clicked": engine.WebClicked}[told.What]
	if name == "" || len(told.Link) > tracking.MaxURL || len(told.Class) > tracking.MaxName {
		return newProblem(http.StatusBadRequest, "bad_seen", `what is "shown" or "clicked"; link and link_class are short texts`)
	}
	t, err := s.options.Tracking.Open(told.Token)
	if err == nil && t.Kind != tracking.Shown {
		err = tracking.ErrForged
	}
	if err != nil {
		return newProblem(statusOfToken(err), "bad_token", err.Error())
	}
	return s.submitSeen(r, t, name, &told)
}

// submitSeen makes it a fact of the lead. The same twice is once.
func (s *Server) submitSeen(r *http.Request, t tracking.Token, name string, told *seen) error {
	decided, err := strconv.ParseInt(t.Topic, 36, 64)
	if age := s.now().Sub(engine.Time(decided).In(time.UTC)); err != nil || age > seenFor {
		return newProblem(http.StatusGone, "too_late", "this was shown too long ago")
	}
	received := engine.TimeOf(s.now())
	lead, found, err := s.leadOf(t)
	if err != nil {
		return err
	}
	if !found || !s.hits.allow(lead.ID, int64(received)) {
		return nil
	}
	fields := []engine.Field{
		{Name: "slot", Value: engine.TextValue(t.Class)},
		{Name: "workflow", Value: engine.TextValue(t.Workflow)},
		{Name: "step", Value: engine.TextValue(t.Step)},
		{Name: "showing", Value: engine.TextValue(engine.ActionKey(t.Message).String())},
	}
	if name == engine.WebClicked {
		fields = append(fields, engine.Field{Name: "link", Value: engine.TextValue(told.Link)})
		if told.Class != "" {
			fields = append(fields, engine.Field{Name: "link_class", Value: engine.TextValue(told.Class)})
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %q %q", name, told.Token, told.Link, told.Class))
	err = s.note(r.Context(), engine.Event{
		Kind: engine.Track, ID: hex.EncodeToString(sum[:16]), Source: trackingSource, Name: name, Lead: lead.ID,
		At: received, Received: received, Fields: fields,
	})
	var p *engine.Problem
	if errors.As(err, &p) {
		return newProblem(http.StatusBadRequest, p.Code, p.Text)
	}
	return err
}
