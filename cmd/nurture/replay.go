package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// replay runs a workspace on recorded events, on the virtual clock.
type replay struct {
	c        *cli
	out      *bufio.Writer
	sim      *sim.Sim
	program  *engine.Program
	users    map[engine.LeadID]string
	kinds    map[string]int
	kpis     map[string][2]int64
	listen   func(engine.Delta) // hears of all counters; nil: nobody does
	events   int
	repeated int
	problems int
	first    engine.Time
}

func (c *cli) replayVerb() *cobra.Command {
	var o judgeOptions
	verb := &cobra.Command{
		Use:   "replay WORKSPACE",
		Short: "Run a workspace on what was recorded",
		Long: `replay runs the workspace on recorded events, on a virtual clock that follows the
events' own times. Channels are replaced by recorders that accept everything. With
--json it prints one object a line: the schema's version first, a summary last.

With --outcome, --against, --last or a recorded state (--data, --backup, --live) it
judges the toss-ups by what came of the leads: how many of those handed over had the
outcome (precision), how many of all outcomes were handed over before (recall), and
how long before (lead time). --against compares two sets of rules lead by lead. Leads
are run side by side on all cores. What a replay cannot know, it says.`,
		Example: "  nurture replay . --events events.ndjson.gz --json\n" +
			"  nurture replay . --events events.ndjson.gz --outcome event.deal_won\n" +
			"  nurture replay ./proposed --live --against ./rules --last 90d",
		Args: cobra.ExactArgs(1),
	}
	cl := c.serverFlags(verb)
	o.flags(verb)
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		return c.replayOrJudge(cmd.Context(), cl, args[0], &o)
	}
	return verb
}

// replayFile prints what the rules would have done with a file of events.
func (c *cli) replayFile(dir string, o *judgeOptions) error {
	w, err := c.load(dir, loadOptions{})
	if err != nil {
		return err
	}
	p, err := w.program(1)
	if err != nil {
		return err
	}
	in := c.in
	if o.events != "-" {
		f, err := os.Open(o.events)
		if err != nil {
			return fmt.Errorf("open the events: %w", err)
		}
		defer f.Close()
		in = f
	}
	return newReplay(c, p).run(in, o.source)
}

func newReplay(c *cli, p *engine.Program) *replay {
	r := &replay{
		c: c, out: bufio.NewWriterSize(c.out, 1<<16), program: p,
		users: map[engine.LeadID]string{}, kinds: map[string]int{}, kpis: map[string][2]int64{},
	}
	r.sim = sim.New(p, sim.Options{OnFact: r.fact, OnCount: r.count})
	return r
}

// run reads events to the end and prints what they lead to.
func (r *replay) run(in io.Reader, source string) error {
	begin := time.Now()
	if err := r.line("version", map[string]any{"schema": schemaVersion}); err != nil {
		return err
	}
	err := intake.Lines(in, source, func(line int, e engine.Event, problem error) error {
		if problem == nil {
			problem = r.submit(e)
		}
		if problem == nil {
			return nil
		}
		r.problems++
		return r.line("problem", map[string]any{"line": line, "reason": problem.Error()})
	})
	if err != nil {
		return fmt.Errorf("read the events: %w", err)
	}
	if err := r.summary(time.Since(begin)); err != nil {
		return err
	}
	return r.out.Flush()
}

func (r *replay) submit(e engine.Event) error {
	if r.first == 0 {
		r.first = e.At
	}
	e.Received = 0 // wall time follows the events' own
	fresh, err := r.sim.Submit(e)
	if err != nil {
		return err
	}
	if !fresh {
		r.repeated++
		return nil
	}
	r.events++
	return nil
}

// fact prints what one row of a lead's journal decided.
func (r *replay) fact(lead engine.LeadID, row *engine.Fact) {
	if row.Event.User != "" {
		r.users[lead] = row.Event.User
	}
	name := r.users[lead]
	if name == "" {
		name = lead.String()
	}
	for i := range row.Decisions {
		d := &row.Decisions[i]
		object := map[string]any{"lead": name, "at": d.At.String(), "revision": row.Revision}
		kind := ""
		switch d.Kind {
		case engine.TossedUp:
			kind, object["toss_up"], object["message_id"] = "toss_up", d.Subject, d.Detail
			object["because"] = becauseOf(d)
		case engine.Sent:
			kind, object["channel"], object["key"] = "action", d.Subject, d.Action.String()
			object["workflow"], object["step"] = r.cause(d)
		case engine.Moved:
			kind, object["from"], object["to"] = "stage", d.Subject, d.Detail
		case engine.Skipped:
			kind, object["channel"], object["reason"] = "skip", d.Subject, d.Detail
		case engine.Fault:
			kind, object["rule"], object["detail"] = "fault", d.Subject, d.Detail
		default:
			continue
		}
		r.kinds[kind]++
		_ = r.line(kind, object) // a write that fails is told by Flush
	}
}

