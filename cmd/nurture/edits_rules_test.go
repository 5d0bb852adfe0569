package main_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The rules of the edited workspace as the test itself knows them. Each block of the
// files carries what it says as a line of JSON in a comment, so that of every archived
// revision the test knows what it means without asking the program.

// stepRule is a step of a workflow.
type stepRule struct {
	Name      string
	Kind      string // wait, listen (for event.ping), send, branch
	Seconds   int    `json:",omitempty"` // of wait and listen
	Recompute bool   `json:",omitempty"`
	Removed   string `json:",omitempty"` // on_removed
	Least     int    `json:",omitempty"` // of branch: lead.size from which on a lead goes the first way
	Big       []*stepRule
	Other     []*stepRule
}

// flowRule is a workflow.
type flowRule struct {
	Name  string
	On    string // event that opens it
	Least int    // lead.size from which on leads enter
	Steps []*stepRule
	Moved map[string]string
}

// ruleBook is a whole workspace.
type ruleBook struct {
	Stamp  int // of the edit
	Points int // for an event.asked
	Hot    int // score from which on a lead is handed over
	Flows  []*flowRule
}

const editsBase = `project "edits" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  text "who" {}
  number "size" {}
}

event "alpha" {}
event "beta" {}
event "asked" {}
event "ping" {}
event "stopped" {}
event "never_comes" {}

channel "desk" {
  plugin = "webhook"
  retry  = "20 times over 24h"

  config {
    url           = env("SALES_WEBHOOK_URL")
    secret        = secret("SALES_WEBHOOK_SECRET")
    allow_private = true
  }
}
`

// modelMark begins the comment in which a block tells the test what it says.
const modelMark = "# model "

func modelLine(v any) string {
	b, _ := json.Marshal(v)
	return modelMark + string(b)
}

// blocks are the texts of the book's blocks, by name.
func (b *ruleBook) blocks() map[string]string {
	all := map[string]string{
		"base": editsBase,
		"stamp": fmt.Sprintf("score \"stamp\" {\n  %s\n  rule \"never\" {\n    on     = event.never_comes\n    points = %d\n  }\n}\n",
			modelLine(map[string]int{"Stamp": b.Stamp}), b.Stamp),
		"interest": fmt.Sprintf("score \"interest\" {\n  %s\n  rule \"asked\" {\n    on     = event.asked\n    points = %d\n  }\n}\n",
			modelLine(map[string]int{"Points": b.Points}), b.Points),
		"hot": fmt.Sprintf(`toss_up "hot" {
  %s
  when     = "score.interest >= %d"
  cooldown = "never again"

  hand_over {
    channel = channel.desk
    payload = {
      who  = "{{ lead.who ?? '' }}"
      step = "hot"
    }
  }
}
`, modelLine(map[string]int{"Hot": b.Hot}), b.Hot),
	}
	for _, f := range b.Flows {
		all["flow_"+f.Name] = f.text()
	}
	return all
}

func (f *flowRule) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "workflow %q {\n  %s\n  enter {\n    on = event.%s\n", f.Name, modelLine(f), f.On)
	if f.Least > 0 {
		fmt.Fprintf(&b, "    when = \"lead.size >= %d\"\n", f.Least)
	}
	b.WriteString("  }\n\n  exit \"stopped\" { on = event.stopped }\n\n  steps {\n")
	for _, s := range f.Steps {
		s.write(&b, f.Name, "    ")
	}
	b.WriteString("  }\n")
	for _, from := range sortedKeys(f.Moved) {
		fmt.Fprintf(&b, "\n  moved {\n    from = step.%s\n    to   = step.%s\n  }\n", from, f.Moved[from])
	}
	b.WriteString("}\n")
	return b.String()
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (s *stepRule) write(b *strings.Builder, flow, pad string) {
	line := func(format string, args ...any) { fmt.Fprintf(b, pad+format+"\n", args...) }
	word := map[string]string{"wait": "wait", "listen": "wait", "send": "webhook", "branch": "branch"}[s.Kind]
	line("%s %q {", word, s.Name)
	switch s.Kind {
	case "wait":
		line("  for = \"%ds\"", s.Seconds)
	case "listen":
		line("  on      = event.ping")
		line("  at_most = \"%ds\"", s.Seconds)
	case "send":
		line("  payload = {")
		line("    who  = \"{{ lead.who ?? '' }}\"")
		line("    step = \"%s/%s\"", flow, s.Name)
		line("    note = file(\"texts/note.txt\")")
		line("  }")
	case "branch":
		line("  case \"big\" {")
		line("    when = \"lead.size >= %d\"", s.Least)
		for _, k := range s.Big {
			k.write(b, flow, pad+"    ")
		}
		line("  }")
		line("  otherwise {")
		for _, k := range s.Other {
			k.write(b, flow, pad+"    ")
		}
		line("  }")
	}
	if s.Recompute {
		line("  on_change = \"recompute\"")
	}
	if s.Removed != "" {
		line("  on_removed = %q", s.Removed)
	}
	line("}")
}

// readBook reads what archived files say from their comments.
func readBook(sources map[string][]byte) *ruleBook {
	b := &ruleBook{}
	for name, text := range sources {
		if !strings.HasSuffix(name, ".hcl") {
			continue
		}
		for line := range strings.Lines(string(text)) {
			doc, ok := strings.CutPrefix(strings.TrimSpace(line), modelMark)
			if !ok {
				continue
			}
			if strings.HasPrefix(doc, `{"Name"`) {
				f := &flowRule{}
				_ = json.Unmarshal([]byte(doc), f)
				b.Flows = append(b.Flows, f)
				continue
			}
			_ = json.Unmarshal([]byte(doc), b)
		}
	}
	return b
}

func (b *ruleBook) clone() *ruleBook {
	text, _ := json.Marshal(b)
	c := &ruleBook{}
	_ = json.Unmarshal(text, c)
	return c
}

func (b *ruleBook) flow(name string) *flowRule {
	for _, f := range b.Flows {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// stop is a step with what follows it.
type stop struct {
	*stepRule
	next      *stop // nil: the end
	big, less *stop // first steps of a branch's ways
	removed   string
}

// stops are a workflow's steps by name, each with what follows.
func (f *flowRule) stops() map[string]*stop {
	all := map[string]*stop{}
	linkSteps(f.Steps, nil, all)
	return all
}

// linkSteps gives the first of a list of steps that go on to after.
func linkSteps(list []*stepRule, after *stop, all map[string]*stop) *stop {
	next := after
	for _, s := range slices.Backward(list) {
		one := &stop{stepRule: s, next: next, removed: s.Removed}
		if s.Removed == "next" {
			if one.removed = "exit"; next != nil {
				one.removed = next.Name
			}
		}
		one.big, one.less = linkSteps(s.Big, next, all), linkSteps(s.Other, next, all)
		all[s.Name] = one
		next = one
	}
	return next
}

// places are all lists of steps in the workflow: its own, and those of branches.
func (f *flowRule) places() []*[]*stepRule {
	lists := []*[]*stepRule{&f.Steps}
	for i := 0; i < len(lists); i++ {
		for _, s := range *lists[i] {
			if s.Kind == "branch" {
				lists = append(lists, &s.Big, &s.Other)
			}
		}
	}
	return lists
}

// retarget lets whatever moved to a step move to another.
func (f *flowRule) retarget(from, to string) {
	for k, v := range f.Moved {
		if v == from {
			f.Moved[k] = to
		}
	}
}
