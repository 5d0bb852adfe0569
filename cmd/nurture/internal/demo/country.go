package demo

import "time"

// Country is where a town lies: who lives there, what they read, and when they work.
// The starters of a language belong to one: what its people say about themselves is
// what those rules ask for.
type Country struct {
	zone     *time.Location
	holidays []string // on weekdays, in the year that a demo begins

	surnames    [][2]string // with the spelling in an address
	givenNames  [][2]string
	positions   [][2]string // department and title
	companies   []company   // the first are those that sales would want to hear of
	private     string      // domain of addresses that are nobody's work
	phone       string      // with a verb for four digits
	head        [2]string   // position of those who compare prices first
	headAddress string

	site     site
	refusals []string // why sales sends somebody back
	money    string   // sign before an amount
	unit     int      // amounts are whole ones of it
}

// site is a web site.
type site struct {
	url string
	home, features, document, pricing, standard,
	cases, closing, contact page
}

// page is a page of the web site that the town visits.
type page struct {
	path, title string
}

// CountryOf is the country whose people speak a language, in a zone. Where the zone is
// not known it is the country's own.
func CountryOf(language string, zone *time.Location) *Country {
	c := America()
	if language == "ja" {
		c = Japan()
	}
	if zone != nil {
		c.zone = zone
	}
	return c
}

// Monday is nine o'clock on the Monday morning on which a demo begins there.
func (c *Country) Monday() time.Time { return time.Date(2026, time.October, 5, 9, 0, 0, 0, c.zone) }

// Monday is nine o'clock on the Monday morning on which a demo begins in Japan.
func Monday() time.Time { return Japan().Monday() }
