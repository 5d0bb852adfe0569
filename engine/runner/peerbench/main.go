// Peerbench does the project's common workload the way a good engineer writes it
// in a day: plain tables in an embedded SQLite, one transaction a batch. It
// prints one line of JSON, in the same words and units as nurture's own
// benchmarks, so that both can stand in one table (see ratios).
//
// It is a module of its own so that its driver, which needs cgo, stays out of
// nurture's requirements.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
)

func main() {
	var c Config
	flag.IntVar(&c.Leads, "leads", 100_000, "leads in the database")
	flag.IntVar(&c.Events, "events", 500_000, "events that are measured")
	flag.IntVar(&c.Warm, "warm", -1, "events before those that are measured (-1: a tenth as many)")
	flag.IntVar(&c.Rules, "rules", 12, "rules; the dozen of the workload, and others that never pay")
	flag.StringVar(&c.Mode, "mode", "batch", "batch: a thousand events a call; single: 64 clients, one event a call; openloop: -rate events a second")
	flag.Float64Var(&c.Rate, "rate", 100, "events a second of an open loop")
	flag.Int64Var(&c.Spacing, "spacing", 1, "milliseconds between two events; from about 1,000 on, waits end within the run (-mode batch only)")
	flag.BoolVar(&c.Parity, "parity", false, "also what nurture keeps: a message id counts once, a lead's history is indexed")
	flag.IntVar(&c.Checkpoint, "checkpoint", 0, "pages that the log may hold before they are moved into the database file (0: SQLite's default, 1,000)")
	flag.StringVar(&c.Dir, "dir", "", "folder on the disk to measure, under which a new one is made and removed (default: the system's for temporary files)")
	flag.Parse()
	if flag.NArg() > 0 {
		fail(fmt.Errorf("unexpected argument %q; everything is said by flags", flag.Arg(0)))
	}
	result, err := Run(c)
	if err != nil {
		fail(err)
	}
	line, err := json.Marshal(result)
	if err != nil {
		fail(err)
	}
	fmt.Println(string(line))
	if !result.Exact {
		fail(fmt.Errorf("the outcome is not the reference's: got %+v, want %+v", result.Outcome, result.want))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "peerbench:", err)
	os.Exit(1)
}

// Config is one run.
type Config struct {
	Leads, Events, Warm, Rules int
	Mode                       string
	Rate                       float64
	Spacing                    int64
	Parity                     bool
	Checkpoint                 int
	Dir                        string
	noSync                     bool // tests only
}

func (c *Config) validate() error {
	if c.Warm < 0 {
		c.Warm = c.Events / 10
	}
	switch {
	case c.Leads < 1:
		return fmt.Errorf("-leads is %d; it takes at least one lead", c.Leads)
	case c.Events < 1:
		return fmt.Errorf("-events is %d; it takes at least one event", c.Events)
	case c.Rules < dozen:
		return fmt.Errorf("-rules is %d; the workload's dozen is always there", c.Rules)
	case c.Mode != "batch" && c.Spacing != 1:
		return fmt.Errorf("-spacing needs -mode batch: elsewhere events do not arrive in the order of their time")
	case c.Spacing < 1:
		return fmt.Errorf("-spacing is %d; it takes at least a millisecond", c.Spacing)
	}
	return nil
}

