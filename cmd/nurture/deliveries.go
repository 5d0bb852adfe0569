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

func (c *cli) deliveriesVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "deliveries",
		Short: "List, retry or discard messages that were given up",
		Args:  cobra.NoArgs,
	}
	cl := c.serverFlags(verb)
	verb.RunE = func(cmd *cobra.Command, _ []string) error { return c.listDead(cmd, cl) }
	verb.AddCommand(
		c.causesVerb(cl),
		c.letterVerb(cl, "retry [KEY]", "Give a message, or all of a cause, another round under the same key", http.MethodPost, "/retry", "goes again", "もう一度送ります"),
		c.letterVerb(cl, "discard [KEY]", "Forget a message, or all of a cause, that was given up", http.MethodDelete, "", "is discarded", "破棄しました"),
	)
	return verb
}

func (c *cli) letterVerb(cl *client, use, short, method, suffix, en, ja string) *cobra.Command {
	var choice httpd.DeadChoice
	verb := &cobra.Command{
		Use: use, Short: short, Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.doToCause(cmd, cl, choice, method == http.MethodPost)
			}
			if choice != (httpd.DeadChoice{}) {
				return errors.New("name a KEY or say which are meant, not both")
			}
			if err := cl.call(cmd.Context(), method, "/api/v1/dead/"+args[0]+suffix, nil, nil); err != nil {
				return err
			}
			if c.json {
				return c.print(map[string]any{"ok": true, "key": args[0]})
			}
			fmt.Fprintf(c.out, "%s %s\n", args[0], words(c.language(""), en, ja))
			return nil
		},
	}
	choiceFlags(verb, &choice)
	return verb
}

// listDead prints every dead letter, page by page.
func (c *cli) listDead(cmd *cobra.Command, cl *client) error {
	all := []httpd.DeadDoc{}
	after := ""
	for {
		var page httpd.DeadPage
		if err := cl.call(cmd.Context(), http.MethodGet, "/api/v1/dead?limit=1000&after="+after, nil, &page); err != nil {
			return err
		}
		all = append(all, page.Dead...)
		if after = page.Next; after == "" {
			break
		}
	}
	if c.json {
		b, err := json.Marshal(all)
		if err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
		return c.print(map[string]any{"dead": json.RawMessage(b)})
	}
	lang := c.language("")
	if len(all) == 0 {
		fmt.Fprintln(c.out, words(lang, "Nothing was given up.", "断念したメッセージはありません。"))
		return nil
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, words(lang, "KEY\tWHEN\tCHANNEL\tWHAT\tATTEMPTS\tOUTCOME\tWHY", "キー\t日時\tチャネル\t対象\t回数\t結果\t理由"))
	for _, d := range all {
		what := d.TossUp
		if what == "" {
			what = d.Workflow + "/" + d.Step
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s %s\n", d.Key, c.minute(d.At), d.Channel, what, d.Attempts, d.Outcome, d.Code, d.Detail)
	}
	return w.Flush()
}
