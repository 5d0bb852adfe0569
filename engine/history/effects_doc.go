package history

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// Effects is what a change of rules would do to the leads that there are.
type Effects struct {
	Leads     int          `json:"leads"`
	Workflows []FlowEffect `json:"workflows"` // with leads inside
	Steps     []StepEffect `json:"steps"`     // changed or removed, with leads on them
	Arms      []ArmEffect  `json:"arms"`
	Sends     []SendEffect `json:"sends"` // in the time ahead
	Caps      []CapEffect  `json:"caps"`
	Scores    []FlipEffect `json:"scores"`   // Up and Down: higher and lower than before
	Segments  []FlipEffect `json:"segments"` // Up and Down: joins and leaves
	TossUps   []AtOnce     `json:"tossUps"`  // that would be made at once
	Enters    []AtOnce     `json:"enters"`   // leads that would enter at once
	Stages    []MoveEffect `json:"stages"`   // moves that would happen at once
	Faults    int          `json:"faults"`   // conditions that could not be evaluated
}

// FlowEffect is where the leads inside a workflow go.
type FlowEffect struct {
	Name   string `json:"name"`
	Inside int    `json:"inside"`
	Keep   int    `json:"keep"`
	Move   int    `json:"move"`
	Leave  int    `json:"leave"` // by an exit that has come true
	Lost   int    `json:"lost"`  // their step is gone, and nothing says where they go
}

// StepEffect is a step that was changed or removed while leads stand on it.
type StepEffect struct {
	Workflow string       `json:"workflow"`
	Step     string       `json:"step"`
	Standing int          `json:"standing"`
	Moves    []MoveEffect `json:"moves,omitempty"` // where they go, if not on
	Lost     int          `json:"lost,omitempty"`
	Sample   []string     `json:"sample,omitempty"` // ids of some who would be lost
	// Of a wait: who goes on when it was said, earlier and later.
	WaitKept    int `json:"waitKept,omitempty"`
	WaitEarlier int `json:"waitEarlier,omitempty"`
	WaitLater   int `json:"waitLater,omitempty"`
}

// MoveEffect counts leads from somewhere to somewhere.
type MoveEffect struct {
	From string `json:"from,omitempty"`
	To   string `json:"to"`
	N    int    `json:"leads"`
}

// ArmEffect is an experiment or split whose arms would be others.
type ArmEffect struct {
	Name   string `json:"name"`
	Leads  int    `json:"leads"`
	Switch int    `json:"switch"`
}

// SendEffect is how many messages go in the time ahead, before and after.
type SendEffect struct {
	Channel string `json:"channel"`
	Cause   string `json:"cause"` // "workflow/step", "toss_up.NAME"
	Before  int    `json:"before"`
	After   int    `json:"after"`
}

// CapEffect is a cap that is closer than it was: Over are the leads whose next
// message it keeps back.
type CapEffect struct {
	Policy  string `json:"policy"`
	Channel string `json:"channel"`
	Over    int    `json:"over"`
}

// FlipEffect counts two directions.
type FlipEffect struct {
	Name string `json:"name"`
	Up   int    `json:"up"`
	Down int    `json:"down"`
}

// AtOnce counts what would happen the moment the rules are loaded.
type AtOnce struct {
	Name   string   `json:"name"`
	N      int      `json:"leads"`
	Sample []string `json:"sample,omitempty"` // ids of some of them
}

// effectKey names one thing that is counted.
type effectKey struct{ kind, name, detail string }

// maxSample bounds the leads that are named of one effect.
const maxSample = 10

// counted is what a worker has counted.
type counted struct {
	leads   int
	faults  int
	n       map[effectKey]int
	samples map[effectKey][]string
}

func newCounted() *counted {
	return &counted{n: map[effectKey]int{}, samples: map[effectKey][]string{}}
}

// sample counts a lead and remembers the first few.
func (c *counted) sample(k effectKey, l *engine.Lead) {
	c.n[k]++
	if len(c.samples[k]) < maxSample {
		c.samples[k] = append(c.samples[k], l.ID.String())
	}
}

func (c *counted) add(other *counted) {
	c.leads += other.leads
	c.faults += other.faults
	for k, n := range other.n {
		c.n[k] += n
	}
	for k, list := range other.samples {
		all := append(c.samples[k], list...)
		slices.Sort(all)
		c.samples[k] = all[:min(len(all), maxSample)]
	}
}

// keys are the things of a kind, in order of their names.
func (c *counted) keys(kind string) []effectKey {
	list := slices.DeleteFunc(slices.Collect(maps.Keys(c.n)), func(k effectKey) bool { return k.kind != kind })
	slices.SortFunc(list, func(a, b effectKey) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.detail, b.detail))
	})
	return list
}

