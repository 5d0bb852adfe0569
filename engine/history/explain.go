package history

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// ExplainOptions are what is to be explained about a lead.
type ExplainOptions struct {
	Lead engine.LeadID
	// Row is the lead as it stands, where the question is about now.
	Row *engine.Lead
	// Now is the present; At the instant that is asked about, 0 for the present.
	Now, At engine.Time
	// Program judges: that of now, or any other. nil: the rules that decided then.
	Program *engine.Program
	// Anew lets Program judge past events too. Default: they are told as they were
	// judged when they came.
	Anew bool
	// Subject is what is asked about: see ParseSubject. The zero Subject is the lead
	// as a whole.
	Subject Subject
	// Values are the constants that a condition compares a fact with, by the fact's
	// key: what an attribute would have to be. nil: none are tried.
	Values func(engine.Expr) map[string][]engine.Value
	// Decisions bounds the decisions that are told. Default: 20.
	Decisions int
}

// Subject is a thing of the rules that can be explained.
type Subject struct {
	Kind string // "toss_up", "workflow", "stage", "score", "segment", "channel", "step"; "": the lead
	Name string // of a step: the workflow's
	Step string // of a step
}

// String is the subject as it is asked for: "toss_up.hot_lead".
func (s Subject) String() string {
	if s.Kind == "step" {
		return "workflow." + s.Name + ".step." + s.Step
	}
	if s.Kind == "" {
		return ""
	}
	return s.Kind + "." + s.Name
}

// subjectKinds are the kinds that stand before a dot.
var subjectKinds = []string{"toss_up", "workflow", "stage", "score", "segment", "channel"}

// ParseSubject finds what a person means under rules: "toss_up.hot_lead", "hot_lead"
// alone where only one thing is called so, "workflow.welcome.step.reminder",
// "step.reminder", "reminder". The error tells what there is.
func ParseSubject(spec *engine.Spec, text string) (Subject, error) {
	s, _, err := ParseSubjectOf(text, spec)
	return s, err
}

// ParseSubjectOf is ParseSubject where several rules are in force, each about some leads:
// what the first have counts, else what the next have; of tells which. The error tells
// what there is in any.
func ParseSubjectOf(text string, rules ...*engine.Spec) (s Subject, of int, err error) {
	if text == "" {
		return Subject{}, 0, nil
	}
	var all []Subject
	for i, spec := range rules {
		mine := subjectsOf(spec)
		if s, err := findSubject(mine, text); err == nil || isSeveral(err) {
			return s, i, err
		}
		for _, one := range mine {
			if !slices.Contains(all, one) {
				all = append(all, one)
			}
		}
	}
	s, err = findSubject(all, text)
	return s, 0, err
}

func isSeveral(err error) bool {
	var several *SubjectError
	return errors.As(err, &several) && several.Several
}

// findSubject finds what a person means among the subjects that there are.
func findSubject(all []Subject, text string) (Subject, error) {
	var found []Subject
	for _, s := range all {
		if text == s.String() || s.Kind == "step" && (text == "step."+s.Step || text == s.Step || text == s.Name+"/"+s.Step || text == s.Name+"."+s.Step) ||
			s.Kind != "step" && text == s.Name {
			found = append(found, s)
		}
	}
	exact := slices.IndexFunc(found, func(s Subject) bool { return s.String() == text })
	switch {
	case exact >= 0:
		return found[exact], nil
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return Subject{}, &SubjectError{Text: text, Several: true, There: namesOfSubjects(found)}
	}
	kind, _, _ := strings.Cut(text, ".")
	var near []Subject
	for _, s := range all {
		if s.Kind == kind || !slices.Contains(subjectKinds, kind) && s.Kind != "step" {
			near = append(near, s)
		}
	}
	return Subject{}, &SubjectError{Text: text, There: namesOfSubjects(near)}
}

// SubjectError is the answer for something that the rules do not have, or have twice.
type SubjectError struct {
	Text    string
	Several bool
	There   []string
}

// Error implements error.
func (e *SubjectError) Error() string {
	there := strings.Join(e.There, ", ")
	switch {
	case e.Several:
		return fmt.Sprintf("%q is several things: say which of %s", e.Text, there)
	case there == "":
		return fmt.Sprintf("the rules have nothing called %q", e.Text)
	}
	return fmt.Sprintf("the rules have nothing called %q; there is %s", e.Text, there)
}

func namesOfSubjects(list []Subject) []string {
	var names []string
	for _, s := range list[:min(len(list), 12)] {
		names = append(names, s.String())
	}
	if len(list) > 12 {
		names = append(names, "…")
	}
	return names
}

func subjectsOf(spec *engine.Spec) []Subject {
	var list []Subject
	add := func(kind, name string) { list = append(list, Subject{Kind: kind, Name: name}) }
	for i := range spec.TossUps {
		add("toss_up", spec.TossUps[i].Name)
	}
	for i := range spec.Flows {
		add("workflow", spec.Flows[i].Name)
	}
	for i := range spec.Stages {
		add("stage", spec.Stages[i].Name)
	}
	for i := range spec.Scores {
		add("score", spec.Scores[i].Name)
	}
	for i := range spec.Segments {
		add("segment", spec.Segments[i].Name)
	}
	for i := range spec.Channels {
		add("channel", spec.Channels[i].Name)
	}
	for i := range spec.Flows {
		for j := range spec.Flows[i].Steps {
			list = append(list, Subject{Kind: "step", Name: spec.Flows[i].Name, Step: spec.Flows[i].Steps[j].Name})
		}
	}
	return list
}

// Explained is the answer to a question, before it is put into words.
type Explained struct {
	Subject Subject
	Lead    *engine.Lead // as it stood; its folds are those of Program
	At      engine.Time
	Past    bool
	Program *engine.Program
	Place   engine.Place
	Gaps    []Gap
	From    engine.Time // since when the run of the journal differs from the log, 0: never
	Parts   []Part
	// Decisions are those about the subject until then, the latest first. More tells
	// that there are older ones.
	Decisions []Decided
	More      bool
	// Corrections are what was said of facts of the lead afterwards.
	Corrections []Corrected
}

// Corrected is what somebody said of a fact after it had come.
type Corrected struct {
	engine.Correction
	Said  engine.Time
	Later bool // after the instant that is asked about: it was not known then
}

// Part is one rule of the subject, or one of several things that it consists of.
type Part struct {
	Rule   engine.RuleName
	Name   string // of a part that is a thing of its own: a step, a score's rule
	On     string // event on which the rule is judged, "" for none
	Event  *engine.Fact
	By     uint32 // revision that judged the event, where it is another than Explained's
	Conds  []Weighed
	Holds  bool
	Gates  []engine.Gate
	Needs  []Need
	Flips  engine.Time // when time alone changes Holds; 0: it does not
	Points []Paid      // of a score
	Value  float64     // of a score
	Place  engine.Place
}

// Weighed is one condition with its answer and the facts behind it.
type Weighed struct {
	Cond   engine.Cond
	Reason engine.Reason
	Facts  []Fact
	Inner  []Weighed // of the segments that it reads
}

// Explain answers a question. Nothing is changed by it.
func (m *Memory) Explain(q ExplainOptions) (*Explained, error) {
	r, err := m.Recall(q.Lead, q.At)
	if err != nil {
		return nil, err
	}
	x := &explainer{q: &q, r: r, all: []*Recalled{r}, frame: engine.NewFrame()}
	if err := x.stand(); err != nil {
		return nil, err
	}
	out := &Explained{
		Subject: q.Subject, Lead: x.lead, At: x.at, Past: q.At != 0, Program: x.p, Gaps: r.Gaps, From: r.From,
	}
	if x.lead == nil || x.p == nil {
		return out, nil
	}
	if x.lead.Forgotten != 0 {
		out.Gaps = append(out.Gaps, GapForgotten)
	}
	if err := x.recallParts(); err != nil {
		return nil, err
	}
	if err := x.parts(out); err != nil {
		return nil, err
	}
	x.decisions(out)
	out.Corrections, err = m.corrections(&q, x.at)
	return out, err
}

// explainer answers one question.
type explainer struct {
	q     *ExplainOptions
	r     *Recalled
	all   []*Recalled // with what was merged into it
	p     *engine.Program
	lead  *engine.Lead
	at    engine.Time
	frame *engine.Frame
}

// stand finds the lead as it stood, under the rules that are to judge it.
func (x *explainer) stand() error {
	x.at, x.p = x.q.At, x.q.Program
	source := x.r.Lead
	if x.q.At == 0 {
		x.at = x.q.Now
		if x.q.Row != nil {
			source = x.q.Row
		}
	}
	if x.p == nil {
		x.p = x.r.Program
	}
	if source.FirstSeen == 0 && source.Forgotten == 0 {
		gap := GapUnknown
		if x.q.Row != nil && x.q.Row.Forgotten != 0 {
			gap = GapForgotten
		}
		x.r.Gaps = append(x.r.Gaps, gap)
		x.p = nil
		return nil
	}
	lead, err := copyLead(source)
	if err != nil {
		return err
	}
	x.lead = lead
	if x.p == nil {
		return nil
	}
	x.at = max(x.at, lead.Now)
	return x.p.Refold(x.frame, lead, x.r.History())
}

