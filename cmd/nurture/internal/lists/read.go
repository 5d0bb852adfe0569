package lists

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Shape is how a file of rows is written.
type Shape struct {
	Encoding  string // "utf-8", "shift_jis", "utf-16"
	Lines     bool   // an object of JSON a line, else a table
	Delimiter rune   // of a table
}

// The encodings.
const (
	UTF8     = "utf-8"
	ShiftJIS = "shift_jis"
	UTF16    = "utf-16"
)

// sampleSize is how much of a file is looked at to find its form.
const sampleSize = 256 << 10

// Sniff finds how a file is written, from its beginning. Excel saves Japanese tables
// as Shift_JIS unless told otherwise; whatever is no UTF-8 is taken for that.
func Sniff(begin []byte) Shape {
	whole := begin
	if len(begin) >= sampleSize { // a letter may be cut in two
		whole = begin[:bytes.LastIndexByte(begin, '\n')+1]
	}
	s := Shape{Encoding: UTF8, Delimiter: ','}
	switch {
	case bytes.HasPrefix(begin, []byte{0xff, 0xfe}), bytes.HasPrefix(begin, []byte{0xfe, 0xff}):
		s.Encoding = UTF16
	case !utf8.Valid(whole):
		s.Encoding = ShiftJIS
	}
	text, err := io.ReadAll(s.decoded(bytes.NewReader(whole)))
	if err != nil {
		return s
	}
	head := strings.TrimLeft(string(text), " \t\r\n")
	if strings.HasPrefix(head, "{") {
		s.Lines = true
		return s
	}
	s.Delimiter = delimiterOf(head)
	return s
}

// delimiterOf is what stands most often between the names of the first line, outside
// quotes.
func delimiterOf(text string) rune {
	counts := map[rune]int{}
	quoted := false
	for _, r := range text {
		if r == '\n' && !quoted {
			break
		}
		if r == '"' {
			quoted = !quoted
		}
		if !quoted {
			counts[r]++
		}
	}
	best := ','
	for _, r := range ",\t;|" {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

// decoded is a file's text in UTF-8, without a byte order mark.
func (s Shape) decoded(r io.Reader) io.Reader {
	switch s.Encoding {
	case ShiftJIS:
		return transform.NewReader(r, japanese.ShiftJIS.NewDecoder())
	case UTF16:
		return transform.NewReader(r, xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM).NewDecoder())
	}
	return transform.NewReader(r, xunicode.UTF8BOM.NewDecoder())
}

// Row is one row of a file.
type Row struct {
	Number int            // from 1, without the header
	Line   int            // in the file
	Values map[string]any // by column
	Raw    []string       // of a table: the cells as they stand
	Err    error          // why it is no row
}

// Reader gives a file row by row.
type Reader struct {
	Columns []string // of a table
	shape   Shape
	csv     *csv.Reader
	lines   *bufio.Scanner
	n, line int
}

// MaxLine bounds a line of JSON.
const MaxLine = 1 << 20

// NewReader reads a file of that shape.
func NewReader(r io.Reader, s Shape) (*Reader, error) {
	text := s.decoded(r)
	d := &Reader{shape: s}
	if s.Lines {
		d.lines = bufio.NewScanner(text)
		d.lines.Buffer(nil, MaxLine)
		return d, nil
	}
	d.csv = csv.NewReader(text)
	d.csv.Comma, d.csv.FieldsPerRecord = s.Delimiter, -1
	header, err := d.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("read the header: the file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.TrimSpace(Unguard(name))
		if name == "" {
			name = fmt.Sprintf("column_%d", i+1)
		}
		if seen[name] {
			return nil, fmt.Errorf("read the header: the column %q is there twice", name)
		}
		seen[name] = true
		d.Columns = append(d.Columns, name)
	}
	return d, nil
}

// Next gives the next row, or io.EOF. A row that cannot be read has its Err; the
// rows behind it go on.
func (d *Reader) Next() (Row, error) {
	if d.lines != nil {
		return d.nextLine()
	}
	cells, err := d.csv.Read()
	if errors.Is(err, io.EOF) {
		return Row{}, io.EOF
	}
	d.n++
	row := Row{Number: d.n, Raw: cells}
	var bad *csv.ParseError
	switch {
	case errors.As(err, &bad):
		row.Line, row.Err = bad.Line, fmt.Errorf("the quotes do not match: %w", bad.Err)
		return row, nil
	case err != nil:
		return row, fmt.Errorf("read row %d: %w", d.n, err)
	}
	row.Line, _ = d.csv.FieldPos(0)
	if blank(cells) {
		d.n--
		return d.Next()
	}
	if len(cells) != len(d.Columns) {
		row.Err = fmt.Errorf("it has %d cells, the header has %d", len(cells), len(d.Columns))
		return row, nil
	}
	row.Values = make(map[string]any, len(cells))
	for i, cell := range cells {
		if cell = strings.TrimSpace(Unguard(cell)); cell != "" {
			row.Values[d.Columns[i]] = cell
		}
	}
	return row, nil
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

func (d *Reader) nextLine() (Row, error) {
	for d.lines.Scan() {
		d.line++
		text := bytes.TrimSpace(d.lines.Bytes())
		if len(text) == 0 {
			continue
		}
		d.n++
		row := Row{Number: d.n, Line: d.line, Raw: []string{string(text)}}
		if err := json.Unmarshal(text, &row.Values); err != nil {
			row.Err = errors.New("it is not an object of JSON")
		}
		return row, nil
	}
	if err := d.lines.Err(); err != nil {
		return Row{}, fmt.Errorf("read line %d: %w", d.line+1, err)
	}
	return Row{}, io.EOF
}
