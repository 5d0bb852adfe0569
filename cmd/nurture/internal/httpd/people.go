package httpd

import (
	"bytes"
	"context"
	"net/http"
	"net/netip"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// What the public pages of leads have in common: the page to confirm a consent, the
// preference page, the way out. GET and HEAD show and change nothing; POST acts. The
// address is what entitles to it, for one lead.

// pageLang is the language of a public page: what the address asks for, else the
// project's.
func (s *Server) pageLang(r *http.Request) lang {
	if asked := askedLang(r); asked != "" {
		return asked
	}
	if p := s.options.Desk.Program(); p != nil && lang(p.Spec().Language) == japanese {
		return japanese
	}
	return english
}

// showPublic answers with a public page; sorry is what is said where it cannot be
// made.
func (s *Server) showPublic(w http.ResponseWriter, status int, name string, view any, sorry string) {
	var page bytes.Buffer
	if err := s.console.templates.ExecuteTemplate(&page, name, view); err != nil {
		s.log.Error("render a page", "page", name, "error", err)
		plain(w, http.StatusInternalServerError, sorry+"\n")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("X-Robots-Tag", "noindex")
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "10")
	}
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the reader has gone
}

// noteAll makes events durable together, however soon their client goes away.
func (s *Server) noteAll(ctx context.Context, events []engine.Event) error {
	if len(events) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := s.open()
	if err == nil {
		results, submitted := s.options.Door.Submit(ctx, events)
		err = submitted
		for i := 0; i < len(results) && err == nil; i++ {
			err = results[i].Err
		}
	}
	if err != nil {
		s.metrics.count(trackingSource, verdictRefused, len(events))
		return err
	}
	s.metrics.count(trackingSource, verdictAccepted, len(events))
	return nil
}

// How much of a client's network address is evidence of a consent.
const (
	addressNone = "none"
	addressFull = "full"
)

// evidenceAddress is the client's network address as it is kept with what somebody
// did about a consent, "" for all consents: the most that any of them asks for.
func (s *Server) evidenceAddress(r *http.Request, consent string) []engine.Field {
	kept := addressNone
	if p := s.options.Desk.Program(); p != nil {
		spec := p.Spec()
		for i := range spec.Consents {
			if c := &spec.Consents[i]; consent == "" || c.Name == consent {
				kept = moreOf(kept, c.Address)
			}
		}
	}
	address := clientAddress(r).Unmap()
	if kept == addressNone || !address.IsValid() {
		return nil
	}
	text := address.WithZone("").String()
	if kept != addressFull {
		text = truncated(address)
	}
	return []engine.Field{{Name: "address", Value: engine.TextValue(text)}}
}

// moreOf is the wider of two settings of how much is kept.
func moreOf(a, b string) string {
	order := []string{addressNone, "truncated", addressFull}
	if b == "" {
		b = "truncated"
	}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

// truncated is an address without what tells one household from another: the last
// byte of four, all but the first six of sixteen.
func truncated(a netip.Addr) string {
	bits := 48
	if a.Is4() {
		bits = 24
	}
	prefix, err := a.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

// lockLead keeps what is asked for one lead at one time apart: the second finds what
// the first has done.
func (s *Server) lockLead(t tracking.Token) (unlock func()) {
	mu := &s.wayOuts[t.Lead[0]%byte(len(s.wayOuts))]
	mu.Lock()
	return mu.Unlock
}
