package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
)

// corrections is a file of corrections under way.
type corrections struct {
	*listing
	why   string
	order httpd.CorrectionRows
	done  httpd.CorrectionTally
}

func (c *cli) factCorrectionsVerb(cl *client) *cobra.Command {
	var o importOptions
	var why, zone string
	verb := &cobra.Command{
		Use: "corrections FILE", Short: "Correct many facts from a list", Args: cobra.ExactArgs(1),
		Long: `corrections reads a table (CSV) or an object a line (NDJSON), a correction a row, with
the columns fact (LEAD.NUMBER or a messageId), lead, source, never, as_told, verdict
(human, machine), at, invalid_consent, why, id, and one column field.NAME for each field
that is said otherwise. Where a row has no reason, --why is taken.

The same row of the same file counts once, however often it is run: after an
interruption, run it again. --dry-run keeps nothing and tells what would change.`,
		Example: "  nurture fact corrections scanners.csv --why 'scanners of mail servers, reported by the provider'\n" +
			"  nurture fact corrections october.ndjson --dry-run",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.mapping.Zone = zone
			return cl.within(cmd.Context(), func() error { return c.correctFile(cmd.Context(), cl, args[0], &o, why) })
		},
	}
	f := verb.Flags()
	f.StringVar(&why, "why", "", "the reason of rows that have none")
	f.StringVar(&zone, "timezone", "", "of times without a zone, such as Asia/Tokyo (default: the project's)")
	f.StringVar(&o.encoding, "encoding", "", "utf-8, shift_jis or utf-16 (default: found out)")
	f.StringVar(&o.delimiter, "delimiter", "", "between the cells (default: found out)")
	f.BoolVar(&o.dryRun, "dry-run", false, "keep nothing, and tell what would change")
	f.StringVar(&o.errors, "errors", "", "file for rows that were not taken (default: FILE.errors.csv)")
	f.IntVar(&o.from, "from-row", 1, "first row")
	return verb
}

func (c *cli) correctFile(ctx context.Context, cl *client, name string, o *importOptions, why string) error {
	return c.takeList(ctx, cl, name, o, httpd.MaxCorrections, func(l *listing) taker {
		return &corrections{listing: l, why: why, order: httpd.CorrectionRows{DryRun: o.dryRun}}
	})
}

// interrupted implements taker.
func (k *corrections) interrupted(language string, n int) string {
	return fmt.Sprintf(words(language,
		"%d rows are in. Run it again: what is in counts once.", "%d 行まで訂正しました。もう一度実行してください。訂正済みの行は重ねて数えません。"), n)
}

// correctionColumns are what a row may say.
var correctionColumns = []string{"fact", "lead", "source", "never", "as_told", "verdict", "at", "invalid_consent", "why", "id"}

// fieldColumn begins the name of a column of a field.
const fieldColumn = "field."

// ready implements taker.
func (k *corrections) ready() error {
	if k.columns == nil {
		return nil
	}
	for _, name := range k.columns {
		if !slices.Contains(correctionColumns, name) && !strings.HasPrefix(name, fieldColumn) {
			return fmt.Errorf("%s: the column %q means nothing; there are %s and %sNAME", k.file, name, strings.Join(correctionColumns, ", "), fieldColumn)
		}
	}
	if !slices.Contains(k.columns, "fact") {
		return fmt.Errorf("%s: it has no column fact", k.file)
	}
	return nil
}

// add implements taker.
func (k *corrections) add(row lists.Row) error {
	order, err := k.rowOf(row)
	if err == nil {
		k.order.Rows = append(k.order.Rows, order)
	}
	return err
}

// rowOf takes a correction from a row. The error is the row's.
func (k *corrections) rowOf(row lists.Row) (o httpd.CorrectionOrder, err error) {
	o.Expected = true
	o.Why, o.ID = k.why, fmt.Sprintf("%s:%d", k.digest, row.Number)
	for _, name := range slices.Sorted(maps.Keys(row.Values)) {
		v := row.Values[name]
		if text, ok := v.(string); ok && strings.TrimSpace(text) == "" || v == nil {
			continue
		}
		if err := k.say(&o, name, v); err != nil {
			return o, err
		}
	}
	if o.Fact == "" {
		return o, errors.New("it names no fact")
	}
	if o.Why == "" {
		return o, errors.New("it has no reason: write a column why, or --why")
	}
	return o, nil
}

