package calendar

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The tests of this file are named after faults of systems in use.

const localForm = "Mon 2006-01-02 15:04 MST"

type openingCase struct {
	zone, from, window, quiet string
	want                      string // instant in UTC, "" for never
}

func checkOpenings(t *testing.T, cases []openingCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s from %s in %s but %s", c.zone, c.from, c.window, c.quiet), func(t *testing.T) {
			t.Parallel()
			from, err := time.Parse(time.RFC3339, c.from)
			if err != nil {
				t.Fatal(err)
			}
			var w *Window
			var q *Quiet
			if c.window != "" {
				if w, err = ParseWindow(c.window); err != nil {
					t.Fatal(err)
				}
			}
			if c.quiet != "" {
				if q, err = ParseQuiet(c.quiet, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			got, ok := NextOpening(from.In(mustZone(t, c.zone)), w, q)
			if c.want == "" {
				if ok {
					t.Fatalf("opens at %s, want never", got.Format(localForm))
				}
				return
			}
			want, err := time.Parse(time.RFC3339, c.want)
			if err != nil {
				t.Fatal(err)
			}
			if !ok || !got.Equal(want) {
				t.Errorf("opens at %s (%v), want %s", got.Format(localForm), ok, want.In(got.Location()).Format(localForm))
			}
		})
	}
}

// A rule for Monday to Friday, 08:00 in Tokyo, judged on the UTC day, sends on
// Saturday and never on Monday.
func TestFault01WeekdaysOfTheUTCDay(t *testing.T) {
	t.Parallel()
	const rule = "mon-fri 08:00-08:05"
	checkOpenings(t, []openingCase{
		{"Asia/Tokyo", "2026-10-02T00:00:00Z", rule, "", "2026-10-04T23:00:00Z"}, // Fri 09:00 → Mon
		{"Asia/Tokyo", "2026-10-02T23:00:00Z", rule, "", "2026-10-04T23:00:00Z"}, // Sat 08:00 is Friday in UTC
		{"Asia/Tokyo", "2026-10-03T23:00:00Z", rule, "", "2026-10-04T23:00:00Z"}, // Sun 08:00
		{"Asia/Tokyo", "2026-10-04T23:00:00Z", rule, "", "2026-10-04T23:00:00Z"}, // Mon 08:00 is Sunday in UTC
		{"Asia/Tokyo", "2026-10-04T23:04:59Z", rule, "", "2026-10-04T23:04:59Z"},
		{"Asia/Tokyo", "2026-10-04T23:05:00Z", rule, "", "2026-10-05T23:00:00Z"},
		{"America/Los_Angeles", "2026-10-03T00:00:00Z", "fri 17:00-18:00", "", "2026-10-03T00:00:00Z"},
		{"Asia/Kathmandu", "2026-10-04T18:14:00Z", "mon 00:00-00:30", "", "2026-10-04T18:15:00Z"},
		{"Asia/Kathmandu", "2026-10-05T00:00:00Z", "mon 09:30", "", "2026-10-05T03:45:00Z"},
		{"Pacific/Kiritimati", "2026-10-03T10:00:00Z", "sun", "", "2026-10-03T10:00:00Z"},
	})
}

