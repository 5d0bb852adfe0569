package calendar

import (
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// Words says the schedule as people do: "first Tuesday of the month at 08:00", and
// 「毎月第1火曜日 08:00」 where lang is "ja".
func (s Schedule) Words(lang string) string {
	ja := lang == "ja"
	switch {
	case s.text == "" && ja:
		return "予定なし"
	case s.text == "":
		return "never"
	case s.once && ja:
		return time.Unix(s.at, 0).UTC().Format("2006年1月2日 15:04")
	case s.once:
		return time.Unix(s.at, 0).UTC().Format("2006-01-02 at 15:04")
	case ja:
		return s.daysJa() + " " + s.timesJa()
	}
	return s.daysEn() + " " + s.timesEn()
}

// mostTimes is how many times of day are told one by one.
const mostTimes = 6

// clockTimes are the times of day, if they are few enough to be told.
func (s Schedule) clockTimes() (times []string) {
	if bits.OnesCount32(s.hours)*bits.OnesCount64(s.minutes) > mostTimes {
		return nil
	}
	for _, hour := range setBits(uint64(s.hours)) {
		for _, minute := range setBits(s.minutes) {
			times = append(times, minuteString(hour*60+minute))
		}
	}
	return times
}

const everyHour = 1<<24 - 1

func (s Schedule) timesEn() string {
	if times := s.clockTimes(); times != nil {
		return "at " + listEn(times)
	}
	minutes, every := "at minute "+listEn(runs(s.minutes, "–")), evenly(s.minutes, 60)
	switch {
	case every == 1:
		minutes = "every minute"
	case every > 1:
		minutes = "every " + strconv.Itoa(every) + " minutes"
	case bits.OnesCount64(s.minutes) > 1:
		minutes = "at minutes " + listEn(runs(s.minutes, "–"))
	}
	if s.hours == everyHour {
		if every > 0 {
			return minutes
		}
		return minutes + " of every hour"
	}
	return minutes + " of the hours " + listEn(runs(uint64(s.hours), "–"))
}

func (s Schedule) timesJa() string {
	if times := s.clockTimes(); times != nil {
		return strings.Join(times, "、")
	}
	hours := "毎時"
	if s.hours != everyHour {
		hours = strings.Join(runs(uint64(s.hours), "〜"), "・") + "時台の"
	}
	switch every := evenly(s.minutes, 60); {
	case every == 1:
		return strings.TrimPrefix(hours, "毎時") + "毎分"
	case every > 1:
		return strings.TrimPrefix(hours, "毎時") + strconv.Itoa(every) + "分ごと"
	}
	return hours + strings.Join(runs(s.minutes, "〜"), "・") + "分"
}

// dayFields are the fields of day, month and weekday, and whether day and weekday
// must agree.
func (s Schedule) dayFields() (day, month, weekday string, both bool) {
	fields := strings.Fields(s.text)
	both = strings.HasPrefix(fields[2], "*") || strings.HasPrefix(fields[4], "*")
	return fields[2], fields[3], fields[4], both
}

func (s Schedule) daysEn() string {
	day, month, weekday, both := s.dayFields()
	in, of := "", " of the month"
	if month != "*" {
		in = " in " + listEn(s.monthNames(time.Month.String))
		of = " of" + strings.TrimPrefix(in, " in")
	}
	var weekdays []string
	days, nth := weekdayItems(weekday, nthEn, weekdayEn)
	if len(nth) > 0 {
		weekdays = append(weekdays, listEn(nth)+of)
	}
	if len(days) > 0 {
		weekdays = append(weekdays, everyEn(days)+in)
	}
	dates := listEn(dateItems(day, dateEn)) + of
	switch {
	case day == "*" && weekday == "*":
		return "every day" + in
	case weekday == "*":
		return dates
	}
	return joinDays(day, dates, listEn(weekdays), both, " if it is ", ", and also ")
}

func (s Schedule) daysJa() string {
	day, month, weekday, both := s.dayFields()
	every, weekly := "毎月", "毎週"
	if month != "*" {
		every = strings.Join(s.monthNames(func(m time.Month) string { return strconv.Itoa(int(m)) + "月" }), "・") + "の"
		weekly = every + "毎週"
	}
	dates := every + strings.Join(dateItems(day, dateJa), "・")
	days, nth := weekdayItems(weekday, nthJa, weekdayJa)
	var weekdays []string
	if len(nth) > 0 {
		weekdays = append(weekdays, every+strings.Join(nth, "・"))
	}
	if len(days) > 0 {
		weekdays = append(weekdays, weekly+strings.Join(days, "・")+"曜日")
	}
	switch {
	case day == "*" && weekday == "*" && month == "*":
		return "毎日"
	case day == "*" && weekday == "*":
		return every + "毎日"
	case weekday == "*":
		return dates
	}
	return joinDays(day, dates, strings.Join(weekdays, "と"), both, "で、かつ", "、および")
}

// joinDays puts dates and weekdays together.
func joinDays(day, dates, weekdays string, both bool, and, or string) string {
	switch {
	case day == "*":
		return weekdays
	case both:
		return dates + and + weekdays
	}
	return dates + or + weekdays
}

// dateItems tells the items of the field of days.
func dateItems(field string, say func(item string) string) (told []string) {
	for _, item := range strings.Split(field, ",") {
		told = append(told, say(item))
	}
	return told
}

// dateEn tells "1", "1-7", "*/2", "L" or "15W".
func dateEn(item string) string {
	from, to, isRange := strings.Cut(item, "-")
	to, step, stepped := strings.Cut(to, "/")
	_, every, all := strings.Cut(item, "*/")
	near, nearest := strings.CutSuffix(item, "W")
	switch {
	case item == "L":
		return "last day"
	case nearest:
		return "weekday nearest the " + ordinal(near)
	case all:
		return "every " + ordinal(every) + " day from the 1st"
	case stepped:
		return "every " + ordinal(step) + " day from the " + ordinal(from) + " to the " + ordinal(to)
	case isRange:
		return ordinal(from) + " to " + ordinal(to)
	}
	return ordinal(item)
}

func dateJa(item string) string {
	from, to, isRange := strings.Cut(item, "-")
	to, step, stepped := strings.Cut(to, "/")
	_, every, all := strings.Cut(item, "*/")
	near, nearest := strings.CutSuffix(item, "W")
	switch {
	case item == "L":
		return "末日"
	case nearest:
		return near + "日に最も近い平日"
	case all:
		return "1日から" + every + "日ごと"
	case stepped:
		return from + "〜" + to + "日の" + step + "日ごと"
	case isRange:
		return from + "〜" + to + "日"
	}
	return item + "日"
}

// weekdayItems tells the items of the field of weekdays: those of every week, and
// those of one week of the month.
func weekdayItems(field string, sayNth func(day time.Weekday, week string) string, say func(from, to time.Weekday) string) (days, nth []string) {
	var weekly Weekdays
	for _, item := range strings.Split(field, ",") {
		day, week, numbered := strings.Cut(item, "#")
		day, last := strings.CutSuffix(day, "L")
		switch n, _ := strconv.Atoi(day); {
		case numbered || last:
			nth = append(nth, sayNth(time.Weekday(n), week))
		default:
			weekly |= weekdaysOf(item)
		}
	}
	if weekly != 0 {
		for _, part := range strings.Split(weekly.String(), ",") {
			from, to, _ := strings.Cut(part, "-")
			first, _ := parseDay(from)
			last, isRange := parseDay(to)
			if !isRange {
				last = first
			}
			days = append(days, say(first, last))
		}
	}
	return days, nth
}

// weekdaysOf are the weekdays of a plain item: "1", "1-5", "1-5/2", "*/2".
func weekdaysOf(item string) (days Weekdays) {
	span, step, _ := strings.Cut(item, "/")
	from, to, isRange := strings.Cut(span, "-")
	first, _ := strconv.Atoi(from)
	last, _ := strconv.Atoi(to)
	every, _ := strconv.Atoi(step)
	if span == "*" {
		first, last = 0, 6
	} else if !isRange {
		last = first
	}
	for day := first; day <= last; day += max(every, 1) {
		days |= 1 << (day % 7)
	}
	return days
}

func nthEn(day time.Weekday, week string) string {
	if week == "" {
		return "last " + day.String()
	}
	return [...]string{"first ", "second ", "third ", "fourth ", "fifth "}[week[0]-'1'] + day.String()
}

func nthJa(day time.Weekday, week string) string {
	if week == "" {
		return "最終" + kanji[day] + "曜日"
	}
	return "第" + week + kanji[day] + "曜日"
}

func weekdayEn(from, to time.Weekday) string {
	if from == to {
		return from.String()
	}
	return from.String() + " to " + to.String()
}

func weekdayJa(from, to time.Weekday) string {
	if from == to {
		return kanji[from]
	}
	return kanji[from] + "〜" + kanji[to]
}

// everyEn puts "every" before weekdays that are told one by one.
func everyEn(days []string) string {
	if strings.Contains(days[0], " ") {
		return listEn(days)
	}
	return "every " + listEn(days)
}

func (s Schedule) monthNames(say func(time.Month) string) (names []string) {
	for _, n := range setBits(uint64(s.months)) {
		names = append(names, say(time.Month(n)))
	}
	return names
}

// ordinal is 1st, 2nd, 3rd, 4th.
func ordinal(number string) string {
	last := number[len(number)-1]
	if teen := len(number) == 2 && number[0] == '1'; !teen && last >= '1' && last <= '3' {
		return number + [...]string{"st", "nd", "rd"}[last-'1']
	}
	return number + "th"
}

// listEn is "a", "a and b", "a, b and c".
func listEn(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}

// setBits are the numbers of the bits that are set.
func setBits(set uint64) (numbers []int) {
	for ; set != 0; set &= set - 1 {
		numbers = append(numbers, bits.TrailingZeros64(set))
	}
	return numbers
}

// runs tells the numbers of the bits that are set, three or more in a row as a range.
func runs(set uint64, to string) (parts []string) {
	numbers := setBits(set)
	for i := 0; i < len(numbers); {
		end := i
		for end+1 < len(numbers) && numbers[end+1] == numbers[end]+1 {
			end++
		}
		if end-i >= 2 {
			parts = append(parts, strconv.Itoa(numbers[i])+to+strconv.Itoa(numbers[end]))
			i = end + 1
			continue
		}
		parts = append(parts, strconv.Itoa(numbers[i]))
		i++
	}
	return parts
}

// evenly is the step in which the bits are set from 0 on around the whole circle;
// 0 where they are not.
func evenly(set uint64, circle int) int {
	numbers := setBits(set)
	if len(numbers) < 2 || circle%len(numbers) != 0 {
		return 0
	}
	step := circle / len(numbers)
	for i, n := range numbers {
		if n != i*step {
			return 0
		}
	}
	return step
}
