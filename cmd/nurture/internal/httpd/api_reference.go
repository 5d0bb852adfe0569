package httpd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
)

// OpenAPI is the description of the API, as a server gives it at
// /api/v1/openapi.json.
func OpenAPI() ([]byte, error) {
	doc := new(Server).newAPI(http.NewServeMux()).OpenAPI()
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the description of the API: %w", err)
	}
	return text, nil
}

// scopeTexts say what each scope lets do.
var scopeTexts = map[string]word{
	access.Metrics: {"`/metrics` だけ", "`/metrics`, and nothing else"},
	access.Read:    {"数値、ルール、状態を見る。個人のことは見えず、何も変わらない", "see figures, rules and state: nothing about a person, and nothing changes"},
	access.Operate: {"一時停止、送れなかったもの・受け付けられなかったものの処理、営業の回答", "pause, deal with what could not be sent or taken, answer for sales"},
	access.Rules:   {"どのルールが動くかを決める", "decide which rules are in force"},
	access.People:  {"リードについて知られていることを見る、リードについて伝える", "see what is known about leads, and say something about them"},
	access.Admin:   {"キーと監査ログ。ほかのすべても含む", "keys and the audit log, and all of the others"},
}

// APIReference is the page of the documentation that tells all operations.
func APIReference(language string) string {
	doc := new(Server).newAPI(http.NewServeMux()).OpenAPI()
	p := &referencePage{doc: doc, lang: lang(language)}
	p.line("# %s", p.say("API の一覧", "API reference"))
	for paragraph := range strings.SplitSeq(apiIntroduction, "\n\n") {
		p.line("%s", p.text(paragraph))
	}
	p.line("%s", p.say(
		"プログラムのための記述（OpenAPI 3.1）は、サーバーの `/api/v1/openapi.json` にあります。キーは要りません。",
		"The description for programs (OpenAPI 3.1) is at `/api/v1/openapi.json` of every server, and needs no key."))
	p.line("| %s | %s |\n| --- | --- |", p.say("スコープ", "scope"), p.say("できること", "lets do"))
	p.out.Truncate(p.out.Len() - 1) // the rows follow at once
	for _, scope := range access.Scopes() {
		fmt.Fprintf(&p.out, "| `%s` | %s |\n", scope, scopeTexts[scope].in(p.lang))
	}
	p.out.WriteByte('\n')
	tag := ""
	for _, op := range operationsOf(doc) {
		if len(op.Tags) > 0 && op.Tags[0] != tag {
			tag = op.Tags[0]
			p.line("## %s", tag)
			for _, t := range tagTexts {
				if t[0] == tag {
					p.line("%s", p.text(t[1]))
				}
			}
		}
		p.operation(op)
	}
	return strings.TrimRight(p.out.String(), "\n") + "\n"
}

type referencePage struct {
	doc  *huma.OpenAPI
	lang lang
	out  bytes.Buffer
}

func (p *referencePage) say(ja, en string) string { return word{ja, en}.in(p.lang) }

// text is a sentence of the API's description in the page's language.
func (p *referencePage) text(en string) string {
	if p.lang == japanese {
		if ja, ok := apiJa[en]; ok {
			return ja
		}
	}
	return en
}

func (p *referencePage) line(form string, args ...any) {
	fmt.Fprintf(&p.out, form+"\n\n", args...)
}

func (p *referencePage) operation(op *huma.Operation) {
	p.line("### %s %s", op.Method, op.Path)
	rule := ruleOf(op)
	sentence := p.text(op.Summary) + p.say("。", ".")
	if op.Description != "" {
		sentence += p.say("", " ") + p.text(op.Description)
	}
	p.line("%s", sentence)
	p.line("%s: `%s` · %s: `%s`", p.say("スコープ", "Scope"), rule.scope, p.say("操作の名前", "Operation"), op.OperationID)
	p.parameters(op)
	p.body(op)
	p.example(op)
}

// sharedParams are explained once, above all operations.
var sharedParams = []string{"Accept-Language", "If-None-Match", "Idempotency-Key"}

func (p *referencePage) parameters(op *huma.Operation) {
	var rows []string
	for _, q := range op.Parameters {
		if slices.Contains(sharedParams, q.Name) {
			continue
		}
		where := p.say("パス", "path")
		if q.In == "query" {
			where = p.say("クエリ", "query")
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", q.Name, where, p.meaning(q.Schema, q.Description, q.Required && q.In != "path")))
	}
	p.table(p.say("引数", "parameter"), p.say("場所", "where"), rows)
}

func (p *referencePage) table(first, second string, rows []string) {
	if len(rows) > 0 {
		p.line("| %s | %s | %s |\n| --- | --- | --- |\n%s", first, second, p.say("意味", "meaning"), strings.Join(rows, "\n"))
	}
}

// meaning tells what a value is for, and which values there may be.
func (p *referencePage) meaning(s *huma.Schema, doc string, required bool) string {
	var parts []string
	if doc != "" {
		parts = append(parts, p.text(doc))
	}
	if s != nil && len(s.Enum) > 0 {
		var values []string
		for _, v := range s.Enum {
			if v != "" {
				values = append(values, fmt.Sprintf("`%v`", v))
			}
		}
		parts = append(parts, p.say("値: ", "One of: ")+strings.Join(values, ", ")+p.say("。", "."))
	}
	if s != nil && s.Default != nil {
		parts = append(parts, fmt.Sprintf(p.say("省略すると `%v`。", "Default: `%v`."), s.Default))
	}
	if required {
		parts = append(parts, p.say("必須。", "Required."))
	}
	return strings.ReplaceAll(strings.Join(parts, p.say("", " ")), "|", "\\|")
}

// body tells the fields of what an operation takes.
func (p *referencePage) body(op *huma.Operation) {
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return
	}
	s := op.RequestBody.Content["application/json"].Schema
	if s != nil && s.Ref != "" {
		s = p.doc.Components.Schemas.SchemaFromRef(s.Ref)
	}
	if s == nil {
		return
	}
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		f := s.Properties[name]
		kind := f.Type
		if f.Ref != "" || kind == "" {
			kind = huma.TypeObject
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %s | %s |", name, kind, p.meaning(f, f.Description, slices.Contains(s.Required, name))))
	}
	p.table(p.say("本文の項目", "field of the body"), p.say("型", "type"), rows)
}

// example shows a call and what it is answered.
func (p *referencePage) example(op *huma.Operation) {
	curl := "curl -H \"Authorization: Bearer $NURTURE_API_KEY\""
	if op.Method != http.MethodGet {
		curl += " -X " + op.Method
	}
	path, query := op.Path, []string{}
	for _, q := range op.Parameters {
		switch {
		case q.In == "path":
			path = strings.ReplaceAll(path, "{"+q.Name+"}", fmt.Sprint(q.Example))
		case q.In == "query" && q.Required:
			query = append(query, fmt.Sprintf("%s=%v", q.Name, q.Example))
		}
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	curl += " \"$NURTURE_SERVER" + path + "\""
	if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
		curl += " \\\n  -H 'Content-Type: application/json' -d '" + compact(op.RequestBody.Content["application/json"].Example) + "'"
	}
	p.line("```console\n%s\n```", curl)
	if media := op.Responses["200"]; media != nil && media.Content["application/json"] != nil {
		text, err := json.MarshalIndent(media.Content["application/json"].Example, "", "  ")
		if err == nil && len(text) < 4200 {
			p.line("```json\n%s\n```", text)
		}
	}
}

func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // examples are plain values
	return strings.TrimSpace(b.String())
}
