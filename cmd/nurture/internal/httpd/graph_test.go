package httpd

import (
	"fmt"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// TestGraph draws a workflow with everything that a console's box shows.
func TestGraph(t *testing.T) {
	t.Parallel()
	flow := &engine.FlowSpec{
		Name: "f", Enter: engine.EnterSpec{On: "e"}, Moved: map[string]string{"gone": "look"},
		Steps: []engine.StepSpec{
			{Name: "rest", Kind: engine.WaitStep, Next: 1, Wait: &engine.WaitSpec{For: calendar.Length{Span: 4 * calendar.Day}}},
			{Name: "look", Kind: engine.BranchStep, Branch: &engine.BranchSpec{
				Cases: []engine.CaseSpec{{Name: "a", First: 2}, {Name: "b", First: 2}}, Otherwise: engine.EndOfFlow,
			}},
			{Name: "write", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: &engine.SendSpec{Channel: "mail", Kind: "email"}},
		},
	}
	spec := &engine.Spec{Flows: []engine.FlowSpec{*flow}, Events: []engine.EventSpec{{Name: "e", Label: "料金ページ閲覧"}}}
	counts := map[string]flowCount{"": {In: 10}, "rest": {In: 10, Now: 2}, "look": {In: 8}, "write": {In: 5}, "exit.end": {In: 3}}
	g := drawFlow(spec, flow, counts, "ja")
	var got string
	for _, n := range g.Nodes {
		got += fmt.Sprintf("%s %s %s %q %v %d\n", n.ID, n.Word, n.Title, n.Brief, n.Ways, n.Flow.In)
	}
	want := `enter 入口 料金ページ閲覧 "料金ページ閲覧" [] 10
step.rest 待機 rest "4日" [] 10
step.look 分岐 look "" [] 8
step.write メール write "" [a b] 5
exit.end 出口 終わり "" [それ以外] 3
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if len(g.Edges) != 6 || g.Edges[0].Dim || g.Edges[0].Wide != 4.2 {
		t.Errorf("arrows %+v", g.Edges)
	}
	for i, n := range g.Nodes {
		if n.X < 0 || n.Y < wayHeight || n.X+nodeWidth > g.Width || n.Y+nodeHeight > g.Height {
			t.Errorf("%s at %d,%d lies outside of %d×%d", n.ID, n.X, n.Y, g.Width, g.Height)
		}
		if i > 0 && n.X <= g.Nodes[i-1].X {
			t.Errorf("%s does not stand behind %s", n.ID, g.Nodes[i-1].ID)
		}
	}
}
