package sim

import "github.com/seed-456efde2/nurture/engine"

// Correct lets somebody say what is true of a fact of a lead after all, as the
// runner's Correct does. One that says nothing is an error and changes nothing.
func (s *Sim) Correct(lead engine.LeadID, c engine.Correction) error {
	if err := c.Check(s.now); err != nil {
		return err
	}
	e := c.Event(lead, s.now)
	return s.deliver(&e)
}

// past is the program of an earlier revision, nil where the Sim never ran it.
func (s *Sim) past(revision uint32) *engine.Program { return s.revisions[revision] }
