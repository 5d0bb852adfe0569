package httpd

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// whyView is the panel of a lead's page that tells why, and why not.
type whyView struct {
	V       *view
	ID      string
	Doc     *ExplainDoc // nil: Problem says why there is none
	Problem string
	Groups  []whyGroup
	At      string // as the form has it
	Subject string
}

// T is one of the panel's texts, or of the console's.
func (w *whyView) T(name string) string { return whyText(w.V, name) }

func whyText(v *view, name string) string {
	if text, ok := whyWords[name]; ok {
		return text.in(v.Lang)
	}
	return v.T(name)
}

// whyGroup is what can be asked about, by kind.
type whyGroup struct {
	Label   string
	Options []whyOption
}

type whyOption struct {
	Value, Label string
	Chosen       bool
}

// whyDecisions is how many decisions the panel lists.
const whyDecisions = 30

// formTime is how a form writes an instant, in the project's zone.
const formTime = "2006-01-02T15:04"

// why answers what a lead's page is asked: ?why=toss_up.hot_lead&at=2026-10-03T09:00.
func (s *Server) why(r *http.Request, v *view, id engine.LeadID, spec *engine.Spec) *whyView {
	q := r.URL.Query()
	ask := &ExplainAsk{Subject: q.Get("why"), Lang: string(v.Lang), Most: whyDecisions, At: When(q.Get("at"))}
	w := &whyView{V: v, ID: id.String(), Subject: ask.Subject, At: q.Get("at")}
	w.Groups = whyGroups(speaker{v, spec}, ask.Subject)
	if p := s.options.Desk.Program(); p != nil {
		if c, _ := p.Canary(); c != nil {
			w.Groups = bothArms(whyGroups(speaker{v, p.Spec()}, ask.Subject), whyGroups(speaker{v, c.Spec()}, ask.Subject), c.Revision())
		}
	}
	doc, err := s.explainLead(id, ask)
	var p *Problem
	switch {
	case err == nil:
		w.Doc = doc
		w.Subject = doc.Subject
		if w.At != "" && doc.At != nil {
			w.At = doc.At.In(v.zone).Format(formTime)
		}
	case errors.As(err, &p):
		w.Problem = p.in(v.Lang).Error()
	default:
		s.log.Warn("a lead could not be explained", "lead", id.String(), "error", err)
		w.Problem = w.T("why_failed")
	}
	return w
}

// bothArms lists what can be asked about while a change is tried: what only the change
// has stands behind the rest, with its number.
func bothArms(running, change []whyGroup, revision uint32) []whyGroup {
	for _, g := range change {
		at := slices.IndexFunc(running, func(have whyGroup) bool { return have.Label == g.Label })
		if at < 0 {
			at = len(running)
			running = append(running, whyGroup{Label: g.Label})
		}
		for _, o := range g.Options {
			if !slices.ContainsFunc(running[at].Options, func(have whyOption) bool { return have.Value == o.Value }) {
				o.Label += fmt.Sprintf(" (r%d)", revision)
				running[at].Options = append(running[at].Options, o)
			}
		}
	}
	return running
}

// whyGroups lists what can be asked about a lead.
func whyGroups(sp speaker, chosen string) []whyGroup {
	var groups []whyGroup
	group := func(word string, n int, at func(i int) (name, label string), kind string) {
		g := whyGroup{Label: whyText(sp.v, word)}
		for i := range n {
			name, label := at(i)
			value := kind + "." + name
			g.Options = append(g.Options, whyOption{value, labelOr(label, name), value == chosen})
		}
		if n > 0 {
			groups = append(groups, g)
		}
	}
	spec := sp.spec
	group("toss_ups", len(spec.TossUps), func(i int) (string, string) { return spec.TossUps[i].Name, spec.TossUps[i].Label }, "toss_up")
	group("stage", len(spec.Stages), func(i int) (string, string) { return spec.Stages[i].Name, spec.Stages[i].Label }, "stage")
	group("workflows", len(spec.Flows), func(i int) (string, string) { return spec.Flows[i].Name, spec.Flows[i].Label }, "workflow")
	group("why_channels", len(spec.Channels), func(i int) (string, string) { return spec.Channels[i].Name, "" }, "channel")
	group("why_scores", len(spec.Scores), func(i int) (string, string) { return spec.Scores[i].Name, spec.Scores[i].Label }, "score")
	group("segments", len(spec.Segments), func(i int) (string, string) { return spec.Segments[i].Name, spec.Segments[i].Label }, "segment")
	return groups
}
