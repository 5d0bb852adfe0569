package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// pausable is what the arguments of pause, resume and drain name.
const pausable = "[workflow NAME | step WORKFLOW/STEP | channel NAME | all]"

func (c *cli) pauseVerb() *cobra.Command {
	return c.stopVerb("pause", false, "Stop a workflow, a step, a channel or everything on a running server",
		`pause stops what it names, at once and over restarts: no step is taken and no
message goes, until resume. Whether waits go on meanwhile, and whether messages that
fell due are sent afterwards, is said by the workflow's own pause block. Without
arguments it lists what is paused.`)
}

func (c *cli) drainVerb() *cobra.Command {
	return c.stopVerb("drain", true, "Let nobody enter a workflow any more, on a running server",
		`drain lets nobody enter any more; who is inside goes on to the end. Without
arguments it lists what is paused.`)
}

// stopVerb is pause, or drain.
func (c *cli) stopVerb(use string, drain bool, short, long string) *cobra.Command {
	var why string
	what := pausable
	if drain {
		what = "[workflow NAME | all]"
	}
	verb := &cobra.Command{
		Use: use + " " + what, Short: short, Long: long, Args: cobra.MaximumNArgs(2),
		Example: fmt.Sprintf("  nurture %[1]s workflow after_download --why \"the offer is over\"\n  nurture %[1]s all", use),
	}
	cl := c.serverFlags(verb)
	verb.Flags().StringVar(&why, "why", "", "reason, for everybody who sees that it is paused")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		var list httpd.PauseList
		if len(args) == 0 {
			if err := cl.call(cmd.Context(), http.MethodGet, "/api/v1/pauses", nil, &list); err != nil {
				return err
			}
			return c.printPauses(&list)
		}
		scope, name, err := pauseArgs(args)
		if err != nil {
			return err
		}
		order := httpd.PauseOrder{Scope: scope, Name: name, Drain: drain, Why: why}
		if err := cl.call(cmd.Context(), http.MethodPost, "/api/v1/pauses", order, &list); err != nil {
			return err
		}
		return c.printPauses(&list)
	}
	return verb
}

func (c *cli) resumeVerb() *cobra.Command {
	verb := &cobra.Command{
		Use: "resume " + pausable, Short: "End a pause or a drain on a running server", Args: cobra.RangeArgs(1, 2),
		Long: `resume lets what it names go on. Every lead hears of it, not only those to whom
something happens; with many leads that takes a while, which status shows.`,
		Example: "  nurture resume workflow after_download\n  nurture resume all",
	}
	cl := c.serverFlags(verb)
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		scope, name, err := pauseArgs(args)
		if err != nil {
			return err
		}
		var list httpd.PauseList
		query := url.Values{"scope": {scope}, "name": {name}}
		if err := cl.call(cmd.Context(), http.MethodDelete, "/api/v1/pauses?"+query.Encode(), nil, &list); err != nil {
			return err
		}
		return c.printPauses(&list)
	}
	return verb
}

// pauseArgs reads what is to be paused.
func pauseArgs(args []string) (scope, name string, err error) {
	scope = args[0]
	switch scope {
	case "all":
		if len(args) == 1 {
			return scope, "", nil
		}
	case "workflow", "channel":
		if len(args) == 2 {
			return scope, args[1], nil
		}
	case "step":
		if len(args) == 2 && strings.Count(args[1], "/") == 1 {
			return scope, args[1], nil
		}
	}
	return "", "", fmt.Errorf("name what is meant: %s", strings.Trim(pausable, "[]"))
}

// printPauses tells what is paused.
func (c *cli) printPauses(list *httpd.PauseList) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "ruling": list.Ruling, "pauses": list.Pauses})
	}
	lang := c.language("")
	if len(list.Pauses) == 0 {
		fmt.Fprintln(c.out, words(lang, "Nothing is paused.", "一時停止中のものはありません。"))
	}
	for i := range list.Pauses {
		fmt.Fprintln(c.out, c.pauseText(lang, &list.Pauses[i]))
	}
	return nil
}

// pauseText is one pause for a person.
func (c *cli) pauseText(lang string, p *httpd.PauseDoc) string {
	ja := map[string]string{"all": "すべて", "workflow": "ワークフロー", "step": "ステップ", "channel": "チャネル"}
	en := map[string]string{"all": "everything", "workflow": "workflow", "step": "step", "channel": "channel"}
	text := strings.TrimSpace(words(lang, en[p.Scope], ja[p.Scope]) + " " + p.Name)
	if p.Drain {
		text += words(lang, ": nobody enters", "：新規受付を停止")
	} else {
		text += words(lang, ": paused", "：一時停止")
	}
	if p.Since != nil {
		text += words(lang, " since ", " ") + c.minute(p.Since) + words(lang, "", " から")
	}
	text += fmt.Sprintf(words(lang, ", %d leads inside", "、進行中 %d 件"), p.Inside)
	if p.Held > 0 {
		text += fmt.Sprintf(words(lang, ", %d messages held", "、保留中のメッセージ %d 件"), p.Held)
	}
	if p.Why != "" {
		text += words(lang, "; ", "。") + p.Why
	}
	if p.By != "" {
		text += " (" + p.By + ")"
	}
	return text
}
