package main

import (
	"fmt"
	"strconv"
	"time"
)

// workload is the common job of nurture's benchmarks, as a client's calls: event i
// follows from its number alone, so that whatever reaches the server can be
// foretold. The rules for it are in workspace/load.hcl.
type workload struct {
	leads int
}

// draws is how many random numbers belong to one event.
const draws = 8

// draw is number k of event i: splitmix64 started with 1, read at i·draws + k.
func draw(i, k int) uint64 { return mix(1 + uint64(i*draws+k+1)*0x9E3779B97F4A7C15) }

// mix is splitmix64's output function.
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// The values that events carry.
var (
	paths      = [8]string{"/", "/features", "/pricing", "/pricing/enterprise", "/cases", "/blog/nurturing", "/docs", "/company"}
	links      = [4]string{"cta", "case_study", "footer", "company_profile"}
	forms      = [3]string{"newsletter", "contact", "document_request"}
	assets     = [4]string{"whitepaper_scoring", "whitepaper_nurturing", "catalogue", "price_list"}
	industries = [5]string{"manufacturing", "software", "retail", "finance", "other"}
	campaigns  = [4]string{"google", "newsletter", "facebook", "partner"}
	agents     = [3]string{"Chrome/126.0 (Windows NT 10.0)", "Safari/17.5 (iPhone; iOS 17.5)", "Firefox/127.0 (X11; Linux x86)"}
)

// hotIndustries is how many of industries, from the front, the toss-up accepts.
const hotIndustries = 2

// eventNames are the events of the workload.
var eventNames = [5]string{"page_view", "email_open", "email_click", "form_submit", "download"}

// leadOf is the lead of event i.
func (w workload) leadOf(i int) int { return int(draw(i, 0) % uint64(w.leads)) }

// imported is the score that a lead brings with it.
func imported(lead int) int { return int(mix(uint64(lead)+0xA5A5A5A5) % 100) }

// choice is what an event is, and what the rules pay for it.
type choice struct {
	kind     int    // place in eventNames
	field    string // its text, "" for none
	value    string
	duration int // of a page_view, -1 else
	points   int
}

// choose is what event i is.
func choose(i int) choice {
	what := draw(i, 2)
	switch kind := draw(i, 1) % 100; {
	case kind < 50:
		c := choice{field: "path", value: paths[what%8], duration: int(draw(i, 3) % 120)}
		if what%8 == 2 || what%8 == 3 {
			c.points += 10
		}
		if c.duration >= 60 {
			c.points += 3
		}
		return c
	case kind < 75:
		return choice{kind: 1, duration: -1, points: 2}
	case kind < 90:
		c := choice{kind: 2, field: "link", value: links[what%4], duration: -1}
		if c.value == "cta" {
			c.points = 8
		}
		return c
	case kind < 94:
		c := choice{kind: 3, field: "form", value: forms[what%3], duration: -1}
		if c.value != "newsletter" {
			c.points = 30
		}
		return c
	}
	c := choice{kind: 4, field: "asset", value: assets[what%4], duration: -1}
	if what%4 < 2 {
		c.points = 15
	}
	return c
}

func userID(lead int) string   { return "user-" + strconv.Itoa(lead) }
func messageID(i int) string   { return "m-" + strconv.Itoa(i) }
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// appendEvent appends event i as a client's track call.
func (w workload) appendEvent(b []byte, i int, at string) []byte {
	c := choose(i)
	b = fmt.Appendf(b, `{"type":"track","event":"%s","messageId":"m-%d","userId":"user-%d","timestamp":"%s","properties":{`,
		eventNames[c.kind], i, w.leadOf(i), at)
	if c.field != "" {
		b = fmt.Appendf(b, `"%s":"%s"`, c.field, c.value)
	}
	if c.duration >= 0 {
		b = fmt.Appendf(b, `,"duration":%d`, c.duration)
	}
	return fmt.Appendf(b, `},"context":{"session":"%08x","utm":"%s","ua":"%s"}}`,
		uint32(draw(i, 4)), campaigns[draw(i, 5)%4], agents[draw(i, 6)%3])
}

// appendLead appends the calls that make a lead known: its industry, and the points
// it brings.
func appendLead(b []byte, lead int, at string) []byte {
	b = fmt.Appendf(b, `{"type":"identify","messageId":"pre-a-%d","userId":"user-%d","timestamp":"%s","traits":{"industry":"%s"}},`,
		lead, lead, at, industries[lead%len(industries)])
	return fmt.Appendf(b, `{"type":"track","event":"points_imported","messageId":"pre-b-%d","userId":"user-%d","timestamp":"%s","properties":{"points":%d}}`,
		lead, lead, at, imported(lead))
}

// outcome is what the first n events must have come to.
type outcome struct {
	events  [len(eventNames)]int
	tossUps int
	mails   int
	scores  []int
}

// reference counts in memory.
func (w workload) reference(n int) outcome {
	o := outcome{scores: make([]int, w.leads)}
	tossed, mailed := make([]bool, w.leads), make([]bool, w.leads)
	for lead := range o.scores {
		o.scores[lead] = imported(lead)
	}
	for i := range n {
		c, lead := choose(i), w.leadOf(i)
		o.events[c.kind]++
		o.scores[lead] += c.points
		if o.scores[lead] >= 100 && lead%len(industries) < hotIndustries && !tossed[lead] {
			tossed[lead] = true
			o.tossUps++
		}
		if c.kind == 3 && !mailed[lead] {
			mailed[lead] = true
			o.mails++
		}
	}
	return o
}
