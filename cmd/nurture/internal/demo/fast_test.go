package demo

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

func TestFastClock(t *testing.T) {
	t.Parallel()
	by := enginetest.NewClock(time.Date(2030, 1, 1, 0, 0, 0, 250, time.UTC))
	c, err := NewFast(by, Monday(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	check := func(want string) {
		t.Helper()
		if got := c.Now().Format("Mon 2006-01-02 15:04:05.000 MST"); got != want {
			t.Errorf("the clock shows %s, want %s", got, want)
		}
	}
	check("Mon 2026-10-05 09:00:00.000 JST")
	by.Advance(time.Second)
	check("Mon 2026-10-05 10:00:00.000 JST")
	by.Advance(1500 * time.Microsecond)
	check("Mon 2026-10-05 10:00:05.400 JST")
	by.Advance(10 * 24 * time.Hour)
	check("Sun 2125-04-29 10:00:05.400 JST") // 864,000 hours later: nothing overflows
}

func TestFastClockWaits(t *testing.T) {
	t.Parallel()
	by := enginetest.NewClock(time.Unix(0, 0))
	c, err := NewFast(by, Monday(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	fired := func(ch <-chan time.Time) bool {
		select {
		case <-ch:
			return true
		default:
			return false
		}
	}
	hours, _ := c.At(Monday().Add(2 * time.Hour))
	moment, _ := c.At(Monday().Add(5 * time.Second))
	gone, stop := c.At(Monday().Add(time.Hour))
	stop()
	by.Advance(blink - time.Nanosecond)
	if fired(moment) {
		t.Error("a wait of seconds was over before a blink")
	}
	by.Advance(time.Nanosecond)
	if !fired(moment) {
		t.Error("a wait of seconds was not over after a blink")
	}
	by.Advance(2*time.Second - blink - time.Nanosecond)
	if fired(hours) {
		t.Error("two hours were over too early")
	}
	by.Advance(time.Nanosecond)
	if !fired(hours) {
		t.Error("two hours were not over after two seconds")
	}
	if fired(gone) {
		t.Error("a wait that was given up fired")
	}
	for _, past := range []time.Duration{0, -time.Hour} {
		if at, _ := c.At(c.Now().Add(past)); !fired(at) {
			t.Errorf("a wait for %v from now did not fire", past)
		}
	}
}

func TestFastClockRefusesSpeeds(t *testing.T) {
	t.Parallel()
	for _, speed := range []time.Duration{0, -time.Hour, time.Millisecond, 1500 * time.Millisecond, 25 * time.Hour} {
		if _, err := NewFast(enginetest.NewClock(time.Unix(0, 0)), Monday(), speed); err == nil {
			t.Errorf("a speed of %v was taken", speed)
		}
	}
}

// TestHours covers days, nights, weekends and months.
func TestHours(t *testing.T) {
	t.Parallel()
	at := func(s string) time.Time {
		got, err := time.ParseInLocation("2006-01-02 15:04", s, japan)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, c := range []struct {
		from  string
		after time.Duration
		want  string
	}{
		{"2026-10-05 09:00", 0, "2026-10-05 09:00"},
		{"2026-10-05 09:00", 8*time.Hour + 59*time.Minute, "2026-10-05 17:59"},
		{"2026-10-05 09:00", 9 * time.Hour, "2026-10-06 09:00"},
		{"2026-10-05 17:30", time.Hour, "2026-10-06 09:30"},
		{"2026-10-05 03:00", time.Hour, "2026-10-05 10:00"},
		{"2026-10-09 17:00", 2 * time.Hour, "2026-10-13 10:00"}, // over a weekend and a holiday
		{"2026-10-10 12:00", 20 * time.Hour, "2026-10-15 11:00"},
	} {
		if got := Japan().office().after(at(c.from), c.after); !got.Equal(at(c.want)) {
			t.Errorf("%v of office time after %s is %v, want %s", c.after, c.from, got, c.want)
		}
	}
	for _, c := range []struct {
		hours      hours
		from, want string
	}{
		{Japan().awake(), "2026-10-05 12:00", "2026-10-05 12:00"},
		{Japan().awake(), "2026-10-05 06:00", "2026-10-05 08:00"},
		{Japan().awake(), "2026-10-10 21:00", "2026-10-11 08:00"},
		{Japan().leisure(), "2026-10-05 12:00", "2026-10-05 19:00"},
		{Japan().leisure(), "2026-10-09 23:00", "2026-10-10 10:00"},
		{Japan().leisure(), "2026-10-11 22:59", "2026-10-11 22:59"},
		{Japan().office(), "2026-10-31 12:00", "2026-11-02 09:00"}, // over the end of a month
	} {
		if got := c.hours.next(at(c.from)); !got.Equal(at(c.want)) {
			t.Errorf("the hours after %s begin at %v, want %s", c.from, got, c.want)
		}
	}
}
