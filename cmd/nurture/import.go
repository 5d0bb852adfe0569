package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/lists"
)

// importOptions are what a file of rows means and what is to be done with it.
type importOptions struct {
	mapping                    lists.Mapping
	mapFile, source, errors    string
	encoding, delimiter, again string
	traits, fields             []string
	dryRun                     bool
	from                       int
}

func (c *cli) importVerb() *cobra.Command {
	var o importOptions
	verb := &cobra.Command{
		Use: "import FILE", Short: "Take a list of people, or of what they did, from a file",
		Long: `import reads a table (CSV: UTF-8, UTF-16, or Shift_JIS as Excel saves it; the
delimiter is found out) or an object a line (NDJSON). Every column is an attribute of
the lead, unless it is said otherwise. With --event each row is also an event, at the
time that stands in it: the visitors of a booth, the participants of a seminar.

The same row of the same file counts once, however often the file is imported: after
an interruption, run it again. --dry-run keeps nothing and tells what would happen.`,
		Example: "  nurture import booth.csv --event booth_visited --time 来場日時 --trait メール=email --trait 会社名=company\n" +
			"  nurture import seminar.csv --map seminar.json --dry-run\n  nurture import leads.ndjson --data state",
		Args: cobra.ExactArgs(1),
	}
	cl := serverFlags(verb)
	folderFlag(verb, cl)
	f, m := verb.Flags(), &o.mapping
	f.StringVar(&m.User, "user", "", "column of the userId (default: user_id)")
	f.StringVar(&m.Visitor, "anonymous", "", "column of the anonymousId (default: anonymous_id)")
	f.StringVar(&m.Event, "event", "", "event that every row is")
	f.StringVar(&m.EventIn, "event-column", "", "column that names the event (default: event)")
	f.StringVar(&m.Time, "time", "", "column of when it happened (default: time, timestamp, date)")
	f.StringVar(&m.At, "at", "", "when it happened, for all rows")
	f.StringVar(&m.Zone, "timezone", "", "of times without a zone, such as Asia/Tokyo (default: this machine's)")
	f.StringArrayVar(&o.traits, "trait", nil, "COLUMN=ATTRIBUTE; with it, no other column is an attribute")
	f.StringArrayVar(&o.fields, "field", nil, "COLUMN=FIELD of the event")
	f.StringSliceVar(&m.Ignore, "ignore", nil, "columns that are nothing")
	f.StringVar(&o.mapFile, "map", "", "file with all of this, as JSON")
	f.StringVar(&o.source, "source", "", "source of the rules whose maps read the rows, instead")
	f.StringVar(&o.encoding, "encoding", "", "utf-8, shift_jis or utf-16 (default: found out)")
	f.StringVar(&o.delimiter, "delimiter", "", "between the cells (default: found out)")
	f.BoolVar(&o.dryRun, "dry-run", false, "keep nothing, and tell what would happen")
	f.StringVar(&o.errors, "errors", "", "file for rows that were not taken (default: FILE.errors.csv)")
	f.StringVar(&o.again, "again", "", "a word that makes the same rows count once more, under it")
	f.IntVar(&o.from, "from-row", 1, "first row")
	verb.RunE = func(cmd *cobra.Command, args []string) error {
		return cl.within(cmd.Context(), func() error { return c.importFile(cmd.Context(), cl, args[0], &o) })
	}
	return verb
}

// complete reads the mapping file and the pairs.
func (o *importOptions) complete() error {
	if o.mapFile != "" {
		text, err := os.ReadFile(o.mapFile)
		if err != nil {
			return fmt.Errorf("read the mapping: %w", err)
		}
		if o.mapping, err = lists.ParseMapping(text); err != nil {
			return err
		}
	}
	for flag, pairs := range map[string][]string{"--trait": o.traits, "--field": o.fields} {
		into := map[string]string{}
		for _, pair := range pairs {
			column, name, ok := strings.Cut(pair, "=")
			if !ok || column == "" || name == "" {
				return fmt.Errorf("%s %q is not of the form COLUMN=NAME", flag, pair)
			}
			into[column] = name
		}
		switch {
		case len(into) == 0:
		case flag == "--trait":
			o.mapping.Traits = into
		default:
			o.mapping.Fields = into
		}
	}
	return nil
}

