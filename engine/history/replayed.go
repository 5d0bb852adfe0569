package history

import (
	"cmp"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// Replayed is what rules would have done, and what is known to have come of it.
type Replayed struct {
	Events int           `json:"events"`
	From   engine.Time   `json:"-"`
	To     engine.Time   `json:"-"`
	Sets   []SetReplayed `json:"rules"`
	// Differences between the first set of rules and the second, by toss-up.
	Differences []Difference `json:"differences,omitempty"`
}

// SetReplayed is what one set of rules would have done.
type SetReplayed struct {
	Name     string        `json:"name"`
	Leads    int           `json:"leads"`
	Messages int           `json:"messages"`
	Skipped  int           `json:"skipped"`
	Moves    int           `json:"stageMoves"`
	Enrolled int           `json:"enrolled"`
	Faults   int           `json:"faults"`
	TossUps  []RuleVerdict `json:"tossUps"`
	Unknown  Unknown       `json:"unknown"`

	picks [][]taken // by TossUps
}

// RuleVerdict is a toss-up rule judged by the outcome. Leads count once, by their
// first hand-over in the time looked at.
type RuleVerdict struct {
	Name    string `json:"name"`
	Label   string `json:"label,omitempty"`
	Outcome string `json:"outcome,omitempty"` // event; "": nothing is judged

	HandedOver int `json:"handedOver"` // hand-overs
	Leads      int `json:"leads"`      // leads handed over
	Won        int `json:"won"`        // leads whose outcome came after the hand-over, in time
	// Judged are the leads whose time is over. Of the others some may have their
	// outcome already; to count those alone would make every fresh rule look good.
	Judged    int `json:"judged"`
	JudgedWon int `json:"judgedWon"` // of Judged
	Outcomes  int `json:"outcomes"`  // leads whose outcome came at all
	Found     int `json:"found"`     // of Outcomes, those that had been handed over before it

	Precision *float64      `json:"precision,omitempty"` // JudgedWon of Judged
	Interval  *kpi.Interval `json:"interval,omitempty"`  // of Precision, 95 %
	Recall    *float64      `json:"recall,omitempty"`    // Found of Outcomes
	// Lead time is from the hand-over to the outcome, of the won, in days.
	MedianDays *float64 `json:"medianDays,omitempty"`
	P90Days    *float64 `json:"p90Days,omitempty"`
	Target     float64  `json:"target,omitempty"` // of a figure that is this rate; 0: none
}

// Unknown is what a replay cannot know, and what it therefore took for granted.
type Unknown struct {
	// Answers were recorded to messages that these rules would not have sent, or
	// only later: they were left out.
	Answers int `json:"answersLeftOut"`
	// Messages would have been sent and were not: what people would have done with
	// them nobody knows, so nothing was done with them.
	Messages int `json:"messagesNeverSent"`
	// Offers would have been handed over by rules that did not hand the lead over
	// then: whether sales would have taken them, and sooner, is not known.
	Offers int `json:"handOversNeverMade"`
	// Apart are leads that share a desk or an account with too many others to be run
	// together: each was run as if it had the desk for itself.
	Apart int `json:"runApart"`
	// Recorded tells that the record says what was done then. A file of events does
	// not: there, all messages count as accepted and all answers were fed.
	Recorded bool `json:"recorded"`
}

// Difference tells how two sets of rules differ in one toss-up, by lead.
type Difference struct {
	TossUp  string    `json:"tossUp"`
	Both    int       `json:"both"`
	Earlier int       `json:"earlier"` // of Both: handed over earlier by the second
	Later   int       `json:"later"`
	Gained  []Differs `json:"gained"` // only the second hands over
	Lost    []Differs `json:"lost"`   // only the first
}

// Differs is a lead that two sets of rules treat differently.
type Differs struct {
	Lead    string      `json:"lead"` // userId, else the lead's id
	At      engine.Time `json:"-"`
	Outcome engine.Time `json:"-"` // after it; 0: none
}

// unknowns is Unknown while it is counted.
type unknowns struct{ Answers, Messages, Offers int }

// taken is one lead handed over by one rule.
type taken struct {
	id      engine.LeadID
	name    string
	at      engine.Time
	outcome engine.Time // the first after at, in time; 0: none
}

// total is what was found under one set of rules.
type total struct {
	plan   *rulesPlan
	events int
	leads  int
	apart  int
	acts   [numActs]int
	told   unknowns
	done   bool
	rules  []ruleTotal
}

type ruleTotal struct {
	offers   int
	outcomes int
	found    int
	picks    []taken
}

func newTotal(plan *rulesPlan) *total {
	return &total{plan: plan, rules: make([]ruleTotal, len(plan.rules))}
}

func (t *total) add(from *total) {
	t.events += from.events
	t.leads += from.leads
	t.apart += from.apart
	t.done = t.done || from.done
	for i := range t.acts {
		t.acts[i] += from.acts[i]
	}
	t.told.Answers += from.told.Answers
	t.told.Messages += from.told.Messages
	t.told.Offers += from.told.Offers
	for i := range t.rules {
		r, f := &t.rules[i], &from.rules[i]
		r.offers += f.offers
		r.outcomes += f.outcomes
		r.found += f.found
		r.picks = append(r.picks, f.picks...)
	}
}

// collect adds what a person's run has shown.
func (pl *player) collect(t *total) {
	t.done = t.done || pl.person.Done
	for i := range t.acts {
		t.acts[i] += pl.other[i]
	}
	t.told.Answers += pl.told.Answers
	t.told.Messages += pl.told.Messages
	t.told.Offers += pl.told.Offers
	for _, id := range pl.sim.All() {
		l := pl.sim.Lead(id)
		if l.Entity != engine.NoEntity || !l.Into.IsZero() || l.FirstSeen == 0 {
			continue
		}
		t.leads++
		if len(pl.picks) == 0 && len(pl.came) == 0 {
			continue
		}
		for n := range pl.plan.rules {
			pl.collectRule(t, n, l)
		}
	}
}

// collectRule adds what one rule did with one lead, which is all that was merged
// into it.
func (pl *player) collectRule(t *total, n int, l *engine.Lead) {
	rule, sum := &pl.plan.rules[n], &t.rules[n]
	var came []engine.Time
	for _, o := range pl.came {
		if o.event == rule.outcome && pl.whole(o.lead) == l.ID && o.at >= pl.from {
			came = append(came, o.at)
		}
	}
	slices.Sort(came)
	var first engine.Time
	for _, p := range pl.picks {
		if p.rule == n && pl.whole(p.lead) == l.ID && p.at >= pl.from {
			sum.offers++
			if first == 0 || p.at < first {
				first = p.at
			}
		}
	}
	if len(came) > 0 {
		sum.outcomes++
		if first != 0 && first <= came[len(came)-1] {
			sum.found++
		}
	}
	if first == 0 {
		return
	}
	won := taken{id: l.ID, name: nameOfLead(l), at: first}
	for _, at := range came {
		if at >= first && (rule.within == 0 || at <= first.Add(rule.within)) {
			won.outcome = at
			break
		}
	}
	sum.picks = append(sum.picks, won)
}

// whole is the lead that one of the person's leads is a part of in the end.
func (pl *player) whole(id engine.LeadID) engine.LeadID {
	for range 16 {
		l := pl.sim.Lead(id)
		if l == nil || l.Into.IsZero() {
			break
		}
		id = l.Into
	}
	return id
}

// nameOfLead is a string of its own: the lead's may be a part of a whole journal.
func nameOfLead(l *engine.Lead) string {
	if l.User != "" {
		return strings.Clone(l.User)
	}
	return l.ID.String()
}

// finish turns what was counted into what is told.
func finish(o *ReplayOptions, totals []*total) *Replayed {
	out := &Replayed{From: o.From, To: o.To}
	for i, t := range totals {
		out.Events = t.events
		out.Sets = append(out.Sets, t.finish(o.Rules[i].Name, o.Rules[i].Spec, o.To))
	}
	if len(out.Sets) > 1 {
		out.Differences = differences(&out.Sets[0], &out.Sets[1])
	}
	return out
}

func (t *total) finish(name string, spec *engine.Spec, to engine.Time) SetReplayed {
	s := SetReplayed{
		Name: name, Leads: t.leads, Messages: t.acts[actSent], Skipped: t.acts[actSkipped], Moves: t.acts[actMoved],
		Enrolled: t.acts[actEnrolled], Faults: t.acts[actFault],
		Unknown: Unknown{Answers: t.told.Answers, Messages: t.told.Messages, Offers: t.told.Offers, Apart: t.apart, Recorded: t.done},
	}
	for n := range t.rules {
		slices.SortFunc(t.rules[n].picks, func(a, b taken) int {
			return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.name, b.name))
		})
		s.TossUps = append(s.TossUps, t.verdict(n, spec, to))
		s.picks = append(s.picks, t.rules[n].picks)
	}
	return s
}

