package intake

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

var rewrite = flag.Bool("rewrite", false, "write what the tests print to testdata")

// received is when every call of these tests reached us.
const received = engine.Time(1791279005000) // 2026-10-06T09:30:05Z

// TestClients decodes what real clients sent: analytics-node 3.1.0,
// rudder-sdk-node 3.0.13 and analytics-next 1.84.0 (browser.*.json) as recorded but for the date,
// analytics-go in its form, and two batches of our own at the borders.
func TestClients(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			call := Call{Received: received}
			if parts := strings.Split(filepath.Base(file), "."); len(parts) == 3 {
				call.Kind = kinds[parts[1]]
			}
			got := render(Decode(body, call))
			if key := WriteKey(body); key != "" {
				got = "key " + key + "\n" + got
			}
			golden(t, strings.TrimSuffix(file, "json")+"want", got)
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

// render prints a batch the way a person checks it.
func render(b *Batch, err error) string {
	var w strings.Builder
	if err != nil {
		var p *engine.Problem
		fmt.Fprintf(&w, "error %v: %v\n", errors.As(err, &p) && p.Code != "", err)
		return w.String()
	}
	for i := range b.Events {
		e := &b.Events[i]
		fmt.Fprintf(&w, "%d %s %q user=%q visitor=%q", b.Index(i), e.Kind, e.ID, e.User, e.Visitor)
		if e.Name != "" {
			fmt.Fprintf(&w, " name=%q", e.Name)
		}
		fmt.Fprintf(&w, " at %s", e.At)
		if e.At != e.Received {
			fmt.Fprintf(&w, " (received %s)", e.Received)
		}
		w.WriteByte('\n')
		for _, f := range e.Fields {
			fmt.Fprintf(&w, "    %s = %s %s\n", f.Name, f.Value.Kind(), f.Value)
		}
		if e.Context != "" {
			fmt.Fprintf(&w, "    context %s\n", e.Context)
		}
	}
	for _, r := range b.Refused {
		fmt.Fprintf(&w, "%d refused %q %s: %s\n", r.Index, r.ID, r.Problem.Code, r.Problem.Text)
	}
	return w.String()
}

func TestBodies(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100_000)
	for _, c := range []struct {
		name, body string
		kind       engine.EventKind
		limits     Limits
		want       string
	}{
		{"empty batch", `{"batch":[]}`, 0, Limits{}, ""},
		{"byte order mark", "\uFEFF" + `{"batch":[]}`, 0, Limits{}, ""},
		{"nothing", ``, 0, Limits{}, "bad_json"},
		{"list", `[]`, 0, Limits{}, "bad_json"},
		{"no batch", `{"items":[]}`, 0, Limits{}, "no_batch"},
		{"batch is an object", `{"batch":{}}`, 0, Limits{}, "no_batch"},
		{"cut off", `{"batch":[{"type":"track"`, 0, Limits{}, "bad_json"},
		{"two bodies", `{"batch":[]}{"batch":[]}`, 0, Limits{}, "bad_json"},
		{"comma behind", `{"batch":[],}`, 0, Limits{}, "bad_json"},
		{"comma behind an item", `{"batch":[1,]}`, 0, Limits{}, "bad_json"},
		{"only brackets", deep, 0, Limits{}, "bad_json"},
		{"only brackets inside", `{"batch":` + deep + strings.Repeat("]", 100_000) + "}", 0, Limits{}, "bad_json or refused"},
		{"large", `{"batch":[]}`, 0, Limits{Batch: 5}, "too_large"},
		{"many", `{"batch":[1,2,3]}`, 0, Limits{Items: 2}, "too_large"},
		{"large event", `{"event":"E","userId":"u"}`, engine.Track, Limits{Event: 5}, "refused too_large"},
		{"raw line break in a text", "{\"a\":\"\n\"}", engine.Track, Limits{}, "bad_json"},
		{"single", `{"event":"E","userId":"u","type":"page"}`, engine.Track, Limits{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, err := Decode([]byte(c.body), Call{Kind: c.kind, Received: received, Limits: c.limits})
			got := ""
			if p := (*engine.Problem)(nil); errors.As(err, &p) {
				got = p.Code
			} else if err != nil {
				t.Fatalf("not a Problem: %v", err)
			} else if len(b.Refused) > 0 {
				got = "refused " + b.Refused[0].Problem.Code
			}
			if c.want == "bad_json or refused" {
				c.want = "refused too_large"
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestSkew(t *testing.T) {
	t.Parallel()
	const happened = received - engine.Time(2*engine.Hour)
	for _, c := range []struct {
		name  string
		sent  engine.Time
		given engine.Time
		want  engine.Time
	}{
		{"no sentAt", 0, happened, happened},
		{"sound clock", received, happened, happened},
		{"slow line", received.Add(-10 * engine.Second), happened, happened},
		{"an hour behind", received.Add(-engine.Hour), happened, happened.Add(engine.Hour)},
		{"an hour ahead", received.Add(engine.Hour), happened, happened.Add(-engine.Hour)},
		{"at the border", received.Add(-MinSkew), happened, happened.Add(MinSkew)},
		{"below the border", received.Add(1 - MinSkew), happened, happened},
		{"no time of its own", received.Add(-engine.Hour), 0, received},
		{"ahead of itself", received, received.Add(engine.Hour), received.Add(engine.MaxAhead)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			item := `"type":"track","event":"E","userId":"u"`
			if c.given != 0 {
				item += fmt.Sprintf(`,"timestamp":%q`, c.given)
			}
			sent := ""
			if c.sent != 0 {
				sent = fmt.Sprintf(`,"sentAt":%q`, c.sent)
			}
			single := at(t, "{"+item+sent+"}", engine.Track)
			batch := at(t, `{"batch":[{`+item+`}]`+sent+`}`, 0)
			if single != c.want || batch != c.want {
				t.Errorf("single %v, batch %v, want %v", single, batch, c.want)
			}
		})
	}
}

func at(t *testing.T, body string, kind engine.EventKind) engine.Time {
	t.Helper()
	b, err := Decode([]byte(body), Call{Kind: kind, Received: received})
	if err != nil || len(b.Events) != 1 {
		t.Fatalf("%s: %v, %v", body, b, err)
	}
	return b.Events[0].At
}

func TestInstant(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-10-06T09:30:00Z":           "2026-10-06T09:30:00.000Z",
		"2026-10-06T09:30:00.1Z":         "2026-10-06T09:30:00.100Z",
		"2026-10-06T09:30:00.123999999Z": "2026-10-06T09:30:00.123Z",
		"2026-10-06T18:30:00,5+09:00":    "2026-10-06T09:30:00.500Z",
		"2026-10-06 18:30:00+0900":       "2026-10-06T09:30:00.000Z",
		"2026-10-06T05:00-04":            "2026-10-06T09:00:00.000Z",
		"2026-10-06":                     "2026-10-06T00:00:00.000Z",
		"2024-02-29T23:59:60Z":           "2024-03-01T00:00:00.000Z",
		"1969-12-31T23:59:59.999Z":       "1969-12-31T23:59:59.999Z",
		"2026-10-06T09:30:00":            "2026-10-06T09:30:00.000Z",
		"2025-02-29":                     "refused",
		"2026-13-01":                     "refused",
		"2026-10-06T25:00:00Z":           "refused",
		"2026-10-06T09:30:00.Z":          "refused",
		"2026-10-06T09:30:00+9":          "refused",
		"2026-10-06T09:30:00+19:00":      "refused",
		"2026-10-06T09:30:00Zebra":       "refused",
		"06.10.2026":                     "refused",
	} {
		got := "refused"
		if at, ok := parseISO(text); ok {
			got = at.String()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestWriteKey(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"batch":[{"writeKey":"inner"}],"writeKey":"outer"}`: "outer",
		`{"batch":[{"writeKey":"inner"}]}`:                    "",
		`["writeKey"]`:                                        "",
		`{"writeKey":`:                                        "",
		``:                                                    "",
	} {
		if got := WriteKey([]byte(body)); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestIndex(t *testing.T) {
	t.Parallel()
	b := &Batch{Refused: []Refused{{Index: 0}, {Index: 2}, {Index: 3}}}
	for i, want := range []int{1, 4, 5} {
		if got := b.Index(i); got != want {
			t.Errorf("event %d: got %d, want %d", i, got, want)
		}
	}
}
