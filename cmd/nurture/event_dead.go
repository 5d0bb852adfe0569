package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// deadFlags say which dead events a verb is about.
type deadFlags struct {
	source, code string
	all          bool
}

func (f *deadFlags) add(verb *cobra.Command) {
	verb.Flags().StringVar(&f.source, "source", "", "only those of this source")
	verb.Flags().StringVar(&f.code, "reason", "", "only those with this reason, as the list shows it")
}

func (c *cli) eventDeadVerb(cl *client) *cobra.Command {
	var f deadFlags
	var reveal bool
	var limit int
	verb := &cobra.Command{
		Use: "dead", Short: "Show the events that could not be taken", Args: cobra.NoArgs,
		Long: `dead lists what clients and services sent that is no event, newest first, with the
reason. What came in is personal data and shown with --reveal only. When a mapping or
the rules have changed, retry reads it again as of the time it came in; discard
forgets it.`,
		Example: "  nurture event dead\n  nurture event dead --source forms --reason no_map --reveal\n  nurture event dead retry --source forms",
		RunE: func(cmd *cobra.Command, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}, "source": {f.source}, "code": {f.code}, "raw": {strconv.FormatBool(reveal)}}
			var list httpd.BadEvents
			var counts httpd.DeadCounts
			if err := cl.call(cmd.Context(), http.MethodGet, "/api/v1/bad-events?"+query.Encode(), nil, &list); err != nil {
				return err
			}
			if err := cl.call(cmd.Context(), http.MethodGet, "/api/v1/bad-events/counts", nil, &counts); err != nil {
				return err
			}
			return c.printDead(&list, &counts)
		},
	}
	f.add(verb)
	verb.Flags().BoolVar(&reveal, "reveal", false, "show what came in: personal data")
	verb.Flags().IntVar(&limit, "limit", 50, "how many at most, up to 1000")
	verb.AddCommand(
		c.deadActVerb(cl, "retry", "redrive", "Read dead events again by the rules of now",
			`retry reads what could not be taken once more, by the mappings and rules of now and as
of the time it came in. What is taken leaves the list; the rest stays, and its reason
is told.`),
		c.deadActVerb(cl, "discard", "discard", "Forget dead events", `discard forgets what could not be taken. It cannot be brought back.`),
	)
	return verb
}

// deadActVerb is retry, or discard.
func (c *cli) deadActVerb(cl *client, use, path, short, long string) *cobra.Command {
	var f deadFlags
	verb := &cobra.Command{
		Use: use + " [NUMBER …]", Short: short, Long: long,
		Example: fmt.Sprintf("  nurture event dead %[1]s 17 18\n  nurture event dead %[1]s --source forms\n  nurture event dead %[1]s --all", use),
	}
	f.add(verb)
	verb.Flags().BoolVar(&f.all, "all", false, "all of them")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		which := httpd.DeadSelection{Source: f.source, Code: f.code, All: f.all || f.source != "" || f.code != ""}
		for _, arg := range args {
			n, err := strconv.ParseUint(arg, 10, 64)
			if err != nil {
				return fmt.Errorf("%q is not the number of a dead event; nurture event dead lists them", arg)
			}
			which.Seqs = append(which.Seqs, n)
		}
		if len(which.Seqs) == 0 && !which.All {
			return fmt.Errorf("say which: numbers, --source, --reason, or --all")
		}
		if len(which.Seqs) > 0 && which.All {
			return fmt.Errorf("numbers and --source, --reason or --all exclude each other")
		}
		total := httpd.DeadOutcome{Left: []httpd.DeadVerdict{}}
		for more := true; more; {
			var out httpd.DeadOutcome
			if err := cl.call(cmd.Context(), http.MethodPost, "/api/v1/bad-events/"+path, which, &out); err != nil {
				return err
			}
			total.Taken, total.Discarded, total.Left, more = total.Taken+out.Taken, total.Discarded+out.Discarded, out.Left, out.More
		}
		return c.printDeadOutcome(&total)
	}
	return verb
}

func (c *cli) printDead(list *httpd.BadEvents, counts *httpd.DeadCounts) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "total": counts.Total, "counts": counts.Counts, "events": list.Events, "next": list.Next})
	}
	lang := c.language("")
	if counts.Total == 0 {
		fmt.Fprintln(c.out, words(lang, "Everything that came in was taken.", "受け付けられなかったイベントはありません。"))
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, n := range counts.Counts {
		fmt.Fprintf(w, "%d\t%s\t%s\n", n.Count, n.Source, n.Code)
	}
	fmt.Fprintln(w)
	for i := range list.Events {
		e := &list.Events[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", e.Seq, c.stamp(e.At), e.Source, e.Code, e.Detail)
		if e.Raw != "" {
			fmt.Fprintf(w, "\t%s\n", e.Raw)
		}
	}
	return w.Flush()
}

func (c *cli) printDeadOutcome(out *httpd.DeadOutcome) error {
	lang := c.language("")
	switch {
	case c.json:
		if err := c.print(map[string]any{"ok": len(out.Left) == 0, "taken": out.Taken, "discarded": out.Discarded, "left": out.Left}); err != nil {
			return err
		}
	default:
		if out.Discarded > 0 {
			fmt.Fprintf(c.out, words(lang, "%d forgotten\n", "%d件を破棄しました\n"), out.Discarded)
		} else {
			fmt.Fprintf(c.out, words(lang, "%d taken, %d left\n", "%d件を受け付け、%d件が残りました\n"), out.Taken, len(out.Left))
		}
		for _, one := range out.Left {
			fmt.Fprintf(c.out, "  %d  %s  %s\n", one.Seq, one.Code, one.Detail)
		}
	}
	if len(out.Left) > 0 {
		return failed(exitFailed)
	}
	return nil
}
