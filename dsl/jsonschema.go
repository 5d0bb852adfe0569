package dsl

import (
	"regexp"
	"slices"
	"strings"
)

// SchemaDialect is the JSON Schema version that JSONSchema is written in.
const SchemaDialect = "https://json-schema.org/draft/2020-12/schema"

// JSONSchema describes a file of a workspace in HCL's JSON form, from the same
// table as everything else, for editors and for programs that write rules:
//
//   - a block is an object under its type, and its label a key in between:
//     {"segment": {"big": {"when": "lead.employees >= 100"}}};
//   - where order counts (steps, tests), a body is a list of objects, each with one
//     block or with attributes;
//   - a reference is a string, "event.pricing_viewed"; what HCL computes at load
//     stands in "${ }": "${const.hot}", "${secret(\"SMTP_PASSWORD\")}".
//
// A name that is not declared, and what stands inside conditions, is beyond a
// schema: `check` finds these.
func JSONSchema(catalog Catalog) map[string]any {
	j := &jsonWriter{defs: map[string]any{}, names: map[*Block]string{}, catalog: catalog}
	root := Schema(catalog)
	out := j.object(root, "", true)
	out["$schema"] = SchemaDialect
	out["$id"] = "urn:nurture:workspace:1"
	out["title"] = "nurture workspace (HCL-JSON)"
	out["description"] = bilingual(root.Doc)
	out["$defs"] = j.defs
	return out
}

// jsonWriter writes the table as a JSON Schema. Steps stand inside of steps, so
// every block's body is a definition of its own.
type jsonWriter struct {
	defs    map[string]any
	names   map[*Block]string // of the definition
	catalog Catalog
}

type object = map[string]any

// bilingual is a sentence in both languages, as editors show it.
func bilingual(d Doc) string { return d.En + "\n" + d.Ja }

// namePattern is what a name may be: letters of any script, digits and _.
const namePattern = `^[\p{L}_][\p{L}\p{M}\p{N}_]*$`

// body is a reference to the definition of the block's body.
func (j *jsonWriter) body(b *Block, in string) object {
	name, ok := j.names[b]
	if !ok {
		name = strings.TrimPrefix(in+"."+b.Name, ".")
		j.names[b] = name
		j.defs[name] = object{} // its place, while what stands in it is written
		j.defs[name] = j.bodyOf(b, name)
	}
	return object{"$ref": "#/$defs/" + name}
}

// bodyOf is the body of a block: an object, or a list of objects where what
// stands in it has an order.
func (j *jsonWriter) bodyOf(b *Block, name string) object {
	if !inOrder(b) {
		return j.object(b, name, true)
	}
	parts := object{"type": "array", "items": j.object(b, name, false)}
	if b.attr("expect") == nil && b.Name != "otherwise" { // time may pass in a test, and who is left may just go on
		parts["minItems"] = 1
	}
	var all []any
	for _, a := range b.Attrs {
		if a.Required {
			all = append(all, object{"contains": object{"required": []string{a.Name}}})
		}
	}
	for _, k := range b.Blocks {
		if k.Least > 0 {
			all = append(all, object{"contains": object{"required": []string{k.Name}}})
		}
	}
	if len(all) > 0 {
		parts["allOf"] = all
	}
	if len(b.Attrs) == 0 {
		return parts
	}
	plain := *b
	plain.Blocks = slices.DeleteFunc(slices.Clone(b.Blocks), ordered)
	return object{"anyOf": []any{j.object(&plain, name, true), parts}, "description": bilingual(b.Doc)}
}

// ordered reports a block whose place among its neighbours counts.
func ordered(b *Block) bool { return b.Space == "-" }

func inOrder(b *Block) bool { return slices.ContainsFunc(b.Blocks, ordered) }

