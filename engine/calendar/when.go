package calendar

import (
	"strconv"
	"strings"
	"time"
)

// When is what a person means by an instant or a day that they write: From is the
// instant, or the first one of the day. Invariant: To is From for an instant, and the
// first instant of the next day for a day.
type When struct {
	From, To time.Time
	Day      bool
}

// Last is the instant as of which something is asked: the end of a day, in
// milliseconds; of a day that is not over yet, now.
func (w When) Last(now time.Time) time.Time {
	switch {
	case !w.Day:
		return w.From
	case !now.Before(w.From) && now.Before(w.To):
		return now
	}
	return w.To.Add(-time.Millisecond)
}

// ParseWhen reads what a person writes where an instant is asked for: whatever
// ParseMoment reads; now, today and yesterday; and how long ago it was, as in 30d, 2w
// or 36h. Days begin and end by the clocks of the zone.
func ParseWhen(text string, zone *time.Location, now time.Time) (When, error) {
	plain := plainTime(text)
	day := DayNumber(now.In(zone))
	switch strings.ToLower(plain) {
	case "now", "今", "いま", "現在":
		return When{From: now, To: now}, nil
	case "today", "今日", "本日":
		return wholeDay(day, zone), nil
	case "yesterday", "昨日":
		return wholeDay(day-1, zone), nil
	}
	if span, ok := spanAgo(plain); ok {
		at := now.Add(-span).In(zone)
		return When{From: at, To: at}, nil
	}
	return ParseMoment(text, zone)
}

// ParseMoment reads a day or an instant as people write it: 2026-10-05, 2026/10/5,
// 2026年10月5日, with a time of day behind it (09:00, 09:00:30, 24:00, 9時30分), and behind
// that an offset or a zone (Z, +09:00, JST where the zone calls itself so,
// Asia/Tokyo). Full-width digits are digits. What names no zone is of the given one: an
// hour that its clocks show twice is the first of the two, and one that they leave out
// is the end of the gap.
func ParseMoment(text string, zone *time.Location) (When, error) {
	plain := plainTime(text)
	date, clock := cutDate(plain)
	day, problem := dayOf(date)
	if problem != 0 {
		return When{}, &Mistake{Problem: problem, Got: text, Write: momentExample}
	}
	if clock == "" {
		if date != plain {
			return When{}, &Mistake{Problem: NotInstant, Got: text, Write: momentExample}
		}
		return wholeDay(day, zone), nil
	}
	of := strings.IndexFunc(clock, func(r rune) bool { return !strings.ContainsRune("0123456789:.時分秒", r) })
	if of < 0 {
		of = len(clock)
	}
	second, nanosecond, ok := secondOf(clock[:of])
	if !ok {
		return When{}, &Mistake{Problem: NotClock, Got: text, Write: momentExample}
	}
	at, ok := inZone(day, second, nanosecond, strings.TrimSpace(clock[of:]), zone)
	if !ok {
		return When{}, &Mistake{Problem: NotOffset, Got: text, Write: "2026-10-05T09:00:00+09:00"}
	}
	return When{From: at, To: at}, nil
}

// OnWall is the instant at which the clocks of a zone show what t shows in its own
// zone: the first such instant where there are two, and the end of the gap where there
// is none.
func OnWall(t time.Time, zone *time.Location) time.Time {
	day, second := local(t)
	return wall(day, second, t.Nanosecond(), zone)
}

// momentExample is what to write where nothing better is known.
const momentExample = "2026-10-05 09:00"

func wholeDay(day int64, zone *time.Location) When {
	return When{From: wall(day, 0, 0, zone), To: wall(day+1, 0, 0, zone), Day: true}
}

// plainTime writes a text with narrow characters and single spaces.
func plainTime(text string) string { return strings.Join(strings.Fields(halfWidth(text)), " ") }

// spanAgo reads how long ago something was: "30d", "30d ago", "30日前". A year is 365
// days.
func spanAgo(plain string) (time.Duration, bool) {
	plain = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(plain), " ago"), "前")
	number, word := splitNumber(plain)
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n <= 0 {
		return 0, false
	}
	word = strings.TrimSpace(word)
	if days := vagueUnits[word]; days == 365 && n <= int64(maxSpan/Day)/365 {
		return time.Duration(n) * 365 * Day, true
	}
	unit, known := unitWords[word]
	if !known {
		return 0, false
	}
	l, _ := lengthOf(n, unit)
	return l.Span, l.Span > 0
}

