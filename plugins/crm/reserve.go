package crm

import (
	"sync"
	"time"
)

// Budget is what a sales system has told of the requests that it grants in a day.
// Activities stop before the day's are used up, so that hand-overs still go. The
// zero Budget knows nothing and holds nothing back.
type Budget struct {
	mu        sync.Mutex
	used, max int
}

// heldBack is how long an activity waits for the next look at the budget.
const heldBack = 30 * time.Minute

// Told takes note of what the sales system says.
func (b *Budget) Told(used, granted int) {
	if granted <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used, b.max = used, granted
}

// Allows is the trouble that an order meets where the rest of the day's requests,
// percent of them, is kept for hand-overs; nil where it may go.
func (b *Budget) Allows(o Order, percent float64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if o.Urgent() || b.max == 0 || float64(b.max-b.used) > float64(b.max)*percent/100 {
		return nil
	}
	return Later(heldBack, "daily_reserve", "the rest of the day's requests is kept for hand-overs")
}
