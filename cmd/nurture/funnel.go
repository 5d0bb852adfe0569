package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
	"github.com/seed-456efde2/nurture/engine/store"
)

// figureOptions say where a verb reads figures from: a running server, the folder
// of one that does not run, or recorded events.
type figureOptions struct {
	workspace, data, events, source string
}

func (o *figureOptions) flags(verb *cobra.Command) {
	f := verb.Flags()
	f.StringVarP(&o.workspace, "workspace", "w", ".", "folder of the *.hcl files, with --data or --events")
	f.StringVar(&o.data, "data", "", "state folder of a server that does not run, instead of asking one")
	f.StringVar(&o.events, "events", "", "NDJSON file of recorded events to run the workspace on, instead of asking a server")
	f.StringVar(&o.source, "source", "replay", "source name that --events are recorded under")
}

// funnelOptions are the flags of funnel.
type funnelOptions struct {
	figureOptions
	at                    whenFlag
	per, windows, by, svg string
	csv, cohorts          bool
}

func (c *cli) funnelVerb() *cobra.Command {
	o := funnelOptions{at: whenFlag{name: "at"}}
	verb := &cobra.Command{
		Use:   "funnel [NAME]",
		Short: "Show where a funnel stands against its goal",
		Long: `funnel divides the goal back by the expected rates: how many leads are needed at
each step, in all and by today, beside those that came. It names the bottleneck, and
what raising its rate alone would bring. The forecast is by who is on the way and how
long each step takes; who has not had that long is no failure.

It asks a running server; with --data it reads the state folder of a server that does
not run, with --events it runs the workspace on recorded events.`,
		Example: "  nurture funnel fy26_q3\n  nurture funnel fy26_q3 --at 2026-11-07 --svg funnel.svg\n  nurture funnel fy26_q3 --cohorts --windows 14,30,90,180\n  nurture funnel fy26_q3 --csv > funnel.csv",
		Args:    cobra.MaximumNArgs(1),
	}
	cl := c.serverFlags(verb)
	o.flags(verb)
	f := verb.Flags()
	f.Var(&o.at, "at", asOfUsage)
	f.StringVar(&o.per, "per", "month", "cut the calendar by day, week or month")
	f.StringVar(&o.windows, "windows", "14,30,90,180", "days within which cohorts are judged")
	f.StringVar(&o.by, "by", "", "only leads with this value of the funnel's attribute")
	f.BoolVar(&o.csv, "csv", false, "print a table for spreadsheets")
	f.BoolVar(&o.cohorts, "cohorts", false, "show leads by month, by attribute, and cohorts too")
	f.StringVar(&o.svg, "svg", "", "write a chart into this file")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		return c.funnel(cmd.Context(), cl, args, &o)
	}
	return verb
}

func (c *cli) funnel(ctx context.Context, cl *client, args []string, o *funnelOptions) error {
	switch o.per {
	case "day", "week", "month":
	default:
		return fmt.Errorf("funnel: --per is day, week or month, not %q", o.per)
	}
	if o.svg != "" && len(args) == 0 {
		return errors.New("funnel: name the funnel that --svg draws")
	}
	list, language, err := c.readFunnels(ctx, cl, args, o)
	if err != nil {
		return err
	}
	language = c.language(language)
	if o.svg != "" {
		if err := os.WriteFile(o.svg, []byte(httpd.FunnelSVG(&list[0], language)), 0o644); err != nil {
			return fmt.Errorf("write the chart: %w", err)
		}
	}
	switch {
	case c.json:
		return c.print(map[string]any{"ok": true, "funnels": list})
	case o.csv:
		for i := range list {
			if err := httpd.WriteFunnelCSV(c.out, &list[i]); err != nil {
				return fmt.Errorf("write the table: %w", err)
			}
		}
		return nil
	}
	if len(list) == 0 {
		fmt.Fprintln(c.out, words(language, "The rules have no funnel.", "ルールにファネルはありません。"))
	}
	for i := range list {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		c.printFunnel(language, &list[i], o.cohorts)
	}
	return nil
}

// readFunnels gives the named funnel, or all of them.
func (c *cli) readFunnels(ctx context.Context, cl *client, args []string, o *funnelOptions) ([]httpd.FunnelDoc, string, error) {
	windows, ok := httpd.ParseWindows(o.windows)
	if !ok {
		return nil, "", errors.New("funnel: --windows are whole numbers of days above 0, at most eight of them, as in 14,30,90,180")
	}
	if o.data == "" && o.events == "" {
		list, err := c.askFunnels(ctx, cl, args, o)
		return list, "", err
	}
	f, err := c.openFigures(o.figureOptions)
	if err != nil {
		return nil, "", err
	}
	defer f.close()
	spec := f.program.Spec()
	ask := httpd.FunnelAsk{Per: o.per, Windows: windows, By: o.by}
	if ask.At, err = c.asOf(&o.at, spec.Zone, f.now); err != nil {
		return nil, "", err
	}
	names := args
	if len(names) == 0 {
		for i := range spec.Funnels {
			names = append(names, spec.Funnels[i].Name)
		}
	}
	var list []httpd.FunnelDoc
	for _, name := range names {
		doc, err := httpd.ReadFunnel(f.program, f.counts, name, ask)
		if err != nil {
			return nil, "", err
		}
		list = append(list, doc)
	}
	return list, spec.Language, nil
}