// cutDate cuts a date from the time of day behind it.
func cutDate(plain string) (date, clock string) {
	if end := strings.Index(plain, "日"); end >= 0 {
		end += len("日")
		return plain[:end], strings.TrimSpace(plain[end:])
	}
	if date, clock, found := strings.Cut(plain, " "); found {
		return date, clock
	}
	if i := strings.IndexAny(plain, "Tt"); i > 0 && plain[i-1] >= '0' && plain[i-1] <= '9' {
		return plain[:i], plain[i+1:]
	}
	return plain, ""
}

// dayOf is the number of a day, or what is wrong with it.
func dayOf(date string) (int64, Problem) {
	date = strings.NewReplacer("/", "-", ".", "-", "年", "-", "月", "-", "日", "").Replace(date)
	if t, err := time.Parse("2006-1-2", date); err == nil {
		return DayNumber(t), 0
	}
	parts := strings.Split(date, "-")
	numbers := make([]int, len(parts))
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return 0, NotInstant
		}
		numbers[i] = int(n)
	}
	switch {
	case len(numbers) == 2 && numbers[0] >= 1 && numbers[0] <= 12 && numbers[1] >= 1 && numbers[1] <= 31:
		return 0, NoYear
	case len(numbers) == 3 && len(parts[0]) == 4:
		return 0, NoSuchDay
	}
	return 0, NotInstant
}

// secondOf is the second of a day that a time of day names, up to 24:00.
func secondOf(clock string) (second int64, nanosecond int, ok bool) {
	if rest, found := strings.CutSuffix(clock, "時"); found {
		clock = rest + ":00"
	}
	clock = strings.NewReplacer("時", ":", "分", ":", "秒", "").Replace(clock)
	parts := strings.Split(strings.TrimSuffix(clock, ":"), ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, 0, false
	}
	unit := int64(3600)
	for i, part := range parts {
		if whole, fraction, found := strings.Cut(part, "."); found && i == 2 {
			digits, rest := splitNumber(fraction)
			if part = whole; digits == "" || rest != "" {
				return 0, 0, false
			}
			nanosecond, _ = strconv.Atoi((digits + "000000000")[:9])
		}
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) > 2 || i > 0 && n > 59 {
			return 0, 0, false
		}
		second += int64(n) * unit
		unit /= 60
	}
	return second, nanosecond, second < secondsInDay || second == secondsInDay && nanosecond == 0
}

// inZone is the instant at which the clocks of what is named show a second of a day.
func inZone(day, second int64, nanosecond int, name string, zone *time.Location) (time.Time, bool) {
	if second == secondsInDay {
		day, second = day+1, 0
	}
	switch strings.ToUpper(name) {
	case "":
		return wall(day, second, nanosecond, zone), true
	case "Z", "UTC", "GMT":
		return wall(day, second, nanosecond, time.UTC).In(zone), true
	}
	if minutes, ok := zoneOffset(name); ok {
		at := time.Unix(day*secondsInDay+second-int64(minutes)*60, int64(nanosecond))
		return at.In(zone), true
	}
	first := wall(day, second, nanosecond, zone)
	shown, before := day*secondsInDay+second, stretchAt(first.Unix(), zone)
	for _, s := range []stretch{before, before.next(zone)} {
		at := time.Unix(shown-s.offset, int64(nanosecond)).In(zone)
		if abbreviation, _ := at.Zone(); strings.EqualFold(abbreviation, name) && OnWall(at, time.UTC).Unix() == shown {
			return at, true
		}
	}
	if named := FindZone(name); named != nil {
		return wall(day, second, nanosecond, named).In(zone), true
	}
	return time.Time{}, false
}

// zoneOffset reads an offset from UTC, in minutes: +09:00, +0900, +09.
func zoneOffset(text string) (int, bool) {
	sign := 1
	switch {
	case strings.HasPrefix(text, "-"):
		sign = -1
	case !strings.HasPrefix(text, "+"):
		return 0, false
	}
	digits := strings.Replace(text[1:], ":", "", 1)
	if len(digits) == 2 {
		digits += "00"
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || len(digits) != 4 || n/100 > 15 || n%100 > 59 || strings.Contains(text, ":") && len(text) != 6 {
		return 0, false
	}
	return sign * int(n/100*60+n%100), true
}
