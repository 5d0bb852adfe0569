package engine_test

import (
	"fmt"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// A stage that time alone ends just as another lead is taken over is left in the
// journal too, not only in the counters.
func TestMergeTellsOfTheStageThatTimeEnded(t *testing.T) {
	t.Parallel()
	counts := map[string]int64{}
	w := newWorld(t, spec(), sim.Options{OnCount: func(d engine.Delta) { counts[fmt.Sprint(d.Name, d.Part)] += d.N }})
	w.call(engine.Track, "page_viewed", "tanaka", "")
	w.call(engine.Track, "page_viewed", "tanaka", "")
	w.want("stage", w.tanaka().Acts.Stage, "mql")
	w.after(475*engine.Hour + 26*engine.Minute) // 40 points are 15 a minute later
	w.want("stage, a minute before", w.tanaka().Acts.Stage, "mql")
	ahead := engine.Event{
		Kind: engine.Track, Name: "form_submitted", ID: "ahead", Source: "web", Visitor: "phone",
		At: w.Now().Add(4 * engine.Minute), Received: w.Now(),
	}
	if _, err := w.Submit(ahead); err != nil {
		t.Fatal(err)
	}
	w.call(engine.Identify, "", "tanaka", "phone") // whose visitor's clock is ahead
	w.want("parts", w.tanaka().Parts, []engine.LeadID{visitorLead("phone")})
	w.want("stage", w.tanaka().Acts.Stage, "lead")
	w.want("who left mql, counted", counts["stage:mql1"], int64(1))
	w.want("who left mql, told", w.decisions(w.tanaka().ID, engine.Moved, "mql"), 1)
}

// What a lead was sent before it became part of another can be answered by the whole,
// however many rows the two journals had.
func TestMergedDeliveriesAreAnswered(t *testing.T) {
	t.Parallel()
	counts := map[string]int64{}
	w := newWorld(t, spec(), sim.Options{OnCount: func(d engine.Delta) { counts[fmt.Sprint(d.Name, d.Part)] += d.N }})
	w.call(engine.Track, "Consent Given", "", "phone", text("purpose", "marketing"))
	for range 10 {
		w.call(engine.Track, "form_submitted", "", "phone")
	}
	w.call(engine.Track, "page_viewed", "", "phone")
	w.after(engine.Day)
	w.want("mails", w.sent("mail"), 1)
	w.want("deliveries", counts["kpi:click_rate1"], int64(1))
	w.call(engine.Identify, "", "tanaka", "phone")
	w.want("parts", w.tanaka().Parts, []engine.LeadID{visitorLead("phone")})
	w.call(engine.Track, "email_clicked", "tanaka", "")
	w.want("clicks of them", counts["kpi:click_rate0"], int64(1))
}
