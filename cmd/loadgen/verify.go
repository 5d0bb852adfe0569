package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// check is one comparison of what the server has with what it must have.
type check struct {
	What string `json:"what"`
	Want int    `json:"want"`
	Got  int    `json:"got"`
	OK   bool   `json:"ok"`
}

func compare(what string, want, got int) check { return check{what, want, got, want == got} }

// verifier compares a server with the reference: its own counters, what it sent,
// and the journals and scores of a sample of leads.
type verifier struct {
	read   *reader
	work   workload
	sink   *sink
	sample int
}

// settleTime is how long the server may go on to work after the last call: what it
// sends lags behind what it has decided.
const settleTime = 10 * time.Minute

// verify waits until nothing moves any more and compares. n is how many events of
// the workload the server has taken.
func (v *verifier) verify(ctx context.Context, n int) ([]check, error) {
	want := v.work.reference(n)
	if err := v.quiet(ctx, &want); err != nil {
		return nil, err
	}
	checks, err := v.counters(ctx, &want, n)
	if err != nil {
		return nil, err
	}
	mails, offers := v.sink.counts()
	checks = append(checks,
		compare("toss-ups that arrived, each once", want.tossUps, offers),
		compare("first mails that arrived, each once", want.mails, mails))
	more, err := v.leads(ctx, &want, n)
	return append(checks, more...), err
}

// countersWithin is how long the metrics may show counters as they were: the longer
// the reading of one takes, the longer it is kept, and on a busy machine it takes its
// time.
const countersWithin = 2 * time.Minute

// counters compares what the metrics show of the counters in the state, as soon as
// they show what they must, or never will.
func (v *verifier) counters(ctx context.Context, want *outcome, n int) ([]check, error) {
	for begin := time.Now(); ; {
		m, err := v.read.metrics(ctx)
		if err != nil {
			return nil, err
		}
		by, all := m.counted()
		checks := []check{compare("events decided, by the counters in the state", n, all)}
		for i, name := range eventNames {
			checks = append(checks, compare("of them "+name, want.events[i], by[i]))
		}
		checks = append(checks, compare("toss-ups, by the counters in the state", want.tossUps, int(m.sum("nurture_kpi_value", `kpi="handed_over"`))))
		differs := slices.ContainsFunc(checks, func(c check) bool { return !c.OK })
		if !differs || time.Since(begin) > countersWithin {
			return checks, nil
		}
		if !waitUntil(ctx, time.Now().Add(200*time.Millisecond)) {
			return nil, ctx.Err()
		}
	}
}

// quiet waits for what was decided to be sent, as long as more of it arrives.
func (v *verifier) quiet(ctx context.Context, want *outcome) error {
	begin, last, moved := time.Now(), -1, time.Now()
	for time.Since(begin) < settleTime {
		mails, offers := v.sink.counts()
		if mails >= want.mails && offers >= want.tossUps {
			break
		}
		if mails+offers != last {
			last, moved = mails+offers, time.Now()
		}
		const still = 2 * time.Minute
		if time.Since(moved) > still {
			break // the comparison will say what is missing
		}
		if !waitUntil(ctx, time.Now().Add(100*time.Millisecond)) {
			return ctx.Err()
		}
	}
	// What comes too often comes a little later.
	waitUntil(ctx, time.Now().Add(2*time.Second))
	return ctx.Err()
}

// leads reads a sample of leads, spread evenly, and compares their journals and
// their scores.
func (v *verifier) leads(ctx context.Context, want *outcome, n int) ([]check, error) {
	sample := min(v.sample, v.work.leads)
	ids := make(map[int][]string, sample)
	step := max(1, v.work.leads/max(1, sample))
	for lead := 0; lead < v.work.leads && len(ids) < sample; lead += step {
		ids[lead] = []string{"pre-a-" + fmt.Sprint(lead), "pre-b-" + fmt.Sprint(lead)}
	}
	for i := range n {
		if lead := v.work.leadOf(i); ids[lead] != nil {
			ids[lead] = append(ids[lead], messageID(i))
		}
	}
	journals, scores, facts, wanted := 0, 0, 0, 0
	for lead, expected := range ids {
		l, err := v.read.lead(ctx, userID(lead))
		if err != nil {
			return nil, err
		}
		var got []string
		for _, f := range l.Facts {
			if f.MessageID != "" {
				got = append(got, f.MessageID)
			}
		}
		facts, wanted = facts+len(got), wanted+len(expected)
		slices.Sort(got)
		slices.Sort(expected)
		if slices.Equal(got, expected) {
			journals++
		}
		if len(l.Scores) == 1 && int(l.Scores[0].Value) == want.scores[lead] {
			scores++
		}
	}
	return []check{
		compare("events in the journals of a sample of leads", wanted, facts),
		compare("leads of the sample whose journal has each event once", len(ids), journals),
		compare("leads of the sample whose score is right", len(ids), scores),
	}, nil
}
