package calendar

import "strings"

// ParseHours reads "19:00-08:30" as minutes of the day. It runs over midnight when
// it ends earlier than it begins; "24:00" is the end of the day.
func ParseHours(s string) (from, to int, err error) {
	from, to, ok := parseHours(s)
	if !ok {
		m := &Mistake{Problem: NotHours, Got: s, Write: "19:00-08:30"}
		if from, to, ok = guessHours(s); ok {
			m.Write = hoursString(from, to)
		}
		return 0, 0, m
	}
	if from == to {
		return 0, 0, &Mistake{Problem: SameHours, Got: s, Write: "00:00-24:00"}
	}
	return from, to, nil
}

// parseHours reads two times of day. An end at midnight is always 24:00.
func parseHours(s string) (from, to int, ok bool) {
	first, last, found := strings.Cut(s, "-")
	from, okFrom := parseMinute(first)
	to, okTo := parseMinute(last)
	if to == 0 && from > 0 {
		to = minutesInDay
	}
	return from, to, found && okFrom && okTo && from < minutesInDay
}

// guessHours also understands "9-18", "9時〜18時半" and blanks.
func guessHours(s string) (from, to int, ok bool) {
	first, last, _ := strings.Cut(plainTimes(s), "-")
	from, to, ok = parseHours(fullTime(first) + "-" + fullTime(last))
	return from, to, ok && from != to
}

// plainTimes writes times with colons and what stands between them as "-".
func plainTimes(s string) string {
	return strings.NewReplacer(" ", "", "時半", ":30", "時", ":", "分", "", "から", "-", "まで", "", "to", "-", "h", ":").
		Replace(halfWidth(s))
}

// fullTime completes "9" and "9:" to "9:00".
func fullTime(s string) string {
	hour, minute, _ := strings.Cut(s, ":")
	if minute == "" {
		minute = "00"
	}
	return hour + ":" + minute
}

// parseMinute reads "08:30" or "8:30" as a minute of the day, at most 24:00.
func parseMinute(s string) (int, bool) {
	hour, minute, found := strings.Cut(s, ":")
	h, okHour := parseDigits(hour)
	m, okMinute := parseDigits(minute)
	ok := found && okHour && okMinute && len(minute) == 2 && m < 60 && h*60+m <= minutesInDay
	return h*60 + m, ok
}

// parseDigits reads a number of one or two digits.
func parseDigits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, len(s) == 1 || len(s) == 2
}

// hoursString writes minutes of the day as ParseHours reads them.
func hoursString(from, to int) string { return minuteString(from) + "-" + minuteString(to) }

func minuteString(m int) string {
	return string([]byte{digit(m / 600), digit(m / 60 % 10), ':', digit(m % 60 / 10), digit(m % 10)})
}
