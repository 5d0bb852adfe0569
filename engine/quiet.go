package engine

import "github.com/seed-456efde2/nurture/engine/calendar"

// blockedByHours says when a message may go that its slot, its step's window or the
// policy's quiet hours keep back: at the first instant at which all three allow it,
// in the lead's zone, at wall time. Quiet hours do not hold for what is
// transactional; a slot and a window, which the step itself asks for, do.
func (f *Frame) blockedByHours(p *Pending, s *SendSpec, policy *policyPlan) (until Time, code string, then OnBlocked) {
	var quiet *calendar.Quiet
	skips := false
	if policy != nil && !s.Transactional {
		quiet, skips = policy.spec.Quiet, policy.spec.WhenQuiet == Skip
	}
	early := p.NotUntil > f.wall
	if s.Window == nil && quiet == nil && !early {
		return 0, "", Postpone
	}
	from := max(f.wall, p.NotUntil).In(f.zone)
	silent := quiet != nil && quiet.Covers(from)
	switch {
	case early:
		code = AwaitsSlot
	case silent && skips:
		return 0, QuietHours, Skip
	case silent:
		code = QuietHours
	case s.Window != nil && !s.Window.Covers(from):
		code = OutsideHours
	default:
		return 0, "", Postpone
	}
	if skips {
		quiet = nil // it goes to where it is open, and is skipped there if that is quiet
	}
	opening, ok := calendar.NextOpening(from, s.Window, quiet)
	if !ok {
		return 0, code, Skip
	}
	return TimeOf(opening), code, Postpone
}
