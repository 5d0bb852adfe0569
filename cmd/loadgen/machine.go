package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the kernel's processor times.
const tick = 10 * time.Millisecond

// machineBusy is the processor time that all processes have had since the machine
// began, 0 where the system does not tell.
func machineBusy() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(b), "\n")
	var busy time.Duration
	for i, f := range strings.Fields(line) {
		n, err := strconv.ParseInt(f, 10, 64)
		idle := i == 4 || i == 5 // idle, and waiting for the disk
		guest := i >= 9          // counted as user time already
		if err == nil && !idle && !guest {
			busy += time.Duration(n) * tick
		}
	}
	return busy
}

// ownBusy is the processor time that this process has had.
func ownBusy() time.Duration {
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	var busy time.Duration
	for _, f := range fields[11:13] {
		if n, err := strconv.ParseInt(f, 10, 64); err == nil {
			busy += time.Duration(n) * tick
		}
	}
	return busy
}

// othersShare is the share of the machine that neither the server nor this process
// had. A run in which others had more than a twentieth is not quiet.
func othersShare(machine, own time.Duration, server float64, elapsed time.Duration) float64 {
	if machine <= 0 || elapsed <= 0 {
		return 0
	}
	all := elapsed.Seconds() * float64(runtime.NumCPU())
	return min(1, max(0, (machine.Seconds()-own.Seconds()-server)/all))
}
