package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// exitChanged is the exit code of plan --detailed-exitcode that found changes.
const exitChanged = 2

// planOptions are the flags of plan.
type planOptions struct {
	data, backup       string
	replay, out        string
	detailed, markdown bool
}

func (c *cli) planVerb() *cobra.Command {
	var o planOptions
	verb := &cobra.Command{
		Use:   "plan WORKSPACE",
		Short: "Show what a change of rules would do, before it is live",
		Long: `plan compares the rules in the folder with those that run: what was changed, and what
that would do to the leads that there are. It counts who stands on a step that is
changed or gone, whose wait moves, who would be handed over, enter, move or leave at
once, which scores and segments flip, what would be sent in the next hour and whom a
closer cap keeps back. Nothing is changed.

With --replay the recorded events of a time are run under both rules, and the toss-ups
judged by what came of the leads.

The running server is asked; --data opens the folder of one that is not running, and
--backup a backup, whose leads are looked at as they were when it was made. --out keeps
the plan in a file for apply, which carries out exactly this plan or refuses.`,
		Example: "  nurture plan ./rules --replay 30d\n" +
			"  nurture plan ./rules --out change.plan --markdown > comment.md\n" +
			"  nurture plan ./rules --detailed-exitcode",
		Args: cobra.ExactArgs(1),
	}
	cl := c.serverFlags(verb)
	f := verb.Flags()
	f.StringVar(&o.data, "data", "", "state folder of a server that is not running")
	f.StringVar(&o.backup, "backup", "", "backup file of a server")
	f.StringVar(&o.replay, "replay", "", "run the recorded events of this time under both rules: 30d")
	f.StringVar(&o.out, "out", "", "file to keep the plan in, for apply")
	f.BoolVar(&o.detailed, "detailed-exitcode", false, "exit 2 when there are changes, 0 when there are none")
	f.BoolVar(&o.markdown, "markdown", false, "print the plan as a comment for a pull request")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		return c.plan(cmd.Context(), cl, args[0], &o)
	}
	return verb
}

func (c *cli) plan(ctx context.Context, cl *client, dir string, o *planOptions) error {
	w, err := c.load(dir, loadOptions{quiet: true})
	if err != nil {
		return err
	}
	lang := c.language(w.Spec.Language)
	doc, err := c.readPlan(ctx, cl, w, lang, o)
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := writePlan(o.out, doc, w.Sources); err != nil {
			return err
		}
	}
	switch {
	case c.json:
		err = c.print(map[string]any{"ok": len(doc.Refused) == 0, "changed": doc.Changed(), "plan": doc})
	case o.markdown:
		_, err = fmt.Fprint(c.out, httpd.PlanMarkdown(doc, lang))
	default:
		_, err = fmt.Fprint(c.out, httpd.PlanText(doc, lang))
	}
	switch {
	case err != nil:
		return err
	case len(doc.Refused) > 0:
		return failed(exitFailed)
	case o.detailed && doc.Changed():
		return failed(exitChanged)
	}
	return nil
}

func (c *cli) readPlan(ctx context.Context, cl *client, w *workspace, lang string, o *planOptions) (*httpd.PlanDoc, error) {
	span, err := spanFlag("replay", o.replay)
	if err != nil {
		return nil, err
	}
	if o.data == "" && o.backup == "" {
		doc := &httpd.PlanDoc{}
		ask := struct {
			httpd.SourceFiles
			Replay string `json:"replay,omitempty"`
			Lang   string `json:"lang,omitempty"`
		}{httpd.SourceFiles{Sources: w.Sources}, o.replay, lang}
		return doc, cl.stream(ctx, "/api/v1/plan", "plan", ask, doc, c.progress())
	}
	begin := time.Now()
	where := place{data: o.data, backup: o.backup}
	if err := where.atMostOne(); err != nil {
		return nil, err
	}
	past, err := c.openPast(&where, "")
	if err != nil {
		return nil, err
	}
	defer past.close()
	ask := httpd.PlanAsk{
		Rows: past.store, Proposed: w.Workspace, Now: engine.TimeOf(begin), End: past.to, Language: lang, Replay: span, Begin: lowPriority,
		Stopped: func() bool { return ctx.Err() != nil },
	}
	if p := c.progress(); p != nil {
		ask.Progress = func(_ string, done, of int) { p(done, of) }
	}
	if o.backup != "" {
		ask.Now = past.to
	}
	if err := lastRules(past.store, &ask); err != nil {
		return nil, err
	}
	doc, err := httpd.MakePlan(ask)
	if err != nil {
		return nil, err
	}
	doc.Seconds = time.Since(begin).Seconds()
	return doc, nil
}

// lastRules are the rules that a state folder's server ran last.
func lastRules(st *store.Store, ask *httpd.PlanAsk) error {
	last, err := liveRevision(st)
	if err != nil {
		return err
	}
	if last == nil {
		return errors.New("the state has no rules yet: a server has never run with it, so there is nothing to compare with")
	}
	w, err := archived(st, last.Number)
	if err != nil {
		return err
	}
	if ask.Running, err = w.program(last.Number); err != nil {
		return err
	}
	// What it is called must be what it was archived as, though the environment of
	// this verb may give other values than the server's.
	if ask.Running.Digest() != last.Digest {
		if ask.Running, err = engine.NewProgram(w.Spec, last.Digest, last.Number); err != nil {
			return err
		}
	}
	ruling, err := st.LastRuling()
	if err != nil {
		return err
	}
	if ruling != nil {
		ask.Running = ask.Running.Under(&ruling.Rulings)
	}
	ask.Since, ask.Sources = last.At, w.Sources
	return nil
}

// planFile is a plan as apply reads it.
type planFile struct {
	Format  string            `json:"format"`
	Plan    *httpd.PlanDoc    `json:"plan"`
	Sources map[string][]byte `json:"sources"`
}

// planFormat names the form of a plan file.
const planFormat = "nurture plan 1"

func writePlan(name string, doc *httpd.PlanDoc, sources map[string][]byte) error {
	b, err := json.MarshalIndent(planFile{planFormat, doc, sources}, "", "  ")
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	if err := os.WriteFile(name, append(b, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}
