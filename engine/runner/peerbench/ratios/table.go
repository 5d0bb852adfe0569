package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"text/tabwriter"
)

// Median merges the rows of several rounds: one row a program and job, each of
// its figures the median of those measured.
func Median(rows []Row) []Row {
	type id struct {
		program string
		job     Job
	}
	seen := map[id][]Row{}
	var order []id
	for _, r := range rows {
		k := id{r.Program, r.Job}
		if seen[k] == nil {
			order = append(order, k)
		}
		seen[k] = append(seen[k], r)
	}
	out := make([]Row, 0, len(order))
	for _, k := range order {
		units := map[string][]float64{}
		for _, r := range seen[k] {
			for unit, v := range r.Figures {
				units[unit] = append(units[unit], v)
			}
		}
		row := Row{k.program, k.job, map[string]float64{}}
		for unit, values := range units {
			slices.Sort(values)
			row.Figures[unit] = (values[(len(values)-1)/2] + values[len(values)/2]) / 2
		}
		out = append(out, row)
	}
	return out
}

// WriteTable prints a line for each row: what was measured, and next to it the
// same against the SQLite program and against bare Badger. Absolute figures are
// this machine's; the ratios are what may be quoted.
func WriteTable(w io.Writer, rows []Row) error {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Job.Mode, b.Job.Mode), cmp.Compare(a.Job.Leads, b.Job.Leads),
			cmp.Compare(a.Job.Rules, b.Job.Rules), cmp.Compare(a.Program, b.Program))
	})
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "mode\tleads\trules\tprogram\tevents/s\t× sqlite\t× badger\tCPU µs\tCPU × sqlite\tp50 ms\tp99 ms\tpeak MB\tB/event\tB/lead\tothers\t")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n",
			cmp.Or(r.Job.Mode, "–"), whole(float64(r.Job.Leads)), whole(float64(r.Job.Rules)), r.Program,
			whole(r.Figures[perSecond]), ratio(rows, r, peer, perSecond), ratio(rows, r, floor, perSecond),
			decimal(r.Figures[cpu], 1), ratio(rows, r, peer, cpu),
			decimal(r.Figures[p50], 2), decimal(r.Figures[p99], 2), whole(r.Figures[memory]),
			whole(r.Figures[diskEvent]), whole(r.Figures[diskLead]), share(r))
	}
	return t.Flush()
}

// ratio is the row's figure over that of another program at the same job.
func ratio(rows []Row, r Row, program, unit string) string {
	if r.Job == (Job{}) || r.Job.Mode == "" || r.Program == program {
		return "–"
	}
	for _, other := range rows {
		if v := other.Figures[unit]; other.Program == program && other.Job.Agrees(r.Job) && v > 0 && r.Figures[unit] > 0 {
			return strconv.FormatFloat(r.Figures[unit]/v, 'f', 2, 64)
		}
	}
	return "–"
}

// WriteVerdicts prints what the project promises of these figures, beside what
// came out, and returns how many promises were broken and how many could not be
// judged because a row is missing.
func WriteVerdicts(w io.Writer, rows []Row) (broken, open int) {
	for _, p := range promises(rows) {
		word := "kept"
		switch {
		case p.missing:
			word, open = "not measured", open+1
		case !p.kept:
			word, broken = "BROKEN", broken+1
		}
		fmt.Fprintf(w, "%-12s  %s", word, p.text)
		if !p.missing {
			fmt.Fprintf(w, ": %s", p.got)
		}
		fmt.Fprintln(w)
	}
	noisy := map[string]float64{}
	for _, r := range rows {
		if r.Figures[others] >= 0.05 {
			noisy[r.Program] = max(noisy[r.Program], r.Figures[others])
		}
	}
	for _, program := range slices.Sorted(maps.Keys(noisy)) {
		fmt.Fprintf(w, "%-12s  others had up to %.0f %% of the CPUs while %s ran; only figures under 5 %% are quiet\n", "NOISY", 100*noisy[program], program)
	}
	return broken, open
}

type promise struct {
	text, got     string
	kept, missing bool
}

func promises(rows []Row) []promise {
	var out []promise
	jobs := map[Job]bool{}
	for _, r := range rows {
		if r.Program == ours {
			jobs[r.Job] = true
		}
	}
	if len(jobs) == 0 {
		return []promise{{text: "nurture's own figures", missing: true}}
	}
	for _, job := range slices.SortedFunc(maps.Keys(jobs), func(a, b Job) int {
		return cmp.Or(cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.Leads, b.Leads), cmp.Compare(a.Rules, b.Rules))
	}) {
		name := fmt.Sprintf("%s, %s leads, %s rules: ", job.Mode, whole(float64(job.Leads)), whole(float64(job.Rules)))
		mine := figure(rows, ours, job, perSecond)
		out = append(out, atLeast(name+"ahead of plain SQLite", mine, figure(rows, peer, job, perSecond), 1))
		if job.Mode == "batch" {
			out = append(out, atLeast(name+"at least 0.7 of bare Badger", mine, figure(rows, floor, job, perSecond), 0.7))
		}
		spent := figure(rows, ours, job, cpu)
		out = append(out, promise{
			text: name + "at most 20 µs of CPU an event", got: decimal(spent, 1) + " µs",
			kept: spent <= 20, missing: spent == 0,
		})
	}
	return append(out, growth(rows)...)
}

// growth compares the CPU an event costs with the most leads and with the fewest.
func growth(rows []Row) []promise {
	ends := map[Job][2]Job{} // by mode and rules
	for _, r := range rows {
		if r.Program != ours || r.Job.Leads == 0 {
			continue
		}
		k := Job{Mode: r.Job.Mode, Rules: r.Job.Rules}
		e, seen := ends[k]
		if !seen || r.Job.Leads < e[0].Leads {
			e[0] = r.Job
		}
		if !seen || r.Job.Leads > e[1].Leads {
			e[1] = r.Job
		}
		ends[k] = e
	}
	var out []promise
	for _, k := range slices.SortedFunc(maps.Keys(ends), func(a, b Job) int {
		return cmp.Or(cmp.Compare(a.Mode, b.Mode), cmp.Compare(a.Rules, b.Rules))
	}) {
		few, many := ends[k][0], ends[k][1]
		if few.Leads == many.Leads {
			continue
		}
		text := fmt.Sprintf("%s, %s rules: CPU an event grows by no more than 1.7 from %s to %s leads",
			k.Mode, whole(float64(k.Rules)), whole(float64(few.Leads)), whole(float64(many.Leads)))
		a, b := figure(rows, ours, few, cpu), figure(rows, ours, many, cpu)
		out = append(out, promise{text: text, got: decimal(b/a, 2), kept: b <= 1.7*a, missing: a == 0 || b == 0})
	}
	return out
}

func atLeast(text string, mine, theirs, bound float64) promise {
	if mine == 0 || theirs == 0 {
		return promise{text: text, missing: true}
	}
	return promise{text: text, got: decimal(mine/theirs, 2), kept: mine/theirs >= bound}
}

func figure(rows []Row, program string, job Job, unit string) float64 {
	for _, r := range rows {
		if r.Program == program && r.Job.Agrees(job) {
			return r.Figures[unit]
		}
	}
	return 0
}

func share(r Row) string {
	v, measured := r.Figures[others]
	if !measured {
		return "–"
	}
	return strconv.FormatFloat(100*v, 'f', 0, 64) + " %"
}

// whole writes a figure without decimals, by thousands: 62,400.
func whole(v float64) string {
	if v == 0 {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func decimal(v float64, digits int) string {
	if v == 0 {
		return "–"
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}
