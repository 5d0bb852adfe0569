package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Row is what one program came to at one job.
type Row struct {
	Program string
	Job     Job
	Figures map[string]float64 // by unit
}

// The programs in the table.
const (
	ours   = "nurture" // from the door to durable, decided and dispatched
	decide = "decide"  // the decision alone
	state  = "store"   // what nurture's store adds to bare Badger, and nothing else of ours
	floor  = "badger"  // bare Badger: same bytes, same batches
	peer   = "sqlite"
)

// Job is what was asked of a program. Two rows can be compared where their jobs
// are equal; a zero field says nothing and agrees with everything.
type Job struct {
	Mode  string // batches or calls
	Leads int
	Rules int
}

// The modes in which programs are compared.
const (
	batches = "batch"  // a thousand events a call
	calls   = "single" // 64 clients, one event a call; bare Badger gets batches of 64
)

// Agrees reports whether the jobs do not contradict each other.
func (j Job) Agrees(k Job) bool {
	return (j.Mode == k.Mode || j.Mode == "" || k.Mode == "") &&
		(j.Leads == k.Leads || j.Leads == 0 || k.Leads == 0) &&
		(j.Rules == k.Rules || j.Rules == 0 || k.Rules == 0)
}

// The units of the table.
const (
	perSecond = "events/s"
	cpu       = "cpu-µs/event"
	p50       = "p50-ms"
	p99       = "p99-ms"
	memory    = "peak-MB"
	diskEvent = "disk-B/event"
	diskLead  = "disk-B/lead"
	others    = "others-cpu"
)

// ReadBenchmarks reads the lines that go test -bench prints. The words of a
// sub-benchmark name its job: BenchmarkWorkload/leads=10000/rules=12/batch=1000.
func ReadBenchmarks(r io.Reader) ([]Row, error) {
	var rows []Row
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name, job, err := parseName(fields[0])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fields[0], err)
		}
		figures := map[string]float64{}
		for i := 2; i+1 < len(fields); i += 2 {
			if figures[fields[i+1]], err = strconv.ParseFloat(fields[i], 64); err != nil {
				return nil, fmt.Errorf("%s: %q is not a figure", fields[0], fields[i])
			}
		}
		rows = append(rows, translate(name, job, figures)...)
	}
	return rows, lines.Err()
}

// translate gives the rows that a benchmark of nurture's stands for.
func translate(name string, job Job, figures map[string]float64) []Row {
	switch name {
	case "Workload":
		return []Row{{ours, job, figures}}
	case "Commit": // measures both sides, in turns
		return []Row{{state, job, side(figures, "store_")}, {floor, job, side(figures, "floor_")}}
	case "Decide":
		ns := figures["ns/op"]
		return []Row{{decide, job, map[string]float64{perSecond: 1e9 / ns, cpu: ns / 1000}}}
	}
	return nil
}

// side picks the figures of one side out of those of both.
func side(figures map[string]float64, prefix string) map[string]float64 {
	units := map[string]string{"events/s": perSecond, "cpu_us/event": cpu, "p50_ms": p50, "p99_ms": p99}
	out := map[string]float64{}
	for unit, v := range figures {
		if name, ok := strings.CutPrefix(unit, prefix); ok && units[name] != "" {
			out[units[name]] = v
		}
	}
	return out
}

func parseName(full string) (name string, job Job, err error) {
	if i := strings.LastIndexByte(full, '-'); i > 0 { // GOMAXPROCS
		if _, err := strconv.Atoi(full[i+1:]); err == nil {
			full = full[:i]
		}
	}
	words := strings.Split(strings.TrimPrefix(full, "Benchmark"), "/")
	for _, word := range words[1:] {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case key == "leads":
			job.Leads, err = strconv.Atoi(value)
		case key == "rules":
			job.Rules, err = strconv.Atoi(value)
		case word == "batch=1000":
			job.Mode = batches
		case word == "clients=64" || word == "batch=64":
			job.Mode = calls
		}
		if err != nil {
			return "", job, fmt.Errorf("%s is not a number", word)
		}
	}
	return words[0], job, nil
}

// ReadPeer reads the line of JSON that peerbench prints.
func ReadPeer(r io.Reader) (Row, error) {
	var p struct {
		Program string  `json:"program"`
		Mode    string  `json:"mode"`
		Leads   int     `json:"leads"`
		Rules   int     `json:"rules"`
		Parity  bool    `json:"parity"`
		Speed   float64 `json:"events_per_s"`
		CPU     float64 `json:"cpu_us_per_event"`
		P50     float64 `json:"p50_ms"`
		P99     float64 `json:"p99_ms"`
		Event   float64 `json:"disk_bytes_per_event"`
		Lead    float64 `json:"disk_bytes_per_lead"`
	}
	if err := json.NewDecoder(r).Decode(&p); err != nil {
		return Row{}, fmt.Errorf("read peerbench's line: %w", err)
	}
	if p.Parity {
		p.Program += " parity"
	}
	return Row{p.Program, Job{p.Mode, p.Leads, p.Rules}, map[string]float64{
		perSecond: p.Speed, cpu: p.CPU, p50: p.P50, p99: p.P99, diskEvent: p.Event, diskLead: p.Lead,
	}}, nil
}
