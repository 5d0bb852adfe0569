package calendar

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func mustSchedule(t testing.TB, text string) Schedule {
	t.Helper()
	s, err := ParseSchedule(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What is read, how it is written back, and how people say it.
func TestScheduleWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, normal, en, ja string }{
		{"0 8 * * 2#1", "0 8 * * 2#1", "first Tuesday of the month at 08:00", "毎月第1火曜日 08:00"},
		{"0 8 * * tue#1", "0 8 * * 2#1", "first Tuesday of the month at 08:00", "毎月第1火曜日 08:00"},
		{"30 17 * * friL", "30 17 * * 5L", "last Friday of the month at 17:30", "毎月最終金曜日 17:30"},
		{"0 9 L * *", "0 9 L * *", "last day of the month at 09:00", "毎月末日 09:00"},
		{"0 9 15W * *", "0 9 15W * *", "weekday nearest the 15th of the month at 09:00", "毎月15日に最も近い平日 09:00"},
		{"0 9 * * *", "0 9 * * *", "every day at 09:00", "毎日 09:00"},
		{"0 9 * * 1", "0 9 * * 1", "every Monday at 09:00", "毎週月曜日 09:00"},
		{"0 9,17 * * MON,THU", "0 9,17 * * 1,4", "every Monday and Thursday at 09:00 and 17:00", "毎週月・木曜日 09:00、17:00"},
		{"0 9 * * mon-fri", "0 9 * * 1-5", "Monday to Friday at 09:00", "毎週月〜金曜日 09:00"},
		{"0 9 * * fri-mon", "0 9 * * 5-7,0-1", "every Monday and Friday to Sunday at 09:00", "毎週月・金〜日曜日 09:00"},
		{"0 9 * * 7", "0 9 * * 0", "every Sunday at 09:00", "毎週日曜日 09:00"},
		{"0 9 1,15,L * *", "0 9 1,15,L * *", "1st, 15th and last day of the month at 09:00", "毎月1日・15日・末日 09:00"},
		{"0 9 1 jan,apr,jul,oct *", "0 9 1 1,4,7,10 *", "1st of January, April, July and October at 09:00", "1月・4月・7月・10月の1日 09:00"},
		{"0 9 * jan 2#2,mon", "0 9 * 1 2#2,1", "second Tuesday of January and every Monday in January at 09:00", "1月の第2火曜日と1月の毎週月曜日 09:00"},
		{"0 9 1 * 1", "0 9 1 * 1", "1st of the month, and also every Monday at 09:00", "毎月1日、および毎週月曜日 09:00"},
		{"0 9 */2 * 1", "0 9 */2 * 1", "every 2nd day from the 1st of the month if it is every Monday at 09:00", "毎月1日から2日ごとで、かつ毎週月曜日 09:00"},
		{"*/15 9-17 * * *", "*/15 9-17 * * *", "every day every 15 minutes of the hours 9–17", "毎日 9〜17時台の15分ごと"},
		{"* * * * *", "* * * * *", "every day every minute", "毎日 毎分"},
		{"0 * * * *", "0 * * * *", "every day at minute 0 of every hour", "毎日 毎時0分"},
		{"5/20 * 1-7 * *", "5-59/20 * 1-7 * *", "1st to 7th of the month at minutes 5, 25 and 45 of every hour", "毎月1〜7日 毎時5・25・45分"},
		{"2026-10-01 09:00", "2026-10-01 09:00", "2026-10-01 at 09:00", "2026年10月1日 09:00"},
	} {
		s := mustSchedule(t, c.text)
		if s.String() != c.normal || s.Words("en") != c.en || s.Words("ja") != c.ja || s.IsZero() {
			t.Errorf("%s\n got %q, %q, %q\nwant %q, %q, %q", c.text, s, s.Words("en"), s.Words("ja"), c.normal, c.en, c.ja)
		}
		if again := mustSchedule(t, s.String()); again != s {
			t.Errorf("%s is read from %q as %q", s, c.text, again)
		}
	}
	if none := (Schedule{}); none.Words("en") != "never" || none.Words("ja") != "予定なし" || !none.IsZero() {
		t.Error("the zero Schedule has words of its own")
	}
}

func TestParseScheduleSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	const general = ` is not a schedule; write five fields (minute, hour, day, month, weekday) or a date with a time, like `
	for s, want := range map[string]string{
		"":                   `""` + general + `"0 9 * * 1"`,
		"0 9 * *":            `"0 9 * *"` + general + `"0 9 * * 1"`,
		"@daily":             `"@daily"` + general + `"0 0 * * *"`,
		"0 0 9 * * 1":        `"0 0 9 * * 1"` + general + `"0 9 * * 1"`,
		"mon 09:00":          `"mon 09:00"` + general + `"0 9 * * mon"`,
		"毎月":                 `"毎月"` + general + `"0 9 1 * *"`,
		"月曜 9時":              `"月曜 9時"` + general + `"0 9 * * mon"`,
		"2026-10-01":         `"2026-10-01"` + general + `"2026-10-01 09:00"`,
		"2026/10/1 9:00":     `"2026/10/1 9:00"` + general + `"2026-10-01 09:00"`,
		"2026-10-01T09:00":   `"2026-10-01T09:00"` + general + `"2026-10-01 09:00"`,
		"2026-02-30 09:00":   `"2026-02-30 09:00"` + general + `"0 9 * * 1"`,
		"０ ９ ＊ ＊ １":          `"０ ９ ＊ ＊ １" is not a schedule, because "０" is not a minute from 0 to 59; write "0 9 * * 1"`,
		"0 25 * * 1":         `"0 25 * * 1" is not a schedule, because "25" is not an hour from 0 to 23; write "0 9 * * 1"`,
		"0 24 * * 1":         `"0 24 * * 1" is not a schedule, because "24" is not an hour from 0 to 23; write "0 0 * * 1"`,
		"0 9 ? * 1":          `"0 9 ? * 1" is not a schedule, because "?" is not a day from 1 to 31 or L, the last; write "0 9 * * 1"`,
		"0 9 32 * *":         `"0 9 32 * *" is not a schedule, because "32" is not a day from 1 to 31 or L, the last; write "0 9 * * 1"`,
		"0 9 * january *":    `"0 9 * january *" is not a schedule, because "january" is not a month from 1 to 12 or from jan to dec; write "0 9 * jan *"`,
		"0 9 * * Monday":     `"0 9 * * Monday" is not a schedule, because "Monday" is not a weekday from 0 to 7 or from sun to sat; write "0 9 * * mon"`,
		"0 9 * * 2#6":        `"0 9 * * 2#6" is not a schedule, because "2#6" is not a weekday from 0 to 7 or from sun to sat; write "0 9 * * 1"`,
		"0 9 * * L":          `"0 9 * * L" is not a schedule, because "L" is not a weekday from 0 to 7 or from sun to sat; write "0 9 L * *"`,
		"0 9 1,foo * *":      `"0 9 1,foo * *" is not a schedule, because "1,foo" is not a day from 1 to 31 or L, the last; write "0 9 * * 1"`,
		"0 17-9 * * *":       `"0 17-9 * * *" is not a schedule, because "17-9" is not an hour from 0 to 23; write "0 9 * * 1"`,
		"*/0 9 * * *":        `"*/0 9 * * *" is not a schedule, because "*/0" is not a minute from 0 to 59; write "0 9 * * 1"`,
		"30 2 30 2 *":        `"30 2 30 2 *" never comes, because no month it names has that day; write "30 2 L 2 *"`,
		"0 9 31 feb,apr,9 *": `"0 9 31 feb,apr,9 *" never comes, because no month it names has that day; write "0 9 L 2,4,9 *"`,
		"0 9 31W 6 *":        `"0 9 31W 6 *" never comes, because no month it names has that day; write "0 9 L 6 *"`,
	} {
		_, err := ParseSchedule(s)
		checkError(t, s, err, want)
	}
}

type scheduleCase struct{ zone, text, from, next, prev string }

