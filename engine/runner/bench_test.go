package runner

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/store"
)

var (
	benchLeads = flag.String("leads", "10000,100000", "numbers of leads of BenchmarkWorkload, such as 10000,1000000")
	benchRules = flag.String("rules", "12,1000", "numbers of rules of BenchmarkWorkload")
)

// workloadSpec makes the workload's rules. A program that has compiled them from
// the language puts its own in its place.
var workloadSpec = func(w enginetest.Workload, rules int) *engine.Spec { return w.Spec(rules) }

// sink takes everything and does nothing.
type sink struct {
	crm, mail1, mail2 atomic.Int64
}

func (s *sink) Send(_ context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	for i := range requests {
		q := &requests[i]
		switch {
		case q.Channel == "crm":
			s.crm.Add(1)
		case q.Parts[0].Value.Text() == "mail 1":
			s.mail1.Add(1)
		default:
			s.mail2.Add(1)
		}
		report(engine.Receipt{Key: q.Key, Lead: q.Lead, Attempt: q.Attempt, Outcome: engine.Done})
	}
	return nil
}

func numbers(list string) []int {
	var all []int
	for _, s := range splitList(list) {
		var n int
		if _, err := fmt.Sscan(s, &n); err == nil {
			all = append(all, n)
		}
	}
	return all
}

func splitList(list string) []string {
	var all []string
	for len(list) > 0 {
		i := slices.Index([]byte(list), ',')
		if i < 0 {
			return append(all, list)
		}
		all, list = append(all, list[:i]), list[i+1:]
	}
	return all
}

// BenchmarkWorkload is the common workload through Submit, with every commit
// synced: an event counts when it is durable, decided, and what it brought about
// has been handed to the sink. An iteration is an event; its making is not
// counted. Every run is checked against the reference.
func BenchmarkWorkload(b *testing.B) {
	for _, leads := range numbers(*benchLeads) {
		for _, rules := range numbers(*benchRules) {
			for _, mode := range []struct {
				name           string
				clients, batch int
			}{{"batch=1000", 2, 1000}, {"clients=64", 64, 1}} {
				b.Run(fmt.Sprintf("leads=%d/rules=%d/%s", leads, rules, mode.name), func(b *testing.B) {
					newBenchmark(b, leads, rules).measure(mode.clients, mode.batch)
				})
			}
		}
	}
}

type benchmark struct {
	*testing.B
	work   enginetest.Workload
	dir    string
	store  *store.Store
	runner *Runner
	sink   sink
	disk   int64 // with the leads and nothing else

	mu    sync.Mutex
	calls []time.Duration
}

func newBenchmark(b *testing.B, leads, rules int) *benchmark {
	if b.N == 1 {
		leads = 1 // the first round only finds out whether it runs at all
	}
	return openBenchmark(b, leads, rules)
}

// openBenchmark starts a runner that knows so many leads.
func openBenchmark(b *testing.B, leads, rules int) *benchmark {
	m := &benchmark{B: b, dir: b.TempDir()}
	m.work = enginetest.Workload{Leads: leads, Start: engine.TimeOf(time.Now())}
	var err error
	if m.store, err = store.Open(store.Options{Dir: m.dir, Ballast: -1}); err != nil {
		b.Fatal(err)
	}
	p, err := engine.NewProgram(workloadSpec(m.work, rules), "workload", 1)
	if err != nil {
		b.Fatal(err)
	}
	if m.runner, err = New(Options{Store: m.store, Program: p, Sender: &m.sink, Queue: 100_000}); err != nil {
		b.Fatal(err)
	}
	if err := m.runner.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(m.close)
	var events []engine.Event
	for lead := range leads {
		events = append(events, m.work.Preload(lead)...)
		if len(events) >= 10_000 || lead == leads-1 {
			m.submit(events)
			events = events[:0:0]
		}
	}
	m.quiet()
	m.disk = diskBytes(b, m.dir)
	return m
}

func (m *benchmark) close() {
	if err := m.runner.Stop(context.Background()); err != nil {
		m.Error(err)
	}
	if err := m.store.Close(); err != nil {
		m.Error(err)
	}
}

// submit hands events in that happen now.
func (m *benchmark) submit(events []engine.Event) {
	began := time.Now()
	for i := range events {
		events[i].At, events[i].Received = engine.TimeOf(began), engine.TimeOf(began)
	}
	if _, err := m.runner.Submit(m.Context(), events); err != nil {
		m.Error(err)
	}
	took := time.Since(began)
	m.mu.Lock()
	m.calls = append(m.calls, took)
	m.mu.Unlock()
}

func (m *benchmark) quiet() {
	if err := m.runner.Quiet(m.Context()); err != nil {
		m.Fatal(err)
	}
}

