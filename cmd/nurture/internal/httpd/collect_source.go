package httpd

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// What is sent to a source of the workspace: POST /v1/source/NAME. Who sends is
// established first, from the bytes as they came; then the source takes them
// apart. The answers are the collector's: 2xx when everything good in it is
// durable, 429 and 503 for what should come again.

// Receipts takes what providers tell about mails of ours.
type Receipts interface {
	// Tell makes receipts durable. What is about nobody known is kept with the dead
	// events.
	Tell(ctx context.Context, from *intake.Source, receipts []intake.Receipt) error
}

func (s *Server) routeSources(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/source/{name}", func(w http.ResponseWriter, r *http.Request) {
		s.allowOrigin(w, r)
		taken, err := s.takeMessage(r)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(taken) // the sender has gone: it will ask again
	})
	mux.HandleFunc("OPTIONS /v1/source/{name}", s.sourcePreflight)
	// Some services look whether anybody is there before they begin to send.
	mux.HandleFunc("GET /v1/source/{name}", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusOK, "messages are sent here by POST\n")
	})
}

// sourcePreflight answers a browser, and a sender of CloudEvents that asks whether
// it is welcome before it sends.
func (s *Server) sourcePreflight(w http.ResponseWriter, r *http.Request) {
	src := s.inlet(r.PathValue("name"))
	if asks := r.Header.Get("WebHook-Request-Origin"); asks != "" && src != nil && src.Kind == intake.CloudEvents {
		w.Header().Set("WebHook-Allowed-Origin", asks)
		w.Header().Set("WebHook-Allowed-Rate", "*")
		w.Header().Set("Allow", "POST")
	}
	s.preflight(w, r)
}

func (s *Server) takeMessage(r *http.Request) (taken, error) {
	if err := s.open(); err != nil {
		return taken{}, err
	}
	src := s.inlet(r.PathValue("name"))
	if src == nil {
		return taken{}, newProblem(http.StatusNotFound, "no_source", "the workspace has no source of this name")
	}
	if err := s.fromOrigin(r, src.Name); err != nil {
		return taken{}, err
	}
	body, err := s.readBody(r, s.limits.Batch)
	defer body.release()
	if err != nil {
		return taken{}, err
	}
	d := intake.Delivery{Headers: plainHeaders(r), Body: body.bytes, Received: engine.TimeOf(s.now()), Limits: s.limits}
	who, err := s.proved(r, src, &d)
	if err != nil {
		return taken{}, err
	}
	if isForm(&d) {
		d.Body = formJSON(d.Body)
	}
	reading, err := src.Read(d)
	if err != nil {
		return taken{}, err
	}
	return s.takeReading(r, src, who, &d, reading)
}

// plainHeaders are a call's headers by their names in lower case.
func plainHeaders(r *http.Request) map[string]string {
	h := make(map[string]string, len(r.Header))
	for name, lines := range r.Header {
		h[strings.ToLower(name)] = lines[0]
	}
	return h
}

// proved finds out who sends, or that nobody knows.
func (s *Server) proved(r *http.Request, src *intake.Source, d *intake.Delivery) (sender, error) {
	own := sender{source: src.Name, rate: src.Rate}
	switch src.Proof.Scheme {
	case intake.ByWriteKey:
		who, known, err := s.headerSender(r)
		if !known && err == nil {
			who, err = s.bodySender(r, d.Body)
		}
		switch {
		case err != nil:
			return sender{}, err
		case who.source == loopbackSource:
			return own, nil
		case who.source != src.Name:
			return sender{}, newProblem(http.StatusUnauthorized, "unauthorized", "the write key is that of another source")
		}
		return who, nil
	case intake.SNS:
		return own, s.provedBySNS(r.Context(), src, d.Body)
	}
	if p := src.Proof.Proved(d); p != nil {
		return sender{}, newProblem(http.StatusUnauthorized, p.Code, p.Text)
	}
	return own, nil
}

