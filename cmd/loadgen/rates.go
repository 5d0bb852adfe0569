package main

import (
	"context"
	"fmt"
	"io"
	"time"
)

// session is a run: a server, and what has been offered to it so far.
type session struct {
	o       options
	log     io.Writer
	floor   map[int]float64
	work    workload
	send    *sender
	read    *reader
	report  *report
	offered int // events of the workload, from the first on
	// patience is how long the counters may take to show what was decided. A test that
	// knows of a loss has none.
	patience time.Duration
}

func (u *session) say(format string, args ...any) { fmt.Fprintf(u.log, format+"\n", args...) }

// rates makes the leads known and offers one rate after the other. The first rate
// of a mode that the server cannot keep up with is its last one.
func (u *session) rates(ctx context.Context) error {
	u.say("%d leads are made known", u.o.leads)
	if err := u.send.preload(ctx); err != nil {
		return err
	}
	for _, mode := range []struct {
		name  string
		size  int
		rates []float64
	}{{"single", 1, u.o.singles}, {"batch", u.o.batch, u.o.batches}} {
		for _, rate := range mode.rates {
			r, err := u.rate(ctx, mode.name, mode.size, rate)
			if err != nil {
				return err
			}
			u.report.Rows = append(u.report.Rows, r)
			if r.saturated() {
				break
			}
		}
	}
	return nil
}

// rate offers events at one rate for the time of a run, makes the calls again that
// were told to come again, and reads what the server made of it.
func (u *session) rate(ctx context.Context, mode string, size int, rate float64) (row, error) {
	n := max(int(rate*u.o.seconds), size)
	u.say("%s, %.0f events a second", mode, rate)
	before, err := u.read.metrics(ctx)
	if err != nil {
		return row{}, err
	}
	_, had := before.counted()
	st := stretch{from: u.offered, to: u.offered + n, size: size, rate: rate}
	begin, machine, own := time.Now(), machineBusy(), ownBusy()
	t := u.send.drive(ctx, st)
	elapsed, machine, own := time.Since(begin), machineBusy()-machine, ownBusy()-own
	if err := ctx.Err(); err != nil {
		return row{}, err
	}
	loaded, err := u.read.metrics(ctx)
	if err != nil {
		return row{}, err
	}
	if _, err := u.send.settle(ctx, st, t.again); err != nil {
		return row{}, err
	}
	u.offered += n
	if t.example != "" {
		u.say("an answer that must not be: %s", t.example)
	}
	after, decided, err := u.decided(ctx, had+n)
	if err != nil {
		return row{}, err
	}
	cpu := loaded.cpu() - before.cpu()
	r := row{
		Mode: mode, Rate: rate, Seconds: elapsed.Seconds(), Offered: n,
		Accepted: t.accepted, Refused: t.refused, Unknown: t.unknown, Wrong: t.wrong,
		Durable: int(after.sum("nurture_events_total", `verdict="accepted"`) - before.sum("nurture_events_total", `verdict="accepted"`)),
		Decided: decided - had, Lost: n - (decided - had),
		Achieved: float64(t.accepted) / max(t.answeredBy.Sub(begin).Seconds(), float64(n)/rate),
		P50:      millis(&t.waited, 0.5), P99: millis(&t.waited, 0.99), P999: millis(&t.waited, 0.999),
		CPU: cpu * 1e6 / float64(max(t.accepted, 1)), Busy: cpu / elapsed.Seconds(),
		Memory: loaded.sum("process_resident_memory_bytes") / (1 << 20),
		Others: othersShare(machine, own, cpu, elapsed),
	}
	if r.Floor = u.floorOf(size); r.Floor > 0 {
		r.OfFloor = r.Achieved / r.Floor
	}
	return r, nil
}

// decided waits until the counters in the state show what they must, or do not
// move any more. What the metrics show of them may be a little old.
func (u *session) decided(ctx context.Context, want int) (m metrics, all int, err error) {
	for begin := time.Now(); ; {
		if m, err = u.read.metrics(ctx); err != nil {
			return nil, 0, err
		}
		if _, all = m.counted(); all == want || time.Since(begin) > u.patience {
			return m, all, nil
		}
		if !waitUntil(ctx, time.Now().Add(200*time.Millisecond)) {
			return nil, 0, ctx.Err()
		}
	}
}

// floorOf is what bare Badger does in batches of the size. Calls of one event are
// committed in groups of those that wait together, of about 64.
func (u *session) floorOf(size int) float64 {
	if size == 1 {
		size = 64
	}
	return u.floor[size]
}

func millis(l *latencies, q float64) float64 {
	return float64(l.quantile(q).Microseconds()) / 1000
}
