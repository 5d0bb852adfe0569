package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
)

// decisionsOptions say which decisions are listed.
type decisionsOptions struct {
	lead, rule, revision string
	since, until         whenFlag
	kinds                []string
	limit                int
	csv                  bool
}

func (c *cli) decisionsVerb() *cobra.Command {
	o := decisionsOptions{since: whenFlag{name: "since"}, until: whenFlag{name: "until"}}
	verb := &cobra.Command{
		Use: "decisions [LEAD]", Short: "List what was decided, and why", Args: cobra.MaximumNArgs(1),
		Long: `decisions lists the decision log, the latest first: of one lead, or of all. It can be
narrowed to kinds (tossed_up, skipped, postponed, enrolled, scored, …), to a rule (named
as explain takes it), to a revision of the rules and to a time. Of all leads every
journal is read, which takes a while; nurture export decisions writes all of them as a
table.

Reasons are kept for the time that serve was given with --decisions-keep. That
something was decided stays, because figures are counted from it; explain works the
reasons out again from the facts. decisions asks a running server, or opens the folder
of one that does not run (--data).`,
		Example: "  nurture decisions tanaka@example.co.jp\n  nurture decisions --kind tossed_up --since 2026-10-01\n" +
			"  nurture decisions --rule toss_up.hot_lead --revision r41 --json\n  nurture decisions user-123 --kind skipped,postponed --csv",
	}
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	flags := verb.Flags()
	flags.StringSliceVar(&o.kinds, "kind", nil, "only of these kinds, with commas between")
	flags.StringVar(&o.rule, "rule", "", "only about this rule, as toss_up.hot_lead")
	flags.StringVar(&o.revision, "revision", "", "only taken by this revision of the rules, as r41")
	flags.Var(&o.since, "since", sinceUsage)
	flags.Var(&o.until, "until", untilUsage)
	flags.IntVar(&o.limit, "limit", 100, "how many at most")
	flags.BoolVar(&o.csv, "csv", false, "write a table for spreadsheets")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			o.lead = args[0]
		}
		return cl.within(cmd.Context(), func() error { return c.decisions(cmd.Context(), cl, &o) })
	}
	return verb
}

// decisionsPage is how many decisions are asked for at once.
const decisionsPage = 1000

func (c *cli) askDecisions(o *decisionsOptions, lang string) (question, error) {
	if err := atMost("limit", o.limit, 1_000_000); err != nil {
		return nil, err
	}
	since, until, err := c.typedBoth(&o.since, &o.until)
	if err != nil {
		return nil, err
	}
	ask := question{}
	ask.say("lead", o.lead)
	ask.say("rule", o.rule)
	ask.say("lang", lang)
	ask.say("since", string(since))
	ask.say("until", string(until))
	if len(o.kinds) > 0 {
		ask["kinds"] = o.kinds
	}
	return ask, ask.revision(o.revision)
}

// decisions lists decisions, page by page.
func (c *cli) decisions(ctx context.Context, cl *client, o *decisionsOptions) error {
	ask, err := c.askDecisions(o, cl.lang())
	if err != nil {
		return err
	}
	all := httpd.DecisionsDoc{Decisions: []httpd.LoggedDoc{}}
	for len(all.Decisions) < o.limit {
		ask["limit"] = min(decisionsPage, o.limit-len(all.Decisions))
		var page httpd.DecisionsDoc
		if err := cl.call(ctx, http.MethodPost, "/api/v1/decisions", ask, &page); err != nil {
			return err
		}
		all.Decisions = append(all.Decisions, page.Decisions...)
		all.Next, all.KeptFrom, all.Expired = page.Next, page.KeptFrom, all.Expired+page.Expired
		if page.Next == "" {
			break
		}
		ask["after"] = page.Next
	}
	switch {
	case c.json:
		return c.print(map[string]any{"ok": true, "decisions": all.Decisions, "next": all.Next, "reasonsKeptFrom": all.KeptFrom, "reasonsExpired": all.Expired})
	case o.csv:
		return c.tableOfDecisions(&all)
	}
	c.printDecisions(&all)
	return nil
}

// tableOfDecisions writes decisions as CSV.
func (c *cli) tableOfDecisions(all *httpd.DecisionsDoc) error {
	w, err := lists.NewWriter(c.out, "csv", []lists.Column{
		{Name: "at", Kind: lists.Time},
		{Name: "lead"},
		{Name: "userId"},
		{Name: "decision"},
		{Name: "subject"},
		{Name: "detail"},
		{Name: "until", Kind: lists.Time},
		{Name: "points", Kind: lists.Number},
		{Name: "revision", Kind: lists.Number},
		{Name: "text"},
		{Name: "because"},
	})
	if err != nil {
		return err
	}
	instant := func(t *time.Time) any {
		if t == nil {
			return nil
		}
		return c.local(*t)
	}
	for i := range all.Decisions {
		d := &all.Decisions[i]
		because := ""
		switch {
		case d.Expired:
			because = words(c.language(""), "no longer kept", "保存期間が過ぎた")
		case len(d.Because) > 0:
			if text, err := json.Marshal(d.Because); err == nil {
				because = string(text)
			}
		}
		var points any
		if d.Points != 0 {
			points = d.Points
		}
		row := []any{instant(d.At), d.Lead, d.User, d.Kind, d.Subject, d.Detail, instant(d.Until), points, float64(d.Revision), d.Text, because}
		for j, cell := range row {
			if cell == "" {
				row[j] = nil
			}
		}
		if err := w.Row(row); err != nil {
			return err
		}
	}
	return w.Close()
}

func (c *cli) printDecisions(all *httpd.DecisionsDoc) {
	lang := c.language("")
	if len(all.Decisions) == 0 {
		fmt.Fprintln(c.out, words(lang, "Nothing of the kind was decided.", "あてはまる判断はありません。"))
	}
	for i := range all.Decisions {
		d := &all.Decisions[i]
		who := d.User
		if who == "" {
			who = d.Lead[:8]
		}
		fmt.Fprintf(c.out, "%s  %s  %s  r%d\n", c.stamp(d.At), pad(who, 16), d.Text, d.Revision)
		if d.Expired {
			fmt.Fprintf(c.out, "    %s\n", words(lang, "reasons are no longer kept; explain works them out again", "理由は保存期間が過ぎています。explain で計算し直せます"))
		}
		for _, b := range d.Because {
			fmt.Fprintf(c.out, "    %s %s\n", mark(b.Holds), strings.TrimRight(b.Condition+"  "+facts(b.Facts), " "))
		}
	}
	if all.Next != "" {
		fmt.Fprintln(c.err, words(lang, "There are older ones: raise --limit, or narrow by --since.", "これより古い判断があります。--limit を増やすか、--since で絞ってください。"))
	}
}
