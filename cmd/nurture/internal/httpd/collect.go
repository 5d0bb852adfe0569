package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
)

// The collector speaks the protocol of Segment-compatible clients. Those treat
// the answer in ways that cannot be changed any more, so it says 2xx only when
// the events are durable, 429 or 503 when they should come again, and any other
// 4xx only for what would be wrong the next time too. It never redirects: some
// clients take a 3xx for delivered.

// callPaths are the calls, each under its name and under the letter that browsers
// use. Kind 0 is a batch.
var callPaths = map[string]engine.EventKind{
	"identify": engine.Identify, "track": engine.Track, "page": engine.Page,
	"screen": engine.Screen, "group": engine.Group, "alias": engine.Alias, "batch": 0,
	"i": engine.Identify, "t": engine.Track, "p": engine.Page,
	"s": engine.Screen, "g": engine.Group, "a": engine.Alias, "b": 0,
}

func (s *Server) routeCollector(mux *http.ServeMux) {
	for path, kind := range callPaths {
		mux.HandleFunc("POST /v1/"+path, func(w http.ResponseWriter, r *http.Request) { s.collect(w, r, kind) })
		mux.HandleFunc("OPTIONS /v1/"+path, s.preflight)
	}
}

// collect takes one call in.
func (s *Server) collect(w http.ResponseWriter, r *http.Request, kind engine.EventKind) {
	s.allowOrigin(w, r)
	taken, err := s.takeIn(r, kind)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(taken) // the client has gone: it will ask again
}

// taken is the answer to a call whose good events are durable.
type taken struct {
	Success bool `json:"success"`
	Refused int  `json:"refused,omitempty"` // items that went to the dead letters
}

func (s *Server) takeIn(r *http.Request, kind engine.EventKind) (taken, error) {
	if err := s.open(); err != nil {
		return taken{}, err
	}
	received := engine.TimeOf(s.now())
	who, known, err := s.headerSender(r)
	if err != nil {
		return taken{}, err
	}
	body, err := s.readBody(r, s.limits.Batch)
	defer body.release()
	if err != nil {
		return taken{}, err
	}
	if !known {
		if who, err = s.bodySender(r, body.bytes); err != nil {
			return taken{}, err
		}
	}
	if err := s.fromOrigin(r, who.source); err != nil {
		return taken{}, err
	}
	batch, err := intake.Decode(body.bytes, intake.Call{Kind: kind, Received: received, Limits: s.limits})
	if err != nil {
		return taken{}, err
	}
	from := visit{source: who.source, received: received}
	if kind != 0 {
		from.form = kind.String()
	}
	return s.takeBatch(r, who, from, batch)
}

// takeBatch keeps what a sender may send, within its rate, and makes it durable.
func (s *Server) takeBatch(r *http.Request, who sender, from visit, batch *intake.Batch) (taken, error) {
	who.within(batch)
	batch.Keep(s.namedWrong())
	if isStrict(r) && len(batch.Refused) > 0 {
		s.metrics.count(from.source, verdictRefused, len(batch.Refused))
		return taken{}, strict(batch.Refused)
	}
	if err := s.buckets.take(who, len(batch.Events), s.now()); err != nil {
		return taken{}, err
	}
	letters, _, err := s.submit(r.Context(), from, batch)
	if err != nil {
		s.buckets.giveBack(who, len(batch.Events))
		return taken{}, err
	}
	return taken{Success: true, Refused: len(letters)}, nil
}

// isStrict reports a call that wants all of it taken or nothing.
func isStrict(r *http.Request) bool { return r.Header.Get("X-Strict-Mode") == "1" }

// loopbackSource is the source of events that come from this machine without a
// known key, where that is allowed.
const loopbackSource = "local"

// strict refuses a whole call for its bad items; nothing of it was taken.
func strict(refused []intake.Refused) *Problem {
	p := newProblem(http.StatusBadRequest, "bad_items", "some items are not events; nothing of the call was taken")
	for _, r := range refused {
		p.Errors = append(p.Errors, ItemProblem{r.Index, r.ID, r.Problem.Code, r.Problem.Text})
	}
	return p
}

// visit is what is known of a call besides its events.
type visit struct {
	source   string
	form     string            // see store.BadEvent
	headers  map[string]string // those that reading it again takes
	received engine.Time
}

// letter is what is kept of an item that is no event.
func (v *visit) letter(p *engine.Problem, raw string) store.BadEvent {
	return store.BadEvent{
		At: v.received, Source: v.source, Code: p.Code, Text: p.Text, Raw: []byte(raw), Form: v.form, Headers: v.headers,
	}
}

// submit makes a call's events durable, then its dead letters. In this order,
// because a call that is refused for now comes again whole: its events are then
// known, and its letters were not kept yet. results are those of the events.
func (s *Server) submit(ctx context.Context, from visit, batch *intake.Batch) (letters []store.BadEvent, results []runner.Result, err error) {
	for i := range batch.Events {
		batch.Events[i].Source = from.source
	}
	for _, r := range batch.Refused {
		letters = append(letters, from.letter(r.Problem, r.Raw))
	}
	if len(batch.Events) > 0 {
		if results, err = s.options.Door.Submit(ctx, batch.Events); err != nil {
			return nil, nil, err
		}
	}
	accepted, duplicate := 0, 0
	for i := range results {
		var p *engine.Problem
		switch {
		case results[i].Duplicate:
			duplicate++
		case errors.As(results[i].Err, &p):
			letters = append(letters, from.letter(p, batch.Raw(i)))
		case results[i].Err != nil:
			return nil, nil, results[i].Err
		default:
			accepted++
		}
	}
	if len(letters) > 0 {
		if err := s.options.Door.Refuse(ctx, letters); err != nil {
			return nil, nil, err
		}
	}
	s.metrics.count(from.source, verdictAccepted, accepted)
	s.metrics.count(from.source, verdictDuplicate, duplicate)
	s.metrics.count(from.source, verdictRefused, len(letters))
	return letters, results, nil
}

// preflight answers a browser that asks whether it may send.
func (s *Server) preflight(w http.ResponseWriter, r *http.Request) {
	if s.allowOrigin(w, r) {
		h := w.Header()
		h.Set("Access-Control-Allow-Methods", "POST")
		h.Set("Access-Control-Allow-Headers", "authorization, content-encoding, content-type, x-retry-count, x-strict-mode")
		h.Set("Access-Control-Max-Age", "86400")
	}
	w.WriteHeader(http.StatusNoContent)
}

// allowOrigin lets the pages of the configured sites read the answer.
func (s *Server) allowOrigin(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	w.Header().Add("Vary", "Origin")
	if origin == "" || !s.anyOrigin(origin) {
		return false
	}
	if slices.Contains(s.options.Origins, "*") {
		origin = "*"
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	return true
}
