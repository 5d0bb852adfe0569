package main_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// rowDoc is a row of a lead's journal as the API gives it.
type rowDoc struct {
	Seq          uint64
	Revision     uint32
	Type, Event  string
	MessageID    string
	At, Received time.Time
	Decisions    []struct {
		Kind, Subject, Detail, Key string
		At                         time.Time
	}
}

// standDoc is where a lead stands as the API gives it.
type standDoc struct {
	Revision uint32
	Scores   []struct {
		Name  string
		Value float64
	}
	Workflows []struct {
		Workflow, Step string
		Due            time.Time
	}
	TossUps []struct {
		TossUp, State string
		Count         int
	}
	Pending []struct{ Key, State string }
	Facts   []rowDoc
}

// place is where the test says a lead stands in a workflow.
type place struct {
	inside, entered bool
	step            string
	reached         time.Time
	clock           string // of a wait: "time" or "event"
	due             time.Time
	removed         string
	key             string // of the message that it waits for
}

// visit is a message that a lead came to.
type visit struct {
	key   string
	steps []string // WORKFLOW/STEP: under the name that the step had then, and has had since
	sent  bool
	tried bool // and not known to have come
}

// shadow follows one lead through its journal by the rules as the documents word
// them, and says wherever the program did otherwise. It knows the events, the
// instants and the revision of each row; what is decided it works out itself.
type shadow struct {
	who    string
	size   int
	books  map[uint32]*ruleBook
	stops  map[uint32]map[string]map[string]*stop
	fault  func(format string, args ...any)
	heard  uint32
	flows  map[string]*place
	asked  int
	hot    bool
	visits []visit
}

func (m *shadow) complain(r *rowDoc, format string, args ...any) {
	m.fault("%s, row %d (%s %s at %s by r%d): %s", m.who, r.Seq, r.Type, r.Event, r.At.Format(time.RFC3339Nano), r.Revision, fmt.Sprintf(format, args...))
}

// read follows the whole journal.
func (m *shadow) read(rows []rowDoc) {
	slices.SortFunc(rows, func(a, b rowDoc) int { return cmp.Compare(a.Seq, b.Seq) })
	m.flows = map[string]*place{}
	for i := range rows {
		r := &rows[i]
		if r.Revision < m.heard {
			m.complain(r, "the row before it was decided by r%d", m.heard)
		}
		if m.books[r.Revision] == nil {
			m.complain(r, "there was no such revision")
			return
		}
		m.row(r)
		m.heard = r.Revision
	}
}

// acts are a row's decisions about one workflow, as the shadow words them.
func acts(r *rowDoc, flow string) (list []string, at time.Time) {
	for i := range r.Decisions {
		d := &r.Decisions[i]
		word := ""
		switch d.Kind {
		case "enrolled":
			word = "enter"
		case "step":
			word = "step " + d.Detail
		case "left":
			word = "left " + d.Detail
		case "intended":
			of, step, _ := strings.Cut(d.Detail, "/")
			if of == flow {
				list, at = append(list, "send "+step), d.At
			}
			continue
		}
		if word != "" && d.Subject == flow {
			list, at = append(list, word), d.At
		}
	}
	return list, at
}

// row works out what one row decides about each workflow.
func (m *shadow) row(r *rowDoc) {
	names := map[string]bool{}
	for name := range m.flows {
		names[name] = true
	}
	for _, f := range m.books[r.Revision].Flows {
		names[f.Name] = true
	}
	for name := range names {
		if m.flows[name] == nil {
			m.flows[name] = &place{}
		}
		done, at := acts(r, name)
		m.flow(r, name, done, at)
	}
	for i := range r.Decisions {
		d := &r.Decisions[i]
		switch d.Kind {
		case "intended":
			m.visits = append(m.visits, visit{key: d.Key, steps: []string{d.Detail}})
		case "sent", "retry":
			m.tried(r, d.Kind == "sent", d.Key, d.Detail)
		}
	}
	m.tossUp(r)
}

