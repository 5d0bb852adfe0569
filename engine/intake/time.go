package intake

import (
	"strconv"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// instant reads a time as clients write it: ISO 8601 with any number of
// fractional digits, or seconds or milliseconds since 1970 as a number. null is
// no time and no fault.
func instant(w word) (t engine.Time, ok bool) {
	switch w.shape {
	case shapeNone:
		return 0, true
	case shapeText:
		if w.text == "" {
			return 0, true
		}
		return parseISO(w.text)
	case shapeNumber:
		return parseEpoch(w.text)
	}
	return 0, false
}

// parseEpoch takes a number below 1e11 for seconds (that is until the year 5138)
// and a greater one for milliseconds (that is since 1973).
func parseEpoch(text string) (engine.Time, bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f <= 0 || f >= 1e14 {
		return 0, false
	}
	if f < 1e11 {
		f *= 1000
	}
	return engine.Time(f), true
}

// parseISO reads YYYY-MM-DD, optionally followed by T or a space, hh:mm, :ss, a
// fraction, and Z or an offset as ±hh, ±hhmm or ±hh:mm. Without an offset it is
// UTC; nothing else would be the same on every machine.
func parseISO(text string) (engine.Time, bool) {
	p := isoReader{text: text, ok: true}
	year := p.number(4)
	p.expect("-")
	month := p.number(2)
	p.expect("-")
	day := p.number(2)
	var hour, minute, second, milli, offset int
	if p.take("T") || p.take("t") || p.take(" ") {
		hour = p.number(2)
		p.expect(":")
		minute = p.number(2)
		if p.take(":") {
			second = p.number(2)
			if p.take(".") || p.take(",") {
				milli = p.fraction()
			}
		}
		offset = p.offset()
	}
	p.ok = p.ok && p.text == "" && month >= 1 && month <= 12 && day >= 1 &&
		hour <= 23 && minute <= 59 && second <= 60
	if !p.ok {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if day > 28 && time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() != day {
		return 0, false
	}
	return engine.Time((t.Unix()-int64(offset)*60)*1000 + int64(milli)), true
}

// isoReader eats a text from the front; ok turns false at the first thing that
// does not fit and stays so.
type isoReader struct {
	text string
	ok   bool
}

func (p *isoReader) take(prefix string) bool {
	if len(p.text) < len(prefix) || p.text[:len(prefix)] != prefix {
		return false
	}
	p.text = p.text[len(prefix):]
	return true
}

func (p *isoReader) expect(prefix string) { p.ok = p.take(prefix) && p.ok }

// number reads exactly n digits.
func (p *isoReader) number(n int) int {
	if len(p.text) < n {
		p.ok = false
		return 0
	}
	v := 0
	for i := range n {
		c := p.text[i] - '0'
		if c > 9 {
			p.ok = false
			return 0
		}
		v = v*10 + int(c)
	}
	p.text = p.text[n:]
	return v
}

// fraction reads one digit or more as milliseconds, rounded down.
func (p *isoReader) fraction() int {
	milli, unit, n := 0, 100, 0
	for n < len(p.text) && '0' <= p.text[n] && p.text[n] <= '9' {
		milli += int(p.text[n]-'0') * unit
		unit /= 10
		n++
	}
	p.ok = p.ok && n > 0
	p.text = p.text[n:]
	return milli
}

// offset reads the zone in minutes east of Greenwich.
func (p *isoReader) offset() int {
	sign := 1
	switch {
	case p.text == "" || p.take("Z") || p.take("z"):
		return 0
	case p.take("-"):
		sign = -1
	default:
		p.expect("+")
	}
	minutes := p.number(2) * 60
	if p.text != "" {
		p.take(":")
		m := p.number(2)
		p.ok = p.ok && m <= 59
		minutes += m
	}
	p.ok = p.ok && minutes <= 18*60
	return sign * minutes
}
