package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/seed-456efde2/nurture/engine"
)

// reference flattens an object with the tokens of encoding/json: the same fields
// by another way. ok is false where a number fits no float64.
func reference(dec *json.Decoder, prefix string, fields []engine.Field) (_ []engine.Field, ok bool) {
	ok = true
	for dec.More() {
		key, _ := dec.Token()
		name := prefix + norm.NFC.String(key.(string))
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return fields, false
		}
		var v engine.Value
		switch raw[0] {
		case '{':
			sub := json.NewDecoder(strings.NewReader(string(raw)))
			sub.Token()
			var good bool
			fields, good = reference(sub, name+"_", fields)
			ok = ok && good
			continue
		case '[':
			v = engine.JSONValue(string([]rune(string(raw))))
		case '"':
			var text string
			ok = json.Unmarshal(raw, &text) == nil && ok
			v = engine.TextValue(norm.NFC.String(text))
		case 't', 'f':
			v = engine.FlagValue(raw[0] == 't')
		case 'n':
		default:
			var n float64
			ok = json.Unmarshal(raw, &n) == nil && ok
			v = engine.NumberValue(n)
		}
		fields = append(fields, engine.Field{Name: name, Value: v})
	}
	return fields, ok
}

func referenceFields(properties string) ([]engine.Field, bool) {
	dec := json.NewDecoder(strings.NewReader(properties))
	dec.Token()
	return reference(dec, "", nil)
}

// FuzzDecode holds three promises: nothing panics, the scanner calls JSON exactly
// what encoding/json calls JSON, and the fields of an object are those that
// encoding/json sees.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[1,2]`, `{"a":{"b":[1,{"c":"\u00e9"}]},"d":-0.5e+3}`, `"\ud83d\ude00"`,
		`01`, `1.`, `-`, `{"a":1,}`, `[1 2]`, `{"a" 1}`, "{\"a\":\"\xff\"}", `{"n":1e999}`, `{"x":"\ud800"}`, `nul`, `"a`, "\"\t\"",
	} {
		f.Add([]byte(seed))
	}
	files, _ := filepath.Glob("testdata/*.json")
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := scanner{src: string(body)}
		depth := s.skip()
		sound := !s.failed() && s.atEnd()
		if want := json.Valid(body); sound != want && depth < 9000 { // encoding/json gives up at 10,000 levels
			t.Fatalf("scanner says %v, encoding/json %v: %q", sound, want, body)
		}
		if sound && depth <= MaxNesting {
			compareFields(t, strings.TrimLeft(string(body), " \t\r\n"))
		}
		for kind := range engine.Tick {
			checkVerdicts(t, body, kind)
		}
	})
}

func compareFields(t *testing.T, object string) {
	if object[0] != '{' {
		return
	}
	want, sound := referenceFields(object)
	d := decoder{}
	it := item{}
	d.flatten(&it, "", &scanner{src: object})
	if (it.problem == nil) != sound {
		t.Fatalf("problem %v, encoding/json finds it sound: %v: %q", it.problem, sound, object)
	}
	if sound && !slices.Equal(d.fields, want) {
		t.Fatalf("%q\ngot  %v\nwant %v", object, d.fields, want)
	}
}

func checkVerdicts(t *testing.T, body []byte, kind engine.EventKind) {
	b, err := Decode(body, Call{Kind: kind, Received: received})
	if err != nil {
		if p := (*engine.Problem)(nil); !errors.As(err, &p) {
			t.Fatalf("not a Problem: %v", err)
		}
		return
	}
	seen := make([]bool, len(b.Events)+len(b.Refused))
	for i := range b.Events {
		e := b.Events[i]
		seen[b.Index(i)] = true
		if err := e.Check(); err != nil || !utf8.ValidString(e.Context) {
			t.Fatalf("an event that fails its check: %v", err)
		}
	}
	for _, r := range b.Refused {
		seen[r.Index] = true
	}
	if slices.Contains(seen, false) {
		t.Fatalf("an item without a verdict: %v", seen)
	}
}

func benchBody(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"batch":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"track","messageId":"node-next-1795299288329-%08d","timestamp":"2026-10-06T09:00:00.%03dZ","userId":"lead-%06d","event":"page_view","properties":{"path":"/pricing/plans","duration":%d,"session":"s-%06d"},"context":{"library":{"name":"analytics-node","version":"3.1.0"},"utm":"newsletter"}}`, i, i%1000, i*7919%100000, i%120, i)
	}
	b.WriteString(`],"writeKey":"k","sentAt":"2026-10-06T09:30:05Z"}`)
	return []byte(b.String())
}

// BenchmarkDecode tells the cost of one event of 300 bytes, in batches of one and
// of a thousand, beside encoding/json doing the reading alone.
func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{1, 1000} {
		body := benchBody(n)
		call := Call{Received: received}
		b.Run(fmt.Sprintf("ours/%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(body) / n))
			b.ReportAllocs()
			for i := 0; i < b.N; i += n {
				if batch, err := Decode(body, call); err != nil || len(batch.Events) != n {
					b.Fatal(err, len(batch.Refused))
				}
			}
		})
		b.Run(fmt.Sprintf("encoding-json/%d", n), func(b *testing.B) {
			b.SetBytes(int64(len(body) / n))
			b.ReportAllocs()
			for i := 0; i < b.N; i += n {
				if events := standard(body); len(events) != n {
					b.Fatal("short")
				}
			}
		})
	}
}

// standard is the plain way with encoding/json: structs for the known members,
// tokens for the fields.
func standard(body []byte) []engine.Event {
	var call struct {
		Batch []struct {
			Type, MessageID, UserID, AnonymousID, Event, Timestamp string
			Properties, Context                                    json.RawMessage
		}
		WriteKey, SentAt string
	}
	if err := json.Unmarshal(body, &call); err != nil {
		return nil
	}
	events := make([]engine.Event, len(call.Batch))
	for i, it := range call.Batch {
		e := &events[i]
		e.Kind, e.ID, e.User, e.Visitor, e.Name = kinds[it.Type], it.MessageID, it.UserID, it.AnonymousID, it.Event
		e.Fields, _ = referenceFields(string(it.Properties))
		e.Context = string(it.Context)
		e.At, _ = parseISO(it.Timestamp)
		e.Received = received
		if e.Check() != nil {
			return nil
		}
	}
	return events
}