// tried notes what became of a message.
func (m *shadow) tried(r *rowDoc, sent bool, key, detail string) {
	i := slices.IndexFunc(m.visits, func(v visit) bool { return v.key == key })
	if i < 0 {
		if detail != "hot" && sent {
			m.complain(r, "%s was sent under key %s, which was never intended", detail, key)
		}
		return
	}
	v := &m.visits[i]
	if v.tried = true; !sent {
		return
	}
	if v.sent {
		m.complain(r, "%s was sent twice under key %s", detail, key)
	}
	if v.sent = true; !slices.Contains(v.steps, detail) {
		v.steps = append(v.steps, detail)
	}
}

// flow holds what a row did in one workflow against what the rules say.
func (m *shadow) flow(r *rowDoc, name string, done []string, at time.Time) {
	p := m.flows[name]
	if r.Revision != m.heard && p.inside {
		said, moved := m.settle(p, name, r, at)
		switch {
		case len(said) > 0:
			if r.Type != "tick" {
				// Who hears of the rules by an event is settled in a row before it.
				m.complain(r, "%s: nobody settled %q by r%d", name, p.step, r.Revision)
			}
			m.expect(r, name, said, done)
			*p = m.keyed(moved, r)
			return
		default:
			*p = moved
		}
	}
	said, next := m.happen(p, name, r, done, at)
	m.expect(r, name, said, done)
	*p = m.keyed(next, r)
}

func (m *shadow) expect(r *rowDoc, name string, said, done []string) {
	if !slices.Equal(said, done) {
		m.complain(r, "%s: the rules say %q, it did %q; it stood on %+v", name, said, done, *m.flows[name])
	}
}

// keyed notes under which key the message goes on which the lead now stands.
func (m *shadow) keyed(p place, r *rowDoc) place {
	for i := range r.Decisions {
		if d := &r.Decisions[i]; d.Kind == "intended" && strings.HasSuffix(d.Detail, "/"+p.step) && p.inside {
			p.key = d.Key
		}
	}
	return p
}

// settle is what a change of rules does to who stands inside.
func (m *shadow) settle(p *place, name string, r *rowDoc, at time.Time) (said []string, moved place) {
	moved = *p
	if m.books[r.Revision].flow(name) == nil {
		return []string{"left removed"}, place{entered: true}
	}
	here := m.stops[r.Revision][name][p.step]
	if here == nil {
		return m.displaced(p, name, r, at)
	}
	moved.removed = here.removed
	switch here.Kind {
	case "wait", "listen":
		moved.key = ""
		if clock := clockOf(here); p.clock != clock || here.Recompute {
			moved.clock, moved.due = clock, p.reached.Add(time.Duration(here.Seconds)*time.Second)
		}
		return nil, moved
	case "send":
		if p.key != "" {
			return nil, moved
		}
	}
	moved.clock, moved.due = "", time.Time{}
	return m.perform(moved, here, at)
}

// displaced finds the place of who stands on a step that is gone.
func (m *shadow) displaced(p *place, name string, r *rowDoc, at time.Time) (said []string, moved place) {
	stops := m.stops[r.Revision][name]
	to := stops[m.books[r.Revision].flow(name).Moved[p.step]]
	if to == nil {
		to = stops[p.removed]
	}
	if to == nil {
		if p.removed != "exit" {
			m.complain(r, "%s: the lead was lost: step %q is gone and nothing says where to go", name, p.step)
		}
		return []string{"left removed"}, place{entered: true}
	}
	moved = *p
	moved.clock, moved.due = "", time.Time{}
	if to.Kind == "send" && p.key != "" { // renamed: the message goes on under its new name
		moved.step, moved.reached, moved.removed = to.Name, at, to.removed
		return []string{"step " + to.Name}, moved
	}
	moved.key = ""
	return m.walk(moved, to, at)
}

func clockOf(s *stop) string {
	if s.Kind == "listen" {
		return "event"
	}
	return "time"
}

