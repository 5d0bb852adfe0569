package engine_test

import (
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// A moment is known by whatever name would mean it, an event by its exact name first.
func TestMoment(t *testing.T) {
	t.Parallel()
	p, err := engine.NewProgram(&engine.Spec{Events: []engine.EventSpec{
		{Name: "opened", Wire: "Form Opened"},
		{Name: "serious", From: "opened"},
		{Name: "very_serious", From: "serious"},
		{Name: "taken", Wire: "Serious"},
	}}, "d", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind               engine.EventKind
		name, moment, send string
	}{
		{engine.Track, "serious", "serious", "Form Opened"},
		{engine.Track, "Very Serious", "very_serious", "Form Opened"},
		{engine.Track, "Serious", "", ""},
		{engine.Track, "Form Opened", "", ""},
		{engine.Track, "unheard_of", "", ""},
		{engine.Page, "serious", "", ""},
	} {
		moment, send, ok := p.Moment(&engine.Event{Kind: c.kind, Name: c.name})
		if moment != c.moment || send != c.send || ok != (c.moment != "") {
			t.Errorf("%v %q is %q, sent as %q (%v)", c.kind, c.name, moment, send, ok)
		}
	}
}
