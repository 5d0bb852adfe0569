package dsl

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// secrets is where the tests' outside names have values.
func secrets(name string) (string, bool) {
	v, ok := map[string]string{"SMTP_PASSWORD": "open-sesame", "CRM_SECRET": "whsec_very", "REGION": "kanto"}[name]
	return v, ok
}

// loadGood loads the sound example workspace.
func loadGood(t *testing.T) *Workspace {
	t.Helper()
	ws, ds := LoadDir("testdata/good", Options{Lookup: secrets, For: ToServe})
	if ws == nil || len(ds.Items) > 0 {
		t.Fatalf("the example is not sound:\n%s", ds.Render())
	}
	return ws
}

// TestGood holds the compiled example against what its files say.
func TestGood(t *testing.T) {
	t.Parallel()
	ws := loadGood(t)
	want := Counts{Files: 5, Templates: 2, Scores: 2, Segments: 2, TossUps: 1, Workflows: 1, Steps: 7, Conditions: 19, Tests: 1}
	if ws.Counts != want {
		t.Errorf("counts %+v, want %+v", ws.Counts, want)
	}
	s := ws.Spec
	if s.Name != "kita-systems" || s.Zone.String() != "Asia/Tokyo" || s.Language != "ja" || s.KeyAttr != "email" {
		t.Errorf("project %q %v %q %q", s.Name, s.Zone, s.Language, s.KeyAttr)
	}
	if !s.Calendar.Japan || len(s.Calendar.DaysOff) != 3 || s.Calendar.Open != 9*60 {
		t.Errorf("calendar %+v", s.Calendar)
	}
	if _, err := engine.NewProgram(s, ws.Digest, 1); err != nil {
		t.Errorf("it makes no program: %v", err)
	}
	if len(ws.Sources) != 8 {
		t.Errorf("%d sources", len(ws.Sources))
	}
}

func find[T any](t *testing.T, list []T, match func(*T) bool) *T {
	t.Helper()
	for i := range list {
		if match(&list[i]) {
			return &list[i]
		}
	}
	t.Fatalf("not found in %v", list)
	return nil
}

func TestGoodEvents(t *testing.T) {
	t.Parallel()
	s := loadGood(t).Spec
	read := find(t, s.Events, func(e *engine.EventSpec) bool { return e.Name == "price_page_read" })
	if read.From != "page_viewed" || len(read.When) != 2 || read.When[0].Source() != "event.path startsWith '/price'" {
		t.Errorf("a moment of a moment is %+v", read)
	}
	page := find(t, s.Events, func(e *engine.EventSpec) bool { return e.Name == "page_viewed" })
	seconds := find(t, page.Fields, func(f *engine.AttrSpec) bool { return f.Name == "seconds" })
	path := find(t, page.Fields, func(f *engine.AttrSpec) bool { return f.Name == "path" })
	if seconds.Kind != engine.Number || seconds.Default != engine.NumberValue(0) || path.Kind != engine.Text {
		t.Errorf("a built-in event declared again has %+v", page.Fields)
	}
	request := find(t, s.Events, func(e *engine.EventSpec) bool { return e.Name == "document_requested" })
	if request.Wire != "Document Requested" || !request.Fields[0].Required || len(request.Fields[0].Choices) != 2 {
		t.Errorf("event %+v", request)
	}
	size := find(t, s.Attrs, func(a *engine.AttrSpec) bool { return a.Name == "headcount" })
	if size.Wire != "How many people work there" || size.Kind != engine.Number || size.Label != "従業員数" {
		t.Errorf("attribute %+v", size)
	}
}

func TestGoodRules(t *testing.T) {
	t.Parallel()
	s := loadGood(t).Spec
	interest := find(t, s.Scores, func(x *engine.ScoreSpec) bool { return x.Name == "interest" })
	if interest.HalfLife != 14*engine.Day || !interest.Range || interest.Max != 100 || interest.Rules[1].PerDay != 2 {
		t.Errorf("score %+v", interest)
	}
	fit := find(t, s.Scores, func(x *engine.ScoreSpec) bool { return x.Name == "fit" })
	if fit.Rules[0].Amount == nil || fit.Rules[1].Points != 20 || fit.Rules[1].On != "" {
		t.Errorf("score %+v", fit)
	}
	if names := stageNames(s); names != "lead mql sal opportunity" {
		t.Errorf("stages %s", names)
	}
	hot := s.TossUps[0]
	if hot.Hold != 10*engine.Minute || hot.Cooldown != engine.Forever || len(hot.When) != 3 || hot.From != "mql" {
		t.Errorf("toss-up %+v", hot)
	}
	if h := hot.HandOver; h.Channel != "sales" || h.Kind != "webhook" || h.Owner == nil || h.Content == nil || !h.Reasons {
		t.Errorf("hand-over %+v", h)
	}
	want := &engine.AnswerSpec{
		Within: calendar.Length{BusinessDays: 2}, Accepted: "toss_up_accepted", Rejected: "toss_up_rejected", Recycle: "lead",
	}
	if diff := cmp.Diff(want, hot.Answer); diff != "" {
		t.Error(diff)
	}
}

