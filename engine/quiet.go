package engine

import "github.com/seed-456efde2/nurture/engine/calendar"

// blockedByHours says when a message that falls into quiet hours, or outside the
// step's own window, may go: at the first instant at which both allow it.
func (f *Frame) blockedByHours(s *SendSpec, policy *PolicySpec) (until Time, code string, then OnBlocked) {
	if s.Window == nil && policy.Quiet == nil {
		return 0, "", Postpone
	}
	local := f.wall.In(f.zone)
	quiet := policy.Quiet != nil && policy.Quiet.Covers(local)
	outside := s.Window != nil && !s.Window.Covers(local)
	switch {
	case quiet && policy.WhenQuiet == Skip:
		return 0, QuietHours, Skip
	case quiet:
		code = QuietHours
	case outside:
		code = OutsideHours
	default:
		return 0, "", Postpone
	}
	opening, ok := calendar.NextOpening(local, s.Window, policy.Quiet)
	if !ok {
		return 0, code, Skip
	}
	return TimeOf(opening), code, Postpone
}
