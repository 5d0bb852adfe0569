package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// explainOptions are what explain is asked about a lead.
type explainOptions struct {
	lead, subject, revision string
	at                      whenFlag
	facts, decisions        int
}

// askExplain is the question as the server takes it.
func (c *cli) askExplain(o *explainOptions, lang string) (question, error) {
	if err := atMost("decisions", o.decisions, 1000); err != nil {
		return nil, err
	}
	at, err := c.typed(&o.at)
	if err != nil {
		return nil, err
	}
	ask := question{"id": o.lead, "decisions": o.decisions}
	ask.say("subject", o.subject)
	ask.say("lang", lang)
	ask.say("at", string(at))
	return ask, ask.revision(o.revision)
}

// explain explains a lead, or one thing about it.
func (c *cli) explain(ctx context.Context, cl *client, o *explainOptions) error {
	ask, err := c.askExplain(o, cl.lang())
	if err != nil {
		return err
	}
	var told json.RawMessage
	if err := cl.call(ctx, http.MethodPost, "/api/v1/explain", ask, &told); err != nil {
		return err
	}
	var doc httpd.ExplainDoc
	if err := json.Unmarshal(told, &doc); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	if o.subject != "" || o.at.given || o.revision != "" {
		if c.json {
			return c.print(map[string]any{"ok": true, "explain": told})
		}
		c.printExplained(&doc)
		return nil
	}
	var raw json.RawMessage
	if err := cl.call(ctx, http.MethodPost, "/api/v1/leads/find", map[string]any{"id": o.lead, "facts": o.facts}, &raw); err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "lead": raw, "explain": told})
	}
	var lead httpd.LeadDoc
	if err := json.Unmarshal(raw, &lead); err != nil {
		return fmt.Errorf("read the server's answer: %w", err)
	}
	c.printLead(&lead)
	if doc.Arm != nil {
		fmt.Fprintf(c.out, "\n%s\n", doc.Arm.Text)
	}
	for i := range doc.Parts {
		fmt.Fprintln(c.out)
		c.printPart(&doc.Parts[i], &doc)
	}
	fmt.Fprintln(c.out)
	for i := range lead.Facts {
		c.explainFact(&lead.Facts[i])
	}
	return nil
}

// printExplained writes an explanation for a person.
func (c *cli) printExplained(d *httpd.ExplainDoc) {
	single := len(d.Parts) == 1 && d.Subject != ""
	head := d.Headline
	if single {
		fmt.Fprintln(c.out, withPlace(head, d.File, d.Line, d.Revision))
		c.printConditions(&d.Parts[0], "  ")
		c.printAdvice(&d.Parts[0], "")
	} else {
		fmt.Fprintln(c.out, withPlace(head, d.File, d.Line, d.Revision))
		for i := range d.Parts {
			fmt.Fprintln(c.out)
			c.printPart(&d.Parts[i], d)
		}
	}
	if d.Arm != nil {
		fmt.Fprintf(c.out, "\n%s\n", d.Arm.Text)
	}
	if len(d.Decisions) > 0 {
		fmt.Fprintf(c.out, "\n%s\n", words(d.Lang, "What was decided", "これまでの判断"))
	}
	for i := range d.Decisions {
		c.printDecided(&d.Decisions[i])
	}
	if d.More {
		fmt.Fprintln(c.out, words(d.Lang, "  … older ones: nurture decisions", "  … これより前は nurture decisions で見られます"))
	}
	for i := range d.Corrections {
		if i == 0 {
			fmt.Fprintln(c.out)
		}
		fmt.Fprintln(c.out, d.Corrections[i].Text)
	}
	for i := range d.Unknown {
		u := &d.Unknown[i]
		note := u.Text
		if u.Since != nil {
			note += words(d.Lang, " Since ", "（") + c.stamp(u.Since) + words(d.Lang, ".", " から）")
		}
		fmt.Fprintf(c.out, "\n%s %s\n", words(d.Lang, "Note:", "注意："), note)
	}
}

// withPlace puts the place of a rule and its revision at the right of a line.
func withPlace(head, file string, line int, revision uint32) string {
	at := fmt.Sprintf("r%d", revision)
	if file != "" {
		at = fmt.Sprintf("%s:%d  %s", file, line, at)
	}
	return head + strings.Repeat(" ", max(2, 62-cells(head))) + at
}

func (c *cli) printPart(p *httpd.ExplainPart, of *httpd.ExplainDoc) {
	lang := of.Lang
	fmt.Fprintln(c.out, withPlace(p.Summary, p.File, p.Line, cmp.Or(p.By, of.Revision)))
	if p.Event != nil {
		fmt.Fprintf(c.out, "  %s %s  %s\n", words(lang, "judged on", "判定した出来事："), p.Event.Name, c.stamp(p.Event.At))
	}
	c.printConditions(p, "  ")
	c.printAdvice(p, "  ")
}

// printConditions writes conditions, gates and points with their marks.
func (c *cli) printConditions(p *httpd.ExplainPart, indent string) {
	width := 0
	for i := range p.Conditions {
		width = max(width, min(44, cells(p.Conditions[i].Sentence)))
	}
	for i := range p.Conditions {
		d := &p.Conditions[i]
		fmt.Fprintf(c.out, "%s%s %s\n", indent, mark(d.Holds), strings.TrimRight(pad(d.Sentence, width)+"  "+d.Seen, " "))
	}
	for _, g := range p.Gates {
		if !g.Open || len(p.Conditions) == 0 {
			fmt.Fprintf(c.out, "%s%s %s\n", indent, mark(g.Open), g.Text)
		}
	}
	for i := range p.Points {
		fmt.Fprintf(c.out, "%s%s\n", indent, p.Points[i].Text)
		for j := range p.Points[i].Conditions {
			d := &p.Points[i].Conditions[j]
			fmt.Fprintf(c.out, "%s  %s %s\n", indent, mark(d.Holds), strings.TrimRight(d.Sentence+"  "+d.Seen, " "))
		}
	}
}

func (c *cli) printAdvice(p *httpd.ExplainPart, indent string) {
	for _, line := range p.Advice {
		fmt.Fprintf(c.out, "%s%s\n", indent, line)
	}
}

func mark(holds bool) string {
	if holds {
		return "✓"
	}
	return "✗"
}

// printDecided writes one decision of the log with what it rested on.
func (c *cli) printDecided(d *httpd.ExplainDecision) {
	fmt.Fprintf(c.out, "  %s  %s  r%d\n", c.stamp(d.At), d.Text, d.Revision)
	for i := range d.Conditions {
		r := &d.Conditions[i]
		fmt.Fprintf(c.out, "      %s %s\n", mark(r.Holds), strings.TrimRight(r.Sentence+"  "+r.Seen, " "))
	}
}