func stageNames(s *engine.Spec) string {
	var names []string
	for _, st := range s.Stages {
		names = append(names, st.Name)
	}
	return strings.Join(names, " ")
}

func TestGoodSending(t *testing.T) {
	t.Parallel()
	ws := loadGood(t)
	p := ws.Spec.Policies[0]
	if p.Requires != "news" || p.Quiet.From != 19*60 || p.Quiet.To != 8*60+30 || !p.Quiet.Holidays || p.Caps[0].AtMost != 3 {
		t.Errorf("policy %+v %+v", p, p.Quiet)
	}
	mail := ws.Channels[0]
	if mail.Rate != (Rate{20, engine.Second}) || mail.Retry != (engine.RetrySpec{Times: 4, Over: 12 * engine.Hour}) {
		t.Errorf("channel %+v", mail)
	}
	if got := ws.Spec.Channels[1]; got.Reach != engine.ReachSystem || !got.Keyed || got.Retry.Times != 5 {
		t.Errorf("channel %+v", got)
	}
}

// TestGoodFlow draws the compiled workflow: where each step leads.
func TestGoodFlow(t *testing.T) {
	t.Parallel()
	f := loadGood(t).Spec.Flows[0]
	if got := strings.Join(drawFlow(&f), "\n"); got != strings.TrimSpace(`
0 thanks: send mail -> 1
1 read: wait 3d on email_clicked -> 2
2 interested: branch clicked 3, silent_boss 6, otherwise 4
3 case_study: send mail -> 6
4 quiet: wait 5 business days -> 5
5 no_interest: exit
6 tell_sales: send sales -> end`) {
		t.Errorf("the workflow is\n%s", got)
	}
	if f.Moved["reminder"] != "case_study" || f.ReEnter.After != 90*engine.Day || f.Exits[0].TossUp != "hot" {
		t.Errorf("workflow %+v", f)
	}
	thanks, study := f.Steps[0].Send, f.Steps[3].Send
	if thanks.Lane != engine.LaneTransactional || study.Lane != engine.LaneNurture || study.Policy != "default" || study.Window == nil {
		t.Errorf("sends %+v, %+v", thanks, study)
	}
	if p := f.Steps[3].Place; p.File != "rules/follow.hcl" || p.Line != 34 || p.Column != 9 {
		t.Errorf("place %+v", p)
	}
}

func drawFlow(f *engine.FlowSpec) []string {
	to := func(i int) string {
		if i == engine.EndOfFlow {
			return "end"
		}
		return fmt.Sprint(i)
	}
	var out []string
	for i, s := range f.Steps {
		line := fmt.Sprintf("%d %s: ", i, s.Name)
		switch s.Kind {
		case engine.WaitStep:
			line += "wait " + (calendar.Length{Span: s.Wait.For.Span + s.Wait.AtMost.Span, BusinessDays: s.Wait.For.BusinessDays}).String()
			if s.Wait.On != nil {
				line += " on " + strings.Join(s.Wait.On, ",")
			}
			line += " -> " + to(s.Next)
		case engine.SendStep:
			line += "send " + s.Send.Channel + " -> " + to(s.Next)
		case engine.ExitStep:
			line += "exit"
		case engine.BranchStep:
			line += "branch "
			for _, c := range s.Branch.Cases {
				line += c.Name + " " + to(c.First) + ", "
			}
			line += "otherwise " + to(s.Branch.Otherwise)
		}
		out = append(out, line)
	}
	return out
}

