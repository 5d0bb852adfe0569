package engine

// RolloutSpec says how changed rules go live: beside the running ones first, then
// for a part of the leads, then for everybody. The engine decides nothing by it;
// whoever puts rules in force does.
type RolloutSpec struct {
	Shadow Span           // decides beside the running rules and sends nothing; 0: not at all
	Canary float64        // then this percent of new entrants; 0: nobody is tried
	Bake   Span           // for this long; set exactly where Canary is
	Guards []RolloutGuard // any of them takes the change back

	Channel string // where our own people are told how it ends; "": nowhere
	Kind    string // step kind that the channel's plugin brings
	To      string // address, where the channel needs one
}

// RolloutReview is the name under which what is to be told of rollouts is sent, as
// the report of a review is. No review of the language can have it.
const RolloutReview = "rollout notice"

// notice is the way on which people are told.
func (s *RolloutSpec) notice() *ReviewSpec {
	return &ReviewSpec{Name: RolloutReview, Channel: s.Channel, Kind: s.Kind, To: s.To}
}

// RolloutGuard is a figure of the leads that are tried that must not pass its limit:
// kpi.unsubscribe_rate.value > 0.01.
type RolloutGuard struct {
	When    FigureCond // as it is written
	KPI     string
	Below   bool // it speaks below Limit instead of above
	OrEqual bool // it speaks at Limit, too
	Limit   float64
}
