package channel

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// sms is a channel with every type of attribute.
type sms struct{}

func (sms) Describe() Description {
	return Description{
		Name: "sms", Version: "2.1.0", Reach: ReachesLead,
		Config: []Attribute{
			{Name: "url", Type: TypeText, Required: true, Summary: Text{En: "where to", Ja: "送り先"}},
			{Name: "mode", Type: TypeText, Choices: []string{"fast", "cheap"}, Default: "cheap"},
			{Name: "retries", Type: TypeNumber, Default: 3.0},
			{Name: "strict", Type: TypeFlag},
			{Name: "pause", Type: TypeDuration, Default: "1d"},
			{Name: "numbers", Type: TypeList},
			{Name: "headers", Type: TypeMap, Sensitive: true},
			{Name: "extra", Type: TypeObject},
			{Name: "account", Type: TypeBlock, Attributes: []Attribute{
				{Name: "name", Type: TypeText, Required: true},
				{Name: "token", Type: TypeText, Required: true, Sensitive: true},
				{Name: "zone", Type: TypeText, Default: "jp"},
			}},
		},
		Steps: []Step{{Kind: "sms", Attributes: []Attribute{{Name: "text", Type: TypeText, Required: true}}}},
	}
}

func (sms) Configure(context.Context, Config) error { return nil }

func (sms) Do(context.Context, Request) (Reply, error) { return Accepted(""), nil }

func TestConfigValues(t *testing.T) {
	t.Parallel()
	c, ds := NewConfig(sms{}.Describe(), "text_messages", map[string]any{
		"url": "https://x", "numbers": []any{"1", "2"}, "headers": map[string]any{"A": "b"},
		"strict": true, "account": map[string]any{"name": "acme", "token": "hush"}, "mode": nil,
	})
	if ds != nil {
		t.Fatal(ds)
	}
	if c.Channel != "text_messages" || c.Text("url") != "https://x" || c.Text("mode") != "cheap" || c.Number("retries") != 3 ||
		!c.Flag("strict") || c.Duration("pause") != 24*time.Hour || c.Text("account.token") != "hush" || c.Text("account.zone") != "jp" {
		t.Errorf("%+v", c)
	}
	if got := c.List("numbers"); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("numbers %v", got)
	}
	if got := c.Map("headers"); len(got) != 1 || got["A"] != "b" {
		t.Errorf("headers %v", got)
	}
	if c.Has("extra") || c.Has("account.nothing") || c.Has("url.deeper") || !c.Has("account.name") || c.Text("nothing.at.all") != "" {
		t.Error("Has is wrong")
	}
}

// Every fault is named, with its path, in both languages.
func TestConfigFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path string
		v    any
	}{
		{"url", 5.0},
		{"mode", "slow"},
		{"retries", "three"},
		{"strict", "yes"},
		{"pause", "a while"},
		{"pause", "-5m"},
		{"numbers", "1"},
		{"numbers", []any{"1", 2.0}},
		{"headers", map[string]any{"A": 1.0}},
		{"account", "acme"},
		{"account.token", map[string]any{"name": "x"}},
		{"account.colour", map[string]any{"name": "x", "token": "y", "colour": "red"}},
		{"colour", "red"},
	} {
		name, _, _ := strings.Cut(c.path, ".")
		ds := sms{}.Describe().CheckConfig(map[string]any{"url": "x", name: c.v})
		if len(ds) != 1 || ds[0].Path != c.path || ds[0].Summary.Ja == "" || ds[0].Detail.Ja == "" || !ds.Failed() || ds.Err() == nil {
			t.Errorf("%s = %v: %+v", c.path, c.v, ds)
		}
	}
	ds := sms{}.Describe().CheckConfig(nil)
	if len(ds) != 1 || ds.Error() != "url: Missing attribute: url is required: where to" {
		t.Errorf("%v", ds)
	}
	if err := (Diagnostics{{Severity: SeverityWarning}}).Err(); err != nil {
		t.Errorf("a warning is an error: %v", err)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	got := sms{}.Describe().Secrets(map[string]any{
		"url": "https://x", "headers": map[string]any{"Authorization": "Bearer y"}, "account": map[string]any{"name": "acme", "token": "hush"},
	})
	slices.Sort(got)
	if !slices.Equal(got, []string{"Bearer y", "hush"}) {
		t.Errorf("%v", got)
	}
}

func TestDescription(t *testing.T) {
	t.Parallel()
	var printed bytes.Buffer
	if err := WriteDescription(&printed, sms{}); err != nil {
		t.Fatal(err)
	}
	d, err := DecodeDescription(printed.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if d.Schema != 1 || d.BatchMax != 4 || d.Concurrency != 4 || time.Duration(d.Timeout) != 30*time.Second {
		t.Errorf("%+v", d)
	}
	again, err := EncodeDescription(d)
	if err != nil || !bytes.Equal(again, printed.Bytes()) {
		t.Errorf("a description changes by being read (%v):\n%s", err, again)
	}
	for want, change := range map[string]func(*Description){
		"schema 7":                   func(d *Description) { d.Schema = 7 },
		`plugin name "SMS"`:          func(d *Description) { d.Name = "SMS" },
		`reaches "everybody"`:        func(d *Description) { d.Reach = "everybody" },
		"brings no kind of step":     func(d *Description) { d.Steps = nil },
		`step called "send sms"`:     func(d *Description) { d.Steps = []Step{{Kind: "send sms"}} },
		`attribute name "url"`:       func(d *Description) { d.Config = append(d.Config, d.Config[0]) },
		`url has unknown type "int"`: func(d *Description) { d.Config = []Attribute{{Name: "url", Type: "int"}} },
	} {
		changed := Describe(sms{})
		change(&changed)
		b, err := json.Marshal(changed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := DecodeDescription(b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := DecodeDescription([]byte("hello")); err == nil {
		t.Error("no JSON is a description")
	}
}

func TestRequestParts(t *testing.T) {
	t.Parallel()
	r := Request{Parts: []Part{
		{Name: "to", Value: "a"}, {Name: "n", Value: 1.0}, {Name: "to", Value: "b"}, {Name: "payload", Value: json.RawMessage(`{}`)},
	}}
	if r.Text("to") != "b" || r.Text("n") != "" || r.Text("payload") != "{}" || r.Text("x") != "" || r.Part("n") != 1.0 || r.Part("x") != nil {
		t.Error("parts are mixed up")
	}
	if err := r.Commit(t.Context()); err != nil {
		t.Errorf("a request made by hand has no leave: %v", err)
	}
	late := errors.New("late")
	if err := r.OnCommit(func(context.Context) error { return late }).Commit(t.Context()); !errors.Is(err, late) {
		t.Errorf("error %v", err)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	if (Text{En: "a", Ja: "あ"}).In("ja") != "あ" || (Text{En: "a"}).In("ja") != "a" || (Text{En: "a", Ja: "あ"}).In("en") != "a" {
		t.Error("languages are mixed up")
	}
}
