package engine

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine/verdict"
)

// Opens and clicks are brought by people and by machines: scanners of mail
// servers, proxies that fetch every picture. Who it was is judged from all hits of
// one message together, so that a later hit may show what an earlier one was; the
// folds are then rebuilt as if it had been known at once.
//
// The verdicts are a fold of their own: hits come in the order (At, ID), each, and
// the news of when the message was accepted, judges all that are still remembered
// of its message; what is forgotten keeps its last verdict. Package verdict tells
// by which signs.

// judge notes a hit and says who brought it, as the facts come in order.
func (f *Frame) judge(folds *Folds, e *Event, plan *eventPlan) Verdict {
	f.look(folds, e.At, e, plan)
	hit, message := f.hitOf(e, plan)
	m := &MessageHits{}
	if message != "" {
		m = hitsSlot(&folds.Hits, message)
	}
	hit = m.add(hit)
	if hit.Verdict != Unjudged {
		f.decideVerdict(plan.name, &hit, e.At)
	}
	return hit.Verdict
}

func (f *Frame) decideVerdict(event string, h *Hit, at Time) {
	word := [...]string{"unknown", "human", "machine"}[h.Verdict]
	f.decide(Decision{
		Kind: Judged, At: at, Subject: event, Detail: word + " " + h.Reason,
		Because: []Reason{{Source: h.Reason, Holds: true, Facts: []Field{{"message_id", TextValue(h.ID)}, {"at", TimeValue(h.At)}}}},
	})
}

// hitOf takes from an event what is remembered of a hit. The view is on the event.
func (f *Frame) hitOf(e *Event, plan *eventPlan) (h Hit, message string) {
	h = Hit{At: e.At, ID: e.ID, Event: plan.name, Link: f.said("link"), Agent: uint8(f.client(e))}
	if h.Link == "" && !strings.HasSuffix(plan.name, "_opened") {
		h.Link = "?" // a link that nobody named, and no open
	}
	switch f.said("verdict") {
	case verdict.Human.String():
		h.Verdict, h.Reason = Human, string(verdict.Told)
	case verdict.Machine.String():
		h.Verdict, h.Reason = Machine, string(verdict.Told)
	}
	return h, f.said("message")
}

// client is the class of the client that made the hit at hand: as the server saw
// it (the field "client"), or from what the event tells of the request.
func (f *Frame) client(e *Event) verdict.Class {
	if v, ok := Lookup(e.Fields, "client"); ok && v.Kind() == Number {
		return verdict.Class(v.Number())
	}
	request := verdict.Request{Method: strings.ToUpper(f.said("method")), Agent: f.said("user_agent")}
	ip := f.said("ip")
	if request.Agent == "" && e.Context != "" {
		var context struct {
			IP        string `json:"ip"`
			UserAgent string `json:"userAgent"`
		}
		if json.Unmarshal([]byte(e.Context), &context) == nil {
			request.Agent, ip = context.UserAgent, context.IP
		}
	}
	request.From = verdict.Address(ip)
	return verdict.Known().Class(request)
}

// add notes a hit of the message and judges them all anew. It gives the hit with
// its verdict.
func (m *MessageHits) add(h Hit) Hit {
	i, _ := slices.BinarySearchFunc(m.Hits, h, func(a, b Hit) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return strings.Compare(a.ID, b.ID)
	})
	m.Hits = slices.Insert(m.Hits, i, h)
	m.judge()
	h = m.Hits[i]
	if over := len(m.Hits) - MaxHits; over > 0 {
		m.Hits = slices.Delete(m.Hits, 0, over)
	}
	return h
}

// judge says of each remembered hit who brought it.
func (m *MessageHits) judge() {
	list := make([]verdict.Hit, len(m.Hits))
	for i := range m.Hits {
		h := &m.Hits[i]
		list[i] = verdict.Hit{ID: h.ID, At: int64(h.At), Link: h.Link, Class: verdict.Class(h.Agent)}
		if h.Reason == string(verdict.Told) {
			list[i].Told = verdict.Verdict(h.Verdict)
		}
	}
	for i, j := range verdict.Judge(int64(m.Sent), list) {
		m.Hits[i].Verdict, m.Hits[i].Reason = Verdict(j.Verdict), string(j.Reason)
	}
}

