package main

import (
	"fmt"
	"strconv"
)

// Workload is the job that every benchmark of the project does: leads who look
// at pages, open and click mails, fill in forms and download papers. Event i
// follows from the seed and i alone. It is the workload of nurture's package
// engine/enginetest once more, because a module of its own cannot import that;
// a test here and one there pin the same sum of the same lines.
type Workload struct {
	Seed    uint64 // 1 in every published figure
	Leads   int
	Spacing int64 // milliseconds between two events
}

// Start is when the leads' points were imported, a moment before event 0:
// 2026-01-01T00:00:00Z in Unix milliseconds.
const Start = 1_767_225_600_000

// Kind is the name of an event.
type Kind uint8

// The kinds of event. PointsImported brings a lead's first score; Elsewhere
// stands for all the events that rules listen to and that never come.
const (
	PageView Kind = iota
	EmailOpen
	EmailClick
	FormSubmit
	Download
	PointsImported
	Elsewhere
	kinds
)

var kindNames = [kinds]string{"page_view", "email_open", "email_click", "form_submit", "download", "points_imported", "elsewhere"}

// String is the event's name on the wire.
func (k Kind) String() string { return kindNames[k] }

// Event is one thing that one lead did.
type Event struct {
	Kind     Kind
	Lead     int64
	At       int64  // Unix milliseconds
	Duration int64  // seconds, of a page view; -1 else
	Detail   string // path, link, form or asset; "" for an open
	ID       string // message id
	Body     []byte // all of it as JSON, as it came in
}

var (
	paths  = [8]string{"/", "/features", "/pricing", "/pricing/enterprise", "/cases", "/blog/nurturing", "/docs", "/company"}
	links  = [4]string{"cta", "case_study", "footer", "company_profile"}
	forms  = [3]string{"newsletter", "contact", "document_request"}
	assets = [4]string{"whitepaper_scoring", "whitepaper_nurturing", "catalogue", "price_list"}
	utms   = [4]string{"google", "newsletter", "facebook", "partner"}
	agents = [3]string{"Chrome/126.0 (Windows NT 10.0)", "Safari/17.5 (iPhone; iOS 17.5)", "Firefox/127.0 (X11; Linux x86)"}

	detailNames = [kinds]string{PageView: "path", EmailClick: "link", FormSubmit: "form", Download: "asset"}
)

// draws is how many random numbers belong to one event.
const draws = 8

// draw is number k of event i, out of one stream of splitmix64.
func (w Workload) draw(i, k int) uint64 {
	return mix(w.Seed + uint64(i*draws+k+1)*0x9E3779B97F4A7C15)
}

// mix is the output function of splitmix64; it is one to one.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// Event makes event i. Its Body is appended to *arena, which the caller empties
// when no event made with it is in use any more.
func (w Workload) Event(i int, arena *[]byte) Event {
	e := Event{
		Lead:     int64(w.draw(i, 0) % uint64(w.Leads)),
		At:       Start + int64(i+1)*w.Spacing,
		Duration: -1,
		ID:       "m-" + strconv.Itoa(i),
	}
	what := w.draw(i, 2)
	switch kind := w.draw(i, 1) % 100; {
	case kind < 50:
		e.Kind, e.Detail, e.Duration = PageView, paths[what%8], int64(w.draw(i, 3)%120)
	case kind < 75:
		e.Kind = EmailOpen
	case kind < 90:
		e.Kind, e.Detail = EmailClick, links[what%4]
	case kind < 94:
		e.Kind, e.Detail = FormSubmit, forms[what%3]
	default:
		e.Kind, e.Detail = Download, assets[what%4]
	}
	begin := len(*arena)
	*arena = w.appendBody(*arena, i, &e)
	e.Body = (*arena)[begin:]
	return e
}

func (w Workload) appendBody(b []byte, i int, e *Event) []byte {
	b = append(append(b, `{"id":"`...), e.ID...)
	b = strconv.AppendInt(append(b, `","lead":`...), e.Lead, 10)
	b = append(append(append(b, `,"event":"`...), e.Kind.String()...), '"')
	if name := detailNames[e.Kind]; name != "" {
		b = append(append(append(b, `,"`...), name...), `":"`...)
		b = append(append(b, e.Detail...), '"')
	}
	if e.Duration >= 0 {
		b = strconv.AppendInt(append(b, `,"duration":`...), e.Duration, 10)
	}
	b = appendHex(append(b, `,"context":{"session":"`...), uint32(w.draw(i, 4)))
	b = append(append(b, `","utm":"`...), utms[w.draw(i, 5)%4]...)
	b = append(append(b, `","ua":"`...), agents[w.draw(i, 6)%3]...)
	return append(b, `"}}`...)
}

func appendHex(b []byte, n uint32) []byte {
	const digits = "0123456789abcdef"
	for shift := 28; shift >= 0; shift -= 4 {
		b = append(b, digits[n>>shift&15])
	}
	return b
}

// Import makes the event that brings a lead's first points, by which toss-ups
// occur however few events a lead gets.
func (w Workload) Import(lead int64) Event {
	id := "pre-b-" + strconv.FormatInt(lead, 10)
	body := fmt.Sprintf(`{"id":"%s","lead":%d,"event":"%s","points":%d}`, id, lead, PointsImported, w.Points(lead))
	return Event{Kind: PointsImported, Lead: lead, At: Start, Duration: -1, ID: id, Body: []byte(body)}
}

// Points is a lead's first score: 0 to 99.
func (w Workload) Points(lead int64) int64 { return int64(mix(uint64(lead)+0xA5A5A5A5) % 100) }

// Industry is the lead's trade; 0 and 1 are the hot ones.
func Industry(lead int64) int64 { return lead % 5 }
