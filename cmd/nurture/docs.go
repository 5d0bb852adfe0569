package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/docs"
	"github.com/seed-456efde2/nurture/dsl"
)

func (c *cli) docsVerb() *cobra.Command {
	var listen string
	var open bool
	verb := &cobra.Command{
		Use:   "docs [TOPIC]",
		Short: "Read the documentation: in a browser, or a topic in the terminal",
		Long: `docs serves the whole documentation on this machine and prints its address. With a
TOPIC it prints what there is about a block (workflow), a step (wait), an attribute
(half_life), a fact or function (times), an event (email_clicked), a code (N103), a
verb (check) or a page (tutorial). It needs no network.`,
		Example: "  nurture docs\n  nurture docs wait\n  nurture docs score.half_life --lang ja\n  nurture docs N103",
		Args:    cobra.MaximumNArgs(1),
	}
	verb.Flags().StringVar(&listen, "listen", "127.0.0.1:8484", "address to listen on, of this machine; another port is taken when it is in use")
	verb.Flags().BoolVar(&open, "open", false, "show it in a browser")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return c.docsTopic(args[0])
		}
		return c.docsServe(cmd.Context(), listen, open)
	}
	verb.AddCommand(c.docsSchemaVerb(), c.docsGenerateVerb())
	return verb
}

func (c *cli) docsSchemaVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of a workspace's files in HCL's JSON form",
		Long: `schema prints a JSON Schema (draft 2020-12) of the language in HCL's JSON form, for
editors and for programs that write rules. Descriptions are in both languages.`,
		Example: "  nurture docs schema > nurture.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			enc := json.NewEncoder(c.out)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			return enc.Encode(dsl.JSONSchema(dsl.DefaultCatalog()))
		},
	}
}

func (c *cli) docsGenerateVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "generate DIR",
		Short: "Write the reference in both languages, as Markdown",
		Long: `generate writes the reference of the language and of the commands to
DIR/en/reference and DIR/ja/reference. What the folders held before is replaced.`,
		Example: "  nurture docs generate docs",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			n := 0
			for _, language := range docs.Languages() {
				pages := referencePages(language)
				if err := writePages(filepath.Join(args[0], language, "reference"), pages); err != nil {
					return err
				}
				n += len(pages)
			}
			if c.json {
				return c.print(map[string]any{"ok": true, "pages": n})
			}
			_, err := fmt.Fprintf(c.out, words(c.language(""), "%d pages written\n", "%d ページを書きました\n"), n)
			return err
		},
	}
}

// referencePages are the generated pages of a language by their paths below
// reference/.
func referencePages(language string) map[string]string {
	out := map[string]string{}
	for _, p := range dsl.Reference(dsl.DefaultCatalog(), language) {
		out[p.Path] = p.Markdown
	}
	out["commands.md"] = commandsPage(language)
	out["api.md"] = httpd.APIReference(language)
	return out
}

// writePages makes the folder hold these pages and nothing else.
func writePages(dir string, pages map[string]string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clear the reference: %w", err)
	}
	for name, text := range pages {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("write the reference: %w", err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			return fmt.Errorf("write the reference: %w", err)
		}
	}
	return nil
}

// docsServe shows the documentation in browsers of this machine until ctx ends.
func (c *cli) docsServe(ctx context.Context, listen string, open bool) error {
	if !onLoopback(listen) {
		return fmt.Errorf("--listen %s: the documentation is for this machine; listen on 127.0.0.1", listen)
	}
	site, err := newDocsSite()
	if err != nil {
		return err
	}
	l, err := listenNear(listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", listen, err)
	}
	url := "http://" + l.Addr().String() + "/" + c.language("") + "/index"
	if err := c.docsWelcome(url); err != nil {
		return errors.Join(err, l.Close())
	}
	if open {
		openBrowser(url)
	}
	s := &http.Server{Handler: site.handler(), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	select {
	case err = <-done:
		return fmt.Errorf("serve the documentation: %w", err)
	case <-ctx.Done():
	}
	err = s.Shutdown(context.WithoutCancel(ctx))
	<-done
	return err
}

func (c *cli) docsWelcome(url string) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "url": url})
	}
	_, err := fmt.Fprintf(c.out, words(c.language(""), "documentation  %s\n", "ドキュメント  %s\n"), url)
	return err
}

