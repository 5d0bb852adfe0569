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
}

// Mistake is the error of every Parse function: what was written and what to write
// instead. Write is always something that the same function accepts.
type Mistake struct {
	Problem Problem
	Got     string
	Write   string
}

// Error is the sentence in English.
func (m *Mistake) Error() string {
	if int(m.Problem) >= len(problemSentences) || m.Problem == 0 {
		return fmt.Sprintf("%q cannot be read; write %q", m.Got, m.Write)
	}
	return fmt.Sprintf(problemSentences[m.Problem], m.Got, m.Write)
}

// halfWidth turns what a Japanese keyboard types (０-９, ：, 〜, ー, 、) into the
// characters that were meant, and drops space at both ends. It serves suggestions
// only: what is accepted is accepted as written.
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
