package dsl

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// digestForm is written first, so that a digest of another form never equals one
// of this.
const digestForm = "nurture program 2\n"

// digest names the compiled meaning: the Spec, with the meaning of its conditions
// and texts; the channels with the names of their secrets; and what env() gave.
// Places, comments, the order of blocks, the names of files and the tests are not
// part of it.
//
// The Spec is walked by reflection, so that a field added to it is part of the
// meaning without anybody thinking of the digest. Each workflow has a digest of
// its own in it, so that one that has not changed need not be walked again.
func (b *builder) digest() string {
	w := &meaningWriter{}
	w.out.WriteString(digestForm)
	w.out.Write(b.groundText)
	for _, name := range names(b.flowDigests) {
		w.line("flow "+name, b.flowDigests[name])
	}
	for _, name := range names(b.eval.env) {
		w.line("env "+name, b.eval.env[name])
	}
	return w.sum()
}

func (w *meaningWriter) sum() string {
	sum := sha256.Sum256(w.out.Bytes())
	return hex.EncodeToString(sum[:])
}

// meaningOfGround is the meaning of everything but workflows.
func (b *builder) meaningOfGround() []byte {
	w := &meaningWriter{asks: b.ask}
	spec := *b.spec
	spec.Flows = nil
	w.value("spec", reflect.ValueOf(spec))
	for _, name := range names(b.meaning) {
		w.line(name, b.meaning[name])
	}
	return w.out.Bytes()
}

// digestOfFlow is the digest of one workflow.
func (b *builder) digestOfFlow(f *engine.FlowSpec) string {
	w := &meaningWriter{asks: b.ask}
	w.value("flow", reflect.ValueOf(*f))
	return w.sum()
}

// meaningWriter writes values in one form.
type meaningWriter struct {
	out  bytes.Buffer
	asks func([]engine.Key) // what the conditions and texts read
}

func (w *meaningWriter) line(name, value string) { fmt.Fprintf(&w.out, "%s = %q\n", name, value) }

// value writes v under its name. A Place is a fact of the file and not of the
// meaning, and passed over.
func (w *meaningWriter) value(name string, v reflect.Value) {
	if v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			w.line(name, "none")
			return
		}
	}
	switch x := v.Interface().(type) {
	case engine.Place:
		return
	case engine.Expr:
		w.asks(x.Reads())
		w.line(name, x.Meaning())
		return
	case engine.Value:
		w.line(name, x.Kind().String()+" "+x.String())
		return
	case *time.Location:
		w.line(name, x.String())
		return
	case engine.Occurrences:
		w.line(name, x.String())
		return
	}
	w.kind(name, v)
}

func (w *meaningWriter) kind(name string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		w.value(name, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				panic(fmt.Sprintf("the digest cannot see %s.%s", v.Type(), field.Name))
			}
			w.value(name+"."+field.Name, v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		w.line(name, fmt.Sprint(v.Len()))
		for i := range v.Len() {
			w.value(fmt.Sprintf("%s[%d]", name, i), v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
		for _, k := range keys {
			w.value(name+"."+k.String(), v.MapIndex(k))
		}
	default:
		w.line(name, fmt.Sprint(v.Interface()))
	}
}
