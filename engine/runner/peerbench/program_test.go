package main

import (
	"strings"
	"testing"
)

// Whatever the mode, the outcome is the reference's.
func TestModesAreExact(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"batch":                 {Mode: "batch"},
		"batch, waits that end": {Mode: "batch", Spacing: 100_000},
		"batch, 1,000 rules":    {Mode: "batch", Rules: 1000},
		"batch, parity":         {Mode: "batch", Parity: true},
		"single":                {Mode: "single"},
		"open loop":             {Mode: "openloop", Rate: 1e6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.Leads, c.Events, c.Warm, c.Dir, c.noSync = 500, 10_000, 1_500, t.TempDir(), true
			c.Rules, c.Spacing = max(c.Rules, 12), max(c.Spacing, 1)
			r, err := Run(c)
			if err != nil {
				t.Fatal(err)
			}
			if !r.Exact {
				t.Errorf("got %+v, want %+v", r.Outcome, r.want)
			}
			if r.TossUps == 0 || r.Mail1 == 0 || r.Score == 0 {
				t.Errorf("nothing happened: %+v", r.Outcome)
			}
			if ends := c.Spacing > 1; (r.Mail2 > 0) != ends {
				t.Errorf("%d second mails, although the waits end within the run: %t", r.Mail2, ends)
			}
			if r.PerSecond <= 0 || r.CPU <= 0 || r.P99 < r.P50 || r.DiskEvent < 150 || r.Memory <= 0 {
				t.Errorf("figures that cannot be: %+v", r)
			}
		})
	}
}

// A program that is reopened goes on where the last one stopped, and hands out
// again only what the last one had not yet crossed off.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := Workload{Seed: 1, Leads: 300, Spacing: 1000}
	var got Outcome
	seen := map[int64]bool{}
	settings := Settings{Dir: t.TempDir(), Rules: 12, NoSync: true, Sink: func(e Effect) {
		if !seen[e.Out] {
			seen[e.Out] = true
			got.Add(e.Lead, e.Act)
		}
	}}
	p, err := Open(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Preload(w); err != nil {
		t.Fatal(err)
	}
	const batches, size = 20, 100
	for n := range batches {
		if n == batches/2 {
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if p, err = Open(settings); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Apply(events(w, n*size, size), nil); err != nil {
			t.Fatal(err)
		}
	}
	if got.Score, err = p.ScoreSum(); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	rules := NewRules(12)
	if want := Reference(w, &rules, batches*size); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// With parity, a message that comes again changes nothing.
func TestMessageCountsOnce(t *testing.T) {
	t.Parallel()
	w := Workload{Seed: 1, Leads: 100, Spacing: 1}
	var got Outcome
	p, err := Open(Settings{Dir: t.TempDir(), Rules: 12, Parity: true, NoSync: true, Sink: func(e Effect) { got.Add(e.Lead, e.Act) }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Preload(w); err != nil {
		t.Fatal(err)
	}
	for _, from := range []int{0, 0, 250, 500} { // 0–499 twice, half of 250–749 again
		if err := p.Apply(events(w, from, 500), nil); err != nil {
			t.Fatal(err)
		}
	}
	if got.Score, err = p.ScoreSum(); err != nil {
		t.Fatal(err)
	}
	rules := NewRules(12)
	if want := Reference(w, &rules, 1000); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// Without parity, the same thing is noticed: the comparison can fail.
func TestReferenceNoticesARepeat(t *testing.T) {
	t.Parallel()
	w := Workload{Seed: 1, Leads: 100, Spacing: 1}
	var got Outcome
	p, err := Open(Settings{Dir: t.TempDir(), Rules: 12, NoSync: true, Sink: func(e Effect) { got.Add(e.Lead, e.Act) }})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Preload(w); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := p.Apply(events(w, 0, 500), nil); err != nil {
			t.Fatal(err)
		}
	}
	if got.Score, err = p.ScoreSum(); err != nil {
		t.Fatal(err)
	}
	rules := NewRules(12)
	if want := Reference(w, &rules, 500); got == want {
		t.Error("events that counted twice went unnoticed")
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	good := Config{Mode: "batch", Leads: 10, Events: 10, Rules: 12, Spacing: 1}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"leads":   {func(c *Config) { c.Leads = 0 }, "at least one lead"},
		"events":  {func(c *Config) { c.Events = -1 }, "at least one event"},
		"rules":   {func(c *Config) { c.Rules = 11 }, "dozen is always there"},
		"spacing": {func(c *Config) { c.Spacing = 0 }, "at least a millisecond"},
		"order":   {func(c *Config) { c.Mode, c.Spacing = "single", 5 }, "order of their time"},
		"mode":    {func(c *Config) { c.Mode = "bulk" }, "not one of"},
		"rate":    {func(c *Config) { c.Mode = "openloop" }, "rate above 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c2 := good
			c2.Dir = t.TempDir()
			c.change(&c2)
			if _, err := Run(c2); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	l := Latencies{4000, 1000, 3000, 2000}
	l.Sort()
	for p, want := range map[float64]float64{0: 1, 50: 3, 99: 4, 100: 4} {
		if got := l.Percentile(p); got != want {
			t.Errorf("percentile %g is %g ms, want %g", p, got, want)
		}
	}
	if got := (Latencies{}).Percentile(99); got != 0 {
		t.Errorf("the percentile of nothing is %g", got)
	}
}

func events(w Workload, from, n int) []Event {
	var arena []byte
	out := make([]Event, 0, n)
	for i := from; i < from+n; i++ {
		out = append(out, w.Event(i, &arena))
	}
	return out
}
