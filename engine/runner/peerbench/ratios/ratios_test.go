package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const printed = `
goos: linux
BenchmarkDecide/rules=12-2   500000   900 ns/op   0 B/op   0 allocs/op
BenchmarkCommit/leads=10000/batch=1000-2   500   16000000 ns/op   0.90 of_floor   126000 store_events/s   8.0 store_cpu_us/event   1.2 store_p99_ms   140000 floor_events/s   7.6 floor_cpu_us/event   1.1 floor_p99_ms
BenchmarkWorkload/leads=10000/rules=12/batch=1000-2   500000   110000 events/s   10.0 cpu-µs/event   2.10 p99-ms   190 disk-B/event
BenchmarkWorkload/leads=1000000/rules=12/batch=1000-2   500000   100010 events/s   18.0 cpu-µs/event   2.30 p99-ms
BenchmarkNextOpening-2   500000   99 ns/op
PASS
`

const peers = `{"program":"sqlite","mode":"batch","leads":10000,"rules":12,"events_per_s":55000,"cpu_us_per_event":14,"p50_ms":12.5,"p99_ms":24,"disk_bytes_per_event":187,"disk_bytes_per_lead":51}`

func TestTable(t *testing.T) {
	t.Parallel()
	rows, err := ReadBenchmarks(strings.NewReader(printed))
	if err != nil {
		t.Fatal(err)
	}
	row, err := ReadPeer(strings.NewReader(peers))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	row.Figures[others], row.Figures[memory] = 0.21, 57
	rows = Median(append(rows, row))
	if err := WriteTable(&got, rows); err != nil {
		t.Fatal(err)
	}
	got.WriteString("\n")
	broken, open := WriteVerdicts(&got, rows)
	if broken != 1 || open != 2 {
		t.Errorf("%d broken and %d open, want 1 and 2", broken, open)
	}
	golden := filepath.Join("testdata", "table.txt")
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the table is\n%s\nwant\n%s", got.String(), want)
	}
}

func TestMedian(t *testing.T) {
	t.Parallel()
	round := func(v float64) Row {
		return Row{ours, Job{batches, 10, 12}, map[string]float64{perSecond: v}}
	}
	for _, c := range []struct {
		rounds []Row
		want   float64
	}{
		{[]Row{round(5)}, 5},
		{[]Row{round(9), round(1), round(4)}, 4},
		{[]Row{round(9), round(1)}, 5},
	} {
		got := Median(c.rounds)
		if len(got) != 1 || got[0].Figures[perSecond] != c.want {
			t.Errorf("median of %v is %v, want %g", c.rounds, got, c.want)
		}
	}
}

func TestNothingOfOurs(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if broken, open := WriteVerdicts(&out, nil); broken != 0 || open != 1 {
		t.Errorf("%d broken and %d open, want 0 and 1: a run without nurture's figures is no success", broken, open)
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"BenchmarkWorkload/leads=many 1 5 ns/op",
		"BenchmarkWorkload/leads=10 1 fast ns/op",
	} {
		if _, err := ReadBenchmarks(strings.NewReader(line)); err == nil {
			t.Errorf("%q is read without an error", line)
		}
	}
	if _, err := ReadPeer(strings.NewReader("panic: no")); err == nil {
		t.Error("what is not JSON is read without an error")
	}
	for _, list := range []string{"", "10,", "0", "x"} {
		if _, err := numbers("-leads", list); err == nil {
			t.Errorf("%q is taken for numbers", list)
		}
	}
}
