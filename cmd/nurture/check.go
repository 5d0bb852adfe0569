package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
)

func (c *cli) checkVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "check [WORKSPACE]",
		Short: "Find what is wrong with a workspace before anything runs",
		Long: `check reads every *.hcl file and template of a workspace and reports all problems
of all files in one run, each at the words that cause it. Exit code 0: it loads
(there may be warnings and notes); 3: it does not.`,
		Example: "  nurture check\n  nurture check ./rules --lang ja",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			w, err := c.load(folder(args), loadOptions{})
			if err != nil {
				return err
			}
			if _, err := w.program(1); err != nil {
				return err
			}
			if c.json {
				return c.print(map[string]any{"ok": true, "problems": w.problems, "digest": w.Digest, "counts": w.Counts})
			}
			fmt.Fprintln(c.out, w.sum())
			return nil
		},
	}
}

// folder is the workspace that a verb's arguments name: the current one by
// default.
func folder(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

// sum is the last line of check: what there is, and whether all is well.
func (w *workspace) sum() string {
	n := w.Counts
	took := w.took.Round(time.Millisecond)
	verdict := words(w.problems.Language, "no problems", "問題ありません")
	if w.problems.Count(dsl.Warning) > 0 {
		verdict = problemCount(w.problems)
	}
	if w.problems.Language == "ja" {
		return fmt.Sprintf("ファイル %d、スコア %d、ワークフロー %d、条件 %d: %s（%v）", n.Files, n.Scores, n.Workflows, n.Conditions, verdict, took)
	}
	return fmt.Sprintf("%s: %s (%v)", strings.Join([]string{
		plural(n.Files, "file", "files"), plural(n.Scores, "score", "scores"),
		plural(n.Workflows, "workflow", "workflows"), plural(n.Conditions, "condition", "conditions"),
	}, ", "), verdict, took)
}
