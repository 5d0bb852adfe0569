package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
)

// reviewOptions are the flags of review.
type reviewOptions struct {
	figureOptions
	at       whenFlag
	zone     string
	md, html bool
}

func (c *cli) reviewVerb() *cobra.Command {
	o := reviewOptions{at: whenFlag{name: "at"}}
	verb := &cobra.Command{
		Use:   "review [NAME]",
		Short: "Make the report of a review now",
		Long: `review tells how the key figures stand against their targets and against the time
before, the funnels, the hand-overs to sales, the experiments, and which changes went
live, with the figures before and after each. It is what a review in the rules sends by
its schedule. --html gives a page with charts, for a browser or for paper.

It asks a running server; with --data it reads the state folder of a server that does
not run, with --events it runs the workspace on recorded events.`,
		Example: "  nurture review\n  nurture review weekly --html > review.html\n  nurture review weekly --json",
		Args:    cobra.MaximumNArgs(1),
	}
	cl := c.serverFlags(verb)
	o.flags(verb)
	f := verb.Flags()
	f.Var(&o.at, "at", asOfUsage)
	f.StringVar(&o.zone, "zone", "", "time zone in which instants are written, such as Asia/Tokyo (default: the project's)")
	f.BoolVar(&o.md, "md", false, "print Markdown, which is the default")
	f.BoolVar(&o.html, "html", false, "print a page")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		name := ""
		if len(args) == 1 {
			name = args[0]
		}
		return c.review(cmd.Context(), cl, name, &o)
	}
	return verb
}

func (c *cli) review(ctx context.Context, cl *client, name string, o *reviewOptions) error {
	if o.md && o.html {
		return errors.New("review: --md and --html are two forms; choose one")
	}
	zone, err := c.zoneNamed("zone", o.zone)
	if err != nil {
		return err
	}
	doc, spec, err := c.readReview(ctx, cl, name, o)
	if err != nil {
		return err
	}
	language := c.lang
	if spec != nil {
		language = spec.Language
	}
	zone = cmp.Or(zone, c.place())
	language = c.language(language)
	switch {
	case c.json:
		return c.print(map[string]any{"ok": true, "review": doc})
	case o.html:
		_, err = fmt.Fprintln(c.out, httpd.ReviewHTML(&doc, language, zone, false))
	default:
		_, err = fmt.Fprint(c.out, httpd.ReviewMarkdown(&doc, language, zone))
	}
	return err
}

// readReview makes the report, and gives the rules where they are at hand.
func (c *cli) readReview(ctx context.Context, cl *client, name string, o *reviewOptions) (doc httpd.ReviewDoc, spec *engine.Spec, err error) {
	if o.data == "" && o.events == "" {
		q := url.Values{}
		if name != "" {
			q.Set("name", name)
		}
		at, err := c.typed(&o.at)
		if err != nil {
			return doc, nil, err
		}
		q.Set("at", string(at))
		err = cl.call(ctx, http.MethodGet, "/api/v1/review?"+q.Encode(), nil, &doc)
		return doc, nil, err
	}
	f, err := c.openFigures(o.figureOptions)
	if err != nil {
		return doc, nil, err
	}
	defer f.close()
	at, err := c.asOf(&o.at, f.program.Spec().Zone, f.now)
	if err != nil {
		return doc, nil, err
	}
	review, err := httpd.FindReview(f.program, name)
	if err != nil {
		return doc, nil, err
	}
	var ledger httpd.ReviewLedger
	if f.ledger != nil {
		ledger = f.ledger
	}
	doc, err = httpd.ReadReview(f.program, f.counts, ledger, review, at)
	return doc, f.program.Spec(), err
}

// reporter makes the reports of reviews for the runner, from what a store has.
func reporter(st *store.Store) runner.Reporter {
	return func(_ context.Context, p *engine.Program, r *engine.ReviewSpec, at engine.Time) ([]engine.Field, error) {
		doc, err := httpd.ReadReview(p, st.Counts, st, r, at)
		if err != nil {
			return nil, err
		}
		return httpd.ReviewParts(&doc, r, p.Spec().Language, p.Spec().Zone)
	}
}
