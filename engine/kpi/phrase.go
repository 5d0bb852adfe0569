package kpi

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Problem says what is wrong with a phrase that a marketer wrote. It is stable, so
// that the language can say the same in Japanese.
type Problem uint8

// What may be wrong.
const (
	NotDecide  Problem = iota + 1 // not of the form "after 400 sends each, 95% sure"
	NoSends                       // "after 0 sends each"
	ManySends                     // more sends than there are people
	NeverSure                     // 100 % or more: no count makes sure
	HardlySure                    // 50 % or less: a coin says as much
	NotGuard                      // not of the form "unsubscribed > 1%"
	NoLimit                       // a limit of 0 %, 100 % or beyond
)

var problemSentences = [...]string{
	NotDecide:  "%q does not say when to decide; write %q",
	NoSends:    "%q decides before anything was sent; write %q",
	ManySends:  "%q is more than there are people; write %q",
	NeverSure:  "%q can never be reached, because no count makes quite sure; write %q",
	HardlySure: "%q is no surer than a coin; write %q",
	NotGuard:   "%q is no guard; write %q",
	NoLimit:    "%q has a limit that is never or always passed; write %q",
}

// Mistake is the error of ParseDecide and ParseGuard: what was written and what to
// write instead. Write is always something that the same function accepts.
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

// The forms, and what is like them enough to guess what was meant. Numbers have so few
// digits that they cannot overflow.
var (
	decideForm = regexp.MustCompile(`^after (\d{1,15}) sends each, (\d{1,3}(?:\.\d{1,6})?)% sure$`)
	decideLike = regexp.MustCompile(`(?i)(?:(\d{1,15})[^\d.%]+)?(\d{1,3}(?:\.\d{1,6})?) ?%`)
	sendsLike  = regexp.MustCompile(`(?i)(\d{1,15}) ?(?:sends?|each|通)`)
	guardForm  = regexp.MustCompile(`^([a-z][a-z0-9_]{0,63}) ([<>]) (\d{1,3}(?:\.\d{1,6})?)%$`)
	guardLike  = regexp.MustCompile(`(?i)^([a-z][a-z0-9_]{0,63})\s*([<>])?=?\s*(\d{1,3}(?:\.\d{1,6})?)?\s*%?$`)
)

// Bounds and suggestions.
const (
	mostSends    = 1_000_000_000
	usualSends   = 400
	usualSure    = "95"
	usualLimit   = "1"
	usualFigure  = "unsubscribed"
	surestDigits = 99.9999
)

// ParseDecide reads when an experiment is decided, as the language writes it:
// "after 400 sends each, 95% sure". What it gives has MinEach and Sure set.
func ParseDecide(s string) (Plan, error) {
	m := decideForm.FindStringSubmatch(s)
	if m == nil {
		return Plan{}, &Mistake{Problem: NotDecide, Got: s, Write: guessDecide(s)}
	}
	sends, _ := strconv.ParseInt(m[1], 10, 64)
	percent, _ := strconv.ParseFloat(m[2], 64)
	switch {
	case sends == 0:
		return Plan{}, &Mistake{Problem: NoSends, Got: s, Write: writeDecide(usualSends, m[2])}
	case sends > mostSends:
		return Plan{}, &Mistake{Problem: ManySends, Got: s, Write: writeDecide(mostSends, m[2])}
	case percent > surestDigits:
		return Plan{}, &Mistake{Problem: NeverSure, Got: s, Write: writeDecide(sends, "99")}
	case percent <= 50:
		return Plan{}, &Mistake{Problem: HardlySure, Got: s, Write: writeDecide(sends, usualSure)}
	}
	return Plan{MinEach: sends, Sure: percent / 100}, nil
}

// writeDecide writes the phrase, with usual numbers instead of ones that would be
// refused.
func writeDecide(sends int64, percent string) string {
	if sends <= 0 || sends > mostSends {
		sends = usualSends
	}
	if sure, err := strconv.ParseFloat(percent, 64); err != nil || sure <= 50 || sure > surestDigits {
		percent = usualSure
	}
	return fmt.Sprintf("after %d sends each, %s%% sure", sends, percent)
}

// guessDecide makes the phrase of the numbers in s.
func guessDecide(s string) string {
	s = strings.ReplaceAll(halfWidth(s), ",", "")
	var sends int64
	percent := usualSure
	if m := decideLike.FindStringSubmatch(s); m != nil {
		sends, _ = strconv.ParseInt(m[1], 10, 64)
		percent = m[2]
	}
	if m := sendsLike.FindStringSubmatch(s); m != nil {
		sends, _ = strconv.ParseInt(m[1], 10, 64)
	}
	return writeDecide(sends, percent)
}

// ParseGuard reads a guard as the language writes it: "unsubscribed > 1%". Whether
// there is such a figure is not asked here.
func ParseGuard(s string) (Guard, error) {
	m := guardForm.FindStringSubmatch(s)
	if m == nil {
		return Guard{}, &Mistake{Problem: NotGuard, Got: s, Write: guessGuard(s)}
	}
	percent, _ := strconv.ParseFloat(m[3], 64)
	if percent <= 0 || percent >= 100 {
		return Guard{}, &Mistake{Problem: NoLimit, Got: s, Write: writeGuard(m[1], m[2], m[3])}
	}
	return Guard{What: m[1], Below: m[2] == "<", Limit: percent / 100}, nil
}

func writeGuard(what, sign, percent string) string {
	if what == "" {
		what = usualFigure
	}
	if sign == "" {
		sign = ">"
	}
	if limit, err := strconv.ParseFloat(percent, 64); err != nil || limit <= 0 || limit >= 100 {
		percent = usualLimit
	}
	return fmt.Sprintf("%s %s %s%%", what, sign, percent)
}

// guessGuard makes a guard of what can be recognised in s.
func guessGuard(s string) string {
	m := guardLike.FindStringSubmatch(halfWidth(s))
	if m == nil {
		return writeGuard("", "", "")
	}
	return writeGuard(strings.ToLower(m[1]), m[2], m[3])
}

// halfWidth turns what a Japanese keyboard types (４００, ％, ＞) into the characters
// that were meant, and drops space at both ends. It serves suggestions only: what is
// accepted is accepted as written.
func halfWidth(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '、':
			return ','
		case r == '　':
			return ' '
		case r >= '！' && r <= '～':
			return r - '！' + '!'
		}
		return r
	}, s))
}
