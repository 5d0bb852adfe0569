package engine

import (
	"slices"
	"strconv"
	"strings"
)

// make hands the lead over: the offer. What it writes is seen by the rest of the
// same pass.
func (f *Frame) make(t *tossUpPlan, o *Offer, e *Event) {
	because := f.because(t.when)
	o.State, o.Since, o.Made, o.Stale, o.Until = OfferMade, f.l.Now, f.l.Now, false, 0
	o.Count++
	o.Revision, o.Rule, o.Arm = f.p.revision, t.version, f.mark()
	id, cause, owner := o.ID, o.Cause, o.Owner
	packed := o.Packet
	if packed == "" {
		packed = reasonsJSON(because)
	}
	o.Packet = ""
	f.offered = append(f.offered, t.spec.Name)
	f.countOffer(t.count.offered, o, "")
	f.decide(Decision{Kind: TossedUp, At: f.l.Now, Subject: t.spec.Name, Detail: cause, Action: id, Because: because})
	f.derive("toss_up_offered", Field{"toss_up", TextValue(t.spec.Name)}, Field{"id", TextValue(id.String())}, Field{"owner", TextValue(owner)})
	f.startClocks(t, o)
	f.note(o)
	if h := t.spec.HandOver; h != nil {
		p := Pending{
			Key: newHasher("hand_over").text(t.spec.Name).text(string(id[:])).key(), Lane: LaneTossUp,
			Channel: h.Channel, TossUp: t.spec.Name, Message: cause, Reasons: packed,
		}
		if h.Reasons {
			p.Scores, p.Touches = f.breakdown(t)
		}
		f.intend(p, t.spec.Name)
	}
	f.moveTo(t.spec.To)
}

// worded is a condition that can be said in a person's words.
type worded interface{ Words(language string) string }