func (c *counted) effects(o *EffectsOptions) *Effects {
	e := &Effects{
		Leads: c.leads, Faults: c.faults, Workflows: []FlowEffect{}, Steps: []StepEffect{}, Arms: []ArmEffect{}, Sends: []SendEffect{},
		Caps: []CapEffect{}, Scores: c.flips("score_up", "score_down"), Segments: c.flips("joins", "parts"),
		TossUps: c.atOnce("toss_up"), Enters: c.atOnce("enter"), Stages: []MoveEffect{},
	}
	for _, k := range c.keys("inside") {
		f := FlowEffect{Name: k.name, Inside: c.n[k], Keep: c.n[effectKey{"keep", k.name, ""}]}
		f.Move, f.Leave, f.Lost = c.of("move", k.name), c.of("leave", k.name), c.of("lost", k.name)
		e.Workflows = append(e.Workflows, f)
	}
	for _, k := range c.keys("arm") {
		e.Arms = append(e.Arms, ArmEffect{k.name, c.n[effectKey{"arm_all", k.name, ""}], c.n[k]})
	}
	for _, k := range c.keys("cap") {
		e.Caps = append(e.Caps, CapEffect{k.name, k.detail, c.n[k]})
	}
	for _, k := range c.keys("stage") {
		e.Stages = append(e.Stages, MoveEffect{k.name, k.detail, c.n[k]})
	}
	e.Steps, e.Sends = c.steps(), c.sends()
	return e
}

// of sums what is counted of one name.
func (c *counted) of(kind, name string) int {
	sum := 0
	for k, n := range c.n {
		if k.kind == kind && k.name == name {
			sum += n
		}
	}
	return sum
}

func (c *counted) flips(up, down string) []FlipEffect {
	list := []FlipEffect{}
	for _, k := range append(c.keys(up), c.keys(down)...) {
		if !slices.ContainsFunc(list, func(f FlipEffect) bool { return f.Name == k.name }) {
			list = append(list, FlipEffect{k.name, c.n[effectKey{up, k.name, ""}], c.n[effectKey{down, k.name, ""}]})
		}
	}
	return list
}

func (c *counted) atOnce(kind string) []AtOnce {
	list := []AtOnce{}
	for _, k := range c.keys(kind) {
		list = append(list, AtOnce{k.name, c.n[k], c.samples[k]})
	}
	return list
}

// steps gathers what is known of each step that was changed, is gone, or from which
// somebody goes elsewhere than before.
func (c *counted) steps() []StepEffect {
	list := []StepEffect{}
	at := func(flow, step string) *StepEffect {
		for i := range list {
			if list[i].Workflow == flow && list[i].Step == step {
				return &list[i]
			}
		}
		list = append(list, StepEffect{Workflow: flow, Step: step})
		return &list[len(list)-1]
	}
	for _, k := range c.keys("standing") {
		at(k.name, k.detail).Standing = c.n[k]
	}
	for _, kind := range [...]string{"move", "leave"} {
		for _, k := range c.keys(kind) {
			from, to, _ := strings.Cut(k.detail, "\x00")
			s := at(k.name, from)
			s.Moves = append(s.Moves, MoveEffect{To: to, N: c.n[k]})
		}
	}
	for _, k := range c.keys("lost") {
		s := at(k.name, k.detail)
		s.Lost, s.Sample = c.n[k], c.samples[k]
	}
	for _, k := range c.keys("wait_kept") {
		at(k.name, k.detail).WaitKept = c.n[k]
	}
	for _, k := range c.keys("wait_earlier") {
		at(k.name, k.detail).WaitEarlier = c.n[k]
	}
	for _, k := range c.keys("wait_later") {
		at(k.name, k.detail).WaitLater = c.n[k]
	}
	for i := range list {
		if s := &list[i]; s.Standing == 0 {
			s.Standing = s.Lost + s.WaitKept + s.WaitEarlier + s.WaitLater
			for _, m := range s.Moves {
				s.Standing += m.N
			}
		}
	}
	return list
}

func (c *counted) sends() []SendEffect {
	list := []SendEffect{}
	for _, k := range append(c.keys("send_new"), c.keys("send_old")...) {
		channel, cause, _ := strings.Cut(k.name, " ")
		if !slices.ContainsFunc(list, func(s SendEffect) bool { return s.Channel == channel && s.Cause == cause }) {
			list = append(list, SendEffect{channel, cause, c.n[effectKey{"send_old", k.name, ""}], c.n[effectKey{"send_new", k.name, ""}]})
		}
	}
	slices.SortFunc(list, func(a, b SendEffect) int {
		return cmp.Or(strings.Compare(a.Channel, b.Channel), strings.Compare(a.Cause, b.Cause))
	})
	return list
}