// verdict judges one rule.
func (t *total) verdict(n int, spec *engine.Spec, to engine.Time) RuleVerdict {
	plan, sum := &t.plan.rules[n], &t.rules[n]
	v := RuleVerdict{
		Name: plan.spec.Name, Label: plan.spec.Label, HandedOver: sum.offers, Leads: len(sum.picks),
		Outcomes: sum.outcomes, Found: sum.found, Target: targetOf(spec, plan.spec.Name),
	}
	if plan.outcome < 0 {
		return v
	}
	v.Outcome = t.plan.outcomes[plan.outcome]
	var days []float64
	for i := range sum.picks {
		p := &sum.picks[i]
		over := plan.within == 0 || p.at.Add(plan.within) <= to
		if over {
			v.Judged++
		}
		if p.outcome == 0 {
			continue
		}
		v.Won++
		days = append(days, float64(p.outcome.Sub(p.at))/float64(engine.Day))
		if over {
			v.JudgedWon++
		}
	}
	won := kpi.Rate{N: int64(v.JudgedWon), Of: int64(v.Judged)}
	if value, ok := won.Value(); ok {
		v.Precision = &value
	}
	if interval, ok := won.Wilson(0.95); ok {
		v.Interval = &interval
	}
	if value, ok := (kpi.Rate{N: int64(v.Found), Of: int64(v.Outcomes)}).Value(); ok {
		v.Recall = &value
	}
	if len(days) > 0 {
		slices.Sort(days)
		median, p90 := quantile(days, 0.5), quantile(days, 0.9)
		v.MedianDays, v.P90Days = &median, &p90
	}
	return v
}

