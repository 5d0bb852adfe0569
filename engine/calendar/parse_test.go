package calendar

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func checkError(t *testing.T, s string, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Errorf("%q: error %v\nwant %s", s, err, want)
	}
}

func TestParseWeekdays(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		items    []string
		want     string
		holidays bool
	}{
		{nil, "", false},
		{[]string{"mon"}, "mon", false},
		{[]string{"tue-thu"}, "tue-thu", false},
		{[]string{"mon", "tue", "wed", "thu", "fri"}, "mon-fri", false},
		{[]string{"sat", "sun", "holiday"}, "sat,sun", true},
		{[]string{"holiday"}, "", true},
		{[]string{"fri-mon"}, "mon,fri-sun", false},
		{[]string{"mon,wed", "fri"}, "mon,wed,fri", false},
		{[]string{"mon-sun"}, "mon-sun", false},
		{[]string{"sun-sat"}, "mon-sun", false},
		{[]string{"wed-wed"}, "wed", false},
	} {
		days, holidays, err := ParseWeekdays(check.items...)
		if err != nil || days.String() != check.want || holidays != check.holidays {
			t.Errorf("%q: %q, %v, %v, want %q, %v", check.items, days, holidays, err, check.want, check.holidays)
		}
	}
	for s, want := range map[string]string{
		"":           `"" is not a weekday; write "mon"`,
		"Monday":     `"Monday" is not a weekday; write "mon"`,
		"Tues":       `"Tues" is not a weekday; write "tue"`,
		"weekdays":   `"weekdays" is not a weekday; write "mon"`,
		"Tue-Thu":    `"Tue-Thu" is not a weekday; write "tue-thu"`,
		"mon to fri": `"mon to fri" is not a weekday; write "mon-fri"`,
		"月〜金":        `"月〜金" is not a weekday; write "mon-fri"`,
		"土曜日":        `"土曜日" is not a weekday; write "sat"`,
		"祝日":         `"祝日" is not a weekday; write "holiday"`,
		"holidays":   `"holidays" is not a weekday; write "holiday"`,
	} {
		_, _, err := ParseWeekdays(s)
		checkError(t, s, err, want)
	}
	_, err := ParseWorkdays("mon", "holiday")
	checkError(t, "holiday", err, `"holiday" is not a weekday; write "mon-fri"`)
	_, err = ParseWorkdays()
	checkError(t, "", err, `"" is not a weekday; write "mon-fri"`)
}

func TestEverySetOfWeekdaysIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for set := Weekdays(1); set <= EveryDay; set++ {
		if got, err := ParseWorkdays(set.String()); err != nil || got != set {
			t.Errorf("%q is read as %q, %v", set, got, err)
		}
	}
	if MondayToFriday.String() != "mon-fri" || !MondayToFriday.Has(time.Friday) || MondayToFriday.Has(time.Sunday) {
		t.Error("MondayToFriday is not from Monday to Friday")
	}
}

func TestParseHours(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][2]int{
		"19:00-08:30": {1140, 510},
		"09:00-18:00": {540, 1080},
		"9:00-18:00":  {540, 1080},
		"00:00-24:00": {0, 1440},
		"22:00-24:00": {1320, 1440},
		"22:00-00:00": {1320, 1440},
		"00:00-00:01": {0, 1},
		"23:59-00:01": {1439, 1},
	} {
		from, to, err := ParseHours(s)
		if err != nil || from != want[0] || to != want[1] {
			t.Errorf("%q: %d, %d, %v, want %v", s, from, to, err, want)
		}
	}
	for s, want := range map[string]string{
		"":              `"" is not a pair of times; write "19:00-08:30"`,
		"09:00":         `"09:00" is not a pair of times; write "19:00-08:30"`,
		"24:00-08:00":   `"24:00-08:00" is not a pair of times; write "19:00-08:30"`,
		"09:00-24:01":   `"09:00-24:01" is not a pair of times; write "19:00-08:30"`,
		"09:60-18:00":   `"09:60-18:00" is not a pair of times; write "19:00-08:30"`,
		"9-18":          `"9-18" is not a pair of times; write "09:00-18:00"`,
		"19:00 - 08:30": `"19:00 - 08:30" is not a pair of times; write "19:00-08:30"`,
		"１９：００〜８：３０":    `"１９：００〜８：３０" is not a pair of times; write "19:00-08:30"`,
		"9時〜18時半":       `"9時〜18時半" is not a pair of times; write "09:00-18:30"`,
		"9時15分~18時":     `"9時15分~18時" is not a pair of times; write "09:15-18:00"`,
		"09:00-09:00":   `"09:00-09:00" begins and ends at the same minute; write "00:00-24:00"`,
	} {
		_, _, err := ParseHours(s)
		checkError(t, s, err, want)
	}
}

