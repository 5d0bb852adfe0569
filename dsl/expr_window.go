package dsl

import (
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/seed-456efde2/nurture/engine"
)

// maxWindow bounds how far back a condition may count: the times of an event are
// kept for the longest window that any rule asks for.
const maxWindow = 3650 * engine.Day

var windowUnits = map[byte]engine.Span{'d': engine.Day, 'h': engine.Hour, 'm': engine.Minute, 's': engine.Second}

// parseWindow reads '7d', '4h', '10m', '30s'.
func parseWindow(s string) (engine.Span, bool) {
	if len(s) < 2 || len(s) > 10 || s[0] == '0' {
		return 0, false
	}
	unit, ok := windowUnits[s[len(s)-1]]
	n, err := strconv.ParseUint(s[:len(s)-1], 10, 32)
	span := engine.Span(n) * unit
	if !ok || err != nil || n == 0 || span > maxWindow {
		return 0, false
	}
	return span, true
}

// windowWords are the units that people write, in days, hours, minutes, seconds.
var windowWords = []struct {
	word  string
	times int
	unit  string
}{
	{"business days", 1, "d"},
	{"seconds", 1, "s"},
	{"minutes", 1, "m"},
	{"months", 30, "d"},
	{"second", 1, "s"},
	{"minute", 1, "m"},
	{"weeks", 7, "d"},
	{"years", 365, "d"},
	{"hours", 1, "h"},
	{"month", 30, "d"},
	{"days", 1, "d"},
	{"week", 7, "d"},
	{"year", 365, "d"},
	{"hour", 1, "h"},
	{"mins", 1, "m"},
	{"secs", 1, "s"},
	{"day", 1, "d"},
	{"min", 1, "m"},
	{"sec", 1, "s"},
	{"か月", 30, "d"},
	{"ヶ月", 30, "d"},
	{"カ月", 30, "d"},
	{"時間", 1, "h"},
	{"週間", 7, "d"},
	{"日間", 1, "d"},
	{"週", 7, "d"},
	{"日", 1, "d"},
	{"分", 1, "m"},
	{"秒", 1, "s"},
	{"年", 365, "d"},
	{"w", 7, "d"},
	{"y", 365, "d"},
	{"d", 1, "d"},
	{"h", 1, "h"},
	{"m", 1, "m"},
	{"s", 1, "s"},
	{"", 1, "d"},
}

// guessWindow is what a length of time in another writing was meant to be, or "".
func guessWindow(s string) string {
	s = strings.ToLower(strings.TrimSpace(width.Narrow.String(s)))
	for _, u := range windowWords {
		digits, ok := strings.CutSuffix(s, u.word)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(digits), 10, 16)
		if err != nil {
			continue
		}
		guess := strconv.Itoa(int(n)*u.times) + u.unit
		if _, ok := parseWindow(guess); ok {
			return guess
		}
	}
	return ""
}

// thousands writes a whole number as people read it: 4,096.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// formatNumber writes a number as people read it, without the last digits of a
// sum that binary fractions leave behind.
func formatNumber(n float64) string {
	if math.Abs(n) < 1e6 {
		n = math.Round(n*1e9) / 1e9
	}
	return strconv.FormatFloat(n+0, 'f', -1, 64)
}

// formatDate writes a day in the language of the workspace.
func formatDate(t time.Time, lang string) string {
	if lang == "ja" {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 January 2006")
}
