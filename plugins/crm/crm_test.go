package crm_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/crm"
)

const (
	key    = "00112233445566778899aabbccddeeff"
	leadID = "ffeeddccbbaa99887766554433221100"
)

func request(parts ...channel.Part) channel.Request {
	return channel.Request{Key: key, Kind: "crm", Lead: leadID, Attempt: 1, Parts: parts}
}

func part(name string, v any) channel.Part { return channel.Part{Name: name, Value: v} }

// A hand-over as the engine renders it: what is ours is understood, the rest is
// about the person.
func TestHandOverIsRead(t *testing.T) {
	t.Parallel()
	o, err := crm.ReadOrder(request(
		part("toss_up", "hot_lead"), part("subject", "アクメ 田中 様"), part("email", "tanaka@example.co.jp"), part("last_name", " 田中 "),
		part("employees", 120.0), part("phone", nil),
		part("reasons", json.RawMessage(`[{"condition":"score.interest >= 70","facts":{"score.interest":84}},{"condition":"not lead.unsubscribed","facts":{}}]`)),
		part("lead", leadID), part("user_id", "u1"), part("message_id", "m1"), part("owner", "tokyo"),
	))
	if err != nil {
		t.Fatal(err)
	}
	want := crm.Order{
		Action: crm.ActionHandOver, Key: key, Lead: leadID, TossUp: "hot_lead", Owner: "tokyo", Subject: "アクメ 田中 様",
		Reasons: []crm.Reason{{"score.interest >= 70", map[string]any{"score.interest": 84.0}}, {"not lead.unsubscribed", map[string]any{}}},
		Person:  map[string]string{"email": "tanaka@example.co.jp", "last_name": "田中", "employees": "120", "user_id": "u1"},
	}
	if d := cmp.Diff(want, o); d != "" {
		t.Error(d)
	}
	body := o.Body(func(name string) bool { return name != "employees" })
	if body != "- score.interest >= 70 (score.interest = 84)\n- not lead.unsubscribed\nemployees: 120" {
		t.Errorf("body %q", body)
	}
	if o.Name() != "田中" || o.Headline() != "アクメ 田中 様" || !o.Urgent() {
		t.Errorf("name %q, headline %q", o.Name(), o.Headline())
	}
}

func TestOrdersAreChecked(t *testing.T) {
	t.Parallel()
	with := func(s string) channel.Part { return part("with", json.RawMessage(s)) }
	for _, c := range []struct {
		parts []channel.Part
		want  string // "" for a good one
	}{
		{[]channel.Part{part("action", "upsert"), with(`{"email":"a@example.com"}`)}, ""},
		{[]channel.Part{part("action", "add_campaign_member"), with(`{"campaign":"FY26","status":"Responded"}`)}, ""},
		{[]channel.Part{part("action", "add_task"), with(`{"subject":"Call","due":"2026-11-30"}`)}, ""},
		{[]channel.Part{part("action", "add_campaign_member")}, "campaign"},
		{[]channel.Part{part("action", "add_note"), with(`{}`)}, "text"},
		{[]channel.Part{part("action", "add_task"), with(`{"text":"x"}`)}, "subject"},
		{[]channel.Part{part("action", "add_task"), with(`{"subject":"Call","due":"soon"}`)}, "due"},
		{[]channel.Part{part("action", "delete_everything")}, "action"},
		{[]channel.Part{part("action", "upsert"), part("with", "secret-text")}, "not an object"},
		{[]channel.Part{part("reasons", "secret-text")}, "reasons"},
	} {
		_, err := crm.ReadOrder(request(c.parts...))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%v: %v", c.parts, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%v: error %v, want one about %q", c.parts, err, c.want)
		}
	}
	if _, err := crm.ReadOrder(channel.Request{Key: key}); err == nil {
		t.Error("an order about nobody is taken")
	}
}

func TestReference(t *testing.T) {
	t.Parallel()
	r := crm.Reference{Key: key, Lead: leadID, TossUp: "hot:lead"}
	if got, ok := crm.ParseReference(r.String()); !ok || got != r {
		t.Errorf("%q is read as %+v", r, got)
	}
	for _, s := range []string{"", "nurture:", "nurture:a", "nurture:a:b", "nurture:::x", "other:a:b:c", "Ref 42"} {
		if got, ok := crm.ParseReference(s); ok {
			t.Errorf("%q is read as %+v", s, got)
		}
	}
}

func FuzzReadOrder(f *testing.F) {
	f.Add("upsert", `{"email":"a"}`, `[{"condition":"x","facts":{"a":1}}]`)
	f.Add("", `null`, `[null]`)
	f.Add("add_task", `{"subject":{"a":[1]},"due":1}`, `{}`)
	f.Fuzz(func(t *testing.T, action, with, reasons string) {
		o, err := crm.ReadOrder(request(part("action", action), part("with", json.RawMessage(with)), part("reasons", json.RawMessage(reasons))))
		if err != nil {
			return
		}
		if o.Name() == "" {
			t.Errorf("%+v has no name", o)
		}
		_ = o.Headline()
		_ = o.Body(func(string) bool { return false })
	})
}
