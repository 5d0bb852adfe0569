package runner

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	past "github.com/seed-456efde2/nurture/engine/history"
)

// BenchmarkReplay is what it takes to run again, from the store and under the same
// rules, what came in live, in one run with the live rate: the common workload
// through Submit, durable, decided and handed over, from 64 clients with one event a
// call and from two with a thousand. The ratios are to these two rates, of wall time
// and of what an event takes of the cores; both sides have all of them. Every round
// must make the toss-ups that were made live.
func BenchmarkReplay(b *testing.B) {
	for _, leads := range numbers(*benchLeads) {
		for _, rules := range numbers(*benchRules) {
			b.Run(fmt.Sprintf("leads=%d/rules=%d", leads, rules), func(b *testing.B) {
				newReplayBenchmark(b, leads, rules).run()
			})
		}
	}
}

type replayBenchmark struct {
	*benchmark
	rules  int
	events int  // in the store
	single rate // one event a call
	batch  rate // in batches
}

// rate is how fast something went, and what it took of all cores.
type rate struct {
	perSecond float64
	cpu       float64 // microseconds an event
}

func rateOf(events int, wall, cpu time.Duration) rate {
	return rate{float64(events) / wall.Seconds(), float64(cpu.Microseconds()) / float64(events)}
}

// eventsALead is how many of the workload's events each lead has in the mean.
const eventsALead = 20

func newReplayBenchmark(b *testing.B, leads, rules int) *replayBenchmark {
	m := &replayBenchmark{benchmark: openBenchmark(b, leads, rules), rules: rules}
	half := leads * eventsALead / 2
	m.single = m.live(0, half, 64, 1)
	m.batch = m.live(half, half, 2, 1000)
	m.events = 2*half + 2*leads // two more a lead made it known
	return m
}

// live submits events and gives the rate at which they were durable and done with.
func (m *replayBenchmark) live(from, n, clients, batch int) rate {
	var wall, cpu time.Duration
	for end := from + n; from < end; {
		part := min(end-from, 40_000)
		shares := m.shares(from, part, clients)
		from += part
		began, used := time.Now(), cpuTime()
		m.round(shares, batch)
		m.quiet()
		wall, cpu = wall+time.Since(began), cpu+cpuTime()-used
	}
	return rateOf(n, wall, cpu)
}

func (m *replayBenchmark) run() {
	want := m.work.Reference(m.work.Leads * eventsALead)
	rules := []past.Ruleset{{Name: "the same", Spec: workloadSpec(m.work, m.rules)}}
	to := engine.TimeOf(time.Now())
	var rounds []time.Duration
	var cpu time.Duration
	m.ReportAllocs()
	for m.Loop() {
		began, used := time.Now(), cpuTime()
		done, err := past.Replay(past.ReplayOptions{Source: past.FromRows(m.store, 0), Rules: rules, To: to})
		if err != nil {
			m.Fatal(err)
		}
		rounds, cpu = append(rounds, time.Since(began)), cpu+cpuTime()-used
		set := &done.Sets[0]
		if done.Events != m.events || set.TossUps[0].HandedOver != want.TossUps || set.Leads != m.work.Leads || set.Unknown.Messages+set.Unknown.Offers > 0 {
			m.Fatalf("the replay has run %d of %d events and come to %+v, the live run to %+v", done.Events, m.events, *set, want)
		}
	}
	slices.Sort(rounds)
	again := rateOf(m.events, rounds[len(rounds)/2], cpu/time.Duration(len(rounds)))
	m.ReportMetric(0, "ns/op")
	m.ReportMetric(again.perSecond, "events/s")
	m.ReportMetric(again.cpu, "cpu-µs/event")
	for _, live := range []struct {
		rate
		name string
	}{{m.single, "single"}, {m.batch, "batch"}} {
		m.ReportMetric(live.perSecond, "live-"+live.name+"/s")
		m.ReportMetric(again.perSecond/live.perSecond, "x-"+live.name)
		m.ReportMetric(live.cpu/again.cpu, "cpu-x-"+live.name)
	}
}
