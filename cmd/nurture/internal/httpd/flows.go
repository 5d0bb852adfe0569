package httpd

import (
	"strings"

	"github.com/seed-456efde2/nurture/engine"
	drawing "github.com/seed-456efde2/nurture/engine/graph"
)

// flowView is a workflow as the overview draws it.
type flowView struct {
	Name, Label string
	Owner       string
	Inside      string
	Entered     string
	Graph       graph
	Boxes       []box
	Exits       []exitRow
}

// box is a node with its texts, cut to fit.
type box struct {
	*node
	Class     string
	Heading   string
	Text      string
	Full      string // for the tooltip
	Count     string
	Way       string // by which case one comes here
	Badge     string
	Highlight bool // somebody stands here
}

type exitRow struct {
	Name  string
	Count string
}

// flows draws all workflows with their counters. dead counts dead letters by
// workflow and step.
func (sc *scribe) flows(dead map[[2]string]int64) []flowView {
	views := make([]flowView, 0, len(sc.spec.Flows))
	for i := range sc.spec.Flows {
		views = append(views, sc.flow(&sc.spec.Flows[i], dead))
	}
	return views
}

func (sc *scribe) flow(f *engine.FlowSpec, dead map[[2]string]int64) flowView {
	entered := sc.tally("flow:" + f.Name + ":entered")
	counts := map[string]flowCount{"": {In: entered.in}}
	inside := int64(0)
	for i := range f.Steps {
		name := f.Steps[i].Name
		t := sc.tally("step:" + f.Name + "/" + name)
		c := flowCount{In: t.in, Now: max(0, t.in-t.out), Dead: dead[[2]string{f.Name, name}]}
		if f.Steps[i].Kind == engine.ExitStep {
			c.Now = 0 // whoever reached it has left
		}
		inside += c.Now
		counts[name] = c
	}
	counts["exit.end"] = flowCount{In: sc.tally("exit:" + f.Name + "/end").in}
	view := flowView{
		Name: f.Name, Label: labelOr(f.Label, f.Name), Owner: f.Owner,
		Entered: count(entered.in), Inside: count(inside), Graph: drawFlow(sc.spec, f, counts, string(sc.v.Lang)),
	}
	for _, n := range view.Graph.Nodes {
		view.Boxes = append(view.Boxes, sc.box(n))
	}
	for _, exit := range f.Exits {
		view.Exits = append(view.Exits, exitRow{exit.Name, count(sc.tally("exit:" + f.Name + "/" + exit.Name).in)})
	}
	return view
}

func (sc *scribe) box(n *node) box {
	v := sc.v
	b := box{node: n, Class: string(n.Kind), Heading: n.Word, Full: n.Title, Highlight: n.Flow.Now > 0}
	switch n.Kind {
	case drawing.Wait, drawing.Emit:
		b.Heading += " " + n.Brief
	case drawing.Split:
		b.Class = "branch"
	}
	b.Heading = short(strings.ToUpper(b.Heading), 21)
	b.Text = short(b.Full, 16)
	b.Full = strings.Join(append([]string{b.Full}, n.Lines...), "\n")
	b.Way = short(strings.Join(n.Ways, " / "), 20)
	b.Count = v.T("in_total") + " " + count(n.Flow.In)
	if n.Kind != drawing.Enter && n.Kind != drawing.Exit {
		b.Count += " · " + v.T("now") + " " + count(n.Flow.Now)
	}
	if n.Flow.Dead > 0 {
		b.Badge = count(n.Flow.Dead)
	}
	return b
}
