package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"
)

// row is what a rate came to. Counts are of events.
type row struct {
	Mode     string  `json:"mode"`
	Rate     float64 `json:"offeredPerSecond"`
	Seconds  float64 `json:"seconds"`
	Offered  int     `json:"offered"`
	Accepted int     `json:"accepted"` // at the first call
	Refused  int     `json:"refused"`  // with 429 or 503, and taken when they came again
	Unknown  int     `json:"unknown"`  // no answer came; taken when they came again
	Wrong    int     `json:"wrong"`    // answered as must not be
	Durable  int     `json:"durable"`  // the server's count of what it took durably
	Decided  int     `json:"decided"`  // by counters written in the deciding transaction
	Lost     int     `json:"lost"`     // offered, and in the end not decided
	Achieved float64 `json:"acceptedPerSecond"`
	P50      float64 `json:"p50Ms"`
	P99      float64 `json:"p99Ms"`
	P999     float64 `json:"p999Ms"`
	CPU      float64 `json:"serverCpuMicrosecondsPerEvent"`
	Busy     float64 `json:"serverCpuShare"` // 1 is one processor
	Memory   float64 `json:"serverMemoryMiB"`
	Others   float64 `json:"othersCpuShare"` // of the machine, by processes that are neither
	Floor    float64 `json:"floorPerSecond,omitempty"`
	OfFloor  float64 `json:"ofFloor,omitempty"`
}

// good reports whether all that was offered was taken, and nothing was lost.
func (r *row) good() bool {
	return r.Lost == 0 && r.Wrong == 0 && r.Durable == r.Offered && r.Decided == r.Offered &&
		r.Accepted+r.Refused+r.Unknown == r.Offered
}

// saturated reports a rate that the server cannot keep up with.
func (r *row) saturated() bool { return r.Refused > 0 || r.Achieved < 0.9*r.Rate }

// report is the outcome of a run.
type report struct {
	Schema  string  `json:"schema"`
	Leads   int     `json:"leads"`
	Rows    []row   `json:"rows"`
	Checks  []check `json:"checks"`
	Killed  []check `json:"checksAfterKill"`
	Success bool    `json:"success"`
}

func (r *report) judge() {
	r.Success = true
	for i := range r.Rows {
		r.Success = r.Success && r.Rows[i].good()
	}
	for _, c := range append(append([]check(nil), r.Checks...), r.Killed...) {
		r.Success = r.Success && c.OK
	}
}

// print writes the table, and then the comparisons.
func (r *report) print(out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "mode\toffered/s\taccepted/s\toffered\taccepted\t429\tno answer\tdurable\tdecided\tlost\tp50 ms\tp99 ms\tp99.9 ms\tCPU µs/event\tCPUs\tMiB\tof floor\tothers\t")
	for _, w := range r.Rows {
		floor := "–"
		if w.Floor > 0 {
			floor = strconv.FormatFloat(w.OfFloor, 'f', 2, 64)
		}
		fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.2f\t%.2f\t%.2f\t%.1f\t%.2f\t%.0f\t%s\t%.0f %%\t\n",
			w.Mode, w.Rate, w.Achieved, w.Offered, w.Accepted, w.Refused, w.Unknown, w.Durable, w.Decided, w.Lost,
			w.P50, w.P99, w.P999, w.CPU, w.Busy, w.Memory, floor, 100*w.Others)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	printChecks(out, "In the end, against a reference in memory:", r.Checks)
	printChecks(out, "And after the server was killed and started again:", r.Killed)
	return nil
}

func printChecks(out io.Writer, title string, checks []check) {
	if len(checks) == 0 {
		return
	}
	fmt.Fprintln(out, "\n"+title)
	for _, c := range checks {
		verdict := "ok"
		if !c.OK {
			verdict = fmt.Sprintf("WRONG, want %d", c.Want)
		}
		fmt.Fprintf(out, "  %-58s %9d  %s\n", c.What, c.Got, verdict)
	}
}

// readFloor reads what bare Badger does with the same batches, from what
// `go test -bench Commit ./engine/store` prints: events a second by the size of a
// batch.
func readFloor(file string) (map[int]float64, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read the floor: %w", err)
	}
	defer f.Close()
	floor := map[int]float64{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 || !strings.HasPrefix(fields[0], "BenchmarkCommit/") {
			continue
		}
		name, _, _ := strings.Cut(fields[0], "-")
		_, batch, _ := strings.Cut(name, "/batch=")
		size, err := strconv.Atoi(batch)
		if err != nil {
			return nil, fmt.Errorf("read the floor: %q names no size of a batch", fields[0])
		}
		for i := 1; i+1 < len(fields); i++ {
			if fields[i+1] == "floor_events/s" {
				if floor[size], err = strconv.ParseFloat(fields[i], 64); err != nil {
					return nil, fmt.Errorf("read the floor: %w", err)
				}
			}
		}
	}
	if len(floor) == 0 {
		return nil, fmt.Errorf("read the floor: %s has no line of BenchmarkCommit with floor_events/s", file)
	}
	return floor, nil
}
