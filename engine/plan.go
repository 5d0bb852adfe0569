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
	name     string
	counter  string
	fields   []AttrSpec
	from     string
	when     *rule
	moments  []string
	counted  bool
	window   Span
	pays     []payRef
	grants   []int
	revokes  []int
	stageOn  []int
	tossUps  []int
	answers  []answerRef
	enters   []int
	kpis     []kpiRef
	flagName string // attribute that "unsubscribed" sets, "" for other events
}

type payRef struct{ score, rule int }

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
	fixed bool // no rule has an event: a function of the attributes
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
}

type tossUpPlan struct {
	spec    *TossUpSpec
	when    *rule
	counter [5]string // by outcome: offered, accepted, rejected, expired, succeeded
}

type policyPlan struct {
	spec    *PolicySpec
	allowed *rule
}

type flowPlan struct {
	spec    *FlowSpec
	enter   *rule
	exits   []*rule
	steps   map[string]int
	waits   []*rule   // by step
	cases   [][]*rule // by step
	counter []string  // by step: how many reached it
	entered string
}
