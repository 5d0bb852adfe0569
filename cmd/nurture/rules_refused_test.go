package main

import (
	"errors"
	"fmt"
	"testing"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine/history"
)

// Every step is told on which somebody stands, in the reader's language, and the API
// knows the refusal however it is wrapped.
func TestRefusal(t *testing.T) {
	t.Parallel()
	list := []history.Stranded{{Workflow: "slow", Step: "a", Leads: 1}, {Workflow: "slow", Step: "b", Leads: 12}}
	const en = `1 lead stands on step.a of workflow.slow, which the new rules do not have. Say where they go: moved { from = step.a  to = step.… }
12 leads stand on step.b of workflow.slow, which the new rules do not have. Say where they go: moved { from = step.b  to = step.… }`
	if got := refuse("en", list).Error(); got != en {
		t.Errorf("it says\n%s", got)
	}
	const ja = "workflow.slow の step.a に 1 件のリードがいますが、新しいルールにはこのステップがありません。行き先を書いてください: moved { from = step.a  to = step.… }"
	if got := refuse("ja", list[:1]).Error(); got != ja {
		t.Errorf("it says\n%s", got)
	}
	if !errors.Is(fmt.Errorf("swap the program: %w", refuse("ja", list)), httpd.ErrRefused) {
		t.Error("the API does not know it")
	}
}
