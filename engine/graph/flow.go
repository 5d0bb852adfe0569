package graph

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// EnterID and EndID are the nodes of a workflow that are no steps; StepID is the
// node of a step.
const (
	EnterID = "enter"
	EndID   = "exit.end"
)

// StepID is the ID of a step's node.
func StepID(name string) string { return "step." + name }

// Flow is a workflow: the way in, the steps in the order in which they are read,
// the end where it is reached, and steps that are no more where leads may stand.
func Flow(spec *engine.Spec, flow *engine.FlowSpec, w Words) Graph {
	b := flowBuilder{words: w, names: namesOf(spec), flow: flow}
	b.g = Graph{Name: flow.Name, Title: labelOr(flow.Label, flow.Name), Lang: w.Lang}
	b.enter()
	for i := range flow.Steps {
		b.g.add(b.step(&flow.Steps[i]))
	}
	b.join(0, b.first(), Edge{})
	for i := range flow.Steps {
		b.ways(i)
	}
	b.moved()
	b.notes()
	return b.g
}

// flowBuilder makes the graph of one workflow. Step i is node i+1.
type flowBuilder struct {
	words Words
	names names
	flow  *engine.FlowSpec
	g     Graph
	end   int // node of the end; 0 until something leads there
}

func (b *flowBuilder) first() int {
	if len(b.flow.Steps) == 0 {
		return engine.EndOfFlow
	}
	return 0
}

// join leads from a node to a step, or to the end.
func (b *flowBuilder) join(from, step int, e Edge) {
	e.From, e.To = from, step+1
	if step < 0 || step >= len(b.flow.Steps) {
		if b.end == 0 {
			b.end = b.g.add(Node{ID: EndID, Kind: Exit, Word: b.words.say(kindWords[Exit]), Title: b.words.say(text{"end", "終わり"})})
		}
		e.To = b.end
	}
	b.g.join(e)
}

func (b *flowBuilder) enter() {
	w, e := b.words, &b.flow.Enter
	n := Node{ID: EnterID, Kind: Enter, Word: w.say(kindWords[Enter])}
	switch {
	case e.On != "":
		n.Title = b.names.event(e.On)
	case e.Joins != "":
		n.Title = w.phrase("joins {0}", "「{0}」に入った", b.names.segment(e.Joins))
	case e.Leaves != "":
		n.Title = w.phrase("leaves {0}", "「{0}」から外れた", b.names.segment(e.Leaves))
	case e.Members != "":
		n.Title = w.phrase("everybody in {0}", "「{0}」の全員", b.names.segment(e.Members))
	}
	n.Brief = n.Title
	if e.Schedule != nil {
		n.Lines = append(n.Lines, w.phrase("at {0}", "予定: {0}", e.Schedule.String()))
	}
	if e.Spread > 0 {
		n.Lines = append(n.Lines, w.phrase("spread over {0}", "{0}かけて順に", w.span(e.Spread)))
	}
	n.Lines = append(n.Lines, w.conditions(e.When)...)
	if e.Key != nil {
		n.Lines = append(n.Lines, w.phrase("one run for each {0}", "{0} ごとに1回", e.Key.Source()))
	}
	b.g.add(n)
}

// step is a step's box.
func (b *flowBuilder) step(s *engine.StepSpec) Node {
	w := b.words
	n := Node{ID: StepID(s.Name), Name: s.Name, Title: s.Name}
	switch {
	case s.Kind == engine.WaitStep && s.Wait != nil:
		n.Kind = Wait
		b.wait(&n, s.Wait)
		if s.Show != nil {
			n.Lines = append(n.Lines, b.words.phrase("shown in {0}: {1}", "{0} に表示: {1}", s.Show.Slot, s.Show.Content.Source()))
		}
	case s.Kind == engine.BranchStep:
		n.Kind = Branch
	case s.Kind == engine.SplitStep:
		n.Kind = Split
	case s.Kind == engine.SendStep && s.Send != nil:
		n.Kind, n.Word = Send, w.send(s.Send.Kind)
		b.send(&n, s.Send)
	case s.Kind == engine.SetStep && s.Set != nil:
		n.Kind, n.Lines = Set, assigned(s.Set.Values)
	case s.Kind == engine.EmitStep && s.Emit != nil:
		n.Kind = Emit
		n.Brief = b.names.event(s.Emit.Event)
		n.Lines = append([]string{n.Brief}, assigned(s.Emit.Fields)...)
	case s.Kind == engine.GotoStep && s.Goto != nil:
		n.Kind = Goto
	default:
		n.Kind = Exit
	}
	if n.Word == "" {
		n.Word = w.say(kindWords[n.Kind])
	}
	return n
}

func assigned(values []engine.Assign) []string {
	var out []string
	for _, v := range values {
		line := v.Name
		if v.Value != nil {
			line += " = " + v.Value.Source()
		}
		out = append(out, line)
	}
	return out
}

func (b *flowBuilder) wait(n *Node, s *engine.WaitSpec) {
	w := b.words
	switch {
	case !s.For.IsZero():
		n.Brief = w.length(s.For)
	case s.Until != nil:
		n.Brief = w.phrase("until {0}", "{0} まで", s.Until.String())
	case len(s.On) > 0:
		n.Brief = w.or(b.names.eventsOf(s.On))
	}
	n.Lines = []string{n.Brief}
	if len(s.On) > 0 {
		n.Lines[0] = w.phrase("for {0}", "「{0}」を待つ", n.Brief)
		n.Lines = append(n.Lines, w.conditions(s.When)...)
	}
	if !s.AtMost.IsZero() {
		n.Lines = append(n.Lines, w.phrase("{0} at most", "最長 {0}", w.length(s.AtMost)))
	}
}

