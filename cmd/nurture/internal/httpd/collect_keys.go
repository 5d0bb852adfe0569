package httpd

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// sender is who sends: a source, and what its key allows.
type sender struct {
	source string
	key    string   // id of the key, "" for one that serve was given
	scopes []string // the events that it may send; none: all
	rate   float64  // events a second; 0: unbounded
}

// Inlets are the sources that the workspace describes, as it is now.
type Inlets interface {
	// Source is the one of that name, nil for none.
	Source(name string) *intake.Source
	// Sources are all of them.
	Sources() []*intake.Source
}

func (s *Server) inlet(name string) *intake.Source {
	if s.options.Inlets == nil {
		return nil
	}
	return s.options.Inlets.Source(name)
}

// senderOf is whose write key this is.
func (s *Server) senderOf(secret string) (who sender, ok bool) {
	if name, known := s.sources.name(secret); known {
		who, ok = sender{source: name}, true
	} else if s.options.Book != nil {
		var k access.Key
		if k, ok = s.options.Book.Find(access.Write, secret, s.now()); ok {
			who = sender{source: k.Name, key: k.ID, scopes: k.Scopes, rate: k.Rate}
		}
	}
	if src := s.inlet(who.source); src != nil && who.rate == 0 {
		who.rate = src.Rate
	}
	return who, ok
}

// headerSender is who shows a key in the Authorization header; known is false
// where there is no such header and the body may have a key.
func (s *Server) headerSender(r *http.Request) (who sender, known bool, err error) {
	secret, given := headerSecret(r)
	if !given {
		return who, false, nil
	}
	if who, ok := s.senderOf(secret); ok {
		return who, true, nil
	}
	who, err = s.localSender(r)
	return who, true, err
}

func (s *Server) bodySender(r *http.Request, body []byte) (sender, error) {
	if who, ok := s.senderOf(intake.WriteKey(body)); ok {
		return who, nil
	}
	return s.localSender(r)
}

// localSender lets calls from this machine in without a known key, where that is
// allowed.
func (s *Server) localSender(r *http.Request) (sender, error) {
	if s.options.Loopback && fromThisMachine(r) {
		return sender{source: loopbackSource}, nil
	}
	return sender{}, newProblem(http.StatusUnauthorized, "unauthorized", "the write key is missing or unknown")
}

// within refuses the events that a key may not send. A call other than track is
// named by its type.
func (w *sender) within(batch *intake.Batch) {
	if len(w.scopes) == 0 {
		return
	}
	batch.Keep(func(e *engine.Event) *engine.Problem {
		name := e.Kind.String()
		if e.Kind == engine.Track {
			name = e.Name
		}
		if slices.Contains(w.scopes, name) || slices.Contains(w.scopes, engine.Fold(name)) {
			return nil
		}
		return &engine.Problem{Code: "out_of_scope", Text: "the key may not send this event"}
	})
}

// anyOrigin reports a site whose pages may send to some source.
func (s *Server) anyOrigin(origin string) bool {
	if slices.Contains(s.options.Origins, "*") || slices.Contains(s.options.Origins, origin) {
		return true
	}
	if s.options.Inlets == nil {
		return false
	}
	for _, src := range s.options.Inlets.Sources() {
		if slices.Contains(src.Origins, origin) || slices.Contains(src.Origins, "*") {
			return true
		}
	}
	return false
}

// fromOrigin refuses a page of a site that a source does not name, where it names
// any.
func (s *Server) fromOrigin(r *http.Request, source string) error {
	origin, src := r.Header.Get("Origin"), s.inlet(source)
	if origin == "" || src == nil || len(src.Origins) == 0 || slices.Contains(src.Origins, "*") || slices.Contains(src.Origins, origin) {
		return nil
	}
	return newProblem(http.StatusForbidden, "origin_not_allowed", "pages of this site may not send to this source")
}

// buckets bounds the events of each key. A bucket holds what its rate gives in a
// few seconds; a call larger than that is let in when the bucket is full and paid
// for afterwards, so that no call is too large for ever.
type buckets struct {
	mu   sync.Mutex
	held map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

// burst is how many seconds of its rate a bucket holds.
const burst = 5

func (b *buckets) take(who sender, n int, now time.Time) error {
	if who.rate <= 0 || n == 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil {
		b.held = map[string]*bucket{}
	}
	most := math.Max(1, who.rate*burst)
	one := b.held[who.source+"/"+who.key]
	if one == nil {
		one = &bucket{tokens: most, at: now}
		b.held[who.source+"/"+who.key] = one
	}
	one.tokens = math.Min(most, one.tokens+who.rate*math.Max(0, now.Sub(one.at).Seconds()))
	one.at = now
	if lack := math.Min(float64(n), most) - one.tokens; lack > 0 {
		after := time.Duration(lack / who.rate * float64(time.Second))
		p := newProblem(http.StatusTooManyRequests, "too_fast", fmt.Sprintf("this key may send %g events a second, try again later", who.rate))
		p.after = min(max(after, time.Second), time.Hour)
		return p
	}
	one.tokens -= float64(n)
	return nil
}

func (b *buckets) giveBack(who sender, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if one := b.held[who.source+"/"+who.key]; one != nil {
		one.tokens += float64(n)
	}
}
