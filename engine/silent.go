package engine

import (
	"bytes"
	"fmt"
)

// standing is a lead's acts as they stood before a pass that nobody but the clock,
// or a change of rules, has brought about. Most of these change nothing: such a
// pass leaves no row in the journal, and so it must not leave anything else either
// that a replay of the journal would miss. Lead time stays where it was, and only
// the timer of the next flip is another.
type standing struct {
	now  Time
	acts []byte
}

func (f *Frame) standing() standing {
	return standing{f.l.Now, f.actsOf()}
}

// actsOf is the stored form of the lead's acts and of all its timers but that of
// the next flip, which follows from the rest.
func (f *Frame) actsOf() []byte {
	b := putActs(nil, &f.l.Acts)
	for i := range f.l.Timers {
		if t := &f.l.Timers[i]; t.Kind != FlipDue {
			b = append(b, byte(t.Kind))
			b = putTime(putText(b, t.Ref), t.Due)
		}
	}
	return b
}

// silent reports whether the pass that is about to end has done nothing, and lets
// it not have been.
func (f *Frame) silent(was standing) bool {
	if f.acted() || !bytes.Equal(was.acts, f.actsOf()) {
		return false
	}
	f.armFlips()
	f.l.Now = was.now
	return true
}

// Hear lets a lead have heard of the program by a silent pass: its facts are folded and
// its next flip is awaited as the program says, and its acts stay as they are. Whoever
// runs a journal again needs that, because no row tells of such a pass.
func (p *Program) Hear(f *Frame, l *Lead, h History) error {
	f.bind(p, l, &Effects{}, h)
	if l.Folds.Digest != p.foldDigest {
		if err := f.refold(nil); err != nil {
			return fmt.Errorf("fold lead %v: %w", l.ID, err)
		}
	}
	l.Revision, l.Ruling = p.revision, p.ruling()
	f.armFlips()
	return nil
}
