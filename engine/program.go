package engine

import (
	"fmt"
	"time"
)

// Program is a compiled workspace: rules, indexed by what can make them true.
// It is immutable after NewProgram and safe to share between goroutines.
type Program struct {
	spec       *Spec
	digest     string
	revision   uint32
	foldDigest uint64
	rulings    *Rulings

	keys        []keyPlan
	slotOf      map[Key]int
	events      map[string]*eventPlan
	wire        map[string]string // exact wire name of an event → declared name
	attrs       map[string]int    // declared or exact wire name → Spec.Attrs
	account     *accountPlan      // nil: leads share nothing
	identifiers []int             // Spec.Attrs that identify leads, the key first
	zoneAt      int               // Spec.Attrs index of "timezone", -1 when there is none
	scores      []scorePlan
	score       map[string]int
	segment     map[string]*rule
	stage       map[string]int
	stages      []stagePlan
	tossUps     []tossUpPlan
	tossUp      map[string]int
	policy      map[string]*policyPlan
	channel     map[string]*ChannelSpec
	flows       []flowPlan
	flow        map[string]int
	acting      []actingSegment
	experiments []*ExperimentSpec
	funnels     []funnelPlan
	consent     map[string]int
	granted     []*rule         // by consent
	confirming  []*rule         // by consent: which askings are to be confirmed
	windows     map[string]Span // channel → longest window a rule or cap asks for

	fixed          []int               // scores that are stored functions of the attributes
	kindOf         map[string]string   // channel → step kind
	addresses      map[string][]string // step kind → attributes that hold its addresses
	hits           bool                // some event is judged
	foldsFirstSeen bool                // some fold reads when the lead was first seen
	flips          bool                // time alone can make some rule act
	segmentFlips   []*flipPlan         // by acting; nil: its membership does not change by time alone
	reach          []reachPlan         // channels of which a figure asks whom they reach
	labelled       bool                // some figure is told apart by what is known of the lead
	origins        bool                // something asks where leads come from
	shows          bool                // some step shows something on the site

	own      int            // of flows: the program's own; behind them Spec.Elders
	elder    map[string]int // workflow → index of its elder; nil where the program is no canary's
	canary   *Program       // decides about the leads of the arm; nil: nothing is tried
	terms    Canary
	salt     [32]byte  // hash of terms.Salt
	scope    *armScope // in which arm leads count; nil: nothing is tried
	promoted []uint32  // revisions of canaries that were promoted
}

// NewProgram compiles a spec. It refuses what does not hold together, though the
// language has checked it before: a Program never fails at run time. Revision is
// the number under which decisions name it.
func NewProgram(spec *Spec, digest string, revision uint32) (*Program, error) {
	p := &Program{
		spec: spec, digest: digest, revision: revision,
		slotOf: map[Key]int{}, events: map[string]*eventPlan{}, wire: map[string]string{},
		attrs: map[string]int{}, score: map[string]int{}, segment: map[string]*rule{},
		stage: map[string]int{}, tossUp: map[string]int{}, policy: map[string]*policyPlan{},
		channel: map[string]*ChannelSpec{}, flow: map[string]int{}, consent: map[string]int{},
		windows: map[string]Span{}, zoneAt: -1,
	}
	if spec.Zone == nil {
		spec.Zone = time.UTC
	}
	for _, build := range []func() error{
		p.buildAttrs, p.buildAccount, p.buildEvents, p.buildConsents, p.buildScores, p.buildSegments,
		p.buildStages, p.buildChannels, p.buildTossUps, p.buildFlows, p.buildKPIs, p.buildFunnels, p.bindContents,
		p.buildWindows, p.planAccount, p.planOrigins, p.planFolds, p.planMembers, p.planFlips, p.planReach,
	} {
		if err := build(); err != nil {
			return nil, err
		}
	}
	p.foldDigest = foldDigest(p)
	return p, nil
}

// Spec is what the program was compiled from. It must not be changed.
func (p *Program) Spec() *Spec { return p.spec }

// Digest names the program's meaning.
func (p *Program) Digest() string { return p.digest }

// Revision is the number under which decisions name the program.
func (p *Program) Revision() uint32 { return p.revision }

// WithRevision is the same program under another number.
func (p *Program) WithRevision(n uint32) *Program {
	q := *p
	q.revision = n
	return &q
}

// slot gives a key its place in every Frame.
func (p *Program) slot(k Key) int {
	if s, ok := p.slotOf[k]; ok {
		return s
	}
	s := len(p.keys)
	p.slotOf[k] = s
	p.keys = append(p.keys, p.planKey(k))
	return s
}