// importing is one import under way.
type importing struct {
	c       *cli
	cl      *client
	o       *importOptions
	file    string
	digest  string
	columns []string
	zone    *time.Location
	mapping lists.Mapping
	read    *countedReader
	size    int64
	bar     *bar
	rejects *rejects
	order   httpd.ImportOrder
	batch   []lists.Row

	rows, events, duplicates, refused int
	plan                              httpd.ImportPlan
	seenNew, seenOld                  map[string]bool
}

func (c *cli) importFile(ctx context.Context, cl *client, name string, o *importOptions) (err error) {
	if err := o.complete(); err != nil {
		return err
	}
	i, file, shape, err := c.openImport(cl, name, o)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := lists.NewReader(i.read, shape)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	i.columns = r.Columns
	i.mapping = o.mapping
	if !shape.Lines && o.source == "" {
		if i.mapping, err = o.mapping.For(r.Columns); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	defer func() { err = errors.Join(err, i.rejects.close()) }()
	err = i.run(ctx, r)
	i.bar.end()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, fmt.Sprintf(words(c.language(""),
			"%d rows are in. Run it again: what is in counts once.", "%d 行まで取り込みました。もう一度実行してください。取り込み済みの行は重ねて数えません。"), i.rows-len(i.batch)))
	}
	return i.report()
}

// openImport opens a file, names it by its content, and finds its form.
func (c *cli) openImport(cl *client, name string, o *importOptions) (*importing, *os.File, lists.Shape, error) {
	i := &importing{c: c, cl: cl, o: o, file: name, zone: time.Local, seenNew: map[string]bool{}, seenOld: map[string]bool{}}
	if zone := o.mapping.Zone; zone != "" {
		var err error
		if i.zone, err = time.LoadLocation(zone); err != nil {
			return nil, nil, lists.Shape{}, fmt.Errorf("--timezone %q is no time zone; write for example Asia/Tokyo", zone)
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, lists.Shape{}, fmt.Errorf("open the list: %w", err)
	}
	shape, err := i.look(f)
	if err != nil {
		return nil, nil, shape, errors.Join(fmt.Errorf("read %s: %w", name, err), f.Close())
	}
	i.read = &countedReader{r: f}
	i.bar = newBar(c.err, i.size)
	i.rejects = &rejects{name: o.errors}
	if i.rejects.name == "" {
		i.rejects.name = name + ".errors.csv"
	}
	i.order = httpd.ImportOrder{Source: o.source, DryRun: o.dryRun}
	return i, f, shape, nil
}

// look reads the whole file once: for its digest, and to see how it is written.
func (i *importing) look(f *os.File) (lists.Shape, error) {
	hash, text := sha256.New(), &utf8Checker{}
	begin := make([]byte, 256<<10)
	n, err := io.ReadFull(f, begin)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return lists.Shape{}, err
	}
	begin = begin[:n]
	all := io.MultiReader(bytes.NewReader(begin), f)
	if i.size, err = io.Copy(io.MultiWriter(hash, text), all); err != nil {
		return lists.Shape{}, err
	}
	shape := lists.Sniff(begin)
	if shape.Encoding == lists.UTF8 && text.bad {
		shape.Encoding = lists.ShiftJIS
	}
	switch enc := strings.ToLower(i.o.encoding); enc {
	case "":
	case lists.UTF8, lists.ShiftJIS, lists.UTF16:
		shape.Encoding = enc
	default:
		return shape, fmt.Errorf("--encoding is utf-8, shift_jis or utf-16, not %q", i.o.encoding)
	}
	if d := i.o.delimiter; d != "" {
		if d == `\t` || d == "tab" {
			d = "\t"
		}
		if utf8.RuneCountInString(d) != 1 {
			return shape, fmt.Errorf("--delimiter is one character, not %q", i.o.delimiter)
		}
		shape.Delimiter, _ = utf8.DecodeRuneInString(d)
	}
	hash.Write([]byte(i.o.again))
	i.digest = hex.EncodeToString(hash.Sum(nil))[:24]
	_, err = f.Seek(0, io.SeekStart)
	return shape, err
}

