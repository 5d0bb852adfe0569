package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// planner is the server's Planner: rules that come in by the API.
type planner struct{ rules *rules }

// Propose loads rules from their texts, as the folder's are loaded.
func (p planner) Propose(sources map[string][]byte) (*dsl.Workspace, dsl.Diagnostics) {
	files := memoryFiles(sources)
	var locked lockedCatalog
	o := &p.rules.server.options
	catalog, problems := locked.of(files, o.Lang)
	if problems.HasErrors() {
		return nil, problems
	}
	w, problems := dsl.Load(files, dsl.Options{Catalog: catalog, Lookup: o.Lookup, Language: o.Lang, For: dsl.ToServe})
	if w == nil {
		return nil, problems
	}
	return withLock(w, &locked), problems
}

// Running is the running revision's sources.
func (p planner) Running() map[string][]byte {
	sources, err := p.rules.server.store.Sources(p.rules.server.runner.Program().Digest())
	if err != nil {
		return nil
	}
	return sources
}

// Apply lets proposed rules go live, all or nothing, as a change of the files does:
// step by step where the rules say so, else at once. In force, they stay, through
// restarts too, until the meaning of the files changes: whoever applies by the API
// changes the files by another way, as a rule by the deployment that follows.
func (p planner) Apply(ctx context.Context, a httpd.Proposal) (done httpd.Applied, err error) {
	r := p.rules
	r.loading.Lock()
	defer r.loading.Unlock()
	running := r.server.runner.Program()
	if running.Digest() != a.Base {
		return done, fmt.Errorf("%w: r%d runs, whose rules are not those that it was made for", httpd.ErrStale, running.Revision())
	}
	loaded, problems := p.Propose(a.Sources)
	if loaded == nil {
		return done, fmt.Errorf("the rules do not load: %s", problems.Render())
	}
	if loaded.Digest != a.Digest {
		return done, fmt.Errorf("%w: the proposed rules mean something else here than when it was made (has the environment changed?)", httpd.ErrStale)
	}
	w := &workspace{Workspace: loaded, problems: problems}
	if err := r.refuseStranded(w); err != nil {
		return done, err
	}
	folder := ""
	if onDisk, _ := r.load(r.files()); onDisk != nil {
		folder = onDisk.Digest
	}
	defer r.wake()
	defer func() {
		if err == nil {
			r.superseded()
		}
	}()
	if rolled, err := r.rollouts.applied(ctx, w, &a, folder); rolled || err != nil {
		return httpd.Applied{Revision: r.server.runner.Program().Revision(), Rollout: rolled}, err
	}
	if err := r.use(ctx, w); err != nil {
		return done, err
	}
	if err := r.saveApplied(appliedRules{Digest: a.Digest, Folder: folder}); err != nil {
		return done, err
	}
	if err := r.install(ctx, w, a.Author); err != nil {
		return done, err
	}
	r.server.inlets.set(w.Intakes)
	done.Revision = r.server.runner.Program().Revision()
	r.server.options.Log.Info("a plan was applied", "revision", done.Revision, "by", a.Author)
	return done, r.rollouts.skipped(&a, done.Revision)
}

// Begins tells how proposed rules would go live; nil: at once.
func (p planner) Begins(w *dsl.Workspace) *httpd.PlanRollout {
	p.rules.loading.Lock()
	defer p.rules.loading.Unlock()
	return p.rules.rollouts.planned(&workspace{Workspace: w})
}

// refuseStranded refuses rules that lack a step on which leads stand, and do not say
// where they go.
func (r *rules) refuseStranded(w *workspace) error {
	if !r.mayStrand(w) {
		return nil
	}
	return r.stranded(w)
}

// mayStrand reports whether rules could lose a lead: they lack a step, or not every
// lead has heard of the rules that run, and some may stand on a step of earlier ones.
func (r *rules) mayStrand(w *workspace) bool {
	running := r.server.runner.Program()
	if running.Digest() == w.Digest {
		return false
	}
	return !r.server.runner.Settled() || history.MayStrand(running.Spec(), w.Spec)
}

