package httpd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Length reads a length of time that somebody asks about: 12h, 30d, and 1y, which
// is 365 days.
func Length(text string) (engine.Span, bool) {
	if years, ok := strings.CutSuffix(text, "y"); ok {
		n, err := strconv.ParseUint(years, 10, 8)
		return engine.Span(n) * 365 * engine.Day, err == nil && n > 0
	}
	length, err := calendar.ParseLength(text)
	span, fixed := length.Fixed()
	return engine.Span(span.Milliseconds()), err == nil && fixed && span > 0
}

var japaneseUnits = strings.NewReplacer("ms", "ミリ秒", "d", "日", "h", "時間", "m", "分", "s", "秒")

// lengthIn is a length of time, as in "7d" or "3h17m", in a language's own units.
func lengthIn(l lang, text string) string {
	if l == japanese {
		return japaneseUnits.Replace(text)
	}
	return text
}

// roughly is a length of time without what nobody reads of it: from an hour on the
// seconds, from two days on the minutes. A text that is none stays as it is.
func roughly(l lang, text string) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		return text
	}
	switch {
	case d >= 48*time.Hour:
		hours := int(d.Round(time.Hour).Hours())
		text = fmt.Sprintf("%dd%dh", hours/24, hours%24)
	case d >= time.Hour:
		text = strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
	return lengthIn(l, text)
}
