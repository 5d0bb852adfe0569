package demo

import (
	"net/url"
	"strings"
	"time"
)

// habit is what people of a mood do with mail.
type habit struct {
	opens    float64 // of those that arrive
	clicks   float64 // of those that were opened
	leaves   float64 // of those that were opened: unsubscribes
	patience time.Duration
}

var habits = [...]habit{
	cold: {opens: 0.3, clicks: 0.08, leaves: 0.04, patience: 9 * time.Hour},
	warm: {opens: 0.7, clicks: 0.4, leaves: 0.008, patience: 4 * time.Hour},
	hot:  {opens: 0.92, clicks: 0.6, leaves: 0.002, patience: 90 * time.Minute},
}

// mailArrived is called when the mailbox has taken a mail, from any goroutine.
func (t *Town) mailArrived(m *Mail) {
	t.agenda.add(m.At, func(at time.Time) []event {
		for _, address := range m.To {
			if p := t.byAddress[strings.ToLower(address)]; p != nil {
				t.receive(p, m, at)
			}
		}
		return nil
	})
}

// receive decides what becomes of a mail in somebody's inbox.
func (t *Town) receive(p *person, m *Mail, at time.Time) {
	h := habits[p.mood]
	p.mails++
	if p.mails == 1 {
		h.opens = max(h.opens, 0.9) // this is what they asked for
	}
	if !p.likely(h.opens) {
		return
	}
	opened := t.o.Country.awake().after(at.Add(3*time.Minute), p.about(h.patience))
	t.agenda.add(opened, func(at time.Time) []event { return t.openMail(p, m, at) })
}

func (t *Town) openMail(p *person, m *Mail, at time.Time) []event {
	h := habits[p.mood]
	switch link := m.bestLink(); {
	case p.likely(h.leaves):
		t.agenda.add(at.Add(p.between(20*time.Second, 2*time.Minute)), func(at time.Time) []event {
			p.gone = true
			if t.collector.leave(m.wayOut()) {
				return nil
			}
			return []event{p.track(at, "unsubscribed", map[string]any{"channel": "mail", "source": "mail_footer"})}
		})
	case link != "" && p.likely(h.clicks):
		t.agenda.add(at.Add(p.between(20*time.Second, 4*time.Minute)), func(at time.Time) []event {
			return t.follow(p, m, link, at)
		})
	}
	return []event{p.track(at, "email_opened", aboutMail(m))}
}

// follow is a click, and the look at the page behind it. A link that leads through
// the server tells it of the click by itself.
func (t *Town) follow(p *person, m *Mail, link string, at time.Time) []event {
	var events []event
	target, through := t.collector.follow(link)
	if !through {
		clicked := aboutMail(m)
		clicked["link"] = link
		events = append(events, p.track(at, "email_clicked", clicked))
	}
	u, err := url.Parse(target)
	if err != nil {
		return events
	}
	for _, pg := range []page{p.site.pricing, p.site.closing, p.site.cases, p.site.features, p.site.document} {
		if u.Path == pg.path {
			return append(events, p.read(at.Add(2*time.Second), pg, dwell(p.chance, max(p.mood, warm))))
		}
	}
	return append(events, p.read(at.Add(2*time.Second), page{u.Path, u.Path}, dwell(p.chance, p.mood)))
}

// aboutMail are the fields by which the server knows which of its mails it was.
func aboutMail(m *Mail) map[string]any {
	return map[string]any{"message": m.Key, "channel": "mail", "verdict": "human"}
}
