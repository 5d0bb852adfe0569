package postal

import (
	"context"
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
	cfg, ds := channel.NewConfig(c.Describe(), "letters", values)
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

// letter is a request of a full address; more are parts in the place of its own.
func letter(key string, more ...channel.Part) channel.Request {
	parts := []channel.Part{
		{Name: "piece", Value: "brochure"},
		{Name: "postcode", Value: "〒１００－０００１"},
		{Name: "address", Value: "東京都千代田区千代田1-1"},
		{Name: "company", Value: "=SUM(1,2)株式会社"},
		{Name: "name", Value: "田中 太郎"},
		{Name: "honorific", Value: "様"},
	}
	return channel.Request{Key: key, Kind: "postal", Lead: "01LEAD", Attempt: 1, Parts: append(parts, more...)}
}

func do(t *testing.T, c *Channel, rs ...channel.Request) []channel.Reply {
	t.Helper()
	replies, err := c.DoBatch(t.Context(), rs)
	if err != nil {
		t.Fatal(err)
	}
	return replies
}

func TestAddressFile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := configured(t, map[string]any{
		"folder": folder, "timezone": "Asia/Tokyo", "headers": "ja",
		"cost": 84.5, "costs": map[string]any{"brochure": "240"},
	})
	replies := do(t, c, letter("k1"), letter("k2", channel.Part{Name: "piece", Value: "postcard"}),
		letter("k3", channel.Part{Name: "cost", Value: 99.0}), letter("k1"))
	for _, r := range replies {
		if r.Outcome != channel.Done || r.Provider != "letters-2026-10-06.csv" {
			t.Errorf("%+v", r)
		}
	}
	for i, cost := range []float64{240, 84.5, 99, 240} {
		if replies[i].Cost != cost || replies[i].Currency != "JPY" {
			t.Errorf("piece %d costs %v %s, want %v", i, replies[i].Cost, replies[i].Currency, cost)
		}
	}
	do(t, c, letter("k2"))
	got, err := os.ReadFile(filepath.Join(folder, "letters-2026-10-06.csv"))
	const want = "\ufeff管理番号,日付,発送物,郵便番号,住所1,住所2,会社名,部署名,役職,氏名,敬称,備考,費用,通貨\r\n" +
		"k1,2026-10-06,brochure,100-0001,東京都千代田区千代田1-1,,\"'=SUM(1,2)株式会社\",,,田中 太郎,様,,240,JPY\r\n" +
		"k2,2026-10-06,postcard,100-0001,東京都千代田区千代田1-1,,\"'=SUM(1,2)株式会社\",,,田中 太郎,様,,84.5,JPY\r\n" +
		"k3,2026-10-06,brochure,100-0001,東京都千代田区千代田1-1,,\"'=SUM(1,2)株式会社\",,,田中 太郎,様,,99,JPY\r\n"
	if err != nil || string(got) != want {
		t.Errorf("%s (%v)", got, err)
	}
}

func TestShiftJIS(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := configured(t, map[string]any{"folder": folder, "encoding": "shift_jis"})
	replies := do(t, c, letter("k1", channel.Part{Name: "name", Value: "髙橋"}), letter("k2", channel.Part{Name: "name", Value: "𠮷田"}))
	if replies[0].Outcome != channel.Done || replies[1].Code != "not_in_encoding" || replies[1].Detail != "name has a character that Shift_JIS has not" {
		t.Errorf("%+v", replies)
	}
	got, err := os.ReadFile(filepath.Join(folder, "letters-2026-10-05.csv"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := japanese.ShiftJIS.NewDecoder().String(string(got))
	if err != nil || !strings.HasPrefix(text, "key,date,piece,") || !strings.Contains(text, ",髙橋,様,,0,JPY\r\n") || strings.Count(text, "\n") != 2 {
		t.Errorf("%q (%v)", text, err)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	c := configured(t, map[string]any{"folder": folder})
	for _, x := range []struct {
		part channel.Part
		code string
	}{
		{channel.Part{Name: "name", Value: " "}, "incomplete_address"},
		{channel.Part{Name: "address", Value: nil}, "incomplete_address"},
		{channel.Part{Name: "postcode", Value: ""}, "incomplete_address"},
		{channel.Part{Name: "postcode", Value: "12-345"}, "bad_postcode"},
		{channel.Part{Name: "cost", Value: -1.0}, "bad_cost"},
		{channel.Part{Name: "cost", Value: "much"}, "bad_cost"},
	} {
		r := do(t, c, letter("k", x.part))[0]
		if r.Outcome != channel.Refused || r.Code != x.code || strings.Contains(r.Detail, "12-345") {
			t.Errorf("%v: %+v", x.part, r)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "*.csv")); len(files) != 0 {
		t.Errorf("%v", files)
	}
	anywhere := configured(t, map[string]any{"folder": folder, "postcodes": "any", "dry_run": true})
	if r := do(t, anywhere, letter("k", channel.Part{Name: "postcode", Value: "SW1A 1AA"}))[0]; r.Outcome != channel.Done || r.Provider != "dry run" {
		t.Errorf("%+v", r)
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "*.csv")); len(files) != 0 {
		t.Errorf("a dry run wrote %v", files)
	}
}

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, c := range []struct {
		name, path string
		value      any
	}{
		{"folder", "folder", "out"},
		{"folder", "folder", os.Args[0]},
		{"name", "name", "a/b"},
		{"encoding", "encoding", "latin1"},
		{"timezone", "timezone", "Tokyo"},
		{"cost", "cost", -1.0},
		{"costs", "costs.card", map[string]any{"card": "much"}},
		{"costs", "costs.card", map[string]any{"card": "NaN"}},
		{"currency", "currency", "yen"},
	} {
		ds := configure(New(nil), map[string]any{"folder": folder, c.name: c.value})
		if !ds.Failed() || ds[0].Path != c.path || ds[0].Summary.Ja == "" || ds[0].Detail.Ja == "" {
			t.Errorf("%s = %v: %+v", c.name, c.value, ds)
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
			return letter("", channel.Part{Name: "note", Value: fmt.Sprintf("number %d of many", n)}).Parts
		},
		Times: func(key string) int {
			files, _ := filepath.Glob(filepath.Join(folder, "*.csv"))
			n := 0
			for _, f := range files {
				b, _ := os.ReadFile(f)
				n += strings.Count(string(b), key+",")
			}
			return n
		},
		Large: func(text string) []channel.Part { return letter("", channel.Part{Name: "note", Value: text}).Parts },
	})
}
