// Package lists brings lists of people and events in and out as files: tables for
// spreadsheets and for data warehouses, and the tables that people make by hand. It
// knows neither HTTP nor the store; what it exports it is shown, what it reads it
// gives row by row.
package lists

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what a column holds.
type Kind uint8

// The kinds of column.
const (
	Text Kind = iota
	Number
	Flag
	Time
)

// Column is a column of a table. A value of it is a string, a float64, a bool or a
// time.Time as its Kind says, or nil for none.
type Column struct {
	Name string
	Kind Kind
}

// Formats are the forms in which a table can be written.
var Formats = []string{"csv", "ndjson", "parquet"}

// Writer takes the rows of a table. Rows have a value for each column. What was
// written is whole after Close.
type Writer interface {
	Row(values []any) error
	Close() error
}

// NewWriter writes a table in one of Formats.
func NewWriter(w io.Writer, format string, columns []Column) (Writer, error) {
	switch format {
	case "csv":
		return newCSV(w, columns)
	case "ndjson":
		return &lines{enc: json.NewEncoder(w), columns: columns}, nil
	case "parquet":
		return newParquet(w, columns), nil
	}
	return nil, fmt.Errorf("write a table: there is no form %q; there are %s", format, strings.Join(Formats, ", "))
}

// In writes the instants of a table by the clocks of a zone.
func In(zone *time.Location, w Writer) Writer { return &placed{w, zone} }

type placed struct {
	Writer
	zone *time.Location
}

// Row implements Writer.
func (p *placed) Row(values []any) error {
	for i, v := range values {
		if t, ok := v.(time.Time); ok {
			values[i] = t.In(p.zone)
		}
	}
	return p.Writer.Row(values)
}

// ContentType is the media type of a format.
func ContentType(format string) string {
	switch format {
	case "csv":
		return "text/csv; charset=utf-8"
	case "ndjson":
		return "application/x-ndjson"
	}
	return "application/vnd.apache.parquet"
}

// bom tells spreadsheets that a file is UTF-8. Without it Excel takes Japanese for
// something else.
const bom = "\ufeff"

// sheet writes CSV as spreadsheets read it.
type sheet struct {
	csv    *csv.Writer
	record []string
}

func newCSV(w io.Writer, columns []Column) (*sheet, error) {
	if _, err := io.WriteString(w, bom); err != nil {
		return nil, err
	}
	s := &sheet{csv: csv.NewWriter(w), record: make([]string, len(columns))}
	s.csv.UseCRLF = true
	for i, c := range columns {
		s.record[i] = Guard(c.Name)
	}
	return s, s.csv.Write(s.record)
}

// Row implements Writer.
func (s *sheet) Row(values []any) error {
	for i, v := range values {
		switch v := v.(type) {
		case nil:
			s.record[i] = ""
		case string:
			s.record[i] = Guard(v)
		case float64:
			s.record[i] = strconv.FormatFloat(v, 'f', -1, 64)
		case bool:
			s.record[i] = strconv.FormatBool(v)
		case time.Time:
			s.record[i] = v.Format(time.RFC3339Nano)
		default:
			return fmt.Errorf("write a table: a value is a %T", v)
		}
	}
	return s.csv.Write(s.record)
}

// Close implements Writer.
func (s *sheet) Close() error {
	s.csv.Flush()
	return s.csv.Error()
}

// formulaStarts are the characters by which spreadsheets take a cell for a formula,
// in both widths.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// Guard makes a text that a spreadsheet would carry out as a formula a text again:
// with an apostrophe before it. What leads write into forms ends up in cells.
func Guard(text string) string {
	if begins(text) {
		return "'" + text
	}
	return text
}

// Unguard takes back what Guard did.
func Unguard(text string) string {
	if rest, ok := strings.CutPrefix(text, "'"); ok && begins(rest) {
		return rest
	}
	return text
}

func begins(text string) bool {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, " \u3000"))
	return text != "" && strings.ContainsRune(formulaStarts, first)
}

// lines writes an object a line.
type lines struct {
	enc     *json.Encoder
	columns []Column
}

// Row implements Writer. Columns without a value are left out.
func (l *lines) Row(values []any) error {
	l.enc.SetEscapeHTML(false)
	object := make(map[string]any, len(values))
	for i, v := range values {
		if v != nil {
			object[l.columns[i].Name] = v
		}
	}
	return l.enc.Encode(object)
}

// Close implements Writer.
func (l *lines) Close() error { return nil }
