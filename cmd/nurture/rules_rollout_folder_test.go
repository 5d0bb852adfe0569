package main

import (
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
)

// TestFolderUnderACanary: in the folder of a server that was stopped while a part of the
// leads tried a change, what runs is what runs for everybody, and a verb that takes the
// folder up ends nothing.
func TestFolderUnderACanary(t *testing.T) {
	t.Parallel()
	r := newRolling(t, rolled("", "", ""))
	first := r.server.runner.Program().Digest()
	r.save(rolled(pushing, "", ""))
	began := r.phase(time.Hour, rollout.Canary)
	r.stop()
	cl := &client{folder: r.data}
	if err := cl.within(t.Context(), func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	st, err := openState(r.data)
	if err != nil {
		t.Fatal(err)
	}
	var ask httpd.PlanAsk
	if err := lastRules(st, &ask); err != nil {
		t.Error(err)
	} else if ask.Running.Revision() != 1 || ask.Running.Digest() != first || len(ask.Running.Spec().Flows[0].Steps) != 1 {
		t.Errorf("a plan is made against r%d", ask.Running.Revision())
	}
	c := &cli{}
	if w, name, err := c.againstRules("running", st); err != nil || name != "r1" || w.Digest != first {
		t.Errorf("against running is %s (%v)", name, err)
	}
	if w, name, err := c.againstRules("r2", st); err != nil || name != "r2" || w.Digest == first {
		t.Errorf("against the canary is %s (%v)", name, err)
	}
	if last, err := st.LastRevision(); err != nil || last.Number != 2 || last.Base != 1 {
		t.Errorf("a verb on the folder left r%d, beside r%d (%v)", last.Number, last.Base, err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	r.start()
	s := r.until("the canary again", func(s *rollout.State) bool { return s.Phase == rollout.Canary })
	if c, _ := r.server.runner.Program().Canary(); c == nil || s.Since != began.Since {
		t.Errorf("after the verb: %+v", s)
	}
}
