package httpd

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// recent remembers what became durable lately, for pages that are being watched:
// a few arrivals, decisions and toss-ups, and how many events came in each of the
// last seconds. It begins empty with every start.
type recent struct {
	server *Server

	mu       sync.Mutex
	arrivals []arrival // newest first, each lead once
	moments  []moment  // newest first
	tossUps  []*offer  // newest first
	seconds  [rateSeconds]int64
	second   int64 // since 1970, of the newest bucket
	change   chan struct{}
}

// How much is remembered.
const (
	keepArrivals = 10
	keepMoments  = 10
	keepOffers   = 4
	rateSeconds  = 120
)

// arrival is a lead whose event has just come in.
type arrival struct {
	lead  engine.LeadID
	at    time.Time // by our clock
	kind  engine.EventKind
	event string
}

// moment is a decision worth seeing.
type moment struct {
	lead     engine.LeadID
	at       time.Time
	decision runner.Brief
}

// offer is a toss-up. Its reasons are read from the journal when they are first
// shown.
type offer struct {
	lead    engine.LeadID
	at      time.Time
	tossUp  string
	reasons []ReasonDoc
	read    bool
}

func newRecent(s *Server) *recent {
	return &recent{server: s, change: make(chan struct{})}
}

// watch follows the runner until ctx ends or the runner does.
func (r *recent) watch(ctx context.Context) {
	_ = r.server.options.Desk.Watch(ctx, r.add) // its only end is the runner's or ours
}

func (r *recent) add(updates []runner.Update, lost uint64) {
	now := r.server.now()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(now)
	r.seconds[r.second%rateSeconds] += int64(lost)
	for i := range updates {
		u := &updates[i]
		if u.Kind.Outside() {
			r.seconds[r.second%rateSeconds]++
			r.arrive(arrival{u.Lead, now, u.Kind, u.Event})
		}
		for _, d := range u.Decisions {
			r.note(u.Lead, now, d)
		}
	}
	close(r.change)
	r.change = make(chan struct{})
}

func (r *recent) arrive(a arrival) {
	r.arrivals = slices.DeleteFunc(r.arrivals, func(old arrival) bool { return old.lead == a.lead })
	r.arrivals = push(r.arrivals, a, keepArrivals)
}

// quiet are the decisions that are too small to tell of one by one.
var quiet = []engine.DecisionKind{engine.Paid, engine.Intended, engine.Permitted, engine.Held}

func (r *recent) note(lead engine.LeadID, at time.Time, d runner.Brief) {
	if d.Kind == engine.TossedUp {
		r.tossUps = push(r.tossUps, &offer{lead: lead, at: at, tossUp: d.Subject}, keepOffers)
	}
	if !slices.Contains(quiet, d.Kind) {
		r.moments = push(r.moments, moment{lead, at, d}, keepMoments)
	}
}

// push puts the newest in front and forgets the oldest.
func push[T any](list []T, newest T, keep int) []T {
	list = slices.Insert(list, 0, newest)
	return list[:min(len(list), keep)]
}

// turn empties the buckets of the seconds that have passed since the last.
func (r *recent) turn(now time.Time) {
	second := now.Unix() / r.server.options.Pace
	for n := 0; r.second < second && n < rateSeconds; n++ {
		r.second++
		if second-r.second >= rateSeconds {
			r.second = second - rateSeconds + 1
		}
		r.seconds[r.second%rateSeconds] = 0
	}
	r.second = max(r.second, second)
}

// rate is events a second over the last ten whole ones.
func (r *recent) rate() float64 {
	series := r.series()
	sum := 0.0
	for _, n := range series[len(series)-11 : len(series)-1] {
		sum += n
	}
	return sum / 10
}

// series is events by second, oldest first; the last one has not ended.
func (r *recent) series() []float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turn(r.server.now())
	series := make([]float64, rateSeconds)
	for i := range series {
		series[i] = float64(r.seconds[(r.second+1+int64(i))%rateSeconds])
	}
	return series
}

// changed is closed with the next change.
func (r *recent) changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.change
}

// snapshot copies the lists. The toss-ups have their reasons.
func (r *recent) snapshot(ctx context.Context) (arrivals []arrival, moments []moment, tossUps []offer) {
	r.mu.Lock()
	arrivals, moments = slices.Clone(r.arrivals), slices.Clone(r.moments)
	offers := slices.Clone(r.tossUps)
	r.mu.Unlock()
	for _, o := range offers {
		tossUps = append(tossUps, r.explained(ctx, o))
	}
	return arrivals, moments, tossUps
}

// explained is the toss-up with its reasons.
func (r *recent) explained(ctx context.Context, o *offer) offer {
	r.mu.Lock()
	known := *o
	r.mu.Unlock()
	if known.read {
		return known
	}
	facts, err := r.server.latestFacts(ctx, o.lead, 200, nil)
	if err != nil {
		return known
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o.reasons, o.read = reasonsOf(facts, o.tossUp), true
	return *o
}

// reasonsOf finds why a toss-up was made last.
func reasonsOf(facts []FactDoc, tossUp string) []ReasonDoc {
	for _, f := range facts {
		for _, d := range f.Decisions {
			if d.Kind == engine.TossedUp.String() && d.Subject == tossUp {
				return d.Because
			}
		}
	}
	return nil
}
