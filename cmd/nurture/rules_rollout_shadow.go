package main

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// shadow lets the candidate decide beside the running rules.
func (o *rollouts) shadow(ctx context.Context) error {
	spec := *o.candidate.Spec
	p, err := engine.NewProgram(&spec, o.candidate.Digest, 0)
	if err != nil {
		return err
	}
	if err := o.rules.server.runner.Shadow(ctx, shadowName(o.state), p); err != nil {
		return fmt.Errorf("begin the shadow: %w", err)
	}
	return nil
}

// shadowName names the shadow of one rollout: the same change, tried once more, begins
// anew.
func shadowName(s *rollout.State) string { return fmt.Sprintf("%s %d", s.Candidate, s.Began) }

// endShadow ends the comparing; what was found stays.
func (o *rollouts) endShadow(ctx context.Context) error {
	if err := o.rules.server.runner.EndShadow(ctx); err != nil {
		return fmt.Errorf("end the shadow: %w", err)
	}
	return nil
}

// Compared implements httpd.Rollouts.
func (o *rollouts) Compared() (*httpd.RolloutShadow, error) {
	s, _, err := o.Rollouts()
	if err != nil || s == nil {
		return nil, err
	}
	r, err := o.rules.server.runner.ShadowReport()
	if err != nil || r.Name != shadowName(s) {
		return nil, err
	}
	doc := &httpd.RolloutShadow{Compared: r.Compared, Alike: r.Alike, NotCompared: r.NotCompared, Leads: r.Leads, More: r.More, Differences: []httpd.RolloutDifference{}}
	for i := range r.Differences {
		x := &r.Differences[i]
		out := httpd.RolloutDifference{Kind: x.Kind, Subject: x.Subject, Detail: x.Detail, Only: x.Only, Times: x.Times, Leads: x.Leads, Examples: []httpd.RolloutExample{}}
		for _, e := range x.Examples {
			at := e.At.In(time.UTC)
			out.Examples = append(out.Examples, httpd.RolloutExample{Lead: e.Lead, At: &at, Event: e.Event, Old: e.Old, New: e.New})
		}
		doc.Differences = append(doc.Differences, out)
	}
	return doc, nil
}
