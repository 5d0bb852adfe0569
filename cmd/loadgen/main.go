// Loadgen puts a nurture under load, as its clients do: over HTTP, at a constant
// rate, whether or not the server keeps up. It starts the program on a new folder
// of state, makes leads known, offers the events of the common workload at one rate
// after the other until the server is saturated, and prints a table by rate. In the
// end it compares what the server has with a reference in memory: its counters, the
// journals and scores of leads, and what arrived at the other end of its channel;
// then it kills the server, starts it again, and compares once more.
//
//	loadgen --nurture bin/nurture --leads 100000
//
// How long a call takes is counted from when it was due by the schedule, so that
// calls which a stalled server kept from being made count as slow (open loop).
//
// It knows nothing of nurture's packages. It fails when anything accepted was lost
// or counted twice.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}

// options are one run.
type options struct {
	nurture string
	dir     string
	leads   int
	batches []float64
	singles []float64
	batch   int
	lanes   int
	seconds float64
	sample  int
	floor   string
	json    bool
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	var batches, singles string
	flags := flag.NewFlagSet("loadgen", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.nurture, "nurture", "nurture", "the program to put under load")
	flags.StringVar(&o.dir, "dir", "", "folder on the disk to measure, under which a new one is made and removed (default: the system's for temporary files)")
	flags.IntVar(&o.leads, "leads", 100_000, "leads that are made known before")
	flags.StringVar(&batches, "batches", "1000,5000,10000,20000,40000,80000,160000", "rates in events a second for calls of --batch events; none: \"\"")
	flags.StringVar(&singles, "singles", "100,500,2000,4000,8000,16000", "rates in events a second for calls of one event")
	flags.IntVar(&o.batch, "batch", 1000, "events of a batch")
	flags.IntVar(&o.lanes, "connections", 256, "connections at most")
	flags.Float64Var(&o.seconds, "seconds", 15, "how long each rate is held")
	flags.IntVar(&o.sample, "sample", 1000, "leads whose journals are read in the end")
	flags.StringVar(&o.floor, "floor", "", "what `go test -bench Commit ./engine/store` printed, for the ratio to bare Badger")
	flags.BoolVar(&o.json, "json", false, "print one JSON object (schema 1.0) instead of the table")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	var err error
	if o.batches, err = rates(batches); err == nil {
		o.singles, err = rates(singles)
	}
	switch {
	case err != nil:
		return o, err
	case flags.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q: everything is said by flags", flags.Arg(0))
	case o.leads < 1 || o.batch < 2 || o.lanes < 1 || o.seconds <= 0:
		return o, fmt.Errorf("--leads, --connections and --seconds need more than nothing, --batch at least 2")
	}
	return o, nil
}

// rates reads a list of numbers.
func rates(list string) ([]float64, error) {
	var out []float64
	for _, text := range strings.Split(list, ",") {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || v <= 0 {
			return nil, fmt.Errorf("%q is no rate: write events a second, as 100,2000", text)
		}
		out = append(out, v)
	}
	return out, nil
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err == flag.ErrHelp {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := load(ctx, o, errs)
	if err != nil {
		return err
	}
	if o.json {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = r.print(out)
	}
	if err == nil && !r.Success {
		err = fmt.Errorf("the server does not have what it must have")
	}
	return err
}

// load starts everything, runs the rates, compares and ends what it started.
func load(ctx context.Context, o options, log io.Writer) (r *report, err error) {
	floor := map[int]float64{}
	if o.floor != "" {
		if floor, err = readFloor(o.floor); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp(o.dir, "loadgen-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir)
	sink := newSink()
	defer sink.server.Close()
	s, err := startServer(ctx, o.nurture, dir, sink)
	if err != nil {
		return nil, err
	}
	defer func() {
		if stopped := s.stop(); err == nil {
			err = stopped
		}
	}()
	work := workload{o.leads}
	u := &session{
		o: o, log: log, floor: floor, work: work,
		send: newSender(s.url, writeKey, work, o.lanes), read: newReader(s.url, apiKey),
		report: &report{Schema: "1.0", Leads: o.leads}, patience: countersWithin,
	}
	if err := u.rates(ctx); err != nil {
		return nil, err
	}
	check := &verifier{read: u.read, work: work, sink: sink, sample: o.sample}
	if u.report.Checks, err = check.verify(ctx, u.offered); err != nil {
		return nil, err
	}
	u.say("the server is killed and started again")
	if err := s.kill(); err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	u.read.url = s.url
	if u.report.Killed, err = check.verify(ctx, u.offered); err != nil {
		return nil, err
	}
	u.report.judge()
	return u.report, nil
}
