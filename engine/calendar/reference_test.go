package calendar

import (
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "github.com/seed-456efde2/nurture/engine/enginetest/seeded"
)

// The reference answers the package's questions the slow and obvious way: it reads
// what Weekday, Hour, Minute and Format say at an instant, and finds an opening by
// looking at one minute after the other.

func refWindowCovers(w *Window, t time.Time) bool {
	if w == nil {
		return true
	}
	opensOn := func(day time.Weekday) bool { return w.Days == 0 || w.Days&(1<<day) != 0 }
	today, yesterday := t.Weekday(), (t.Weekday()+6)%7
	minute := t.Hour()*60 + t.Minute()
	if w.From == w.To {
		return opensOn(today)
	}
	if w.From < w.To {
		return opensOn(today) && w.From <= minute && minute < w.To
	}
	return opensOn(today) && w.From <= minute || opensOn(yesterday) && minute < w.To
}

func refQuietCovers(q *Quiet, t time.Time) bool {
	if q == nil {
		return false
	}
	if q.Days&(1<<t.Weekday()) != 0 {
		return true
	}
	if q.Holidays && refHoliday(q.Calendar, t) {
		return true
	}
	minute := t.Hour()*60 + t.Minute()
	if q.From <= q.To {
		return q.From <= minute && minute < q.To
	}
	return q.From <= minute || minute < q.To
}

func refHoliday(c *Calendar, t time.Time) bool {
	if c == nil {
		return false
	}
	date := t.Format("2006-01-02")
	for _, off := range c.DaysOff {
		if off == date {
			return true
		}
	}
	return c.Japan && strings.Contains(japanDates, date)
}

// refNextOpening looks no further than the given number of days.
func refNextOpening(t time.Time, w *Window, q *Quiet, days int) (time.Time, bool) {
	for u := t; u.Before(t.Add(time.Duration(days) * Day)); u = u.Truncate(time.Minute).Add(time.Minute) {
		if refWindowCovers(w, u) && !refQuietCovers(q, u) {
			return u, true
		}
	}
	return time.Time{}, false
}

// zoneNames are all names of the IANA database; awkwardZones are those that did
// something unusual: half and quarter hours, clocks that change at midnight, by half
// an hour, by two, or for Ramadan, dates that were left out, winter time that is the
// exception.
func zoneNames(t testing.TB) []string {
	t.Helper()
	list, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(list))
}

var awkwardZones = []string{
	"UTC", "Asia/Tokyo", "America/New_York", "Europe/London", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kathmandu",
	"Asia/Kolkata", "America/St_Johns", "Pacific/Apia", "Pacific/Fakaofo", "Pacific/Kiritimati", "Pacific/Kwajalein",
	"Pacific/Chatham", "Pacific/Marquesas", "America/Sao_Paulo", "America/Havana", "America/Asuncion", "America/Santiago",
	"Asia/Beirut", "Asia/Tehran", "Asia/Gaza", "Asia/Amman", "Asia/Pyongyang", "Africa/Casablanca", "Africa/Cairo",
	"Atlantic/Azores", "America/Caracas", "America/Nuuk", "America/Scoresbysund", "Antarctica/Troll", "Antarctica/Casey",
	"Europe/Volgograd", "Australia/Adelaide", "Australia/Eucla",
}

func mustZone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func drawZone(names []string) *rapid.Generator[*time.Location] {
	return rapid.Custom(func(t *rapid.T) *time.Location {
		from := awkwardZones
		if rapid.Bool().Draw(t, "any zone") {
			from = names
		}
		loc, err := ParseZone(rapid.SampledFrom(from).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		return loc
	})
}

// drawTime prefers instants near a change of the zone's clocks.
func drawTime(loc *time.Location) *rapid.Generator[time.Time] {
	return rapid.Custom(func(t *rapid.T) time.Time {
		const from, to = 1973, 2065
		unix := rapid.Int64Range(
			time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC).Unix(),
			time.Date(to, 1, 1, 0, 0, 0, 0, time.UTC).Unix()).Draw(t, "unix")
		at := time.Unix(unix, 0).In(loc)
		if _, end := at.ZoneBounds(); !end.IsZero() && rapid.IntRange(0, 3).Draw(t, "near change") > 0 {
			at = end.Add(time.Duration(rapid.IntRange(-3*24*60, 24*60).Draw(t, "minutes")) * time.Minute)
		}
		return at.Add(time.Duration(rapid.SampledFrom([]int64{0, 0, 1, 59_999_999_999}).Draw(t, "rest")))
	})
}

var drawMinute = rapid.Custom(func(t *rapid.T) int {
	if rapid.Bool().Draw(t, "at night") {
		return rapid.IntRange(0, 4*60).Draw(t, "minute") // where clocks change
	}
	return rapid.IntRange(0, minutesInDay).Draw(t, "minute")
})

var drawDays = rapid.Custom(func(t *rapid.T) Weekdays {
	return Weekdays(rapid.IntRange(0, int(EveryDay)).Draw(t, "days"))
})

var drawWindow = rapid.Custom(func(t *rapid.T) *Window {
	if rapid.IntRange(0, 5).Draw(t, "no window") == 0 {
		return nil
	}
	return &Window{Days: drawDays.Draw(t, "window days"), From: drawMinute.Draw(t, "from"), To: drawMinute.Draw(t, "to")}
})

// drawQuiet makes a promise with own days off around the instant.
func drawQuiet(at time.Time) *rapid.Generator[*Quiet] {
	return rapid.Custom(func(t *rapid.T) *Quiet {
		if rapid.IntRange(0, 5).Draw(t, "no quiet") == 0 {
			return nil
		}
		q := &Quiet{From: drawMinute.Draw(t, "from"), To: drawMinute.Draw(t, "to")}
		if rapid.Bool().Draw(t, "quiet days") {
			q.Days = drawDays.Draw(t, "days") &^ (1 << time.Wednesday)
		}
		if rapid.Bool().Draw(t, "holidays") {
			q.Holidays, q.Calendar = true, drawCalendar(at).Draw(t, "calendar")
		}
		return q
	})
}

func drawCalendar(at time.Time) *rapid.Generator[*Calendar] {
	return rapid.Custom(func(t *rapid.T) *Calendar {
		c := &Calendar{Workdays: drawDays.Draw(t, "workdays")}
		for _, days := range rapid.SliceOfN(rapid.IntRange(-2, 12), 0, 6).Draw(t, "days off") {
			c.DaysOff = append(c.DaysOff, at.AddDate(0, 0, days).Format("2006-01-02"))
		}
		c.Japan = at.Year() >= 2019 && at.Year() < 2030 && rapid.Bool().Draw(t, "japan")
		return c
	})
}
