package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) lifecycleVerb() *cobra.Command {
	var o figureOptions
	var over string
	verb := &cobra.Command{
		Use:   "lifecycle",
		Short: "Show the stages: who stands there, how long, who is overdue, who moved back and why",
		Long: `lifecycle shows for every stage how many leads stand there, how many came and left,
how long they stayed, and who has stayed longer than the stage's within allows; and
how often leads moved from one stage to another, with what moved them.`,
		Example: "  nurture lifecycle\n  nurture lifecycle --over 90d --json",
		Args:    cobra.NoArgs,
	}
	cl := c.serverFlags(verb)
	o.flags(verb)
	verb.Flags().StringVar(&over, "over", "", "only moves of this time, as in 90d")
	verb.RunE = func(cmd *cobra.Command, _ []string) error {
		doc, language, err := c.readLifecycle(cmd.Context(), cl, o, over)
		if err != nil {
			return err
		}
		if c.json {
			return c.print(map[string]any{"ok": true, "lifecycle": doc})
		}
		c.printLifecycle(c.language(language), &doc)
		return nil
	}
	return verb
}

func (c *cli) readLifecycle(ctx context.Context, cl *client, o figureOptions, over string) (doc httpd.LifecycleDoc, language string, err error) {
	span, err := spanFlag("over", over)
	if err != nil {
		return doc, "", err
	}
	if o.data == "" && o.events == "" {
		err = cl.call(ctx, http.MethodGet, "/api/v1/lifecycle?"+url.Values{"over": {over}}.Encode(), nil, &doc)
		return doc, "", err
	}
	f, err := c.openFigures(o)
	if err != nil {
		return doc, "", err
	}
	defer f.close()
	doc, err = httpd.ReadLifecycle(f.program, f.people, f.now, span)
	return doc, f.program.Spec().Language, err
}

func (c *cli) printLifecycle(language string, d *httpd.LifecycleDoc) {
	say := func(en, ja string) string { return words(language, en, ja) }
	if len(d.Stages) == 0 {
		fmt.Fprintln(c.out, say("The rules have no lifecycle.", "ルールにライフサイクルはありません。"))
		return
	}
	days := func(n *float64) string {
		if n == nil {
			return "-"
		}
		return fmt.Sprintf("%.1f", *n)
	}
	title := func(name string) string { return stageTitle(d, name) }
	rows := [][]string{{
		say("stage", "ステージ"), say("here", "現在"), say("came", "来た"), say("left", "出た"), say("back", "戻った"),
		say("median days", "中央値（日）"), say("p90", "90%（日）"), say("allowed", "許容"), say("overdue", "期限切れ"), say("in time", "期限内"),
	}}
	for i := range d.Stages {
		s := &d.Stages[i]
		kept := "-"
		if s.Kept != nil {
			kept = percent(*s.Kept)
		}
		allowed := s.Within
		if allowed == "" {
			allowed = "-"
		}
		rows = append(rows, []string{
			title(s.Name), fmt.Sprint(s.Here), fmt.Sprint(s.Entered), fmt.Sprint(s.Left), fmt.Sprint(s.Back), days(s.Median), days(s.P90), allowed, fmt.Sprint(s.Overdue), kept,
		})
	}
	c.printRows(rows)
	for i := range d.Moves {
		m := &d.Moves[i]
		arrow := "→"
		if m.Back {
			arrow = "↩"
		}
		fmt.Fprintf(c.out, "\n%s %s %s: %d\n", title(m.From), arrow, title(m.To), m.Count)
		for j := range m.Why {
			fmt.Fprintf(c.out, "  %6d  %s\n", m.Why[j].Count, m.Why[j].In(language))
		}
	}
	if len(d.Overdue) > 0 {
		fmt.Fprintln(c.out, "\n"+say("Overdue, the longest first", "期限切れ（長い順）"))
	}
	for i := range d.Overdue {
		o := &d.Overdue[i]
		fmt.Fprintf(c.out, "  %s  %s  %s\n", o.Lead, title(o.Stage), fmt.Sprintf(say("since %s, due %s", "%s から（期限 %s）"), c.local(*o.Since).Format(time.DateOnly), c.local(*o.Due).Format(time.DateOnly)))
	}
}

// stageTitle is what people call a stage.
func stageTitle(d *httpd.LifecycleDoc, name string) string {
	for i := range d.Stages {
		if s := &d.Stages[i]; s.Name == name && s.Label != "" {
			return s.Label
		}
	}
	return name
}
