package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// choiceFlags say which messages are meant, where no key does.
func choiceFlags(verb *cobra.Command, choice *httpd.DeadChoice) {
	flags := verb.Flags()
	flags.StringVar(&choice.Channel, "channel", "", "all that this channel gave up")
	flags.StringVar(&choice.Code, "code", "", "all that were given up for this reason, as causes lists them")
	flags.StringVar(&choice.Outcome, "outcome", "", "all with this outcome: retry, refused or unknown")
	flags.StringVar(&choice.Workflow, "workflow", "", "all of this workflow")
	flags.StringVar(&choice.TossUp, "toss-up", "", "all hand-overs of this toss-up")
	flags.BoolVar(&choice.All, "all", false, "everything that was given up")
}

func (c *cli) causesVerb(cl *client) *cobra.Command {
	return &cobra.Command{
		Use: "causes", Short: "Group the messages that were given up by channel, outcome and reason", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var doc httpd.CausesDoc
			if err := cl.call(cmd.Context(), http.MethodGet, "/api/v1/dead/causes", nil, &doc); err != nil {
				return err
			}
			return c.printCauses(doc)
		},
	}
}

func (c *cli) printCauses(doc httpd.CausesDoc) error {
	if c.json {
		b, err := json.Marshal(doc.Causes)
		if err != nil {
			return fmt.Errorf("write the causes: %w", err)
		}
		return c.print(map[string]any{"causes": json.RawMessage(b)})
	}
	lang := c.language("")
	if len(doc.Causes) == 0 {
		fmt.Fprintln(c.out, words(lang, "Nothing was given up.", "断念したメッセージはありません。"))
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, words(lang, "COUNT\tCHANNEL\tOUTCOME\tREASON\tLATEST\tFOR EXAMPLE", "件数\tチャネル\t結果\t理由\t最新\t例"))
	for _, g := range doc.Causes {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s %s\n", g.Count, g.Channel, outcomeWord(lang, g.Outcome), g.Code, c.minute(g.Last), g.Example, g.Detail)
	}
	return w.Flush()
}

// outcomeWord is an outcome as a person reads it.
func outcomeWord(lang, outcome string) string {
	switch outcome {
	case "retry":
		return words(lang, "tried in vain", "再試行しても失敗")
	case "refused":
		return words(lang, "refused", "拒否")
	case "unknown":
		return words(lang, "unknown: it may have arrived", "不明（届いた可能性あり）")
	}
	return outcome
}

// doToCause retries or discards the messages of a cause, at most ten thousand at a
// time: a retry that fails again is a new dead letter, and must not go round and
// round.
func (c *cli) doToCause(cmd *cobra.Command, cl *client, choice httpd.DeadChoice, retry bool) error {
	if choice == (httpd.DeadChoice{}) {
		return errors.New("say which messages are meant: a KEY, --channel, --code, --outcome, --workflow, --toss-up, or --all")
	}
	path := "/api/v1/dead/discard"
	if retry {
		path = "/api/v1/dead/retry"
	}
	choice.Limit = 10_000
	var done httpd.DeadDone
	if err := cl.call(cmd.Context(), http.MethodPost, path, choice, &done); err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "done": done.Done, "more": done.More})
	}
	lang := c.language("")
	said := words(lang, fmt.Sprintf("%d discarded", done.Done), fmt.Sprintf("%d件を破棄しました", done.Done))
	if retry {
		said = words(lang, fmt.Sprintf("%d go again", done.Done), fmt.Sprintf("%d件をもう一度送ります", done.Done))
	}
	if done.More {
		said += words(lang, "; there are more, run it again", "。まだ残っているので、もう一度実行してください")
	}
	fmt.Fprintln(c.out, said)
	return nil
}
