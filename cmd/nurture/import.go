package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
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
	at                         whenFlag
	mapFile, source, errors    string
	encoding, delimiter, again string
	traits, fields             []string
	dryRun                     bool
	from                       int
}

func (c *cli) importVerb() *cobra.Command {
	o := importOptions{at: whenFlag{name: "at"}}
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
	cl := c.serverFlags(verb)
	folderFlag(verb, cl)
	f, m := verb.Flags(), &o.mapping
	f.StringVar(&m.User, "user", "", "column of the userId (default: user_id)")
	f.StringVar(&m.Visitor, "anonymous", "", "column of the anonymousId (default: anonymous_id)")
	f.StringVar(&m.Event, "event", "", "event that every row is")
	f.StringVar(&m.EventIn, "event-column", "", "column that names the event (default: event)")
	f.StringVar(&m.Time, "time", "", "column of when it happened (default: time, timestamp, date)")
	f.Var(&o.at, "at", "when it happened, for all rows")
	f.StringVar(&m.Zone, "timezone", "", "of times without a zone, such as Asia/Tokyo (default: the project's)")
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

// listing is a list under way: its file, how far it has been read, and the rows that
// wait to be handed on as one piece.
type listing struct {
	c       *cli
	cl      *client
	o       *importOptions
	file    string
	digest  string
	shape   lists.Shape
	columns []string
	zone    *time.Location // of times that name none
	read    *countedReader
	size    int64
	bar     *bar
	rejects *rejects
	batch   []lists.Row // of the piece

	rows, refused int
}

// taker takes the rows of a list, and hands them on in pieces.
type taker interface {
	ready() error                              // refuses columns that mean nothing, before the first row
	add(row lists.Row) error                   // puts a row into the piece; the error is the row's
	send(ctx context.Context) error            // hands the piece on
	report() error                             // tells how it ended, or would
	interrupted(language string, n int) string // says that n rows are in, and what to do
}

// importing is a list of people, or of what they did.
type importing struct {
	*listing
	mapping lists.Mapping
	order   httpd.ImportOrder

	events, duplicates int
	plan               httpd.ImportPlan
	seenNew, seenOld   map[string]bool
}

func (c *cli) importFile(ctx context.Context, cl *client, name string, o *importOptions) error {
	if err := o.complete(); err != nil {
		return err
	}
	return c.takeList(ctx, cl, name, o, httpd.MaxImportRows, func(l *listing) taker {
		return &importing{
			listing: l, order: httpd.ImportOrder{Source: o.source, DryRun: o.dryRun},
			seenNew: map[string]bool{}, seenOld: map[string]bool{},
		}
	})
}

// ready implements taker.
func (i *importing) ready() (err error) {
	if i.mapping = i.o.mapping; i.o.at.given {
		when, err := i.c.readWhen(&i.o.at, i.zone, time.Now())
		if err != nil {
			return err
		}
		i.mapping.At = when.From.Format(time.RFC3339Nano)
	}
	if i.columns != nil && i.o.source == "" {
		if i.mapping, err = i.mapping.For(i.columns); err != nil {
			return fmt.Errorf("%s: %w", i.file, err)
		}
	}
	return nil
}

// interrupted implements taker.
func (i *importing) interrupted(language string, n int) string {
	return fmt.Sprintf(words(language,
		"%d rows are in. Run it again: what is in counts once.", "%d 行まで取り込みました。もう一度実行してください。取り込み済みの行は重ねて数えません。"), n)
}

// takeList reads a list through to its end, and hands it on in pieces of at most so
// many rows.
func (c *cli) takeList(ctx context.Context, cl *client, name string, o *importOptions, most int, by func(*listing) taker) (err error) {
	l, file, err := c.openList(ctx, cl, name, o)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := lists.NewReader(l.read, l.shape)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	l.columns = r.Columns
	t := by(l)
	if err := t.ready(); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.rejects.close()) }()
	err = l.run(ctx, r, most, t)
	l.bar.end()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, t.interrupted(c.language(""), l.rows-len(l.batch)))
	}
	return t.report()
}

