package httpd

import (
	"net/http"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// The desk of somebody in sales is kept as a lead is, and is none: nobody can open it
// as a lead.
func TestADeskIsNoLead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	spec := workspace()
	spec.TossUps[0].Capacity = &engine.CapacitySpec{AtMost: 1, Per: calendar.Length{BusinessDays: 1}}
	p, err := engine.NewProgram(spec, "3f2a9c", 42)
	if err != nil {
		t.Fatal(err)
	}
	if w.program = p; w.sim.Swap(p) != nil {
		t.Fatal("the rules cannot be changed")
	}
	s := newServer(t, w.options())
	w.live(t, s)
	desks := 0
	for _, id := range w.sim.All() {
		want := http.StatusOK
		if w.sim.Lead(id).Entity != engine.NoEntity {
			desks++
			want = http.StatusNotFound
		}
		wantStatus(t, call(t, s, "GET", "/api/v1/leads/"+id.String(), "", opsKey), want)
		wantStatus(t, call(t, s, "GET", "/leads/"+id.String(), "", opsKey), want)
		wantStatus(t, call(t, s, "POST", "/api/v1/leads/find", `{"id":"`+id.String()+`"}`, opsKey), want)
		if want == http.StatusNotFound {
			wantStatus(t, call(t, s, "POST", "/api/v1/leads/export", `{"id":"`+id.String()+`"}`, opsKey), want)
		}
	}
	if desks == 0 {
		t.Fatal("there is no desk")
	}
}