// object is a body as one object. Whole says that nothing of it stands in
// another object beside it.
func (j *jsonWriter) object(b *Block, name string, whole bool) object {
	properties, required := object{}, []string{}
	for _, a := range b.Attrs {
		properties[a.Name] = j.attribute(a)
		if a.Required {
			required = append(required, a.Name)
		}
	}
	for _, k := range b.Blocks {
		properties[k.Name] = j.block(k, name)
		if k.Least > 0 {
			required = append(required, k.Name)
		}
	}
	out := object{
		"type": "object", "description": bilingual(b.Doc), "properties": properties,
		"patternProperties": object{"^//": object{}}, "additionalProperties": false,
	}
	switch {
	case b.Open:
		out["additionalProperties"] = valueSchemas[TypeAny]
	case b.Foreign:
		out["additionalProperties"] = true
	}
	// A workspace is many files: no single one of them has to hold a project.
	if whole && len(required) > 0 && b.Name != "workspace" {
		out["required"] = required
		if b.block("experiment") != nil { // whose variants may bring what the step leaves out
			delete(out, "required")
			out["anyOf"] = []any{object{"required": required}, object{"required": []string{"experiment"}}}
		}
	}
	if !whole {
		out["minProperties"] = 1
		if one := oneOrderedBlock(b); len(one) > 0 {
			out["allOf"] = one
		}
	}
	if b.Name == "channel" && len(b.Blocks) > 0 {
		out["allOf"] = j.configs()
	}
	return out
}

// oneOrderedBlock allows at most one ordered block in an object: the members of a
// JSON object have no order.
func oneOrderedBlock(b *Block) []any {
	var kinds []string
	for _, k := range b.Blocks {
		if ordered(k) {
			kinds = append(kinds, k.Name)
		}
	}
	var out []any
	for i, kind := range kinds[:max(len(kinds)-1, 0)] {
		rest := object{}
		for _, other := range kinds[i+1:] {
			rest[other] = false
		}
		out = append(out, object{"if": object{"required": []string{kind}}, "then": object{"properties": rest}})
	}
	return out
}

// block is a block under its type, with its label as a key in between.
func (j *jsonWriter) block(b *Block, in string) object {
	one := j.body(b, in)
	if b.Label == NoLabel {
		if b.Most == 1 {
			return one
		}
		return object{"anyOf": []any{one, object{"type": "array", "items": one}}}
	}
	labelled := object{"type": "object", "minProperties": 1, "additionalProperties": one, "description": bilingual(b.Doc)}
	if b.Label == NameLabel {
		labelled["propertyNames"] = object{"pattern": namePattern}
	}
	if b.Most == 1 || ordered(b) {
		labelled["maxProperties"] = 1
	}
	return labelled
}

// configs describe channel.config for each plugin.
func (j *jsonWriter) configs() []any {
	var out []any
	var plugins []string
	for _, t := range j.catalog {
		plugins = append(plugins, t.Plugin)
		config := *t.Config
		config.Name = "plugin_" + t.Plugin
		out = append(out, object{
			"if":   object{"properties": object{"plugin": object{"const": t.Plugin}}, "required": []string{"plugin"}},
			"then": object{"properties": object{"config": j.body(&config, "")}},
		})
	}
	return append(out, object{"properties": object{"plugin": object{"enum": plugins}}})
}

// attribute describes an attribute's value, with its words and examples.
func (j *jsonWriter) attribute(a *Attr) object {
	out := object{"description": bilingual(a.Doc)}
	value := valueOfAttr(a)
	if a.Sensitive {
		out["description"] = bilingual(a.Doc) + "\n" + bilingual(Doc{`Write "${secret(\"NAME\")}".`, `"${secret(\"名前\")}" と書きます。`})
	}
	// What HCL computes at load may stand wherever a value may.
	if len(a.Refs) == 0 {
		out["anyOf"] = []any{value, object{"type": "string", "pattern": `^\$\{.+\}$`}}
		return out
	}
	for key, v := range value {
		out[key] = v
	}
	return out
}

func valueOfAttr(a *Attr) object {
	switch a.Type {
	case TypeChoice:
		return object{"enum": a.Of}
	case TypeChoices:
		return listOf(object{"enum": a.Of})
	case TypeRef:
		return reference(a.Refs)
	case TypeRefs:
		return object{"anyOf": []any{reference(a.Refs), listOf(reference(a.Refs))}}
	}
	return valueSchemas[a.Type]
}

