package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/width"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
)

func (c *cli) explainVerb() *cobra.Command {
	verb := &cobra.Command{
		Use:   "explain LEAD or CODE",
		Short: "Tell what was decided about a lead, and why; or what an error code means",
		Long: `explain shows where a lead stands and what was decided about it, newest first: each
fact, what followed from it, the conditions with the values that they saw, and
the revision of the rules that decided. LEAD is an internal id, a userId or the
value of the key attribute, an e-mail address as a rule. CODE is that of a
diagnostic, N021 for instance.`,
		Example: "  nurture explain N021\n  nurture explain tanaka@example.co.jp\n  nurture explain user-123 --facts 200 --lang ja",
		Args:    cobra.ExactArgs(1),
	}
	cl := serverFlags(verb)
	facts := verb.Flags().Int("facts", 50, "how many of the latest facts to show")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		if errorCode.MatchString(args[0]) {
			return c.explainCode(args[0])
		}
		var raw json.RawMessage
		ask := map[string]any{"id": args[0], "facts": *facts}
		if err := cl.call(cmd.Context(), http.MethodPost, "/api/v1/leads/find", ask, &raw); err != nil {
			return err
		}
		if c.json {
			return c.print(map[string]any{"lead": raw})
		}
		var lead httpd.LeadDoc
		if err := json.Unmarshal(raw, &lead); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		c.explainLead(&lead)
		return nil
	}
	return verb
}

// errorCode is the form of a diagnostic's code.
var errorCode = regexp.MustCompile(`^N[0-9]{3}$`)

func (c *cli) explainCode(code string) error {
	language := c.language("")
	row, ok := dsl.Explain(code, language)
	if !ok {
		return fmt.Errorf("there is no code %s", code)
	}
	page, _ := dsl.CodePage(code, language)
	if c.json {
		return c.print(map[string]any{"code": row, "page": page})
	}
	_, err := fmt.Fprintf(c.out, "%s (%s): %s\n\n%s", row.ID, row.Severity, row.Summary, inTerminal(page))
	return err
}

// explainLead writes a lead for a person.
func (c *cli) explainLead(l *httpd.LeadDoc) {
	lang := c.language("")
	line := func(en, ja, format string, args ...any) {
		fmt.Fprintf(c.out, "%s %s\n", pad(words(lang, en, ja), 14), fmt.Sprintf(format, args...))
	}
	line("lead", "リード", "%s  %s", l.ID, l.User)
	if l.Stage != "" {
		line("stage", "ステージ", "%s%s", l.Stage, since(lang, l.StageSince))
	}
	for _, name := range slices.Sorted(maps.Keys(l.Attributes)) {
		line("  "+name, "  "+name, "%v", l.Attributes[name])
	}
	for _, s := range l.Scores {
		line("score "+s.Name, "スコア "+s.Name, "%.4g", s.Value)
	}
	if len(l.Segments) > 0 {
		line("segments", "セグメント", "%s", strings.Join(l.Segments, ", "))
	}
	for _, w := range l.Workflows {
		until := ""
		if w.Due != nil {
			until = words(lang, ", until ", "、期限 ") + stamp(w.Due)
		}
		line("in "+w.Workflow, w.Workflow, "%s%s%s", w.Step, since(lang, w.Reached), until)
	}
	for _, w := range l.Past {
		line("left "+w.Workflow, w.Workflow, "%s  %s", w.Exit, stamp(w.Left))
	}
	for _, o := range l.TossUps {
		line("toss-up", "トスアップ", "%s: %s%s", o.TossUp, o.State, since(lang, o.Since))
	}
	for _, p := range l.Pending {
		line("under way", "配信中", "%s %s%s: %s", p.Channel, p.Step, p.TossUp, p.State)
	}
	fmt.Fprintln(c.out)
	for i := range l.Facts {
		c.explainFact(&l.Facts[i])
	}
}

func (c *cli) explainFact(f *httpd.FactDoc) {
	name := f.Name
	if name == "" {
		name = f.Kind
	}
	fmt.Fprintf(c.out, "%s  %s  r%d\n", stamp(f.At), name, f.Revision)
	for i := range f.Decisions {
		d := &f.Decisions[i]
		detail := strings.TrimSpace(d.Subject + " " + d.Detail)
		if d.Points != 0 {
			detail += " " + signed(d.Points)
		}
		if d.Until != nil {
			detail += " → " + stamp(d.Until)
		}
		fmt.Fprintf(c.out, "    %s  %s\n", pad(d.Kind, 10), detail)
		for _, b := range d.Because {
			mark := "✗"
			if b.Holds {
				mark = "✓"
			}
			fmt.Fprintf(c.out, "      %s %s  %s\n", mark, b.Condition, facts(b.Facts))
		}
	}
}

// facts writes what a condition saw: "score.interest = 79, lead.industry = saas".
func facts(saw map[string]any) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(saw)) {
		v := saw[name]
		if v == nil {
			v = "-"
		}
		list = append(list, fmt.Sprintf("%s = %v", name, v))
	}
	return strings.Join(list, ", ")
}

func since(lang string, t *time.Time) string {
	if t == nil {
		return ""
	}
	return words(lang, ", since ", "、") + stamp(t) + words(lang, "", " から")
}

func stamp(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// pad fills a text up to a width in terminal cells.
func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-cells(s))) }

// cells is the width of a text in a terminal: East Asian wide letters take two.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n++
		if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
			n++
		}
	}
	return n
}
