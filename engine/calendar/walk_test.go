package calendar

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test of this file walks over instants around a change of clocks, one minute
// after the other (one second, where a zone's offset was no whole number of minutes),
// and writes down what Weekday, Date and Clock say. What the package computes must be
// what the walk has seen: for every zone, in both directions, with windows, quiet
// hours, slots, schedules and hours of work drawn from a seed.
//
// An ordinary run takes one change of each direction for each zone that differs from
// the others. NURTURE_FULL=1 takes every change that any zone ever made or will make
// until 2037. A failure prints the line that repeats it alone.
var (
	walkZone = flag.String("walk.zone", "", "walk over a change of this zone only")
	walkUnix = flag.Int64("walk.unix", 0, "the change's instant")
	walkSeed = flag.Uint64("walk.seed", 0, "what the rules are drawn from")
)

// TestEveryZoneOverItsChanges is the walk.
func TestEveryZoneOverItsChanges(t *testing.T) {
	t.Parallel()
	if *walkZone != "" {
		newWalk(t, mustZone(t, *walkZone), *walkUnix, *walkSeed).check()
		return
	}
	names := zoneNames(t)
	const parts = 4
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			known := map[zoneChange]bool{}
			for i, name := range names {
				for _, c := range changesToWalk(mustZone(t, name), uint64(i), known) {
					if (i+len(name))%parts == part && !t.Failed() {
						newWalk(t, mustZone(t, name), c.unix, uint64(c.unix)+uint64(i)).check()
					}
				}
			}
		})
	}
}

// zoneChange is a change of a zone's clocks.
type zoneChange struct {
	unix          int64
	before, after int
}

// changesToWalk are a forward and a backward change of the zone, or all of them,
// without those that another zone made too.
func changesToWalk(loc *time.Location, seed uint64, known map[zoneChange]bool) (walk []zoneChange) {
	var forward, backward []zoneChange
	for at := time.Date(1850, 1, 1, 0, 0, 0, 0, time.UTC).In(loc); ; {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.Year() > 2037 {
			break
		}
		if !next.After(at) {
			at = at.Add(Day) // what ZoneBounds says of the last day of some years is behind it
			continue
		}
		c := zoneChange{next.Unix(), offsetOf(next.Add(-time.Second)), offsetOf(next)}
		if at = next; known[c] {
			continue
		}
		switch {
		case c.after > c.before:
			forward = append(forward, c)
		case c.after < c.before:
			backward = append(backward, c)
		}
		known[c] = true
	}
	if everyChange() {
		return append(forward, backward...)
	}
	draw := rand.New(rand.NewPCG(seed, 1))
	for _, of := range [][]zoneChange{forward, backward} {
		// Walking in seconds takes sixty times as long: few of these are walked.
		of = slices.DeleteFunc(of, func(c zoneChange) bool { return c.bySeconds() && draw.IntN(50) > 0 })
		if len(of) > 0 {
			walk = append(walk, of[draw.IntN(len(of))])
		}
	}
	return walk
}

func everyChange() bool { return os.Getenv("NURTURE_FULL") == "1" }

func (c zoneChange) bySeconds() bool { return c.before%60 != 0 || c.after%60 != 0 }

// walk is what was seen around a change.
type walk struct {
	t      *testing.T
	repeat string // the line that repeats it
	draw   *rand.Rand
	loc    *time.Location
	change int64
	step   int64
	seen   []sight
}

// sight is what clock and calendar show at an instant.
type sight struct {
	unix   int64
	shown  time.Time    // as if it were UTC
	passed [2]time.Time // the last minute that had come at the sight before, and the last that has now
}

// came reports whether a minute that has the property came, be it one left out.
func (s sight) came(has func(time.Time) bool) bool {
	for t := s.passed[0].Add(time.Minute); !t.After(s.passed[1]); t = t.Add(time.Minute) {
		if has(t) {
			return true
		}
	}
	return false
}