// stranded is the error with which rules are refused, when leads stand on a step that
// they lack.
func (r *rules) stranded(w *workspace) error {
	list, err := history.FindStranded(r.server.store, w.Spec)
	if err != nil {
		return fmt.Errorf("look for leads on removed steps: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	return refuse(cmp.Or(r.server.options.Lang, w.Language), list)
}

// install puts a program in force. Where it could lose a lead, nobody comes to stand
// where it has nothing while that is looked at.
func (r *rules) install(ctx context.Context, w *workspace, author string) error {
	p, err := w.program(1)
	if err != nil {
		return err
	}
	if r.mayStrand(w) {
		_, err = r.server.runner.SwapGuarded(ctx, p, w.Sources, author, r.guard(w))
	} else {
		_, err = r.server.runner.SwapBy(ctx, p, w.Sources, author)
	}
	if err != nil {
		r.takeBack(ctx)
		return fmt.Errorf("swap the program: %w", err)
	}
	r.live = w
	return nil
}

// guard keeps rules from losing a lead that comes to stand, while all are looked at,
// where they have nothing.
func (r *rules) guard(w *workspace) runner.Guard {
	return runner.Guard{Look: func() error { return r.stranded(w) }, Lost: history.Strands(w.Spec)}
}

// begin starts the plugins of the rules with which a server comes up, and gives the
// rules: those of the last good revision where these would have been refused while it
// ran, as they were, or will be, by the watcher.
func (r *rules) begin(ctx context.Context, w *workspace) (*workspace, error) {
	refused := r.strandedAtStart(w)
	if refused == nil {
		if refused = r.startPlugins(ctx, w); refused == nil {
			return w, nil
		}
		refused = fmt.Errorf("start the plugins: %w", refused)
	}
	last, err := r.lastGood(dsl.Diagnostics{})
	if err != nil || last.Digest == w.Digest {
		return nil, refused
	}
	if err := r.startPlugins(ctx, last); err != nil {
		return nil, errors.Join(refused, fmt.Errorf("start the plugins of the last good revision: %w", err))
	}
	r.fail(refused)
	r.server.options.Log.Error("the rules on disk were refused; the last good revision runs", "error", refused)
	return last, nil
}

// strandedAtStart is stranded before anything runs, against the revision that ran
// last.
func (r *rules) strandedAtStart(w *workspace) error {
	last, err := liveRevision(r.server.store)
	if err != nil || last == nil || last.Digest == w.Digest {
		return err
	}
	heard, err := runner.Heard(r.server.store, last.Number)
	if err != nil {
		return err
	}
	if heard {
		was, err := r.lastGood(dsl.Diagnostics{})
		if err == nil && !history.MayStrand(was.Spec, w.Spec) {
			return nil
		}
	}
	return r.stranded(w)
}

// takeBack lets the channels be again what the running rules say, after theirs were
// put in force for rules that were then refused.
func (r *rules) takeBack(ctx context.Context) {
	running, err := r.lastGood(dsl.Diagnostics{})
	if err == nil && running.Digest == r.server.runner.Program().Digest() {
		r.setLimits(running)
		err = r.startPlugins(ctx, running)
	}
	if err != nil {
		r.server.options.Log.Error("the channels of the running rules could not be put in force again", "error", err)
	}
}

// appliedRules says that rules run which did not come from the files.
type appliedRules struct {
	Digest string `json:"digest"` // of the rules that run
	Folder string `json:"folder"` // of the files as they meant then; "": they did not load
}

// appliedNote is the name under which the store keeps it.
const appliedNote = "rules applied"

func (r *rules) saveApplied(a appliedRules) error {
	text, err := json.Marshal(a)
	if err == nil {
		err = r.server.store.SaveNote(appliedNote, text)
	}
	if err != nil {
		return fmt.Errorf("note that rules were applied: %w", err)
	}
	return nil
}

// holds reports whether the files are not to be in force, though they say something
// else than what runs: they say only what they said when that was applied, or what was
// rolled out beside it and taken back.
func (r *rules) holds(folder string) (bool, error) {
	last, err := liveRevision(r.server.store)
	if err != nil || last == nil || last.Digest == folder {
		return false, err
	}
	if refused, err := r.rollouts.keeper.Refused(last.Digest, folder); err != nil || refused {
		return refused, err
	}
	text, err := r.server.store.Note(appliedNote)
	if err != nil || len(text) == 0 {
		return false, err
	}
	var a appliedRules
	if err := json.Unmarshal(text, &a); err != nil {
		return false, fmt.Errorf("read what rules were applied: %w", err)
	}
	return a.Digest != "" && a.Folder == folder && last.Digest == a.Digest, nil
}

// keepApplied gives the rules that ran last, where the files have not changed since
// those were applied or say what was taken back, else the files' own.
func (r *rules) keepApplied(w *workspace, problems dsl.Diagnostics) (*workspace, error) {
	holds, err := r.holds(w.Digest)
	if err != nil || !holds {
		return w, err
	}
	applied, err := r.lastGood(problems)
	if err != nil {
		r.server.options.Log.Error("the rules that ran last do not load any more; those of the files run", "error", err)
		return w, nil
	}
	r.server.options.Log.Info("the rules that ran last run on: the files have not changed since they were applied, or say what was rolled out and taken back")
	return applied, nil
}
