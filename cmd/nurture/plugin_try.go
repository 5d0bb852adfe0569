package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/plugins/channel/channeltest"
)

func (c *cli) pluginTestVerb() *cobra.Command {
	var config string
	var patience time.Duration
	verb := &cobra.Command{
		Use: "test PROGRAM", Short: "Try a plugin's program, in whatever language, against the protocol",
		Long: `test starts the program many times and does to it what a server, a service and bad
luck do: wrong settings, batches, the same key twice, kills in the middle, calls
that take too long. It says of each trial whether the program passed. The plan is a
JSON file: the config, the parts of an action that succeeds, and what to hold;
$SERVICE in it is the address of a stand-in for your service, which this command
runs. Without --config it is conformance.json beside the program. Exit code 0: it
passed; 1: it did not.`,
		Example: "  nurture plugin test ./nurture-plugin-sms\n  nurture plugin test ./nurture-plugin-sms --config conformance.json --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.tryPlugin(cmd.Context(), args[0], config, patience)
		},
	}
	verb.Flags().StringVar(&config, "config", "", "file with the plan of the trials (default: conformance.json beside the program)")
	verb.Flags().DurationVar(&patience, "patience", 10*time.Second, "how long anything may take")
	return verb
}

func (c *cli) tryPlugin(ctx context.Context, program, config string, patience time.Duration) error {
	program, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	if info, err := os.Stat(program); err != nil || info.IsDir() || info.Mode().Perm()&0o111 == 0 {
		return fmt.Errorf("%s is not a program that can be run; name the program itself, and let it be executable (chmod +x)", program)
	}
	if config == "" {
		config = filepath.Join(filepath.Dir(program), "conformance.json")
	}
	service, err := channeltest.StartService()
	if err != nil {
		return err
	}
	defer func() { _ = service.Close() }()
	plan, err := readPlan(config, program, service)
	if err != nil {
		return err
	}
	plan.Patience = patience
	lang := c.language("")
	tell := func(r channeltest.Result) { c.tellTrial(lang, r) }
	if c.json {
		tell = nil
	}
	report, err := channeltest.Examine(ctx, plan, tell)
	if err != nil {
		return err
	}
	return c.tellReport(lang, report)
}

func readPlan(path, program string, service *channeltest.Service) (channeltest.Plan, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return channeltest.Plan{}, fmt.Errorf("there is no plan %s; write one: "+
			`{"config": {"url": "$SERVICE"}, "parts": {"text": "Hello {n}"}, "hold": {"text": "$HOLD"}}, or name it with --config`, path)
	}
	if err != nil {
		return channeltest.Plan{}, err
	}
	defer f.Close()
	plan, err := channeltest.ReadPlan(f, []string{program}, service)
	if err != nil {
		return plan, fmt.Errorf("plan %s: %w", path, err)
	}
	return plan, nil
}

// verdictMarks are a verdict at the beginning of a line.
var verdictMarks = map[channeltest.Verdict][2]string{
	channeltest.Passed:  {"ok  ", "合格"},
	channeltest.Failed:  {"FAIL", "失敗"},
	channeltest.LeftOut: {"-   ", "なし"},
}

func (c *cli) tellTrial(lang string, r channeltest.Result) {
	mark := verdictMarks[r.Verdict]
	line := words(lang, mark[0], mark[1]) + "  " + r.Name.In(lang)
	why := r.Why.In(lang)
	switch {
	case why == "":
	case r.Verdict == channeltest.LeftOut:
		line += words(lang, " ("+why+")", "（"+why+"）")
	default:
		line += "\n      " + strings.ReplaceAll(why, "\n", "\n      ")
	}
	fmt.Fprintln(c.out, line)
}

func (c *cli) tellReport(lang string, r channeltest.Report) error {
	passed, bad, left := r.Count(channeltest.Passed), r.Count(channeltest.Failed), r.Count(channeltest.LeftOut)
	switch {
	case c.json:
		if err := c.print(map[string]any{
			"ok": bad == 0, "plugin": r.Plugin, "version": r.Version, "trials": r.Results,
			"passed": passed, "failed": bad, "left_out": left,
		}); err != nil {
			return err
		}
	default:
		fmt.Fprintf(c.out, words(lang, "%s %s: %d passed, %d failed, %d left out\n", "%s %s: 合格 %d、失敗 %d、対象外 %d\n"),
			r.Plugin, r.Version, passed, bad, left)
	}
	if bad > 0 {
		return failed(exitFailed)
	}
	return nil
}
