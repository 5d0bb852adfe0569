// Ratios runs nurture's benchmarks and the plain SQLite program beside them, in
// turns on the same machine, and prints one table with ratios: what this machine
// did is of no interest elsewhere, how the programs compare on it is.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	s := settings{bench: bench{log: os.Stderr}, out: os.Stdout}
	flag.StringVar(&s.bench.root, "root", "../../..", "folder of nurture's module")
	flag.StringVar(&s.leads, "leads", "10000,100000,1000000", "how many leads, one run each")
	flag.StringVar(&s.rules, "rules", "12,1000", "how many rules, one run each")
	flag.IntVar(&s.bench.events, "events", 400_000, "events a run of batches; one event a call runs with half as many")
	flag.IntVar(&s.rounds, "rounds", 1, "how often everything runs, in turns; the table shows medians")
	flag.BoolVar(&s.bench.parity, "parity", false, "also the SQLite program with unique message ids and an index by lead, as nurture keeps")
	flag.Parse()
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "ratios:", err)
		os.Exit(1)
	}
}

type settings struct {
	bench        bench
	leads, rules string
	rounds       int
	out          io.Writer
}

func (s *settings) run() error {
	var err error
	if s.bench.leads, err = numbers("-leads", s.leads); err != nil {
		return err
	}
	if s.bench.rules, err = numbers("-rules", s.rules); err != nil {
		return err
	}
	if s.bench.dir, err = os.MkdirTemp("", "ratios-"); err != nil {
		return err
	}
	defer os.RemoveAll(s.bench.dir)
	if err := s.bench.build(); err != nil {
		return err
	}
	var rows []Row
	for range s.rounds {
		more, err := s.bench.round()
		if err != nil {
			return err
		}
		rows = append(rows, more...)
	}
	return s.report(Median(rows))
}

func (s *settings) report(rows []Row) error {
	if err := WriteTable(s.out, rows); err != nil {
		return err
	}
	fmt.Fprintln(s.out)
	// A broken promise is no error here: on a busy machine it says nothing.
	if _, open := WriteVerdicts(s.out, rows); open > 0 {
		return fmt.Errorf("%d promises could not be judged", open)
	}
	return nil
}

func numbers(flag, list string) ([]int, error) {
	var out []int
	for f := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s has %q; it takes whole numbers with commas between", flag, f)
		}
		out = append(out, n)
	}
	return out, nil
}
