package tryton

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// pageSize is how many opportunities are read at once.
const pageSize = 100

// lookBack is how long ago a create may have been made that nobody waited for.
const lookBack = 10 * time.Minute

// Listen reads back what sales did with our opportunities.
func (c *Channel) Listen(ctx context.Context, in channel.Inbox) error {
	w := crm.Watch{Every: c.config.poll, Changes: c.changes}
	return w.Listen(ctx, in)
}

// row is an opportunity as it is now.
type row struct {
	ID         int64    `json:"id"`
	Reference  string   `json:"reference"`
	State      string   `json:"state"`
	Amount     *decimal `json:"amount"`
	LostReason string   `json:"lost_reason"`
	WriteDate  *instant `json:"write_date"`
}

// changes are the opportunities of ours that somebody has changed since. We never
// write to one after it was made.
func (c *Channel) changes(ctx context.Context, since time.Time, page string) ([]crm.Change, string, error) {
	if page == "" {
		if err := c.sweep(ctx); err != nil {
			return nil, "", err
		}
	}
	offset, _ := strconv.Atoi(page)
	var rows []row
	err := c.call(ctx, "model.sale.opportunity.search_read", &rows,
		[]any{[]any{"reference", "like", "nurture:%"}, []any{"write_date", ">=", instantOf(since)}},
		offset, pageSize, []any{[]any{"write_date", "ASC"}, []any{"id", "ASC"}},
		[]string{"reference", "state", "amount", "lost_reason", "write_date"})
	if err != nil {
		return nil, "", err
	}
	changes := make([]crm.Change, 0, len(rows))
	for _, r := range rows {
		change, err := c.change(ctx, r)
		if err != nil {
			return nil, "", err
		}
		changes = append(changes, change)
	}
	if len(rows) < pageSize {
		return changes, "", nil
	}
	return changes, strconv.Itoa(offset + len(rows)), nil
}

func (c *Channel) change(ctx context.Context, r row) (crm.Change, error) {
	change := crm.Change{Record: text(r.ID)}
	if r.WriteDate != nil {
		change.Modified = r.WriteDate.time()
	}
	ref, ours := crm.ParseReference(r.Reference)
	if !ours || r.State == "lead" {
		return change, nil
	}
	states, err := c.states(ctx, r)
	if err != nil {
		return change, err
	}
	change.Outcomes = outcomes(r, ref, states)
	return change, nil
}

// state is what an opportunity was at a time.
type state struct {
	name string
	at   time.Time
}

// states is the life of an opportunity, from Tryton's history: each state with
// the time at which it began.
func (c *Channel) states(ctx context.Context, r row) ([]state, error) {
	var revisions [][]json.RawMessage
	if err := c.call(ctx, "model.sale.opportunity.history_revisions", &revisions, []int64{r.ID}); err != nil {
		return nil, err
	}
	slices.Reverse(revisions)
	var states []state
	for _, revision := range revisions {
		var at instant
		if len(revision) == 0 || json.Unmarshal(revision[0], &at) != nil {
			continue
		}
		var was []struct{ State string }
		err := c.callIn(ctx, map[string]any{"_datetime": at}, "model.sale.opportunity.read", &was, []int64{r.ID}, []string{"state"})
		if err != nil {
			return nil, err
		}
		if len(was) == 1 && (len(states) == 0 || states[len(states)-1].name != was[0].State) {
			states = append(states, state{was[0].State, at.time()})
		}
	}
	if n := len(states); n == 0 || states[n-1].name != r.State { // a server without history
		at := time.Time{}
		if r.WriteDate != nil {
			at = r.WriteDate.time()
		}
		states = append(states, state{r.State, at})
	}
	return states, nil
}

// outcomes is what the states mean. Whoever makes an opportunity of it has taken
// the lead; whoever gives it up before that has sent it back.
func outcomes(r row, ref crm.Reference, states []state) []crm.Outcome {
	var list []crm.Outcome
	told := map[string]bool{}
	tell := func(event string, at time.Time) {
		if told[event] {
			return
		}
		told[event] = true
		o := crm.Outcome{Reference: ref, Record: "sale.opportunity," + text(r.ID), Event: event, At: at}
		if r.Amount != nil && event != crm.Accepted && event != crm.Rejected {
			o.Amount = r.Amount.Decimal
		}
		if event == crm.Lost || event == crm.Rejected {
			o.Reason = strings.TrimSpace(r.LostReason)
		}
		list = append(list, o)
	}
	for _, s := range states {
		switch s.name {
		case "opportunity", "converted", "won":
			tell(crm.Accepted, s.at)
			tell(crm.Opportunity, s.at)
			if s.name == "won" {
				tell(crm.Won, s.at)
			}
		case "lost", "cancelled":
			if told[crm.Opportunity] {
				tell(crm.Lost, s.at)
			} else {
				tell(crm.Rejected, s.at)
			}
		}
	}
	return list
}

// sweep looks for toss-ups that became an opportunity twice, which is what a
// create of a process that died can come to, and takes away those that came later
// and that nobody has touched.
func (c *Channel) sweep(ctx context.Context) error {
	now := c.now()
	since := now.Add(-lookBack)
	if c.swept.IsZero() {
		since = now.Add(-24 * time.Hour)
	}
	var rows []row
	err := c.call(ctx, "model.sale.opportunity.search_read", &rows,
		[]any{[]any{"reference", "like", "nurture:%"}, []any{"create_date", ">=", instantOf(since)}},
		0, nil, []any{[]any{"id", "ASC"}}, []string{"reference", "state", "write_date"})
	if err != nil {
		return err
	}
	first := map[string]bool{}
	var twice []int64
	for _, r := range rows {
		ref, ours := crm.ParseReference(r.Reference)
		switch {
		case !ours:
		case !first[ref.Key]:
			first[ref.Key] = true
		case r.State == "lead" && r.WriteDate == nil:
			twice = append(twice, r.ID)
		}
	}
	if len(twice) > 0 {
		if err := c.call(ctx, "model.sale.opportunity.delete", nil, twice); err != nil {
			return err
		}
	}
	c.swept = now
	return nil
}
