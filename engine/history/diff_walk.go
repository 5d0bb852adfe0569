package history

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// saying is one thing that a block says.
type saying struct {
	name    string // "when", "cap.mail.at_most"
	index   int    // in a list, -1 elsewhere
	text    string // as people read it
	meaning string // equal meanings are no change
	expr    engine.Expr
}

// label names the saying within its block.
func (s *saying) label() string {
	if s.index < 0 {
		return s.name
	}
	return s.name + "[" + strconv.Itoa(s.index) + "]"
}

// words are the condition as a sentence.
func (s *saying) words(say func(engine.Expr) string) string {
	if s.expr == nil {
		return ""
	}
	if _, text := s.expr.(engine.Content); text {
		return ""
	}
	if words := say(s.expr); words != s.text {
		return words
	}
	return ""
}

// full is the saying with its constants put in.
func (s *saying) full() string {
	if s.expr != nil && len(s.meaning) < 200 && !strings.Contains(s.meaning, "\x00") {
		return s.meaning
	}
	return s.text + " " + fingerprint(s.meaning)
}

// walk collects what a value of the rules says, field by field.
type walk struct {
	out   []saying
	steps map[int]string // names of a workflow's steps, by index
	place engine.Place   // of the first expression
}

// passedOver are the fields that are no saying of their own: the name under which a
// thing stands, its place in the file, and where leads go whose step is gone, which
// is told of that step.
var passedOver = map[string]bool{"Name": true, "Place": true, "Moved": true}

// toStep are the fields that are an index of a step.
var toStep = map[string]bool{"Next": true, "First": true, "Otherwise": true, "To": true}

// written are the names that the language uses where they are not the field's own.
var written = map[string]string{
	"LeaveTo": "to", "KeyAttr": "key", "TossUp": "toss_up", "Granted": "granted_by", "Revoked": "revoked_by",
	"PerDay": "per_day", "KPI": "kpi", "Next": "goes_on_to", "First": "goes_to", "From": "from",
}

// fieldName is a field's name as the language writes it.
func fieldName(go_ string) string {
	if name, ok := written[go_]; ok {
		return name
	}
	var b strings.Builder
	for i, r := range go_ {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func (w *walk) fields(prefix string, value any) {
	v := reflect.ValueOf(value)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || passedOver[field.Name] {
			continue
		}
		if cases := v.FieldByName("Cases"); field.Name == "Otherwise" && cases.IsValid() && cases.Len() == 0 {
			continue // a wait without ways
		}
		name := join(prefix, fieldName(field.Name))
		if w.steps != nil && toStep[field.Name] && v.Field(i).Kind() == reflect.Int {
			w.step(name, int(v.Field(i).Int()), prefix == "" && field.Name == "Next")
			continue
		}
		w.value(name, -1, v.Field(i))
	}
}

// step tells where a step goes, by the name of the other. Steps that go on by
// themselves (branches, splits, exits) have no Next, and 0 stands there.
func (w *walk) step(name string, to int, next bool) {
	text := w.steps[to]
	if text == "" || next && to == 0 {
		return
	}
	w.say(saying{name: name, index: -1, text: text, meaning: text})
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

func (w *walk) say(s saying) { w.out = append(w.out, s) }

func (w *walk) plain(name string, index int, text string) {
	if text != "" {
		w.say(saying{name: name, index: index, text: text, meaning: text})
	}
}

// value tells one value. What is not set says nothing.
func (w *walk) value(name string, index int, v reflect.Value) {
	if v.IsZero() {
		return
	}
	switch x := v.Interface().(type) {
	case engine.Place:
		return
	case engine.Expr:
		w.expr(name, index, x)
		return
	case engine.Value:
		w.plain(name, index, x.String())
		return
	case *time.Location:
		w.plain(name, index, x.String())
		return
	case engine.Span:
		w.plain(name, index, spanText(x))
		return
	case engine.StepKind, engine.Lane:
		return // they follow from what else the step says
	case engine.OnBlocked:
		w.plain(name, index, "skip")
		return
	case engine.Reach:
		w.plain(name, index, [...]string{"", "lead", "staff", "system"}[x&3])
		return
	case calendar.Calendar:
		w.calendar(name, &x)
		return
	case fmt.Stringer:
		w.plain(name, index, x.String())
		return
	}
	w.kind(name, index, v)
}

// calendar tells a calendar as one line.
func (w *walk) calendar(name string, c *calendar.Calendar) {
	text := fmt.Sprintf("%s %s %02d:%02d-%02d:%02d", c.Name, c.Workdays, c.Open/60, c.Open%60, c.Close/60, c.Close%60)
	if c.Japan {
		text += " holidays=japan"
	}
	if len(c.DaysOff) > 0 {
		text += " days_off=" + strings.Join(c.DaysOff, ",")
	}
	w.plain(name, -1, strings.TrimSpace(text))
}

func spanText(s engine.Span) string {
	if s == engine.Forever {
		return "never again"
	}
	return s.String()
}

// expr tells a condition or text. The text of a message is told by its file and a
// fingerprint: what changed in it is for a comparison of files.
func (w *walk) expr(name string, index int, x engine.Expr) {
	if w.place.File == "" {
		w.place = x.Place()
	}
	s := saying{name: name, index: index, text: x.Source(), meaning: x.Meaning(), expr: x}
	if _, content := x.(engine.Content); content {
		s.text = strings.TrimSpace(x.Source() + " " + fingerprint(s.meaning))
	}
	w.say(s)
}

// fingerprint tells one text from another.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "#" + hex.EncodeToString(sum[:4])
}

func (w *walk) kind(name string, index int, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		w.value(name, index, v.Elem())
	case reflect.Struct:
		w.fields(name, v.Interface())
	case reflect.Slice, reflect.Array:
		w.list(name, v)
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			w.value(join(name, k.String()), -1, v.MapIndex(k))
		}
	default:
		w.plain(name, index, fmt.Sprint(v.Interface()))
	}
}

// list tells the members of a list: those with a name under it, the others by their
// place.
func (w *walk) list(name string, v reflect.Value) {
	singular := strings.TrimSuffix(name, "s")
	for i := range v.Len() {
		item := v.Index(i)
		if item.Kind() == reflect.Struct {
			if label := nameOfItem(item); label != "" {
				w.value(join(singular, label), -1, item)
			} else {
				w.value(singular+"["+strconv.Itoa(i)+"]", -1, item)
			}
			continue
		}
		w.value(name, i, item)
	}
}

// nameOfItem is the name under which a member of a list stands.
func nameOfItem(v reflect.Value) string {
	for _, field := range [...]string{"Name", "Channel"} {
		if f := v.FieldByName(field); f.IsValid() && f.Kind() == reflect.String && f.String() != "" {
			return f.String()
		}
	}
	return ""
}
