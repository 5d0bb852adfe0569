package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) applyVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Put planned rules in force",
		Long: `apply puts the rules of a plan in force on the running server, exactly as plan showed
them. It refuses a plan that is stale: the running rules are others by now, or the
proposed ones mean something else where the server runs. Make a new plan then.

The rules stay in force, through restarts too, until the files that the server watches
say something else than they do now.`,
		Example: "  nurture plan ./rules --out change.plan\n  nurture apply change.plan --server https://nurture.example.co.jp",
		Args:    cobra.ExactArgs(1),
	}
	cl := serverFlags(verb)
	verb.RunE = func(cmd *cobra.Command, args []string) error { return c.apply(cmd.Context(), cl, args[0]) }
	return verb
}

func (c *cli) apply(ctx context.Context, cl *client, name string) error {
	plan, err := readPlanFile(name)
	if err != nil {
		return err
	}
	doc := plan.Plan
	lang := c.language("")
	if !doc.Changed() {
		if c.json {
			return c.print(map[string]any{"ok": true, "changed": false, "revision": doc.Running.Revision})
		}
		fmt.Fprintln(c.out, words(lang, "No changes: nothing to apply.", "変更はないため、適用するものはありません。"))
		return nil
	}
	if len(doc.Refused) > 0 {
		return fmt.Errorf("the plan cannot be applied: leads stand on %s, which is gone; say where they go with moved { from to } and plan again", doc.Refused[0])
	}
	var done httpd.AppliedDoc
	ask := struct {
		httpd.SourceFiles
		Base   string `json:"base"`
		Digest string `json:"digest"`
	}{httpd.SourceFiles{Sources: plan.Sources}, doc.Running.Digest, doc.Proposed.Digest}
	if err := cl.call(ctx, http.MethodPost, "/api/v1/apply", ask, &done); err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "changed": true, "revision": done.Revision, "digest": done.Digest})
	}
	_, err = fmt.Fprintf(c.out, words(lang, "r%d is in force.\n", "r%d が有効になりました。\n"), done.Revision)
	return err
}

func readPlanFile(name string) (*planFile, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("open the plan: %w", err)
	}
	plan := &planFile{}
	if err := json.Unmarshal(b, plan); err != nil || plan.Format != planFormat || plan.Plan == nil || len(plan.Sources) == 0 {
		return nil, fmt.Errorf("%s is no plan: make one with nurture plan WORKSPACE --out %s", name, name)
	}
	return plan, nil
}
