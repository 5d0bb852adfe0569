package engine

// A correction changes the figures of a canary's arms as it changes everybody's: what a
// fact counts, it counts once more for the arm in which it was decided, where the canary
// was there already when it came. The arm is told by the row of the journal, so a lead
// that came into the canary's arm later, because it was widened, leaves behind what it
// counted before.

// armSums are sums by arm, each keyed as those of everybody.
type armSums [2]map[Delta]int64

func (s *armSums) add(d Delta, n int64, mark ArmMark) {
	if mark == 0 {
		return
	}
	arm := mark & 1
	if s[arm] == nil {
		s[arm] = map[Delta]int64{}
	}
	s[arm][d] += n
}

// rowMark is the arm to which what a row tells counts; received is when its event came.
func (s *armScope) rowMark(revision uint32, received Time) ArmMark {
	switch {
	case s == nil || received < s.since:
		return 0
	case revision == s.number:
		return ArmMark(s.number)<<1 | ArmMark(CanaryArm)
	}
	return ArmMark(s.number)<<1 | ArmMark(ControlArm)
}

// addArms adds what the sums of two states differ by, arm by arm, to the counters that
// are wanted; nil wants all.
func (f *Frame) addArms(before, after *armSums, want func(counter string) bool) {
	if f.p.scope == nil {
		return
	}
	for arm := range after {
		mark := ArmMark(f.p.scope.number)<<1 | ArmMark(arm)
		from := len(f.fx.Counts)
		f.addSums(before[arm], after[arm], want)
		kept := f.fx.Counts[:from]
		for _, d := range f.fx.Counts[from:] {
			if d.Name = f.armCounterOf(mark, d.Name); d.Name != "" {
				kept = append(kept, d)
			}
		}
		f.fx.Counts = kept
	}
}
