package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// read is the view of a page that was looked at for some seconds.
func (p *person) read(at time.Time, pg page, seconds int) event {
	e := p.event("page", at)
	e.Name = pg.title
	e.Properties = map[string]any{
		"path": pg.path, "url": p.site.url + pg.path, "title": pg.title, "dwell_seconds": seconds,
	}
	return e
}

// first are the moods of those who come first, so that there is something to see
// at once: one who asks for a call, one who compares prices, one who reads along.
var first = [...]struct {
	after time.Duration
	mood  mood
	asks  bool
}{{4 * time.Minute, hot, true}, {11 * time.Minute, hot, false}, {19 * time.Minute, warm, false}}

// begin plans the town's first comings.
func (t *Town) begin(now time.Time) {
	office := t.o.Country.office()
	start := office.next(now)
	for i, f := range first[:min(len(first), t.o.Leads)] {
		t.agenda.add(start.Add(f.after), func(at time.Time) []event {
			p := t.o.Country.newPerson(t.o.Seed, len(t.people)+1)
			p.mood, p.asks, p.consents = f.mood, f.asks, true
			if f.mood == hot { // somebody sales would want to hear of
				c := t.o.Country
				p.company, p.department, p.title = c.companies[i], c.head[0], c.head[1]
				p.email = fmt.Sprintf("%s%d@%s", c.headAddress, i+1, p.company.domain)
			}
			t.welcome(p)
			return t.request(p, at)
		})
	}
	t.expect(office, t.o.PerHour, start.Add(first[len(first)-1].after))
	t.expect(t.o.Country.leisure(), t.o.PerHour/6, start)
}

// expect plans the next coming within the hours, so many of which there are in
// an hour on average: somebody new while there is room, then, more slowly,
// somebody who has been here before.
func (t *Town) expect(h hours, perHour float64, at time.Time) {
	mean := float64(time.Hour) / perHour
	if len(t.people) >= t.o.Leads {
		mean *= 3
	}
	gap := time.Duration(min(t.arrivals.ExpFloat64(), 5) * mean)
	t.agenda.add(h.after(at, gap), func(at time.Time) []event {
		defer t.expect(h, perHour, at)
		if len(t.people) >= t.o.Leads {
			return t.comeBack(t.people[t.arrivals.IntN(len(t.people))], at)
		}
		p := t.o.Country.newPerson(t.o.Seed, len(t.people)+1)
		t.welcome(p)
		return t.request(p, at)
	})
}

// welcome takes note of somebody new.
func (t *Town) welcome(p *person) {
	t.people = append(t.people, p)
	t.byAddress[p.email], t.byID[p.id] = p, p
	t.known.Add(1)
}

// request is a first visit: a look around, then the form for the document.
func (t *Town) request(p *person, at time.Time) []event {
	filled := at.Add(p.between(40*time.Second, 4*time.Minute))
	t.agenda.add(filled, func(at time.Time) []event { return t.fillIn(p, at) })
	return nil
}

// fillIn is the form: who it is, leave to write where it was given, the request.
// What was seen before belongs to the visit and comes with it, because only now
// it is known whose it was.
func (t *Town) fillIn(p *person, at time.Time) []event {
	events := []event{
		p.identify(at),
		p.read(at.Add(time.Second), p.site.document, 20+p.chance.IntN(60)),
	}
	if p.consents {
		events = append(events, p.track(at.Add(2*time.Second), "consent_given", map[string]any{
			"purpose": "marketing", "wording": "form-2026-04", "source": "document_request_form",
		}))
	}
	events = append(events, p.track(at.Add(3*time.Second), "form_submitted", map[string]any{"form": "document_request"}))
	switch p.mood {
	case hot:
		t.compare(p, at)
	case warm:
		t.agenda.add(t.o.Country.office().after(at, p.between(time.Hour, 10*time.Hour)), func(at time.Time) []event {
			return t.walk(p, at, p.site.features, p.site.cases)
		})
	}
	return events
}

// compare is what somebody does who wants it: prices, a case, prices again, and
// a question where they are the kind to ask.
func (t *Town) compare(p *person, at time.Time) {
	office := t.o.Country.office()
	at = office.after(at, p.between(8*time.Minute, 40*time.Minute))
	t.agenda.add(at, func(at time.Time) []event { return t.walk(p, at, p.site.features, p.site.pricing, p.site.standard) })
	at = office.after(at, p.between(30*time.Minute, 3*time.Hour))
	t.agenda.add(at, func(at time.Time) []event { return t.walk(p, at, p.site.closing, p.site.pricing) })
	if !p.asks {
		return
	}
	t.agenda.add(office.after(at, p.between(10*time.Minute, time.Hour)), func(at time.Time) []event {
		if p.gone {
			return nil
		}
		return []event{
			p.read(at, p.site.contact, 40+p.chance.IntN(120)),
			p.track(at.Add(2*time.Minute), "form_submitted", map[string]any{"form": "inquiry"}),
		}
	})
}

// walk is a visit of several pages, one after the other.
func (t *Town) walk(p *person, at time.Time, pages ...page) []event {
	for _, pg := range pages {
		seconds := dwell(p.chance, p.mood)
		t.agenda.add(at, func(at time.Time) []event { return []event{p.read(at, pg, seconds)} })
		at = at.Add(time.Duration(seconds) * time.Second)
	}
	return nil
}

// dwell is how many seconds a page is looked at.
func dwell(chance *rand.Rand, m mood) int {
	return 6 + int(m)*8 + chance.IntN(20+int(m)*30)
}

// comeBack is another visit of somebody who is known. Now and then they want it
// more than the last time.
func (t *Town) comeBack(p *person, at time.Time) []event {
	if p.mood < hot && p.likely(0.15) {
		p.mood++
	}
	switch {
	case p.gone:
		return nil
	case p.mood == hot:
		return t.walk(p, at, p.site.home, p.site.pricing, p.site.closing)
	case p.mood == warm:
		return t.walk(p, at, p.site.home, p.site.cases)
	}
	return t.walk(p, at, p.site.home)
}