func (p *Program) planKey(k Key) keyPlan {
	plan := keyPlan{key: k, name: k.String(), index: -1}
	var table map[string]int
	switch k.Kind {
	case KeyLead:
		table = p.attrs
	case KeyScore:
		table = p.score
	case KeyConsent:
		table = p.consent
	case KeyAccount:
		if p.account != nil {
			table = p.account.attrs
		}
	}
	if i, ok := table[k.Name]; ok {
		plan.index = i
	}
	return plan
}

func (p *Program) rule(conds []Cond, subject string) *rule {
	if len(conds) == 0 {
		return nil
	}
	r := &rule{list: conds, subject: subject}
	seen := map[int]bool{}
	for _, c := range conds {
		for _, k := range c.Reads() {
			if s := p.slot(k); !seen[s] {
				seen[s] = true
				r.slots = append(r.slots, s)
			}
			r.timed = r.timed || k.MovesWithTime()
		}
	}
	return r
}

func (p *Program) slots(e Expr) []int {
	var slots []int
	for _, k := range e.Reads() {
		slots = append(slots, p.slot(k))
	}
	return slots
}

// event is the plan of a declared event; one that nothing declares but that the
// engine itself brings gets an empty plan.
func (p *Program) event(name string) *eventPlan {
	plan := p.events[name]
	if plan == nil {
		plan = &eventPlan{name: name, counter: "event:" + name}
		p.events[name] = plan
	}
	return plan
}

func (p *Program) known(what, name string) error {
	if p.events[name] == nil {
		return fmt.Errorf("%s names the event %q, which nothing declares", what, name)
	}
	return nil
}

func unique(index map[string]int, what, name string, at int) error {
	if _, ok := index[name]; ok {
		return fmt.Errorf("%s %q is declared twice", what, name)
	}
	index[name] = at
	return nil
}

func (p *Program) buildAttrs() error {
	for i := range p.spec.Attrs {
		a := &p.spec.Attrs[i]
		if err := unique(p.attrs, "attribute", a.Name, i); err != nil {
			return err
		}
		if a.Name == "timezone" && a.Kind == Text {
			p.zoneAt = i
		}
	}
	for i := range p.spec.Attrs {
		if w := p.spec.Attrs[i].Wire; w != "" {
			p.attrs[w] = i
		}
	}
	p.planIdentifiers()
	return nil
}

// Engine events: what the engine itself brings, declared or not.
var engineEvents = []string{
	"toss_up_offered", "toss_up_accepted", "toss_up_rejected", "toss_up_expired",
	"toss_up_reminded", "toss_up_escalated", "toss_up_doubted",
	"stage_changed", "message_skipped", "email_sent", "email_delivered", "unsubscribed", "unsubscribe_undone", attributesSet,
}

func (p *Program) buildEvents() error {
	for i := range p.spec.Events {
		s := &p.spec.Events[i]
		if p.events[s.Name] != nil {
			return fmt.Errorf("event %q is declared twice", s.Name)
		}
		plan := p.event(s.Name)
		plan.fields, plan.from = s.Fields, s.From
		if s.Wire != "" {
			p.wire[s.Wire] = s.Name
		}
	}
	for _, name := range engineEvents {
		p.event(name)
	}
	if i, ok := p.attrs["unsubscribed"]; ok && p.spec.Attrs[i].Kind == Flag {
		p.event("unsubscribed").flagName = "unsubscribed"
	}
	for i := range p.spec.Events {
		s := &p.spec.Events[i]
		plan := p.events[s.Name]
		plan.when = p.rule(s.When, "event."+s.Name)
		if s.From == "" {
			continue
		}
		if err := p.known("event "+s.Name, s.From); err != nil {
			return err
		}
		p.events[s.From].moments = append(p.events[s.From].moments, s.Name)
		if len(plan.fields) == 0 {
			plan.fields = p.events[s.From].fields
		}
	}
	return nil
}

func (p *Program) buildConsents() error {
	for i := range p.spec.Consents {
		c := &p.spec.Consents[i]
		if err := unique(p.consent, "consent", c.Name, i); err != nil {
			return err
		}
		if err := p.known("consent "+c.Name, c.Granted); err != nil {
			return err
		}
		p.granted = append(p.granted, p.rule(c.When, "consent."+c.Name))
		p.confirming = append(p.confirming, nil)
		if c.Confirm != nil {
			p.confirming[i] = p.rule(c.Confirm.When, "consent."+c.Name+".confirm")
			p.events[c.Granted].asks = true
			p.event(ConfirmedEvent).confirms = true
		}
		p.events[c.Granted].grants = append(p.events[c.Granted].grants, i)
		if c.Revoked == "" {
			continue
		}
		if err := p.known("consent "+c.Name, c.Revoked); err != nil {
			return err
		}
		p.events[c.Revoked].revokes = append(p.events[c.Revoked].revokes, i)
	}
	return nil
}