func checkSchedules(t *testing.T, cases []scheduleCase) {
	t.Helper()
	const form = "2006-01-02 15:04:05 -07:00"
	for _, c := range cases {
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		s := mustSchedule(t, c.text)
		loc := mustZone(t, c.zone)
		say := func(at time.Time, ok bool) string {
			if !ok {
				return ""
			}
			return at.UTC().Format(time.RFC3339)
		}
		next, ok := s.Next(from.In(loc))
		if got := say(next, ok); got != c.next || ok && next.Location() != loc {
			t.Errorf("%s in %s after %s: %s (%s), want %s", c.text, c.zone, from.In(loc).Format(form), got, next.Format(form), c.next)
		}
		prev, ok := s.Prev(from.In(loc))
		if got := say(prev, ok); got != c.prev || ok && prev.Location() != loc {
			t.Errorf("%s in %s before %s: %s (%s), want %s", c.text, c.zone, from.In(loc).Format(form), got, prev.Format(form), c.prev)
		}
	}
}

func TestScheduleComesAndGoes(t *testing.T) {
	t.Parallel()
	checkSchedules(t, []scheduleCase{
		// Strictly after and strictly before, to the nanosecond.
		{"Asia/Tokyo", "0 9 * * 1", "2026-10-05T00:00:00Z", "2026-10-12T00:00:00Z", "2026-09-28T00:00:00Z"},
		{"Asia/Tokyo", "0 9 * * 1", "2026-10-04T23:59:59.999999999Z", "2026-10-05T00:00:00Z", "2026-09-28T00:00:00Z"},
		{"Asia/Tokyo", "0 9 * * 1", "2026-10-05T00:00:00.000000001Z", "2026-10-12T00:00:00Z", "2026-10-05T00:00:00Z"},
		// The newsletter of the first Tuesday, of a month that begins on one too.
		{"Asia/Tokyo", "0 8 * * 2#1", "2026-11-20T00:00:00Z", "2026-11-30T23:00:00Z", "2026-11-02T23:00:00Z"},
		{"Asia/Tokyo", "0 9 L * *", "2026-02-10T00:00:00Z", "2026-02-28T00:00:00Z", "2026-01-31T00:00:00Z"},
		{"Asia/Tokyo", "0 9 * * 5L", "2026-10-30T00:00:00Z", "2026-11-27T00:00:00Z", "2026-09-25T00:00:00Z"},
		{"Asia/Tokyo", "0 9 15W * *", "2026-08-01T00:00:00Z", "2026-08-14T00:00:00Z", "2026-07-15T00:00:00Z"}, // the 15th is a Saturday
		{"Asia/Tokyo", "0 9 1W * *", "2026-08-01T00:00:00Z", "2026-08-03T00:00:00Z", "2026-07-01T00:00:00Z"},  // never in the month before
		// Days that come rarely: leap days, leap days that are Sundays, over a century without.
		{"UTC", "0 9 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T09:00:00Z", "2024-02-29T09:00:00Z"},
		{"UTC", "0 9 29 2 *", "2097-01-01T00:00:00Z", "2104-02-29T09:00:00Z", "2096-02-29T09:00:00Z"},
		{"UTC", "0 9 29 2 */7", "2032-03-01T00:00:00Z", "2060-02-29T09:00:00Z", "2032-02-29T09:00:00Z"},
		{"UTC", "0 9 29 2 */7", "2088-03-01T00:00:00Z", "2128-02-29T09:00:00Z", "2088-02-29T09:00:00Z"},
		{"UTC", "0 9 * 2 1#5", "2026-01-01T00:00:00Z", "2044-02-29T09:00:00Z", "2016-02-29T09:00:00Z"},
		{"UTC", "0 9 1 * 1", "2026-10-01T09:00:00Z", "2026-10-05T09:00:00Z", "2026-09-28T09:00:00Z"}, // either
		// A date comes once, in the zone in which it is asked for.
		{"Asia/Tokyo", "2026-10-01 09:00", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", ""},
		{"America/New_York", "2026-10-01 09:00", "2026-10-01T13:00:00Z", "", ""},
		{"America/New_York", "2026-10-01 09:00", "2026-10-01T13:00:01Z", "", "2026-10-01T13:00:00Z"},
		{"America/New_York", "2026-03-08 02:30", "2026-03-01T00:00:00Z", "2026-03-08T07:00:00Z", ""},
		{"America/New_York", "2026-11-01 01:30", "2026-10-01T00:00:00Z", "2026-11-01T05:30:00Z", ""},
	})
	if next, ok := (Schedule{}).Next(time.Unix(0, 0)); ok {
		t.Errorf("the zero Schedule comes at %s", next)
	}
	if !mustSchedule(t, "2026-10-01 09:00").Once() || mustSchedule(t, "0 9 * * 1").Once() {
		t.Error("only a date comes once")
	}
}

// A schedule for Monday 08:00 in Tokyo, judged on the UTC day, comes on Tuesday.
func TestFault01ScheduleOfTheUTCDay(t *testing.T) {
	t.Parallel()
	checkSchedules(t, []scheduleCase{
		{"Asia/Tokyo", "0 8 * * mon", "2026-10-02T00:00:00Z", "2026-10-04T23:00:00Z", "2026-09-27T23:00:00Z"},
		{"Asia/Tokyo", "0 8 * * mon-fri", "2026-10-01T23:00:00Z", "2026-10-04T23:00:00Z", "2026-09-30T23:00:00Z"}, // Fri → Mon
		{"Asia/Tokyo", "0 8 1 * *", "2026-10-05T00:00:00Z", "2026-10-31T23:00:00Z", "2026-09-30T23:00:00Z"},
		{"Asia/Tokyo", "0 8 L * *", "2026-10-05T00:00:00Z", "2026-10-30T23:00:00Z", "2026-09-29T23:00:00Z"},
		{"America/Los_Angeles", "0 17 * * fri", "2026-10-02T00:00:00Z", "2026-10-03T00:00:00Z", "2026-09-26T00:00:00Z"},
		{"Asia/Kathmandu", "0 0 * * mon", "2026-10-04T18:14:59Z", "2026-10-04T18:15:00Z", "2026-09-27T18:15:00Z"},
		{"Pacific/Kiritimati", "0 0 * * sun", "2026-10-03T09:59:59Z", "2026-10-03T10:00:00Z", "2026-09-26T10:00:00Z"},
		{"Australia/Eucla", "45 8 * * sun#1", "2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z", "2026-09-06T00:00:00Z"},
	})
	for _, c := range []struct{ zone, slot, from, want string }{
		{"Asia/Tokyo", "mon 08:00", "2026-10-02T00:00:00Z", "2026-10-04T23:00:00Z"},
		{"Asia/Tokyo", "mon 08:00", "2026-10-04T23:00:00Z", "2026-10-11T23:00:00Z"},
		{"Asia/Kathmandu", "tue-thu 09:30", "2026-10-08T03:45:00Z", "2026-10-13T03:45:00Z"},
		{"America/New_York", "sun 02:30", "2026-03-07T00:00:00Z", "2026-03-08T07:00:00Z"},
		{"America/New_York", "sun 01:30", "2026-11-01T05:30:00Z", "2026-11-08T06:30:00Z"},
	} {
		slot, err := ParseSlot(c.slot)
		if err != nil {
			t.Fatal(err)
		}
		from, err := time.Parse(time.RFC3339, c.from)
		if err != nil {
			t.Fatal(err)
		}
		if got := slot.Next(from.In(mustZone(t, c.zone))).UTC().Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s after %s: %s, want %s", c.slot, c.zone, c.from, got, c.want)
		}
	}
}

