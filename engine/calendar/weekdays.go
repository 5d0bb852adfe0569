package calendar

import (
	"errors"
	"strings"
	"time"
)

// Weekdays is a set of weekdays: bit 0 is Sunday.
type Weekdays uint8

// Sets of weekdays that need a name.
const (
	EveryDay       Weekdays = 1<<7 - 1
	MondayToFriday Weekdays = 1<<time.Monday | 1<<time.Tuesday | 1<<time.Wednesday | 1<<time.Thursday | 1<<time.Friday
)

// weekdayNames stand in the order of time.Weekday.
var weekdayNames = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// kanji stand in the same order.
var kanji = [7]string{"日", "月", "火", "水", "木", "金", "土"}

// Has reports whether the set holds the day.
func (w Weekdays) Has(day time.Weekday) bool { return w>>uint(day)&1 == 1 }

// String writes the set as ParseWeekdays reads it, from Monday on: "mon-fri",
// "tue,thu"; "" for the empty set.
func (w Weekdays) String() string {
	var parts []string
	for i := 0; i < 7; i++ {
		first := i
		for i < 7 && w.Has(fromMonday(i)) {
			i++
		}
		switch run := i - first; {
		case run == 1:
			parts = append(parts, weekdayNames[fromMonday(first)])
		case run == 2:
			parts = append(parts, weekdayNames[fromMonday(first)], weekdayNames[fromMonday(first+1)])
		case run > 2:
			parts = append(parts, weekdayNames[fromMonday(first)]+"-"+weekdayNames[fromMonday(i-1)])
		}
	}
	return strings.Join(parts, ",")
}

// fromMonday is the ith day of a week that begins on Monday.
func fromMonday(i int) time.Weekday { return time.Weekday((i + 1) % 7) }

// ParseWeekdays reads what a list of days holds: "mon", "tue-thu", "fri-mon" over
// the week-end, "mon,wed" and "holiday", which is not a weekday but a word of its
// own and comes back beside the set.
func ParseWeekdays(items ...string) (days Weekdays, holidays bool, err error) {
	for _, item := range items {
		for _, part := range strings.Split(item, ",") {
			if part == "holiday" {
				holidays = true
				continue
			}
			set, ok := parseRange(part)
			if !ok {
				return 0, false, weekdayMistake(part)
			}
			days |= set
		}
	}
	return days, holidays, nil
}

// ParseWorkdays reads a list of weekdays in which "holiday" has no place.
func ParseWorkdays(items ...string) (Weekdays, error) {
	days, holidays, err := ParseWeekdays(items...)
	var m *Mistake
	switch {
	case errors.As(err, &m) && m.Write != "holiday":
		return 0, m
	case err != nil:
		return 0, &Mistake{Problem: NotWeekday, Got: m.Got, Write: "mon-fri"}
	case holidays:
		return 0, &Mistake{Problem: NotWeekday, Got: "holiday", Write: "mon-fri"}
	case days == 0:
		return 0, &Mistake{Problem: NotWeekday, Write: "mon-fri"}
	}
	return days, nil
}

// parseRange reads "mon" or "tue-thu".
func parseRange(s string) (Weekdays, bool) {
	from, to, isRange := strings.Cut(s, "-")
	first, ok := parseDay(from)
	if !ok || !isRange {
		return 1 << first & EveryDay, ok
	}
	last, ok := parseDay(to)
	if !ok {
		return 0, false
	}
	days := Weekdays(1) << last
	for day := first; day != last; day = (day + 1) % 7 {
		days |= 1 << day
	}
	return days, true
}

func parseDay(s string) (time.Weekday, bool) {
	for day, name := range weekdayNames {
		if s == name {
			return time.Weekday(day), true
		}
	}
	return 0, false
}

func weekdayMistake(s string) *Mistake {
	m := &Mistake{Problem: NotWeekday, Got: s, Write: "mon"}
	if meant := guessDays(s); meant != "" {
		m.Write = meant
	}
	return m
}

// guessDays tells which day or days were meant by "Monday", "tues", "月曜", "月〜金";
// "" when it cannot.
func guessDays(s string) string {
	clean := strings.NewReplacer(" to ", "-", "から", "-", "まで", "").Replace(strings.ToLower(halfWidth(s)))
	from, to, isRange := strings.Cut(clean, "-")
	first, last := guessDay(from), guessDay(to)
	if !isRange || first == "" || first == "holiday" {
		return first
	}
	if last == "" || last == "holiday" {
		return ""
	}
	return first + "-" + last
}

func guessDay(s string) string {
	s = strings.TrimSpace(s)
	for i, sign := range kanji {
		english := strings.ToLower(time.Weekday(i).String())
		if len(s) >= 2 && strings.HasPrefix(english, s) || s == english+"s" ||
			s == sign || s == sign+"曜" || s == sign+"曜日" || s == "tues" && i == 2 || s == "thurs" && i == 4 {
			return weekdayNames[i]
		}
	}
	if strings.HasPrefix(s, "holiday") || s == "祝" || s == "祝日" || s == "休日" {
		return "holiday"
	}
	return ""
}
