package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
)

// Read on all cores, a file has the events and problems that it has read line by line,
// in the same order.
func TestEventsAreReadInOrder(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	for i := range 5000 {
		switch {
		case i%977 == 0:
			file.WriteString("no event\n\n")
		case i == 2500:
			file.WriteString(strings.Repeat("x", intake.MaxLine+1) + "\n")
		default:
			fmt.Fprintf(&file, `{"type":"track","event":"viewed","userId":"u%d","timestamp":"2026-05-01T09:00:00Z","properties":{"path":"/p/%d"}}`+"\n", i%50, i)
		}
	}
	type read struct {
		event   engine.Event
		problem string
	}
	text := func(problem error) string { return fmt.Sprint(problem) }
	var want []read
	err := intake.Lines(bytes.NewReader(file.Bytes()), "file", func(_ int, e engine.Event, problem error) error {
		want = append(want, read{e, text(problem)})
		return nil
	})
	if err != nil || len(want) != 5000 {
		t.Fatalf("%d lines, %v", len(want), err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(file.Bytes()); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"plain": file.Bytes(), "gzipped": packed.Bytes()} {
		var got []read
		if err := eachRecorded(bytes.NewReader(b), "file", func(e engine.Event, problem error) { got = append(got, read{e, text(problem)}) }); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d events are read, not the %d of the file", name, len(got), len(want))
		}
	}
	if err := eachRecorded(io.MultiReader(bytes.NewReader(file.Bytes()), failing{}), "file", func(engine.Event, error) {}); err == nil {
		t.Error("a file that cannot be read to its end is read without an error")
	}
	if err := eachRecorded(strings.NewReader(""), "file", func(engine.Event, error) { t.Error("nothing has an event") }); err != nil {
		t.Error(err)
	}
}

// failing cannot be read.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
