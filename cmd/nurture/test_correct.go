package main

import (
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// correct says what is true of the latest event of a name after all.
func (pl *player) correct(c *dsl.TestCorrect) error {
	facts, _, err := engine.TrueFacts(pl.sim.Lead(pl.lead), pl.sim)
	if err != nil {
		return err
	}
	var latest *engine.TrueFact
	for i := range facts {
		if t := &facts[i]; t.Told.Kind == engine.Track && t.Told.Name == c.Event.Wire && (latest == nil || t.Seq > latest.Seq) {
			latest = t
		}
	}
	if latest == nil {
		return fmt.Errorf("there is no event %q to correct: it has not happened in this story", c.Event.Name)
	}
	pl.n++
	said := c.Says(latest.Told.At.In(pl.zone))
	said.ID, said.Fact, said.Source = fmt.Sprintf("%06d", pl.n), latest.Told.ID, latest.Told.Source
	said.Who, said.Why = "test", "the test says so"
	var problem *engine.Problem
	if err := pl.sim.Correct(pl.lead, *said); errors.As(err, &problem) {
		return errors.New(problem.Text)
	} else if err != nil {
		return err
	}
	return nil
}