// quantile is the smallest of ascending values that at least the share q of them
// does not exceed.
func quantile(sorted []float64, q float64) float64 {
	n := int(q*float64(len(sorted)) + 0.999999)
	return sorted[min(max(n, 1), len(sorted))-1]
}

// targetOf is the target of a figure that is the share of a rule's hand-overs that
// succeed, 0 where there is none.
func targetOf(spec *engine.Spec, tossUp string) float64 {
	for i := range spec.KPIs {
		k := &spec.KPIs[i]
		if k.Value == nil || k.Target == 0 {
			continue
		}
		n, of, ok := k.Value.Ratio()
		if ok && len(n) == 1 && len(of) == 1 && n[0] == "toss_up."+tossUp+".succeeded" && of[0] == "toss_up."+tossUp+".handed_over" {
			return k.Target
		}
	}
	return 0
}

// differences compares, lead by lead, whom two sets of rules hand over.
func differences(a, b *SetReplayed) []Difference {
	var out []Difference
	for i := range a.TossUps {
		name := a.TossUps[i].Name
		j := slices.IndexFunc(b.TossUps, func(v RuleVerdict) bool { return v.Name == name })
		if j < 0 {
			out = append(out, difference(name, a.picks[i], nil))
			continue
		}
		out = append(out, difference(name, a.picks[i], b.picks[j]))
	}
	for j := range b.TossUps {
		name := b.TossUps[j].Name
		if !slices.ContainsFunc(a.TossUps, func(v RuleVerdict) bool { return v.Name == name }) {
			out = append(out, difference(name, nil, b.picks[j]))
		}
	}
	return out
}

func difference(name string, a, b []taken) Difference {
	d := Difference{TossUp: name, Gained: []Differs{}, Lost: []Differs{}}
	before := make(map[engine.LeadID]*taken, len(a))
	for i := range a {
		before[a[i].id] = &a[i]
	}
	kept := map[engine.LeadID]bool{}
	for i := range b {
		p := &b[i]
		old := before[p.id]
		if old == nil {
			d.Gained = append(d.Gained, Differs{p.name, p.at, p.outcome})
			continue
		}
		kept[p.id] = true
		d.Both++
		switch {
		case p.at < old.at:
			d.Earlier++
		case p.at > old.at:
			d.Later++
		}
	}
	for i := range a {
		if p := &a[i]; !kept[p.id] {
			d.Lost = append(d.Lost, Differs{p.name, p.at, p.outcome})
		}
	}
	return d
}
