package dsl

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/seed-456efde2/nurture/engine"
)

const sampleReasons = `[{"condition":"segment.target_account","facts":{"segment.target_account":true}},` +
	`{"condition":"score.interest >= const.hot","facts":{"score.interest":79.4321}},` +
	`{"condition":"did('pricing_viewed', '7d')","facts":{"times:pricing_viewed:7d":2}},` +
	`{"condition":"not lead.unsubscribed","facts":{"lead.unsubscribed":false}},` +
	`{"condition":"event.form == 'inquiry'","facts":{"event.form":"inquiry"}},` +
	`{"condition":"gone.rule > 3","facts":{}}]`

func textFacts() map[string]any {
	facts := sampleFacts()
	facts["reasons"] = sampleReasons
	facts["toss_up"] = "hot_lead"
	return facts
}

// TestTexts renders the texts of testdata/text, or shows what is wrong with them.
func TestTexts(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, "testdata/text", func(t *testing.T, path string) {
		t.Parallel()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			sc := scopeFor(t, d)
			sc.Families &^= famEvent
			if d.HasArg("en") {
				sc.Language = "en"
			}
			text, problems := compileText(plainLiteral(d.Input), sc)
			if len(problems) > 0 {
				lang := "en"
				if d.HasArg("ja") {
					lang = "ja"
				}
				return shown(d.Input, problems, lang)
			}
			out, err := text.render(&engine.Vars{Facts: textFacts()})
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			return out + "\nreads " + flat(text.Reads()) + "\n"
		})
	})
}

// hostile are values that a stranger may send as a name.
var hostile = []string{
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "javascript:alert(1)", "[x](http://evil.example)",
	"</title><script>", "' onmouseover='alert(1)", "`x`", "a\r\nBcc: all@example.com", "\x00\x07\x1b[31m", "\u202egnp.exe",
	"{{ lead.email }}", "${x}", "&lt;b&gt;", "]](javascript:x)", "\U00100000\U000f8001\U000f0002", "--><b>", "]]>", "*bold*",
	"data:text/html,<b>", "//evil.example", "\xff\xfe", "%0d%0aSet-Cookie: a", "日本<株>&",
}

// Whatever a value holds, a text for a header stays on one line and a payload
// stays the same JSON object.
func TestValuesStayValues(t *testing.T) {
	t.Parallel()
	lit := plainLiteral("{{ lead.title ?? '-' }} 様")
	content, problems := compilePayload([]part{
		{Name: "subject", Lit: &lit},
		{Name: "payload", Members: []part{
			{Name: "name", Lit: &lit},
			{Name: "n", Const: engine.NumberValue(1.5)},
			{Name: "ok", Const: engine.FlagValue(true)},
			{Name: "why", Fact: &engine.Key{Kind: engine.KeyReasons}},
			{Name: "in", Members: []part{{Name: "x\"y", Lit: &lit}}},
		}},
		{Name: "toss_up", Fact: &engine.Key{Kind: engine.KeyTossUp}},
	}, testScope())
	if content == nil {
		t.Fatal(shown(lit.Value, problems, "en"))
	}
	if got := flat(content.Reads()); got != "lead.title reasons toss_up" {
		t.Errorf("reads %s", got)
	}
	for _, evil := range hostile {
		facts := textFacts()
		facts["lead.title"] = evil
		fields, err := content.Render(&engine.Vars{Facts: facts})
		if err != nil {
			t.Fatalf("%q: %v", evil, err)
		}
		subject, _ := engine.Lookup(fields, "subject")
		if strings.ContainsAny(subject.Text(), "\r\n\x00\u202e") {
			t.Errorf("%q makes the subject %q", evil, subject.Text())
		}
		object, _ := engine.Lookup(fields, "payload")
		var got struct {
			Name string           `json:"name"`
			N    float64          `json:"n"`
			OK   bool             `json:"ok"`
			Why  []map[string]any `json:"why"`
			In   map[string]string
		}
		d := json.NewDecoder(bytes.NewReader([]byte(object.Text())))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil || object.Kind() != engine.JSON {
			t.Fatalf("%q makes the payload %s: %v", evil, object.Text(), err)
		}
		if want := withoutControl(evil) + " 様"; got.Name != strings.ToValidUTF8(want, "�") || got.N != 1.5 || !got.OK || len(got.Why) != 6 || got.In[`x"y`] != got.Name {
			t.Errorf("%q arrives as %q", evil, got.Name)
		}
	}
}

// A text that would grow without bounds ends in an error.
func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	text, problems := compileText(plainLiteral(strings.Repeat("{{ replace(lead.title ?? '', 'a', '"+strings.Repeat("b", 1000)+"') }}", 200)), testScope())
	if problems != nil {
		t.Fatal(shown("", problems, "en"))
	}
	_, err := text.render(&engine.Vars{Facts: map[string]any{"lead.title": strings.Repeat("a", 60)}})
	if err == nil {
		t.Error("a text of 12 MB was rendered")
	}
	sc := testScope()
	sc.Families |= famHandOver
	text, problems = compileText(plainLiteral("{{ for a in reasons }}{{ for b in reasons }}{{ for c in reasons }}{{ for d in reasons }}{{ a }}{{ end }}{{ end }}{{ end }}{{ end }}"), sc)
	if problems != nil {
		t.Fatal(shown("", problems, "en"))
	}
	many := "[" + strings.Repeat(`{"condition":"x","facts":{}},`, 999) + `{"condition":"x","facts":{}}]`
	if _, err := text.render(&engine.Vars{Facts: map[string]any{"reasons": many}}); err == nil {
		t.Error("16 million rounds were rendered")
	}
}

func BenchmarkText(b *testing.B) {
	text, _ := compileText(plainLiteral("{{ lead.company ?? '会社名なし' }} {{ lead.last_name ?? '' }} 様（興味度 {{ score.interest | round() }}）"), testScope())
	vars := &engine.Vars{Facts: sampleFacts()}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := text.render(vars); err != nil {
			b.Fatal(err)
		}
	}
}