func TestParseWindow(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"tue-thu 09:30-11:30": "tue-thu 09:30-11:30",
		"tue 09:30":           "tue 09:30-10:30",
		"mon 23:30":           "mon 23:30-00:30",
		"mon 23:00":           "mon 23:00-24:00",
		"09:30":               "09:30-10:30",
		"09:30-11:30":         "09:30-11:30",
		"mon,thu 22:00-02:00": "mon,thu 22:00-02:00",
		"tue":                 "tue 00:00-24:00",
		"mon-fri":             "mon-fri 00:00-24:00",
		"mon-sun 08:00-10:00": "08:00-10:00",
	} {
		w, err := ParseWindow(s)
		if err != nil || w.String() != want {
			t.Errorf("%q: %v, %v, want %s", s, w, err, want)
		}
	}
	for s, want := range map[string]string{
		"":                         `"" is not a sending window; write "tue-thu 09:30-11:30"`,
		"whenever":                 `"whenever" is not a sending window; write "tue-thu 09:30-11:30"`,
		"holiday 09:30":            `"holiday 09:30" is not a sending window; write "tue-thu 09:30-11:30"`,
		"tue ":                     `"tue " is not a sending window; write "tue 00:00-24:00"`,
		"tue 25:00":                `"tue 25:00" is not a sending window; write "tue-thu 09:30-11:30"`,
		"Tue - Thu 9:30〜11:30":     `"Tue - Thu 9:30〜11:30" is not a sending window; write "tue-thu 09:30-11:30"`,
		"Tuesday 9:30":             `"Tuesday 9:30" is not a sending window; write "tue 09:30-10:30"`,
		"火 9時":                     `"火 9時" is not a sending window; write "tue 09:00-10:00"`,
		"火、木 10:00-11:00":          `"火、木 10:00-11:00" is not a sending window; write "tue,thu 10:00-11:00"`,
		"tue, thu 10:00-11:00":     `"tue, thu 10:00-11:00" is not a sending window; write "tue,thu 10:00-11:00"`,
		"09:30-11:30 tue":          `"09:30-11:30 tue" is not a sending window; write "tue 09:30-11:30"`,
		"tue 09:30-09:30":          `"tue 09:30-09:30" begins and ends at the same minute; write "tue 00:00-24:00"`,
		"tue 09:30-11:30 thu 8:00": `"tue 09:30-11:30 thu 8:00" is not a sending window; write "tue-thu 09:30-11:30"`,
	} {
		_, err := ParseWindow(s)
		checkError(t, s, err, want)
	}
}

