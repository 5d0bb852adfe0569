package main

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine/history"
)

// wouldLose says why rules that load are refused: leads would be lost.
type wouldLose struct {
	text  string
	leads []history.Stranded
}

func (r *wouldLose) Error() string { return r.text }

// Is lets the API know what kind of error it is.
func (r *wouldLose) Is(target error) bool { return target == httpd.ErrRefused }

// refuse tells every step on which leads stand and that new rules do not have.
func refuse(language string, list []history.Stranded) error {
	lines := make([]string, len(list))
	for i, s := range list {
		lines[i] = words(language,
			fmt.Sprintf("%s on step.%s of workflow.%s, which the new rules do not have. Say where they go: moved { from = step.%s  to = step.… }",
				plural(s.Leads, "lead stands", "leads stand"), s.Step, s.Workflow, s.Step),
			fmt.Sprintf("workflow.%s の step.%s に %d 件のリードがいますが、新しいルールにはこのステップがありません。行き先を書いてください: moved { from = step.%s  to = step.… }",
				s.Workflow, s.Step, s.Leads, s.Step))
	}
	return &wouldLose{strings.Join(lines, "\n"), list}
}