// TestGoodTest reads the test block in the order of its lines.
func TestGoodTest(t *testing.T) {
	t.Parallel()
	test := loadGood(t).Tests[0]
	var steps []string
	for _, s := range test.Steps {
		steps = append(steps, s.Label())
	}
	want := "event consent_given | event document_requested | expect (2) | reply mail retry | after 1d | event email_clicked | expect (1) | at 2026-10-20 09:00 | expect (3)"
	if got := strings.Join(steps, " | "); got != want {
		t.Errorf("steps\n%s, want\n%s", got, want)
	}
	zone := test.Start.Location().String()
	if zone != "Asia/Tokyo" || test.Start.Format("2006-01-02 15:04") != "2026-10-06 10:00" {
		t.Errorf("start %v", test.Start)
	}
	created, _ := engine.Lookup(test.Lead, "created_at")
	if created.Time().In(time.UTC).Format("2006-01-02 15:04") != "2026-09-01 01:00" {
		t.Errorf("a time of the lead is %v", created)
	}
	if test.Steps[1].Event.Wire != "Document Requested" {
		t.Errorf("event %+v", test.Steps[1].Event)
	}
}

// TestSecretsAreNeverShown: however a channel is written down, its secrets are
// not in it; only Reveal has them.
func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	ws := loadGood(t)
	for _, c := range ws.Channels {
		var logged strings.Builder
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "channel", c, "config", c.Config)
		slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "channel", c, "config", c.Config)
		encoded, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []string{
			fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), c.Config.String(), fmt.Sprintf("%q", c.Config.values),
			fmt.Sprintf("%x", c.Config.values), string(encoded), logged.String(), errors.New(c.Config.String()).Error(),
		} {
			if strings.Contains(s, "sesame") || strings.Contains(s, "whsec") || strings.Contains(s, "6f70656e") {
				t.Errorf("a secret is shown: %s", s)
			}
		}
	}
	if got := ws.Channels[0].Config.Reveal()["password"]; got != "open-sesame" {
		t.Errorf("revealed %v", got)
	}
	_, ds := Load(fstest.MapFS{}, Options{})
	if strings.Contains(ds.Render(), "sesame") {
		t.Error("a secret is in a diagnostic")
	}
}

// TestChannelSettings reads nested blocks, lists and maps by what the plugin
// describes; a map with a secret in it is a secret as a whole.
func TestChannelSettings(t *testing.T) {
	t.Parallel()
	fsys := readTree(t, "testdata/prelude")
	fsys["more.hcl"] = &fstest.MapFile{Data: []byte(`
channel "signed" {
  plugin = "email"

  config {
    host         = "smtp.example.jp:${const.port}"
    from         = env("REGION")
    connections  = 2
    idle_timeout = "2w"
    password     = secret("SMTP_PASSWORD")

    dkim {
      domain   = "example.jp"
      selector = "a"
      key      = secret("CRM_SECRET")
    }
  }
}

channel "post" {
  plugin = "webhook"

  config {
    url         = "https://example.jp"
    headers     = { Authorization = "Bearer ${secret("SMTP_PASSWORD")}", Plain = "x" }
    allow_cidrs = ["10.0.0.0/8"]
  }
}

const {
  port = 587
}
`)}
	ws, ds := Load(fsys, Options{Lookup: secrets})
	if ws == nil || len(ds.Items) > 0 {
		t.Fatalf("%s", ds.Render())
	}
	want := map[string]map[string]any{
		"signed": {
			"host": "smtp.example.jp:587", "from": "kanto", "connections": 2.0, "idle_timeout": "14d", "password": "open-sesame",
			"dkim": map[string]any{"domain": "example.jp", "selector": "a", "key": "whsec_very"},
		},
		"post": {
			"url": "https://example.jp", "allow_cidrs": []any{"10.0.0.0/8"},
			"headers": map[string]any{"Authorization": "Bearer open-sesame", "Plain": "x"},
		},
	}
	for name, config := range want {
		c := find(t, ws.Channels, func(c *Channel) bool { return c.Name == name })
		if diff := cmp.Diff(config, c.Config.Reveal()); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if s := c.Config.String(); strings.Contains(s, "sesame") || strings.Contains(s, "whsec") {
			t.Errorf("a secret is shown: %s", s)
		}
	}
}

