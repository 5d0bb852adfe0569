package host

import (
	"hash/fnv"
	"strconv"
	"time"
)

// restarts decides how long a plugin that died stays down. The wait doubles from
// Min to Max; a process that stayed healthy for HealthyAfter begins anew; after
// Crashes deaths within Window the plugin is quarantined, and tried again once a
// Quarantine is over. It knows no clock: it is told the time.
type restarts struct {
	policy  RestartPolicy
	seed    string // the channel's name: jitter without randomness
	streak  int    // deaths since the last healthy spell
	recent  []time.Time
	counted int // deaths in all
}

// RestartPolicy bounds the restarts of a plugin process.
type RestartPolicy struct {
	Min          time.Duration // first wait. Default 1 s
	Max          time.Duration // longest wait. Default 2 min
	HealthyAfter time.Duration // a life this long forgives all. Default 5 min
	Crashes      int           // deaths that quarantine. Default 8; negative: never
	Window       time.Duration // within which they count. Default 10 min
	Quarantine   time.Duration // until the next trial. Default 10 min
}

func (p RestartPolicy) complete() RestartPolicy {
	set := func(d *time.Duration, to time.Duration) {
		if *d <= 0 {
			*d = to
		}
	}
	set(&p.Min, time.Second)
	set(&p.Max, 2*time.Minute)
	set(&p.HealthyAfter, 5*time.Minute)
	set(&p.Window, 10*time.Minute)
	set(&p.Quarantine, 10*time.Minute)
	if p.Crashes == 0 {
		p.Crashes = 8
	}
	return p
}

// died records a death at now after a life of that length and says how long to
// wait, and whether that is a quarantine.
func (r *restarts) died(now time.Time, life time.Duration) (wait time.Duration, quarantined bool) {
	p := r.policy
	if life >= p.HealthyAfter {
		r.streak, r.recent = 0, r.recent[:0]
	}
	r.counted++
	r.streak++
	r.recent = append(r.recent, now)
	for len(r.recent) > 0 && now.Sub(r.recent[0]) > p.Window {
		r.recent = r.recent[1:]
	}
	if p.Crashes > 0 && len(r.recent) >= p.Crashes {
		return p.Quarantine, true
	}
	wait = p.Max
	if doublings := r.streak - 1; doublings < 20 {
		wait = min(p.Max, p.Min<<doublings)
	}
	return r.jitter(wait), false
}

// jitter moves a wait by up to a fifth either way, so that channels that died
// together do not come back together. It follows from the channel's name and the
// number of deaths: the same in every run.
func (r *restarts) jitter(wait time.Duration) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(r.seed + "#" + strconv.Itoa(r.counted)))
	fraction := float64(h.Sum32())/(1<<32) - 0.5 // -0.5 … 0.5
	return wait + time.Duration(float64(wait)*0.4*fraction)
}

// forgive forgets the deaths: an operator asked for another trial.
func (r *restarts) forgive() { r.streak, r.recent = 0, r.recent[:0] }