const (
	walkBefore = 36 * 60 * 60
	walkAfter  = 9 * secondsInDay
)

func newWalk(t *testing.T, loc *time.Location, change int64, seed uint64) *walk {
	w := &walk{t: t, draw: rand.New(rand.NewPCG(seed, 2)), loc: loc, change: change, step: 60}
	w.repeat = fmt.Sprintf("go test ./engine/calendar -run TestEveryZoneOverItsChanges -walk.zone %s -walk.unix %d -walk.seed %d", loc, change, seed)
	for _, at := range []int64{change - 1, change} {
		if offsetOf(time.Unix(at, 0).In(loc))%60 != 0 {
			w.step = 1
		}
	}
	after := int64(walkAfter)
	if w.step == 1 {
		after = secondsInDay
	}
	start := change - walkBefore
	start -= ((start % 60) + 60) % 60
	w.seen = make([]sight, 0, (change+after-start)/w.step+1)
	latest := shownAt(start-2*secondsInDay, loc).Truncate(time.Minute)
	for unix := start - 2*secondsInDay; unix < change+after; unix += w.step {
		s := sight{unix: unix, shown: shownAt(unix, loc)}
		s.passed[0] = latest
		if minute := s.shown.Truncate(time.Minute); minute.After(latest) {
			latest = minute
		}
		s.passed[1] = latest
		if unix >= start {
			w.seen = append(w.seen, s)
		}
	}
	return w
}

