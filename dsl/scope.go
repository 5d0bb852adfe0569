package dsl

// What each layer may read. An event passes the layers once, in this order —
// named moments, attributes, scores, segments, stages, toss-ups, workflows — and
// each reads only those before it, so that nothing ever waits for itself.
const (
	readsMoment  = famEvent | famConst | famTime
	readsConsent = famEvent | famLead | famConst | famTime
	readsAttrs   = famLead | famConst | famAccount // a score without on: a function of the attributes now
	readsScore   = famEvent | famLead | famConst | famHistory | famConsent | famTime | famTouch
	readsSegment = famLead | famConst | famAccount | famHistory | famConsent | famTime | famTouch | famScore | famSegment
	readsStage   = readsSegment | famStage
	readsTossUp  = readsStage | famEvent | famTossedUp
	readsFlow    = readsTossUp | famFlow | famSent
	readsMessage = readsFlow &^ famEvent // rendered later, when no event is at hand
	readsMail    = readsMessage | famMail
	readsConfirm = readsMail | famConfirm
	readsPacket  = readsMessage | famHandOver
	readsTest    = readsMessage | famSkipped | famShown | famKPI

	readsThreshold = famConst | famKPI | famFigure
	readsFormula   = famConst | famKPI | famFormula
	readsRollout   = famConst | famKPI
	readsPayload   = famConst | famPayload
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
