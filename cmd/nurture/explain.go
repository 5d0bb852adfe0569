package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
)

func (c *cli) explainVerb() *cobra.Command {
	o := explainOptions{at: whenFlag{name: "at"}}
	verb := &cobra.Command{
		Use:   "explain LEAD or CODE [WHAT]",
		Short: "Tell why something was decided about a lead, or was not; or what an error code means",
		Long: `explain tells why a lead was or was not handed to sales, scored, staged, enrolled,
written to, skipped or put off: the conditions as sentences with the values that they
saw, the facts behind them, the file and line, the revision, what would change the
answer, and what was decided so far. LEAD is an internal id, a userId or the value of
the key attribute, an e-mail address as a rule. WHAT is toss_up.X, workflow.X, stage.X,
score.X, segment.X, channel.X, workflow.X.step.Y, or a name alone where only one thing
is called so; without it the lead is told of as a whole.

--at asks about an instant of the past: the lead's facts are folded again up to it,
under the rules that decided then; what is not known any more is told. --revision lets
another revision judge. What would change the answer is found by trying it on a copy of
the lead. CODE is that of a diagnostic, N021 for instance. explain asks a running
server, or opens the folder of one that does not run (--data).`,
		Example: "  nurture explain N021\n  nurture explain tanaka@example.co.jp\n  nurture explain tanaka@example.co.jp toss_up.hot_lead --lang ja\n" +
			"  nurture explain user-123 channel.mail --at 2026-10-03T09:00\n  nurture explain user-123 stage.mql --revision r41",
		Args: cobra.RangeArgs(1, 2),
	}
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	flags := verb.Flags()
	flags.IntVar(&o.facts, "facts", 50, "how many of the latest facts to show, of a lead as a whole")
	flags.Var(&o.at, "at", asOfUsage)
	flags.StringVar(&o.revision, "revision", "", "revision of the rules that judges, as r41 (default: the one that decided)")
	flags.IntVar(&o.decisions, "decisions", 10, "how many of the latest decisions to show")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		if errorCode.MatchString(args[0]) && len(args) == 1 {
			return c.explainCode(args[0])
		}
		o.lead = args[0]
		if len(args) == 2 {
			o.subject = args[1]
		}
		return cl.within(cmd.Context(), func() error { return c.explain(cmd.Context(), cl, &o) })
	}
	return verb
}

// errorCode is the form of a diagnostic's code.
var errorCode = regexp.MustCompile(`^N[0-9]{3}$`)

func (c *cli) explainCode(code string) error {
	language := c.language("")
	row, ok := dsl.Explain(code, language)
	if !ok {
		return fmt.Errorf("there is no code %s", code)
	}
	page, _ := dsl.CodePage(code, language)
	if c.json {
		return c.print(map[string]any{"code": row, "page": page})
	}
	_, err := fmt.Fprintf(c.out, "%s (%s): %s\n\n%s", row.ID, row.Severity, row.Summary, inTerminal(page))
	return err
}

// printLead writes how a lead stands.
func (c *cli) printLead(l *httpd.LeadDoc) {
	lang := c.language("")
	line := func(en, ja, format string, args ...any) {
		fmt.Fprintf(c.out, "%s %s\n", pad(words(lang, en, ja), 14), fmt.Sprintf(format, args...))
	}
	line("lead", "リード", "%s  %s", l.ID, l.User)
	if l.Stage != "" {
		line("stage", "ステージ", "%s%s", l.Stage, c.since(lang, l.StageSince))
	}
	for _, name := range slices.Sorted(maps.Keys(l.Attributes)) {
		line("  "+name, "  "+name, "%v", l.Attributes[name])
	}
	for _, s := range l.Scores {
		line("score "+s.Name, "スコア "+s.Name, "%.4g", s.Value)
	}
	if len(l.Segments) > 0 {
		line("segments", "セグメント", "%s", strings.Join(l.Segments, ", "))
	}
	for _, w := range l.Workflows {
		until := ""
		if w.Due != nil {
			until = words(lang, ", until ", "、期限 ") + c.stamp(w.Due)
		}
		line("in "+w.Workflow, w.Workflow, "%s%s%s", w.Step, c.since(lang, w.Reached), until)
	}
	for _, w := range l.Past {
		line("left "+w.Workflow, w.Workflow, "%s  %s", w.Exit, c.stamp(w.Left))
	}
	for _, o := range l.TossUps {
		line("toss-up", "トスアップ", "%s: %s%s", o.TossUp, o.State, c.since(lang, o.Since))
	}
	for _, p := range l.Pending {
		line("under way", "配信中", "%s %s%s: %s", p.Channel, p.Step, p.TossUp, p.State)
	}
}

func (c *cli) explainFact(f *httpd.FactDoc) {
	name := f.Name
	if name == "" {
		name = f.Kind
	}
	fmt.Fprintf(c.out, "%s  %s  r%d\n", c.stamp(f.At), name, f.Revision)
	for i := range f.Decisions {
		d := &f.Decisions[i]
		detail := strings.TrimSpace(d.Subject + " " + d.Detail)
		if d.Points != 0 {
			detail += " " + signed(d.Points)
		}
		if d.Until != nil {
			detail += " → " + c.stamp(d.Until)
		}
		fmt.Fprintf(c.out, "    %s  %s\n", pad(d.Kind, 10), detail)
		for _, b := range d.Because {
			mark := "✗"
			if b.Holds {
				mark = "✓"
			}
			fmt.Fprintf(c.out, "      %s %s  %s\n", mark, b.Condition, facts(b.Facts))
		}
	}
}

// facts writes what a condition saw: "score.interest = 79, lead.industry = saas".
func facts(saw map[string]any) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(saw)) {
		v := saw[name]
		if v == nil {
			v = "-"
		}
		list = append(list, fmt.Sprintf("%s = %v", name, v))
	}
	return strings.Join(list, ", ")
}

// pad fills a text up to a width in terminal cells.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-cells(s))) }

// cells is the width of a text in a terminal: East Asian wide letters take two.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
