package engine_test

import (
	"errors"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestDecodeFactOrigin reads the beginning of a stored fact as DecodeFact reads it,
// and refuses one that is cut off there.
func TestDecodeFactOrigin(t *testing.T) {
	t.Parallel()
	f := engine.Fact{Seq: 300, Revision: 7, Event: engine.Event{
		Kind: engine.Page, ID: "m-1", Source: "web", Name: "page_viewed", At: start, Received: start.Add(engine.Second),
		Fields: []engine.Field{{Name: "path", Value: engine.TextValue("/pricing")}},
	}}
	row := engine.AppendFact(nil, &f)
	o, err := engine.DecodeFactOrigin(row)
	if err != nil || o.Seq != f.Seq || o.Kind != f.Event.Kind || o.Received != f.Event.Received ||
		string(o.ID) != f.Event.ID || string(o.Source) != f.Event.Source {
		t.Errorf("read %+v, %v", o, err)
	}
	short := 0
	for n := range row {
		if _, err := engine.DecodeFactOrigin(row[:n]); errors.Is(err, engine.ErrFormat) {
			short = n
		} else if err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if short < len("m-1web") || short > len(row)/2 {
		t.Errorf("%d of %d bytes are too few", short, len(row))
	}
}
