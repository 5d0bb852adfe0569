package httpd

import (
	"fmt"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/rollout"
	"github.com/seed-456efde2/nurture/engine"
)

// rollouts are the rollouts that ended since, or were under way, the latest first.
func (r *reviewer) rollouts(ledger ReviewLedger) ([]RolloutDoc, error) {
	notes, ok := ledger.(rollout.Notes)
	if !ok {
		return nil, nil
	}
	keeper := rollout.Keeper{Notes: notes}
	list, err := keeper.Past()
	if err != nil {
		return nil, err
	}
	now, err := keeper.Load()
	if err != nil {
		return nil, err
	}
	if now != nil && !now.Phase.Over() {
		list = append([]rollout.State{*now}, list...)
	}
	var docs []RolloutDoc
	for i := range list {
		s := &list[i]
		ended := engine.Time(0)
		if s.Phase.Over() {
			ended = s.Since
		}
		if s.Began > r.at || ended != 0 && ended <= r.from {
			continue
		}
		docs = append(docs, NewRollout(s, r.at.In(nil), r.p.Spec().Language))
	}
	return docs, nil
}

// rolloutLines tells of them in a report, one line each.
func rolloutLines(list []RolloutDoc, language string, zone *time.Location) (rows [][]string) {
	for i := range list {
		d := &list[i]
		rows = append(rows, []string{d.Began.In(zone).Format(time.DateOnly), phaseWord(d.Phase, language), d.Summary, fmt.Sprint(len(d.Changed))})
	}
	return rows
}
