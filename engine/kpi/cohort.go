package kpi

// A rate "of deliveries, within 7d" is a cohort: each delivery is judged once, when
// its seven days are over, and whatever answers it belongs to the hour of the
// delivery, however late in these days it comes. What was delivered yesterday has
// not failed yet; it is not ripe, and stands in no rate.
//
// Instants and lengths are milliseconds here, whatever type their owner gives them.

const hourMillis = 60 * 60 * 1000

// InTime reports whether what happened at event answers what happened at start: not
// before it, and no later than within after it.
func InTime[T, S ~int64](start T, within S, event T) bool {
	return event >= start && int64(event-start) <= int64(within)
}

// Mature reports whether at now nothing can answer any more what happened at start,
// because InTime has become false for good.
func Mature[T, S ~int64](start T, within S, now T) bool {
	return now > start && int64(now-start) > int64(within)
}

// MatureHours is the end of the hours that are mature altogether at now: for each
// instant of an hour before it, and for none of the hours from it on as a whole,
// Mature holds. Counters by the hour give a cohort's rate when both are summed up
// to it.
func MatureHours[T, S ~int64](within S, now T) int64 {
	return floorDiv(int64(now)-int64(within), hourMillis)
}

// CohortRate is the rate of a cohort at now, over the hours from the given one on:
// n and of are counters by the hour of the delivery. waiting is how many deliveries
// of these hours and later ones are not judged yet.
func CohortRate[T, S ~int64](n, of Series, from int64, within S, now T) (rate Rate, waiting int64) {
	end := max(from, MatureHours(within, now))
	this := HourOfMillis(now) + 1
	return Rate{N: n.Sum(from, end), Of: of.Sum(from, end)}, of.Sum(end, this)
}

// HourOfMillis is the hour in which an instant in milliseconds lies.
func HourOfMillis[T ~int64](at T) int64 { return floorDiv(int64(at), hourMillis) }