// reasonsJSON writes reasons for the packet that sales gets:
// [{"condition":"score.interest >= 70","facts":{"score.interest":84}}].
func reasonsJSON(reasons []Reason) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, r := range reasons {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"condition":` + quoteJSON(r.Source) + `,"facts":{`)
		for j, fact := range r.Facts {
			if j > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quoteJSON(fact.Name) + ":" + valueJSON(fact.Value))
		}
		b.WriteString("}}")
	}
	b.WriteByte(']')
	return b.String()
}

func valueJSON(v Value) string {
	switch v.Kind() {
	case None:
		return "null"
	case Number:
		return strconv.FormatFloat(v.Number(), 'f', -1, 64)
	case Flag:
		return strconv.FormatBool(v.Flag())
	}
	return quoteJSON(v.String())
}

// Bounds of a packet.
const (
	packetTouches = 5  // the last things that the lead did, or was sent
	packetPayers  = 12 // rules that paid, by score
)

// payer is a scoring rule with what is left of its points.
type payer struct {
	score, rule string
	points      float64
	times       int
}

// touch is something the lead did or was sent.
type touch struct {
	name string
	at   Time
}

// breakdown reads from the lead's journal which rules paid for the scores that
// the toss-up reads, faded to now, and what the lead did last. A score that is cut
// to its range, or steps down, is less than the sum of its rules.
func (f *Frame) breakdown(t *tossUpPlan) (scores, touches string) {
	if f.h == nil {
		return "", ""
	}
	var payers []payer
	var last []touch
	parts := append([]LeadID{f.l.ID}, f.l.Parts...)
	for _, id := range parts {
		err := f.h.Facts(id, func(row *Fact) error {
			payers = f.paidBy(payers, t, row.Decisions)
			last = f.touched(last, &row.Event)
			for i := range row.Derived {
				if strings.HasSuffix(row.Derived[i].Name, "_sent") {
					last = append(last, touch{row.Derived[i].Name, row.Derived[i].At})
				}
			}
			return nil
		})
		if err != nil {
			f.err = err
			return "", ""
		}
	}
	payers = f.paidBy(payers, t, f.decisions[f.rowStart.decisions:])
	if f.event != nil {
		last = f.touched(last, f.event)
	}
	return f.scoresJSON(t, payers), f.touchesJSON(last)
}

// paidBy adds what the decisions of a row paid for the scores of a toss-up.
func (f *Frame) paidBy(list []payer, t *tossUpPlan, decisions []Decision) []payer {
	for i := range decisions {
		d := &decisions[i]
		if d.Kind != Paid {
			continue
		}
		score, rule, _ := strings.Cut(d.Subject, ".")
		if !slices.Contains(t.scores, score) {
			continue
		}
		points := faded(d.Points, f.l.Now.Sub(d.At), f.p.scores[f.p.score[score]].spec.HalfLife)
		at := slices.IndexFunc(list, func(p payer) bool { return p.score == score && p.rule == rule })
		if at < 0 {
			list = append(list, payer{score: score, rule: rule})
			at = len(list) - 1
		}
		list[at].points += points
		list[at].times++
	}
	return list
}

// touched adds an event of the lead's own that the rules know.
func (f *Frame) touched(list []touch, e *Event) []touch {
	if e.Kind != Track && e.Kind != Page {
		return list
	}
	if plan := f.planOf(e); plan != nil && len(plan.answers) == 0 && len(plan.outcomes) == 0 {
		list = append(list, touch{plan.name, e.At})
	}
	return list
}

// scoresJSON writes [{"score":"interest","label":"興味度","value":84,"rules":[{"rule":"pricing","points":60.5,"times":3}]}].
func (f *Frame) scoresJSON(t *tossUpPlan, payers []payer) string {
	slices.SortStableFunc(payers, func(a, b payer) int {
		switch {
		case a.points > b.points:
			return -1
		case a.points < b.points:
			return 1
		}
		return strings.Compare(a.rule, b.rule)
	})
	var b strings.Builder
	b.WriteByte('[')
	for i, name := range t.scores {
		if i > 0 {
			b.WriteByte(',')
		}
		spec := f.p.scores[f.p.score[name]].spec
		plan := f.p.planKey(Key{Kind: KeyScore, Name: name})
		b.WriteString(`{"score":` + quoteJSON(name) + `,"label":` + quoteJSON(labelOr(spec.Label, name)) +
			`,"value":` + points(f.read(&plan).Number()) + `,"rules":[`)
		n := 0
		for _, p := range payers {
			if p.score != name || n == packetPayers {
				continue
			}
			if n++; n > 1 {
				b.WriteByte(',')
			}
			b.WriteString(`{"rule":` + quoteJSON(p.rule) + `,"points":` + points(p.points) + `,"times":` + strconv.Itoa(p.times) + `}`)
		}
		b.WriteString("]}")
	}
	b.WriteByte(']')
	return b.String()
}

// points writes a number of points to one digit after the point.
func points(n float64) string {
	text := strconv.FormatFloat(n, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0")
}

func labelOr(label, name string) string {
	if label != "" {
		return label
	}
	return name
}

// touchesJSON writes the latest touches, the last one first:
// [{"event":"pricing_viewed","label":"料金ページ","at":"2026-10-06T09:00:00+09:00"}].
func (f *Frame) touchesJSON(list []touch) string {
	slices.SortStableFunc(list, func(a, b touch) int { return int(min(max(b.at-a.at, -1), 1)) })
	var b strings.Builder
	b.WriteByte('[')
	for i, t := range list[:min(len(list), packetTouches)] {
		if i > 0 {
			b.WriteByte(',')
		}
		label := t.name
		for j := range f.p.spec.Events {
			if s := &f.p.spec.Events[j]; s.Name == t.name {
				label = labelOr(s.Label, t.name)
			}
		}
		b.WriteString(`{"event":` + quoteJSON(t.name) + `,"label":` + quoteJSON(label) +
			`,"at":` + quoteJSON(t.at.In(f.zone).Format("2006-01-02T15:04:05Z07:00")) + `}`)
	}
	b.WriteByte(']')
	return b.String()
}

// Answerer is what Links may be besides: it gives a message to sales the addresses
// under which the offer is answered.
type Answerer interface {
	Answers(m Outgoing, offer ActionKey, tossUp string) []Field
}

// packetParts are what a message about a toss-up carries besides its own content:
// what it is, where it is no hand-over; the reasons in words; which rules paid; the
// last touches; and where to answer.
func (f *Frame) packetParts(pending *Pending, links Links) []Field {
	var parts []Field
	if word := f.p.noticeWord(pending); word != "" {
		parts = append(parts, Field{"notice", TextValue(word)})
	}
	i, ok := f.p.tossUp[pending.TossUp]
	o := f.l.offer(pending.TossUp)
	if !ok || o == nil {
		return parts
	}
	t := &f.p.tossUps[i]
	if h := t.spec.HandOver; h != nil && h.Reasons {
		for _, p := range [...]Field{
			{"why", TextValue(f.why(t))}, {"scores", TextValue(pending.Scores)}, {"touches", TextValue(pending.Touches)},
		} {
			if p.Value.Text() != "" {
				parts = append(parts, p)
			}
		}
	}
	if a, ok := links.(Answerer); ok && t.spec.Answer != nil {
		m := Outgoing{Key: pending.Key, Lead: f.l.ID, Channel: pending.Channel, Kind: f.kindOf(pending), Language: f.p.spec.Language}
		parts = append(parts, a.Answers(m, o.ID, pending.TossUp)...)
	}
	return parts
}

// why are the conditions of a toss-up in words, a line each.
func (f *Frame) why(t *tossUpPlan) string {
	if t.when == nil {
		return ""
	}
	var lines []string
	for _, c := range t.when.list {
		text := c.Source()
		if w, ok := c.(worded); ok {
			text = w.Words(f.p.spec.Language)
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}

// loseOffer ends what was under way for an offer that gives way to another one of
// the same person.
func (f *Frame) loseOffer(o *Offer) {
	if i, ok := f.p.tossUp[o.TossUp]; ok {
		f.stopClocks(&f.p.tossUps[i], o.TossUp)
	} else {
		f.stopClocks(nil, o.TossUp)
	}
	f.l.disarm(HoldDue, o.TossUp)
	f.giveWay(o)
}

// giveWay ends an offer itself: who waits drops out, and the outcome of one that was
// made still counts for it.
func (f *Frame) giveWay(o *Offer) {
	switch o.State {
	case OfferQueued:
		f.dropOut(o, droppedMerged)
	default:
		f.former(o)
	}
}

// noticeIs reports whether a timer's slot is that of a notice of the toss-up.
func (f *Frame) noticeIs(slot, tossUp string) bool {
	return strings.HasPrefix(slot, tossUp+labelSeparator)
}
