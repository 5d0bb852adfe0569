package calendar

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseLength(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]Length{
		"1s":               {Span: time.Second},
		"30s":              {Span: 30 * time.Second},
		"10m":              {Span: 10 * time.Minute},
		"90m":              {Span: 90 * time.Minute},
		"4h":               {Span: 4 * time.Hour},
		"14d":              {Span: 14 * 24 * time.Hour},
		"730d":             {Span: 730 * 24 * time.Hour},
		"2w":               {Span: 14 * 24 * time.Hour},
		"36500d":           {Span: 36500 * 24 * time.Hour},
		"1 business day":   {BusinessDays: 1},
		"5 business days":  {BusinessDays: 5},
		"10 business days": {BusinessDays: 10},
		"1 business hour":  {BusinessHours: 1},
		"4 business hours": {BusinessHours: 4},
	} {
		got, err := ParseLength(s)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", s, got, err, want)
		}
	}
}

func TestParseLengthSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"":                       `"" is not a length of time; write "4h"`,
		"h":                      `"h" is not a length of time; write "4h"`,
		"soon":                   `"soon" is not a length of time; write "4h"`,
		"10":                     `"10" is not a length of time; write "4h"`,
		"-4h":                    `"-4h" is not a length of time; write "4h"`,
		"4 hours":                `"4 hours" is not a length of time; write "4h"`,
		"4H":                     `"4H" is not a length of time; write "4h"`,
		"3 d":                    `"3 d" is not a length of time; write "3d"`,
		" 3d":                    `" 3d" is not a length of time; write "3d"`,
		"２週間":                    `"２週間" is not a length of time; write "14d"`,
		"３日":                     `"３日" is not a length of time; write "3d"`,
		"5営業日":                   `"5営業日" is not a length of time; write "5 business days"`,
		"5 working days":         `"5 working days" is not a length of time; write "5 business days"`,
		"5  business days":       `"5  business days" is not a length of time; write "5 business days"`,
		"4営業時間":                  `"4営業時間" is not a length of time; write "4 business hours"`,
		"4 working hours":        `"4 working hours" is not a length of time; write "4 business hours"`,
		"0 business hours":       `"0 business hours" is no time at all; write "1 business hour" or more, or leave it out`,
		"10001 business hours":   `"10001 business hours" is longer than a hundred years; write "10000 business hours" or less`,
		"1 Business Day":         `"1 Business Day" is not a length of time; write "1 business day"`,
		"1.5h":                   `"1.5h" is not a whole number of one unit; write "90m"`,
		"1.5 days":               `"1.5 days" is not a whole number of one unit; write "36h"`,
		"1h30m":                  `"1h30m" is not a whole number of one unit; write "90m"`,
		"500ms":                  `"500ms" is not a whole number of one unit; write "1s"`,
		"1 month":                `"1 month" is not always equally long; write "30d"`,
		"3ヶ月":                    `"3ヶ月" is not always equally long; write "90d"`,
		"2年":                     `"2年" is not always equally long; write "730d"`,
		"0d":                     `"0d" is no time at all; write "1d" or more, or leave it out`,
		"0 business days":        `"0 business days" is no time at all; write "1 business day" or more, or leave it out`,
		"36501d":                 `"36501d" is longer than a hundred years; write "36500d" or less`,
		"99999999999999999999d":  `"99999999999999999999d" is longer than a hundred years; write "36500d" or less`,
		"26001 business days":    `"26001 business days" is longer than a hundred years; write "26000 business days" or less`,
		"99999999999999999999日間": `"99999999999999999999日間" is not a length of time; write "4h"`,
	} {
		l, err := ParseLength(s)
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, error %v\nwant %s", s, l, err, want)
		}
	}
}

