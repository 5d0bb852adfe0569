package httpd

import (
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// PlanDoc is what a change of rules would do, before it is live.
type PlanDoc struct {
	Running  PlanSide         `json:"running"`
	Proposed PlanSide         `json:"proposed"`
	At       time.Time        `json:"at" doc:"When the leads were looked at."`
	Changes  []history.Change `json:"changes" doc:"What is changed, in meaning: comments, order and form are no change."`
	Add      int              `json:"add"`
	Change   int              `json:"change"`
	Remove   int              `json:"remove"`
	Effects  *history.Effects `json:"effects,omitempty" doc:"What it does to the leads that there are."`
	Replay   *PlanReplay      `json:"replay,omitempty" doc:"The same recorded time under both rules."`
	Rollout  *PlanRollout     `json:"rollout,omitempty" doc:"How it would go live step by step; absent: at once."`
	Refused  []string         `json:"refused,omitempty" doc:"Why it cannot be applied as it is."`
	Seconds  float64          `json:"seconds"`
}

// PlanSide is one of the two sets of rules.
type PlanSide struct {
	Revision uint32     `json:"revision,omitempty"`
	Digest   string     `json:"digest"`
	At       *time.Time `json:"at,omitempty" doc:"Since when it has been running."`
	Files    int        `json:"files,omitempty" doc:"Files that are not the same."`
}

// PlanReplay is a plan's replay: the running rules first, then the proposed ones.
type PlanReplay struct {
	Days float64 `json:"days"`
	ReplayDoc
}

// PlanAsk is what a plan is made of. All but Replay and what follows it are
// required.
type PlanAsk struct {
	Rows     history.Rows
	Running  *engine.Program
	Since    engine.Time // of Running; 0: not known
	Sources  map[string][]byte
	Proposed *dsl.Workspace
	Now      engine.Time
	Language string

	Replay   engine.Span // 0: nothing is replayed
	End      engine.Time // of the record, where that is earlier than Now; 0: Now
	Workers  int         // 0: one a core
	Begin    func()
	Between  func()
	Stopped  func() bool
	Progress func(step string, done, of int)
}

// MakePlan finds out what a change would do.
func MakePlan(ask PlanAsk) (*PlanDoc, error) {
	spec := ask.Running.Spec()
	doc := &PlanDoc{
		Running:  PlanSide{Revision: ask.Running.Revision(), Digest: ask.Running.Digest(), At: instant(ask.Since)},
		Proposed: PlanSide{Digest: ask.Proposed.Digest, Revision: ask.Running.Revision() + 1, Files: filesApart(ask.Sources, ask.Proposed.Sources)},
		At:       ask.Now.In(time.UTC), Changes: []history.Change{},
	}
	if spec.Zone != nil && doc.Running.At != nil {
		at := doc.Running.At.In(spec.Zone)
		doc.Running.At = &at
	}
	if ask.Proposed.Digest == ask.Running.Digest() {
		doc.Proposed.Revision = ask.Running.Revision()
		return doc, nil
	}
	say := func(e engine.Expr) string { return dsl.Sentence(e, ask.Language) }
	if changes := history.Diff(spec, ask.Proposed.Spec, say); changes != nil {
		doc.Changes = changes
	}
	doc.Add, doc.Change, doc.Remove = history.Tally(doc.Changes)
	progress := func(step string) func(done, of int) {
		if ask.Progress == nil {
			return nil
		}
		return func(done, of int) { ask.Progress(step, done, of) }
	}
	effects, err := history.FindEffects(history.EffectsOptions{
		Rows: ask.Rows, Old: ask.Running, New: cloneSpec(ask.Proposed.Spec), Digest: ask.Proposed.Digest, Changes: doc.Changes, Now: ask.Now,
		Workers: ask.Workers, Begin: ask.Begin, Between: ask.Between, Stopped: ask.Stopped, Progress: progress("leads"),
	})
	if err != nil {
		return nil, err
	}
	doc.Effects = effects
	doc.refuse()
	if ask.Replay <= 0 {
		return doc, nil
	}
	begin := time.Now()
	end := ask.Now
	if ask.End != 0 {
		end = min(end, ask.End)
	}
	done, err := history.Replay(history.ReplayOptions{
		Source: history.FromRows(ask.Rows, ask.Now), From: end.Add(-ask.Replay), To: end,
		Rules:   []history.Ruleset{{Name: "running", Spec: cloneSpec(spec)}, {Name: "proposed", Spec: cloneSpec(ask.Proposed.Spec)}},
		Workers: ask.Workers, Begin: ask.Begin, Between: ask.Between, Stopped: ask.Stopped, Progress: progress("replay"),
	})
	if err != nil {
		return nil, err
	}
	doc.Replay = &PlanReplay{float64(ask.Replay) / float64(engine.Day), *NewReplayDoc(done, ask.Proposed.Spec.Zone)}
	doc.Replay.Seconds = time.Since(begin).Seconds()
	doc.Replay.Cut(20)
	return doc, nil
}

// cloneSpec is a spec that a program may own: NewProgram completes what it is given.
func cloneSpec(s *engine.Spec) *engine.Spec {
	spec := *s
	return &spec
}

// filesApart counts the files that are not the same in two sets of sources.
func filesApart(a, b map[string][]byte) int {
	n := 0
	for name, text := range b {
		if was, ok := a[name]; !ok || string(was) != string(text) {
			n++
		}
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			n++
		}
	}
	return n
}

// refuse notes why the change must not be applied as it is: leads stand on a step
// that is gone, and nothing says where they go.
func (d *PlanDoc) refuse() {
	for i := range d.Effects.Steps {
		s := &d.Effects.Steps[i]
		if s.Lost > 0 && d.hasFlow(s.Workflow) {
			d.Refused = append(d.Refused, s.Workflow+"/"+s.Step)
		}
	}
}

// hasFlow reports whether a workflow is still there: one that is removed as a whole
// lets its leads go, and says so.
func (d *PlanDoc) hasFlow(name string) bool {
	for i := range d.Changes {
		if d.Changes[i].Op == "-" && d.Changes[i].Block == "workflow."+name {
			return false
		}
	}
	return true
}

// Changed reports whether there is anything to apply.
func (d *PlanDoc) Changed() bool { return d.Running.Digest != d.Proposed.Digest }

// Moves counts the leads that go to another step.
func (d *PlanDoc) Moves() int {
	n := 0
	if d.Effects != nil {
		for i := range d.Effects.Workflows {
			n += d.Effects.Workflows[i].Move
		}
	}
	return n
}