func (k *corrections) say(o *httpd.CorrectionOrder, name string, v any) error {
	text := strings.TrimSpace(fmt.Sprint(v))
	var err error
	switch name {
	case "fact":
		o.Fact = text
	case "lead":
		o.Lead = text
	case "source":
		o.Source = text
	case "id":
		o.ID = text
	case "why":
		o.Why = text
	case "never":
		o.Never, err = yes(name, v)
	case "as_told":
		o.AsTold, err = yes(name, v)
	case "invalid_consent":
		o.NoConsent, err = yes(name, v)
	case "verdict":
		if o.Verdict = text; text != "human" && text != "machine" {
			return fmt.Errorf("verdict is human or machine, not %q", text)
		}
	case "at":
		var at time.Time
		if at, err = lists.ParseTime(text, k.zone); err != nil {
			return fmt.Errorf("at: %w", err)
		}
		o.At = httpd.When(at.Format(time.RFC3339Nano))
	default:
		field, ok := strings.CutPrefix(name, fieldColumn)
		if !ok || field == "" {
			return fmt.Errorf("%q means nothing; there are %s and %sNAME", name, strings.Join(correctionColumns, ", "), fieldColumn)
		}
		if o.Fields == nil {
			o.Fields = map[string]any{}
		}
		if s, isText := v.(string); isText {
			v = fieldValue(s)
		}
		o.Fields[field] = v
	}
	return err
}

// yes reads a cell that says yes or no.
func yes(name string, v any) (bool, error) {
	if b, ok := v.(bool); ok {
		return b, nil
	}
	switch strings.ToLower(strings.TrimSpace(fmt.Sprint(v))) {
	case "yes", "true", "1", "x", "○", "はい":
		return true, nil
	case "no", "false", "0", "", "いいえ":
		return false, nil
	}
	return false, fmt.Errorf("%s is yes or no, not %q", name, v)
}

// send implements taker.
func (k *corrections) send(ctx context.Context) error {
	if len(k.batch) == 0 {
		return nil
	}
	var result httpd.CorrectionTally
	if err := k.patiently(ctx, "/api/v1/facts/corrections", k.order, &result); err != nil {
		return err
	}
	k.done.Taken, k.done.Known, k.done.Waiting = k.done.Taken+result.Taken, k.done.Known+result.Known, k.done.Waiting+result.Waiting
	k.would(result.Would)
	k.order.Rows = k.order.Rows[:0]
	return k.sent(result.Refused)
}

// would adds up what the pieces of a dry run would change.
func (k *corrections) would(p *httpd.CorrectionPlan) {
	if p == nil {
		return
	}
	if k.done.Would == nil {
		k.done.Would = &httpd.CorrectionPlan{Scores: map[string]int{}, Stages: map[string]int{}, Doubted: map[string]int{}, Counters: map[string]int64{}}
	}
	for name, n := range p.Scores {
		k.done.Would.Scores[name] += n
	}
	for name, n := range p.Stages {
		k.done.Would.Stages[name] += n
	}
	for name, n := range p.Doubted {
		k.done.Would.Doubted[name] += n
	}
	for name, n := range p.Counters {
		k.done.Would.Counters[name] += n
	}
}

// report tells how it ended, or would.
func (k *corrections) report() error {
	if k.c.json {
		object := map[string]any{
			"ok": k.refused == 0, "file": k.file, "rows": k.rows, "taken": k.done.Taken, "known": k.done.Known, "waiting": k.done.Waiting,
			"refused": k.refused, "dry_run": k.o.dryRun,
		}
		if k.refused > 0 {
			object["errors"] = k.rejects.name
		}
		if k.done.Would != nil {
			object["would"] = k.done.Would
		}
		if err := k.c.print(object); err != nil {
			return err
		}
	} else {
		k.tell()
	}
	if k.refused > 0 {
		return failed(exitFailed)
	}
	return nil
}

func (k *corrections) tell() {
	lang := k.c.language("")
	say := func(en, ja string, args ...any) { fmt.Fprintf(k.c.out, words(lang, en, ja)+"\n", args...) }
	if k.o.dryRun {
		say("Nothing was kept. This is what would change, each row by itself:", "何も保存していません。訂正すると、次のことが変わります（行ごとに数えたもの）。")
	}
	say("  rows        %d", "  行          %d", k.rows)
	say("  corrections %d taken, %d known already, %d wait for their facts", "  訂正        %d 件、受付済み %d 件、事実を待つもの %d 件", k.done.Taken, k.done.Known, k.done.Waiting)
	if p := k.done.Would; p != nil {
		part(k.c.out, words(lang, "score", "スコア"), p.Scores)
		part(k.c.out, words(lang, "stage", "ステージ"), p.Stages)
		part(k.c.out, words(lang, "doubted", "見直し"), p.Doubted)
		part(k.c.out, words(lang, "counter", "集計"), p.Counters)
	}
	if k.refused > 0 {
		say("  refused     %d rows, with the reason of each in %s", "  受付不可    %d 行（理由は %s にあります）", k.refused, k.rejects.name)
	}
}

// part prints counts by name.
func part[N int | int64](out io.Writer, title string, counts map[string]N) {
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if n := counts[name]; n != 0 {
			fmt.Fprintf(out, "  %s  %s %d\n", padCells(title, 10), name, n)
		}
	}
}