// recallParts runs the journals of what was merged into the lead: what was decided
// before that stands there.
func (x *explainer) recallParts() error {
	for _, part := range x.lead.Parts {
		r, err := x.r.memory.Recall(part, x.q.At)
		if err != nil {
			return err
		}
		x.all = append(x.all, r)
	}
	return nil
}

// copyLead is a lead of its own.
func copyLead(l *engine.Lead) (*engine.Lead, error) {
	c := &engine.Lead{}
	if err := engine.DecodeLead(engine.AppendLead(nil, l), c); err != nil {
		return nil, fmt.Errorf("copy lead %v: %w", l.ID, err)
	}
	c.ID = l.ID
	return c, nil
}

// History is what was known of the lead then.
func (r *Recalled) History() engine.History {
	return &past{memory: r.memory, lead: r.Lead.ID, rows: r.Rows, until: r.past.until}
}

// parts explains what the subject consists of.
func (x *explainer) parts(out *Explained) error {
	spec := x.p.Spec()
	switch s := x.q.Subject; s.Kind {
	case "toss_up":
		x.tossUp(out, find(spec.TossUps, func(t *engine.TossUpSpec) bool { return t.Name == s.Name }))
	case "stage":
		x.stage(out, find(spec.Stages, func(t *engine.StageSpec) bool { return t.Name == s.Name }))
	case "segment":
		if t := find(spec.Segments, func(t *engine.SegmentSpec) bool { return t.Name == s.Name }); t != nil {
			out.Parts = append(out.Parts, x.rule(engine.RuleName{Block: "segment." + t.Name, Part: "when"}, "", t.When))
		}
	case "workflow":
		x.flow(out, find(spec.Flows, func(t *engine.FlowSpec) bool { return t.Name == s.Name }))
	case "step":
		x.step(out, x.flowAt(s.Name, s.Step), s.Step)
	case "channel":
		x.channel(out, s.Name)
	case "score":
		return x.score(out, find(spec.Scores, func(t *engine.ScoreSpec) bool { return t.Name == s.Name }))
	default:
		x.whole(out)
	}
	for i := range out.Parts {
		if out.Place.File == "" {
			out.Place = out.Parts[i].Place
		}
	}
	return nil
}