func (p *Program) buildScores() error {
	for i := range p.spec.Scores {
		if err := unique(p.score, "score", p.spec.Scores[i].Name, i); err != nil {
			return err
		}
	}
	for i := range p.spec.Scores {
		s := &p.spec.Scores[i]
		plan := scorePlan{spec: s, fixed: true}
		for j := range s.Rules {
			r := &s.Rules[j]
			rp := scoreRulePlan{spec: r, when: p.rule(r.When, "score."+s.Name+"."+r.Name), name: s.Name + "." + r.Name}
			if r.Amount != nil {
				rp.amount = p.slots(r.Amount)
			}
			if r.On != "" {
				if err := p.known("score "+rp.name, r.On); err != nil {
					return err
				}
				plan.fixed = false
				p.events[r.On].pays = append(p.events[r.On].pays, payRef{i, j})
			}
			plan.rules = append(plan.rules, rp)
		}
		p.scores = append(p.scores, plan)
	}
	return nil
}

func (p *Program) buildSegments() error {
	for i := range p.spec.Segments {
		s := &p.spec.Segments[i]
		if p.segment[s.Name] != nil {
			return fmt.Errorf("segment %q is declared twice", s.Name)
		}
		r := p.rule(s.When, "segment."+s.Name)
		if r == nil {
			return fmt.Errorf("segment %q has no condition", s.Name)
		}
		p.segment[s.Name] = r
	}
	return p.checkSegmentCycles()
}