// openList opens a file, names it by its content, and finds its form. Times that name
// no zone are of the one that the options name, else of the project's.
func (c *cli) openList(ctx context.Context, cl *client, name string, o *importOptions) (l *listing, f *os.File, err error) {
	l = &listing{c: c, cl: cl, o: o, file: name}
	if l.zone, err = c.zoneNamed("timezone", o.mapping.Zone); err != nil {
		return nil, nil, err
	}
	if f, err = os.Open(name); err != nil {
		return nil, nil, fmt.Errorf("open the list: %w", err)
	}
	if l.shape, err = l.look(f); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("read %s: %w", name, err), f.Close())
	}
	if l.zone == nil {
		if l.zone, err = cl.projectZone(ctx); err != nil {
			return nil, nil, errors.Join(err, f.Close())
		}
	}
	l.read = &countedReader{r: f}
	l.bar = newBar(c.err, l.size)
	l.rejects = &rejects{name: cmp.Or(o.errors, name+".errors.csv")}
	return l, f, nil
}

// look reads the whole file once: for its digest, and to see how it is written.
func (l *listing) look(f *os.File) (lists.Shape, error) {
	hash, text := sha256.New(), &utf8Checker{}
	begin := make([]byte, 256<<10)
	n, err := io.ReadFull(f, begin)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return lists.Shape{}, err
	}
	begin = begin[:n]
	all := io.MultiReader(bytes.NewReader(begin), f)
	if l.size, err = io.Copy(io.MultiWriter(hash, text), all); err != nil {
		return lists.Shape{}, err
	}
	shape := lists.Sniff(begin)
	if shape.Encoding == lists.UTF8 && text.bad {
		shape.Encoding = lists.ShiftJIS
	}
	switch enc := strings.ToLower(l.o.encoding); enc {
	case "":
	case lists.UTF8, lists.ShiftJIS, lists.UTF16:
		shape.Encoding = enc
	default:
		return shape, fmt.Errorf("--encoding is utf-8, shift_jis or utf-16, not %q", l.o.encoding)
	}
	if d := l.o.delimiter; d != "" {
		if d == `\t` || d == "tab" {
			d = "\t"
		}
		if utf8.RuneCountInString(d) != 1 {
			return shape, fmt.Errorf("--delimiter is one character, not %q", l.o.delimiter)
		}
		shape.Delimiter, _ = utf8.DecodeRuneInString(d)
	}
	hash.Write([]byte(l.o.again))
	l.digest = hex.EncodeToString(hash.Sum(nil))[:24]
	_, err = f.Seek(0, io.SeekStart)
	return shape, err
}

// run hands the rows on in pieces.
func (l *listing) run(ctx context.Context, r *lists.Reader, most int, t taker) error {
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return t.send(ctx)
		}
		if err != nil {
			return err
		}
		if row.Number < l.o.from {
			continue
		}
		l.rows++
		if err = row.Err; err == nil {
			err = t.add(row)
		}
		if err != nil {
			if err := l.reject(row, "bad_row", l.c.whyBad(err)); err != nil {
				return err
			}
			continue
		}
		l.batch = append(l.batch, row)
		if len(l.batch) >= most {
			if err := t.send(ctx); err != nil {
				return err
			}
		}
	}
}

// sent takes note of what the server said of the piece, and begins another.
func (l *listing) sent(refused []httpd.RowDoc) error {
	for _, bad := range refused {
		if err := l.reject(l.batch[bad.Index], bad.Code, bad.Detail); err != nil {
			return err
		}
	}
	l.batch = l.batch[:0]
	l.bar.at(l.read.n)
	return nil
}

// add implements taker.
func (i *importing) add(row lists.Row) error {
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
	i.order.Rows = append(i.order.Rows, in)
	return nil
}

// maxTries is how often a piece is sent to a server that is busy.
const maxTries = 8

// send implements taker.
func (i *importing) send(ctx context.Context) error {
	if len(i.batch) == 0 {
		return nil
	}
	var result httpd.ImportResult
	if err := i.patiently(ctx, "/api/v1/imports", i.order, &result); err != nil {
		return err
	}
	i.events, i.duplicates = i.events+result.Events, i.duplicates+result.Duplicates
	i.join(result.Would)
	i.order.Rows = i.order.Rows[:0]
	return i.sent(result.Refused)
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

// patiently makes a call to a server that may be busy.
func (l *listing) patiently(ctx context.Context, path string, order, result any) error {
	for try := 1; ; try++ {
		err := l.cl.call(ctx, http.MethodPost, path, order, result)
		var r *refusal
		if err == nil || !errors.As(err, &r) || r.Status != http.StatusTooManyRequests && r.Status != http.StatusServiceUnavailable || try == maxTries {
			return err
		}
		wait := time.NewTimer(time.Second << min(try-1, 4))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
	}
}

func (l *listing) reject(row lists.Row, code, reason string) error {
	l.refused++
	return l.rejects.add(l.columns, row, code, reason)
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
