package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
)

// kpiOptions are the flags of kpi.
type kpiOptions struct {
	workspace, data, step string
	since                 whenFlag
	by                    []string
	csv, verify           bool
}

func (c *cli) kpiVerb() *cobra.Command {
	o := kpiOptions{since: whenFlag{name: "since", text: "28d"}}
	verb := &cobra.Command{
		Use:   "kpi [NAME]",
		Short: "Show key figures: value, target, state, and how they went",
		Long: `kpi shows the workspace's key figures with their target, the interval in which a rate
may be trusted, what is too young to be judged, the state of their thresholds, and a
curve of the time before. NAME shows one with its parts by label and, where it is bad,
where to repair it and what to try. It asks a running server; with --data it reads the
state folder of a server that does not run.

--by adds the parts up by some of the labels only. --csv is for spreadsheets: UTF-8
with a byte order mark, a row for each figure and part, or with NAME and --since a row
for each day. --verify reads every journal, counts all figures anew, and ends with 1
when one differs.`,
		Example: "  nurture kpi\n  nurture kpi click_rate --by workflow --since 90d\n  nurture kpi click_rate --since 90d --csv > click_rate.csv\n  nurture kpi --data state -w rules --json",
		Args:    cobra.MaximumNArgs(1),
	}
	cl := c.serverFlags(verb)
	f := verb.Flags()
	f.StringVarP(&o.workspace, "workspace", "w", ".", "folder of the *.hcl files, with --data")
	f.StringVar(&o.data, "data", "", "state folder of a server that does not run, instead of asking one")
	f.Var(&o.since, "since", "the curve begins on this day or at this instant, or so long ago")
	f.StringVar(&o.step, "step", "1d", "what one point of the curve covers")
	f.StringSliceVar(&o.by, "by", nil, "labels to tell the figure apart by")
	f.BoolVar(&o.csv, "csv", false, "print a table for spreadsheets")
	f.BoolVar(&o.verify, "verify", false, "count everything anew from the journals, and say what differs")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		if o.verify {
			if len(args) > 0 || o.csv {
				return errors.New("kpi: --verify looks at all figures; leave NAME and --csv out")
			}
			return c.verifyKPIs(cmd.Context(), cl, o)
		}
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		return c.kpi(cmd.Context(), cl, name, o)
	}
	return verb
}

func (c *cli) kpi(ctx context.Context, cl *client, name string, o kpiOptions) error {
	q, err := c.kpiQuery(ctx, cl, name, &o)
	if err != nil {
		return err
	}
	if o.csv && c.json {
		return errors.New("kpi: --csv and --json are two forms of the same; leave one out")
	}
	docs, err := c.kpiDocs(ctx, cl, q, o)
	if err != nil {
		return err
	}
	for i := range docs {
		if err := addUp(&docs[i], o.by); err != nil && name != "" {
			return err
		}
	}
	switch {
	case c.json:
		return c.print(map[string]any{"ok": true, "kpis": docs})
	case o.csv:
		return c.kpiCSV(docs, name != "")
	case name != "":
		return c.printKPI(&docs[0])
	}
	return c.printKPIs(docs)
}

// kpiQuery reads --since and --step.
func (c *cli) kpiQuery(ctx context.Context, cl *client, name string, o *kpiOptions) (httpd.KPIQuery, error) {
	q := httpd.KPIQuery{Name: name}
	var ok bool
	if q.Step, ok = flagSpan(o.step); !ok {
		return q, fmt.Errorf("kpi: --step is a length of time like 28d or 12h, not %q", o.step)
	}
	if q.Since, ok = flagSpan(o.since.text); !ok {
		var err error
		if q.Since, err = c.kpiSince(ctx, cl, o); err != nil {
			return q, err
		}
	}
	if q.Step < time.Hour || q.Step > q.Since {
		return q, fmt.Errorf("kpi: --step is at least 1h and no longer than --since, not %q", o.step)
	}
	return q, nil
}

// kpiSince is how far back a curve goes that begins on a day or at an instant, in whole
// hours.
func (c *cli) kpiSince(ctx context.Context, cl *client, o *kpiOptions) (time.Duration, error) {
	_, err := c.typed(&o.since)
	if err != nil {
		return 0, err
	}
	zone := c.zone
	if o.data == "" {
		zone, err = cl.projectZone(ctx)
	} else if w, problem := c.load(o.workspace, loadOptions{quiet: true}); problem != nil {
		err = problem
	} else {
		zone = w.Spec.Zone
	}
	if err != nil {
		return 0, err
	}
	now := time.Now()
	when, err := c.readWhen(&o.since, zone, now)
	if err != nil {
		return 0, err
	}
	back := now.Sub(when.From)
	if back < time.Hour || back > maxCurve {
		return 0, fmt.Errorf(words(c.language(""),
			"kpi: --since %s lies less than an hour back, or more than %d days; write for example --since 28d",
			"kpi: --since の %s は、1 時間以上、%d 日以内の過去ではありません。--since 28d のように書いてください"), when.From.Format("2006-01-02 15:04 MST"), maxCurve/(24*time.Hour))
	}
	return (back + time.Hour - 1).Truncate(time.Hour), nil
}

