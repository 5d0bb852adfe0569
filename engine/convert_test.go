package engine

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// A time that names no zone is meant by the clocks of the project, whoever wrote it.
func TestConvertReadsTimesInTheZone(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]map[string]string{
		"Asia/Tokyo": {
			"2026-03-01": "2026-02-28T15:00:00Z", "2026/3/1": "2026-02-28T15:00:00Z", "2026年3月1日 9時30分": "2026-03-01T00:30:00Z",
			"2026-03-01 09:00": "2026-03-01T00:00:00Z", "2026-03-01T09:00:30.5": "2026-03-01T00:00:30.5Z",
			"2026-03-01T09:00:00Z": "2026-03-01T09:00:00Z", "2026-03-01T09:00:00.25+01:00": "2026-03-01T08:00:00.25Z",
			"tomorrow": "", "3/1": "", "2026-02-30": "", "": "",
		},
		"America/New_York": {"2026-03-01": "2026-03-01T05:00:00Z"},
		"":                 {"2026-03-01": "2026-03-01T00:00:00Z"},
	} {
		spec := &AttrSpec{Name: "renewal", Kind: Instant}
		if zone != "" {
			spec.Zone = calendar.FindZone(zone)
		}
		for text, at := range want {
			v, ok := spec.Convert(TextValue(text))
			if ok != (at != "") || ok && v.Time().In(nil).UTC().Format(time.RFC3339Nano) != at {
				t.Errorf("%s: %q is %v, %v; want %q", zone, text, v, ok, at)
			}
		}
	}
}
