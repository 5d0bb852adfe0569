package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// bench runs the programs, each in a process of its own for each job, so that the
// memory it takes can be told, in turns: nurture, bare Badger and SQLite at one
// number of leads, then at the next.
type bench struct {
	root         string // folder of nurture's module
	dir          string // where the programs are built
	leads, rules []int
	events       int
	parity       bool
	log          io.Writer
}

// The packages of nurture that have benchmarks, by the name of the test binary.
var packages = map[string]string{"engine": "engine", "store": "engine/store", "runner": "engine/runner"}

// build makes all programs, so that nothing is compiled between measurements.
func (b *bench) build() error {
	for name, pkg := range packages {
		if _, _, err := b.command(b.root, "go", "test", "-c", "-o", b.binary(name), "./"+pkg); err != nil {
			return err
		}
	}
	_, _, err := b.command(filepath.Join(b.root, "engine", "runner", "peerbench"), "go", "build", "-o", b.binary("peerbench"), ".")
	return err
}

func (b *bench) binary(name string) string { return filepath.Join(b.dir, name) }

// round runs everything once.
func (b *bench) round() ([]Row, error) {
	rows, err := b.own("engine", "^BenchmarkDecide$", "1s")
	if err != nil {
		return nil, err
	}
	for _, leads := range b.leads {
		for _, mode := range []string{batches, calls} {
			more, err := b.job(mode, leads)
			if err != nil {
				return nil, err
			}
			rows = append(rows, more...)
		}
	}
	return rows, nil
}

// job runs all programs at one mode and number of leads.
func (b *bench) job(mode string, leads int) ([]Row, error) {
	events, size, clients := b.events, 1000, "batch=1000"
	if mode == calls {
		events, size, clients = b.events/2, 64, "clients=64"
	}
	rows, err := b.own("store", fmt.Sprintf("^BenchmarkCommit$/^leads=%d$/^batch=%d$", leads, size), times(events/size))
	if err != nil {
		return nil, err
	}
	for i, rules := range b.rules {
		pattern := fmt.Sprintf("^BenchmarkWorkload$/^leads=%d$/^rules=%d$/^%s$", leads, rules, clients)
		mine, err := b.own("runner", pattern, times(events), "-leads", strconv.Itoa(leads), "-rules", strconv.Itoa(rules))
		if err != nil {
			return nil, err
		}
		theirs, err := b.peer(mode, leads, rules, events)
		if err != nil {
			return nil, err
		}
		rows = append(append(rows, mine...), theirs)
		if b.parity && i == 0 {
			if theirs, err = b.peer(mode, leads, rules, events, "-parity"); err != nil {
				return nil, err
			}
			rows = append(rows, theirs)
		}
	}
	return rows, nil
}

func times(n int) string { return strconv.Itoa(max(n, 1)) + "x" }

// own runs benchmarks of nurture's.
func (b *bench) own(binary, pattern, length string, more ...string) ([]Row, error) {
	args := slices.Concat([]string{"-test.run=^$", "-test.bench=" + pattern, "-test.benchtime=" + length, "-test.timeout=60m"}, more)
	out, used, err := b.command(filepath.Join(b.root, packages[binary]), b.binary(binary), args...)
	if err != nil {
		return nil, err
	}
	rows, err := ReadBenchmarks(bytes.NewReader(out))
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("%s has no benchmark %s", packages[binary], pattern)
	}
	for _, r := range rows {
		r.Figures[others] = used.others
		if r.Program == ours {
			r.Figures[memory] = used.peak
		}
	}
	return rows, err
}

// peer runs the SQLite program.
func (b *bench) peer(mode string, leads, rules, events int, more ...string) (Row, error) {
	args := slices.Concat([]string{
		"-mode", mode, "-leads", strconv.Itoa(leads),
		"-rules", strconv.Itoa(rules), "-events", strconv.Itoa(events),
	}, more)
	out, used, err := b.command("", b.binary("peerbench"), args...)
	if err != nil {
		return Row{}, err
	}
	row, err := ReadPeer(bytes.NewReader(out))
	if err == nil {
		row.Figures[others], row.Figures[memory] = used.others, used.peak
	}
	return row, err
}

// usage is what running a program took.
type usage struct {
	peak   float64 // resident memory at most, in MB
	others float64 // share of the machine's CPUs that others had meanwhile
}

// command runs a program and gives what it printed. Its name goes to the log,
// because the whole takes minutes, and so does what it says beside.
func (b *bench) command(dir, name string, args ...string) ([]byte, usage, error) {
	fmt.Fprintln(b.log, filepath.Base(name), strings.Join(args, " "))
	c := exec.Command(name, args...)
	c.Dir, c.Stderr = dir, b.log
	began, busy := time.Now(), machineBusy()
	out, err := c.Output()
	if err != nil {
		fmt.Fprintf(b.log, "%s", out)
		return nil, usage{}, fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
	}
	var u usage
	if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.peak = float64(r.Maxrss) / 1024
	}
	all := time.Since(began) * time.Duration(runtime.NumCPU())
	own := c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	if busy > 0 {
		u.others = min(1, max(0, float64(machineBusy()-busy-own)/float64(all))) // ticks are coarse beside a short program
	}
	return out, u, nil
}

// machineBusy is the CPU time that all processes have had since the machine
// began, 0 where the system does not tell.
func machineBusy() time.Duration {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	const tick = 10 * time.Millisecond
	var busy time.Duration
	for i, f := range strings.Fields(line) {
		n, err := strconv.ParseInt(f, 10, 64)
		idle := i == 4 || i == 5 // idle and waiting for the disk
		guest := i >= 9          // counted in user time already
		if err == nil && !idle && !guest {
			busy += time.Duration(n) * tick
		}
	}
	return busy
}
