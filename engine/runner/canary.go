package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// A change of rules is tried on some of the leads before all get it: see
// engine.Canary. What is in force stands in the last row of the archive: the revision
// itself, or, where that has a Base, the Base with the revision as its canary. It is
// one row, written before anything is decided by it, so whenever the process dies the
// next start takes up the one or the other.

// CanaryStart says what is tried, and on whom.
type CanaryStart struct {
	// Program is made of the running rules with the change's workflows and toss-ups:
	// see engine.Spec.Elders. Its digest names both.
	Program *engine.Program
	// Candidate is the digest of the change's rules, which are Sources.
	Candidate string
	Sources   map[string][]byte
	Percent   float64
	Salt      string
	Author    string
}

// Canary tries a change on a percentage of the leads. The running program decides about
// all others as before. When the same Program is tried already, only its percentage is
// changed; its number, its salt and its beginning stay. Another change takes the place
// of the one that is tried, which is rolled back. It returns the revision under which
// the arm's decisions are made.
func (r *Runner) Canary(ctx context.Context, s CanaryStart) (uint32, error) {
	r.swapping.Lock()
	defer r.swapping.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	running := r.program.Load()
	if running == nil {
		return 0, errors.New("try a change: the runner was not started")
	}
	last, err := r.store.LastRevision()
	if err != nil || last == nil {
		return 0, errors.Join(errors.New("try a change: the running revision is not in the archive"), err)
	}
	row := store.Revision{
		Number: last.Number + 1, Digest: s.Program.Digest(), Author: s.Author, Sources: s.Sources,
		Base: running.Revision(), Candidate: s.Candidate, Promoted: last.Promoted,
		Canary: &engine.Canary{Percent: s.Percent, Salt: s.Salt, Since: engine.TimeOf(r.clock.Now())},
	}
	if c, terms := running.Canary(); c != nil && c.Digest() == s.Program.Digest() {
		if terms.Percent == s.Percent {
			return c.Revision(), nil
		}
		row.Number, row.Author = last.Number, last.Author
		row.Canary.Salt, row.Canary.Since = terms.Salt, terms.Since
	}
	next, err := running.WithoutCanary().WithCanary(s.Program.WithRevision(row.Number).Promoting(row.Promoted), *row.Canary)
	if err != nil {
		return 0, err
	}
	if err := r.saveRevision(row); err != nil {
		return 0, err
	}
	r.install(next)
	return row.Number, nil
}

// ErrNoCanary is returned where a change is to be promoted or taken back and none is
// tried.
var ErrNoCanary = errors.New("no change is tried on some of the leads")

// maxPromoted bounds the canaries that a revision remembers to have taken over. Runs
// that have slept through more promotions than that follow by name all the same, and
// only the exit of one that finds no place is called otherwise.
const maxPromoted = 16

// Promote puts the change that is tried in force for everybody. p is the change itself.
// The arm's runs stand where they stood; everybody else follows as at every change. It
// returns the revision in force, whose number is a new one.
func (r *Runner) Promote(ctx context.Context, p *engine.Program, sources map[string][]byte, author string) (uint32, error) {
	return r.promote(ctx, p, sources, author, nil)
}

func (r *Runner) promote(ctx context.Context, p *engine.Program, sources map[string][]byte, author string, g *Guard) (uint32, error) {
	return r.endCanary(ctx, author, g, func(row *store.Revision, running, tried *engine.Program) (*engine.Program, error) {
		row.Digest, row.Sources = p.Digest(), sources
		row.Promoted = append(slices.Clone(row.Promoted), tried.Revision())
		row.Promoted = row.Promoted[max(0, len(row.Promoted)-maxPromoted):]
		return p, nil
	})
}

// RollBack takes the change back that is tried: the running rules decide about
// everybody, under a new number. It loses nobody and needs no Guard: whoever stands on a
// step that only the change has goes where that says, or leaves by its own exit.
func (r *Runner) RollBack(ctx context.Context, author string) (uint32, error) {
	return r.endCanary(ctx, author, nil, func(row *store.Revision, running, _ *engine.Program) (*engine.Program, error) {
		sources, err := r.store.Sources(running.Digest())
		if err != nil {
			return nil, fmt.Errorf("read the sources of revision %d: %w", running.Revision(), err)
		}
		row.Digest, row.Sources = running.Digest(), sources
		return running.WithoutCanary(), nil
	})
}

// endCanary puts in force what comes after the canary, under the next number, unless
// that is guarded and would lose a lead.
func (r *Runner) endCanary(ctx context.Context, author string, g *Guard, what func(row *store.Revision, running, tried *engine.Program) (*engine.Program, error)) (uint32, error) {
	r.swapping.Lock()
	defer r.swapping.Unlock()
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	running := r.program.Load()
	if running == nil {
		return 0, errors.New("end the trial of a change: the runner was not started")
	}
	tried, _ := running.Canary()
	if tried == nil {
		return running.Revision(), ErrNoCanary
	}
	if g != nil {
		release, err := r.stand(ctx, g)
		if err != nil {
			return running.Revision(), err
		}
		defer release()
	}
	last, err := r.store.LastRevision()
	if err != nil || last == nil {
		return 0, errors.Join(errors.New("end the trial of a change: it is not in the archive"), err)
	}
	row := store.Revision{Number: last.Number + 1, Author: author, Promoted: last.Promoted}
	next, err := what(&row, running, tried)
	if err != nil {
		return running.Revision(), err
	}
	if err := r.saveRevision(row); err != nil {
		return running.Revision(), err
	}
	r.install(next.WithRevision(row.Number).Promoting(row.Promoted).Under(running.Rulings()))
	return row.Number, nil
}