// Schedules that add hours to another day's midnight are an hour off on the day of a
// change; some never come in the hour that is left out, or twice in the other.
func TestFault02ScheduleOnTheDayOfAChange(t *testing.T) {
	t.Parallel()
	checkSchedules(t, []scheduleCase{
		// New York: 02:00 → 03:00 on 8 March 2026 at 07:00Z; 02:00 → 01:00 on 1 November at 06:00Z.
		{"America/New_York", "0 9 * * *", "2026-03-08T05:00:00Z", "2026-03-08T13:00:00Z", "2026-03-07T14:00:00Z"},
		{"America/New_York", "30 2 * * *", "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-03-07T07:30:00Z"},
		{"America/New_York", "30 2 * * *", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z", "2026-03-07T07:30:00Z"},
		{"America/New_York", "0,15,30 2,3 * * *", "2026-03-08T07:00:00Z", "2026-03-08T07:15:00Z", "2026-03-07T08:30:00Z"},
		{"America/New_York", "30 1 * * *", "2026-11-01T05:29:00Z", "2026-11-01T05:30:00Z", "2026-10-31T05:30:00Z"},
		{"America/New_York", "30 1 * * *", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z", "2026-10-31T05:30:00Z"},
		{"America/New_York", "*/30 * * * *", "2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z", "2026-11-01T05:00:00Z"},
		{"America/New_York", "*/30 * * * *", "2026-11-01T06:15:00Z", "2026-11-01T07:00:00Z", "2026-11-01T05:30:00Z"},
		// Lord Howe: half an hour, 02:00 → 02:30 on 4 October, 02:00 → 01:30 on 5 April.
		{"Australia/Lord_Howe", "15 2 * * *", "2026-10-03T15:00:00Z", "2026-10-03T15:30:00Z", "2026-10-02T15:45:00Z"},
		{"Australia/Lord_Howe", "45 1 * * *", "2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z", "2026-04-03T14:45:00Z"},
		// Midnights that do not exist, and one that comes twice.
		{"America/Havana", "0 0 * * sun", "2026-03-08T04:00:00Z", "2026-03-08T05:00:00Z", "2026-03-01T05:00:00Z"},
		{"America/Havana", "0 0 * * sun", "2026-11-01T04:00:00Z", "2026-11-08T05:00:00Z", "2026-10-25T04:00:00Z"},
		// Samoa had no 30 December 2011: what should have come on it comes behind it.
		{"Pacific/Apia", "0 9 30 12 *", "2011-12-29T00:00:00Z", "2011-12-30T10:00:00Z", "2010-12-30T19:00:00Z"},
		{"Pacific/Apia", "0 9 * * *", "2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z", "2011-12-29T19:00:00Z"},
		{"Pacific/Apia", "0 9 * * *", "2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z", "2011-12-29T19:00:00Z"},
		// Kwajalein had 30 September 1969 twice: what comes on it comes on the first.
		{"Pacific/Kwajalein", "0 9 30 9 *", "1969-09-29T00:00:00Z", "1969-09-29T22:00:00Z", "1968-09-29T22:00:00Z"},
		{"Pacific/Kwajalein", "0 9 30 9 *", "1969-09-30T12:00:00Z", "1970-09-30T21:00:00Z", "1969-09-29T22:00:00Z"},
	})
}

// The days of random schedules over 28 years, against the fields read again here and
// judged date by date.
func TestScheduleDaysAreWhatTheFieldsSay(t *testing.T) {
	t.Parallel()
	draw := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		day, month, weekday := drawField(draw, 1, 31, "L"), drawField(draw, 1, 12, ""), drawField(draw, 0, 7, "#")
		text := strings.Join([]string{"0 0", day, month, weekday}, " ")
		s, err := ParseSchedule(text)
		if m, ok := err.(*Mistake); err != nil && (!ok || m.Problem != NeverComes) {
			t.Fatal(err)
		}
		start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
		want := []int{}
		for n := range 28 * 365 {
			if date := start.AddDate(0, 0, n); refDate(day, month, weekday, date) {
				want = append(want, n)
			}
		}
		got, at := []int{}, start.Add(-1)
		for ok := err == nil; ok; {
			if at, ok = s.Next(at); ok {
				if n := int(at.Sub(start) / Day); n < 28*365 {
					got = append(got, n)
					continue
				}
			}
			break
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s comes on %d days, want %d: %v, want %v", text, len(got), len(want), first(got), first(want))
		}
	}
}

func first(days []int) []int { return days[:min(len(days), 10)] }

// drawField draws a field of cron.
func drawField(draw *rand.Rand, low, high int, special string) string {
	var items []string
	for range 1 + draw.IntN(2) {
		a, b := low+draw.IntN(high-low+1), low+draw.IntN(high-low+1)
		a, b = min(a, b), max(a, b)
		item := strconv.Itoa(a)
		switch kind := draw.IntN(9); {
		case kind < 3:
			item = "*"
		case kind == 3:
			item = strconv.Itoa(a) + "-" + strconv.Itoa(b)
		case kind == 4:
			item += "-" + strconv.Itoa(b) + "/" + strconv.Itoa(1+draw.IntN(4))
		case kind == 5:
			item = "*/" + strconv.Itoa(1+draw.IntN(6))
		case kind == 6 && special == "L":
			item = "L"
		case kind == 7 && special == "L":
			item += "W"
		case kind == 6 && special == "#":
			item += "#" + strconv.Itoa(1+draw.IntN(5))
		case kind == 7 && special == "#":
			item += "L"
		}
		if item == "*" {
			return "*"
		}
		items = append(items, item)
	}
	return strings.Join(items, ",")
}

func refDate(day, month, weekday string, date time.Time) bool {
	dayHas, weekdayHas := refField(day, 1, date.Day(), date), refField(weekday, 0, int(date.Weekday()), date) || date.Weekday() == 0 && refField(weekday, 0, 7, date)
	days := dayHas && weekdayHas
	if !strings.HasPrefix(day, "*") && !strings.HasPrefix(weekday, "*") {
		days = dayHas || weekdayHas
	}
	return days && refField(month, 1, int(date.Month()), date)
}

func refField(field string, low, value int, date time.Time) bool {
	last := time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	for _, item := range strings.Split(field, ",") {
		number := func(s string) int { n, _ := strconv.Atoi(s); return n }
		span, step, _ := strings.Cut(item, "/")
		from, to, isRange := strings.Cut(span, "-")
		every, a, b := max(number(step), 1), number(from), number(to)
		wanted, week, nth := strings.Cut(item, "#")
		switch {
		case item == "L":
			if date.Equal(last) {
				return true
			}
		case strings.HasSuffix(item, "W"):
			if refNearest(number(strings.TrimSuffix(item, "W")), date, last.Day()) {
				return true
			}
		case nth:
			if int(date.Weekday()) == number(wanted)%7 && (date.Day()+6)/7 == number(week) {
				return true
			}
		case strings.HasSuffix(item, "L"):
			if int(date.Weekday()) == number(strings.TrimSuffix(item, "L"))%7 && date.Day() > last.Day()-7 {
				return true
			}
		case span == "*":
			if (low == 1 || value < 7) && (value-low)%every == 0 {
				return true
			}
		case isRange && a <= value && value <= b && (value-a)%every == 0, !isRange && value == a:
			return true
		}
	}
	return false
}

// refNearest reports whether the date is the working day of its month nearest to the
// nth.
func refNearest(n int, date time.Time, last int) bool {
	if n > last {
		return false
	}
	best, least := 0, 99
	for day := 1; day <= last; day++ {
		weekday := time.Date(date.Year(), date.Month(), day, 0, 0, 0, 0, time.UTC).Weekday()
		if far := max(n-day, day-n); weekday != time.Saturday && weekday != time.Sunday && far < least {
			best, least = day, far
		}
	}
	return date.Day() == best
}

var sinkOK bool

func BenchmarkScheduleNext(b *testing.B) {
	tokyo, newYork := mustZone(b, "Asia/Tokyo"), mustZone(b, "America/New_York")
	for _, bench := range []struct {
		name, text string
		at         time.Time
	}{
		{"every quarter of an hour", "*/15 * * * *", time.Date(2026, 10, 6, 10, 3, 0, 0, tokyo)},
		{"first Tuesday", "0 8 * * 2#1", time.Date(2026, 10, 6, 10, 0, 0, 0, tokyo)},
		{"over a change of clocks", "30 2 * * *", time.Date(2026, 3, 7, 20, 0, 0, 0, newYork)},
		{"leap day on a Sunday", "0 9 29 2 */7", time.Date(2032, 3, 1, 0, 0, 0, 0, tokyo)},
		{"a date", "2026-10-06 11:00", time.Date(2026, 10, 6, 10, 0, 0, 0, tokyo)},
	} {
		s := mustSchedule(b, bench.text)
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkTime, sinkOK = s.Next(bench.at)
			}
		})
	}
}

func BenchmarkParseSchedule(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseSchedule("0 8 * * 2#1"); err != nil {
			b.Fatal(err)
		}
	}
}