// measure submits the benchmark's events in calls of so many from so many clients,
// and reports.
func (m *benchmark) measure(clients, batch int) {
	m.calls = m.calls[:0]
	commits, committing := m.runner.Status().Commits, m.runner.CommitTime().Sum()
	var wall, cpu, machine time.Duration
	m.ReportAllocs()
	m.ResetTimer()
	m.StopTimer()
	for from := 0; from < m.N; {
		n := min(m.N-from, 40_000)
		shares := m.shares(from, n, clients)
		from += n
		began, used, busy := time.Now(), cpuTime(), machineTime()
		m.StartTimer()
		m.round(shares, batch)
		m.quiet()
		m.StopTimer()
		wall, cpu, machine = wall+time.Since(began), cpu+cpuTime()-used, machine+machineTime()-busy
	}
	slices.Sort(m.calls)
	m.ReportMetric(0, "ns/op")
	m.ReportMetric(float64(m.N)/wall.Seconds(), "events/s")
	m.ReportMetric(float64(cpu.Nanoseconds())/1000/float64(m.N), "cpu-µs/event")
	m.ReportMetric(ms(m.calls[len(m.calls)/2]), "p50-ms")
	m.ReportMetric(ms(m.calls[len(m.calls)*99/100]), "p99-ms")
	m.ReportMetric(100*float64(max(0, machine-cpu))/float64(wall)/float64(runtime.NumCPU()), "others-%")
	m.ReportMetric(float64(diskBytes(m.B, m.dir)-m.disk)/float64(m.N), "disk-B/event")
	m.ReportMetric(float64(m.disk)/float64(m.work.Leads), "disk-B/lead")
	m.ReportMetric(float64(m.N)/float64(m.runner.Status().Commits-commits), "events/commit")
	m.ReportMetric(float64(m.runner.ToHandOver().Quantile(0.99).Microseconds())/1000, "handover-p99-ms")
	m.ReportMetric(100*float64(m.runner.CommitTime().Sum()-committing)/float64(wall), "commit-%")
	m.check()
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// round submits events from clients that each wait for their answer.
func (m *benchmark) round(shares [][]engine.Event, batch int) {
	var all sync.WaitGroup
	for _, events := range shares {
		all.Go(func() {
			for from := 0; from < len(events); from += batch {
				m.submit(events[from:min(from+batch, len(events))])
			}
		})
	}
	all.Wait()
}

// shares makes the next events and gives each client those of its own leads, as
// every visitor has one browser: the events of one lead arrive in order.
func (m *benchmark) shares(from, n, clients int) [][]engine.Event {
	shares := make([][]engine.Event, clients)
	for i := from; i < from+n; i++ {
		client := m.work.LeadOf(i) % clients
		e := m.work.Event(i)
		e.ID = fmt.Sprintf("m-%09d", i) // two events of one instant stand in order of their ids
		shares[client] = append(shares[client], e)
	}
	return shares
}

// BenchmarkOpenLoop submits events at an even rate, whether the ones before are
// answered or not, and measures how long each takes until it is durable and, where
// it brings an action about, until that is handed over.
func BenchmarkOpenLoop(b *testing.B) {
	for _, leads := range numbers(*benchLeads) {
		for _, rate := range []int{100, 2000} {
			b.Run(fmt.Sprintf("leads=%d/rate=%d", leads, rate), func(b *testing.B) {
				newBenchmark(b, leads, 12).openLoop(rate)
			})
		}
	}
}

func (m *benchmark) openLoop(rate int) {
	m.runner.counters.toDurable, m.runner.counters.toHandOver = Histogram{}, Histogram{}
	var all sync.WaitGroup
	events := m.shares(0, m.N, 1)[0]
	clock := SystemClock()
	m.ResetTimer()
	began := time.Now()
	for i := range events {
		due, _ := clock.At(began.Add(time.Duration(i) * time.Second / time.Duration(rate)))
		<-due
		all.Go(func() { m.submit(events[i : i+1]) })
	}
	all.Wait()
	m.quiet()
	m.StopTimer()
	m.ReportMetric(0, "ns/op")
	for _, h := range []struct {
		name string
		of   *Histogram
	}{{"durable", m.runner.ToDurable()}, {"handover", m.runner.ToHandOver()}} {
		m.ReportMetric(ms(h.of.Quantile(0.5)), h.name+"-p50-ms")
		m.ReportMetric(ms(h.of.Quantile(0.99)), h.name+"-p99-ms")
		m.ReportMetric(ms(h.of.Quantile(0.999)), h.name+"-p999-ms")
	}
	m.check()
}

// check compares with the reference: a run that counts otherwise is no run.
func (m *benchmark) check() {
	want := m.work.Reference(m.N)
	got := enginetest.Totals{TossUps: int(m.sink.crm.Load()), Mail1: int(m.sink.mail1.Load())}
	var l engine.Lead
	for part := range m.store.Partitions() {
		err := m.store.Leads(part, engine.LeadID{}, 0, func(_ engine.LeadID, row []byte) error {
			if err := engine.DecodeLead(row, &l); err != nil {
				return err
			}
			for i := range l.Folds.Scores {
				if l.Folds.Scores[i].Name == "interest" {
					got.Scores += int64(l.Folds.Scores[i].Value)
				}
			}
			return nil
		})
		if err != nil {
			m.Fatal(err)
		}
	}
	if got != want {
		m.Fatalf("the run came to %+v, the reference to %+v", got, want)
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// machineTime is the CPU time that everybody has used, 0 where the system does not
// tell: a run is quiet when others had less than a twentieth.
func machineTime() time.Duration {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	var user, nice, system, idle, wait, irq, soft int64
	if _, err := fmt.Sscanf(string(text), "cpu %d %d %d %d %d %d %d", &user, &nice, &system, &idle, &wait, &irq, &soft); err != nil {
		return 0
	}
	return time.Duration(user+nice+system+irq+soft) * 10 * time.Millisecond
}

// diskBytes is what the data folder takes on disk: allocated blocks, because logs
// are larger than what is in them.
func diskBytes(b *testing.B, dir string) int64 {
	var sum int64
	err := filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			sum += info.Sys().(*syscall.Stat_t).Blocks * 512
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return sum
}
