package httpd

import (
	"encoding/json"
	command "flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed-456efde2/nurture/engine/history"
)

var rewritePlan = command.Bool("rewrite-plan", false, "write testdata/plan.* anew")

// samplePlan has every effect that a plan can tell of, one lead and many.
func samplePlan() *PlanDoc {
	return &PlanDoc{
		Running: PlanSide{Revision: 41, Digest: "a"}, Proposed: PlanSide{Revision: 42, Digest: "b", Files: 2}, Change: 2, Remove: 1,
		Changes: []history.Change{
			{Op: "~", Block: "workflow.follow.step.think", File: "follow.hcl", Line: 12, Lines: []history.Line{{What: "wait.for", Old: "2h", New: "6h"}}},
			{Op: "-", Block: "workflow.follow.step.gone", File: "follow.hcl"},
			{Op: "~", Block: "contact_policy.default", File: "contact.hcl", Line: 3, Lines: []history.Line{{What: "cap.at_most", Old: "2", New: "1"}}},
		},
		Effects: &history.Effects{
			Leads:     1200,
			Workflows: []history.FlowEffect{{Name: "follow", Inside: 320, Keep: 312, Move: 5, Leave: 2, Lost: 1}},
			Steps: []history.StepEffect{
				{Workflow: "follow", Step: "think", Standing: 24, WaitKept: 1, WaitEarlier: 9, WaitLater: 13, Moves: []history.MoveEffect{{To: "thanks", N: 1}}},
				{Workflow: "follow", Step: "gone", Standing: 7, Lost: 1, Sample: []string{"00"}, Moves: []history.MoveEffect{{To: "rest", N: 4}, {To: "exit.removed", N: 2}}},
				{Workflow: "follow", Step: "office", Standing: 6, WaitEarlier: 2, WaitLater: 4},
				{Workflow: "follow", Step: "done", Standing: 1, Moves: []history.MoveEffect{{To: "exit.bought", N: 1}}},
			},
			Arms:     []history.ArmEffect{{Name: "follow/thanks/wording", Leads: 1, Switch: 1}, {Name: "follow/ways", Leads: 90, Switch: 31}},
			Sends:    []history.SendEffect{{Channel: "mail", Cause: "follow/thanks", Before: 120, After: 131}, {Channel: "crm", Cause: "toss_up.hot", Before: 1, After: 1}},
			Caps:     []history.CapEffect{{Policy: "default", Channel: "mail", Over: 1}, {Policy: "strict", Channel: "line", Over: 1017}},
			Scores:   []history.FlipEffect{{Name: "interest", Up: 1, Down: 20}},
			Segments: []history.FlipEffect{{Name: "engaged", Up: 12, Down: 1}},
			TossUps:  []history.AtOnce{{Name: "hot", N: 1, Sample: []string{"01"}}},
			Enters:   []history.AtOnce{{Name: "cared_for", N: 30}},
			Stages:   []history.MoveEffect{{From: "lead", To: "mql", N: 1}},
			Faults:   1,
		},
		Refused: []string{"follow/gone"},
	}
}

// What a plan says, in both languages and as an object.
func TestPlanTells(t *testing.T) {
	t.Parallel()
	object, err := json.MarshalIndent(samplePlan().Effects, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{
		"plan.en.txt": PlanText(samplePlan(), "en"), "plan.ja.txt": PlanText(samplePlan(), "ja"), "plan.json": string(object) + "\n",
	} {
		file := filepath.Join("testdata", name)
		if *rewritePlan {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s says other than it did (go test -run PlanTells -rewrite-plan, and read what has changed):\n%s", file, got)
		}
	}
}