func (c *cli) askFunnels(ctx context.Context, cl *client, args []string, o *funnelOptions) ([]httpd.FunnelDoc, error) {
	q := url.Values{"per": {o.per}, "windows": {o.windows}}
	if o.by != "" {
		q.Set("by", o.by)
	}
	at, err := c.typed(&o.at)
	if err != nil {
		return nil, err
	}
	q.Set("at", string(at))
	if len(args) == 0 {
		var all httpd.FunnelList
		err := cl.call(ctx, http.MethodGet, "/api/v1/funnels?"+q.Encode(), nil, &all)
		return all.Funnels, err
	}
	var one httpd.FunnelDoc
	err = cl.call(ctx, http.MethodGet, "/api/v1/funnels/"+url.PathEscape(args[0])+"?"+q.Encode(), nil, &one)
	return []httpd.FunnelDoc{one}, err
}

// figures is where figures are read without a server.
type figures struct {
	program *engine.Program
	counts  httpd.Counts
	people  httpd.People
	ledger  *store.Store // nil for recorded events
	now     engine.Time
	close   func()
}

// openFigures opens a state folder that no server holds, or runs recorded events.
func (c *cli) openFigures(o figureOptions) (*figures, error) {
	w, err := c.load(o.workspace, loadOptions{quiet: true})
	if err != nil {
		return nil, err
	}
	p, err := w.program(1)
	if err != nil {
		return nil, err
	}
	if o.events != "" {
		return c.recordedFigures(p, o)
	}
	if _, err := os.Stat(filepath.Join(o.data, "FORMAT")); err != nil {
		return nil, fmt.Errorf("open the state: %s is no state folder of a server: %w", o.data, err)
	}
	st, err := store.Open(store.Options{Dir: o.data, Ballast: ballastOf(o.data)})
	if err != nil {
		return nil, err
	}
	f := &figures{program: p, counts: st.Counts, people: st, ledger: st, now: engine.TimeOf(time.Now())}
	f.close = func() { _ = st.Close() } // it was only read
	return f, nil
}

// recordedFigures runs the workspace on recorded events and keeps what it counts.
func (c *cli) recordedFigures(p *engine.Program, o figureOptions) (*figures, error) {
	in := c.in
	if o.events != "-" {
		file, err := os.Open(o.events)
		if err != nil {
			return nil, fmt.Errorf("open the events: %w", err)
		}
		defer file.Close()
		in = file
	}
	quiet := *c
	quiet.out, quiet.json = io.Discard, false
	r := newReplay(&quiet, p)
	counted := newCounted(r)
	if err := r.run(in, o.source); err != nil {
		return nil, err
	}
	return &figures{
		program: p, counts: counted.counts, people: &recordedPeople{r.sim}, now: r.sim.Now(), close: func() {},
	}, nil
}

// printFunnel prints a funnel as a table, and what it comes to.
func (c *cli) printFunnel(language string, d *httpd.FunnelDoc, cohorts bool) {
	fmt.Fprintln(c.out, httpd.FunnelHead(d, language))
	table := httpd.FunnelTable(d, language)
	name := 0
	for _, row := range table {
		name = max(name, cells(row[0]))
	}
	right := func(text string, width int) string { return strings.Repeat(" ", max(1, width-cells(text))) + text }
	for i, row := range table {
		line := pad(row[0], name) + right(row[1], 10) + right(row[2], 12) + right(row[3], 10)
		if i == 0 {
			line += right(row[4], 9) + right(row[5], 7) + right(row[6], 10) + "   " + row[7]
		} else {
			line += right(row[4], 10) + right(row[5], 7) + right(row[6], 10) + "  " + row[7]
		}
		if row[8] != "" {
			line += "   " + row[8]
		}
		fmt.Fprintln(c.out, strings.TrimRight(line, " "))
	}
	fmt.Fprintln(c.out, strings.Join(httpd.FunnelSays(d, language), words(language, " ", "")))
	if !cohorts {
		return
	}
	fmt.Fprintln(c.out, "\n"+words(language, "Leads", "リード"))
	c.printRows(httpd.PartRows(d, d.Periods, words(language, "period", "期間")))
	if d.By != "" {
		fmt.Fprintln(c.out)
		c.printRows(httpd.PartRows(d, d.Parts, cmp.Or(d.ByLabel, d.By)))
	}
	fmt.Fprintln(c.out, "\n"+words(language, "Cohorts: who began then, and came to the end in time", "コホート: その期間に始まり、期間内に最後まで来た割合"))
	c.printRows(httpd.CohortRows(d, language))
	for i := range d.Steps {
		if lag := d.Steps[i].Lag; lag != nil {
			fmt.Fprintf(c.out, words(language, "%s → %s: median %.0f days, 90 %% within %.0f days\n", "%s → %s: 中央値 %.0f 日、90%% は %.0f 日以内\n"),
				d.Steps[i-1].Name, d.Steps[i].Name, wholeDays(lag.Median), wholeDays(lag.P90))
		}
	}
	c.printHoldouts(language, d.Holdouts)
}

