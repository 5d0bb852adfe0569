package calendar

import (
	"strings"
	"time"
)

// SlotMinutes is how long a window stays open that names its beginning only: "tue
// 09:30" is Tuesday from 09:30 to 10:30. A mailing takes its time to leave, and who
// is a minute late must not wait for a week.
const SlotMinutes = 60

// Window is when a message may go: "tue-thu 09:30-11:30". Its hours are [From, To).
// A window over midnight belongs to the day on which it begins: "fri 22:00-02:00"
// is open on Saturday at 01:00 and not on Friday at 01:00.
type Window struct {
	Days     Weekdays // 0: every day
	From, To int      // minutes of the day; From > To runs over midnight; equal: the whole day
}

// Covers reports whether t, in its own zone, lies in the window. A nil Window is
// always open.
func (w *Window) Covers(t time.Time) bool {
	day, second := local(t)
	return w.covers(day, minuteOf(second))
}

func (w *Window) covers(day int64, minute int) bool {
	switch {
	case w == nil:
		return true
	case w.From == w.To:
		return w.on(day)
	case w.From < w.To:
		return minute >= w.From && minute < w.To && w.on(day)
	}
	return minute >= w.From && w.on(day) || minute < w.To && w.on(day-1)
}

// on reports whether the window opens on the day.
func (w *Window) on(day int64) bool { return w.Days == 0 || w.Days.Has(weekday(day)) }

// opens is within the window, or where it begins on the day.
func (w *Window) opens(day, second int64) int64 {
	if w.covers(day, minuteOf(second)) {
		return second
	}
	if from := int64(w.From) * 60; from > second && w.on(day) {
		return from
	}
	return secondsInDay
}

func (w *Window) ordinary() Rule { return w }

// String writes it as ParseWindow reads it.
func (w *Window) String() string {
	if w == nil {
		return ""
	}
	from, to := w.From, w.To
	if from == to {
		from, to = 0, minutesInDay
	}
	if w.Days&EveryDay == 0 || w.Days&EveryDay == EveryDay {
		return hoursString(from, to)
	}
	return w.Days.String() + " " + hoursString(from, to)
}

// ParseWindow reads "tue-thu 09:30-11:30", "mon,thu 22:00-02:00", "09:30-11:30" on
// every day, "tue" for the whole day, and "tue 09:30" or "09:30" for the
// SlotMinutes that begin then.
func ParseWindow(s string) (*Window, error) {
	w, m := parseWindow(s)
	if m == nil {
		return w, nil
	}
	m.Got = s
	if meant, wrong := parseWindow(guessWindow(s)); wrong == nil {
		m.Write = meant.String()
	}
	return nil, m
}

func parseWindow(s string) (*Window, *Mistake) {
	wrong := &Mistake{Problem: NotWindow, Write: "tue-thu 09:30-11:30"}
	days, hours, both := strings.Cut(s, " ")
	if !both && strings.Contains(days, ":") {
		days, hours = "", days
	}
	if strings.Contains(hours, " ") || both && hours == "" {
		return nil, wrong
	}
	w := &Window{To: minutesInDay}
	if days != "" || hours == "" {
		set, err := ParseWorkdays(days)
		if err != nil {
			return nil, wrong
		}
		w.Days = set
	}
	if hours != "" && !w.setHours(hours) {
		return nil, wrong
	}
	if w.From == w.To {
		return nil, &Mistake{Problem: SameHours, Write: (&Window{Days: w.Days}).String()}
	}
	return w, nil
}

// setHours reads "09:30-11:30" or the beginning of a slot, "09:30".
func (w *Window) setHours(s string) (ok bool) {
	if strings.Contains(s, "-") {
		w.From, w.To, ok = parseHours(s)
		return ok
	}
	if w.From, ok = parseMinute(s); !ok || w.From == minutesInDay {
		return false
	}
	if w.To = w.From + SlotMinutes; w.To > minutesInDay {
		w.To -= minutesInDay
	}
	return true
}

// guessWindow writes the days and the hours of s properly where it can tell them
// apart: "Tue - Thu 9:30〜11:30", "火 9時", "09:30-11:30 tue". A day that it does not
// know leaves a blank, which no window has.
func guessWindow(s string) string {
	var days, hours []string
	s = strings.NewReplacer(" - ", "-", ", ", ",").Replace(strings.ToLower(halfWidth(s)))
	for _, field := range strings.Fields(s) {
		if strings.ContainsAny(field, "0123456789") {
			hours = append(hours, guessTimes(field))
			continue
		}
		for _, part := range strings.Split(field, ",") {
			days = append(days, guessDays(part))
		}
	}
	return strings.TrimSpace(strings.Join(days, ",") + " " + strings.Join(hours, " "))
}

func guessTimes(s string) string {
	if from, to, ok := guessHours(s); ok {
		return hoursString(from, to)
	}
	return fullTime(plainTimes(s))
}
