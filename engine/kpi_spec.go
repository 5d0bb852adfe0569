package engine

import "github.com/seed-456efde2/nurture/engine/kpi"

// KPISpec is a key figure. Exactly one of Count, Rate (with Of) and Value is set: a
// count of events, a rate of one event in another within a window, or a formula
// over other figures.
type KPISpec struct {
	Name      string
	Label     string
	Count     string    // event, or ""
	Sum       *AttrSpec // number of the counted event that is added up; nil: events are counted
	Rate      string    // event of the numerator, or ""
	Of        string    // event of the denominator
	Value     Formula
	Within    Span
	Over      Span
	By        []string // labels: see Frame.labelsOf
	Once      Once
	Target    float64 // 0: none
	Better    kpi.Direction
	MinSample int // judged before it says anything; 0: no bound
	// Volume marks a figure that only tells how much was done, toss-ups above all:
	// more of it is not better by itself.
	Volume     bool
	Thresholds []ThresholdSpec
}

// Once says how often one lead counts.
type Once uint8

// How often one lead counts for a figure.
const (
	EachTime    Once = iota // with every event
	OnceEver                // with its first event
	OnceMonthly             // with its first event of a calendar month in the project's zone
)

// Formula is a number computed from figures, which Vars.Facts hold by their names.
type Formula interface {
	Num
	// Figures are the names of the figures that it reads:
	// "toss_up.NAME.handed_over", "event.NAME.count", "stage.NAME.leads",
	// "segment.NAME.leads", "kpi.NAME.value", "reachable:CHANNEL".
	Figures() []string
	// Ratio names its figures when it is one count, or sum of counts, divided by
	// another, so that the result is a rate and has an interval.
	Ratio() (n, of []string, ok bool)
}

// FigureCond is a yes/no question about figures: "value", "label:NAME" (the figure
// at hand and its labels), "kpi.NAME.value".
type FigureCond interface {
	Cond
	Figures() []string
}

// ThresholdSpec is what happens when a figure is bad for a time. Every combination
// of labels of the figure is judged for itself.
type ThresholdSpec struct {
	Name    string
	When    []FigureCond // all must hold
	Hold    Span         // how long they must
	Keep    Span         // how long they must not, before it counts as recovered
	Notify  []NoticeSpec
	Pause   PauseScope // 0: nothing is paused
	Tighten *TightenSpec
	Emit    []string // own events
}

// NoticeSpec is a message to our own people.
type NoticeSpec struct {
	Channel string
	Kind    string // step kind that the channel's plugin brings
	Content Content
}

// TightenSpec lowers a cap while a figure is bad.
type TightenSpec struct {
	Policy  string
	Channel string // "" for all caps of the policy
	AtMost  int
	Per     Span
}
