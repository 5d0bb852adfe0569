package dsl

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
)

// Composition is what the leads that try a change are decided by: the workflows and
// toss-ups of the changed rules, compiled as they are, and everything else from the
// running ones. Scores, segments, policies and the like are promises to everybody, so
// they change for everybody at one time, when the change is promoted. What only the
// changed rules have is added, so that their workflows find it.
type Composition struct {
	Spec     *engine.Spec
	Digest   string
	Channels []Channel // of the running rules, and those that only the changed ones have
}

// Obstacle is a reason why two sets of rules cannot be tried side by side.
type Obstacle struct {
	Where string // "lead.employees", "toss_up.hot"
	Why   Doc
}

// In is the obstacle as a sentence in a language.
func (o Obstacle) In(language string) string { return o.Where + ": " + o.Why.In(language) }

// Compose makes the composition of the running rules with changed ones. Where there
// are obstacles it is nil: the change can only be mended, or go live for everybody.
func Compose(running, changed *Workspace) (*Composition, []Obstacle) {
	c := &composer{old: running.Spec, new: changed.Spec}
	spec := *running.Spec
	spec.Flows, spec.TossUps = changed.Spec.Flows, changed.Spec.TossUps
	spec.Elders = running.Spec.Flows
	spec.Rollout = changed.Spec.Rollout
	spec.Attrs = c.attrs("lead.", running.Spec.Attrs, changed.Spec.Attrs)
	spec.Account = c.account()
	spec.Events = c.events()
	spec.Consents = added(running.Spec.Consents, changed.Spec.Consents, func(s engine.ConsentSpec) string { return s.Name })
	spec.Scores = added(running.Spec.Scores, changed.Spec.Scores, func(s engine.ScoreSpec) string { return s.Name })
	spec.Segments = added(running.Spec.Segments, changed.Spec.Segments, func(s engine.SegmentSpec) string { return s.Name })
	spec.Policies = added(running.Spec.Policies, changed.Spec.Policies, func(s engine.PolicySpec) string { return s.Name })
	spec.Channels = c.channels()
	spec.KPIs = c.figures()
	spec.Asked = slices.Concat(running.Spec.Asked, changed.Spec.Asked)
	c.stages()
	if len(c.obstacles) > 0 {
		return nil, c.obstacles
	}
	out := &Composition{
		Spec: &spec, Digest: CompositionDigest(running.Digest, changed.Digest),
		Channels: added(running.Channels, changed.Channels, func(s Channel) string { return s.Name }),
	}
	if _, err := engine.NewProgram(&spec, out.Digest, 0); err != nil {
		return nil, []Obstacle{{"rules", Doc{
			fmt.Sprintf("the changed workflows do not hold together with the rest of the running rules (%v)", err),
			fmt.Sprintf("変更後のワークフローが、今のルールの残りと組み合わせられません（%v）", err),
		}}}
	}
	return out, nil
}

// CompositionDigest names the meaning of a composition.
func CompositionDigest(running, changed string) string {
	sum := sha256.Sum256([]byte("nurture composition 1\n" + running + "\n" + changed))
	return hex.EncodeToString(sum[:])
}

// added is a list with what only another has, in order of name where it was.
func added[T any](old, new []T, name func(T) string) []T {
	out := slices.Clone(old)
	for _, n := range new {
		if !slices.ContainsFunc(old, func(o T) bool { return name(o) == name(n) }) {
			out = append(out, n)
		}
	}
	return out
}

// composer collects what stands in the way.
type composer struct {
	old, new  *engine.Spec
	obstacles []Obstacle
}

func (c *composer) refuse(where, en, ja string) {
	c.obstacles = append(c.obstacles, Obstacle{where, Doc{en, ja}})
}

// attrs are the running attributes with the new ones behind them. An attribute of
// both must be of one kind; of its choices there are all.
func (c *composer) attrs(space string, old, new []engine.AttrSpec) []engine.AttrSpec {
	out := added(old, new, func(s engine.AttrSpec) string { return s.Name })
	for _, n := range new {
		i := slices.IndexFunc(old, func(o engine.AttrSpec) bool { return o.Name == n.Name })
		if i < 0 {
			continue
		}
		if o := &old[i]; o.Kind != n.Kind {
			c.refuse(space+n.Name,
				fmt.Sprintf("is a %s in the running rules and a %s in the changed ones", o.Kind, n.Kind),
				fmt.Sprintf("型が変わっています（今は %s、変更後は %s）", o.Kind, n.Kind))
			continue
		}
		if len(old[i].Choices) == 0 {
			continue
		}
		out[i].Choices = added(old[i].Choices, n.Choices, func(s string) string { return s })
	}
	return out
}

