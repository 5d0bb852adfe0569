package dsl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/santhosh-tekuri/jsonschema/v6"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// schemaOfWorkspace compiles what JSONSchema gives, as an editor would.
func schemaOfWorkspace(t *testing.T) *jsonschema.Schema {
	t.Helper()
	src, err := json.Marshal(JSONSchema(DefaultCatalog()))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("workspace.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("workspace.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// judgeJSON gives what the schema says against a JSON text.
func judgeJSON(t *testing.T, schema *jsonschema.Schema, src []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatalf("%v in %s", err, src)
	}
	return schema.Validate(doc)
}

// toJSON writes a file of rules in HCL's JSON form, by the table.
func toJSON(t *testing.T, src []byte) []byte {
	t.Helper()
	f, diags := hclsyntax.ParseConfig(src, "x.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	w := &jsonForm{t: t, src: src}
	out, err := json.MarshalIndent(w.body(f.Body.(*hclsyntax.Body), language(DefaultCatalog())), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type jsonForm struct {
	t   *testing.T
	src []byte
}

func (w *jsonForm) body(b *hclsyntax.Body, spec *Block) any {
	if spec != nil && inOrder(spec) {
		return w.list(b, spec)
	}
	out := object{}
	for name, a := range b.Attributes {
		out[name] = w.expr(a.Expr)
	}
	for _, k := range b.Blocks {
		w.add(out, k, spec)
	}
	return out
}

// list is a body whose blocks have an order.
func (w *jsonForm) list(b *hclsyntax.Body, spec *Block) any {
	list := []any{}
	if len(b.Attributes) > 0 {
		first := object{}
		for name, a := range b.Attributes {
			first[name] = w.expr(a.Expr)
		}
		list = append(list, first)
	}
	for _, k := range b.Blocks {
		one := object{}
		w.add(one, k, spec)
		list = append(list, one)
	}
	return list
}

func (w *jsonForm) add(out object, k *hclsyntax.Block, parent *Block) {
	var spec *Block
	if parent != nil {
		spec = parent.block(k.Type)
	}
	body := w.body(k.Body, spec)
	switch {
	case len(k.Labels) == 1:
		labelled, _ := out[k.Type].(object)
		if labelled == nil {
			labelled = object{}
			out[k.Type] = labelled
		}
		labelled[k.Labels[0]] = body
	case spec != nil && spec.Most == 1:
		out[k.Type] = body
	default:
		list, _ := out[k.Type].([]any)
		out[k.Type] = append(list, body)
	}
}

func (w *jsonForm) expr(e hclsyntax.Expression) any {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		text := string(e.Range().SliceBytes(w.src))
		if strings.HasPrefix(text, "const.") {
			return "${" + text + "}"
		}
		return text
	case *hclsyntax.TupleConsExpr:
		out := []any{}
		for _, x := range e.Exprs {
			out = append(out, w.expr(x))
		}
		return out
	case *hclsyntax.ObjectConsExpr:
		out := object{}
		for _, item := range e.Items {
			out[hcl.ExprAsKeyword(item.KeyExpr)] = w.expr(item.ValueExpr)
		}
		return out
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		return "${" + string(e.Range().SliceBytes(w.src)) + "}"
	}
	src, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		w.t.Fatal(err)
	}
	return json.RawMessage(src)
}

// Whole workspaces validate in HCL's JSON form.
func TestJSONSchemaTakesWorkspaces(t *testing.T) {
	t.Parallel()
	schema := schemaOfWorkspace(t)
	files := 0
	for _, dir := range []string{"testdata/good", "testdata/good/*", "reference/prelude", "../workflows/*", "../workflows/*/*"} {
		found, err := filepath.Glob(filepath.Join(dir, "*.hcl"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			files++
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := judgeJSON(t, schema, toJSON(t, src)); err != nil {
				t.Errorf("%s: %#v", name, err)
			}
		}
	}
	if files < 8 {
		t.Errorf("only %d files", files)
	}
}

// Every example and default of the table validates where it stands.
func TestJSONSchemaTakesExamples(t *testing.T) {
	t.Parallel()
	eachRow(func(path string, _, b *Block) {
		for _, a := range b.Attrs {
			for _, value := range []string{a.example(), a.Default} {
				if value == "" || strings.Contains(value, "…") {
					continue
				}
				j := &jsonWriter{}
				w := &jsonForm{t: t, src: []byte("a = " + value + "\n")}
				f, diags := hclsyntax.ParseConfig(w.src, "x.hcl", hcl.InitialPos)
				if diags.HasErrors() {
					t.Errorf("%s.%s: %v", path, a.Name, diags)
					continue
				}
				src, err := json.Marshal(w.expr(f.Body.(*hclsyntax.Body).Attributes["a"].Expr))
				if err != nil {
					t.Fatal(err)
				}
				if err := judgeJSON(t, compiled(t, j.attribute(a)), src); err != nil {
					t.Errorf("%s.%s = %s: %v", path, a.Name, value, err)
				}
			}
		}
	})
}

func compiled(t *testing.T, part object) *jsonschema.Schema {
	t.Helper()
	src, err := json.Marshal(part)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("part.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("part.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// What is wrong in form does not validate, and the error points at it.
func TestJSONSchemaFindsMistakes(t *testing.T) {
	t.Parallel()
	schema := schemaOfWorkspace(t)
	workflow := `{"workflow": {"w": {"enter": {"on": "event.a"}, "steps": %s}}}`
	for name, src := range map[string]string{
		"unknown block":           `{"segmnt": {"x": {"when": "lead.a == 1"}}}`,
		"unknown attribute":       `{"segment": {"x": {"wen": "lead.a == 1", "when": "lead.a == 1"}}}`,
		"missing attribute":       `{"segment": {"x": {}}}`,
		"missing label":           `{"segment": {"when": "lead.a == 1"}}`,
		"hyphen in a name":        `{"segment": {"hot-lead": {"when": "lead.a == 1"}}}`,
		"second project":          `{"project": {"a": {"timezone": "UTC"}, "b": {"timezone": "UTC"}}}`,
		"text for flag":           `{"lead": {"text": {"email": {"required": "yes"}}}}`,
		"not a choice":            `{"contact_policy": {"x": {"when_quiet": "pospone"}}}`,
		"not a length":            `{"consent": {"x": {"granted": "event.consent_given", "expires": "3 months"}}}`,
		"business days of a span": `{"score": {"x": {"half_life": "5 business days", "rule": {"a": {"points": 1}}}}}`,
		"wrong kind of reference": `{"consent": {"x": {"granted": "stage.a"}}}`,
		"half a message":          `{"contact_policy": {"x": {"cap": {"channel": "channel.m", "at_most": 1.5, "per": "7d"}}}}`,
		"percent above 100":       fmt.Sprintf(`{"workflow": {"w": {"holdout": 101, "enter": {"on": "event.a"}, "steps": %s}}}`, `[{"wait": {"a": {"for": "1d"}}}]`),
		"plugin":                  `{"channel": {"m": {"plugin": "emial"}}}`,
		"config":                  `{"channel": {"m": {"plugin": "email", "config": {"host": "a:25"}}}}`,
		"setting":                 `{"channel": {"m": {"plugin": "email", "config": {"host": "a:25", "from": "a@b.jp", "colour": "red"}}}}`,
		"steps without order":     fmt.Sprintf(workflow, `{"wait": {"a": {"for": "1d"}}, "exit": {"b": {}}}`),
		"two steps in one object": fmt.Sprintf(workflow, `[{"wait": {"a": {"for": "1d"}}, "exit": {"b": {}}}]`),
		"two waits in one object": fmt.Sprintf(workflow, `[{"wait": {"a": {"for": "1d"}, "b": {"for": "1d"}}}]`),
		"no steps":                fmt.Sprintf(workflow, `[]`),
		"step without subject":    fmt.Sprintf(workflow, `[{"email": {"a": {"template": 5}}}]`),
		"test without start":      `{"test": {"x": [{"lead": {}}, {"event": {"a": {}}}]}}`,
		"bad schedule":            `{"review": {"x": {"schedule": "0 9 * *"}}}`,
		"bad hours":               `{"contact_policy": {"x": {"quiet_hours": "19時〜8時"}}}`,
		"an empty list":           `{"segment": {"x": {"when": []}}}`,
	} {
		if err := judgeJSON(t, schema, []byte(src)); err == nil {
			t.Errorf("%s passes: %s", name, src)
		}
	}
	right := fmt.Sprintf(workflow, `[{"wait": {"a": {"for": "5 business days"}}}, {"exit": {"b": {}}}]`)
	if err := judgeJSON(t, schema, []byte(right)); err != nil {
		t.Errorf("%s: %v", right, err)
	}
}