// checkSegmentCycles refuses a segment that reads itself: it would be read for
// ever.
func (p *Program) checkSegmentCycles() error {
	state := map[string]int{} // 1 under way, 2 done
	var walk func(name string) error
	walk = func(name string) error {
		if state[name] == 1 {
			return fmt.Errorf("segment %q depends on itself", name)
		}
		if state[name] == 2 {
			return nil
		}
		state[name] = 1
		r := p.segment[name]
		if r == nil {
			return fmt.Errorf("segment %q is not declared", name)
		}
		for _, s := range r.slots {
			if k := p.keys[s].key; k.Kind == KeySegment {
				if err := walk(k.Name); err != nil {
					return err
				}
			}
		}
		state[name] = 2
		return nil
	}
	for i := range p.spec.Segments {
		if err := walk(p.spec.Segments[i].Name); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) buildStages() error {
	for i := range p.spec.Stages {
		if err := unique(p.stage, "stage", p.spec.Stages[i].Name, i); err != nil {
			return err
		}
	}
	for i := range p.spec.Stages {
		s := &p.spec.Stages[i]
		p.stages = append(p.stages, stagePlan{spec: s, enter: p.rule(s.Enter, "stage."+s.Name), leave: p.rule(s.Leave, "stage."+s.Name)})
		if s.LeaveTo != "" {
			if _, ok := p.stage[s.LeaveTo]; !ok {
				return fmt.Errorf("stage %q leaves to %q, which is not declared", s.Name, s.LeaveTo)
			}
		}
		if s.On == "" {
			continue
		}
		if err := p.known("stage "+s.Name, s.On); err != nil {
			return err
		}
		p.events[s.On].stageOn = append(p.events[s.On].stageOn, i)
	}
	return nil
}

func (p *Program) buildChannels() error {
	for i := range p.spec.Channels {
		c := &p.spec.Channels[i]
		if p.channel[c.Name] != nil {
			return fmt.Errorf("channel %q is declared twice", c.Name)
		}
		p.channel[c.Name] = c
	}
	for i := range p.spec.Policies {
		s := &p.spec.Policies[i]
		if p.policy[s.Name] != nil {
			return fmt.Errorf("contact_policy %q is declared twice", s.Name)
		}
		if s.Requires != "" {
			if _, ok := p.consent[s.Requires]; !ok {
				return fmt.Errorf("contact_policy %q requires %q, which is no consent", s.Name, s.Requires)
			}
		}
		for _, cap := range s.Caps {
			if p.channel[cap.Channel] == nil {
				return fmt.Errorf("contact_policy %q caps %q, which is no channel", s.Name, cap.Channel)
			}
			p.windows[cap.Channel] = max(p.windows[cap.Channel], cap.Per)
		}
		p.policy[s.Name] = &policyPlan{s, p.rule(s.Allowed, "contact_policy."+s.Name)}
	}
	return nil
}

func (p *Program) buildTossUps() error {
	for i := range p.spec.TossUps {
		s := &p.spec.TossUps[i]
		if err := unique(p.tossUp, "toss_up", s.Name, i); err != nil {
			return err
		}
		plan := tossUpPlan{spec: s, when: p.rule(s.When, "toss_up."+s.Name)}
		p.planTossUp(&plan)
		p.tossUps = append(p.tossUps, plan)
		if s.On != "" {
			if err := p.known("toss_up "+s.Name, s.On); err != nil {
				return err
			}
			p.events[s.On].tossUps = append(p.events[s.On].tossUps, i)
		}
		if err := p.checkTossUp(s, i); err != nil {
			return err
		}
	}
	return nil
}

func (p *Program) checkTossUp(s *TossUpSpec, i int) error {
	if s.On == "" && len(s.When) == 0 {
		return fmt.Errorf("toss_up %q has neither on nor when", s.Name)
	}
	stages := []string{s.From, s.To}
	if s.Answer != nil {
		stages = append(stages, s.Answer.Recycle)
		for name, state := range map[string]OfferState{s.Answer.Accepted: OfferAccepted, s.Answer.Rejected: OfferRejected} {
			if name == "" {
				continue
			}
			if err := p.known("toss_up "+s.Name, name); err != nil {
				return err
			}
			p.events[name].answers = append(p.events[name].answers, answerRef{i, state})
		}
		for _, r := range s.Answer.Reasons {
			stages = append(stages, r.Recycle)
		}
		for _, n := range s.Answer.Notices {
			if n.Channel != "" && p.channel[n.Channel] == nil {
				return fmt.Errorf("toss_up %q sends a notice through %q, which is no channel", s.Name, n.Channel)
			}
		}
	}
	if err := p.checkOutcomes(s, i); err != nil {
		return err
	}
	for _, stage := range stages {
		if _, ok := p.stage[stage]; stage != "" && !ok {
			return fmt.Errorf("toss_up %q names the stage %q, which is not declared", s.Name, stage)
		}
	}
	if s.HandOver != nil && p.channel[s.HandOver.Channel] == nil {
		return fmt.Errorf("toss_up %q hands over through %q, which is no channel", s.Name, s.HandOver.Channel)
	}
	return nil
}

func (p *Program) buildKPIs() error {
	for i := range p.spec.KPIs {
		k := &p.spec.KPIs[i]
		for _, name := range k.By {
			_, known := p.attrs[name]
			p.labelled = p.labelled || known
		}
		for _, ref := range []struct {
			event string
			part  kpiPart
		}{{k.Count, kpiCount}, {k.Rate, kpiRate}, {k.Of, kpiOf}} {
			if ref.event == "" {
				continue
			}
			if err := p.known("kpi "+k.Name, ref.event); err != nil {
				return err
			}
			plan := p.events[ref.event]
			plan.kpis = append(plan.kpis, kpiRef{i, ref.part})
		}
	}
	return nil
}

// bindContents gives slots to what messages read, so that Render finds them.
func (p *Program) bindContents() error {
	for i := range p.spec.TossUps {
		if h := p.spec.TossUps[i].HandOver; h != nil {
			if h.Content != nil {
				p.slots(h.Content)
			}
			if h.Owner != nil {
				p.slots(h.Owner)
			}
		}
		p.bindTossUp(&p.spec.TossUps[i])
	}
	for i := range p.spec.Consents {
		if c := p.spec.Consents[i].Confirm; c != nil && c.Send != nil {
			p.bindSend(c.Send)
		}
	}
	p.eachStep(func(step *StepSpec) {
		if step.Send != nil {
			p.bindSend(step.Send)
		}
		if step.Show != nil {
			p.slots(step.Show.Content)
		}
	})
	return nil
}

// eachStep visits the steps of all workflows, of elders too.
func (p *Program) eachStep(visit func(*StepSpec)) {
	for _, flows := range [...][]FlowSpec{p.spec.Flows, p.spec.Elders} {
		for i := range flows {
			for j := range flows[i].Steps {
				visit(&flows[i].Steps[j])
			}
		}
	}
}

func (p *Program) bindSend(s *SendSpec) {
	if s.Content != nil {
		p.slots(s.Content)
	}
	if s.Experiment == nil {
		return
	}
	for i := range s.Experiment.Variants {
		if c := s.Experiment.Variants[i].Content; c != nil {
			p.slots(c)
		}
	}
}

// buildWindows finds, for every event and channel that some rule counts, the
// longest window asked for. Only those are kept with a lead.
func (p *Program) buildWindows() error {
	for _, k := range p.spec.Asked {
		p.slot(k)
	}
	for i := range p.keys {
		k := p.keys[i].key
		p.keys[i] = p.planKey(k) // now that everything it may name is known
		switch k.Kind {
		case KeyTimes, KeySince, KeyAccountTimes, KeyAccountSince:
			plan := p.event(k.Name)
			plan.counted = true
			plan.window = max(plan.window, k.Window)
		case KeySent:
			p.windows[k.Name] = max(p.windows[k.Name], k.Window)
		}
	}
	return nil
}
