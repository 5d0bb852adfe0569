package calendar

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseZone(t *testing.T) {
	t.Parallel()
	for _, name := range zoneNames(t) {
		if loc, err := ParseZone(name); err != nil || loc.String() != name {
			t.Errorf("%s: %v, %v", name, loc, err)
		}
	}
	for s, want := range map[string]string{
		"":                      `"" is not a time zone; write "Asia/Tokyo"`,
		"Local":                 `"Local" is not a time zone; write "Asia/Tokyo"`,
		"JST":                   `"JST" is not a time zone; write "Asia/Tokyo"`,
		"New York":              `"New York" is not a time zone; write "America/New_York"`,
		"posix/Asia/Tokyo":      `"posix/Asia/Tokyo" is not a time zone; write "Asia/Tokyo"`,
		"right/UTC":             `"right/UTC" is not a time zone; write "Asia/Tokyo"`,
		"../../etc/passwd":      `"../../etc/passwd" is not a time zone; write "Asia/Tokyo"`,
		"/etc/localtime":        `"/etc/localtime" is not a time zone; write "Asia/Tokyo"`,
		"Mars/Olympus_Mons":     `"Mars/Olympus_Mons" is not a time zone; write "Asia/Tokyo"`,
		strings.Repeat("a", 65): fmt.Sprintf("%q is not a time zone; write %q", strings.Repeat("a", 65), "Asia/Tokyo"),
	} {
		_, err := ParseZone(s)
		checkError(t, s, err, want)
	}
	for word, name := range zoneWords {
		if _, err := ParseZone(name); err != nil {
			t.Errorf("what to write for %q: %v", word, err)
		}
	}
}

func TestZonesRememberABoundedNumberOfStrangers(t *testing.T) {
	t.Parallel()
	var zones Zones
	if zones.Find(strings.Repeat("z", 1000)) != nil || len(zones.byName) != 0 {
		t.Errorf("remembers %d names that can be none", len(zones.byName))
	}
	for i := range mostUnknownZones + 100 {
		if loc := zones.Find(fmt.Sprintf("Nowhere+%d", i)); loc != nil {
			t.Fatalf("found %v", loc)
		}
	}
	if len(zones.byName) != mostUnknownZones {
		t.Errorf("remembers %d names, want %d", len(zones.byName), mostUnknownZones)
	}
	first := zones.Find("Asia/Tokyo")
	if first == nil || zones.Find("Asia/Tokyo") != first || first.String() != "Asia/Tokyo" {
		t.Errorf("Asia/Tokyo is %v", first)
	}
}

func TestDayNumberIsTheDateOnTheWall(t *testing.T) {
	t.Parallel()
	tokyo, newYork := mustZone(t, "Asia/Tokyo"), mustZone(t, "America/New_York")
	for _, check := range []struct {
		at   time.Time
		want int64
	}{
		{time.Unix(0, 0).UTC(), 0},
		{time.Unix(-1, 0).UTC(), -1},
		{time.Unix(0, 0).In(newYork), -1},
		{time.Date(1970, 1, 2, 0, 0, 0, 0, tokyo), 1},
		{time.Date(1970, 1, 1, 23, 59, 59, 0, tokyo), 0},
		{time.Date(2026, 10, 5, 0, 0, 0, 0, tokyo), 20731},
		{time.Date(2026, 10, 5, 23, 59, 59, 999, newYork), 20731},
		{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), -719162},
	} {
		if got := DayNumber(check.at); got != check.want {
			t.Errorf("%s: day %d, want %d", check.at, got, check.want)
		}
		if got := weekday(check.want); got != check.at.Weekday() {
			t.Errorf("%s: day %d is a %s", check.at, check.want, got)
		}
	}
}

// The standard library computes the end of a stretch a day early in leap years far
// ahead. Walking along stretches must get past that day in every zone.
func TestStretchesGoOnThroughLeapYears(t *testing.T) {
	t.Parallel()
	for _, name := range zoneNames(t) {
		loc := mustZone(t, name)
		last := time.Date(2040, 12, 31, 12, 0, 0, 0, time.UTC).Unix()
		if s := stretchAt(last, loc); s.to <= last || s.from > last {
			t.Errorf("%s: %d lies outside of its stretch, [%d, %d)", name, last, s.from, s.to)
		}
	}
}

// In every zone, around both changes of its clocks in a year: each time of day is
// the first instant that shows it, or the first behind the gap.
func TestWallIsTheFirstInstantThatShowsIt(t *testing.T) {
	t.Parallel()
	for _, change := range append(changesOfAllZones(t, 2026), changesOfAllZones(t, 2011)...) {
		loc, at := change.Location(), change.Add(-66*time.Hour)
		shown := func() int64 { // as if it were UTC
			year, month, day := at.Date()
			return time.Date(year, month, day, at.Hour(), at.Minute(), 0, 0, time.UTC).Unix()
		}
		from := time.Date(change.Year(), change.Month(), change.Day(), 0, 0, 0, 0, time.UTC).Add(-36 * time.Hour).Unix()
		for target := from; target < from+3*secondsInDay; target += 15 * 60 {
			for shown() < target {
				at = at.Add(time.Minute)
			}
			day, second := split(target)
			if got := wall(day, second, 0, loc); !got.Equal(at) {
				t.Errorf("%s: %s is %s, want %s", loc, time.Unix(target, 0).UTC().Format(localForm), got, at)
			}
		}
	}
}
