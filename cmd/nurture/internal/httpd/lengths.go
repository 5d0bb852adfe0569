package httpd

import (
	"fmt"
	"strings"
	"time"
)

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
