package engine

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// planTossUp finds what deciding needs to know of a toss-up besides its spec.
func (p *Program) planTossUp(t *tossUpPlan) {
	t.count = tossUpCounterNames(t.spec.Name)
	t.version = p.versionOf(t)
	t.scores = p.scoresOf(t.when)
	t.rank = -1
	if c := t.spec.Capacity; c != nil {
		t.order = c.OrderBy
		if t.order == "" && len(t.scores) > 0 {
			t.order = t.scores[0]
		}
		if t.order == "" && len(p.scores) > 0 {
			t.order = p.scores[0].spec.Name
		}
		if t.order != "" {
			t.rank = p.slot(Key{Kind: KeyScore, Name: t.order})
		}
	}
	var plain []Cond
	for _, cond := range t.spec.When {
		if p.readsFolds(cond.Reads()) {
			plain = append(plain, cond)
		}
	}
	if t.spec.On == "" {
		t.refoldable = p.rule(plain, "toss_up."+t.spec.Name)
		return
	}
	t.inquiry = p.rule(p.ofEventAndFolds(t.spec.When), "toss_up."+t.spec.Name)
}

// scoresOf are the scores that a rule reads, directly or through segments, in the
// order in which it reads them.
func (p *Program) scoresOf(r *rule) []string {
	var names []string
	p.walkReads(r, func(k Key) {
		if _, declared := p.score[k.Name]; k.Kind == KeyScore && declared && !slices.Contains(names, k.Name) {
			names = append(names, k.Name)
		}
	})
	return names
}

// walkReads visits what a rule reads, and what the segments that it reads do.
func (p *Program) walkReads(r *rule, visit func(Key)) {
	seen := map[string]bool{}
	var walk func(r *rule)
	walk = func(r *rule) {
		if r == nil {
			return
		}
		for _, slot := range r.slots {
			k := p.keys[slot].key
			visit(k)
			if k.Kind == KeySegment && !seen[k.Name] {
				seen[k.Name] = true
				walk(p.segment[k.Name])
			}
		}
	}
	walk(r)
}

// readsFolds reports whether facts alone decide what these keys are, and nothing
// that was done about the lead.
func (p *Program) readsFolds(keys []Key) bool {
	folds := true
	for _, k := range keys {
		switch k.Kind {
		case KeyLead, KeyScore, KeyConsent, KeyTimes, KeySince:
		case KeySegment:
			p.walkReads(p.segment[k.Name], func(k Key) { folds = folds && (k.Kind == KeySegment || p.readsFolds([]Key{k})) })
		default:
			folds = false
		}
	}
	return folds
}

// ofEventAndFolds are the conditions that read nothing but the event and folds.
func (p *Program) ofEventAndFolds(when []Cond) []Cond {
	return slices.DeleteFunc(slices.Clone(when), func(c Cond) bool {
		return slices.ContainsFunc(c.Reads(), func(k Key) bool { return k.Kind != KeyEvent && !p.readsFolds([]Key{k}) })
	})
}

// versionOf names what a toss-up means: its own condition, the segments it reads,
// and how the scores are earned that it reads. Two revisions with one version made
// their offers by one rule.
func (p *Program) versionOf(t *tossUpPlan) string {
	s := t.spec
	h := newHasher("toss_up").text(fmt.Sprint(s.Name, s.From, s.On, s.Hold, s.Cooldown))
	h.conds(s.When)
	var used []string
	p.walkReads(t.when, func(k Key) {
		if k.Kind == KeySegment || k.Kind == KeyScore {
			used = append(used, k.String())
		}
	})
	slices.Sort(used)
	for _, name := range slices.Compact(used) {
		if segment, ok := strings.CutPrefix(name, "segment."); ok && p.segment[segment] != nil {
			h.text(name).conds(p.segment[segment].list)
			continue
		}
		if i, ok := p.score[strings.TrimPrefix(name, "score.")]; ok {
			h.score(p.scores[i].spec)
		}
	}
	if c := s.Capacity; c != nil {
		h.text(fmt.Sprint(c.AtMost, c.Per, c.OrderBy, c.InquiriesWait))
	}
	k := h.key()
	return hex.EncodeToString(k[:4])
}

func (h hasher) score(s *ScoreSpec) {
	h.text(fmt.Sprint("score", s.Name, s.HalfLife, s.Expires, s.Step, s.Range, s.Min, s.Max))
	for _, r := range s.Rules {
		h.text(fmt.Sprint("rule", r.Name, r.On, r.Points, r.PerDay))
		h.conds(r.When)
		if r.Amount != nil {
			h.text(r.Amount.Meaning())
		}
	}
}

// checkOutcomes ties a toss-up to the events that are its outcome, and refuses
// what is not declared.
func (p *Program) checkOutcomes(t *TossUpSpec, i int) error {
	if c := t.Capacity; c != nil && c.OrderBy != "" {
		if _, ok := p.score[c.OrderBy]; !ok {
			return fmt.Errorf("toss_up %q orders its queue by %q, which is no score", t.Name, c.OrderBy)
		}
	}
	if t.Success == nil {
		return nil
	}
	for _, o := range [...]struct {
		event string
		kind  outcomeKind
	}{{t.Success.On, outcomeOpportunity}, {t.Success.Won, outcomeWon}, {t.Success.Lost, outcomeLost}} {
		if o.event == "" {
			continue
		}
		if err := p.known("toss_up "+t.Name, o.event); err != nil {
			return err
		}
		plan := p.events[o.event]
		plan.outcomes = append(plan.outcomes, outcomeRef{i, o.kind})
	}
	return nil
}

// bindTossUp gives slots to what its notices and its account read.
func (p *Program) bindTossUp(t *TossUpSpec) {
	if t.Account != nil {
		p.slots(t.Account)
	}
	if t.Answer == nil {
		return
	}
	for i := range t.Answer.Notices {
		n := &t.Answer.Notices[i]
		if n.Owner != nil {
			p.slots(n.Owner)
		}
		if n.Content != nil {
			p.slots(n.Content)
		}
	}
}

// tossUpContent is what a message about a toss-up says, and to whom: the hand-over
// itself, or a notice. A notice without texts of its own says what the hand-over
// says, marked as what it is (see packetParts).
func (p *Program) tossUpContent(t *tossUpPlan, pending *Pending) (Content, Str) {
	var content Content
	var owner Str
	if h := t.spec.HandOver; h != nil {
		content, owner = h.Content, h.Owner
	}
	if pending.Step == "" {
		return content, owner
	}
	if _, i, ok := p.noticeOf(pending.Step); ok {
		n := &t.spec.Answer.Notices[i]
		if n.Content != nil {
			content = n.Content
		}
		if n.Owner != nil {
			owner = n.Owner
		}
	}
	return content, owner
}

// noticeWord says what a message about a toss-up is: "" for the hand-over itself,
// "remind", "escalate" or "doubt".
func (p *Program) noticeWord(pending *Pending) string {
	if pending.Step == "" {
		return ""
	}
	if t, i, ok := p.noticeOf(pending.Step); ok {
		return t.spec.Answer.Notices[i].Kind.String()
	}
	return "doubt"
}