// takeReading makes everything that a delivery held durable.
func (s *Server) takeReading(r *http.Request, src *intake.Source, who sender, d *intake.Delivery, reading *intake.Reading) (taken, error) {
	if reading.Confirm != "" {
		if _, err := s.fetch(r.Context(), reading.Confirm); err != nil {
			return taken{}, err
		}
		s.log.Info("a subscription was confirmed", "source", src.Name)
		return taken{Success: true}, nil
	}
	if len(reading.Receipts) > 0 {
		if s.options.Receipts == nil {
			return taken{}, away("unavailable", "this server takes no receipts", time.Minute)
		}
		if err := s.buckets.take(who, len(reading.Receipts), s.now()); err != nil {
			return taken{}, err
		}
		if err := s.options.Receipts.Tell(r.Context(), src, reading.Receipts); err != nil {
			s.buckets.giveBack(who, len(reading.Receipts))
			return taken{}, err
		}
		s.metrics.count(src.Name, verdictAccepted, len(reading.Receipts))
	}
	from := visit{source: src.Name, form: formSource, received: d.Received, headers: keptHeaders(src, d)}
	return s.takeBatch(r, who, from, &reading.Batch)
}

// formSource is the form of a message that its source has to read again.
const formSource = "source"

// keptHeaders are the headers that a source's maps read.
func keptHeaders(src *intake.Source, d *intake.Delivery) map[string]string {
	var kept map[string]string
	for _, name := range src.Headers() {
		if v := d.Headers[name]; v != "" {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[name] = v
		}
	}
	return kept
}

// isForm reports the body of an HTML form.
func isForm(d *intake.Delivery) bool {
	kind, _, _ := strings.Cut(d.Headers["content-type"], ";")
	first := bytes.TrimLeft(d.Body, " \t\r\n")
	return strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") &&
		len(first) > 0 && first[0] != '{' && first[0] != '['
}

// formJSON is a form as JSON: a text each, or a list of texts. What is no form is
// left as it is, and refused when it is read.
func formJSON(body []byte) []byte {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return body
	}
	m := make(map[string]any, len(values))
	for name, list := range values {
		if len(list) == 1 {
			m[name] = list[0]
		} else {
			m[name] = list
		}
	}
	b, err := json.Marshal(m)
	if err != nil {
		return body
	}
	return b
}

// papers are certificates of SNS that were read once. Anybody can name one that is
// to be read, so few are being read at one time.
type papers struct {
	reading atomic.Int32

	mu   sync.Mutex
	kept map[string][]byte
}

// maxPapers bounds them: SNS has one for each region, and renews it now and then.
const (
	maxPapers   = 16
	maxReadings = 4
)

// provedBySNS verifies a notice of SNS. Its certificate is read from Amazon once.
func (s *Server) provedBySNS(ctx context.Context, src *intake.Source, body []byte) error {
	address, p := intake.CertOf(body, src.Topic)
	if p != nil {
		return newProblem(http.StatusUnauthorized, p.Code, p.Text)
	}
	s.papers.mu.Lock()
	cert := s.papers.kept[address]
	s.papers.mu.Unlock()
	if cert == nil {
		var err error
		if cert, err = s.fetch(ctx, address); err != nil {
			return err
		}
	}
	if p := intake.SignedBySNS(body, cert, src.Topic); p != nil {
		return newProblem(http.StatusUnauthorized, p.Code, p.Text)
	}
	s.papers.mu.Lock()
	defer s.papers.mu.Unlock()
	if s.papers.kept == nil || len(s.papers.kept) >= maxPapers {
		s.papers.kept = map[string][]byte{}
	}
	s.papers.kept[address] = cert
	return nil
}

// fetchTime bounds the reading of a public address.
const fetchTime = 10 * time.Second

func (s *Server) fetch(ctx context.Context, address string) ([]byte, error) {
	if s.options.Fetch == nil {
		return nil, away("unavailable", "this server reads no public addresses", time.Minute)
	}
	defer s.papers.reading.Add(-1)
	if s.papers.reading.Add(1) > maxReadings {
		return nil, busy(time.Second)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	b, err := s.options.Fetch(ctx, address)
	if err != nil {
		s.log.Warn("an address of a source could not be read", "error", fmt.Errorf("fetch: %w", err))
		return nil, away("unavailable", "what proves the call could not be read from its service, try again in a moment", 10*time.Second)
	}
	return b, nil
}