// cause names what sent a message: a workflow's step, or a toss-up, which has no
// workflow.
func (r *replay) cause(d *engine.Decision) (workflow, step string) {
	if workflow, step, ok := strings.Cut(d.Detail, "/"); ok {
		return workflow, step
	}
	return "", d.Detail
}

// becauseOf is the reasons of a decision as objects.
func becauseOf(d *engine.Decision) []map[string]any {
	reasons := make([]map[string]any, 0, len(d.Because))
	for _, b := range d.Because {
		facts := map[string]any{}
		for _, f := range b.Facts {
			facts[f.Name] = f.Value.Any(time.UTC)
		}
		reasons = append(reasons, map[string]any{"condition": b.Source, "holds": b.Holds, "facts": facts})
	}
	return reasons
}

func (r *replay) count(d engine.Delta) {
	if r.listen != nil {
		r.listen(d)
	}
	if len(d.Name) < 4 || d.Name[:4] != "kpi:" {
		return
	}
	sums := r.kpis[d.Name[4:]]
	sums[d.Part] += d.N
	r.kpis[d.Name[4:]] = sums
}

// kpiOf is a figure of the rules.
func kpiOf(p *engine.Program, name string) *engine.KPISpec {
	for i := range p.Spec().KPIs {
		if k := &p.Spec().KPIs[i]; k.Name == name {
			return k
		}
	}
	return nil
}

func (r *replay) summary(took time.Duration) error {
	kpis := map[string]any{}
	for name, sums := range r.kpis {
		k := map[string]any{"count": sums[0]}
		if spec := kpiOf(r.program, name); spec != nil && spec.Sum != nil {
			k = map[string]any{"sum": spec.Total(sums[0])}
		}
		if sums[1] > 0 {
			k["of"], k["rate"] = sums[1], float64(sums[0])/float64(sums[1])
		}
		kpis[name] = k
	}
	if r.c.json {
		return r.line("summary", map[string]any{
			"events": r.events, "duplicates": r.repeated, "problems": r.problems, "leads": len(r.sim.Leads()),
			"counts": r.kinds, "kpis": kpis, "from": r.first.String(), "to": r.sim.Now().String(), "seconds": took.Seconds(),
		})
	}
	lang := r.c.language(r.program.Spec().Language)
	fmt.Fprintf(r.out, words(lang, "%d events, %d leads, %s to %s, in %v\n", "イベント %d 件、リード %d 件、%s 〜 %s、所要 %v\n"),
		r.events, len(r.sim.Leads()), r.first.In(r.program.Spec().Zone).Format("2006-01-02"),
		r.sim.Now().In(r.program.Spec().Zone).Format("2006-01-02"), took.Round(time.Millisecond))
	for _, kind := range []struct{ name, en, ja string }{
		{"toss_up", "toss-ups", "トスアップ"},
		{"action", "messages", "送信"},
		{"stage", "stage moves", "ステージ移動"},
		{"skip", "messages not sent", "送らなかったもの"},
		{"fault", "conditions that could not be evaluated", "評価できなかった条件"},
	} {
		if n := r.kinds[kind.name]; n > 0 {
			fmt.Fprintf(r.out, "%8d %s\n", n, words(lang, kind.en, kind.ja))
		}
	}
	if r.problems+r.repeated > 0 {
		fmt.Fprintf(r.out, words(lang, "%8d lines that are not events, %d repeated\n", "%8d 行は不正、%d 行は重複\n"), r.problems, r.repeated)
	}
	return nil
}

// line prints one object, its type first; without --json only the summary speaks.
func (r *replay) line(kind string, object map[string]any) error {
	if !r.c.json {
		return nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(object); err != nil {
		return err
	}
	_, err := fmt.Fprintf(r.out, `{"type":%q,%s`, kind, b.Bytes()[1:])
	return err
}