func (b *flowBuilder) send(n *Node, s *engine.SendSpec) {
	w := b.words
	if s.Content != nil {
		n.Brief = s.Content.Source()
		n.Lines = append(n.Lines, n.Brief)
	}
	if s.Channel != s.Kind {
		n.Lines = append(n.Lines, w.phrase("through {0}", "チャネル {0}", s.Channel))
	}
	if s.Window != nil {
		n.Lines = append(n.Lines, s.Window.String())
	}
	if s.Transactional {
		n.Lines = append(n.Lines, w.say(text{"transactional", "取引メール"}))
	}
	if x := s.Experiment; x != nil {
		var arms []string
		for i := range x.Variants {
			arms = append(arms, x.Variants[i].Name)
		}
		for i := range x.Slots {
			arms = append(arms, x.Slots[i].Name)
		}
		n.Lines = append(n.Lines, w.phrase("experiment: {0}", "実験: {0}", strings.Join(arms, " / ")))
	}
}

// ways are a step's arrows.
func (b *flowBuilder) ways(i int) {
	s, from := &b.flow.Steps[i], i+1
	otherwise := b.words.say(text{"otherwise", "それ以外"})
	switch {
	case s.Kind == engine.BranchStep && s.Branch != nil:
		for _, c := range s.Branch.Cases {
			b.join(from, c.First, Edge{Way: c.Name, Lines: b.words.conditions(c.When)})
		}
		b.join(from, s.Branch.Otherwise, Edge{Way: otherwise})
	case s.Kind == engine.SplitStep && s.Split != nil:
		for _, a := range s.Split.Arms {
			b.join(from, a.First, Edge{Way: a.Name, Lines: []string{b.share(s.Split, a.Weight)}})
		}
	case s.Kind == engine.WaitStep && s.Wait != nil && len(s.Wait.Cases) > 0:
		for _, c := range s.Wait.Cases {
			lines := append([]string{b.words.or(b.names.eventsOf(c.On))}, b.words.conditions(c.When)...)
			b.join(from, c.First, Edge{Way: c.Name, Lines: lines})
		}
		b.join(from, s.Wait.Otherwise, Edge{Way: otherwise})
	case s.Kind == engine.GotoStep && s.Goto != nil:
		b.again(from, s)
	case s.Kind == engine.ExitStep:
	default:
		b.join(from, s.Next, Edge{})
	}
}

// share is an arm's part of all, in percent.
func (b *flowBuilder) share(s *engine.SplitSpec, weight float64) string {
	all := 0.0
	for _, a := range s.Arms {
		all += a.Weight
	}
	if all <= 0 {
		return ""
	}
	return strconv.FormatFloat(math.Round(weight/all*1000)/10, 'f', -1, 64) + " %"
}

func (b *flowBuilder) again(from int, s *engine.StepSpec) {
	bound := b.words.phrase("{0} at most", "最大 {0}", b.words.count(s.Goto.AtMost, "time", "times", "回"))
	if s.Goto.AtMost <= 0 {
		bound = ""
	}
	b.join(from, s.Goto.To, Edge{Way: bound, Kind: Again})
	if s.Goto.AtMost > 0 {
		b.join(from, s.Next, Edge{Way: b.words.say(text{"after that", "そのあと"})})
	}
}

// moved are the steps that are no more.
func (b *flowBuilder) moved() {
	at := map[string]int{}
	for i := range b.flow.Steps {
		at[b.flow.Steps[i].Name] = i
	}
	for _, old := range slices.Sorted(maps.Keys(b.flow.Moved)) {
		to, known := at[b.flow.Moved[old]]
		if _, still := at[old]; still || !known {
			continue
		}
		n := b.g.add(Node{ID: "moved." + old, Kind: Moved, Word: b.words.say(kindWords[Moved]), Name: old, Title: old})
		b.join(n, to, Edge{Kind: Gone})
	}
}

// notes are what holds on every step.
func (b *flowBuilder) notes() {
	w := b.words
	for i := range b.flow.Exits {
		e := &b.flow.Exits[i]
		var lines []string
		if e.On != "" {
			lines = append(lines, b.names.event(e.On))
		}
		if e.TossUp != "" {
			lines = append(lines, w.phrase("handed over by {0}", "「{0}」で営業へ", b.names.tossUp(e.TossUp)))
		}
		b.g.Notes = append(b.g.Notes, Note{w.say(text{"leaves at once", "途中の出口"}), e.Name, append(lines, w.conditions(e.When)...)})
	}
	for i := range b.flow.Goals {
		goal := &b.flow.Goals[i]
		lines := append([]string{b.names.event(goal.On)}, w.conditions(goal.When)...)
		if goal.Within > 0 {
			lines = append(lines, w.phrase("within {0}", "{0}以内", w.span(goal.Within)))
		}
		b.g.Notes = append(b.g.Notes, Note{w.say(text{"goal", "目標"}), goal.Name, lines})
	}
	if r := b.flow.ReEnter; r != nil {
		lines := []string{w.phrase("{0} after leaving", "離脱から{0}後", w.span(r.After))}
		if r.AtMost > 0 {
			lines = append(lines, w.phrase("{0} at most", "最大 {0}", w.count(r.AtMost, "time", "times", "回")))
		}
		b.g.Notes = append(b.g.Notes, Note{Word: w.say(text{"may come again", "再入場"}), Lines: lines})
	}
	if b.flow.Holdout > 0 {
		share := strconv.FormatFloat(b.flow.Holdout, 'f', -1, 64) + " %"
		b.g.Notes = append(b.g.Notes, Note{Word: w.say(text{"holdout", "ホールドアウト"}), Lines: []string{share}})
	}
}
