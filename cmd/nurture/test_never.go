package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// neverResult is how the generated stories of a test went.
type neverResult struct {
	Streams int    `json:"streams"`
	Events  int    `json:"events"`
	Seed    uint64 `json:"seed"`            // of the first stream, or of the one that broke it
	Story   string `json:"story,omitempty"` // the shortest story found that breaks it, as a test block
}

// happening is one event of a generated story, or a change of the lead's
// attributes.
type happening struct {
	after  engine.Span       // since the one before, whole seconds
	event  *engine.EventSpec // nil: attributes change
	fields []engine.Field
}

// generate plays many stories of random events about the test's lead, and looks
// for a moment in which something holds that never must. The first story that
// breaks it is shortened as far as it still does.
func generate(t *dsl.Test, p *engine.Program, constants map[string][]engine.Value, o testOptions, r *testResult, cover *coverage) {
	begin, lang := time.Now(), cover.lang
	streams := t.Streams
	if o.streams > 0 {
		streams = o.streams
	}
	r.Never = &neverResult{Streams: streams, Seed: o.seed}
	g := &generator{spec: p.Spec(), constants: constants, over: spanOf(t)}
	for i := range streams {
		seed := o.seed + uint64(i)
		story := g.story(seed)
		r.Never.Events += len(story)
		broken := playStory(t, p, story, lang, cover)
		if broken.Passed {
			continue
		}
		breaks := func(s []happening) bool { return !playStory(t, p, s, lang, cover).Passed }
		story = plainer(shorten(story, breaks), breaks)
		broken = playStory(t, p, story, lang, cover)
		r.Passed, r.Faults, r.Error, r.Trace = false, broken.Faults, broken.Error, broken.Trace
		r.Never.Seed, r.Never.Story = seed, storyText(t, story, p.Spec().Zone)
		break
	}
	r.Millis += float64(time.Since(begin).Microseconds()) / 1000
}

// spanOf is how much time a generated story covers.
func spanOf(t *dsl.Test) engine.Span {
	return engine.TimeOf(t.Over.After(t.Start, nil)).Sub(engine.TimeOf(t.Start))
}

// playStory plays a story, and lets time pass to its end.
func playStory(t *dsl.Test, p *engine.Program, story []happening, lang string, cover *coverage) testResult {
	r := testResult{Name: t.Name, File: t.Place.File, Line: t.Place.Line}
	pl := newPlayer(t, p, lang, &r)
	fail := func(err error) testResult {
		r.Error = err.Error()
		return r
	}
	if err := pl.begin(p.Spec().KeyAttr); err != nil {
		return fail(err)
	}
	for i := range story {
		if err := pl.sim.Advance(pl.sim.Now().Add(story[i].after)); err != nil {
			return fail(err)
		}
		kind, name := engine.Identify, ""
		if e := story[i].event; e != nil {
			kind, name = engine.Track, wireName(e)
		}
		if err := pl.submit(kind, name, story[i].fields); err != nil {
			return fail(err)
		}
		if pl.broken {
			break
		}
	}
	if !pl.broken {
		if err := pl.sim.Advance(engine.TimeOf(t.Start).Add(spanOf(t))); err != nil {
			return fail(err)
		}
	}
	r.Passed = !pl.broken
	cover.leads(pl.rows)
	return r
}

// shorten drops what a broken story does not need: halves, quarters, then single
// events. Time that an event took stays with the next.
func shorten(story []happening, broken func([]happening) bool) []happening {
	for size := max(1, len(story)/2); ; size /= 2 {
		for at := 0; at < len(story); {
			less := without(story, at, min(at+size, len(story)))
			if broken(less) {
				story = less
			} else {
				at += size
			}
		}
		if size <= 1 {
			return story
		}
	}
}

func without(story []happening, from, to int) []happening {
	less := slices.Clone(story[:from])
	var time engine.Span
	for _, h := range story[from:to] {
		time += h.after
	}
	for i, h := range story[to:] {
		if i == 0 {
			h.after += time
		}
		less = append(less, h)
	}
	return less
}

// plainer drops the fields that a broken story does not need.
func plainer(story []happening, broken func([]happening) bool) []happening {
	for i := range story {
		for j := len(story[i].fields) - 1; j >= 0; j-- {
			less := slices.Clone(story)
			less[i].fields = slices.Delete(slices.Clone(story[i].fields), j, j+1)
			if broken(less) {
				story = less
			}
		}
	}
	return story
}

// generator makes stories out of what a workspace declares.
type generator struct {
	spec      *engine.Spec
	constants map[string][]engine.Value
	over      engine.Span
	rand      *rand.Rand
}

