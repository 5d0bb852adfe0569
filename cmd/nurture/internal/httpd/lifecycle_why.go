package httpd

import (
	"strings"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// WhyDoc is what moved leads from one stage to another, in words.
type WhyDoc struct {
	Count  int64  `json:"count"`
	Reason string `json:"reason" doc:"As it stands in reasons." example:"hot_lead rejected: no_budget"`
	En     string `json:"en" example:"sales answered “Hot lead”: rejected (no budget)"`
	Ja     string `json:"ja" example:"営業の回答：「商談化」は差し戻し（予算なし）"`
}

// In is the reason in a language, "ja" or "en".
func (d *WhyDoc) In(language string) string { return word{d.Ja, d.En}.in(lang(language)) }

// What kind of reason moved a lead.
const (
	byAnswer  = "answer"
	byTossUp  = "toss_up"
	byEvent   = "event"
	byEnter   = "enter"
	byLeave   = "leave"
	byNothing = "other"
)

// moveReason is what moved a lead: what sales answered, the toss-up that was offered,
// the event that brings the stage, else the conditions of the stage.
type moveReason struct {
	kind  string
	name  string // of the toss-up, or the event
	word  string // what was answered: "rejected: no_budget"
	conds []engine.Cond
}

func reasonOf(p *engine.Program, row *engine.Fact, moved *engine.Decision) moveReason {
	for i := range row.Decisions {
		d := &row.Decisions[i]
		switch {
		case d.Kind == engine.Answered && d.At == moved.At:
			return moveReason{kind: byAnswer, name: d.Subject, word: d.Detail}
		case d.Kind == engine.TossedUp && d.At == moved.At:
			return moveReason{kind: byTossUp, name: d.Subject}
		}
	}
	for i := range p.Spec().Stages {
		s := &p.Spec().Stages[i]
		if s.Name == moved.Detail && s.On != "" && (engine.Fold(row.Event.Name) == s.On || row.Event.Name == s.On) {
			return moveReason{kind: byEvent, name: s.On}
		}
	}
	for i := range p.Spec().Stages {
		s := &p.Spec().Stages[i]
		conds, kind := s.Enter, byEnter
		if s.Name == moved.Subject && s.LeaveTo == moved.Detail && len(s.Leave) > 0 {
			conds, kind = s.Leave, byLeave
		} else if s.Name != moved.Detail {
			continue
		}
		if len(conds) > 0 {
			return moveReason{kind: kind, conds: conds}
		}
	}
	return moveReason{kind: byNothing}
}

// code is the reason by the names of the rules: the same in every language.
func (r moveReason) code() string {
	switch r.kind {
	case byAnswer:
		return r.name + " " + r.word
	case byTossUp, byEvent:
		return r.kind + " " + r.name
	case byEnter, byLeave:
		var list []string
		for _, c := range r.conds {
			list = append(list, c.Source())
		}
		return r.kind + ": " + strings.Join(list, " and ")
	}
	return byNothing
}

// in is the reason as people say it, with the labels of the workspace.
func (r moveReason) in(p *engine.Program, l lang) string {
	say := speaker{v: &view{Lang: l}, spec: p.Spec()}
	switch r.kind {
	case byAnswer:
		return say.decision(&DecisionDoc{Kind: "answered", Subject: r.name, Detail: r.word})
	case byTossUp:
		return say.decision(&DecisionDoc{Kind: "tossed_up", Subject: r.name})
	case byEvent:
		label, _ := say.event("", r.name)
		return word{"イベント「" + label + "」", "the event “" + label + "”"}.in(l)
	case byEnter, byLeave:
		var list []string
		for _, c := range r.conds {
			list = append(list, dsl.Sentence(c, string(l)))
		}
		all := strings.Join(list, word{"、かつ", ", and "}.in(l))
		if r.kind == byLeave {
			return word{"出る条件：", "condition to leave: "}.in(l) + all
		}
		return word{"入る条件：", "condition to enter: "}.in(l) + all
	}
	return word{"その他", "other"}.in(l)
}
