package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

func (c *cli) factVerb() *cobra.Command {
	verb := &cobra.Command{
		Use: "fact", Short: "List what happened to a lead, and correct it", Args: cobra.NoArgs,
		Long: `fact asks a running server, or opens the state folder of one that does not run (--data).

A correction is a fact of its own beside the first: nothing is rewritten. Scores,
segments, figures, funnels and experiments follow as if it had been known at once. What
was done stays done: stages and workflows go on by new acts, and sales are told of
toss-ups that would not have been.`,
	}
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	verb.AddCommand(c.factListVerb(cl), c.factCorrectVerb(cl), c.factCorrectionsVerb(cl))
	return verb
}

func (c *cli) factListVerb(cl *client) *cobra.Command {
	var q httpd.FactQuery
	verb := &cobra.Command{
		Use: "list LEAD", Short: "List a lead's facts, as they were told and as they are known now", Args: cobra.ExactArgs(1),
		Long: `list shows the newest facts of a lead with their names: LEAD.NUMBER, by which fact
correct finds them. LEAD is the internal id, a userId, an anonymousId or the value of
the key attribute.`,
		Example: "  nurture fact list tanaka@example.co.jp --event email_clicked\n  nurture fact list tanaka --corrected",
		RunE: func(cmd *cobra.Command, args []string) error {
			q.Lead = args[0]
			return cl.within(cmd.Context(), func() error { return c.listFacts(cmd.Context(), cl, &q) })
		},
	}
	f := verb.Flags()
	f.StringVar(&q.Event, "event", "", "only facts of this name; identify, page, merge")
	f.BoolVar(&q.Corrected, "corrected", false, "only facts of which something was said")
	f.IntVar(&q.Limit, "limit", 50, "how many at most, to 10000")
	return verb
}

func (c *cli) listFacts(ctx context.Context, cl *client, q *httpd.FactQuery) error {
	var list httpd.KnownFactList
	if err := cl.call(ctx, http.MethodPost, "/api/v1/facts/list", q, &list); err != nil {
		return err
	}
	if c.json {
		return c.printAs(struct {
			Schema string `json:"schema"`
			httpd.KnownFactList
		}{schemaVersion, list})
	}
	c.printFacts(&list)
	return nil
}

// factOrder is what the flags of correct say.
type factOrder struct {
	httpd.CorrectionOrder
	at             whenFlag
	zone           string
	human, machine bool
	fields         []string
}

func (c *cli) factCorrectVerb(cl *client) *cobra.Command {
	o := factOrder{at: whenFlag{name: "at"}}
	verb := &cobra.Command{
		Use: "correct FACT", Short: "Say what is true of a fact after all", Args: cobra.ExactArgs(1),
		Long: `correct says that a fact was otherwise than it was told. FACT is LEAD.NUMBER, as fact
list names it; or with --lead, its messageId; or the id of a correction, which --never
takes back. Of two corrections of one side of a fact the later one is true. --never of a
merge lets the lead that was merged be one of its own again, as lead unmerge does.

--dry-run keeps nothing and tells what would change: scores, the stage, figures, and the
toss-ups that sales would be told of.`,
		Example: "  nurture fact correct 2b1f….7 --machine --why 'a scanner of their mail server'\n" +
			"  nurture fact correct 2b1f….9 --never --why 'the form was our own test' --dry-run\n" +
			"  nurture fact correct m-1081 --lead tanaka --at '2026-10-03 14:00' --why 'the list had the wrong day'",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Fact = args[0]
			if err := c.completeFact(&o); err != nil {
				return err
			}
			return cl.within(cmd.Context(), func() error { return c.correctFact(cmd.Context(), cl, &o.CorrectionOrder) })
		},
	}
	f := verb.Flags()
	f.BoolVar(&o.Never, "never", false, "it did not happen")
	f.BoolVar(&o.AsTold, "as-told", false, "it was as it was first told: takes back what was said since")
	f.BoolVar(&o.machine, "machine", false, "a machine opened or clicked")
	f.BoolVar(&o.human, "human", false, "a person opened or clicked")
	f.Var(&o.at, "at", "when it happened")
	f.StringVar(&o.zone, "timezone", "", "of a time without a zone, such as Asia/Tokyo (default: the project's)")
	f.StringArrayVar(&o.fields, "field", nil, "FIELD=VALUE that it says; FIELD= takes the field away")
	f.BoolVar(&o.NoConsent, "invalid-consent", false, "it gives no leave to write")
	f.StringVar(&o.Why, "why", "", "the reason, for the lead's journal and the audit log (needed)")
	f.StringVar(&o.Lead, "lead", "", "the lead, where FACT is a messageId")
	f.StringVar(&o.Source, "source", "", "the fact's source, where its messageId names several")
	f.StringVar(&o.ID, "id", "", "id of the correction: the same one twice is one")
	f.BoolVar(&o.Expected, "expected", false, "the fact may still be to come")
	f.BoolVar(&o.DryRun, "dry-run", false, "keep nothing, and tell what would change")
	return verb
}

// completeFact reads what the flags say.
func (c *cli) completeFact(o *factOrder) error {
	if strings.TrimSpace(o.Why) == "" {
		return errors.New("say --why: a correction without a reason is not taken")
	}
	switch {
	case o.human && o.machine:
		return errors.New("say --human or --machine, not both")
	case o.human:
		o.Verdict = "human"
	case o.machine:
		o.Verdict = "machine"
	}
	zone, err := c.zoneNamed("timezone", o.zone)
	if err != nil {
		return err
	}
	if o.At, err = c.typed(&o.at); err != nil {
		return err
	}
	if o.at.given && zone != nil {
		when, err := c.readWhen(&o.at, zone, time.Now())
		if err != nil {
			return err
		}
		o.At = httpd.When(when.From.Format(time.RFC3339Nano))
	}
	for _, pair := range o.fields {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return fmt.Errorf("--field %q is not of the form FIELD=VALUE", pair)
		}
		if o.Fields == nil {
			o.Fields = map[string]any{}
		}
		o.Fields[name] = fieldValue(value)
	}
	return nil
}

// fieldValue is a number, true or false, where a value is written as one; a text else,
// and nothing where nothing is written.
func fieldValue(text string) any {
	if text == "" {
		return nil
	}
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		switch v.(type) {
		case float64, bool, string:
			return v
		}
	}
	return text
}

func (c *cli) correctFact(ctx context.Context, cl *client, o *httpd.CorrectionOrder) error {
	var done httpd.CorrectionResult
	if err := cl.call(ctx, http.MethodPost, "/api/v1/facts/correct", o, &done); err != nil {
		return err
	}
	if c.json {
		return c.printAs(struct {
			Schema string `json:"schema"`
			OK     bool   `json:"ok"`
			DryRun bool   `json:"dry_run"`
			httpd.CorrectionResult
		}{schemaVersion, true, o.DryRun, done})
	}
	c.printCorrection(&done, o.DryRun)
	return nil
}

// printAs writes an object that has its schema itself.
func (c *cli) printAs(object any) error {
	enc := json.NewEncoder(c.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(object)
}
