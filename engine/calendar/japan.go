package calendar

import (
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/jp"
)

// The years whose public holidays are known: from the year in which the law took
// its present shape to the last for which the library computes the equinoxes.
const (
	japanFirst = 2007
	japanLast  = 2150
)

// japanYears has a bit for each day that is a public holiday: year, month, day.
type japanYears [japanLast - japanFirst + 1][time.December + 1]uint32

// japan builds the table when it is first asked for. The table never changes
// afterwards, so that reading it needs no lock. The library is asked nowhere else:
// computing an equinox writes to a variable that all of its callers share.
var japan = sync.OnceValue(func() *japanYears {
	var table japanYears
	for year := range table {
		japanYear(japanFirst+year, &table[year])
	}
	return &table
})

// japanHoliday reports whether Japan's Act on National Holidays (Act 178 of 1948)
// makes the date a holiday, by name, as a substitute or between two others.
func japanHoliday(year int, month time.Month, day int) bool {
	if year < japanFirst || year > japanLast {
		return false
	}
	return japan()[year-japanFirst][month]>>uint(day)&1 == 1
}

// japanYear fills in one year. The named days are the library's; the two rules of
// article 3 are applied here, because the library knows the days between two
// holidays for four years only:
//
//   - paragraph 2: when a national holiday is a Sunday, the next day that is no
//     national holiday is a holiday.
//   - paragraph 3: a day whose neighbours are both national holidays is a holiday.
//
// Neither rule ever reaches beyond the end of a year: no named day lies within two
// days of it but the first of January.
func japanYear(year int, months *[time.December + 1]uint32) {
	var national [368]bool // by day of the year
	for _, h := range jp.Holidays {
		if date, ok := japanNamed(h, year); ok {
			national[date.YearDay()] = true
		}
	}
	first := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)
	mark := func(yearDay int) {
		date := first.AddDate(0, 0, yearDay-1)
		months[date.Month()] |= 1 << uint(date.Day())
	}
	for day := 1; day <= 366; day++ {
		switch {
		case national[day]:
			mark(day)
			if first.AddDate(0, 0, day-1).Weekday() == time.Sunday {
				substitute := day
				for national[substitute] {
					substitute++
				}
				mark(substitute)
			}
		case national[day-1] && national[day+1]:
			mark(day)
		}
	}
}

// japanNamed is the date of a named holiday in a year, in UTC, with what the
// library has wrong put right:
//
//   - 2019 had no Emperor's Birthday: the old emperor abdicated before his, on 23
//     December, and the new one acceded after his, on 23 February.
//   - For the Olympic Games, Mountain Day was moved to 10 August 2020 and 8 August
//     2021. The library moves the two other days that were moved for them.
func japanNamed(h *cal.Holiday, year int) (date time.Time, ok bool) {
	switch {
	case h == jp.TheEmperorsBirthday && year == 2019:
		return time.Time{}, false
	case h == jp.MountainDay && year == 2020:
		return time.Date(2020, 8, 10, 0, 0, 0, 0, time.UTC), true
	case h == jp.MountainDay && year == 2021:
		return time.Date(2021, 8, 8, 0, 0, 0, 0, time.UTC), true
	}
	actual, _ := h.Calc(year)
	if actual.IsZero() {
		return time.Time{}, false
	}
	// The library means midnight of the machine's zone, where a change of clocks may
	// leave midnight out. Noon is safely on the same date.
	y, m, d := actual.Add(12 * time.Hour).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), true
}
