package dsl

import (
	"fmt"
	"math"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/seed-456efde2/nurture/engine"
)

// plain decodes a computed value.
func (d *decoder) plain(a *attribute, v cty.Value) bool {
	switch a.spec.Type {
	case TypeAny, TypeAssign:
		return d.any(a, v)
	case TypeFlag:
		if v.Type() != cty.Bool {
			d.wrong(a, a.place())
			return false
		}
		a.flag = v.True()
		return true
	case TypeNumber, TypeWhole, TypeCount, TypePercent:
		return d.number(a, v)
	case TypeRange:
		return d.numberRange(a, v)
	case TypeTexts, TypeChoices, TypeDates, TypeWeekdays, TypeQuietDays, TypeGuards:
		return d.list(a, v)
	}
	if v.Type() != cty.String {
		d.wrong(a, a.place())
		return false
	}
	a.text = v.AsString()
	return d.phrase(a)
}

// any takes a plain value, or a list or object as its JSON.
func (d *decoder) any(a *attribute, v cty.Value) bool {
	var ok bool
	if a.value, ok = engineValue(v); !ok {
		a.value, ok = jsonValue(v)
	}
	if !ok {
		d.wrong(a, a.place())
	}
	return ok
}

// jsonValue keeps a list or an object as its JSON text.
func jsonValue(v cty.Value) (engine.Value, bool) {
	if v == cty.NilVal || v.IsNull() {
		return engine.Value{}, false
	}
	b, err := ctyjson.Marshal(v, v.Type())
	return engine.JSONValue(string(b)), err == nil
}

func (d *decoder) number(a *attribute, v cty.Value) bool {
	n, ok := engineValue(v)
	if !ok || n.Kind() != engine.Number {
		d.wrong(a, a.place())
		return false
	}
	a.num = n.Number()
	switch {
	case a.spec.Type == TypeWhole && (a.num != math.Trunc(a.num) || math.Abs(a.num) > maxCount),
		a.spec.Type == TypeCount && (a.num < 1 || a.num != math.Trunc(a.num) || a.num > maxCount),
		a.spec.Type == TypePercent && (a.num < 0 || a.num > 100):
		d.r.add(codeOutOfBounds, a.place(), a.in(), a.src.Name, typeNames[a.spec.Type],
			Doc{"Write for instance " + a.spec.example() + ".", a.spec.example() + " のように書いてください。"})
		return false
	}
	return true
}

// maxCount bounds whole numbers: more is a slip of the keyboard.
const maxCount = 1_000_000_000

func (d *decoder) numberRange(a *attribute, v cty.Value) bool {
	list, ok := elements(v)
	if !ok || len(list) != 2 {
		d.wrong(a, a.place())
		return false
	}
	from, okFrom := engineValue(list[0])
	to, okTo := engineValue(list[1])
	if !okFrom || !okTo || from.Kind() != engine.Number || to.Kind() != engine.Number {
		d.wrong(a, a.place())
		return false
	}
	a.from, a.to = from.Number(), to.Number()
	if a.from >= a.to {
		d.r.add(codeUpsideDown, a.place(), a.in(), from.String(), to.String())
		return false
	}
	return true
}

func elements(v cty.Value) ([]cty.Value, bool) {
	if v.IsNull() || !v.Type().IsTupleType() && !v.Type().IsListType() {
		return nil, false
	}
	return v.AsValueSlice(), true
}

// list takes texts with their places, and judges each by the attribute's type.
func (d *decoder) list(a *attribute, v cty.Value) bool {
	vals, ok := elements(v)
	if !ok {
		d.wrong(a, a.place())
		return false
	}
	if len(vals) == 0 {
		d.r.add(codeEmpty, a.place(), a.in(), a.src.Name, a.spec.example())
		return false
	}
	sound := true
	for i, v := range vals {
		at := elementPlace(a.src.Expr, i)
		if v.IsNull() || v.Type() != cty.String {
			d.wrong(a, at)
			return false
		}
		e := listed{v.AsString(), at}
		a.texts = append(a.texts, e)
		sound = d.element(a, e, i) && sound
	}
	return sound
}

// elementPlace is where the i-th element of a written list stands.
func elementPlace(expr hclsyntax.Expression, i int) hcl.Range {
	if list, ok := expr.(*hclsyntax.TupleConsExpr); ok && i < len(list.Exprs) {
		return list.Exprs[i].Range()
	}
	return expr.Range()
}

func (d *decoder) element(a *attribute, e listed, i int) bool {
	for _, before := range a.texts[:i] {
		if before.text == e.text {
			d.r.add(codeTwice, e.place, a.in(), a.src.Name, e.text).also(before.place)
			return false
		}
	}
	switch a.spec.Type {
	case TypeChoices:
		return d.choice(a, e.text, e.place, a.spec.Of)
	case TypeWeekdays, TypeQuietDays:
		return d.weekday(a, e)
	case TypeDates:
		if e.text == "japan" {
			a.holidays = true
			return true
		}
		return d.date(a, e.text, e.place)
	case TypeGuards:
		return d.guard(a, e)
	}
	return true
}

func (d *decoder) choice(a *attribute, word string, at hcl.Range, of []string) bool {
	if contains(of, word) {
		return true
	}
	d.r.add(codeBadChoice, at, a.in(), word, strings.Join(of, ", ")).suggest(quoted(closest(word, of)))
	return false
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%q", s)
}

// phrase judges a text by the attribute's type.
func (d *decoder) phrase(a *attribute) bool {
	switch a.spec.Type {
	case TypeText, TypeTemplateFile:
		if strings.TrimSpace(a.text) == "" && !a.unset {
			d.r.add(codeEmpty, a.place(), a.in(), a.src.Name, a.spec.example())
			return false
		}
		return true
	case TypeChoice:
		return d.choice(a, a.text, a.place(), a.spec.Of)
	case TypeSpan, TypeLength, TypeCooldown:
		return d.lengthOfTime(a)
	case TypeTime:
		return d.time(a)
	case TypePeriod:
		return d.period(a)
	case TypeSchedule:
		return d.schedule(a)
	case TypeHours, TypeWindow:
		return d.hours(a)
	case TypeSlot:
		return d.slot(a)
	case TypePerDay, TypeRate, TypeRetry, TypeStepDown:
		return d.frequency(a)
	case TypeDecide:
		return d.decide(a)
	case TypeZone:
		return d.zone(a)
	}
	panic(fmt.Sprintf("attribute %s has the type %d, which nothing decodes", a.src.Name, a.spec.Type))
}
