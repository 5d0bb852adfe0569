package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
)

// exportOptions are how a table goes out.
type exportOptions struct {
	format, out, consent string
	since, until         whenFlag
}

func (o *exportOptions) flags(verb *cobra.Command) {
	f := verb.Flags()
	f.StringVar(&o.format, "format", "", "csv, ndjson or parquet (default: as the file's name ends, else csv)")
	o.since.name, o.until.name = "since", "until"
	f.Var(&o.since, "since", sinceUsage)
	f.Var(&o.until, "until", untilUsage)
	f.StringVarP(&o.out, "output", "o", "", "file to write (default: standard output)")
}

func (c *cli) exportVerb() *cobra.Command {
	var o exportOptions
	verb := &cobra.Command{
		Use: "export leads|events|decisions|kpis", Short: "Write leads, events, decisions or figures as a table",
		Long: `export writes a table as CSV (for spreadsheets: with a byte order mark, and what
looks like a formula made a text), as an object a line (ndjson), or as Parquet for
data warehouses. It asks a running server, or opens the state folder of one that does
not run (--data). A file is written whole or not at all.`,
		Example:   "  nurture export leads -o leads.csv\n  nurture export events --since 2026-10-01 -o events.parquet\n  nurture export decisions --output decisions.ndjson",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"leads", "events", "decisions", "kpis"},
	}
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	o.flags(verb)
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		return cl.within(cmd.Context(), func() error { return c.export(cmd.Context(), cl, args[0], &o) })
	}
	return verb
}

func (c *cli) consentVerb() *cobra.Command {
	verb := &cobra.Command{Use: "consent", Short: "The evidence of consents", Args: cobra.NoArgs}
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	var o exportOptions
	export := &cobra.Command{
		Use: "export", Short: "Write who gave and took leave, when, by what words, from where", Args: cobra.NoArgs,
		Long: `export writes a row for everything that gave or took leave: askings that are to be
confirmed, confirmations, consents, withdrawals, unsubscribes, wishes. It is what the
journal of facts says, so nothing can be added to it and nothing taken out.`,
		Example: "  nurture consent export -o consents.csv\n  nurture consent export --consent marketing --since 2026-01-01 --format ndjson",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cl.within(cmd.Context(), func() error { return c.export(cmd.Context(), cl, "consents", &o) })
		},
	}
	o.flags(export)
	export.Flags().StringVar(&o.consent, "consent", "", "of this consent only")
	verb.AddCommand(export)
	return verb
}

// export writes one table.
func (c *cli) export(ctx context.Context, cl *client, table string, o *exportOptions) error {
	format, err := o.form()
	if err != nil {
		return err
	}
	since, until, err := c.typedBoth(&o.since, &o.until)
	if err != nil {
		return err
	}
	q := url.Values{"format": {format}, "since": {string(since)}, "until": {string(until)}}
	if o.consent != "" {
		q.Set("consent", o.consent)
	}
	path := "/api/v1/export/" + table + "?" + q.Encode()
	if o.out == "" {
		return cl.download(ctx, path, c.out)
	}
	n, err := writeFile(o.out, func(w io.Writer) error { return cl.download(ctx, path, w) })
	if err != nil {
		return err
	}
	if c.json {
		return c.print(map[string]any{"ok": true, "table": table, "format": format, "file": o.out, "bytes": n})
	}
	fmt.Fprintf(c.err, words(c.language(""), "%s: %d bytes\n", "%s: %d バイト\n"), o.out, n)
	return nil
}

func (o *exportOptions) form() (string, error) {
	format := o.format
	if format == "" {
		format = "csv"
		for _, f := range lists.Formats {
			if strings.HasSuffix(o.out, "."+f) {
				format = f
			}
		}
	}
	for _, f := range lists.Formats {
		if format == f {
			return format, nil
		}
	}
	return "", fmt.Errorf("--format is one of %s, not %q", strings.Join(lists.Formats, ", "), format)
}

// writeFile writes a file whole or not at all, readable by its owner only: it has
// people's data.
func writeFile(name string, write func(io.Writer) error) (n int64, err error) {
	f, err := os.OpenFile(name+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("write %s: %w", name, err)
	}
	counted := &countedWriter{w: f}
	if err = errors.Join(write(counted), f.Close()); err != nil {
		return 0, errors.Join(err, os.Remove(name+".part"))
	}
	return counted.n, os.Rename(name+".part", name)
}

type countedWriter struct {
	w io.Writer
	n int64
}

func (c *countedWriter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// download copies an answer of any length.
func (cl *client) download(ctx context.Context, path string, w io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(cl.server, "/")+path, nil)
	if err != nil {
		return fmt.Errorf("make the request: %w", err)
	}
	cl.introduce(req)
	patient := cl.http
	patient.Timeout = 0 // it takes as long as it takes
	resp, err := patient.Do(req)
	if err != nil {
		return &exit{code: exitUnreachable, err: fmt.Errorf("no server answers at %s: %w\nStart one with `nurture serve WORKSPACE --data DIR`, or name another with --server", cl.server, err)}
	}
	defer resp.Body.Close()
	cl.heard(resp)
	if resp.StatusCode >= 300 {
		return answerOf(resp, nil)
	}
	if _, err := io.Copy(w, resp.Body); err != nil {
		return fmt.Errorf("read the table: it ended early: %w", err)
	}
	return nil
}
