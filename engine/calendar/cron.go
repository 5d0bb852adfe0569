package calendar

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/adhocore/gronx"
)

// onceForm is how a date is written that a schedule consists of.
const onceForm = "2006-01-02 15:04"

// ParseSchedule reads a date with a time, "2026-10-01 09:00", or the five fields of
// cron: minute, hour, day, month, weekday. A field is "*", a number, a name (jan, mon),
// a range, a step ("*/15", "9-17/2"), or a list of them. A day may be "L", the last of
// the month, or "15W", the working day (Monday to Friday) nearest to the 15th within
// its month. A weekday may be "2#1", the first Tuesday of the month, or "5L", its last
// Friday.
//
// Where both day and weekday are given, either is enough, as cron has it: "0 9 1 * 1"
// is the first of the month and every Monday. Both must agree only where one of them
// begins with "*/".
func ParseSchedule(s string) (Schedule, error) {
	schedule, m := parseSchedule(s)
	if m == nil {
		return schedule, nil
	}
	m.Got = s
	for _, guess := range []string{m.Write, guessSchedule(s)} {
		if _, wrong := parseSchedule(guess); wrong == nil {
			m.Write = guess
			return Schedule{}, m
		}
	}
	m.Write = "0 9 * * 1"
	return Schedule{}, m
}

func parseSchedule(s string) (Schedule, *Mistake) {
	if t, err := time.Parse(onceForm, s); err == nil {
		return Schedule{text: s, once: true, at: t.Unix()}, nil
	}
	written := strings.Fields(s)
	texts := strings.Fields(strings.ToLower(s))
	if len(texts) != len(cronFields) {
		return Schedule{}, &Mistake{Problem: NotSchedule}
	}
	for i, field := range cronFields {
		normal, ok := field.parse(texts[i])
		if !ok {
			return Schedule{}, &Mistake{Problem: field.problem, Part: written[i], Write: guessField(texts, i)}
		}
		texts[i] = normal
	}
	schedule, err := askParser(texts)
	switch {
	case err != nil:
		return Schedule{}, &Mistake{Problem: NotSchedule}
	case !schedule.everComes():
		texts[2] = "L"
		return Schedule{}, &Mistake{Problem: NeverComes, Write: strings.Join(texts, " ")}
	}
	return schedule, nil
}

// cronField is one of the five.
type cronField struct {
	problem   Problem
	low, high int
	words     []string // names of the numbers from low on
}