// wholeDays are the full days of a length.
func wholeDays(days float64) float64 { return float64(int64(days)) }

// attributionOptions are the flags of attribution.
type attributionOptions struct {
	figureOptions
	model, by, within, halfLife string
	csv                         bool
}

func (c *cli) attributionVerb() *cobra.Command {
	var o attributionOptions
	verb := &cobra.Command{
		Use:   "attribution EVENT",
		Short: "Show what led to an event",
		Long: `attribution divides each result among what the lead met before it: messages that we
sent, clicks by people, visits. Models are first, last, linear, position (40 % to the
first, 40 % to the last) and decay. Credits add up to the results, but say nothing
about what would have happened without the touch; the hold-outs below them do.`,
		Example: "  nurture attribution deal_won --model linear --by source\n  nurture attribution inquiry --model decay --half-life 7d --by step --csv",
		Args:    cobra.ExactArgs(1),
	}
	cl := c.serverFlags(verb)
	o.flags(verb)
	f := verb.Flags()
	f.StringVar(&o.model, "model", string(kpi.Linear), "first, last, linear, position or decay")
	f.StringVar(&o.by, "by", "source", "source, medium, campaign, workflow, step, variant, tag, channel or kind")
	f.StringVar(&o.within, "within", "90d", "touches within this time before a result count")
	f.StringVar(&o.halfLife, "half-life", "7d", "of decay")
	f.BoolVar(&o.csv, "csv", false, "print a table for spreadsheets")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		return c.attribution(cmd.Context(), cl, args[0], &o)
	}
	return verb
}

func (c *cli) attribution(ctx context.Context, cl *client, event string, o *attributionOptions) error {
	event = strings.TrimPrefix(event, "event.")
	doc, language, err := c.readAttribution(ctx, cl, event, o)
	if err != nil {
		return err
	}
	switch {
	case c.json:
		return c.print(map[string]any{"ok": true, "attribution": doc})
	case o.csv:
		return httpd.WriteAttributionCSV(c.out, &doc)
	}
	language = c.language(language)
	fmt.Fprintf(c.out, words(language, "%s: %d results of %d leads, %d without a touch within %s; model %s\n", "%s: 成果 %d 件（リード %d 人）、接点なし %d 件（%s以内）、モデル %s\n"),
		doc.Event, doc.Results, doc.Leads, doc.Untold, doc.Within, doc.Model)
	rows := [][]string{{doc.By, words(language, "credit", "配分"), words(language, "share", "割合"), words(language, "results", "関わった成果")}}
	for i := range doc.Credits {
		d := &doc.Credits[i]
		rows = append(rows, []string{d.Name, fmt.Sprintf("%.1f", d.Credit), percent(d.Share), fmt.Sprint(d.Results)})
	}
	c.printRows(rows)
	c.printHoldouts(language, doc.Holdouts)
	return nil
}

func (c *cli) readAttribution(ctx context.Context, cl *client, event string, o *attributionOptions) (doc httpd.AttributionDoc, language string, err error) {
	if o.data == "" && o.events == "" {
		q := url.Values{"model": {o.model}, "by": {o.by}, "within": {o.within}, "half_life": {o.halfLife}}
		err = cl.call(ctx, http.MethodGet, "/api/v1/attribution/"+url.PathEscape(event)+"?"+q.Encode(), nil, &doc)
		return doc, "", err
	}
	f, err := c.openFigures(o.figureOptions)
	if err != nil {
		return doc, "", err
	}
	defer f.close()
	ask := httpd.AttributionAsk{Model: kpi.Model(o.model), By: o.by, Now: f.now}
	if ask.Within, err = spanFlag("within", o.within); err != nil {
		return doc, "", err
	}
	if ask.HalfLife, err = spanFlag("half-life", o.halfLife); err != nil {
		return doc, "", err
	}
	doc, err = httpd.ReadAttribution(f.program, f.people, f.counts, event, ask)
	return doc, f.program.Spec().Language, err
}

// spanFlag reads a length of time of a flag, "" for none.
func spanFlag(name, text string) (engine.Span, error) {
	if text == "" {
		return 0, nil
	}
	span, ok := httpd.Length(text)
	if !ok {
		return 0, fmt.Errorf("--%s is a length of time as in 90d or 12h, not %q", name, text)
	}
	return span, nil
}