func TestLengthString(t *testing.T) {
	t.Parallel()
	for want, l := range map[string]Length{
		"none":             {},
		"1d":               {Span: 24 * time.Hour},
		"14d":              {Span: 2 * Week},
		"36h":              {Span: 36 * time.Hour},
		"90m":              {Span: 90 * time.Minute},
		"61s":              {Span: 61 * time.Second},
		"1.5s":             {Span: 1500 * time.Millisecond},
		"1 business day":   {BusinessDays: 1},
		"5 business days":  {BusinessDays: 5},
		"1 business hour":  {BusinessHours: 1},
		"4 business hours": {BusinessHours: 4},
	} {
		if got := l.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		l := Length{Span: time.Duration(rapid.Int64Range(1, int64(maxSpan/time.Second)).Draw(t, "seconds")) * time.Second}
		if rapid.Bool().Draw(t, "business days") {
			l = Length{BusinessDays: rapid.IntRange(1, maxBusinessDays).Draw(t, "n")}
		}
		if got, err := ParseLength(l.String()); err != nil || got != l {
			t.Fatalf("%q is read as %v, %v", l, got, err)
		}
	})
}

func TestFixed(t *testing.T) {
	t.Parallel()
	if span, ok := (Length{Span: time.Hour}).Fixed(); !ok || span != time.Hour {
		t.Errorf("an hour: %v, %v", span, ok)
	}
	if _, ok := (Length{BusinessDays: 2}).Fixed(); ok {
		t.Error("business days have a fixed length")
	}
	if _, ok := (Length{BusinessHours: 2}).Fixed(); ok {
		t.Error("business hours have a fixed length")
	}
	if !(Length{}).IsZero() || (Length{BusinessDays: 1}).IsZero() {
		t.Error("only the zero Length is none")
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	japan := &Calendar{Japan: true, DaysOff: []string{"2026-12-29", "2026-12-30", "2026-12-31"}}
	office := &Calendar{Open: 9 * 60, Close: 18 * 60, Japan: true}
	night := &Calendar{Open: 22 * 60, Close: 6 * 60, Workdays: EveryDay}
	for _, check := range []struct {
		zone, from, length string
		c                  *Calendar
		want               string
	}{
		// A day is 24 hours, business days keep the time of day.
		{"America/New_York", "2026-03-07 10:00", "1d", nil, "2026-03-08 11:00 EDT"},
		{"America/New_York", "2026-03-06 10:00", "1 business day", nil, "2026-03-09 10:00 EDT"},
		{"America/New_York", "2026-10-31 10:00", "1d", nil, "2026-11-01 09:00 EST"},
		{"America/New_York", "2026-10-30 10:00", "1 business day", nil, "2026-11-02 10:00 EST"},
		{"Asia/Tokyo", "2026-10-05 09:00", "2w", nil, "2026-10-19 09:00 JST"},
		// The day itself never counts.
		{"Asia/Tokyo", "2026-10-02 10:00", "1 business day", nil, "2026-10-05 10:00 JST"},
		{"Asia/Tokyo", "2026-10-03 10:00", "1 business day", nil, "2026-10-05 10:00 JST"},
		{"Asia/Tokyo", "2026-10-04 10:00", "1 business day", nil, "2026-10-05 10:00 JST"},
		{"Asia/Tokyo", "2026-10-05 10:00", "5 business days", nil, "2026-10-12 10:00 JST"},
		{"Asia/Tokyo", "2026-10-05 10:00", "5 business days", japan, "2026-10-13 10:00 JST"}, // Sports Day
		{"Asia/Tokyo", "2026-12-28 17:30", "2 business days", japan, "2027-01-05 17:30 JST"},
		{"Asia/Tokyo", "2026-04-28 23:59", "2 business days", japan, "2026-05-01 23:59 JST"},
		{"Asia/Tokyo", "2026-05-01 00:00", "1 business day", japan, "2026-05-07 00:00 JST"},
		// A time of day that is skipped moves behind the gap, one that comes twice is the first.
		{"America/New_York", "2026-03-07 02:30", "1 business day", &Calendar{Workdays: EveryDay}, "2026-03-08 03:00 EDT"},
		{"America/New_York", "2026-10-31 01:30", "1 business day", &Calendar{Workdays: EveryDay}, "2026-11-01 01:30 EDT"},
		{"America/Havana", "2026-03-07 00:30", "1 business day", &Calendar{Workdays: EveryDay}, "2026-03-08 01:00 CDT"},
		{"Australia/Lord_Howe", "2026-10-03 02:10", "1 business day", &Calendar{Workdays: EveryDay}, "2026-10-04 02:30 +11"},
		// Samoa had no Friday, 30 December 2011: nobody worked on it.
		{"Pacific/Apia", "2011-12-29 10:00", "1 business day", nil, "2012-01-02 10:00 +14"},
		{"Pacific/Apia", "2011-12-29 10:00", "1d", nil, "2011-12-31 10:00 +14"},
		// Business hours pass at work only, and end with it.
		{"Asia/Tokyo", "2026-10-02 10:00", "4 business hours", office, "2026-10-02 14:00 JST"},
		{"Asia/Tokyo", "2026-10-02 16:00", "4 business hours", office, "2026-10-05 11:00 JST"},
		{"Asia/Tokyo", "2026-10-02 16:00", "2 business hours", office, "2026-10-02 18:00 JST"},
		{"Asia/Tokyo", "2026-10-02 18:00", "1 business hour", office, "2026-10-05 10:00 JST"},
		{"Asia/Tokyo", "2026-10-03 12:00", "9 business hours", office, "2026-10-05 18:00 JST"},
		{"Asia/Tokyo", "2026-10-09 17:30", "10 business hours", office, "2026-10-14 09:30 JST"}, // Sports Day on Monday
		{"Asia/Tokyo", "2026-05-01 17:00", "2 business hours", office, "2026-05-07 10:00 JST"},
		{"Asia/Tokyo", "2026-10-02 20:00", "9 business hours", night, "2026-10-03 23:00 JST"},
		{"Asia/Tokyo", "2026-10-02 12:00", "24 business hours", nil, "2026-10-05 12:00 JST"}, // work around the clock
		// The hour that is left out is not worked, the one that comes twice is worked twice.
		{"America/New_York", "2026-03-07 22:00", "8 business hours", night, "2026-03-08 23:00 EDT"},
		{"America/New_York", "2026-03-07 22:00", "7 business hours", night, "2026-03-08 06:00 EDT"},
		{"America/New_York", "2026-10-31 22:00", "9 business hours", night, "2026-11-01 06:00 EST"},
	} {
		loc := mustZone(t, check.zone)
		from, err := time.ParseInLocation("2006-01-02 15:04", check.from, loc)
		if err != nil {
			t.Fatal(err)
		}
		l, err := ParseLength(check.length)
		if err != nil {
			t.Fatal(err)
		}
		got := l.After(from, check.c)
		if got.Format("2006-01-02 15:04 MST") != check.want || got.Location() != loc {
			t.Errorf("%s after %s in %s: %s, want %s", l, check.from, check.zone, got, check.want)
		}
	}
	exact := time.Date(2026, 10, 2, 10, 11, 12, 13, time.UTC)
	if got := (Length{BusinessDays: 1}).After(exact, nil); !got.Equal(exact.Add(3 * Day)) {
		t.Errorf("a business day after %s is %s", exact, got)
	}
	monday := time.Date(2026, 10, 5, 9, 11, 12, 13, time.UTC)
	if got := (Length{BusinessHours: 8}).After(exact, office); !got.Equal(monday) {
		t.Errorf("eight business hours after %s are over at %s, want %s", exact, got, monday)
	}
	if got := (Length{}).After(exact, nil); !got.Equal(exact) {
		t.Errorf("no time after %s is %s", exact, got)
	}
}

// Against the reference: count dates at noon, then look at every minute for the
// first that shows the date and time of day, or a later one.
func TestBusinessDaysAreWhatCountingDatesFinds(t *testing.T) {
	t.Parallel()
	names := zoneNames(t)
	rapid.Check(t, func(t *rapid.T) {
		loc := drawZone(names).Draw(t, "loc")
		at := drawTime(loc).Draw(t, "at").Truncate(time.Minute)
		c := drawCalendar(at).Draw(t, "calendar")
		n := rapid.IntRange(1, 6).Draw(t, "n")
		got := Length{BusinessDays: n}.After(at, c)
		if want := refBusinessDays(at, n, c); !got.Equal(want) {
			t.Fatalf("%d business days after %s: %s, want %s", n, at, got, want)
		}
	})
}

func refBusinessDays(at time.Time, n int, c *Calendar) time.Time {
	workdays := c.Workdays
	if workdays == 0 {
		workdays = MondayToFriday
	}
	noon := time.Date(at.Year(), at.Month(), at.Day(), 12, 0, 0, 0, at.Location())
	for n > 0 {
		tomorrow := time.Date(noon.Year(), noon.Month(), noon.Day(), 12, 0, 0, 0, time.UTC).AddDate(0, 0, 1)
		noon = time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 12, 0, 0, 0, at.Location())
		leftOut := noon.Format("2006-01-02") != tomorrow.Format("2006-01-02")
		if leftOut {
			noon = tomorrow // go on counting behind it
			continue
		}
		if workdays&(1<<noon.Weekday()) != 0 && !refHoliday(c, noon) {
			n--
		}
	}
	want := noon.Format("2006-01-02") + at.Format(" 15:04")
	u := noon.Add(-40 * time.Hour)
	for u.Format("2006-01-02 15:04") < want {
		u = u.Add(time.Minute)
	}
	return u
}