// run sends the rows in pieces.
func (i *importing) run(ctx context.Context, r *lists.Reader) error {
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return i.send(ctx)
		}
		if err != nil {
			return err
		}
		if row.Number < i.o.from {
			continue
		}
		i.rows++
		if err := i.add(row); err != nil {
			if err := i.reject(row, "bad_row", err.Error()); err != nil {
				return err
			}
			continue
		}
		if len(i.batch) >= httpd.MaxImportRows {
			if err := i.send(ctx); err != nil {
				return err
			}
		}
	}
}

// add puts a row into the piece. The error is the row's.
func (i *importing) add(row lists.Row) error {
	if row.Err != nil {
		return row.Err
	}
	in := httpd.ImportRow{ID: fmt.Sprintf("%s:%d", i.digest, row.Number)}
	if i.o.source != "" {
		in.Data = row.Values
	} else {
		m := i.mapping
		if i.columns == nil { // every line of NDJSON has columns of its own
			var names []string
			for name := range row.Values {
				names = append(names, name)
			}
			slices.Sort(names)
			m, _ = m.For(names) // what it lacks is empty
		}
		calls, err := m.Calls(row.Values, i.zone)
		if err != nil {
			return err
		}
		in.Calls = calls
	}
	i.order.Rows, i.batch = append(i.order.Rows, in), append(i.batch, row)
	return nil
}

// maxTries is how often a piece is sent to a server that is busy.
const maxTries = 8

// send sends the piece, with patience.
func (i *importing) send(ctx context.Context) error {
	if len(i.batch) == 0 {
		return nil
	}
	var result httpd.ImportResult
	if err := i.patiently(ctx, "/api/v1/imports", i.order, &result); err != nil {
		return err
	}
	i.events, i.duplicates = i.events+result.Events, i.duplicates+result.Duplicates
	for _, bad := range result.Refused {
		if err := i.reject(i.batch[bad.Index], bad.Code, bad.Detail); err != nil {
			return err
		}
	}
	i.join(result.Would)
	i.order.Rows, i.batch = i.order.Rows[:0], i.batch[:0]
	i.bar.at(i.read.n)
	return nil
}

// join adds up what the pieces of a dry run would do.
func (i *importing) join(p *httpd.ImportPlan) {
	if p == nil {
		return
	}
	for _, id := range p.New {
		i.seenNew[id] = true
	}
	for _, id := range p.Updated {
		i.seenOld[id] = true
	}
	add := func(into *map[string]int, from map[string]int) {
		if *into == nil {
			*into = map[string]int{}
		}
		for name, n := range from {
			(*into)[name] += n
		}
	}
	add(&i.plan.Entered, p.Entered)
	add(&i.plan.TossedUp, p.TossedUp)
	add(&i.plan.Moved, p.Moved)
	add(&i.plan.Messages, p.Messages)
	add(&i.plan.NotEntered, p.NotEntered)
}

func (i *importing) reject(row lists.Row, code, reason string) error {
	i.refused++
	return i.rejects.add(i.columns, row, code, reason)
}

type countedReader struct {
	r io.Reader
	n int64
}

func (c *countedReader) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// utf8Checker finds out whether everything written to it is UTF-8.
type utf8Checker struct {
	rest []byte
	bad  bool
}

func (u *utf8Checker) Write(b []byte) (int, error) {
	text := append(u.rest, b...)
	for len(text) > 0 && !u.bad {
		r, size := utf8.DecodeRune(text)
		if r == utf8.RuneError && size <= 1 {
			if len(text) < utf8.UTFMax && !utf8.FullRune(text) {
				break
			}
			u.bad = true
		}
		text = text[size:]
	}
	u.rest = append(u.rest[:0], text...)
	return len(b), nil
}
