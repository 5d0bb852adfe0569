package calendar

import (
	"fmt"
	"strings"
)

// Problem says what is wrong with something a marketer wrote. It is stable, so
// that the language can say the same in Japanese.
type Problem uint8

// What may be wrong.
const (
	NotLength    Problem = iota + 1 // no length of time
	BrokenLength                    // not a whole number of one unit: "1.5h", "1h30m"
	VagueLength                     // months and years are not equally long
	EmptyLength                     // "0d"
	LongLength                      // more than a hundred years
	NotWeekday                      // no weekday, or "holiday" where only weekdays make sense
	NotHours                        // no pair of times of day
	SameHours                       // begins and ends at the same minute
	NotWindow                       // no sending window
	AlwaysQuiet                     // quiet hours or days that leave no time to write
	NotZone                         // no time zone
	NotDate                         // no date
	NotSlot                         // no beginning of a mailing
	NotSchedule                     // no schedule, as a whole
	NotMinute                       // a schedule's field of minutes
	NotHour                         // a schedule's field of hours
	NotDay                          // a schedule's field of days
	NotMonth                        // a schedule's field of months
	NotDayOfWeek                    // a schedule's field of weekdays
	NeverComes                      // a schedule of dates that no year has
	NotInstant                      // neither a day nor an instant
	NoSuchDay                       // a day that no calendar has: "2026-02-30"
	NoYear                          // a day without its year
	NotClock                        // no time of day behind a day
	NotOffset                       // neither an offset nor a zone behind a time of day
)

var problemSentences = [...]string{
	NotLength:    "%q is not a length of time; write %q",
	BrokenLength: "%q is not a whole number of one unit; write %q",
	VagueLength:  "%q is not always equally long; write %q",
	EmptyLength:  "%q is no time at all; write %q or more, or leave it out",
	LongLength:   "%q is longer than a hundred years; write %q or less",
	NotWeekday:   "%q is not a weekday; write %q",
	NotHours:     "%q is not a pair of times; write %q",
	SameHours:    "%q begins and ends at the same minute; write %q",
	NotWindow:    "%q is not a sending window; write %q",
	AlwaysQuiet:  "%q leaves no time to write to anybody; write %q",
	NotZone:      "%q is not a time zone; write %q",
	NotDate:      "%q is not a date; write %q",
	NotSlot:      "%q is not a weekday with a time; write %q",
	NotSchedule:  "%q is not a schedule; write five fields (minute, hour, day, month, weekday) or a date with a time, like %q",
	NotMinute:    "%q is not a schedule, because %[3]q is not a minute from 0 to 59; write %[2]q",
	NotHour:      "%q is not a schedule, because %[3]q is not an hour from 0 to 23; write %[2]q",
	NotDay:       "%q is not a schedule, because %[3]q is not a day from 1 to 31 or L, the last; write %[2]q",
	NotMonth:     "%q is not a schedule, because %[3]q is not a month from 1 to 12 or from jan to dec; write %[2]q",
	NotDayOfWeek: "%q is not a schedule, because %[3]q is not a weekday from 0 to 7 or from sun to sat; write %[2]q",
	NeverComes:   "%q never comes, because no month it names has that day; write %q",
	NotInstant:   "%q is neither a day nor an instant; write %q",
	NoSuchDay:    "%q is a day that no calendar has; write %q",
	NoYear:       "%q lacks the year; write %q",
	NotClock:     "%q ends in no time of day; write %q",
	NotOffset:    "%q ends in no offset that we know; write %q",
}

// Mistake is the error of every Parse function: what was written and what to write
// instead. Write is always something that the same function accepts.
type Mistake struct {
	Problem Problem
	Got     string
	Part    string // of a schedule: the field that is wrong
	Write   string
}

// Error is the sentence in English.
func (m *Mistake) Error() string {
	if int(m.Problem) >= len(problemSentences) || m.Problem == 0 {
		return fmt.Sprintf("%q cannot be read; write %q", m.Got, m.Write)
	}
	sentence := problemSentences[m.Problem]
	if m.Part != "" {
		return fmt.Sprintf(sentence, m.Got, m.Write, m.Part)
	}
	return fmt.Sprintf(sentence, m.Got, m.Write)
}

// halfWidth turns what a Japanese keyboard types (０-９, ：, 〜, ー, 、) into the
// characters that were meant, and drops space at both ends. In the language it serves
// suggestions only: what is accepted there is accepted as written.
func halfWidth(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch r {
		case '〜', '～', '–', '—', '−', 'ー', '‐', '~':
			return '-'
		case '、', '，', '・':
			return ','
		case '　':
			return ' '
		}
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		return r
	}, s))
}
