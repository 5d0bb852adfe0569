package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// mood is how much somebody wants what is offered.
type mood uint8

const (
	cold mood = iota // looks once and forgets
	warm             // reads along, and comes back when a mail speaks to them
	hot              // compares prices today
)

// person is somebody of the town. Only the goroutine that runs the agenda
// touches it.
type person struct {
	id         string // under which the web site and the register know them
	last       string
	first      string
	email      string
	phone      string
	department string
	title      string
	company    company
	mood       mood
	consents   bool // allows mails when asking for the document
	asks       bool // a hot one who asks questions instead of waiting to be called
	site       *site

	chance *rand.Rand
	events int  // sent so far
	mails  int  // received so far
	gone   bool // unsubscribed
	owned  bool // a sales person is on it
}

// company is where somebody works.
type company struct {
	name      string
	domain    string
	industry  string
	region    string
	employees int
}

// event makes an event of this person. Its id follows from who it is and how many
// came before, so that the same town sends the same ids.
func (p *person) event(kind string, at time.Time) event {
	p.events++
	return event{Type: kind, MessageID: fmt.Sprintf("%s-%03d", p.id, p.events), UserID: p.id, Timestamp: at.UTC()}
}

// track is something that the person did.
func (p *person) track(at time.Time, name string, properties map[string]any) event {
	e := p.event("track", at)
	e.Event, e.Properties = name, properties
	return e
}

// identify is what a form tells about the person.
func (p *person) identify(at time.Time) event {
	e := p.event("identify", at)
	e.Traits = map[string]any{
		"user_id": p.id, "email": p.email, "last_name": p.last, "first_name": p.first, "phone": p.phone,
		"company": p.company.name, "department": p.department, "title": p.title,
		"industry": p.company.industry, "region": p.company.region, "employees": p.company.employees,
		"created_at": at.UTC(),
	}
	return e
}

// likely answers yes with the given probability.
func (p *person) likely(probability float64) bool { return p.chance.Float64() < probability }

// between is a length of time between two others.
func (p *person) between(least, most time.Duration) time.Duration {
	return least + time.Duration(p.chance.Int64N(int64(most-least)))
}

// about is a length of time that is often shorter than the mean and sometimes
// much longer, as people's delays are; it is never more than five means.
func (p *person) about(mean time.Duration) time.Duration {
	return time.Duration(min(p.chance.ExpFloat64(), 5) * float64(mean))
}

// source is a stream of chance of its own for everything that has a name of its
// own, so that what one does never depends on when others do something.
func source(seed uint64, what string, n uint64) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, b := range []byte(what) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed^h, n))
}

// newPerson makes up the nth person of a town.
func (c *Country) newPerson(seed uint64, n int) *person {
	chance := source(seed, "person", uint64(n))
	surname := c.surnames[chance.IntN(len(c.surnames))]
	given := c.givenNames[chance.IntN(len(c.givenNames))]
	position := c.positions[chance.IntN(len(c.positions))]
	p := &person{
		id:   fmt.Sprintf("c%d-%04d", seed, n),
		last: surname[0], first: given[0], company: c.companies[chance.IntN(len(c.companies))],
		department: position[0], title: position[1], site: &c.site,
		phone:    fmt.Sprintf(c.phone, chance.IntN(10000)),
		mood:     moodOf(chance.Float64()),
		consents: chance.Float64() < 0.88,
		asks:     chance.Float64() < 0.4,
		chance:   chance,
	}
	p.email = fmt.Sprintf("%s.%s%d@%s", surname[1], given[1], n, p.company.domain)
	if chance.Float64() < 0.06 {
		p.email = fmt.Sprintf("%s%s%d@%s", given[1], surname[1], n, c.private)
	}
	return p
}

func moodOf(share float64) mood {
	switch {
	case share < 0.25:
		return hot
	case share < 0.65:
		return warm
	}
	return cold
}
