package lists

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"golang.org/x/text/encoding/japanese"
	xunicode "golang.org/x/text/encoding/unicode"
)

const booth = "会員ID,メール,来場日時,メモ\r\nu1,tanaka@example.co.jp,2026/10/5 14:30,\"展示,製品\nA\"\r\n\r\nu2,sato@example.co.jp,2026-10-05T15:00:00+09:00,－5\r\nu3,x\r\n"

func rowsIn(t *testing.T, file []byte) ([]Row, *Reader) {
	t.Helper()
	shape := Sniff(file)
	r, err := NewReader(bytes.NewReader(file), shape)
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, r
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func encoded(t *testing.T, text string, how string) []byte {
	t.Helper()
	var out []byte
	var err error
	switch how {
	case ShiftJIS:
		out, err = japanese.ShiftJIS.NewEncoder().Bytes([]byte(text))
	case UTF16:
		out, err = xunicode.UTF16(xunicode.LittleEndian, xunicode.UseBOM).NewEncoder().Bytes([]byte(text))
	case "bom":
		out = []byte(bom + text)
	default:
		out = []byte(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The same table in every encoding and with every delimiter gives the same rows.
func TestReadTables(t *testing.T) {
	t.Parallel()
	for _, how := range []string{UTF8, "bom", ShiftJIS, UTF16} {
		for _, d := range []string{",", "\t", ";"} {
			text := booth
			if d != "," {
				text = strings.ReplaceAll(strings.ReplaceAll(booth, "展示,製品", "展示、製品"), ",", d)
			}
			if how == ShiftJIS {
				text = strings.ReplaceAll(text, "－", "-")
			}
			rows, r := rowsIn(t, encoded(t, text, how))
			if !reflect.DeepEqual(r.Columns, []string{"会員ID", "メール", "来場日時", "メモ"}) || len(rows) != 3 {
				t.Fatalf("%s %q: columns %q, %d rows", how, d, r.Columns, len(rows))
			}
			if rows[0].Values["メール"] != "tanaka@example.co.jp" || rows[1].Values["会員ID"] != "u2" || rows[2].Err == nil {
				t.Errorf("%s %q: %+v", how, d, rows)
			}
		}
	}
}

func TestReadLines(t *testing.T) {
	t.Parallel()
	rows, _ := rowsIn(t, []byte("{\"user_id\":\"u1\",\"n\":3}\n\nnonsense\n{\"user_id\":\"u2\"}"))
	if len(rows) != 3 || rows[0].Values["n"] != 3.0 || rows[1].Err == nil || rows[1].Line != 3 || rows[2].Values["user_id"] != "u2" {
		t.Errorf("the rows are %+v", rows)
	}
}

func TestCallsOfARow(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*3600)
	rows, r := rowsIn(t, []byte(booth))
	m, err := Mapping{User: "会員ID", Event: "booth_visited", Time: "来場日時", Traits: map[string]string{"メール": "email"}, Fields: map[string]string{"メモ": "note"}}.For(r.Columns)
	if err != nil {
		t.Fatal(err)
	}
	calls, err := m.Calls(rows[0].Values, tokyo)
	if err != nil || len(calls) != 2 {
		t.Fatalf("%+v, %v", calls, err)
	}
	at := time.Date(2026, 10, 5, 14, 30, 0, 0, tokyo)
	if c := calls[0]; c.Type != "identify" || c.User != "u1" || c.Traits["email"] != "tanaka@example.co.jp" || !c.Time.Equal(at) || len(c.Traits) != 1 {
		t.Errorf("the identify is %+v", c)
	}
	if c := calls[1]; c.Type != "track" || c.Event != "booth_visited" || c.Fields["note"] != "展示,製品\nA" || !c.Time.Equal(at) {
		t.Errorf("the track is %+v", c)
	}
	if _, err := (Mapping{User: "no such"}).For(r.Columns); err == nil || !strings.Contains(err.Error(), "会員ID") {
		t.Errorf("a column that is not there: %v", err)
	}
	if _, err := ParseMapping([]byte(`{"usr":"x"}`)); err == nil {
		t.Error("a mapping with a slip is taken")
	}
}

func TestTimesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("JST", 9*3600)
	want := time.Date(2026, 3, 5, 9, 7, 0, 0, tokyo)
	for _, text := range []string{"2026-03-05 09:07", "2026/3/5 9:07", "２０２６／３／５　９：０７", "2026年3月5日 9時07分", "2026-03-05T00:07:00Z", "2026-03-05T09:07"} {
		if got, err := ParseTime(text, tokyo); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-13-01", "5/3/2026"} {
		if got, err := ParseTime(text, tokyo); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

var sample = []Column{{"b text", Text}, {"a number", Number}, {"flag", Flag}, {"time", Time}}

func write(t *testing.T, format string, rows ...[]any) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, format, sample)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// No cell is a formula to a spreadsheet, and what was guarded reads back.
func TestFormulasAreTexts(t *testing.T) {
	t.Parallel()
	evil := []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", " =1", "　=1"}
	var rows [][]any
	for _, text := range evil {
		rows = append(rows, []any{text, -5.0, nil, nil})
	}
	file := write(t, "csv", rows...)
	if !bytes.HasPrefix(file, []byte(bom)) {
		t.Error("there is no byte order mark")
	}
	cells, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte(bom)))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range cells[1:] {
		if row[0][0] != '\'' {
			t.Errorf("%q is a formula", row[0])
		}
		if row[1] != "-5" {
			t.Errorf("the number is %q", row[1])
		}
		if back := Unguard(row[0]); strings.ReplaceAll(back, "\n", "") != strings.NewReplacer("\r", "", "\n", "").Replace(evil[i]) && back != evil[i] {
			t.Errorf("%q reads back as %q", evil[i], back)
		}
	}
}

func TestParquet(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 5, 1, 2, 3, 0, time.UTC)
	var rows [][]any
	for range 2500 {
		rows = append(rows, []any{"田中", 1.5, true, at}, []any{nil, nil, nil, nil})
	}
	file := write(t, "parquet", rows...)
	type record struct {
		Text   *string    `parquet:"b text,optional"`
		Number *float64   `parquet:"a number,optional"`
		Flag   *bool      `parquet:"flag,optional"`
		Time   *time.Time `parquet:"time,optional,timestamp(millisecond)"`
	}
	got, err := parquet.Read[record](bytes.NewReader(file), int64(len(file)))
	if err != nil || len(got) != 5000 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	if r := got[4998]; *r.Text != "田中" || *r.Number != 1.5 || !*r.Flag || !r.Time.Equal(at) {
		t.Errorf("a row is %+v", r)
	}
	if r := got[4999]; r.Text != nil || r.Number != nil || r.Flag != nil || r.Time != nil {
		t.Errorf("an empty row is %+v", r)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	if got := string(write(t, "ndjson", []any{"=<b>", nil, false, nil})); got != `{"b text":"=<b>","flag":false}`+"\n" {
		t.Errorf("the line is %s", got)
	}
	if _, err := NewWriter(nil, "xlsx", sample); err == nil {
		t.Error("a form that is none is taken")
	}
}

// Whatever stands in a file, reading it ends, and every row is one or has its reason.
func FuzzRead(f *testing.F) {
	f.Add([]byte(booth))
	f.Add([]byte("{}\n{"))
	f.Add([]byte("\xff\xfea\x00,\x00b\x00"))
	f.Add([]byte("a,b\n\"x,1\n\"\"\",2"))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := NewReader(bytes.NewReader(file), Sniff(file))
		if err != nil {
			return
		}
		for range len(file) + 2 {
			row, err := r.Next()
			if err != nil {
				return
			}
			if row.Err == nil && row.Values == nil && r.Columns != nil {
				t.Fatalf("row %d is neither", row.Number)
			}
		}
		t.Fatal("it does not end")
	})
}
