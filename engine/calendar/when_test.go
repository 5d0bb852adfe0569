package calendar

import (
	"errors"
	"testing"
	"time"
)

const stampForm = "2006-01-02T15:04:05.999Z07:00"

// A day is its two ends, an instant itself; full width, Japanese, offsets and zones are
// read, and what names no zone is of the project's.
func TestParseWhen(t *testing.T) {
	t.Parallel()
	tokyo := FindZone("Asia/Tokyo")
	now := time.Date(2026, 10, 5, 14, 30, 0, 0, tokyo)
	for text, want := range map[string]string{
		"2026-10-05":                   "2026-10-05T00:00:00+09:00 2026-10-06T00:00:00+09:00",
		"2026/10/5":                    "2026-10-05T00:00:00+09:00 2026-10-06T00:00:00+09:00",
		"2026.10.5":                    "2026-10-05T00:00:00+09:00 2026-10-06T00:00:00+09:00",
		" ２０２６-１０-０５　":                 "2026-10-05T00:00:00+09:00 2026-10-06T00:00:00+09:00",
		"2026年10月5日":                   "2026-10-05T00:00:00+09:00 2026-10-06T00:00:00+09:00",
		"2024-02-29":                   "2024-02-29T00:00:00+09:00 2024-03-01T00:00:00+09:00",
		"2026-10-05 09:00":             "2026-10-05T09:00:00+09:00",
		"2026-10-05 9:00":              "2026-10-05T09:00:00+09:00",
		"2026-10-05T09:00":             "2026-10-05T09:00:00+09:00",
		"2026-10-05t09:00:30":          "2026-10-05T09:00:30+09:00",
		"2026-10-05 09:00:30.25":       "2026-10-05T09:00:30.25+09:00",
		"2026/10/5 ０９：００":              "2026-10-05T09:00:00+09:00",
		"2026年10月5日 9時30分":             "2026-10-05T09:30:00+09:00",
		"2026年10月5日9時":                 "2026-10-05T09:00:00+09:00",
		"2026年10月5日 9時5分7秒":            "2026-10-05T09:05:07+09:00",
		"2026-10-05 24:00":             "2026-10-06T00:00:00+09:00",
		"2026-12-31 24:00":             "2027-01-01T00:00:00+09:00",
		"2026-10-05T09:00:00Z":         "2026-10-05T18:00:00+09:00",
		"2026-10-05 09:00 UTC":         "2026-10-05T18:00:00+09:00",
		"2026-10-05T09:00:00-05:00":    "2026-10-05T23:00:00+09:00",
		"2026-10-05T09:00:00+0530":     "2026-10-05T12:30:00+09:00",
		"2026-10-05 09:00 +09":         "2026-10-05T09:00:00+09:00",
		"2026-10-05 09:00:00 JST":      "2026-10-05T09:00:00+09:00",
		"2026-10-05 09:00 Europe/Rome": "2026-10-05T16:00:00+09:00",
		"2026-10-05 09:00 EST":         "2026-10-05T23:00:00+09:00",
		"now":                          "2026-10-05T14:30:00+09:00",
		"Today":                        "2026-10-05T00:00:00+09:00 2026-10-06T00:00:00+09:00",
		"昨日":                           "2026-10-04T00:00:00+09:00 2026-10-05T00:00:00+09:00",
		"36h":                          "2026-10-04T02:30:00+09:00",
		"2w":                           "2026-09-21T14:30:00+09:00",
		"30d ago":                      "2026-09-05T14:30:00+09:00",
		"30日前":                         "2026-09-05T14:30:00+09:00",
		"１y":                           "2025-10-05T14:30:00+09:00",
	} {
		w, err := ParseWhen(text, tokyo, now)
		got := w.From.Format(stampForm)
		if w.Day {
			got += " " + w.To.Format(stampForm)
		}
		if err != nil || got != want || !w.Day && !w.To.Equal(w.From) {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
}

// What is no instant is refused with what is wrong, and what to write is read.
func TestParseWhenRefuses(t *testing.T) {
	t.Parallel()
	tokyo := FindZone("Asia/Tokyo")
	for text, want := range map[string]Problem{
		"": NotInstant, "tomorrow": NotInstant, "october": NotInstant, "5": NotInstant, "20261005": NotInstant, "2026": NotInstant,
		"0d": NotInstant, "-3d": NotInstant, "3 moons": NotInstant, "99999999999d": NotInstant, "5 business days": NotInstant, "2026-10-05T": NotInstant,
		"26-10-05": NotInstant, "2026-10-05-01": NotInstant, "2026-02-30": NoSuchDay, "2026-13-01": NoSuchDay, "2026年2月30日": NoSuchDay,
		"2026-02-30 09:00": NoSuchDay, "3月1日": NoYear, "10/5": NoYear, "2026-10-05 25:00": NotClock, "2026-10-05 24:01": NotClock,
		"2026-10-05 9": NotClock, "2026-10-05 09:60": NotClock, "2026-10-05 09:00:00.": NotClock, "2026-10-05 noon": NotClock,
		"2026-10-05 09:00 EDT": NotOffset, "2026-10-05 09:00+9": NotOffset, "2026-10-05 09:00+25:00": NotOffset,
		"2026-10-05T09:00:00+09:0": NotOffset, "2026-10-05 09:00 Local": NotOffset, "2026-10-05 09:00 to 10:00": NotOffset,
	} {
		w, err := ParseWhen(text, tokyo, time.Unix(0, 0))
		var m *Mistake
		if !errors.As(err, &m) || m.Problem != want || m.Error() == "" {
			t.Errorf("%q is %v, %v; want problem %d", text, w.From, err, want)
			continue
		}
		if _, err := ParseWhen(m.Write, tokyo, time.Unix(0, 0)); err != nil {
			t.Errorf("%q: the advice is not read: %v", text, err)
		}
	}
}

// The hour that clocks show twice is the first, unless it says which; the hour that they
// leave out is the end of the gap; and a day is as long as its clocks make it.
func TestParseWhenWhereClocksChange(t *testing.T) {
	t.Parallel()
	york := FindZone("America/New_York")
	for text, want := range map[string]string{
		"2026-11-01 01:30":        "2026-11-01T05:30:00Z",
		"2026-11-01 01:30 EDT":    "2026-11-01T05:30:00Z",
		"2026-11-01 01:30 EST":    "2026-11-01T06:30:00Z",
		"2026-11-01 01:30 -05:00": "2026-11-01T06:30:00Z",
		"2026-03-08 02:30":        "2026-03-08T07:00:00Z",
		"2026-03-08 03:00":        "2026-03-08T07:00:00Z",
	} {
		w, err := ParseMoment(text, york)
		if got := w.From.UTC().Format(stampForm); err != nil || got != want {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]time.Duration{"2026-11-01": 25 * time.Hour, "2026-03-08": 23 * time.Hour, "2026-03-09": 24 * time.Hour} {
		if w, err := ParseMoment(text, york); err != nil || w.To.Sub(w.From) != want {
			t.Errorf("%q lasts %v, %v; want %v", text, w.To.Sub(w.From), err, want)
		}
	}
	// Two days ago at half past one is the same clock only where no clock changed.
	now := time.Date(2026, 11, 2, 1, 30, 0, 0, york)
	if w, err := ParseWhen("2d", york, now); err != nil || w.From.Format("15:04") != "02:30" {
		t.Errorf("48 hours before are %v, %v", w.From, err)
	}
}

// As of a day is its end, or now while it lasts.
func TestLast(t *testing.T) {
	t.Parallel()
	tokyo := FindZone("Asia/Tokyo")
	now := time.Date(2026, 10, 5, 14, 30, 0, 0, tokyo)
	for text, want := range map[string]string{
		"2026-10-04":       "2026-10-04T23:59:59.999+09:00",
		"2026-10-05":       "2026-10-05T14:30:00+09:00",
		"today":            "2026-10-05T14:30:00+09:00",
		"2026-10-06":       "2026-10-06T23:59:59.999+09:00",
		"2026-10-05 09:00": "2026-10-05T09:00:00+09:00",
	} {
		w, err := ParseWhen(text, tokyo, now)
		if got := w.Last(now).Format(stampForm); err != nil || got != want {
			t.Errorf("as of %q is %s, %v; want %s", text, got, err, want)
		}
	}
}