func shownAt(unix int64, loc *time.Location) time.Time {
	t := time.Unix(unix, 0).In(loc)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// asked are the places in the walk at which the package is asked: around the change,
// and here and there before it.
func (w *walk) asked(yield func(i int) bool) {
	for i, s := range w.seen {
		far := max(w.change-s.unix, s.unix-w.change)
		near := far <= 2*60*60 && w.draw.IntN(6*60) < int(w.step) || far <= w.step
		if s.unix < w.change+3*60*60 && (near || w.draw.IntN(90*60) < int(w.step)) && !yield(i) {
			return
		}
	}
}

func (w *walk) failf(form string, args ...any) {
	w.t.Helper()
	w.t.Errorf(form+"\n%s", append(args, w.repeat)...)
}

func (w *walk) at(i int) time.Time { return time.Unix(w.seen[i].unix, 0).In(w.loc) }

func (w *walk) check() {
	rounds := 1
	if everyChange() {
		rounds = 4
	}
	for range rounds {
		w.checkOpenings()
		w.checkSchedule()
		w.checkSlot()
	}
	if everyChange() || w.draw.IntN(3) == 0 {
		w.checkHours()
	}
}

// checkOpenings compares NextOpening with the openings met on the way back.
func (w *walk) checkOpenings() {
	rules, windows, quiet := w.rules()
	opens := make([]int, len(w.seen))
	next := -1
	for i := len(w.seen) - 1; i >= 0; i-- {
		if slices.IndexFunc(windows, func(v *Window) bool { return !refWindowCovers(v, w.seen[i].shown) }) < 0 &&
			!refQuietCovers(quiet, w.seen[i].shown) {
			next = i
		}
		opens[i] = next
	}
	end := w.at(len(w.seen) - 1)
	for i := range w.asked {
		got, ok := NextOpening(w.at(i), rules...)
		switch want := opens[i]; {
		case want < 0 && (!ok || got.After(end)):
		case want < 0 || !ok || !got.Equal(w.at(want)):
			w.failf("%v from %s: %s (%v), want place %d of the walk", rules, w.at(i), got, ok, want)
			return
		}
	}
}

// rules draws a policy's quiet hours and days, a step's window and a slot.
func (w *walk) rules() (rules []Rule, windows []*Window, quiet *Quiet) {
	for range w.draw.IntN(3) {
		v := &Window{Days: w.days(), From: w.minute(), To: w.minute()}
		windows, rules = append(windows, v), append(rules, v)
	}
	if w.draw.IntN(2) == 0 {
		slot := &Slot{Days: w.days(), Minute: w.minute() % minutesInDay}
		windows, rules = append(windows, slot.Window()), append(rules, slot)
	}
	if w.draw.IntN(2) == 0 {
		quiet = &Quiet{From: w.minute(), To: w.minute(), Days: w.days() &^ (1 << time.Wednesday), Holidays: true, Calendar: w.calendar()}
		rules = append(rules, quiet)
	}
	return append(rules, nil), windows, quiet
}

// days draws a set of weekdays, often with that of the change.
func (w *walk) days() Weekdays {
	days := Weekdays(w.draw.IntN(int(EveryDay) + 1))
	if w.draw.IntN(2) == 0 {
		days |= 1 << shownAt(w.change, w.loc).Weekday()
	}
	return days
}

// minute draws a time of day, often one near to the change.
func (w *walk) minute() int {
	if w.draw.IntN(2) == 0 {
		return w.draw.IntN(minutesInDay)
	}
	at := shownAt(w.change-w.draw.Int64N(2), w.loc)
	return (at.Hour()*60 + at.Minute() + w.draw.IntN(120) - 60 + minutesInDay) % minutesInDay
}

func (w *walk) calendar() *Calendar {
	off := shownAt(w.change+int64(w.draw.IntN(5)-2)*secondsInDay, w.loc)
	return &Calendar{Workdays: w.days(), Open: w.minute(), Close: w.minute(), DaysOff: []string{off.Format(dateForm)}}
}

// checkSchedule compares Next and Prev with the minutes that came on the way.
func (w *walk) checkSchedule() {
	text, has := w.schedule()
	s, err := ParseSchedule(text)
	if err != nil {
		w.failf("%v", err)
		return
	}
	w.compare(text, has, s.Next, s.Prev)
}

// compare holds a function that gives the next time, and one that gives the last
// where there is one, against the places of the walk at which a minute came that has
// the property.
func (w *walk) compare(what string, has func(time.Time) bool, next, prev func(time.Time) (time.Time, bool)) {
	var comes []int
	for i, s := range w.seen {
		if s.came(has) {
			comes = append(comes, i)
		}
	}
	check := func(name string, from time.Time, want int, find func(time.Time) (time.Time, bool)) bool {
		got, ok := find(from)
		inside := ok && !got.Before(w.at(0)) && !got.After(w.at(len(w.seen)-1))
		if want < 0 && !inside || want >= 0 && ok && got.Equal(w.at(comes[want])) {
			return true
		}
		w.failf("%s: %s of %s is %s (%v), want place %d of the walk", what, name, from, got, ok, want)
		return false
	}
	for i := range w.asked {
		before, found := slices.BinarySearch(comes, i)
		after := before
		if found {
			after++
		}
		if after == len(comes) {
			after = -1
		}
		if !check("Next", w.at(i), after, next) || prev != nil && !check("Prev", w.at(i), before-1, prev) {
			return
		}
	}
}

// fieldText is a field of a schedule and what it says about a date and time.
type fieldText struct {
	text string
	has  func(t time.Time) bool
}

func anyTime(time.Time) bool { return true }

// schedule draws a schedule, and says the slow way which minutes belong to it.
func (w *walk) schedule() (text string, has func(time.Time) bool) {
	change := shownAt(w.change, w.loc)
	pick := func(of ...fieldText) fieldText { return of[w.draw.IntN(len(of))] }
	minute, hour := w.minute()%60, w.minute()/60
	m := pick(
		fieldText{fmt.Sprint(minute), func(t time.Time) bool { return t.Minute() == minute }},
		fieldText{"*/15", func(t time.Time) bool { return t.Minute()%15 == 0 }},
		fieldText{"10-50/20,59", func(t time.Time) bool {
			return t.Minute() == 10 || t.Minute() == 30 || t.Minute() == 50 || t.Minute() == 59
		}})
	h := pick(
		fieldText{fmt.Sprint(hour), func(t time.Time) bool { return t.Hour() == hour }},
		fieldText{"*", anyTime},
		fieldText{"0-2,23", func(t time.Time) bool { return t.Hour() <= 2 || t.Hour() == 23 }})
	d := pick(
		fieldText{"*", anyTime}, fieldText{"*", anyTime},
		fieldText{fmt.Sprint(change.Day()), func(t time.Time) bool { return t.Day() == change.Day() }},
		fieldText{"L", func(t time.Time) bool { return t.AddDate(0, 0, 1).Day() == 1 }})
	month := pick(
		fieldText{"*", anyTime},
		fieldText{"jan,12", func(t time.Time) bool { return t.Month() == change.Month() || t.Month() == 12 }})
	nth := (change.Day()-1)/7 + 1
	day := pick(
		fieldText{"*", anyTime},
		fieldText{weekdayNames[change.Weekday()], func(t time.Time) bool { return t.Weekday() == change.Weekday() }},
		fieldText{"mon-fri", func(t time.Time) bool { return t.Weekday() != 0 && t.Weekday() != 6 }},
		fieldText{fmt.Sprintf("%d#%d", change.Weekday(), nth), func(t time.Time) bool {
			return t.Weekday() == change.Weekday() && (t.Day()-1)/7+1 == nth
		}},
		fieldText{"0L", func(t time.Time) bool { return t.Weekday() == 0 && t.AddDate(0, 0, 7).Month() != t.Month() }})
	month.text = strings.Replace(month.text, "jan", strings.ToLower(change.Format("Jan")), 1)
	text = strings.Join([]string{m.text, h.text, d.text, month.text, day.text}, " ")
	return text, func(t time.Time) bool {
		dayHas := d.has(t) && day.has(t)
		if d.text != "*" && day.text != "*" {
			dayHas = d.has(t) || day.has(t)
		}
		return m.has(t) && h.has(t) && month.has(t) && dayHas
	}
}

func (w *walk) checkSlot() {
	slot := &Slot{Days: w.days(), Minute: w.minute()}
	w.compare(slot.String(), func(t time.Time) bool {
		return (slot.Days == 0 || slot.Days.Has(t.Weekday())) && t.Hour()*60+t.Minute() == slot.Minute
	}, func(t time.Time) (time.Time, bool) { return slot.Next(t), true }, nil)
}

// checkHours compares business hours with minutes at work counted one by one.
func (w *walk) checkHours() {
	c := w.calendar()
	n := 1 + w.draw.IntN(6)
	worked := make([]int, len(w.seen)+1) // seconds before each place
	for i, s := range w.seen {
		worked[i+1] = worked[i]
		if refAtWork(c, s.shown) {
			worked[i+1] += int(w.step)
		}
	}
	for i := range w.asked {
		got := Length{BusinessHours: n}.After(w.at(i), c)
		// The last of the hours is over when the step that completes it is.
		end, found := slices.BinarySearch(worked, worked[i]+n*60*60)
		if !found && got.After(w.at(len(w.seen)-1)) || found && got.Equal(w.at(end-1).Add(time.Duration(w.step)*time.Second)) {
			continue
		}
		w.failf("%d business hours after %s in %+v: %s, want place %d of the walk", n, w.at(i), c, got, end)
		return
	}
}

func refAtWork(c *Calendar, shown time.Time) bool {
	worked := func(day time.Time) bool {
		workdays := c.Workdays
		if workdays == 0 {
			workdays = MondayToFriday
		}
		return workdays.Has(day.Weekday()) && !slices.Contains(c.DaysOff, day.Format(dateForm))
	}
	minute, yesterday := shown.Hour()*60+shown.Minute(), shown.AddDate(0, 0, -1)
	switch {
	case c.Open == c.Close:
		return worked(shown)
	case c.Open < c.Close:
		return worked(shown) && c.Open <= minute && minute < c.Close
	}
	return worked(shown) && c.Open <= minute || worked(yesterday) && minute < c.Close
}
