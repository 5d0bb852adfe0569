package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// BenchmarkDecideByTime is what it costs that time alone can make rules act: a
// score that stands still, one that fades (its stage is left at a computed
// instant), and rules that ask for an hour or a silence besides.
func BenchmarkDecideByTime(b *testing.B) {
	stage := func(extra ...engine.Cond) func(*engine.Spec) {
		return func(s *engine.Spec) {
			s.Stages[1].Enter = append(enginetest.Compare(interest, ">=", 40), extra...)
			s.Stages[1].Leave = enginetest.Compare(interest, "<", 15)
			s.TossUps[0].When = enginetest.Compare(interest, ">=", 70)
		}
	}
	silence := enginetest.Compare(engine.Key{Kind: engine.KeyTimes, Name: "email_clicked", Window: 30 * engine.Day}, "==", 0)
	hour := enginetest.Compare(engine.Key{Kind: engine.KeyHour}, ">=", 9)
	for _, c := range []struct {
		name   string
		fades  engine.Span
		change func(*engine.Spec)
	}{
		{"still", 0, stage()},
		{"fading", 14 * engine.Day, stage()},
		{"silence", 14 * engine.Day, stage(silence...)},
		{"hour", 14 * engine.Day, stage(hour...)},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := spec()
			s.Scores[1].HalfLife, s.Scores[1].Rules[0].PerDay, s.Flows = c.fades, 0, nil
			c.change(s)
			p, err := engine.NewProgram(s, "digest", 1)
			if err != nil {
				b.Fatal(err)
			}
			const leads = 1000
			ids, list := make([]engine.LeadID, leads), make([]engine.Lead, leads)
			for i := range ids {
				ids[i] = engine.Identifier{Kind: engine.ByUser, Value: fmt.Sprint(i)}.Lead()
			}
			frame, fx := engine.NewFrame(), engine.Effects{}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				at := start.Add(engine.Span(i) * engine.Span(time.Minute.Milliseconds()) / 10)
				l := &list[i%leads]
				l.ID = ids[i%leads]
				l.Acts.Pending = l.Acts.Pending[:0]
				e := engine.Event{Kind: engine.Track, Name: "page_viewed", ID: "m", Lead: l.ID, At: at, Received: at}
				if err := p.Decide(frame, l, &e, nil, &fx); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}