// reference is a reference in HCL's JSON form: its names as a string.
func reference(kinds []string) object {
	var alternatives []string
	for _, k := range kinds {
		alternatives = append(alternatives, regexp.QuoteMeta(k))
	}
	return object{"type": "string", "pattern": `^(` + strings.Join(alternatives, "|") + `)\.` + namePattern[1:]}
}

func listOf(item object) object {
	return object{"type": "array", "minItems": 1, "items": item}
}

func formed(p string) object { return object{"type": "string", "pattern": "^" + p + "$"} }

// What texts of a form look like.
const (
	spanForm = `[0-9]+ ?(ms|s|m|h|d|w)`
	hourForm = `[0-9]{1,2}:[0-9]{2}`
	dateForm = `[0-9]{4}-[0-9]{2}-[0-9]{2}`
	dayForm  = `(mon|tue|wed|thu|fri|sat|sun)`
)

var (
	anyText     = object{"type": "string"}
	anyQuestion = object{"type": "string", "minLength": 1, "maxLength": maxExprLength}
	anyScalar   = object{"type": []string{"string", "number", "boolean"}}
)

// valueSchemas describe the types that are the same wherever they stand.
var valueSchemas = map[Type]object{
	TypeText: anyText, TypeTexts: listOf(anyText), TypeTemplate: anyText,
	TypeCondition: anyQuestion, TypeConditions: {"anyOf": []any{anyQuestion, listOf(anyQuestion)}},
	TypeAmount: {"anyOf": []any{object{"type": "number"}, anyQuestion}}, TypeTextExpr: anyQuestion,
	TypeValueExpr: anyQuestion, TypeFormula: anyQuestion, TypeAssign: anyScalar, TypeWhole: {"type": "integer"},
	TypeSlot: formed(`(` + dayForm + `([-,]` + dayForm + `)* )?` + hourForm), TypeStepDown: formed(`[0-9.]+ per ` + spanForm),
	TypeDecide: formed(`after [0-9]+ sends each, [0-9.]+% sure`), TypeGuards: listOf(formed(`[a-z][a-z0-9_]* > [0-9.]+%`)),
	TypeNumber: {"type": "number"}, TypeCount: {"type": "integer", "minimum": 1},
	TypePercent: {"type": "number", "minimum": 0, "maximum": 100}, TypeFlag: {"type": "boolean"},
	TypeRange: {"type": "array", "minItems": 2, "maxItems": 2, "items": object{"type": []string{"number", "string"}}},
	TypeSpan:  formed(spanForm), TypeLength: formed(`(` + spanForm + `|[0-9]+ business (day|hour)s?)`),
	TypeCooldown: formed(`(` + spanForm + `|never again)`),
	TypeTime:     formed(dateForm + `([T ]` + hourForm + `(:[0-9]{2})?(Z|[+-]` + hourForm + `)?)?`),
	TypeDates:    listOf(formed(`(` + dateForm + `|japan)`)),
	TypePeriod:   formed(dateForm + ` to ` + dateForm),
	TypeSchedule: formed(`([^ ]+( +[^ ]+){4}|` + dateForm + ` ` + hourForm + `)`),
	TypeHours:    formed(hourForm + `-` + hourForm),
	TypeWindow:   formed(`(([a-z]{3,8}(-[a-z]{3})?)([, ]+[a-z]{3}(-[a-z]{3})?)* ?)?(` + hourForm + `-` + hourForm + `)?`),
	TypeWeekdays: listOf(formed(dayForm + `(-` + dayForm + `)?`)), TypeQuietDays: listOf(formed(`(` + dayForm + `(-` + dayForm + `)?|holiday)`)),
	TypePerDay: formed(`[0-9]+ per day`), TypeRate: formed(`[0-9]+ per (second|minute|hour|day)`),
	TypeRetry: formed(`(never|[0-9]+ times over ` + spanForm + `)`), TypeZone: formed(`[A-Za-z0-9_+/-]+`),
	TypeTemplateFile: formed(`.+\.(md|html)`),
	TypeObject:       {"anyOf": []any{anyText, object{"type": "object"}}},
	TypeAny:          {"anyOf": []any{anyScalar, object{"type": []string{"array", "object"}}}},
}
