package demo

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/seed-456efde2/nurture/engine/calendar"
)

// Nobody lives at an address that somebody could own, and everybody speaks the
// language of the country.
func TestCountries(t *testing.T) {
	t.Parallel()
	reserved := func(domain string) bool {
		return slices.ContainsFunc([]string{".example.jp", ".example.com", ".example.net"}, func(end string) bool { return strings.HasSuffix(domain, end) })
	}
	for _, language := range []string{"ja", "en"} {
		c := CountryOf(language, nil)
		for n := range 300 {
			p := c.newPerson(3, n)
			_, domain, _ := strings.Cut(p.email, "@")
			if !reserved(domain) || strings.ContainsFunc(p.email, func(r rune) bool { return r > unicode.MaxASCII }) {
				t.Errorf("somebody lives at %s", p.email)
			}
			text := p.last + p.first + p.company.name + p.department + p.title + p.company.industry + p.company.region
			if kanji := strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }); kanji != (language == "ja") {
				t.Errorf("of the country of %s is %s", language, text)
			}
		}
	}
}

// A town in another zone opens its offices at nine there, also where the clocks change
// in the night before.
func TestHoursElsewhere(t *testing.T) {
	t.Parallel()
	zone := calendar.FindZone("America/New_York")
	c := CountryOf("en", zone)
	if got := c.Monday().Format(time.RFC3339); got != "2026-10-05T09:00:00-04:00" {
		t.Errorf("a demo there begins at %s", got)
	}
	friday := time.Date(2026, 10, 30, 18, 30, 0, 0, zone)
	if got := c.office().next(friday).Format(time.RFC3339); got != "2026-11-02T09:00:00-05:00" {
		t.Errorf("the office opens at %s", got)
	}
	sunday := time.Date(2026, 11, 1, 0, 0, 0, 0, zone) // 25 hours long
	if got := c.leisure().next(sunday).Format(time.RFC3339); got != "2026-11-01T10:00:00-05:00" {
		t.Errorf("people look around from %s on", got)
	}
}
