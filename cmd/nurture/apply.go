package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) applyVerb() *cobra.Command {
	var now bool
	var why string
	verb := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Put planned rules in force",
		Long: `apply puts the rules of a plan in force on the running server, exactly as plan showed
them. It refuses a plan that is stale: the running rules are others by now, or the
proposed ones mean something else where the server runs. Make a new plan then.

Where the rules have a rollout block the change goes live step by step, as rollout
shows. --now lets it go live at once; who does that says why, and it is kept.

The rules stay in force, through restarts too, until the files that the server watches
say something else than they do now.`,
		Example: "  nurture plan ./rules --out change.plan\n  nurture apply change.plan --server https://nurture.example.co.jp\n  nurture apply change.plan --now --why \"the form is broken\"",
		Args:    cobra.ExactArgs(1),
	}
	cl := c.serverFlags(verb)
	verb.Flags().BoolVar(&now, "now", false, "let the change go live at once, without its rollout")
	verb.Flags().StringVar(&why, "why", "", "with --now: the reason, which is kept")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		if now && why == "" {
			return errors.New("--now skips the rollout: say why with --why \"…\"")
		}
		return c.apply(cmd.Context(), cl, args[0], now, why)
	}
	return verb
}

func (c *cli) apply(ctx context.Context, cl *client, name string, now bool, why string) error {
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
		Now    bool   `json:"now,omitempty"`
		Why    string `json:"why,omitempty"`
	}{httpd.SourceFiles{Sources: plan.Sources}, doc.Running.Digest, doc.Proposed.Digest, now, why}
	if err := cl.call(ctx, http.MethodPost, "/api/v1/apply", ask, &done); err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "changed": true, "revision": done.Revision, "digest": done.Digest, "rollout": done.Rollout})
	}
	if done.Rollout {
		_, err = fmt.Fprintln(c.out, words(lang, "The change goes live step by step: nurture rollout shows how it stands.", "変更は順に本番になります。状況は nurture rollout で確認できます。"))
		return err
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