// takeUp is the program of the options with its number, and with the canary that the
// store's last life left behind.
func (r *Runner) takeUp() (*engine.Program, error) {
	o := &r.options
	last, err := r.store.LastRevision()
	if err != nil {
		return nil, fmt.Errorf("find the last revision: %w", err)
	}
	if last != nil && last.Base != 0 && last.Canary != nil && o.Canary != nil && o.Canary.Digest() == last.Digest {
		all, err := r.store.Revisions()
		if err != nil {
			return nil, fmt.Errorf("find revision %d: %w", last.Base, err)
		}
		for i := range all {
			if base := &all[i]; base.Number == last.Base && base.Digest == o.Program.Digest() {
				running := o.Program.WithRevision(base.Number).Promoting(base.Promoted)
				return running.WithCanary(o.Canary.WithRevision(last.Number).Promoting(last.Promoted), *last.Canary)
			}
		}
	}
	return r.archive(o.Program, o.Sources, o.Author)
}

// ArmLeads counts the leads of the canary's arm, and all leads. It walks over all of
// them.
func (r *Runner) ArmLeads(ctx context.Context) (in, all int64, err error) {
	p := r.program.Load()
	err = r.eachRow(ctx, func(id engine.LeadID, row []byte) error {
		whole, err := engine.WholeRow(row)
		if err != nil || !whole {
			return err
		}
		all++
		if p.InCanary(id) {
			in++
		}
		return nil
	})
	if err != nil {
		return 0, 0, fmt.Errorf("count the leads of an arm: %w", err)
	}
	return in, all, nil
}

// eachRow visits the rows of all leads, a stretch at a time.
func (r *Runner) eachRow(ctx context.Context, visit func(id engine.LeadID, row []byte) error) error {
	for part := range r.partitions {
		var after engine.LeadID
		for looked := sweepStretch; looked == sweepStretch; {
			looked = 0
			if err := ctx.Err(); err != nil {
				return err
			}
			err := r.store.Leads(part, after, sweepStretch, func(id engine.LeadID, row []byte) error {
				looked++
				after = id
				return visit(id, row)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// RolledBackRun is a run that ended because its step was taken back with a change.
type RolledBackRun struct {
	Lead     engine.LeadID
	Workflow string
	Step     string // on which it stood, "" where that is not known any more
	At       engine.Time
}

// RolledBack counts the runs that the roll-back of a canary has ended, and lists at most
// so many of them. It walks over all leads, and reads the journals of those that have
// such a run.
func (r *Runner) RolledBack(ctx context.Context, canary uint32, most int) (n int64, list []RolledBackRun, err error) {
	until, err := r.nextCanary(canary)
	if err != nil {
		return 0, nil, err
	}
	var found []engine.LeadID
	var l engine.Lead
	err = r.eachRow(ctx, func(id engine.LeadID, row []byte) error {
		if whole, err := engine.WholeRow(row); err != nil || !whole {
			return err
		}
		if err := engine.DecodeLead(row, &l); err != nil {
			return err
		}
		if slices.ContainsFunc(l.Acts.Past, func(p engine.Past) bool { return p.Exit == "exit."+engine.RolledBack }) {
			found = append(found, id)
		}
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("look for runs that were rolled back: %w", err)
	}
	for _, id := range found {
		err := r.rolledBackOf(id, canary, until, func(run RolledBackRun) {
			n++
			if len(list) < most {
				list = append(list, run)
			}
		})
		if err != nil {
			return 0, nil, fmt.Errorf("look for runs that were rolled back: %w", err)
		}
	}
	return n, list, nil
}

// nextCanary is the number of the canary that came after one, or the greatest number.
func (r *Runner) nextCanary(canary uint32) (uint32, error) {
	all, err := r.store.Revisions()
	if err != nil {
		return 0, fmt.Errorf("find the canary after revision %d: %w", canary, err)
	}
	for i := range all {
		if all[i].Number > canary && all[i].Base != 0 {
			return all[i].Number, nil
		}
	}
	return ^uint32(0), nil
}

// rolledBackOf finds in a lead's journal the runs that ended after a canary, and by the
// beginning of the next at the latest.
func (r *Runner) rolledBackOf(id engine.LeadID, canary, until uint32, visit func(RolledBackRun)) error {
	steps := map[string]string{}
	return r.store.Facts(id.Partition(r.partitions), id, func(f *engine.Fact) error {
		for i := range f.Decisions {
			d := &f.Decisions[i]
			switch {
			case d.Kind == engine.Stepped:
				steps[d.Subject] = d.Detail
			case d.Kind == engine.Left && d.Detail == engine.RolledBack && f.Revision > canary && f.Revision <= until:
				visit(RolledBackRun{Lead: id, Workflow: d.Subject, Step: steps[d.Subject], At: d.At})
			}
		}
		return nil
	})
}
