package calendar

import (
	"math"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones are known on machines without a zone database
)

const secondsInDay = 24 * 60 * 60

// DayNumber counts the days from 1970-01-01 to the date of t in t's zone. Two
// instants have the same number exactly when a calendar there shows the same date:
// what "per day" means.
func DayNumber(t time.Time) int64 {
	day, _ := local(t)
	return day
}

// local is what calendar and clock on the wall show at t: the number of the day
// and the second of the day.
func local(t time.Time) (day, second int64) {
	_, offset := t.Zone()
	return split(t.Unix() + int64(offset))
}

func split(seconds int64) (day, second int64) {
	day, second = seconds/secondsInDay, seconds%secondsInDay
	if second < 0 {
		day, second = day-1, second+secondsInDay
	}
	return day, second
}

func minuteOf(second int64) int { return int(second / 60) }

// weekday of a day number; day 0 was a Thursday.
func weekday(day int64) time.Weekday { return time.Weekday(((day+4)%7 + 7) % 7) }

// stretch is the time [from, to) around an instant, in Unix seconds, during which
// a zone keeps one offset from UTC. Two stretches side by side may have the same.
type stretch struct {
	from, to int64
	offset   int64
}

func stretchAt(unix int64, loc *time.Location) stretch {
	t := time.Unix(unix, 0).In(loc)
	_, offset := t.Zone()
	s := stretch{from: math.MinInt64, to: math.MaxInt64, offset: int64(offset)}
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		s.from = start.Unix()
	}
	if !end.IsZero() {
		s.to = end.Unix()
	}
	if s.to <= unix {
		// ZoneBounds computes the end of a year far ahead as if none were a leap year,
		// so that its last day lies behind its end. Nothing changes on that day.
		s.to = (unix/secondsInDay + 1) * secondsInDay
	}
	return s
}

// next is the stretch that follows s.
func (s stretch) next(loc *time.Location) stretch {
	next := stretchAt(s.to, loc)
	next.from = s.to
	return next
}

// wall is the instant at which the zone's wall clock shows the given second of the
// given day: the first such instant where there are two, and the first one behind
// the gap where there is none. time.Date promises neither.
func wall(day, second int64, nanosecond int, loc *time.Location) time.Time {
	const farthest = 16 * 60 * 60 // no zone was ever that far from UTC
	shown := day*secondsInDay + second
	for s := stretchAt(shown-farthest, loc); ; s = s.next(loc) {
		unix := shown - s.offset
		if unix < s.from {
			return time.Unix(s.from, 0).In(loc)
		}
		if unix < s.to {
			return time.Unix(unix, int64(nanosecond)).In(loc)
		}
	}
}

// exists reports whether the zone had the day at all: one that moves over the date
// line leaves a date out.
func exists(day int64, loc *time.Location) bool {
	shown, _ := local(wall(day, 0, 0, loc))
	return shown == day
}

// ParseZone finds a zone of the IANA database by its name, "Asia/Tokyo". The
// machine's own zone is refused: it would decide differently on every machine.
func ParseZone(name string) (*time.Location, error) {
	if zoneName(name) {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, nil
		}
	}
	suggestion := "Asia/Tokyo"
	if known, ok := zoneWords[strings.ToLower(halfWidth(name))]; ok {
		suggestion = known
	}
	return nil, &Mistake{Problem: NotZone, Got: name, Write: suggestion}
}

// zoneName refuses what is no name before the database is asked, and the names that
// some machines have in theirs besides the zones.
func zoneName(s string) bool {
	if len(s) > longestZoneName {
		return false
	}
	switch before, _, _ := strings.Cut(s, "/"); before {
	case "", "Local", "localtime", "posix", "posixrules", "right":
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; !letter && (c < '0' || c > '9') && !strings.ContainsRune("/_+-", rune(c)) {
			return false
		}
	}
	return true
}

// zoneWords are what people write for a zone.
var zoneWords = map[string]string{
	"jst": "Asia/Tokyo", "tokyo": "Asia/Tokyo", "asia/tokio": "Asia/Tokyo", "日本": "Asia/Tokyo", "東京": "Asia/Tokyo",
	"utc+9": "Asia/Tokyo", "+09:00": "Asia/Tokyo", "gmt+9": "Asia/Tokyo",
	"est": "America/New_York", "edt": "America/New_York", "new york": "America/New_York",
	"cst": "America/Chicago", "cdt": "America/Chicago", "mst": "America/Denver", "mdt": "America/Denver",
	"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles",
	"bst": "Europe/London", "london": "Europe/London", "cest": "Europe/Berlin", "berlin": "Europe/Berlin",
	"paris": "Europe/Paris", "ist": "Asia/Kolkata", "kst": "Asia/Seoul", "seoul": "Asia/Seoul",
	"sgt": "Asia/Singapore", "singapore": "Asia/Singapore", "aest": "Australia/Sydney", "sydney": "Australia/Sydney",
	"z": "UTC", "utc": "UTC", "gmt": "UTC",
}

// Zones remembers zones by name, because loading one reads the database. The zero
// Zones is ready, and it may be used by any number of goroutines. Leads bring names
// of their own, so that names of no zone are remembered too, up to a bound.
type Zones struct {
	mu     sync.RWMutex
	byName map[string]*time.Location
}

// Bounds on what strangers can make us look up and remember.
const (
	longestZoneName  = 64
	mostUnknownZones = 4096
)

// Find is ParseZone without the sentence: nil when there is no such zone.
func (z *Zones) Find(name string) *time.Location {
	z.mu.RLock()
	loc, known := z.byName[name]
	z.mu.RUnlock()
	if known {
		return loc
	}
	loc, err := ParseZone(name)
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.byName == nil {
		z.byName = make(map[string]*time.Location)
	}
	if err == nil || len(name) <= longestZoneName && len(z.byName) < mostUnknownZones {
		z.byName[name] = loc
	}
	return loc
}
