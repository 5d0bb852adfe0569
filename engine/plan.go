package engine

// The plans are a Spec's nouns with everything looked up that deciding needs.

// rule is a list of conditions that must all hold, with the facts they read.
type rule struct {
	list    []Cond
	slots   []int
	timed   bool   // some fact in it moves though nothing happens
	subject string // under which a fault of it is recorded
}

type keyPlan struct {
	key   Key
	name  string
	index int // attribute, score or consent the key names; -1
}

type eventPlan struct {
	name        string
	counter     string
	fields      []AttrSpec
	from        string
	when        *rule
	moments     []string
	counted     bool
	window      Span
	pays        []payRef
	grants      []int
	revokes     []int
	stageOn     []int
	tossUps     []int
	answers     []answerRef
	outcomes    []outcomeRef
	enters      []int
	kpis        []kpiRef
	funnels     []funnelRef
	goals       []goalRef
	experiments []*ExperimentSpec // that it is a success or a harm of
	flagName    string            // attribute that "unsubscribed" sets, "" for other events
	bars        *barRule          // nil: it bars nobody
	lifts       bool              // it takes an unsubscribe back
	asks        bool              // of a consent that is to be confirmed
	confirms    bool              // it confirms a consent
	wishes      bool              // it says how often the lead wants to hear from us
	machine     *eventPlan        // under which it counts when a machine brought it; nil: it is not judged
	notes       bool              // it tells when a message was accepted
	binds       bool              // its place among the facts matters to folds
	plain       bool              // its own rules read nothing but the event
}

type payRef struct{ score, rule int }

type goalRef struct{ flow, goal int }

type answerRef struct {
	tossUp int
	state  OfferState
}

type kpiRef struct {
	kpi  int
	part kpiPart
}

type kpiPart uint8

const (
	kpiCount kpiPart = iota
	kpiRate
	kpiOf
)

type scorePlan struct {
	spec  *ScoreSpec
	rules []scoreRulePlan
	fixed bool  // no rule has an event: a function of the attributes
	bare  []int // rules without an event
	live  bool  // what they give is computed when it is read, not stored
}

type scoreRulePlan struct {
	spec   *ScoreRule
	when   *rule
	amount []int // slots of Amount
	name   string
}

type stagePlan struct {
	spec         *StageSpec
	enter, leave *rule

	enterFlip, leaveFlip *flipPlan
}

type tossUpPlan struct {
	spec       *TossUpSpec
	when       *rule
	flip       *flipPlan
	count      tossUpCounters
	version    string // of the rule: changes whenever its meaning does, whatever else a revision changes
	scores     []string
	order      string // score by which its queue stands, "" for none
	rank       int    // slot of the score that orders its queue, -1
	inquiry    *rule  // of when, where the rule has an event: what reads nothing but it and folds; nil: nothing
	refoldable *rule  // of when, what reads nothing but folds; nil: nothing
}

type policyPlan struct {
	spec    *PolicySpec
	allowed *rule
}

type flowPlan struct {
	spec  *FlowSpec
	enter *rule
	key   []int // slots of Enter.Key
	goals []*rule
	exits []*rule

	exitFlips []*flipPlan // of exits without an event

	steps   map[string]int
	waits   []*rule   // by step
	cases   [][]*rule // by step: of a branch or a wait
	values  [][][]int // by step: slots of what it assigns
	counter []string  // by step: how many reached it
	entered string
}
