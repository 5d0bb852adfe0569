package file

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/channel/channeltest"
)

// TestMain serves the channel where the conformance suite asks for it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "describe") {
		channel.Serve(New(nil))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func configure(c *Channel, values map[string]any) channel.Diagnostics {
	cfg, ds := channel.NewConfig(c.Describe(), "export", values)
	if ds.Failed() {
		return ds
	}
	var more channel.Diagnostics
	errors.As(c.Configure(context.Background(), cfg), &more)
	return append(ds, more...)
}

func configured(t *testing.T, values map[string]any) *Channel {
	t.Helper()
	c := New(func() time.Time { return time.Date(2026, 10, 5, 15, 30, 0, 0, time.UTC) })
	if ds := configure(c, values); ds.Failed() {
		t.Fatal(ds)
	}
	return c
}

func request(key, record string) channel.Request {
	return channel.Request{Key: key, Kind: "file", Lead: "01LEAD", Attempt: 1, Parts: []channel.Part{{Name: partRecord, Value: json.RawMessage(record)}}}
}

func do(t *testing.T, c *Channel, rs ...channel.Request) []channel.Reply {
	t.Helper()
	replies, err := c.DoBatch(t.Context(), rs)
	if err != nil {
		t.Fatal(err)
	}
	return replies
}

func TestNDJSON(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := configured(t, map[string]any{"folder": folder, "timezone": "Asia/Tokyo"})
	first := request("k1", `{"name":"田中","id":12345678901234567,"at":"mine"}`)
	first.Parts = append(first.Parts, channel.Part{Name: "reasons", Value: json.RawMessage(`["a"]`)})
	replies := do(t, c, first, request("k2", `[1]`), request("k3", `{"n":1}`), request("k1", `{"name":"田中"}`))
	if replies[0].Provider != "export-2026-10-06.ndjson" || replies[1].Outcome != channel.Refused || replies[2].Outcome != channel.Done || replies[3].Outcome != channel.Done {
		t.Errorf("%+v", replies)
	}
	do(t, c, request("k1", `{"name":"田中"}`))
	got, err := os.ReadFile(filepath.Join(folder, "export-2026-10-06.ndjson"))
	const want = `{"key":"k1","at":"2026-10-05T15:30:00Z","lead":"01LEAD","kind":"file","id":12345678901234567,"name":"田中","reasons":["a"]}` + "\n" +
		`{"key":"k3","at":"2026-10-05T15:30:00Z","lead":"01LEAD","kind":"file","n":1}` + "\n"
	if err != nil || string(got) != want {
		t.Errorf("%s (%v)", got, err)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := configured(t, map[string]any{
		"folder": folder, "name": "leads", "format": "csv", "encoding": "shift_jis",
		"columns": []any{"key", "氏名", "n", "yes", "none"},
	})
	replies := do(t, c, request("k1", `{"氏名":"=cmd()","n":-1.5,"yes":true}`), request("k2", `{"氏名":"😀"}`))
	if replies[1].Outcome != channel.Refused || replies[1].Detail != "column 氏名 has a character that Shift_JIS has not" {
		t.Errorf("%+v", replies[1])
	}
	got, err := os.ReadFile(filepath.Join(folder, "leads-2026-10-05.csv"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := japanese.ShiftJIS.NewDecoder().String(string(got))
	if err != nil || text != "key,氏名,n,yes,none\r\nk1,'=cmd(),-1.5,true,\r\n" {
		t.Errorf("%q (%v)", text, err)
	}
}

// A disk that does not take it is a matter of time, and nothing was done.
func TestFolderGoesAway(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "out")
	c := configured(t, map[string]any{"folder": folder})
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if r := do(t, c, request("k1", `{"a":1}`))[0]; r.Outcome != channel.Retry || r.Code != "disk" {
		t.Errorf("%+v", r)
	}
	if c.Check(t.Context()) == nil {
		t.Error("a folder that is gone is fine")
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, c := range []struct {
		values map[string]any
		path   string
	}{
		{map[string]any{}, "folder"},
		{map[string]any{"folder": "out"}, "folder"},
		{map[string]any{"folder": os.Args[0]}, "folder"},
		{map[string]any{"folder": folder, "name": "../x"}, "name"},
		{map[string]any{"folder": folder, "format": "xml"}, "format"},
		{map[string]any{"folder": folder, "format": "csv"}, "columns"},
		{map[string]any{"folder": folder, "columns": []any{"a"}}, "columns"},
		{map[string]any{"folder": folder, "encoding": "shift_jis"}, "encoding"},
		{map[string]any{"folder": folder, "format": "csv", "encoding": "shift_jis", "columns": []any{"😀"}}, "columns"},
		{map[string]any{"folder": folder, "timezone": "Tokyo"}, "timezone"},
	} {
		ds := configure(New(nil), c.values)
		if !ds.Failed() || ds[0].Path != c.path || ds[0].Summary.Ja == "" || ds[0].Detail.Ja == "" {
			t.Errorf("%v: %+v", c.values, ds)
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	channeltest.Run(t, channeltest.Plan{
		Command: []string{channeltest.Self(), "serve"},
		Config:  map[string]any{"folder": folder},
		Parts: func(n int) []channel.Part {
			return []channel.Part{{Name: partRecord, Value: json.RawMessage(fmt.Sprintf(`{"email":"tanaka-%d@example.co.jp"}`, n))}}
		},
		Times: func(key string) int {
			files, _ := filepath.Glob(filepath.Join(folder, "*.ndjson"))
			n := 0
			for _, f := range files {
				b, _ := os.ReadFile(f)
				n += strings.Count(string(b), `"key":"`+key+`"`)
			}
			return n
		},
		Large: func(text string) []channel.Part {
			b, _ := json.Marshal(map[string]string{"text": text})
			return []channel.Part{{Name: partRecord, Value: json.RawMessage(b)}}
		},
	})
}
