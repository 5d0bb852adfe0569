package engine_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// TestDecodeFactIn reads a stored fact as DecodeFact reads it, every shortened one
// included.
func TestDecodeFactIn(t *testing.T) {
	t.Parallel()
	text := engine.TextValue("/pricing")
	key := engine.ActionKey{1, 2, 3}
	f := engine.Fact{
		Seq: 7, Revision: 3,
		Event: engine.Event{
			Kind: engine.Settled, ID: "m1", Source: "web", Name: "viewed", User: "u1", Visitor: "v1", At: 1000, Received: 2000,
			Fields: []engine.Field{{Name: "path", Value: text}, {Name: "n", Value: engine.NumberValue(3)}}, Context: `{"a":1}`,
			Action: key, Receipt: engine.Receipt{Key: key, Attempt: 2, Outcome: engine.Refused, Code: "550", Detail: "no such user"},
		},
		Derived: []engine.Derived{{Name: "mail_sent", At: 1000, Fields: []engine.Field{{Name: "channel", Value: engine.TextValue("mail")}}}},
		Decisions: []engine.Decision{{
			Kind: engine.TossedUp, At: 1000, Subject: "hot", Detail: "d", Action: key,
			Because: []engine.Reason{{Source: "score.interest >= 70", Holds: true, Facts: []engine.Field{{Name: "score.interest", Value: engine.NumberValue(80)}}}},
		}},
	}
	row := engine.AppendFact(nil, &f)
	whole := string(row)
	var got engine.Fact
	if err := engine.DecodeFactIn(row, whole, &got); err != nil {
		t.Fatal(err)
	}
	if back := engine.AppendFact(nil, &got); !bytes.Equal(back, row) {
		t.Errorf("read back it is %+v, not %+v", got, f)
	}
	for n := range row {
		if err := engine.DecodeFactIn(row[:n], whole[:n], &got); !errors.Is(err, engine.ErrFormat) {
			t.Errorf("the first %d bytes of %d: %v", n, len(row), err)
		}
	}
	if err := engine.DecodeFactIn(row, whole[1:], &got); !errors.Is(err, engine.ErrFormat) {
		t.Errorf("another text than the row: %v", err)
	}
}
