package engine

import (
	"reflect"
	"testing"
)

// Effects are filled anew by every decision: nothing of the last one may stay, in
// whatever field is added to them.
func TestEffectsAreEmptied(t *testing.T) {
	t.Parallel()
	fx := &Effects{}
	v := reflect.ValueOf(fx).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 3, 5))
		case reflect.Bool:
			f.SetBool(true)
		default:
			t.Fatalf("Effects.%s is of a kind that this test does not fill", v.Type().Field(i).Name)
		}
	}
	fx.reset()
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() > 0 || f.Kind() == reflect.Bool && f.Bool() {
			t.Errorf("Effects.%s is left of the last decision", v.Type().Field(i).Name)
		}
	}
}
