package kpi

// Level is how a threshold stands. The words and their rules are those of alerting
// rules elsewhere: `hold` is how long a figure must be bad before anybody is woken,
// `keep` is how long it must be good again before that is believed.
//
//	        bad                bad for hold
//	ok ───────────→ pending ───────────────→ firing ←─────────┐ bad again
//	↑ ↖ good ────────┘                         │ good          │
//	│                                          ↓               │
//	└──────────── good for keep ────────── recovering ─────────┘
//
// no data stands beside ok: too little was judged to say anything.
type Level uint8

// The states of a threshold. The zero Level is one that was never judged.
const (
	NoData Level = iota
	OK
	Pending
	Firing
	Recovering
)

var levelNames = [...]string{"no_data", "ok", "pending", "firing", "recovering"}

// String is the level's word in JSON, metrics and traces.
func (s Level) String() string {
	if int(s) < len(levelNames) {
		return levelNames[s]
	}
	return "level"
}

// Burning reports that what was breached has not recovered.
func (s Level) Burning() bool { return s == Firing || s == Recovering }

// Sight is what one look at a figure saw.
type Sight uint8

// What a look may see.
const (
	Unclear Sight = iota // too small a sample, or no value
	Good
	Bad
)

// Watch is one threshold over time. Its instants and lengths are milliseconds.
//
//  1. Verdict grows by one with every breach and every recovery, and with nothing
//     else: what is done about a verdict is done under its number, once.
//  2. Since is when State began; a figure that is bad again while it recovers goes
//     back to firing, and is no new verdict.
//  3. What fires stays so while there is no data: nobody is told of a recovery that
//     nobody has seen.
type Watch struct {
	State   Level
	Since   int64
	Verdict uint32
}

// Patience is how long a figure must be bad before it fires, and good before it
// counts as recovered. 0: at once.
type Patience struct{ Hold, Keep int64 }

// Turn is what one look changed.
type Turn uint8

// What a look may change.
const (
	NoTurn Turn = iota
	Breached
	Recovered
)

// Next is the watch after a look at now. It equals w when nothing changed.
func (w Watch) Next(saw Sight, now int64, p Patience) (Watch, Turn) {
	switch saw {
	case Bad:
		return w.bad(now, p)
	case Good:
		return w.good(now, p)
	}
	if w.State.Burning() || w.State == NoData && w.Since != 0 {
		return w, NoTurn
	}
	return w.enter(NoData, now), NoTurn
}

func (w Watch) bad(now int64, p Patience) (Watch, Turn) {
	switch w.State {
	case Firing:
		return w, NoTurn
	case Recovering:
		return w.enter(Firing, now), NoTurn
	case Pending:
		if now-w.Since < p.Hold {
			return w, NoTurn
		}
	default:
		if p.Hold > 0 {
			return w.enter(Pending, now), NoTurn
		}
	}
	w.Verdict++
	return w.enter(Firing, now), Breached
}

func (w Watch) good(now int64, p Patience) (Watch, Turn) {
	switch w.State {
	case OK:
		return w, NoTurn
	case NoData, Pending:
		return w.enter(OK, now), NoTurn
	case Firing:
		if p.Keep > 0 {
			return w.enter(Recovering, now), NoTurn
		}
	default:
		if now-w.Since < p.Keep {
			return w, NoTurn
		}
	}
	w.Verdict++
	return w.enter(OK, now), Recovered
}

func (w Watch) enter(s Level, now int64) Watch {
	w.State, w.Since = s, now
	return w
}

// Direction says which way of a figure is the good one.
type Direction uint8

// The directions.
const (
	Higher Direction = iota
	Lower
)

// String is the direction's word.
func (d Direction) String() string {
	if d == Lower {
		return "lower"
	}
	return "higher"
}

// Reached is how much of a target is reached, 1 for all of it, in the direction in
// which the figure is good. A figure that should be high has reached value/target;
// one that should be low has reached 2 − value/target, and never less than nothing:
// half of what is allowed is 150 %, the double is 0 %. ok is false without a target.
func (d Direction) Reached(value, target float64) (share float64, ok bool) {
	share, ok = Achievement(value, target)
	if ok && d == Lower {
		share = max(0, 2-share)
	}
	return share, ok
}
