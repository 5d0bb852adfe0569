package history

import (
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// block is one named thing of the rules, as a list of what it says.
type block struct {
	name  string
	place engine.Place
	lines []saying
}

// kinds are the kinds of block in the order in which people read the rules.
var kinds = []string{
	"project", "attribute", "event", "consent", "score", "segment", "stage", "toss_up", "contact_policy",
	"channel", "workflow", "kpi", "funnel", "review", "rollout",
}

// rankOf is the place of a block's kind in the order of reading.
func rankOf(name string) int {
	kind, _, _ := strings.Cut(name, ".")
	for i, k := range kinds {
		if k == kind {
			return i
		}
	}
	return len(kinds)
}

// blocksOf takes rules apart into blocks. What a block says is found by walking its
// fields, as the digest of the rules does: a field that is added to the rules is
// compared without anybody thinking of it.
func blocksOf(s *engine.Spec) []block {
	var list []block
	add := func(name string, place engine.Place, value any, names map[int]string) {
		w := &walk{steps: names}
		w.fields("", value)
		if place.File == "" {
			place = w.place
		}
		list = append(list, block{name, place, w.out})
	}
	top := *s
	top.Attrs, top.Events, top.Consents, top.Scores, top.Segments, top.Stages = nil, nil, nil, nil, nil, nil
	top.TossUps, top.Policies, top.Channels, top.Flows, top.KPIs, top.Funnels, top.Reviews, top.Asked = nil, nil, nil, nil, nil, nil, nil, nil
	top.Rollout = nil
	add("project", engine.Place{}, top, nil)
	for i := range s.Attrs {
		add("attribute."+s.Attrs[i].Name, engine.Place{}, s.Attrs[i], nil)
	}
	for i := range s.Events {
		add("event."+s.Events[i].Name, engine.Place{}, s.Events[i], nil)
	}
	for i := range s.Consents {
		add("consent."+s.Consents[i].Name, engine.Place{}, s.Consents[i], nil)
	}
	for _, score := range s.Scores {
		rules := score.Rules
		score.Rules = nil
		add("score."+score.Name, engine.Place{}, score, nil)
		for i := range rules {
			add("score."+score.Name+".rule."+rules[i].Name, engine.Place{}, rules[i], nil)
		}
	}
	for i := range s.Segments {
		add("segment."+s.Segments[i].Name, engine.Place{}, s.Segments[i], nil)
	}
	for i := range s.Stages {
		add("stage."+s.Stages[i].Name, engine.Place{}, s.Stages[i], nil)
	}
	for i := range s.TossUps {
		add("toss_up."+s.TossUps[i].Name, engine.Place{}, s.TossUps[i], nil)
	}
	for i := range s.Policies {
		add("contact_policy."+s.Policies[i].Name, engine.Place{}, s.Policies[i], nil)
	}
	for i := range s.Channels {
		add("channel."+s.Channels[i].Name, engine.Place{}, s.Channels[i], nil)
	}
	for i := range s.Flows {
		addFlow(&s.Flows[i], add)
	}
	for i := range s.KPIs {
		add("kpi."+s.KPIs[i].Name, engine.Place{}, s.KPIs[i], nil)
	}
	for i := range s.Funnels {
		add("funnel."+s.Funnels[i].Name, engine.Place{}, s.Funnels[i], nil)
	}
	for i := range s.Reviews {
		add("review."+s.Reviews[i].Name, engine.Place{}, s.Reviews[i], nil)
	}
	if s.Rollout != nil {
		add("rollout", engine.Place{}, *s.Rollout, nil)
	}
	return list
}

// addFlow adds a workflow, and its goals, exits and steps as blocks of their own: a
// step that is put in changes no other.
func addFlow(flow *engine.FlowSpec, add func(string, engine.Place, any, map[int]string)) {
	name := "workflow." + flow.Name
	head := *flow
	head.Steps, head.Goals, head.Exits = nil, nil, nil
	add(name, flow.Place, head, nil)
	for i := range flow.Goals {
		add(name+".goal."+flow.Goals[i].Name, engine.Place{}, flow.Goals[i], nil)
	}
	for i := range flow.Exits {
		add(name+".exit."+flow.Exits[i].Name, engine.Place{}, flow.Exits[i], nil)
	}
	steps := map[int]string{engine.EndOfFlow: "exit.end"}
	for i := range flow.Steps {
		steps[i] = flow.Steps[i].Name
	}
	for i := range flow.Steps {
		step := flow.Steps[i]
		// What comes next is compared as "goes on to", by name.
		add(name+".step."+step.Name, step.Place, step, steps)
	}
}