// TestMailWithItsOwnRecipient: what a step says beside its template goes before
// what the template's mail would say.
func TestMailWithItsOwnRecipient(t *testing.T) {
	t.Parallel()
	fsys := readTree(t, "testdata/prelude")
	fsys["flow.hcl"] = &fstest.MapFile{Data: []byte(`
workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" {
      subject  = "Hello"
      template = "hello.md"
      to       = "{{ lead.last_name ?? 'x' }}@example.jp"
      reply_to = "office@example.jp"
    }
  }
}
`)}
	ws, ds := Load(fsys, Options{})
	if ws == nil {
		t.Fatalf("%s", ds.Render())
	}
	content := ws.Spec.Flows[0].Steps[0].Send.Content
	facts := map[string]any{"lead.email": "a@example.jp", "lead.last_name": "mori", "now": time.Unix(0, 0)}
	parts, err := content.Render(&engine.Vars{Facts: facts})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"to": "mori@example.jp", "reply_to": "office@example.jp", "subject": "Hello"} {
		n := 0
		for _, p := range parts {
			if p.Name == name {
				n++
				if p.Value.Text() != want {
					t.Errorf("%s is %q", name, p.Value.Text())
				}
			}
		}
		if n != 1 {
			t.Errorf("%d parts called %s", n, name)
		}
	}
	read := map[string]bool{}
	for _, k := range content.Reads() {
		read[k.String()] = true
	}
	if !read["lead.last_name"] || !read["lead.email"] {
		t.Errorf("it reads %v", read)
	}
}

// TestServeRefuses: what is a note or a warning to check keeps it from being
// served.
func TestServeRefuses(t *testing.T) {
	t.Parallel()
	fsys := readTree(t, "testdata/good")
	if ws, ds := Load(fsys, Options{}); ws == nil || ds.Count(Note) != 2 {
		t.Errorf("unset secrets, to check:\n%s", ds.Render())
	}
	if ws, ds := Load(fsys, Options{For: ToServe}); ws != nil || ds.Count(Error) != 2 {
		t.Errorf("unset secrets, to serve:\n%s", ds.Render())
	}
	if ws, ds := Load(fsys, Options{For: ToServe, Lookup: secrets}); ws == nil || len(ds.Items) != 0 {
		t.Errorf("with their values, to serve:\n%s", ds.Render())
	}
	fsys["late.hcl"] = &fstest.MapFile{Data: []byte("channel \"s\" {\n  plugin = \"fax\"\n\n  config { number = \"1\" }\n}\n")}
	later, err := ReadCatalog([]byte(`[{"schema": 1, "name": "fax", "version": "0", "reach": "lead", "missing": true,
	  "config": [{"name": "number", "type": "text"}], "steps": [{"kind": "fax"}]}]`))
	if err != nil {
		t.Fatal(err)
	}
	known := append(DefaultCatalog(), later...)
	if ws, ds := Load(fsys, Options{For: ToServe, Lookup: secrets, Catalog: known}); ws != nil || ds.Count(Error) != 1 || ds.Items[0].Code != codeNoBinary {
		t.Errorf("a plugin that is not here, to serve:\n%s", ds.Render())
	}
	if ws, ds := Load(fsys, Options{Lookup: secrets, Catalog: known}); ws == nil || ds.Count(Error)+ds.Count(Warning) != 0 {
		t.Errorf("a plugin that is not here, to check:\n%s", ds.Render())
	}
}

// TestLoadIsAFunction: the same files always give the same, whatever the order in
// which maps are walked.
func TestLoadIsAFunction(t *testing.T) {
	t.Parallel()
	fsys := readTree(t, "testdata/render")
	_, first := Load(fsys, Options{})
	good := digestOf(t, readTree(t, "testdata/good"), secrets)
	for range 20 {
		if _, ds := Load(fsys, Options{}); ds.Render() != first.Render() {
			t.Fatal("two loads of one workspace tell different things")
		}
		if digestOf(t, readTree(t, "testdata/good"), secrets) != good {
			t.Fatal("two loads of one workspace have different digests")
		}
	}
}

// TestDesignWorkspace loads the whole language's example, where this checkout has
// it beside it.
func TestDesignWorkspace(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "design", "workspace")
	if _, err := os.Stat(dir); err != nil {
		t.Logf("NOT RUN: the design's workspace is not here: %v", err)
		return
	}
	ws, ds := LoadDir(dir, Options{Language: "en"})
	if ws == nil {
		t.Fatalf("the design's workspace does not load:\n%s", ds.Render())
	}
	if _, err := engine.NewProgram(ws.Spec, ws.Digest, 1); err != nil {
		t.Errorf("it makes no program: %v", err)
	}
	for _, d := range ds.Items {
		switch d.Code {
		case codeUnsetSecret, codeTooOften:
		default:
			t.Errorf("%s %s: %s", d.Code, d.Range.File, d.Message("en"))
		}
	}
	if ws.Counts.Files != 8 || ws.Counts.Scores != 2 || ws.Counts.Workflows != 2 || ws.Counts.Tests != 3 {
		t.Errorf("counts %+v", ws.Counts)
	}
}
