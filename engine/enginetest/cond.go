package enginetest

import (
	"fmt"

	"github.com/seed-456efde2/nurture/engine"
)

// expr is what every hand-written expression tells of itself.
type expr struct {
	source string
	reads  []engine.Key
}

func (e expr) Reads() []engine.Key { return e.reads }
func (e expr) Source() string      { return e.source }
func (e expr) Meaning() string     { return e.source }
func (e expr) Place() engine.Place { return engine.Place{} }

type cond struct {
	expr
	holds func(facts map[string]any) bool
}

func (c cond) Holds(v *engine.Vars) (bool, error) { return c.holds(v.Facts), nil }

// When is a condition written in Go. It reads facts under Key.String(), only
// those that it declares.
func When(source string, holds func(facts map[string]any) bool, reads ...engine.Key) []engine.Cond {
	return []engine.Cond{cond{expr{source, reads}, holds}}
}

type num struct {
	expr
	key string
}

func (n num) Number(v *engine.Vars) (float64, bool, error) {
	f, ok := v.Facts[n.key].(float64)
	return f, ok, nil
}

// Amount is a number read straight from one fact.
func Amount(k engine.Key) engine.Num {
	return num{expr{k.String(), []engine.Key{k}}, k.String()}
}

type content struct {
	expr
	render func(facts map[string]any) ([]engine.Field, error)
}

func (c content) Render(v *engine.Vars) ([]engine.Field, error) { return c.render(v.Facts) }

// Content is a message rendered in Go.
func Content(source string, render func(facts map[string]any) ([]engine.Field, error), reads ...engine.Key) engine.Content {
	return content{expr{source, reads}, render}
}

// Parts is a message whose parts are the named facts as texts.
func Parts(source string, reads ...engine.Key) engine.Content {
	return Content(source, func(facts map[string]any) ([]engine.Field, error) {
		fields := []engine.Field{{Name: "text", Value: engine.TextValue(source)}}
		for _, k := range reads {
			fields = append(fields, engine.Field{Name: k.String(), Value: engine.TextValue(fmt.Sprint(facts[k.String()]))})
		}
		return fields, nil
	}, reads...)
}