// Whatever a Parse function refuses, it says what to write, and accepts that.
func TestEveryMistakeNamesSomethingThatIsAccepted(t *testing.T) {
	t.Parallel()
	parsers := map[string]func(string) error{
		"length":   func(s string) error { _, err := ParseLength(s); return err },
		"weekdays": func(s string) error { _, _, err := ParseWeekdays(s); return err },
		"workdays": func(s string) error { _, err := ParseWorkdays(s); return err },
		"hours":    func(s string) error { _, _, err := ParseHours(s); return err },
		"window":   func(s string) error { _, err := ParseWindow(s); return err },
		"quiet":    func(s string) error { _, err := ParseQuiet(s, nil, nil); return err },
		"zone":     func(s string) error { _, err := ParseZone(s); return err },
		"date":     func(s string) error { _, err := ParseDate(s); return err },
		"slot":     func(s string) error { _, err := ParseSlot(s); return err },
		"schedule": func(s string) error { _, err := ParseSchedule(s); return err },
	}
	words := []string{
		"1", "30", "9", "24", "00", "0", ".", ":", "-", " ", ",", "h", "d", "w", "m", "s", "mon", "tue", "Fri", "sunday",
		"holiday", "月", "日", "祝日", "曜", "時", "半", "〜", "：", "９", "営業日", " business days", "months", "JST", "Asia/",
		"Tokyo", "Local", "posix/", "2026", "/", "年", "\xff", "\x00", "to", "24:00", "00:00", "23:30", "10:00-10:00",
		"*", "*/", "#", "L", "W", "31 2 *", "0 9 * * ", " * * ", "?", "@daily", "jan", "2026-10-01 ",
	}
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for _, word := range rapid.SliceOfN(rapid.SampledFrom(words), 0, 7).Draw(t, "words") {
			s += word
		}
		if rapid.IntRange(0, 9).Draw(t, "any text") == 0 {
			s = rapid.String().Draw(t, "text")
		}
		for name, parse := range parsers {
			var m *Mistake
			err := parse(s)
			if err == nil || s == "" && name == "quiet" {
				continue
			}
			if !errors.As(err, &m) || m.Problem == 0 {
				t.Fatalf("%s %q: %v is no Mistake", name, s, err)
			}
			if again := parse(m.Write); again != nil {
				t.Fatalf("%s %q: %v, but that gives: %v", name, s, err, again)
			}
		}
	})
}