// differs reports whether something else is said of a hit after a change: only
// whether it was a machine matters to folds.
func (m *MessageHits) differs(change func(*MessageHits)) bool {
	then := MessageHits{Sent: m.Sent, Hits: slices.Clone(m.Hits)}
	change(&then)
	for i := range m.Hits {
		h := &m.Hits[i]
		for j := range then.Hits {
			if g := &then.Hits[j]; g.ID == h.ID && (g.Verdict == Machine) != (h.Verdict == Machine) {
				return true
			}
		}
	}
	return false
}

// hitsSlot is what is remembered of a message's hits. A new message takes the
// place of the one that was heard of the longest ago.
func hitsSlot(list *[]MessageHits, message string) *MessageHits {
	for i := range *list {
		if (*list)[i].Message == message {
			return &(*list)[i]
		}
	}
	if len(*list) >= MaxHitMessages {
		oldest := 0
		for i := range *list {
			if (*list)[i].last() < (*list)[oldest].last() {
				oldest = i
			}
		}
		*list = slices.Delete(*list, oldest, oldest+1)
	}
	*list = append(*list, MessageHits{Message: message})
	return &(*list)[len(*list)-1]
}

func (m *MessageHits) last() Time {
	last := m.Sent
	if n := len(m.Hits); n > 0 {
		last = max(last, m.Hits[n-1].At)
	}
	return last
}

// noteSent notes when a message was accepted, by the clock on the wall: what opens
// it within the second is no person.
func noteSent(list *[]MessageHits, e *Event) {
	message, _ := Lookup(e.Fields, "message")
	if message.Text() == "" {
		return
	}
	m := hitsSlot(list, message.Text())
	m.Sent = e.Received
	m.judge()
}

// accept notes when a message was accepted. Where that says something else of hits
// that came before, the folds are rebuilt when the pass is over.
func (f *Frame) accept(folds *Folds, e *Event) {
	message, _ := Lookup(e.Fields, "message")
	for i := range folds.Hits {
		m := &folds.Hits[i]
		if m.Message == message.Text() && m.differs(func(m *MessageHits) { m.Sent = e.Received; m.judge() }) {
			f.rejudge = true
			return
		}
	}
	noteSent(&folds.Hits, e)
}

func cloneHits(from []MessageHits) []MessageHits {
	list := slices.Clone(from)
	for i := range list {
		list[i].Hits = slices.Clone(list[i].Hits)
	}
	return list
}

// settleVerdicts rebuilds the folds at the end of a pass that has told something
// new of hits, and judges the edges once more.
func (f *Frame) settleVerdicts(e *Event) {
	if !f.rejudge {
		return
	}
	f.rejudge, f.open = false, e
	f.err = f.refold(nil)
	f.open = nil
	if f.err != nil {
		return
	}
	f.edges(e)
	f.flowExits(e, nil)
	f.drain(e)
	f.rejudge = false // what came of it told of no message that has hits
}

// reopens reports whether a hit, in its place at the end of the facts, changes
// what was said of the hits before it.
func (f *Frame) reopens(e *Event, plan *eventPlan) bool {
	if plan == nil || plan.machine == nil || len(f.l.Folds.Hits) == 0 {
		return false
	}
	f.look(&f.l.Folds, e.At, e, plan)
	hit, message := f.hitOf(e, plan)
	for i := range f.l.Folds.Hits {
		if m := &f.l.Folds.Hits[i]; m.Message == message {
			return m.differs(func(m *MessageHits) { m.add(hit) })
		}
	}
	return false
}

// retold is a hit of the journal with the names it has now and, where something
// else was said of it before, those that it had.
type retold struct {
	event    Event
	seq      uint64 // row of the journal
	message  string
	hit      Hit
	changed  bool
	was, now []string
}

// judgeAnew judges the hits of a whole journal, and finds those of which something
// else was said before the fact at hand was known.
func (f *Frame) judgeAnew(items []*item) {
	f.hits, f.anew, f.before, f.retold = nil, nil, nil, nil
	if !f.p.hits {
		return
	}
	var old []MessageHits
	f.anew, f.before = map[string]Hit{}, map[string]Hit{}
	for i := range f.l.Folds.Hits {
		for _, h := range f.l.Folds.Hits[i].Hits {
			f.before[h.ID] = h
		}
	}
	own := slices.ContainsFunc(items, func(it *item) bool { return it.own })
	for _, it := range items {
		f.judgeItem(&f.hits, f.anew, it)
		if own && !it.own {
			f.judgeItem(&old, f.before, it)
		}
	}
}

