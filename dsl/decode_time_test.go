package dsl

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// What rules and conditions name by the clock is the first of two such instants, and
// the end of the gap where the clocks show none, as everywhere else.
func TestWrittenTimesWhereClocksChange(t *testing.T) {
	t.Parallel()
	york := calendar.FindZone("America/New_York")
	for text, want := range map[string]string{
		"2026-11-01 01:30":          "2026-11-01T05:30:00Z",
		"2026-03-08 02:30":          "2026-03-08T07:00:00Z",
		"2026-03-08":                "2026-03-08T05:00:00Z",
		"2026-11-01T01:30:00-05:00": "2026-11-01T06:30:00Z",
	} {
		c, ok := parseCivil(text)
		if got := c.in(york).UTC().Format(time.RFC3339); !ok || got != want {
			t.Errorf("%s in a rule is %s, %v; want %s", text, got, ok, want)
		}
		at, ok := parseMoment(text, york)
		if got := at.UTC().Format(time.RFC3339); !ok || got != want {
			t.Errorf("%s in a condition is %s, %v; want %s", text, got, ok, want)
		}
	}
}