// Result is what one run came to. CPU is that of the whole process, which
// includes making the events; Generator says how much of it that was.
type Result struct {
	Program   string  `json:"program"`
	Mode      string  `json:"mode"`
	Leads     int     `json:"leads"`
	Events    int     `json:"events"`
	Rules     int     `json:"rules"`
	Parity    bool    `json:"parity"`
	Rate      float64 `json:"rate,omitempty"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"events_per_s"`
	CPU       float64 `json:"cpu_us_per_event"`
	Generator float64 `json:"generator_us_per_event"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	P999      float64 `json:"p999_ms"`
	ActionP50 float64 `json:"action_p50_ms,omitempty"`
	ActionP99 float64 `json:"action_p99_ms,omitempty"`
	Action999 float64 `json:"action_p999_ms,omitempty"`
	Memory    float64 `json:"rss_mb"`
	Peak      float64 `json:"peak_rss_mb"`
	DiskEvent float64 `json:"disk_bytes_per_event"`
	DiskLead  float64 `json:"disk_bytes_per_lead"`
	Sync      float64 `json:"fsync_us"`
	Others    float64 `json:"others_cpu"`
	Exact     bool    `json:"exact"`
	Outcome

	want Outcome
}

// Run preloads the leads, warms up, measures, and compares the outcome with the
// reference.
func Run(c Config) (*Result, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(c.Dir, "peerbench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r := &Result{Program: "sqlite", Mode: c.Mode, Leads: c.Leads, Events: c.Events, Rules: c.Rules, Parity: c.Parity}
	if c.Mode == "openloop" {
		r.Rate = c.Rate
	}
	sync, err := SyncTime(dir)
	if err != nil {
		return nil, err
	}
	r.Sync = float64(sync.Microseconds())
	p, err := Open(Settings{
		Dir: dir, Rules: c.Rules, Parity: c.Parity, Checkpoint: c.Checkpoint, NoSync: c.noSync,
		Sink: func(e Effect) { r.Add(e.Lead, e.Act) },
	})
	if err != nil {
		return nil, err
	}
	defer p.Close()
	w := Workload{Seed: 1, Leads: c.Leads, Spacing: c.Spacing}
	if err := r.measure(p, c, w, dir); err != nil {
		return nil, err
	}
	if r.Score, err = p.ScoreSum(); err != nil {
		return nil, err
	}
	rules := NewRules(c.Rules)
	r.want = Reference(w, &rules, c.Warm+c.Events)
	r.Exact = r.Outcome == r.want
	return r, nil
}

func (r *Result) measure(p *Program, c Config, w Workload, dir string) error {
	if err := p.Preload(w); err != nil {
		return err
	}
	loaded, err := DiskUse(dir)
	if err != nil {
		return err
	}
	if _, err := drive(p, c, Range{w, 0, c.Warm}); err != nil {
		return err
	}
	r.Generator = generatorCost(w)
	runtime.GC()
	before := Used()
	t, err := drive(p, c, Range{w, c.Warm, c.Warm + c.Events})
	if err != nil {
		return err
	}
	after := Used()
	r.take(c, t, before, after)
	if err := p.checkpoint(); err != nil {
		return err
	}
	used, err := DiskUse(dir)
	if err != nil {
		return err
	}
	r.DiskLead = float64(loaded) / float64(c.Leads)
	r.DiskEvent = float64(used-loaded) / float64(c.Warm+c.Events)
	return nil
}

func drive(p *Program, c Config, r Range) (Timings, error) {
	switch {
	case r.From == r.To:
		return Timings{}, nil
	case c.Mode == "batch":
		return Batches(p, r)
	case c.Mode == "single":
		return Singles(p, r)
	case c.Mode == "openloop":
		return OpenLoop(p, r, c.Rate)
	}
	return Timings{}, fmt.Errorf("-mode %q is not one of batch, single, openloop", c.Mode)
}

func (r *Result) take(c Config, t Timings, before, after Usage) {
	const mb = 1 << 20
	now, peak := Memory()
	r.Memory, r.Peak = float64(now)/mb, float64(peak)/mb
	r.Seconds = after.at.Sub(before.at).Seconds()
	r.PerSecond = float64(c.Events) / r.Seconds
	r.CPU = perEvent(before, after, c.Events)
	r.Others = Others(before, after, runtime.NumCPU())
	t.Calls.Sort()
	t.Actions.Sort()
	r.P50, r.P99, r.P999 = t.Calls.Percentile(50), t.Calls.Percentile(99), t.Calls.Percentile(99.9)
	r.ActionP50, r.ActionP99, r.Action999 = t.Actions.Percentile(50), t.Actions.Percentile(99), t.Actions.Percentile(99.9)
}

func perEvent(before, after Usage, events int) float64 {
	return float64((after.own - before.own).Microseconds()) / float64(events)
}

// generatorCost is what making one event costs, in microseconds of CPU.
func generatorCost(w Workload) float64 {
	const n = 200_000
	var arena []byte
	before := Used()
	for i := range n {
		arena = arena[:0]
		w.Event(i, &arena)
	}
	return perEvent(before, Used(), n)
}
