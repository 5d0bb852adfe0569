package engine

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// convert brings a client's value to the declared kind: clients send numbers as
// texts and times in several forms. ok is false when it cannot be done; None
// stays None.
func convert(v Value, spec *AttrSpec) (Value, bool) {
	if v.IsNone() {
		return v, true
	}
	if spec.Normalize && v.kind == Text {
		v.str = oneWidth(v.str)
	}
	if spec.Form != nil && spec.Kind == Text && v.kind != JSON {
		v = TextValue(spec.inForm(v.String()))
	}
	if v.kind == spec.Kind {
		return v, spec.allows(v)
	}
	switch spec.Kind {
	case Text:
		if v.kind == JSON {
			return Value{}, false
		}
		t := TextValue(v.String())
		return t, spec.allows(t)
	case Number:
		if v.kind == Text {
			n, err := strconv.ParseFloat(strings.TrimSpace(v.str), 64)
			return NumberValue(n), err == nil
		}
	case Flag:
		return toFlag(v)
	case Instant:
		return toTime(v, spec.Zone)
	}
	return Value{}, false
}

// allows reports whether a choice has the value; what is no choice has all.
func (a *AttrSpec) allows(v Value) bool {
	return len(a.Choices) == 0 || slices.Contains(a.Choices, v.str)
}

func toFlag(v Value) (Value, bool) {
	switch strings.ToLower(v.String()) {
	case "true", "yes", "1":
		return FlagValue(true), true
	case "false", "no", "0":
		return FlagValue(false), true
	}
	return Value{}, false
}

// toTime reads instants and days as programs and people write them (see
// calendar.ParseMoment), in the zone given where they name none, and seconds or
// milliseconds since 1970.
func toTime(v Value, zone *time.Location) (Value, bool) {
	if v.kind == Number {
		n := v.num
		if n < 1e11 {
			n *= 1000
		}
		return TimeValue(Time(n)), n > 0
	}
	if v.kind != Text {
		return Value{}, false
	}
	if t, err := time.Parse(time.RFC3339Nano, v.str); err == nil {
		return TimeValue(TimeOf(t)), true
	}
	if zone == nil {
		zone = time.UTC
	}
	when, err := calendar.ParseMoment(v.str, zone)
	return TimeValue(TimeOf(when.From)), err == nil
}
