package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Latencies collects durations in microseconds and gives their percentiles.
type Latencies []uint32

// Add notes one duration.
func (l *Latencies) Add(d time.Duration) { *l = append(*l, uint32(d.Microseconds())) }

// Sort puts them in order; Percentile wants it.
func (l Latencies) Sort() { slices.Sort(l) }

// Percentile is the p-th percentile in milliseconds, 0 where nothing was noted.
func (l Latencies) Percentile(p float64) float64 {
	if len(l) == 0 {
		return 0
	}
	i := min(int(float64(len(l))*p/100), len(l)-1)
	return float64(l[i]) / 1000
}

// Usage is what had been used by a moment.
type Usage struct {
	at      time.Time
	own     time.Duration // CPU time of this process
	machine time.Duration // CPU time of everybody
}

// Used reads the clocks now.
func Used() Usage {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // cannot fail for this process
	return Usage{
		at:      time.Now(),
		own:     time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		machine: machineBusy(),
	}
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

// Others is the share of the machine's CPUs that other processes had between two
// readings. Only a run under 0.05 is a quiet one.
func Others(from, to Usage, cpus int) float64 {
	wall := to.at.Sub(from.at) * time.Duration(cpus)
	if wall <= 0 || to.machine == 0 {
		return 0
	}
	share := float64(to.machine-from.machine-(to.own-from.own)) / float64(wall)
	return max(share, 0)
}

// Memory is what the process has resident now, and had at most, in bytes.
func Memory() (now, peak int64) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err != nil {
			continue
		}
		switch name {
		case "VmRSS":
			now = kb << 10
		case "VmHWM":
			peak = kb << 10
		}
	}
	return now, peak
}

// DiskUse is the size of all files in the folder.
func DiskUse(dir string) (int64, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			return 0, err
		}
		sum += info.Size()
	}
	return sum, nil
}

// SyncTime is the median time that a small synced write takes in the folder: it
// bounds what any durable program can do one event a call.
func SyncTime(dir string) (time.Duration, error) {
	f, err := os.Create(filepath.Join(dir, "sync.probe"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	var took [51]time.Duration
	page := make([]byte, 4096)
	for i := range took {
		begin := time.Now()
		if _, err := f.Write(page); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, fmt.Errorf("sync: %w", err)
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took[:])
	return took[len(took)/2], nil
}
