package httpd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
	"github.com/seed-456efde2/nurture/engine/verdict"
)

// What comes back from mails: links that are followed, pixels that are fetched, ways
// out that are taken. Whoever follows a link gets where it leads, whatever happens
// here; what cannot be kept is counted and forgotten. No cookie is set, and of the
// client nothing is kept but its class.

// trackingSource is the source of the events that come back from mails.
const trackingSource = "tracking"

// patience bounds how long somebody who follows a link waits for us.
const patience = 2 * time.Second

func (s *Server) routeTracking(mux *http.ServeMux) {
	if s.options.Tracking == nil {
		return
	}
	open := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, secure(h)) }
	open("GET /t/c/{token}", s.followLink)
	open("GET /t/o/{token}", s.showPixel)
	open("GET /t/u/{token}", s.askWayOut)
	open("POST /t/u/{token}", s.takeWayOut)
	open("GET /t/a/{token}", s.askAnswer)
	open("POST /t/a/{token}", s.takeAnswer)
	open("GET /t/y/{token}", s.askConfirm)
	open("POST /t/y/{token}", s.takeConfirm)
	open("GET /t/p/{token}", s.askPreferences)
	open("POST /t/p/{token}", s.takePreferences)
}

// openToken reads the token of the address, if it is of one of the kinds.
func (s *Server) openToken(r *http.Request, kinds ...tracking.Kind) (tracking.Token, error) {
	t, err := s.options.Tracking.Open(strings.TrimSuffix(r.PathValue("token"), ".gif"))
	if err != nil {
		return t, err
	}
	for _, kind := range kinds {
		if t.Kind == kind {
			return t, nil
		}
	}
	return t, tracking.ErrForged
}

// followLink notes a click and sends its client on. The only places it sends anybody
// to are those that a mail of ours led to: the target is inside the seal.
func (s *Server) followLink(w http.ResponseWriter, r *http.Request) {
	t, err := s.openToken(r, tracking.Click, tracking.Trap)
	if err != nil {
		s.showWayOut(w, r, statusOfToken(err), wayOutView{State: wayOutBroken})
		return
	}
	fields := []engine.Field{{Name: "link", Value: engine.TextValue(t.URL)}}
	if class := t.Class; class != "" {
		fields = append(fields, engine.Field{Name: "link_class", Value: engine.TextValue(class)})
	}
	s.noteHit(r, t, "email_clicked", fields)
	w.Header().Set("Location", t.URL)
	w.WriteHeader(http.StatusFound)
}

// pixel is a GIF of one transparent point.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// showPixel notes an open. A pixel that is not ours is one all the same: a mail shows
// no broken picture.
func (s *Server) showPixel(w http.ResponseWriter, r *http.Request) {
	if t, err := s.openToken(r, tracking.Open); err == nil {
		s.noteHit(r, t, "email_opened", nil)
	}
	h := w.Header()
	h.Set("Content-Type", "image/gif")
	h.Set("Content-Length", strconv.Itoa(len(pixel)))
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // it stands in mails, which are anywhere
	_, _ = w.Write([]byte(pixel))                         // the reader has gone
}

func statusOfToken(err error) int {
	if errors.Is(err, tracking.ErrKey) {
		return http.StatusGone
	}
	return http.StatusNotFound
}

// noteHit hands an open or a click in. Two clicks are two events; their ids follow
// from the address and the time.
func (s *Server) noteHit(r *http.Request, t tracking.Token, name string, fields []engine.Field) {
	received := engine.TimeOf(s.now())
	lead, found, err := s.leadOf(t)
	if err != nil || !found || !s.hits.allow(lead.ID, int64(received)) {
		if err != nil {
			s.metrics.count(trackingSource, verdictRefused, 1)
		}
		return
	}
	class := verdict.Known().Class(verdict.Request{
		Method: r.Method, Agent: r.UserAgent(), From: clientAddress(r), Trap: t.Kind == tracking.Trap,
	})
	fields = append(fields, engine.Field{Name: "client", Value: engine.NumberValue(float64(class))})
	e := s.eventOf(t, lead.ID, name, received, fields)
	_ = s.note(r.Context(), e) // it has been counted; whoever follows a link is not told
}

// eventOf is what came back from a message, as an event of its lead.
func (s *Server) eventOf(t tracking.Token, lead engine.LeadID, name string, received engine.Time, fields []engine.Field) engine.Event {
	all := []engine.Field{{Name: "message", Value: engine.TextValue(engine.ActionKey(t.Message).String())}}
	for _, f := range [...]struct{ name, text string }{
		{"channel", t.Channel}, {"workflow", t.Workflow}, {"step", t.Step},
	} {
		if f.text != "" {
			all = append(all, engine.Field{Name: f.name, Value: engine.TextValue(f.text)})
		}
	}
	if t.Topic != "" && strings.HasPrefix(name, "email_") { // others say themselves what they are about
		all = append(all, engine.Field{Name: "topic", Value: engine.TextValue(t.Topic)})
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %x %x %q %q %v %d", name, t.Kind, t.Lead, t.Message, t.Class, t.URL, fields, received))
	return engine.Event{
		Kind: engine.Track, ID: hex.EncodeToString(sum[:16]), Source: trackingSource, Name: name, Lead: lead,
		At: received, Received: received, Fields: append(all, fields...),
	}
}

// note makes an event durable, however soon its client goes away.
func (s *Server) note(ctx context.Context, e engine.Event) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := s.open()
	if err == nil {
		results, submitted := s.options.Door.Submit(ctx, []engine.Event{e})
		err = submitted
		if err == nil && len(results) == 1 {
			err = results[0].Err
		}
	}
	if err != nil {
		s.metrics.count(trackingSource, verdictRefused, 1)
		return err
	}
	s.metrics.count(trackingSource, verdictAccepted, 1)
	return nil
}

// maxMerges is how many times a lead can have become a part of another one before
// its links are given up.
const maxMerges = 8

// leadOf is the lead of a token as it is now: the one that it has become a part of.
func (s *Server) leadOf(t tracking.Token) (l *engine.Lead, found bool, err error) {
	id := engine.LeadID(t.Lead)
	for range maxMerges {
		l = &engine.Lead{}
		if found, err = s.options.People.Lead(id, l); err != nil || !found || l.Into.IsZero() {
			return l, found && l.FirstSeen != 0, err
		}
		id = l.Into
	}
	return l, false, nil
}

// clientAddress is where a request comes from. Behind a proxy of ours, which is a
// neighbour, it is what the proxy says.
func clientAddress(r *http.Request) netip.Addr {
	peer := verdict.Address(r.RemoteAddr)
	if peer = peer.Unmap(); !peer.IsLoopback() && !peer.IsPrivate() {
		return peer
	}
	passed := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	if client := verdict.Address(strings.TrimSpace(passed[len(passed)-1])); client.IsValid() {
		return client
	}
	return peer
}

// hitLimit bounds what one lead's links bring in a minute: whoever has a mail could
// else fill the lead's journal. What is over is sent on and not kept.
type hitLimit struct {
	mu     sync.Mutex
	minute int64
	hits   map[engine.LeadID]int
}

// Bounds of a minute.
const (
	maxLeadHits = 100
	maxHitLeads = 100_000
)

func (l *hitLimit) allow(lead engine.LeadID, now int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if minute := now / int64(engine.Minute); minute != l.minute || l.hits == nil {
		l.minute, l.hits = minute, map[engine.LeadID]int{}
	}
	n, known := l.hits[lead]
	if n >= maxLeadHits || !known && len(l.hits) >= maxHitLeads {
		return false
	}
	l.hits[lead] = n + 1
	return true
}
