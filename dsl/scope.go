package dsl

// What each layer may read. An event passes the layers once, in this order —
// named moments, attributes, scores, segments, stages, toss-ups, workflows — and
// each reads only those before it, so that nothing ever waits for itself.
const (
	readsMoment  = famEvent | famConst | famTime
	readsConsent = famEvent | famLead | famConst | famTime
	readsAttrs   = famLead | famConst // a score without on: a function of the attributes now
	readsScore   = famEvent | famLead | famConst | famHistory | famConsent | famTime
	readsSegment = famLead | famConst | famHistory | famConsent | famTime | famScore | famSegment
	readsStage   = readsSegment | famStage
	readsTossUp  = readsStage | famEvent | famTossedUp
	readsFlow    = readsTossUp | famFlow | famSent
	readsMessage = readsFlow &^ famEvent // rendered later, when no event is at hand
	readsPacket  = readsMessage | famHandOver
	readsTest    = readsMessage | famSkipped

	readsThreshold = famConst | famKPI | famFigure
	readsFormula   = famConst | famKPI | famFormula
	readsRollout   = famConst | famKPI
)

// with is the scope of one place: the families that may be named there, and the
// event at hand.
func (s *Scope) with(f family, event *eventInfo) *Scope {
	own := *s
	own.Families = f
	own.Event = event
	if event == nil {
		own.Families &^= famEvent
	}
	return &own
}