func (f *Frame) judgeItem(list *[]MessageHits, said map[string]Hit, it *item) {
	e := &it.event
	if it.derived {
		if plan := f.p.events[e.Name]; plan != nil && plan.notes {
			noteSent(list, e)
			sayAll(*list, said)
		}
		return
	}
	plan := f.planOf(e)
	if plan == nil || plan.machine == nil {
		return
	}
	f.look(&f.l.Folds, e.At, e, plan)
	hit, message := f.hitOf(e, plan)
	m := &MessageHits{}
	if message != "" {
		m = hitsSlot(list, message)
	}
	said[hit.ID] = m.add(hit)
	sayAll(*list, said)
}

func sayAll(list []MessageHits, said map[string]Hit) {
	for i := range list {
		for _, h := range list[i].Hits {
			said[h.ID] = h
		}
	}
}

// nameAnew is the plan under which a hit of the journal counts as it is judged
// now. The view stands on the folds right before it.
func (f *Frame) nameAnew(it *item, plan *eventPlan) *eventPlan {
	e := &it.event
	hit := f.anew[e.ID]
	as, other := plan, plan.machine
	if hit.Verdict == Machine {
		as, other = plan.machine, plan
	}
	if it.own {
		if hit.Verdict != Unjudged {
			f.decideVerdict(plan.name, &hit, e.At)
		}
		return as
	}
	was, known := f.before[e.ID]
	r := retold{event: *e, seq: it.seq, message: f.said("message"), hit: hit, now: f.namesAs(as)}
	if known && (was.Verdict == Machine) != (hit.Verdict == Machine) {
		r.changed, r.was = true, f.namesAs(other)
	}
	f.retold = append(f.retold, r)
	return as
}

func (f *Frame) namesAs(plan *eventPlan) []string {
	f.names = f.names[:0]
	f.nameMoments(plan)
	return slices.Clone(f.names)
}

// correct takes back what was counted for hits that are judged otherwise now, and
// counts them as what they are. Another hit of the same message may stand in for
// one that is none any more. Acts are not undone.
func (f *Frame) correct() {
	for i := range f.retold {
		if f.recounts {
			if r := &f.retold[i]; r.changed {
				f.decideVerdict(r.hit.Event, &r.hit, f.l.Now)
			}
			continue
		}
		r := &f.retold[i]
		if !r.changed {
			continue
		}
		f.decideVerdict(r.hit.Event, &r.hit, f.l.Now)
		for _, name := range r.was {
			f.uncount(&r.event, f.p.events[name])
		}
		f.unmeasure(r.event.ID)
		again := f.takeBack(r.event.ID)
		for _, name := range r.now {
			f.tallyIn(f.p.events[name].counter, "", r.event.At, f.markOf(&r.event))
		}
		f.standIn(r.message, r)
		if again || len(r.now) > len(r.was) {
			f.reachAgain(r.message)
		}
	}
}

// reachAgain lets the hits of a message reach the goals that are open again.
func (f *Frame) reachAgain(message string) {
	for i := range f.retold {
		r := &f.retold[i]
		if message == "" || r.message != message {
			continue
		}
		for _, name := range r.now {
			plan := f.p.events[name]
			f.look(&f.l.Folds, r.event.At, &r.event, plan)
			f.bygone = r.event.ID
			f.goals(&r.event, plan)
		}
	}
	f.bygone = ""
}

// bygoneSource marks the reason that only names the fact of the past on which a goal or
// an outcome rests. Figures are counted by it, so it is kept when reasons expire.
const bygoneSource = "again"

// becauseAgain names the fact of the past that reaches something only now; nil for
// the fact at hand, whose row tells it.
func (f *Frame) becauseAgain() []Reason {
	if f.bygone == "" {
		return nil
	}
	return []Reason{{Source: bygoneSource, Holds: true, Facts: []Field{{"message_id", TextValue(f.bygone)}}}}
}

// standIn lets the hits of a message count where their names ask for it and none
// counts already.
func (f *Frame) standIn(message string, changed *retold) {
	for i := range f.retold {
		r := &f.retold[i]
		for _, name := range r.now {
			f.countPeople(&r.event, f.p.events[name])
		}
		if r != changed && (message == "" || r.message != message) {
			continue
		}
		for _, name := range r.now {
			plan := f.p.events[name]
			f.countRates(&r.event, plan, r == changed, r.seq)
			f.measure(&r.event, plan)
		}
	}
}
