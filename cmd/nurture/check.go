package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/dsl"
)

func (c *cli) checkVerb() *cobra.Command {
	var sarif, watch bool
	verb := &cobra.Command{
		Use:   "check [WORKSPACE]",
		Short: "Find what is wrong with a workspace before anything runs",
		Long: `check reads every *.hcl file and template of a workspace and reports all problems
of all files in one run, each at the words that cause it. With --sarif it writes
them in the form that code hosts show beside the lines (SARIF 2.1.0); with --watch
it goes on and checks again whenever a file changes, until Ctrl-C. Exit code 0: it
loads (there may be warnings and notes); 3: it does not.`,
		Example: "  nurture check\n  nurture check ./rules --lang ja\n  nurture check --sarif > nurture.sarif\n  nurture check --watch",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if sarif && (c.json || watch) {
				return errors.New("check: --sarif is a form of its own; leave --json and --watch out")
			}
			tell := c.tellCheck
			if sarif {
				tell = c.tellSARIF
			}
			if watch {
				return c.watchCheck(cmd.Context(), folder(args), time.After)
			}
			return c.checkOnce(folder(args), tell)
		},
	}
	verb.Flags().BoolVar(&sarif, "sarif", false, "write the problems as SARIF 2.1.0 on standard output")
	verb.Flags().BoolVar(&watch, "watch", false, "check again whenever a file changes, until Ctrl-C")
	return verb
}

// checkOnce checks a folder and tells what it found. w is nil where the folder
// does not load.
func (c *cli) checkOnce(dir string, tell func(dir string, w *workspace, problems dsl.Diagnostics) error) error {
	if err := isFolder(dir); err != nil {
		return &exit{code: exitInvalid, err: err}
	}
	begin := time.Now()
	loaded, problems := loadDir(dir, dsl.Options{Lookup: os.LookupEnv, Language: c.lang})
	problems.Language = c.language(problems.Language)
	var w *workspace
	if loaded != nil {
		w = &workspace{loaded, problems, time.Since(begin)}
		if _, err := w.program(1); err != nil {
			return err
		}
	}
	if err := tell(dir, w, problems); err != nil {
		return err
	}
	if w == nil {
		return failed(exitInvalid)
	}
	return nil
}

// tellCheck tells a check's result to a person, or as JSON.
func (c *cli) tellCheck(_ string, w *workspace, problems dsl.Diagnostics) error {
	if w == nil {
		_ = c.invalid(problems)
		return nil
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "problems": problems, "digest": w.Digest, "counts": w.Counts})
	}
	if len(problems.Items) > 0 {
		fmt.Fprintln(c.err, problems.Render())
	}
	fmt.Fprintln(c.out, w.sum())
	return nil
}

// watchCheck checks now and after every change, until ctx is done. It begins to
// watch before it checks, so that no change is missed.
func (c *cli) watchCheck(ctx context.Context, dir string, after func(time.Duration) <-chan time.Time) error {
	if err := isFolder(dir); err != nil {
		return &exit{code: exitInvalid, err: err}
	}
	ctx, stop := context.WithCancel(ctx)
	changed, err := dsl.Watch(ctx, dir, dsl.WatchOptions{After: after, Log: c.log})
	if err != nil {
		stop()
		return err
	}
	defer func() { // the watcher ends before the verb does
		stop()
		for range changed {
			continue
		}
	}()
	for {
		var known *exit
		if err := c.checkOnce(dir, c.tellCheck); err != nil && !errors.As(err, &known) {
			return err
		} else if known != nil && !known.said {
			c.complain(known)
		}
		if _, more := <-changed; !more {
			return nil
		}
		c.separate()
	}
}

// separate begins the next check: on a clean screen, or under a line where there
// is no terminal.
func (c *cli) separate() {
	switch {
	case c.json:
	case onTerminal(c.out):
		fmt.Fprint(c.out, "\x1b[H\x1b[2J\x1b[3J")
	default:
		fmt.Fprintln(c.out, strings.Repeat("─", 40))
	}
}

// onTerminal reports whether a person looks at what is written, and can see
// colours.
func onTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
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
