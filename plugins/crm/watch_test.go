package crm_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

// box is an Inbox that keeps what it is given.
type box struct {
	cursor string
	facts  []string
	fail   error // of the next Accept
	after  func()
}

func (b *box) Cursor() string { return b.cursor }

func (b *box) Accept(_ context.Context, facts []channel.Fact, cursor string) error {
	if err := b.fail; err != nil {
		b.fail = nil
		return err
	}
	for _, f := range facts {
		b.facts = append(b.facts, f.ID)
	}
	b.cursor = cursor
	if b.after != nil {
		b.after()
	}
	return nil
}

func won(record int, at time.Time) crm.Change {
	return crm.Change{Record: fmt.Sprint(record), Modified: at, Outcomes: []crm.Outcome{{
		Reference: crm.Reference{Key: key, Lead: leadID}, Record: fmt.Sprint(record), Event: crm.Won, At: at,
	}}}
}

// All pages are read before the cursor moves, a little before it is read again,
// and what was accepted is not told twice.
func TestWatch(t *testing.T) {
	t.Parallel()
	at := noon()
	rounds := [][][]crm.Change{
		{{won(1, at), won(2, at.Add(time.Minute))}, {won(3, at.Add(-time.Hour))}},
		{{won(2, at.Add(time.Minute))}},                              // read again
		{{won(2, at.Add(time.Minute)), won(4, at.Add(time.Minute))}}, // seen late
		{{won(2, at.Add(5*time.Minute))}},                            // changed again
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := &box{}
	var asked []string
	n := 0
	w := crm.Watch{Every: time.Microsecond, Changes: func(_ context.Context, since time.Time, page string) ([]crm.Change, string, error) {
		if n == len(rounds) {
			cancel()
			return nil, "", ctx.Err()
		}
		asked = append(asked, since.Format(time.TimeOnly)+" "+page)
		if page == "" && len(rounds[n]) > 1 {
			return rounds[n][0], "2", nil
		}
		n++
		return rounds[n-1][len(rounds[n-1])-1], "", nil
	}}
	if err := w.Listen(ctx, in); err != nil {
		t.Fatal(err)
	}
	ids := func(records ...int) (list []string) {
		for _, r := range records {
			list = append(list, fmt.Sprintf("%d/%s/deal_won", r, key))
		}
		return list
	}
	if d := cmp.Diff(ids(1, 2, 3, 4, 2), in.facts); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"00:00:00 ", "00:00:00 2", "11:59:00 ", "11:59:00 ", "11:59:00 "}, asked); d != "" {
		t.Error(d)
	}
	if in.cursor != at.Add(5*time.Minute).Format(time.RFC3339Nano) {
		t.Errorf("cursor %s", in.cursor)
	}
}

// What could not be made durable is told again by the next listener, from the
// cursor that was kept.
func TestWatchAfterFailure(t *testing.T) {
	t.Parallel()
	changes := func(_ context.Context, since time.Time, _ string) ([]crm.Change, string, error) {
		if c := won(1, noon()); !c.Modified.Before(since) {
			return []crm.Change{c}, "", nil
		}
		return nil, "", nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := &box{fail: errors.New("the disk is full")}
	first := crm.Watch{Every: time.Hour, Changes: changes}
	if err := first.Listen(ctx, in); err == nil || in.cursor != "" {
		t.Fatalf("error %v, cursor %q", err, in.cursor)
	}
	in.after = func() {
		if in.cursor != "" {
			cancel()
		}
	}
	second := crm.Watch{Every: time.Hour, Changes: changes}
	if err := second.Listen(ctx, in); err != nil || len(in.facts) != 1 {
		t.Fatalf("error %v, facts %v", err, in.facts)
	}
}

// A service that asks for patience gets it, and the watch goes on.
func TestWatchWaits(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := &box{after: cancel}
	calls := 0
	w := crm.Watch{Every: time.Hour, Changes: func(context.Context, time.Time, string) ([]crm.Change, string, error) {
		if calls++; calls == 1 {
			return nil, "", crm.Later(time.Millisecond, "http_429", "slower")
		}
		return []crm.Change{won(1, noon())}, "", nil
	}}
	if err := w.Listen(ctx, in); err != nil || len(in.facts) != 1 {
		t.Fatalf("error %v, facts %v", err, in.facts)
	}
}

// The rest of a day's requests is for hand-overs.
func TestBudget(t *testing.T) {
	t.Parallel()
	var b crm.Budget
	note, handOver := crm.Order{Action: crm.ActionNote}, crm.Order{Action: crm.ActionHandOver}
	for _, c := range []struct {
		used, granted int
		note          bool
	}{{0, 0, true}, {899, 1000, true}, {900, 1000, false}, {1000, 1000, false}, {10, 1000, true}} {
		b.Told(c.used, c.granted)
		if err := b.Allows(note, 10); (err == nil) != c.note {
			t.Errorf("%d of %d used: a note meets %v", c.used, c.granted, err)
		}
		if err := b.Allows(handOver, 10); err != nil {
			t.Errorf("%d of %d used: a hand-over meets %v", c.used, c.granted, err)
		}
	}
}
