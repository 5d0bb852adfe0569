package httpd

import (
	"sync"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// tallyBook reads counters for pages. Summing a counter walks all its hours, so
// what was read is kept for a while: at least for tallyAge, and for long enough
// that reading takes no more than a twentieth of the time.
type tallyBook struct {
	ledger Ledger

	mu    sync.Mutex
	known map[string]tallied
	kpis  []KPIDoc
	until time.Time // how long kpis is kept

	funnel      FunnelDoc
	funnelUntil time.Time // how long funnel is kept
}

// tallied is a counter as it was read: all of it by part, and the last day by
// hour.
type tallied struct {
	in, out int64
	today   kpi.Series // part 0, of the last two days
	until   time.Time  // by the machine's clock: how long it is kept
}

const tallyAge = 500 * time.Millisecond

// read gives a counter. now is the injected clock's; the age of what is kept is
// the machine's own time.
func (b *tallyBook) read(name string, now time.Time) (tallied, error) {
	start := time.Now()
	b.mu.Lock()
	t, ok := b.known[name]
	b.mu.Unlock()
	if ok && start.Before(t.until) {
		return t, nil
	}
	this := kpi.HourOf(now)
	var day kpi.Counter
	t = tallied{}
	err := b.ledger.Counts(name, 0, this+1, func(d engine.Delta) error {
		if d.Part != 0 {
			t.out += d.N
			return nil
		}
		t.in += d.N
		if d.Hour > this-48 {
			day.Add(d.Hour, d.N)
		}
		return nil
	})
	if err != nil {
		return t, err
	}
	t.today = day.Series()
	t.until = keepUntil(start)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known == nil || len(b.known) > 10_000 {
		b.known = map[string]tallied{}
	}
	b.known[name] = t
	return t, nil
}

// keepUntil is how long something is kept whose reading began at start and has
// just ended.
func keepUntil(start time.Time) time.Time { return start.Add(max(tallyAge, 20*time.Since(start))) }

// figures are the key figures, as read gives them.
func (b *tallyBook) figures(read func() ([]KPIDoc, error)) ([]KPIDoc, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	start := time.Now()
	if start.Before(b.until) {
		return b.kpis, nil
	}
	docs, err := read()
	if err == nil {
		b.kpis, b.until = docs, keepUntil(start)
	}
	return docs, err
}

// firstFunnel is the funnel of the overview, as read gives it.
func (b *tallyBook) firstFunnel(read func() (FunnelDoc, error)) (FunnelDoc, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	start := time.Now()
	if start.Before(b.funnelUntil) {
		return b.funnel, nil
	}
	doc, err := read()
	if err == nil {
		b.funnel, b.funnelUntil = doc, keepUntil(start)
	}
	return doc, err
}

// hours are the counts of the last 24 hours, oldest first.
func (t *tallied) hours(now time.Time) []float64 {
	this := kpi.HourOf(now)
	hours := make([]float64, 24)
	for i := range hours {
		hour := this - 23 + int64(i)
		hours[i] = float64(t.today.Sum(hour, hour+1))
	}
	return hours
}

// sinceMidnight counts from the beginning of the day in the given zone.
func (t *tallied) sinceMidnight(now time.Time, zone *time.Location) int64 {
	local := now.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone)
	return t.today.Sum(kpi.HourOf(midnight), kpi.HourOf(now)+1)
}

// dayCounter adds up the last hours of several counters.
type dayCounter struct{ kpi.Counter }

func (c *dayCounter) add(s kpi.Series) {
	for _, p := range s {
		c.Add(p.Hour, p.N)
	}
}