var cronFields = [5]cronField{
	{problem: NotMinute, high: 59},
	{problem: NotHour, high: 23},
	{problem: NotDay, low: 1, high: 31},
	{problem: NotMonth, low: 1, high: 12, words: []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{problem: NotDayOfWeek, high: 7, words: weekdayNames[:]},
}

// parse brings a field into the one form that the cron parser reads as it is meant:
// numbers for names, 0 for Sunday, an end for every step.
//
// The parser alone would not do. It looks at the items of a list until one is true on
// the day in question, and finds a mistake in a later one on other days only; it
// takes "5/2" for Fridays alone and "friday" for a name it half knows.
func (f cronField) parse(s string) (normal string, ok bool) {
	items := strings.Split(s, ",")
	for i, item := range items {
		if items[i], ok = f.item(item); !ok {
			return "", false
		}
	}
	if slices.Contains(items, "*") {
		return "*", true
	}
	return strings.Join(items, ","), true
}

func (f cronField) item(s string) (normal string, ok bool) {
	if normal, ok = f.special(s); ok {
		return normal, true
	}
	s, step, stepped := strings.Cut(s, "/")
	if n, okStep := parseDigits(step); stepped {
		if !okStep || n < 1 || n > f.high {
			return "", false
		}
		step = "/" + strconv.Itoa(n)
	}
	if s == "*" {
		return s + step, true
	}
	from, to, isRange := strings.Cut(s, "-")
	first, ok := f.number(from)
	last, okLast := f.last(first, to, isRange, stepped)
	switch {
	case !ok || !okLast:
		return "", false
	case first == last && !stepped:
		return strconv.Itoa(first % f.cycle()), true
	case first <= last:
		return strconv.Itoa(first) + "-" + strconv.Itoa(last) + step, true
	case f.problem == NotDayOfWeek && !stepped: // over the week-end
		return strconv.Itoa(first) + "-7," + "0-" + strconv.Itoa(last), true
	}
	return "", false
}

// last is the end of a range. A step without one goes to the end of the field.
func (f cronField) last(first int, to string, isRange, stepped bool) (int, bool) {
	switch {
	case isRange:
		last, ok := f.number(to)
		if f.problem == NotDayOfWeek && last == 0 && first > 0 {
			last = 7
		}
		return last, ok
	case stepped && f.problem == NotDayOfWeek:
		return max(first, 6), true
	case stepped:
		return f.high, true
	}
	return first, true
}

// special reads what only days and weekdays have: L, 15W, 2#1, 5L.
func (f cronField) special(s string) (normal string, ok bool) {
	switch {
	case f.problem == NotDay && s == "l":
		return "L", true
	case f.problem == NotDay && strings.HasSuffix(s, "w"):
		n, ok := f.number(strings.TrimSuffix(s, "w"))
		return strconv.Itoa(n) + "W", ok
	case f.problem != NotDayOfWeek:
		return "", false
	}
	if day, week, found := strings.Cut(s, "#"); found {
		n, ok := f.number(day)
		return strconv.Itoa(n%7) + "#" + week, ok && len(week) == 1 && week[0] >= '1' && week[0] <= '5'
	}
	day, found := strings.CutSuffix(s, "l")
	n, ok := f.number(day)
	return strconv.Itoa(n%7) + "L", ok && found
}

// number reads a number or a name.
func (f cronField) number(s string) (int, bool) {
	for i, word := range f.words {
		if s == word {
			return f.low + i, true
		}
	}
	n, ok := parseDigits(s)
	return n, ok && n >= f.low && n <= f.high
}

// cycle makes Sunday 0, and leaves everything else as it is.
func (f cronField) cycle() int {
	if f.problem == NotDayOfWeek {
		return 7
	}
	return f.high + 1
}

// guessField is what may have been meant by a schedule of which one field is wrong.
func guessField(texts []string, i int) string {
	meant := slices.Clone(texts)
	switch s := texts[i]; {
	case s == "?":
		meant[i] = "*"
	case s == "24" && i == 1, s == "60" && i == 0:
		meant[i] = "0"
	case s == "l" && i == 4: // Saturday, some programs say, but who writes it means another day
		meant[2], meant[4] = "L", "*"
	case i == 4:
		meant[i] = guessDays(s)
	case i == 3 && len(s) > 3:
		meant[i] = s[:3]
	}
	return strings.Join(meant, " ")
}

// askParser has the cron parser judge every minute, hour, month and kind of month.
func askParser(fields []string) (s Schedule, err error) {
	s.text = strings.Join(fields, " ")
	var checker gronx.SegmentChecker
	due := func(field, at int, when time.Time) bool {
		checker.SetRef(when)
		ok, wrong := checker.CheckDue(fields[field], at)
		if wrong != nil {
			err = wrong
		}
		return ok
	}
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range 60 {
		if when := start.Add(time.Duration(n) * time.Minute); due(0, 1, when) {
			s.minutes |= 1 << n
		}
	}
	for n := range 24 {
		if when := start.Add(time.Duration(n) * time.Hour); due(1, 2, when) {
			s.hours |= 1 << n
		}
	}
	for n := range 12 {
		if when := start.AddDate(0, n, 0); due(3, 4, when) {
			s.months |= 2 << n
		}
	}
	if err == nil {
		err = s.askDays(&checker, fields[2], fields[4])
	}
	return s, err
}

// askDays has the cron parser judge every day of the 28 kinds of month. Where nothing
// is counted from the end of the month, the long months tell about the shorter ones.
func (s *Schedule) askDays(checker *gronx.SegmentChecker, day, weekday string) error {
	parser := &gronx.Gronx{C: checker}
	fields := []string{"*", "*", "*", day, "*", weekday}
	fromEnd := strings.ContainsAny(day+weekday, "LW")
	kinds := kindsOfMonth()
	for length := len(kinds) - 1; length >= 0; length-- {
		for first, start := range kinds[length] {
			if length < len(kinds)-1 && !fromEnd {
				s.days[length][first] = s.days[length+1][first] & (2<<(28+length) - 1)
				continue
			}
			for n := range 28 + length {
				checker.SetRef(start.AddDate(0, 0, n))
				due, err := parser.SegmentsDue(fields)
				if err != nil {
					return err
				}
				if due {
					s.days[length][first] |= 2 << n
				}
			}
		}
	}
	return nil
}

// kindsOfMonth are the beginnings of months of every length, from 28 days, that begin
// on every weekday.
var kindsOfMonth = sync.OnceValue(func() (kinds [4][7]time.Time) {
	const years = 28 // after which weekdays and leap years repeat themselves
	for n := range years * 12 {
		start := time.Date(2000, time.Month(1+n), 1, 0, 0, 0, 0, time.UTC)
		kinds[daysIn(start.Year(), int(start.Month()))-28][start.Weekday()] = start
	}
	return kinds
})

// everComes reports whether any month that the schedule names has one of its days.
func (s Schedule) everComes() bool {
	lengths := [13][]int{2: {28, 29}, 4: {30}, 6: {30}, 9: {30}, 11: {30}}
	for n := 1; n <= 12; n++ {
		if s.months>>n&1 == 0 {
			continue
		}
		if lengths[n] == nil {
			lengths[n] = []int{31}
		}
		for _, length := range lengths[n] {
			if s.days[length-28] != [7]monthDay{} {
				return true
			}
		}
	}
	return false
}

// cronNames are other ways to say a schedule that some programs know.
var cronNames = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
	"daily": "0 9 * * *", "every day": "0 9 * * *", "毎日": "0 9 * * *", "weekly": "0 9 * * 1", "毎週": "0 9 * * 1",
	"monthly": "0 9 1 * *", "毎月": "0 9 1 * *", "月末": "0 9 L * *",
}

// guessSchedule tells what was meant by what is neither five fields nor a date: a
// date in another form, "mon 09:00", fields in full width or with seconds before them.
func guessSchedule(s string) string {
	plain := strings.ToLower(halfWidth(s))
	if known := cronNames[plain]; known != "" {
		return known
	}
	for _, form := range []string{
		"2006-1-2 15:04", "2006-1-2 15:04:05", "2006-1-2T15:04", "2006-1-2T15:04:05", "2006/1/2 15:04", "2006年1月2日 15:04",
		"2006年1月2日 15時", "2006年1月2日15時", "2006年1月2日 15時4分",
	} {
		if t, err := time.Parse(form, strings.ToUpper(plain)); err == nil {
			return t.Format(onceForm)
		}
	}
	if date, err := ParseDate(plain); err == nil {
		return date + " 09:00"
	}
	if slot, err := ParseSlot(guessWindow(plain)); err == nil {
		days := "*"
		if slot.Days != 0 {
			days = slot.Days.String()
		}
		return strconv.Itoa(slot.Minute%60) + " " + strconv.Itoa(slot.Minute/60) + " * * " + days
	}
	fields := strings.Fields(plain)
	if len(fields) == len(cronFields)+1 {
		fields = fields[1:]
	}
	return strings.Join(fields, " ")
}