// find is the first of a list that fits, nil for none.
func find[T any](list []T, fits func(*T) bool) *T {
	for i := range list {
		if fits(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// whole tells, of a lead as a whole, about every toss-up and the stage that comes next.
func (x *explainer) whole(out *Explained) {
	spec := x.p.Spec()
	for i := range spec.TossUps {
		x.tossUp(out, &spec.TossUps[i])
	}
	ahead := false
	for i := range spec.Stages {
		s := &spec.Stages[i]
		if ahead && s.Enter != nil {
			x.stage(out, s)
			break
		}
		ahead = ahead || s.Name == x.lead.Acts.Stage
	}
}

func (x *explainer) tossUp(out *Explained, t *engine.TossUpSpec) {
	if t == nil {
		return
	}
	p := x.rule(engine.RuleName{Block: "toss_up." + t.Name, Part: "when"}, t.On, t.When)
	p.Name = t.Name
	p.Gates = x.p.TossUpGates(x.frame, x.lead, x.at, t.Name)
	out.Parts = append(out.Parts, p)
}

func (x *explainer) stage(out *Explained, s *engine.StageSpec) {
	if s == nil {
		return
	}
	block := "stage." + s.Name
	if s.Enter != nil || s.On != "" {
		p := x.rule(engine.RuleName{Block: block, Part: "enter"}, s.On, s.Enter)
		if s.Enter != nil {
			p.On, p.Event = "", nil
		}
		p.Name = s.Name
		p.Gates = x.p.StageGates(x.lead, s.Name)
		out.Parts = append(out.Parts, p)
	}
	if s.Leave != nil && x.lead.Acts.Stage == s.Name {
		p := x.rule(engine.RuleName{Block: block, Part: "leave"}, "", s.Leave)
		p.Name = s.Name
		out.Parts = append(out.Parts, p)
	}
	if len(out.Parts) == 0 {
		out.Parts = append(out.Parts, Part{Rule: engine.RuleName{Block: block}, Name: s.Name})
	}
}

func (x *explainer) flow(out *Explained, flow *engine.FlowSpec) {
	if flow == nil {
		return
	}
	out.Place = flow.Place
	block := "workflow." + flow.Name
	enter := x.rule(engine.RuleName{Block: block, Part: "enter"}, flow.Enter.On, flow.Enter.When)
	enter.Name = flow.Name
	if name := flow.Enter.Joins + flow.Enter.Leaves + flow.Enter.Members; name != "" {
		if s := find(x.p.Spec().Segments, func(s *engine.SegmentSpec) bool { return s.Name == name }); s != nil {
			enter = x.rule(engine.RuleName{Block: "segment." + name, Part: "when"}, "", s.When)
			enter.Name = flow.Name
		}
	}
	enter.Gates = x.p.EntryGates(x.frame, x.lead, x.at, flow.Name)
	out.Parts = append(out.Parts, enter)
	for i := range x.lead.Acts.Runs {
		run := &x.lead.Acts.Runs[i]
		if run.Workflow != flow.Name {
			continue
		}
		by := x.p.FlowOf(run)
		if by == nil {
			continue
		}
		x.step(out, by, run.Step)
		for j := range by.Exits {
			e := &by.Exits[j]
			p := x.rule(engine.RuleName{Block: block + ".exit." + e.Name, Part: "when"}, e.On+tossUpEvent(e.TossUp), e.When)
			p.Name = "exit." + e.Name
			out.Parts = append(out.Parts, p)
		}
	}
}

// flowAt is the definition of a workflow by which the lead stands on a step, else the
// one by which it would enter.
func (x *explainer) flowAt(name, step string) *engine.FlowSpec {
	for i := range x.lead.Acts.Runs {
		if run := &x.lead.Acts.Runs[i]; run.Workflow == name && run.Step == step {
			if flow := x.p.FlowOf(run); flow != nil {
				return flow
			}
		}
	}
	return find(x.p.Spec().Flows, func(f *engine.FlowSpec) bool { return f.Name == name })
}

// tossUpEvent is what an exit that listens to a toss-up listens to.
func tossUpEvent(tossUp string) string {
	if tossUp == "" {
		return ""
	}
	return "toss_up." + tossUp
}

// step explains one step: the ways of a branch, what a wait waits for, whether a
// message may go.
func (x *explainer) step(out *Explained, flow *engine.FlowSpec, name string) {
	if flow == nil {
		return
	}
	s := find(flow.Steps, func(s *engine.StepSpec) bool { return s.Name == name })
	if s == nil {
		return
	}
	block := "workflow." + flow.Name + ".step." + s.Name
	switch {
	case s.Branch != nil:
		for i := range s.Branch.Cases {
			c := &s.Branch.Cases[i]
			p := x.rule(engine.RuleName{Block: block + ".case." + c.Name, Part: "when"}, "", c.When)
			p.Name = c.Name
			out.Parts = append(out.Parts, p)
		}
		return
	case s.Send != nil:
		p := Part{Rule: engine.RuleName{Block: block}, Name: s.Name, Place: s.Place, Gates: x.p.SendGates(x.frame, x.lead, x.at, flow.Name, s.Name)}
		p.Holds = !slices.ContainsFunc(p.Gates, func(g engine.Gate) bool { return !g.Open })
		out.Parts = append(out.Parts, p)
		return
	case s.Wait != nil && len(s.Wait.On) > 0:
		p := x.rule(engine.RuleName{Block: block, Part: "when"}, strings.Join(s.Wait.On, ", "), s.Wait.When)
		p.Name, p.Place = s.Name, s.Place
		p.Flips = x.due(flow.Name, s.Name)
		out.Parts = append(out.Parts, p)
		return
	}
	out.Parts = append(out.Parts, Part{Rule: engine.RuleName{Block: block}, Name: s.Name, Place: s.Place, Flips: x.due(flow.Name, s.Name)})
}

// due is when the wait is over on which the lead stands, 0 where it stands elsewhere.
func (x *explainer) due(flow, step string) engine.Time {
	for i := range x.lead.Acts.Runs {
		if r := &x.lead.Acts.Runs[i]; r.Workflow == flow && r.Step == step {
			return dueOf(x.lead, r)
		}
	}
	return 0
}

// channel explains, step by step, whether the lead may be written to through a
// channel.
func (x *explainer) channel(out *Explained, name string) {
	spec := x.p.Spec()
	for i := range spec.Flows {
		for j := range spec.Flows[i].Steps {
			if s := spec.Flows[i].Steps[j].Send; s != nil && s.Channel == name {
				x.step(out, &spec.Flows[i], spec.Flows[i].Steps[j].Name)
			}
		}
	}
}