// listenNear listens on an address, or on another port when it is in use.
func listenNear(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err == nil {
		return l, nil
	}
	host, _, bad := net.SplitHostPort(address)
	if bad != nil {
		return nil, err
	}
	return net.Listen("tcp", net.JoinHostPort(host, "0"))
}

// docsTopic prints what there is about a topic.
func (c *cli) docsTopic(asked string) error {
	language := c.language("")
	found, err := c.findTopics(asked, language)
	if err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"topics": found})
	}
	for i, t := range found {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		fmt.Fprintf(c.out, "%s  (%s)\n\n%s", topicName(&t), topicKind(t.Kind, language), inTerminal(t.Text))
	}
	return nil
}

// topicName is a topic with what it stands in: "workflow.steps.wait".
func topicName(t *dsl.Topic) string {
	switch t.Kind {
	case "block", "step", "attribute":
		return t.Path()
	case "code", "page", "fact", "operator":
		return t.Title
	}
	return t.Name
}

func topicKind(kind, language string) string {
	ja := map[string]string{
		"block": "ブロック", "step": "ステップ", "attribute": "項目", "plugin": "プラグイン", "value": "値の書き方",
		"fact": "事実", "operator": "記号", "function": "関数", "event": "イベント", "code": "コード", "verb": "コマンド", "page": "ページ",
	}
	return words(language, kind, ja[kind])
}

// findTopics finds the topics of that name: by their full names, else by their
// last names, else a page.
func (c *cli) findTopics(asked, language string) ([]dsl.Topic, error) {
	all := append(dsl.Topics(dsl.DefaultCatalog(), language), verbTopics(language)...)
	pages, err := pageTopics(language)
	if err != nil {
		return nil, err
	}
	all = append(all, pages...)
	var byPath, byName []dsl.Topic
	var known []string
	for _, t := range all {
		if strings.EqualFold(t.Path(), asked) {
			byPath = append(byPath, t)
		}
		if strings.EqualFold(t.Name, asked) || strings.HasSuffix(strings.ToLower(t.Path()), "."+strings.ToLower(asked)) {
			byName = append(byName, t)
		}
		known = append(known, t.Name)
	}
	switch {
	case len(byName) > 0:
		return outermost(byName), nil
	case len(byPath) > 0:
		return byPath, nil
	}
	return nil, unknownTopic(asked, known, language)
}

// outermost leaves attributes out where something with a page of its own has the
// name: `nurture docs email` means the step, not a field of that name.
func outermost(found []dsl.Topic) []dsl.Topic {
	var own []dsl.Topic
	for _, t := range found {
		if t.Kind != "attribute" {
			own = append(own, t)
		}
	}
	if len(own) > 0 {
		return own
	}
	return sameOnce(found)
}

// sameOnce leaves out attributes that are told in the same words as one before:
// label means the same wherever it stands.
func sameOnce(found []dsl.Topic) []dsl.Topic {
	seen := map[string]bool{}
	var out []dsl.Topic
	for _, t := range found {
		if !seen[t.Text] {
			seen[t.Text] = true
			out = append(out, t)
		}
	}
	return out
}

func unknownTopic(asked string, known []string, language string) error {
	text := fmt.Sprintf(words(language, "there is no topic called %q", "「%s」という項目はありません"), asked)
	if near := dsl.Closest(asked, known); near != "" {
		text += words(language, "; did you mean "+near+"?", "。もしかして: "+near)
	} else {
		text += words(language, "; `nurture docs` shows all of them", "。`nurture docs` ですべて見られます")
	}
	return errors.New(text)
}

// pageTopics are the hand-written pages.
func pageTopics(language string) ([]dsl.Topic, error) {
	files, err := docs.Pages(language)
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		return nil, err
	}
	var out []dsl.Topic
	for _, name := range names {
		src, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the page %s: %w", name, err)
		}
		head, rest, _ := strings.Cut(string(src), "\n")
		out = append(out, dsl.Topic{
			Kind: "page", Name: strings.TrimSuffix(name, ".md"), Title: strings.TrimPrefix(head, "# "),
			Text: strings.TrimSpace(rest), Page: "../" + name,
		})
	}
	return out, nil
}