// account is the running one. A lead is of an account or is not, whatever it tries.
func (c *composer) account() *engine.AccountSpec {
	old, new := c.old.Account, c.new.Account
	switch {
	case new == nil:
		return old
	case old == nil || old.Key != new.Key:
		c.refuse("account", "the changed rules put leads into accounts by another key", "アカウントの分け方（key）が変わっています")
		return old
	}
	return &engine.AccountSpec{Key: old.Key, Attrs: c.attrs("account.", old.Attrs, new.Attrs)}
}

func (c *composer) events() []engine.EventSpec {
	out := added(c.old.Events, c.new.Events, func(s engine.EventSpec) string { return s.Name })
	for _, n := range c.new.Events {
		i := slices.IndexFunc(c.old.Events, func(o engine.EventSpec) bool { return o.Name == n.Name })
		if i < 0 {
			continue
		}
		if c.old.Events[i].From != n.From {
			c.refuse("event."+n.Name, "narrows another event in the changed rules", "もとになるイベント（from）が変わっています")
			continue
		}
		out[i].Fields = c.attrs("event."+n.Name+".", c.old.Events[i].Fields, n.Fields)
	}
	return out
}

// channels are the running ones with the new ones behind them. What a message is
// made of follows from the plugin.
func (c *composer) channels() []engine.ChannelSpec {
	for _, n := range c.new.Channels {
		for _, o := range c.old.Channels {
			if o.Name == n.Name && o.Plugin != n.Plugin {
				c.refuse("channel."+n.Name,
					fmt.Sprintf("is of the plugin %s in the running rules and of %s in the changed ones", o.Plugin, n.Plugin),
					fmt.Sprintf("プラグインが変わっています（今は %s、変更後は %s）", o.Plugin, n.Plugin))
			}
		}
	}
	return added(c.old.Channels, c.new.Channels, func(s engine.ChannelSpec) string { return s.Name })
}

// figures are the running ones, and those that only the changed rules have without
// what these would do about them: that begins with the promotion.
func (c *composer) figures() []engine.KPISpec {
	out := added(c.old.KPIs, c.new.KPIs, func(s engine.KPISpec) string { return s.Name })
	for i := len(c.old.KPIs); i < len(out); i++ {
		out[i].Thresholds = nil
	}
	if c.new.Rollout == nil {
		return out
	}
	for i := range c.new.Rollout.Guards {
		name := c.new.Rollout.Guards[i].KPI
		at := func(list []engine.KPISpec) int {
			return slices.IndexFunc(list, func(k engine.KPISpec) bool { return k.Name == name })
		}
		o, n := at(c.old.KPIs), at(c.new.KPIs)
		if o < 0 {
			c.refuse("kpi."+name, "guards the rollout, and is new: there is nothing yet that it would be counted by", "ロールアウトを見張る指標が新しく、今のルールではまだ数えていません")
			continue
		}
		if n >= 0 && figureForm(&c.old.KPIs[o]) != figureForm(&c.new.KPIs[n]) {
			c.refuse("kpi."+name,
				"guards the rollout, and is "+figureForm(&c.old.KPIs[o])+" in the running rules and "+figureForm(&c.new.KPIs[n])+" in the changed ones",
				"ロールアウトを見張る指標の形が変わっています（今は "+figureForm(&c.old.KPIs[o])+"、変更後は "+figureForm(&c.new.KPIs[n])+"）")
		}
	}
	return out
}

// figureForm says of which of the three forms a figure is.
func figureForm(k *engine.KPISpec) string {
	switch {
	case k.Value != nil:
		return "value"
	case k.Rate != "":
		return "rate"
	}
	return "count"
}

// stages sees that no toss-up moves a lead to where the running rules know no way
// on: a stage is an act, and would stay when the change is taken back.
func (c *composer) stages() {
	known := map[string]bool{"": true}
	for i := range c.old.Stages {
		known[c.old.Stages[i].Name] = true
	}
	for i := range c.new.TossUps {
		t := &c.new.TossUps[i]
		named := []string{t.From, t.To}
		if t.Answer != nil {
			named = append(named, t.Answer.Recycle)
			for j := range t.Answer.Reasons {
				named = append(named, t.Answer.Reasons[j].Recycle)
			}
		}
		for _, stage := range named {
			if known[stage] {
				continue
			}
			known[stage] = true
			c.refuse("toss_up."+t.Name,
				fmt.Sprintf("names stage.%s, which the running rules do not have; a lead could not come back from there", stage),
				fmt.Sprintf("今のルールにない stage.%s を使っていて、元に戻すときリードを戻せません", stage))
		}
	}
}
