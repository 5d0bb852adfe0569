package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine/history"
)

// learnOptions are the flags of `learn`.
type learnOptions struct {
	httpd.LearnTerms
	dir   string
	place place
	write bool
}

func (c *cli) learnVerb() *cobra.Command {
	var o learnOptions
	verb := &cobra.Command{
		Use:   "learn TOSS_UP --outcome EVENT",
		Short: "Fit a score's points and threshold to what became of the leads",
		Long: `learn looks through what was recorded for the moments at which the toss-up could have
handed a lead over, and fits the points of the score that it compares, and the
threshold, to the outcome that came afterwards or did not.

The record is the running server's (--server, with a key of the scope rules), or that
of a server that does not run (--data), of a backup (--backup) or of a file of events
(--events). The same events teach the same, wherever they lie.

The earlier part of the record is learned from, the later part is only judged on; no
lead is in both. Rules that were known only with or after the outcome are refused.
Rules whose points are a formula stay as they are written. The threshold lets
through as many as today's rule does, or as many as sales can take (--capacity).

Both sets of rules are then replayed, and the change is shown as a difference of the
files; --write makes it.`,
		Example: "  nurture learn toss_up.hot_lead --outcome event.opportunity_created --since 1y\n" +
			"  nurture learn toss_up.hot_lead --backup nurture.backup --outcome event.deal_won\n" +
			"  nurture learn toss_up.hot_lead --events history.ndjson.gz --outcome event.deal_won --capacity 300 --write",
		Args: cobra.ExactArgs(1),
	}
	cl := c.serverFlags(verb)
	flags := verb.Flags()
	flags.StringVar(&o.dir, "workspace", ".", "folder of the rules")
	o.place.flags(flags)
	flags.StringVar(&o.Outcome, "outcome", "", "event that is the success: event.NAME (default: the toss-up's own success)")
	flags.StringVar(&o.Score, "score", "", "the score to fit, where the toss-up compares several")
	flags.StringVar(&o.Since, "since", "", "learn from this long before the end of the record only: 1y, 180d")
	flags.StringVar(&o.Within, "within", "", "the outcome counts within this time (default: the toss-up's own, else 60d)")
	flags.StringVar(&o.Notice, "notice", "1m", "what is known later than this before the outcome is of no use")
	flags.Float64Var(&o.Split, "split", 0.7, "share of the record, in order of time, to learn from")
	flags.IntVar(&o.Capacity, "capacity", 0, "leads that sales can take in the time that is learned from (default: as many as today)")
	flags.BoolVar(&o.write, "write", false, "write the points and the threshold into the files")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		o.TossUp = strings.TrimPrefix(args[0], "toss_up.")
		return c.learn(cmd.Context(), cl, &o)
	}
	return verb
}

func (c *cli) learn(ctx context.Context, cl *client, o *learnOptions) error {
	w, err := c.load(o.dir, loadOptions{quiet: true})
	if err != nil {
		return err
	}
	begin := time.Now()
	doc, err := c.readLesson(ctx, cl, w, o)
	if err != nil {
		return err
	}
	doc.Seconds = time.Since(begin).Seconds()
	if c.json {
		if err := c.print(map[string]any{"ok": true, "learn": doc, "diff": lessonDiff(doc, w.Sources)}); err != nil {
			return err
		}
	} else {
		c.printLesson(doc, w)
	}
	if !o.write || len(doc.Changes) == 0 {
		return nil
	}
	if !doc.Better {
		return fmt.Errorf("the learned points are not clearly better on the later leads (ahead in %s of resamplings, %s are asked for), so nothing was written; give it more outcomes, or rules that say more",
			percent(doc.Area.Ahead), percent(history.Better))
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Changes)) {
		if err := replaceFile(filepath.Join(o.dir, filepath.FromSlash(name)), doc.Changes[name]); err != nil {
			return err
		}
	}
	return nil
}

// readLesson learns from the record that was named, or lets the running server learn
// from its own.
func (c *cli) readLesson(ctx context.Context, cl *client, w *workspace, o *learnOptions) (*httpd.LearnDoc, error) {
	if err := o.place.atMostOne(); err != nil {
		return nil, err
	}
	if !o.place.named() {
		ask := struct {
			httpd.SourceFiles
			httpd.LearnTerms
		}{httpd.SourceFiles{Sources: w.Sources}, o.LearnTerms}
		doc := &httpd.LearnDoc{}
		return doc, cl.stream(ctx, "/api/v1/learn", "learn", ask, doc, c.progress())
	}
	past, err := c.openPast(&o.place, w.Spec.KeyAttr)
	if err != nil {
		return nil, err
	}
	defer past.close()
	return httpd.MakeLesson(httpd.LearnAsk{
		LearnTerms: o.LearnTerms, Source: past.source, Rules: w.Workspace,
		Load: func(sources map[string][]byte) (*dsl.Workspace, error) {
			changed, problems := readSources(sources, c.lang)
			if changed == nil {
				problems.Language = c.language(problems.Language)
				return nil, c.invalid(problems)
			}
			return changed, nil
		},
		Effort: history.Effort{Begin: lowPriority, Stopped: func() bool { return ctx.Err() != nil }, Progress: c.progress()},
	})
}

// lessonDiff is the change of all files, as a person reads it.
func lessonDiff(d *httpd.LearnDoc, sources map[string][]byte) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d.Changes)) {
		b.WriteString(unified(name, string(sources[name]), string(d.Changes[name]), false))
	}
	return b.String()
}