// maxCurve is how far back a curve can go.
const maxCurve = 10_000 * 24 * time.Hour

// flagSpan reads a length of time as flags have it: "28d", "12h", "2w".
func flagSpan(text string) (time.Duration, bool) {
	if text == "" {
		return 0, false
	}
	unit := map[byte]time.Duration{'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[text[len(text)-1]]
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil || n <= 0 || n > 10_000 || unit == 0 {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// kpiDocs asks the server, or reads the folder of one that does not run.
func (c *cli) kpiDocs(ctx context.Context, cl *client, q httpd.KPIQuery, o kpiOptions) (docs []httpd.KPIDoc, err error) {
	if o.data == "" {
		path := "/api/v1/kpis"
		if q.Name != "" {
			path += "/" + url.PathEscape(q.Name)
		}
		path += fmt.Sprintf("?since=%d&step=%d", int(q.Since/time.Hour), int(q.Step/time.Hour))
		if q.Name == "" {
			return docs, cl.call(ctx, http.MethodGet, path, nil, &docs)
		}
		docs = make([]httpd.KPIDoc, 1)
		return docs, cl.call(ctx, http.MethodGet, path, nil, &docs[0])
	}
	w, err := c.load(o.workspace, loadOptions{quiet: true})
	if err != nil {
		return nil, err
	}
	p, err := w.program(1)
	if err != nil {
		return nil, err
	}
	st, err := openState(o.data)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	docs, err = httpd.ReadKPIs(p, st.Counts, st.Lead, engine.TimeOf(time.Now()), q)
	if err == nil && q.Name != "" && len(docs) == 0 {
		var have []string
		for i := range p.Spec().KPIs {
			have = append(have, p.Spec().KPIs[i].Name)
		}
		return nil, fmt.Errorf("there is no kpi %q; there are: %s", q.Name, strings.Join(have, ", "))
	}
	return docs, err
}

// addUp joins the parts of a figure that are equal in the given labels. Counts and
// rates add up; the states of thresholds belong to the whole combinations and go.
func addUp(d *httpd.KPIDoc, by []string) error {
	if len(by) == 0 {
		return nil
	}
	for _, label := range by {
		if !slices.Contains(d.By, label) {
			return fmt.Errorf("kpi %s is not told apart by %q; it is by: %s", d.Name, label, strings.Join(d.By, ", "))
		}
	}
	var parts []httpd.PartDoc
	for i := range d.Parts {
		labels := map[string]string{}
		for _, label := range by {
			labels[label] = d.Parts[i].Labels[label]
		}
		at := slices.IndexFunc(parts, func(p httpd.PartDoc) bool { return labelsLine(p.Labels) == labelsLine(labels) })
		if at < 0 {
			parts = append(parts, httpd.PartDoc{Labels: labels})
			at = len(parts) - 1
		}
		parts[at].FigureDoc = parts[at].Join(d.Parts[i].FigureDoc, d.Kind == "rate", d.MinSample)
	}
	d.Parts = parts
	return nil
}

func labelsLine(labels map[string]string) string {
	var names []string
	for name := range labels {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = name + "=" + labels[name]
	}
	return strings.Join(names, " ")
}

// kpiCSV prints a table: of one figure its history, of all their values and parts.
func (c *cli) kpiCSV(docs []httpd.KPIDoc, one bool) error {
	rows := [][]string{{"kpi", "labels", "value", "count", "of", "low", "high", "waiting", "target", "achieved", "state"}}
	if one {
		rows = [][]string{{"kpi", "at", "value", "of", "young"}}
		for _, p := range docs[0].History {
			rows = append(rows, []string{docs[0].Name, c.local(p.At).Format(time.RFC3339), number(p.Value), whole(p.Of), strconv.FormatBool(p.Young)})
		}
		return c.printCSV(rows)
	}
	for i := range docs {
		d := &docs[i]
		target := ""
		if d.Target != 0 {
			target = number(&d.Target)
		}
		row := func(labels, state string, f *httpd.FigureDoc, achieved *float64) {
			value := number(f.Value)
			if d.Kind == "count" {
				value = whole(f.Count)
			}
			rows = append(rows, []string{d.Name, labels, value, whole(f.Count), whole(f.Of), number(f.Low), number(f.High), whole(f.Waiting), target, number(achieved), state})
		}
		row("", d.State, &d.Total, d.Achieved)
		for j := range d.Parts {
			row(labelsLine(d.Parts[j].Labels), d.Parts[j].State, &d.Parts[j].FigureDoc, nil)
		}
	}
	return c.printCSV(rows)
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'g', -1, 64)
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }
