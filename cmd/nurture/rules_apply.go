package main

import (
	"context"
	"encoding/json"
	"fmt"
	"testing/fstest"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine/history"
)

// planner is the server's Planner: rules that come in by the API.
type planner struct{ rules *rules }

// Propose loads rules from their texts, as the folder's are loaded.
func (p planner) Propose(sources map[string][]byte) (*dsl.Workspace, dsl.Diagnostics) {
	files := fstest.MapFS{}
	for name, b := range sources {
		files[name] = &fstest.MapFile{Data: b}
	}
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

// Apply puts proposed rules in force, all or nothing, as a change of the files does.
// They stay in force, through restarts too, until the meaning of the files changes:
// whoever applies by the API changes the files by another way, as a rule by the
// deployment that follows.
func (p planner) Apply(ctx context.Context, sources map[string][]byte, base, digest, author string) (uint32, error) {
	r := p.rules
	r.loading.Lock()
	defer r.loading.Unlock()
	running := r.server.runner.Program()
	if running.Digest() != base {
		return 0, fmt.Errorf("%w: r%d runs, whose rules are not those that it was made for", httpd.ErrStale, running.Revision())
	}
	loaded, problems := p.Propose(sources)
	if loaded == nil {
		return 0, fmt.Errorf("the rules do not load: %s", problems.Render())
	}
	if loaded.Digest != digest {
		return 0, fmt.Errorf("%w: the proposed rules mean something else here than when it was made (has the environment changed?)", httpd.ErrStale)
	}
	w := &workspace{Workspace: loaded, problems: problems}
	if err := r.refuseStranded(w); err != nil {
		return 0, err
	}
	if err := r.startPlugins(ctx, w); err != nil {
		return 0, fmt.Errorf("put the channels in force: %w", err)
	}
	folder := ""
	if onDisk, _ := r.load(r.files()); onDisk != nil {
		folder = onDisk.Digest
	}
	if err := r.saveApplied(appliedRules{Digest: digest, Folder: folder}); err != nil {
		return 0, err
	}
	r.setLimits(w)
	if err := r.install(ctx, w, author); err != nil {
		return 0, err
	}
	r.server.inlets.set(w.Intakes)
	revision := r.server.runner.Program().Revision()
	r.server.options.Log.Info("a plan was applied", "revision", revision, "by", author)
	return revision, nil
}

// refuseStranded refuses rules that lack a step on which leads stand, and do not say
// where they go.
func (r *rules) refuseStranded(w *workspace) error {
	list, err := history.FindStranded(r.server.store, r.server.runner.Program().Spec(), w.Spec)
	if err != nil {
		return fmt.Errorf("look for leads on removed steps: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	s := &list[0]
	return fmt.Errorf("%d leads stand on step.%s of workflow.%s, which the new rules do not have: say where they go with moved { from = step.%s  to = step.… }", s.Leads, s.Step, s.Workflow, s.Step)
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

// holds reports whether the files say only what they said when other rules were
// applied, and those are still the last that ran: then these stay.
func (r *rules) holds(folder string) (bool, error) {
	text, err := r.server.store.Note(appliedNote)
	if err != nil || len(text) == 0 {
		return false, err
	}
	var a appliedRules
	if err := json.Unmarshal(text, &a); err != nil {
		return false, fmt.Errorf("read what rules were applied: %w", err)
	}
	last, err := r.server.store.LastRevision()
	if err != nil || last == nil {
		return false, err
	}
	return a.Digest != "" && a.Folder == folder && last.Digest == a.Digest && folder != a.Digest, nil
}

// keepApplied gives the rules that were applied by the API, where the files have not
// changed since, else the files' own.
func (r *rules) keepApplied(w *workspace, problems dsl.Diagnostics) (*workspace, error) {
	holds, err := r.holds(w.Digest)
	if err != nil || !holds {
		return w, err
	}
	applied, err := r.lastGood(problems)
	if err != nil {
		r.server.options.Log.Error("the applied rules do not load any more; those of the files run", "error", err)
		return w, nil
	}
	r.server.options.Log.Info("rules that were applied by the API run on; the files have not changed since")
	return applied, nil
}
