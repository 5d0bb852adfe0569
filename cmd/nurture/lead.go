package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine/runner"
)

func (c *cli) leadVerb() *cobra.Command {
	verb := &cobra.Command{
		Use: "lead", Short: "Everything about a person, who is who, and forgetting", Args: cobra.NoArgs,
		Long: `lead asks a running server, or opens the state folder of one that does not run (--data).
LEAD is the internal id, a userId, an anonymousId or the value of the key attribute.`,
	}
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	verb.AddCommand(c.leadExportVerb(cl), c.leadForgetVerb(cl), c.leadForgottenVerb(cl), c.leadUnmergeVerb(cl), c.leadConflictsVerb(cl), c.leadSettleVerb(cl))
	return verb
}

func (c *cli) leadExportVerb(cl *client) *cobra.Command {
	var format, out string
	verb := &cobra.Command{
		Use: "export LEAD", Short: "Write everything that is known about a person", Args: cobra.ExactArgs(1),
		Long: `export answers somebody who asks what is known about them: names, attributes, every
fact, every decision with its reasons, the evidence of consents, messages that were
given up. As JSON for programs, as Markdown or HTML for people.`,
		Example: "  nurture lead export tanaka@example.co.jp --format html -o tanaka.html",
		RunE: func(cmd *cobra.Command, args []string) error {
			return cl.within(cmd.Context(), func() error { return c.exportLead(cmd.Context(), cl, args[0], format, out) })
		},
	}
	verb.Flags().StringVar(&format, "format", "", "json, md or html (default: as the file's name ends, else json)")
	verb.Flags().StringVarP(&out, "output", "o", "", "file to write (default: standard output)")
	return verb
}

func (c *cli) exportLead(ctx context.Context, cl *client, name, format, out string) error {
	if format == "" {
		format = "json"
		for _, f := range []string{"md", "html"} {
			if strings.HasSuffix(out, "."+f) {
				format = f
			}
		}
	}
	var doc httpd.PersonDoc
	if err := cl.call(ctx, http.MethodPost, "/api/v1/leads/export", httpd.LeadName{ID: name}, &doc); err != nil {
		return err
	}
	write := func(w io.Writer) error {
		switch format {
		case "md":
			_, err := io.WriteString(w, c.personMarkdown(&doc, c.language("")))
			return err
		case "html":
			return c.personHTML(w, &doc, c.language(""))
		case "json":
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(struct {
				Schema string           `json:"schema"`
				Person *httpd.PersonDoc `json:"person"`
			}{schemaVersion, &doc})
		}
		return fmt.Errorf("--format is json, md or html, not %q", format)
	}
	if out == "" {
		return write(c.out)
	}
	n, err := writeFile(out, write)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.err, words(c.language(""), "%s: %d bytes\n", "%s: %d バイト\n"), out, n)
	return nil
}

func (c *cli) leadForgetVerb(cl *client) *cobra.Command {
	var yes bool
	var file string
	verb := &cobra.Command{
		Use: "forget LEAD …", Short: "Erase what is known of people",
		Long: `forget erases people: their journal, attributes, messages and names, and whatever was
merged into them. Counters stay; they name nobody. A tombstone stays as well: what is
older than the erasure is not taken any more if it comes again, and who had
unsubscribed or complained is still not written to. It cannot be taken back.

Copies of the state folder still have what it had: see the manual on erasure.`,
		Example: "  nurture lead forget tanaka@example.co.jp\n  nurture lead forget --file erased.txt --yes --data restored",
		RunE: func(cmd *cobra.Command, args []string) error {
			if file != "" {
				more, err := leadsIn(file)
				if err != nil {
					return err
				}
				args = append(args, more...)
			}
			if len(args) == 0 {
				return fmt.Errorf("say whom to forget, or name a file with one a line (--file)")
			}
			if !yes && !c.sure(len(args)) {
				return fmt.Errorf("nobody was forgotten: this cannot be taken back, so confirm it, or say --yes")
			}
			return cl.within(cmd.Context(), func() error { return c.forget(cmd.Context(), cl, args) })
		},
	}
	verb.Flags().BoolVar(&yes, "yes", false, "do not ask")
	verb.Flags().StringVar(&file, "file", "", "file with one lead a line: what lead forgotten prints")
	return verb
}

// leadsIn are the first words of a file's lines.
func leadsIn(name string) ([]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read whom to forget: %w", err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			out = append(out, fields[0])
		}
	}
	return out, nil
}

// sure asks whoever sits at the terminal.
func (c *cli) sure(n int) bool {
	fmt.Fprintf(c.err, words(c.language(""), "Forget %s for ever? Type yes: ", "%s を完全に消去します。取り消しはできません。yes と入力してください: "),
		words(c.language(""), plural(n, "person", "people"), fmt.Sprintf("%d 人", n)))
	line, _ := bufio.NewReader(c.in).ReadString('\n') // the end of the input is a no
	return strings.TrimSpace(line) == "yes"
}

func (c *cli) forget(ctx context.Context, cl *client, names []string) error {
	var total runner.Forgotten
	unknown := 0
	for _, name := range names {
		var done runner.Forgotten
		err := cl.call(ctx, http.MethodPost, "/api/v1/leads/forget", httpd.LeadName{ID: name}, &done)
		if r, ok := err.(*refusal); ok && r.Status == http.StatusNotFound {
			unknown++
			continue
		}
		if err != nil {
			return err
		}
		total.Leads += done.Leads
		total.Names += done.Names
		total.Facts += done.Facts
		total.Letters += done.Letters
		total.Refused += done.Refused
	}
	if c.json {
		if err := c.print(map[string]any{"ok": unknown == 0, "asked": len(names), "unknown": unknown, "forgotten": total}); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(c.out, words(c.language(""),
			"%d asked, %d unknown. Erased: %d leads, %d names, %d facts, %d dead letters, %d refused events.\n",
			"対象 %d 件（該当なし %d 件）。消去: リード %d、名前 %d、記録 %d、デッドレター %d、受付不可イベント %d\n"),
			len(names), unknown, total.Leads, total.Names, total.Facts, total.Letters, total.Refused)
	}
	if unknown > 0 {
		return failed(exitFailed)
	}
	return nil
}

func (c *cli) leadForgottenVerb(cl *client) *cobra.Command {
	return &cobra.Command{
		Use: "forgotten", Short: "List the tombstones of erased people", Args: cobra.NoArgs,
		Long: `forgotten lists who was erased, by internal ids, which cannot be read back to people.
Keep the list beside backups: after one is restored, forget them again with
lead forget --file.`,
		Example: "  nurture lead forgotten > erased.txt",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cl.within(cmd.Context(), func() error {
				var list httpd.ForgottenList
				if err := cl.call(cmd.Context(), http.MethodGet, "/api/v1/leads/forgotten", nil, &list); err != nil {
					return err
				}
				if c.json {
					return c.print(map[string]any{"ok": true, "forgotten": list.Leads})
				}
				for _, l := range list.Leads {
					fmt.Fprintf(c.out, "%s  %s\n", l.ID, c.local(l.At).Format(time.RFC3339))
				}
				return nil
			})
		},
	}
}
