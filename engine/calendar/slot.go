package calendar

import (
	"strings"
	"time"
)

// Slot is a time of day on some days of the week at which mailings begin: "tue
// 09:30". As a Rule it is the window of SlotMinutes that begins then.
type Slot struct {
	Days   Weekdays // 0: every day
	Minute int      // of the day
}

// ParseSlot reads "tue 09:30", "tue-thu 09:30", "mon,thu 17:30" and "09:30" on every
// day.
func ParseSlot(s string) (*Slot, error) {
	slot, ok := parseSlot(s)
	if ok {
		return slot, nil
	}
	m := &Mistake{Problem: NotSlot, Got: s, Write: "tue 09:30"}
	if meant, ok := parseSlot(guessWindow(s)); ok {
		m.Write = meant.String()
	} else if w, err := ParseWindow(s); err == nil {
		m.Write = (&Slot{Days: w.Days, Minute: w.From}).String() // its beginning
	}
	return nil, m
}

func parseSlot(s string) (*Slot, bool) {
	before, at, found := strings.Cut(s, " ")
	if !found {
		before, at = "", s
	}
	minute, ok := parseMinute(at)
	if !ok || minute == minutesInDay {
		return nil, false
	}
	slot := &Slot{Minute: minute}
	if !found {
		return slot, true
	}
	var err error
	slot.Days, err = ParseWorkdays(before)
	return slot, err == nil
}

// Next is the first instant strictly after the given one at which the slot begins,
// on the wall clock of its zone. A beginning that the clock leaves out is the first
// instant behind the gap; one that it shows twice is the first.
func (s *Slot) Next(after time.Time) time.Time {
	loc := after.Location()
	day, second := split(unshown(after))
	if second > int64(s.Minute)*60 {
		day++
	}
	for w := s.window(); !w.on(day); {
		day++
	}
	return wall(day, int64(s.Minute)*60, 0, loc)
}

// Window is the time in which a mailing that belongs to the slot may leave.
func (s *Slot) Window() *Window {
	w := s.window()
	return &w
}

func (s *Slot) window() Window {
	to := s.Minute + SlotMinutes
	if to > minutesInDay {
		to -= minutesInDay
	}
	return Window{Days: s.Days, From: s.Minute, To: to}
}

func (s *Slot) opens(day, second int64) int64 {
	if s == nil {
		return second
	}
	w := s.window()
	return w.opens(day, second)
}

func (s *Slot) ordinary() Rule { return s }

// String writes it as ParseSlot reads it.
func (s *Slot) String() string {
	if s == nil {
		return ""
	}
	if s.Days&EveryDay == 0 || s.Days&EveryDay == EveryDay {
		return minuteString(s.Minute)
	}
	return s.Days.String() + " " + minuteString(s.Minute)
}
