package intake

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed-456efde2/nurture/engine"
)

const recordedLines = "\uFEFF" + `{"type":"identify","messageId":"1","timestamp":"2017-06-14T00:00:00.000Z","userId":"a","traits":{"origin":null}}
{"type":"track","messageId":"2","timestamp":"2017-06-14T00:00:00.000Z","sentAt":"2030-01-01T00:00:00Z","userId":"a","event":"Contact Requested"}

{"type":"track","messageId":"3","userId":"a","event":"No Time"}
not json
{"type":"track","messageId":"4","timestamp":"2017-06-15","userId":"a","event":"Last, without a line's end"}`

func TestLines(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	z.Write([]byte(recordedLines[:100]))
	z.Close()
	z.Reset(&zipped) // a second member, as `cat a.gz b.gz` makes
	z.Write([]byte(recordedLines[100:]))
	z.Close()
	for name, r := range map[string]io.Reader{
		"plain":  strings.NewReader(recordedLines),
		"gzip":   &zipped,
		"bytes":  iotest.OneByteReader(strings.NewReader(recordedLines)),
		"crlf":   strings.NewReader(strings.ReplaceAll(recordedLines, "\n", "\r\n")),
		"behind": strings.NewReader(recordedLines + "\n\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := []string{
				"1 1 2017-06-14T00:00:00.000Z", "2 2 2017-06-14T00:00:00.000Z",
				"4 no_time", "5 bad_json", "6 4 2017-06-15T00:00:00.000Z",
			}
			var got []string
			err := Lines(r, "file", func(line int, e engine.Event, err error) error {
				got = append(got, describe(t, line, e, err))
				return nil
			})
			if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("%v\ngot  %q\nwant %q", err, got, want)
			}
		})
	}
}

func describe(t *testing.T, line int, e engine.Event, err error) string {
	t.Helper()
	n := string(rune('0' + line))
	if p := (*engine.Problem)(nil); errors.As(err, &p) {
		return n + " " + p.Code
	}
	if err != nil || e.Source != "file" || e.Received != e.At {
		t.Fatalf("line %d: %+v, %v", line, e, err)
	}
	return n + " " + e.ID + " " + e.At.String()
}

func TestLinesBounds(t *testing.T) {
	t.Parallel()
	pad := `{"type":"track","messageId":"x","timestamp":"2017-06-14","userId":"a","event":"E","pad":"`
	fits := pad + strings.Repeat("x", MaxLine-len(pad)-3) + "\"}\n"
	over := pad + strings.Repeat("x", MaxLine) + `"}`
	var got []string
	err := Lines(strings.NewReader(fits+over+"\n"+fits+over), "file", func(line int, e engine.Event, err error) error {
		got = append(got, describe(t, line, e, err)[:5])
		return nil
	})
	if want := "1 x 2,2 too,3 x 2,4 too"; err != nil || strings.Join(got, ",") != want {
		t.Errorf("%v\ngot  %s\nwant %s", err, strings.Join(got, ","), want)
	}
}

func TestLinesStop(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	calls := 0
	err := Lines(strings.NewReader(recordedLines), "file", func(int, engine.Event, error) error {
		calls++
		return enough
	})
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	broken := io.MultiReader(strings.NewReader(recordedLines), iotest.ErrReader(io.ErrUnexpectedEOF))
	err = Lines(broken, "file", func(int, engine.Event, error) error { return nil })
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken file: %v", err)
	}
	if err := Lines(strings.NewReader("\x1f\x8bnot gzip"), "file", nil); err == nil {
		t.Error("broken gzip: no error")
	}
}