// story is a random story; the seed alone decides it. Events come in visits:
// several within minutes, then nothing for hours or days.
func (g *generator) story(seed uint64) []happening {
	g.rand = rand.New(rand.NewPCG(seed, 0x9E3779B97F4A7C15))
	var events []*engine.EventSpec
	for i := range g.spec.Events {
		if e := &g.spec.Events[i]; e.From == "" && !engineBrings(e.Name) {
			events = append(events, e)
		}
	}
	if len(events) == 0 {
		return nil
	}
	// Each story is about a few kinds of event: with all of them in each, chains of
	// the same few would hardly ever come about.
	g.rand.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	few := events[:min(len(events), 2+g.rand.IntN(5))]
	var story []happening
	for left := g.over; ; {
		gap := engine.Span(g.rand.ExpFloat64() * float64(10*engine.Minute))
		if g.rand.IntN(4) == 0 {
			gap = engine.Span(g.rand.ExpFloat64() * float64(g.over) / 12)
		}
		gap -= gap % engine.Second
		if left -= gap; left < 0 {
			return story
		}
		h := happening{after: gap, event: few[g.rand.IntN(len(few))]}
		switch g.rand.IntN(12) {
		case 0:
			h.event = nil
		case 1:
			h.event = events[g.rand.IntN(len(events))]
		}
		if h.event == nil {
			h.fields = g.fields("lead.", g.spec.Attrs, g.spec.KeyAttr)
		} else {
			h.fields = g.fields("event.", h.event.Fields, "message") // without one it is about every message
		}
		story = append(story, h)
	}
}

// wireName is the name under which a client sends the event.
func wireName(e *engine.EventSpec) string {
	if e.Wire != "" {
		return e.Wire
	}
	return e.Name
}

// engineBrings reports whether an event is derived by the engine from what it
// does, so that a story cannot bring it by itself.
func engineBrings(event string) bool {
	switch event {
	case "toss_up_offered", "toss_up_expired", "stage_changed", "message_skipped", "email_sent", "email_delivered", "kpi_breached", "kpi_recovered":
		return true
	}
	return false
}

// fields gives declared attributes or fields random values, on both sides of
// every line that the rules draw.
func (g *generator) fields(prefix string, specs []engine.AttrSpec, but string) []engine.Field {
	var fields []engine.Field
	for i := range specs {
		s := &specs[i]
		if s.Name == but || s.Name == "created_at" || !s.Required && g.rand.IntN(3) == 0 {
			continue
		}
		if v := g.value(s, g.constants[prefix+s.Name]); !v.IsNone() {
			fields = append(fields, engine.Field{Name: s.Name, Value: v})
		}
	}
	return fields
}

func (g *generator) value(s *engine.AttrSpec, known []engine.Value) engine.Value {
	switch s.Kind {
	case engine.Flag:
		return engine.FlagValue(g.rand.IntN(2) == 0)
	case engine.Number:
		n := float64(g.rand.IntN(200))
		if len(known) > 0 {
			n = known[g.rand.IntN(len(known))].Number() + float64(g.rand.IntN(3)-1)
		}
		return engine.NumberValue(n)
	case engine.Text:
		switch {
		case len(s.Choices) > 0:
			return engine.TextValue(s.Choices[g.rand.IntN(len(s.Choices))])
		case len(known) > 0 && g.rand.IntN(4) > 0:
			return known[g.rand.IntN(len(known))]
		}
		return engine.TextValue("x" + strconv.Itoa(g.rand.IntN(3)))
	}
	return engine.Value{}
}

// storyText writes a story as a test block that plays it and breaks.
func storyText(t *dsl.Test, story []happening, zone *time.Location) string {
	var b strings.Builder
	block := func(indent, head string, fields []engine.Field) {
		fmt.Fprintf(&b, "%s%s {\n", indent, head)
		for _, f := range fields {
			fmt.Fprintf(&b, "%s  %s = %s\n", indent, f.Name, literal(f.Value, zone))
		}
		b.WriteString(indent + "}\n")
	}
	fmt.Fprintf(&b, "test %q {\n  start = %q\n  never = [\n", t.Name+" (found)", t.Start.In(zone).Format("2006-01-02 15:04"))
	for _, cond := range t.Never {
		fmt.Fprintf(&b, "    %q,\n", cond.Source())
	}
	fmt.Fprintf(&b, "  ]\n  over    = %q\n  streams = 1\n\n", t.Over)
	block("  ", "lead", t.Lead)
	for _, h := range story {
		b.WriteString("\n")
		if h.after > 0 {
			fmt.Fprintf(&b, "  after %q {}\n\n", h.after)
		}
		if h.event == nil {
			block("  ", "identify", h.fields)
		} else {
			block("  ", fmt.Sprintf("event %q", h.event.Name), h.fields)
		}
	}
	fmt.Fprintf(&b, "\n  after %q {}\n}\n", t.Over)
	return b.String()
}

func literal(v engine.Value, zone *time.Location) string {
	switch v.Kind() {
	case engine.Text:
		return strconv.Quote(v.Text())
	case engine.Instant:
		return strconv.Quote(v.Time().In(zone).Format("2006-01-02 15:04"))
	}
	return v.String()
}