func TestParseSlot(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"tue 09:30":     "tue 09:30-10:30",
		"tue-thu 12:10": "tue-thu 12:10-13:10",
		"mon,sun 23:30": "mon,sun 23:30-00:30",
		"09:30":         "09:30-10:30",
	} {
		slot, err := ParseSlot(s)
		if err != nil || slot.String() != s || slot.Window().String() != want {
			t.Errorf("%q: %v, %v, want %s", s, slot, err, want)
		}
	}
	for s, want := range map[string]string{
		"":                `"" is not a weekday with a time; write "tue 09:30"`,
		"tue":             `"tue" is not a weekday with a time; write "tue 00:00"`,
		"tue 24:00":       `"tue 24:00" is not a weekday with a time; write "tue 09:30"`,
		"tue 9":           `"tue 9" is not a weekday with a time; write "tue 09:00"`,
		"Tuesday 9:30":    `"Tuesday 9:30" is not a weekday with a time; write "tue 09:30"`,
		"火曜 12時10分":       `"火曜 12時10分" is not a weekday with a time; write "tue 12:10"`,
		"tue 09:30-10:30": `"tue 09:30-10:30" is not a weekday with a time; write "tue 09:30"`,
		"holiday 09:30":   `"holiday 09:30" is not a weekday with a time; write "tue 09:30"`,
	} {
		_, err := ParseSlot(s)
		checkError(t, s, err, want)
	}
}

func TestEveryWindowIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := &Window{Days: drawDays.Draw(t, "days"), From: rapid.IntRange(0, 1439).Draw(t, "from"), To: drawMinute.Draw(t, "to")}
		read, err := ParseWindow(w.String())
		if err != nil {
			t.Fatalf("%q: %v", w, err)
		}
		for minute := range 7 * 24 * 60 {
			at := time.Date(2026, 10, 5, 0, minute, 0, 0, time.UTC)
			if w.Covers(at) != read.Covers(at) {
				t.Fatalf("%+v and what is read from %q differ at %s", w, w, at)
			}
		}
	})
}

func TestParseQuiet(t *testing.T) {
	t.Parallel()
	for _, check := range []struct {
		hours string
		days  []string
		want  string
	}{
		{"", nil, ""},
		{"19:00-08:30", nil, "19:00-08:30"},
		{"19:00-08:30", []string{"sat", "sun", "holiday"}, "19:00-08:30 sat,sun holiday"},
		{"", []string{"sun"}, "sun"},
		{"", []string{"holiday"}, "holiday"},
	} {
		q, err := ParseQuiet(check.hours, check.days, nil)
		if err != nil || q.String() != check.want || (q == nil) != (check.want == "") {
			t.Errorf("%q, %q: %v, %v, want %q", check.hours, check.days, q, err, check.want)
		}
	}
	_, err := ParseQuiet("00:00-24:00", nil, nil)
	checkError(t, "00:00-24:00", err, `"00:00-24:00" leaves no time to write to anybody; write "19:00-08:30"`)
	_, err = ParseQuiet("", []string{"mon-sun"}, nil)
	checkError(t, "mon-sun", err, `"mon-sun" leaves no time to write to anybody; write "sat,sun"`)
	_, err = ParseQuiet("late", nil, nil)
	checkError(t, "late", err, `"late" is not a pair of times; write "19:00-08:30"`)
	_, err = ParseQuiet("", []string{"Sat"}, nil)
	checkError(t, "Sat", err, `"Sat" is not a weekday; write "sat"`)
}

func TestParseDate(t *testing.T) {
	t.Parallel()
	if got, err := ParseDate("2026-11-03"); err != nil || got != "2026-11-03" {
		t.Errorf("%q, %v", got, err)
	}
	for s, want := range map[string]string{
		"":           `"" is not a date; write "2026-11-03"`,
		"2026-02-29": `"2026-02-29" is not a date; write "2026-11-03"`,
		"2026-1-5":   `"2026-1-5" is not a date; write "2026-01-05"`,
		"2026/01/05": `"2026/01/05" is not a date; write "2026-01-05"`,
		"２０２６年１月５日":  `"２０２６年１月５日" is not a date; write "2026-01-05"`,
	} {
		_, err := ParseDate(s)
		checkError(t, s, err, want)
	}
}

func TestMistakeOfNoKnownProblem(t *testing.T) {
	t.Parallel()
	for _, problem := range []Problem{0, 200} {
		checkError(t, "x", &Mistake{Problem: problem, Got: "x", Write: "y"}, `"x" cannot be read; write "y"`)
	}
}