// happen is what one fact does in a workflow whose rules the lead has heard.
func (m *shadow) happen(p *place, name string, r *rowDoc, done []string, at time.Time) (said []string, next place) {
	next = *p
	flow := m.books[r.Revision].flow(name)
	here := m.stops[r.Revision][name][p.step]
	over := p.inside && p.clock != "" && !p.due.After(r.At)
	switch r.Type {
	case "tick":
		if over && len(done) > 0 {
			return m.walk(next, here.next, at)
		}
		return nil, next
	case "attempt", "settled":
		for i := range r.Decisions {
			d := &r.Decisions[i]
			if p.inside && p.key != "" && d.Key == p.key && (d.Kind == "sent" || d.Kind == "skipped" || d.Kind == "gave_up") {
				next.key = ""
				return m.walk(next, here.next, at)
			}
		}
		return nil, next
	case "track", "identify":
	default:
		return nil, next
	}
	switch {
	case over:
		m.complain(r, "%s: the wait %q was over at %s, and the event was decided first", name, p.step, p.due.Format(time.RFC3339Nano))
	case p.inside && r.Event == "stopped":
		said, next = []string{"left stopped"}, place{entered: true}
	case p.inside && r.Event == "ping" && here.Kind == "listen":
		return m.walk(next, here.next, at)
	}
	if flow != nil && !next.entered && r.Event == flow.On && m.size >= flow.Least {
		next.inside, next.entered = true, true
		var more []string
		more, next = m.walk(next, m.stops[r.Revision][name][flow.Steps[0].Name], at)
		return append(append(said, "enter"), more...), next
	}
	return said, next
}

// walk goes on from a step until the lead stands.
func (m *shadow) walk(p place, to *stop, at time.Time) (said []string, next place) {
	if to == nil {
		return []string{"left end"}, place{entered: true}
	}
	p.step, p.reached, p.removed, p.clock, p.due = to.Name, at, to.removed, "", time.Time{}
	said, next = m.perform(p, to, at)
	return append([]string{"step " + to.Name}, said...), next
}

// perform does what the step says that is reached.
func (m *shadow) perform(p place, here *stop, at time.Time) (said []string, next place) {
	switch here.Kind {
	case "wait", "listen":
		p.clock, p.due = clockOf(here), at.Add(time.Duration(here.Seconds)*time.Second)
		return nil, p
	case "send":
		return []string{"send " + here.Name}, p
	}
	to := here.less
	if m.size >= here.Least {
		to = here.big
	}
	return m.walk(p, to, at)
}

// tossUp holds the hand-over against the score: once, as soon as it is enough.
func (m *shadow) tossUp(r *rowDoc) {
	outside := r.Type == "track" || r.Type == "identify"
	if outside && r.Event == "asked" {
		m.asked++
	}
	book := m.books[r.Revision]
	enough := m.asked*book.Points >= book.Hot
	done := false
	for i := range r.Decisions {
		done = done || r.Decisions[i].Kind == "tossed_up"
	}
	switch {
	case done && m.hot:
		m.complain(r, "the lead was handed over twice")
	case done && !enough:
		m.complain(r, "the lead was handed over with %d × %d points, %d are enough", m.asked, book.Points, book.Hot)
	case !done && !m.hot && enough && outside:
		m.complain(r, "the lead was not handed over with %d × %d points, %d are enough", m.asked, book.Points, book.Hot)
	}
	m.hot = m.hot || done
}

// end holds where the lead stands against where it should, when every lead has heard
// of the last rules.
func (m *shadow) end(d *standDoc, last uint32) {
	book := m.books[last]
	r := &rowDoc{Type: "end", Revision: last}
	for name, p := range m.flows {
		if p.inside && m.heard != last {
			said, moved := m.settle(p, name, r, p.reached)
			if len(said) > 0 {
				m.complain(r, "%s: nobody settled %q: %q", name, p.step, said)
			}
			*p = moved
		}
		step, due := "", time.Time{}
		for _, w := range d.Workflows {
			if w.Workflow == name {
				step, due = w.Step, w.Due
			}
		}
		if p.inside && (step != p.step || !due.Equal(p.due)) || !p.inside && step != "" {
			m.complain(r, "%s: the lead stands on %q until %s, it should be %q until %s", name, step, due, p.step, p.due)
		}
	}
	m.heard = last
	for _, s := range d.Scores {
		if s.Name == "interest" && s.Value != float64(m.asked*book.Points) {
			m.complain(r, "the score is %v, it should be %d × %d", s.Value, m.asked, book.Points)
		}
	}
	if m.asked*book.Points >= book.Hot && !m.hot {
		m.complain(r, "the lead was never handed over with %d × %d points, %d are enough", m.asked, book.Points, book.Hot)
	}
}