// A rule that takes today's offset for all days is an hour off on the day on which
// clocks change, and after it.
func TestFault02OneOffsetForAllDays(t *testing.T) {
	t.Parallel()
	checkOpenings(t, []openingCase{
		// New York: forward on 8 March 2026 at 07:00Z, back on 1 November at 06:00Z.
		{"America/New_York", "2026-03-08T01:00:00Z", "", "19:00-08:30", "2026-03-08T12:30:00Z"},
		{"America/New_York", "2026-03-07T01:00:00Z", "", "19:00-08:30", "2026-03-07T13:30:00Z"},
		{"America/New_York", "2026-11-01T00:00:00Z", "", "19:00-08:30", "2026-11-01T13:30:00Z"},
		{"America/New_York", "2026-10-31T00:00:00Z", "", "19:00-08:30", "2026-10-31T12:30:00Z"},
		// 02:30 does not exist on 8 March: the window opens behind the gap.
		{"America/New_York", "2026-03-08T06:00:00Z", "02:30-04:00", "", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-03-08T06:00:00Z", "02:00-02:30", "", "2026-03-09T06:00:00Z"},
		{"America/New_York", "2026-03-08T06:00:00Z", "", "00:00-02:00", "2026-03-08T07:00:00Z"},
		// 02:15-02:45 lies in the gap altogether: it opens on the next day.
		{"America/New_York", "2026-03-08T06:00:00Z", "02:15-02:45", "", "2026-03-09T06:15:00Z"},
		{"America/New_York", "2026-03-08T06:00:00Z", "", "01:00-02:45", "2026-03-08T07:00:00Z"},
		// 01:30 comes twice on 1 November: the first is taken, and the second is open too.
		{"America/New_York", "2026-11-01T04:00:00Z", "01:30-01:45", "", "2026-11-01T05:30:00Z"},
		{"America/New_York", "2026-11-01T05:45:00Z", "01:30-01:45", "", "2026-11-01T06:30:00Z"},
		{"America/New_York", "2026-11-01T06:45:00Z", "01:30-01:45", "", "2026-11-02T06:30:00Z"},
		// 01:15 comes a second time after quiet hours were over once: quiet again.
		{"America/New_York", "2026-11-01T05:10:00Z", "", "23:00-01:30", "2026-11-01T05:30:00Z"},
		{"America/New_York", "2026-11-01T06:10:00Z", "", "23:00-01:30", "2026-11-01T06:30:00Z"},
		// Lord Howe changes by half an hour: 02:00 → 02:30 on 4 October, 02:00 → 01:30 on 5 April.
		{"Australia/Lord_Howe", "2026-10-03T14:00:00Z", "02:15-03:00", "", "2026-10-03T15:30:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T14:00:00Z", "02:45-03:00", "", "2026-10-03T15:45:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T14:00:00Z", "01:45-02:30", "", "2026-04-04T14:45:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "01:45-02:30", "", "2026-04-04T15:15:00Z"},
		// Havana's clocks change at midnight: 8 March 2026 begins at 01:00.
		{"America/Havana", "2026-03-08T04:00:00Z", "sun", "", "2026-03-08T05:00:00Z"},
		// Far ahead, where the zone is a rule and the year a leap year.
		{"America/New_York", "2040-12-31T12:00:00Z", "tue 09:30", "", "2041-01-01T14:30:00Z"},
	})
}

// Windows over midnight were swapped: 22:00-07:00 became 07:00-22:00.
func TestFault03WindowOverMidnightSwapped(t *testing.T) {
	t.Parallel()
	checkOpenings(t, []openingCase{
		{"Asia/Tokyo", "2026-10-05T03:00:00Z", "22:00-07:00", "", "2026-10-05T13:00:00Z"}, // 12:00
		{"Asia/Tokyo", "2026-10-05T21:59:59Z", "22:00-07:00", "", "2026-10-05T21:59:59Z"}, // 06:59:59
		{"Asia/Tokyo", "2026-10-05T22:00:00Z", "22:00-07:00", "", "2026-10-06T13:00:00Z"}, // 07:00
		{"Asia/Tokyo", "2026-10-05T03:00:00Z", "", "22:00-07:00", "2026-10-05T03:00:00Z"},
		{"Asia/Tokyo", "2026-10-05T13:00:00Z", "", "22:00-07:00", "2026-10-05T22:00:00Z"},
		{"Asia/Tokyo", "2026-10-05T12:59:59Z", "", "22:00-07:00", "2026-10-05T12:59:59Z"},
		// It belongs to the day on which it begins.
		{"Asia/Tokyo", "2026-10-01T16:00:00Z", "fri 22:00-02:00", "", "2026-10-02T13:00:00Z"}, // Fri 01:00
		{"Asia/Tokyo", "2026-10-02T16:00:00Z", "fri 22:00-02:00", "", "2026-10-02T16:00:00Z"}, // Sat 01:00
		{"Asia/Tokyo", "2026-10-02T17:00:00Z", "fri 22:00-02:00", "", "2026-10-09T13:00:00Z"}, // Sat 02:00
		{"Asia/Tokyo", "2026-10-05T15:10:00Z", "mon 23:30", "", "2026-10-05T15:10:00Z"},       // Tue 00:10
		// Window and quiet hours together, and against each other.
		{"Asia/Tokyo", "2026-10-05T03:00:00Z", "22:00-10:00", "19:00-08:30", "2026-10-05T23:30:00Z"},
		{"Asia/Tokyo", "2026-10-05T03:00:00Z", "20:00-08:00", "19:00-08:30", ""},
	})
}

// Samoa moved over the date line: Friday 30 December 2011 did not take place.
func TestFault02DayThatDidNotTakePlace(t *testing.T) {
	t.Parallel()
	checkOpenings(t, []openingCase{
		{"Pacific/Apia", "2011-12-30T00:00:00Z", "fri 09:00-10:00", "", "2012-01-05T19:00:00Z"},
		{"Pacific/Apia", "2011-12-30T00:00:00Z", "sat 09:00-10:00", "", "2011-12-30T19:00:00Z"},
		{"Pacific/Apia", "2011-12-30T05:00:00Z", "", "19:00-08:30", "2011-12-30T18:30:00Z"},
		// What began on the day that was left out begins when the next day does.
		{"Pacific/Apia", "2011-12-30T00:00:00Z", "fri 22:00-02:00", "", "2011-12-30T10:00:00Z"},
	})
}

func TestQuietDaysAndHolidays(t *testing.T) {
	t.Parallel()
	c := &Calendar{Japan: true, DaysOff: []string{"2026-09-24"}}
	q, err := ParseQuiet("19:00-08:30", []string{"sat", "sun", "holiday"}, c)
	if err != nil {
		t.Fatal(err)
	}
	tokyo := mustZone(t, "Asia/Tokyo")
	for _, check := range []struct{ from, want time.Time }{
		// Silver Week of 2026: Saturday to Wednesday, and a day off of our own.
		{time.Date(2026, 9, 18, 19, 0, 0, 0, tokyo), time.Date(2026, 9, 25, 8, 30, 0, 0, tokyo)},
		{time.Date(2026, 9, 22, 12, 0, 0, 0, tokyo), time.Date(2026, 9, 25, 8, 30, 0, 0, tokyo)},
		{time.Date(2026, 9, 18, 18, 59, 59, 999, tokyo), time.Date(2026, 9, 18, 18, 59, 59, 999, tokyo)},
		{time.Date(2026, 5, 1, 20, 0, 0, 0, tokyo), time.Date(2026, 5, 7, 8, 30, 0, 0, tokyo)},
	} {
		if got, ok := NextOpening(check.from, nil, q); !ok || !got.Equal(check.want) {
			t.Errorf("from %s: %s (%v), want %s", check.from, got, ok, check.want)
		}
	}
	// The lead's own date counts, not Tokyo's: in New York it is still Friday, the
	// 18th, when the holidays begin in Tokyo.
	from := time.Date(2026, 9, 19, 1, 0, 0, 0, tokyo).In(mustZone(t, "America/New_York"))
	if got, ok := NextOpening(from, nil, q); !ok || !got.Equal(from) {
		t.Errorf("in New York: %s (%v), want %s", got, ok, from)
	}
}

// Nothing but days that are never both open and not quiet: no answer, and soon.
func TestNeverOpen(t *testing.T) {
	t.Parallel()
	sunday := &Window{Days: 1 << time.Sunday, From: 600, To: 660}
	quiet := &Quiet{From: 1140, To: 510, Days: 1 << time.Sunday}
	if EverOpen(sunday, quiet) {
		t.Error("Sundays are open although they are quiet")
	}
	if !EverOpen(sunday, &Quiet{From: 1140, To: 510}) || !EverOpen(nil, quiet) || !EverOpen(sunday, nil) || !EverOpen(nil, nil) {
		t.Error("an open window is said to be never open")
	}
	everyHoliday := &Quiet{From: 540, To: 510, Holidays: true, Calendar: &Calendar{Japan: true}}
	if !EverOpen(nil, everyHoliday) {
		t.Error("holidays close for ever")
	}
}

// Against the reference: random zones, instants near changes of clocks, windows,
// quiet hours, days and holidays.
func TestNextOpeningIsWhatLookingAtEveryMinuteFinds(t *testing.T) {
	t.Parallel()
	names := zoneNames(t)
	rapid.Check(t, func(t *rapid.T) {
		at := drawTime(drawZone(names).Draw(t, "loc")).Draw(t, "at")
		w, q := drawWindow.Draw(t, "window"), drawQuiet(at).Draw(t, "quiet")
		const days = 16
		want, found := refNextOpening(at, w, q, days)
		got, ok := NextOpening(at, w, q)
		switch {
		case found && (!ok || !got.Equal(want)):
			t.Fatalf("from %s in %v but %v: %s (%v), want %s", at, w, q, got, ok, want)
		case !found && ok && got.Before(at.Add(days*Day)):
			t.Fatalf("from %s in %v but %v: %s, want none for %d days", at, w, q, got, days)
		case ok && got.Location() != at.Location():
			t.Fatalf("answer in %s, asked in %s", got.Location(), at.Location())
		}
		if got, want := w.Covers(at), refWindowCovers(w, at); got != want {
			t.Fatalf("%v covers %s: %v, want %v", w, at, got, want)
		}
		if got, want := q.Covers(at), refQuietCovers(q, at); got != want {
			t.Fatalf("%v covers %s: %v, want %v", q, at, got, want)
		}
	})
}

// changesOfAllZones are the instants of a year at which the clocks of some zone
// change, in that zone; of the zones that do the same at the same instant, one.
func changesOfAllZones(t *testing.T, year int) (changes []time.Time) {
	type change struct {
		unix          int64
		before, after int
	}
	known := map[change]bool{}
	end := time.Date(year+1, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range zoneNames(t) {
		loc := mustZone(t, name)
		for at := time.Date(year, 1, 1, 0, 0, 0, 0, loc); ; {
			_, next := at.ZoneBounds()
			if next.IsZero() || next.After(end) {
				break
			}
			c := change{next.Unix(), offsetOf(next.Add(-time.Second)), offsetOf(next)}
			if c.before != c.after && !known[c] {
				known[c] = true
				changes = append(changes, next)
			}
			at = next
		}
	}
	return changes
}

func offsetOf(t time.Time) int { _, offset := t.Zone(); return offset }

// All rules together: a policy's quiet hours and days, a step's own window, a slot of
// an experiment and hours of work open where all of them do, and at once where they
// are open.
func TestRulesTogether(t *testing.T) {
	t.Parallel()
	office := &Calendar{Workdays: MondayToFriday, Open: 9 * 60, Close: 18 * 60, Japan: true}
	policy, err := ParseQuiet("19:00-08:30", []string{"sat", "sun", "holiday"}, office)
	if err != nil {
		t.Fatal(err)
	}
	window, err := ParseWindow("tue-thu 09:30-11:30")
	if err != nil {
		t.Fatal(err)
	}
	slot, err := ParseSlot("tue,wed 11:00")
	if err != nil {
		t.Fatal(err)
	}
	none, err := ParseSlot("mon 11:00")
	if err != nil {
		t.Fatal(err)
	}
	night := &Calendar{Workdays: MondayToFriday, Open: 22 * 60, Close: 2 * 60}
	tokyo := mustZone(t, "Asia/Tokyo")
	monday := time.Date(2026, 9, 21, 12, 0, 0, 0, tokyo) // a holiday, as are Tuesday and Wednesday
	for _, c := range []struct {
		rules []Rule
		from  time.Time
		want  time.Time // zero: never
	}{
		{nil, monday, monday},
		{[]Rule{nil, (*Window)(nil), (*Quiet)(nil), (*Slot)(nil)}, monday, monday},
		{[]Rule{policy, window, slot}, monday, time.Date(2026, 9, 29, 11, 0, 0, 0, tokyo)},
		{[]Rule{slot, policy}, time.Date(2026, 9, 29, 11, 59, 59, 1, tokyo), time.Date(2026, 9, 29, 11, 59, 59, 1, tokyo)},
		{[]Rule{slot, window}, time.Date(2026, 9, 29, 11, 30, 0, 0, tokyo), time.Date(2026, 9, 30, 11, 0, 0, 0, tokyo)},
		{[]Rule{window, none}, monday, time.Time{}},
		{[]Rule{office}, monday, time.Date(2026, 9, 24, 9, 0, 0, 0, tokyo)},
		{[]Rule{office, night}, monday, time.Time{}},
		{[]Rule{night, policy}, monday, time.Time{}},
		{[]Rule{night}, time.Date(2026, 9, 26, 1, 0, 0, 0, tokyo), time.Date(2026, 9, 26, 1, 0, 0, 0, tokyo)}, // Friday's night
		{[]Rule{night}, time.Date(2026, 9, 26, 2, 0, 0, 0, tokyo), time.Date(2026, 9, 28, 22, 0, 0, 0, tokyo)},
		{[]Rule{(*Calendar)(nil)}, time.Date(2026, 9, 26, 1, 0, 0, 0, tokyo), time.Date(2026, 9, 28, 0, 0, 0, 0, tokyo)},
	} {
		got, ok := NextOpening(c.from, c.rules...)
		if ok == c.want.IsZero() || !got.Equal(c.want) {
			t.Errorf("%v from %s: %s (%v), want %s", c.rules, c.from, got, ok, c.want)
		}
		if EverOpen(c.rules...) != ok {
			t.Errorf("%v: ever open %v, but %v", c.rules, EverOpen(c.rules...), ok)
		}
	}
	if !night.AtWork(time.Date(2026, 9, 26, 1, 0, 0, 0, tokyo)) || night.AtWork(monday) || office.AtWork(monday) {
		t.Error("who is at work?")
	}
}

var sinkTime time.Time

func BenchmarkNextOpening(b *testing.B) {
	window, _ := ParseWindow("tue-thu 09:30-11:30")
	japan, _ := ParseQuiet("19:00-08:30", []string{"sat", "sun", "holiday"}, &Calendar{Japan: true, DaysOff: []string{"2026-12-30"}})
	hours, _ := ParseQuiet("19:00-08:30", nil, nil)
	night, _ := ParseWindow("20:00-08:00")
	tokyo, newYork := mustZone(b, "Asia/Tokyo"), mustZone(b, "America/New_York")
	slot, _ := ParseSlot("tue,wed 11:00")
	for _, bench := range []struct {
		name  string
		at    time.Time
		rules []Rule
	}{
		{"open now", time.Date(2026, 10, 6, 10, 0, 0, 0, tokyo), []Rule{window, japan}},
		{"next morning", time.Date(2026, 10, 6, 20, 0, 0, 0, tokyo), []Rule{japan}},
		{"over Golden Week", time.Date(2026, 5, 1, 20, 0, 0, 0, tokyo), []Rule{window, japan}},
		{"over Golden Week to a slot", time.Date(2026, 5, 1, 20, 0, 0, 0, tokyo), []Rule{window, japan, slot}},
		{"over a change of clocks", time.Date(2026, 3, 7, 20, 0, 0, 0, newYork), []Rule{window, japan}},
		{"never", time.Date(2026, 3, 7, 20, 0, 0, 0, newYork), []Rule{night, hours}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkTime, _ = NextOpening(bench.at, bench.rules...)
			}
		})
	}
}
