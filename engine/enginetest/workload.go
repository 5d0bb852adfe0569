package enginetest

import (
	"fmt"
	"strconv"

	"github.com/seed-456efde2/nurture/engine"
)

// Workload is the common job of every benchmark, ours and others': the same
// events over the same leads, so that all count the same and can be checked.
// Event i follows from Seed and i alone; times run on from Start, a millisecond
// an event.
type Workload struct {
	Leads int
	Seed  uint64 // 0: 1
	Start engine.Time
}

// draws is how many random numbers belong to one event.
const draws = 8

// draw is number k of event i: a splitmix64 stream started with the seed, read
// at position i·draws + k. Preloaded scores lie before position 0.
func (w Workload) draw(i, k int) uint64 {
	seed := w.Seed
	if seed == 0 {
		seed = 1
	}
	return splitmix64(seed + uint64(i*draws+k+1)*0x9E3779B97F4A7C15)
}

// splitmix64 is the generator's output function.
func splitmix64(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// The values that the events carry.
var (
	Paths      = [8]string{"/", "/features", "/pricing", "/pricing/enterprise", "/cases", "/blog/nurturing", "/docs", "/company"}
	Links      = [4]string{"cta", "case_study", "footer", "company_profile"}
	Forms      = [3]string{"newsletter", "contact", "document_request"}
	Assets     = [4]string{"whitepaper_scoring", "whitepaper_nurturing", "catalogue", "price_list"}
	Industries = [5]string{"manufacturing", "software", "retail", "finance", "other"}
	sources    = [4]string{"google", "newsletter", "facebook", "partner"}
	agents     = [3]string{"Chrome/126.0 (Windows NT 10.0)", "Safari/17.5 (iPhone; iOS 17.5)", "Firefox/127.0 (X11; Linux x86)"}
)

// HotIndustries is how many of Industries, from the front, a toss-up accepts.
const HotIndustries = 2

// LeadOf is the lead of event i, from 0.
func (w Workload) LeadOf(i int) int { return int(w.draw(i, 0) % uint64(w.Leads)) }

// Points is the score that a lead brings with it.
func (w Workload) Points(lead int) int { return int(splitmix64(uint64(lead)+0xA5A5A5A5) % 100) }

// choice is what event i is: its name, its two fields, and the points it pays.
type choice struct {
	event    string
	field    string // name of the text field, "" for none
	value    string
	duration int // of a page_view, -1 else
	points   int
}

func (w Workload) choice(i int) choice {
	what := w.draw(i, 2)
	switch kind := w.draw(i, 1) % 100; {
	case kind < 50:
		c := choice{event: "page_view", field: "path", value: Paths[what%8], duration: int(w.draw(i, 3) % 120)}
		if what%8 == 2 || what%8 == 3 {
			c.points += 10
		}
		if c.duration >= 60 {
			c.points += 3
		}
		return c
	case kind < 75:
		return choice{event: "email_open", duration: -1, points: 2}
	case kind < 90:
		c := choice{event: "email_click", field: "link", value: Links[what%4], duration: -1}
		if c.value == "cta" {
			c.points = 8
		}
		return c
	case kind < 94:
		c := choice{event: "form_submit", field: "form", value: Forms[what%3], duration: -1}
		if c.value != "newsletter" {
			c.points = 30
		}
		return c
	}
	c := choice{event: "download", field: "asset", value: Assets[what%4], duration: -1}
	if what%4 < 2 {
		c.points = 15
	}
	return c
}

// UserID is the userId of a lead.
func UserID(lead int) string { return "user-" + strconv.Itoa(lead) }

// Preload makes one lead known: its industry, and its imported points.
func (w Workload) Preload(lead int) []engine.Event {
	id := strconv.Itoa(lead)
	text := func(name, value string) engine.Field { return engine.Field{Name: name, Value: engine.TextValue(value)} }
	return []engine.Event{{
		Kind: engine.Identify, ID: "pre-a-" + id, Source: "import", User: UserID(lead),
		At: w.Start, Received: w.Start, Fields: []engine.Field{text("industry", Industries[lead%5])},
	}, {
		Kind: engine.Track, ID: "pre-b-" + id, Source: "import", Name: "points_imported", User: UserID(lead),
		At: w.Start, Received: w.Start,
		Fields: []engine.Field{{Name: "points", Value: engine.NumberValue(float64(w.Points(lead)))}},
	}}
}

// Event is event i as a client's track call.
func (w Workload) Event(i int) engine.Event {
	c := w.choice(i)
	at := w.Start.Add(engine.Span(i + 1))
	e := engine.Event{
		Kind: engine.Track, ID: "m-" + strconv.Itoa(i), Source: "web", Name: c.event, User: UserID(w.LeadOf(i)),
		At: at, Received: at, Context: w.context(i),
	}
	if c.field != "" {
		e.Fields = append(e.Fields, engine.Field{Name: c.field, Value: engine.TextValue(c.value)})
	}
	if c.duration >= 0 {
		e.Fields = append(e.Fields, engine.Field{Name: "duration", Value: engine.NumberValue(float64(c.duration))})
	}
	return e
}

// context is what stands beside an event: session, campaign, user agent.
func (w Workload) context(i int) string {
	return fmt.Sprintf(`{"session":"%08x","utm":"%s","ua":"%s"}`,
		uint32(w.draw(i, 4)), sources[w.draw(i, 5)%4], agents[w.draw(i, 6)%3])
}

// AppendJSON appends event i in the compact form that programs without our
// collector read.
func (w Workload) AppendJSON(b []byte, i int) []byte {
	c := w.choice(i)
	b = fmt.Appendf(b, `{"id":"m-%d","lead":%d,"event":"%s"`, i, w.LeadOf(i), c.event)
	if c.field != "" {
		b = fmt.Appendf(b, `,"%s":"%s"`, c.field, c.value)
	}
	if c.duration >= 0 {
		b = fmt.Appendf(b, `,"duration":%d`, c.duration)
	}
	b = fmt.Appendf(b, `,"context":%s}`, w.context(i))
	return b
}

// Totals is what every program must arrive at.
type Totals struct {
	TossUps int
	Mail1   int
	Scores  int64
}

// Reference counts the first n events in memory.
func (w Workload) Reference(n int) Totals {
	var t Totals
	scores := make([]int64, w.Leads)
	tossed, mailed := make([]bool, w.Leads), make([]bool, w.Leads)
	for lead := range scores {
		scores[lead] = int64(w.Points(lead))
		t.Scores += scores[lead]
	}
	for i := range n {
		c, lead := w.choice(i), w.LeadOf(i)
		scores[lead] += int64(c.points)
		t.Scores += int64(c.points)
		if scores[lead] >= 100 && lead%5 < HotIndustries && !tossed[lead] {
			tossed[lead] = true
			t.TossUps++
		}
		if c.event == "form_submit" && !mailed[lead] {
			mailed[lead] = true
			t.Mail1++
		}
	}
	return t
}
