package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"testing/fstest"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// rules keeps the running program in step with the files on disk: what loads is
// swapped in between two batches, what does not is shown and changes nothing. It
// is the server's Workshop.
type rules struct {
	server  *server
	program *engine.Program   // the first one; the runner has the present
	sources map[string][]byte // of the first one
	reload  chan chan struct{}
	changed <-chan struct{} // the files on disk differ from what was loaded; nil: they are not watched
	unwatch context.CancelFunc

	loader dsl.Loader // a reload does only what a changed file asks for
	locked lockedCatalog

	loading  sync.Mutex // held while rules are put in force
	live     *workspace // what is in force for everybody, under loading
	rollouts *rollouts
	canary   *engine.Program // what was being tried when the server stopped last; nil: nothing
	nudge    chan struct{}   // a rollout has changed: see wake
	waits    *waiting        // what of the files waits to go live, or did last, under loading; nil: nothing
	again    time.Time       // when that is looked at again, under loading

	mu     sync.Mutex
	rates  map[string]runner.Limits
	result httpd.Rules
}

// newRules loads the rules for the first time and starts their plugins. When the
// files on disk do not load, a server that has run before goes on with its last
// good revision; a new one does not start.
//
// The watch begins before the first loading: whatever is saved from then on, while
// the files are being read or the plugins start, is found when watch runs. The
// rules watch until close.
func newRules(ctx context.Context, s *server) (*rules, error) {
	r := &rules{server: s, reload: make(chan chan struct{}), nudge: make(chan struct{}, 1)}
	var err error
	if r.rollouts, err = newRollouts(r); err != nil {
		return nil, err
	}
	if err := r.loadWaiting(); err != nil {
		return nil, err
	}
	r.beginWatch(ctx)
	if err := r.first(ctx); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *rules) first(ctx context.Context) error {
	w, problems := r.load(r.files())
	r.note(problems)
	w, err := r.startWith(w, problems)
	if err != nil {
		return err
	}
	if w, err = r.begin(ctx, w); err != nil {
		return err
	}
	p, err := w.program(1)
	if err != nil {
		return err
	}
	r.program, r.sources, r.live = p, w.Sources, w
	r.setLimits(w)
	r.server.inlets.set(w.Intakes)
	return r.rollouts.restore(ctx)
}

// startWith is what a server begins with: what ran last where that is to stay for
// now, else what the files say.
func (r *rules) startWith(w *workspace, problems dsl.Diagnostics) (*workspace, error) {
	if stays, err := r.rollouts.stays(w); err != nil || stays != nil {
		return stays, err
	}
	if w != nil {
		return r.keepApplied(w, problems)
	}
	w, err := r.lastGood(problems)
	if err == nil {
		r.server.options.Log.Error("the rules on disk have problems; the last good revision runs", "problems", problems.Count(dsl.Error))
	}
	return w, err
}

func (r *rules) files() fs.FS { return os.DirFS(r.server.options.Workspace) }

func (r *rules) load(files fs.FS) (*workspace, dsl.Diagnostics) {
	catalog, problems := r.locked.of(files, r.server.options.Lang)
	if problems.HasErrors() {
		return nil, problems
	}
	w, problems := r.loader.Load(files, dsl.Options{Catalog: catalog, Lookup: r.server.options.Lookup, Language: r.server.options.Lang, For: dsl.ToServe})
	if w == nil {
		return nil, problems
	}
	return &workspace{Workspace: withLock(w, &r.locked), problems: problems}, problems
}

// lastGood loads the sources of the last revision that ran.
func (r *rules) lastGood(problems dsl.Diagnostics) (*workspace, error) {
	refused := &exit{code: exitInvalid, err: errors.New("the workspace does not load:\n" + problems.Render())}
	last, err := liveRevision(r.server.store)
	if err != nil {
		return nil, fmt.Errorf("find the last revision: %w", err)
	}
	if last == nil {
		return nil, refused
	}
	sources, err := r.server.store.Sources(last.Digest)
	if err != nil {
		return nil, fmt.Errorf("read the sources of revision %d: %w", last.Number, err)
	}
	w, again := r.load(memoryFiles(sources))
	if w == nil {
		r.server.options.Log.Error("the last good revision does not load any more", "revision", last.Number, "problems", again.Count(dsl.Error))
		return nil, refused
	}
	return w, nil
}

// memoryFiles are files by their texts.
func memoryFiles(sources map[string][]byte) fs.FS {
	files := fstest.MapFS{}
	for name, b := range sources {
		files[name] = &fstest.MapFile{Data: b}
	}
	return files
}

// use makes the channels of a workspace run, within their limits.
func (r *rules) use(ctx context.Context, w *workspace) error {
	if err := r.startPlugins(ctx, w); err != nil {
		return fmt.Errorf("put the channels in force: %w", err)
	}
	r.setLimits(w)
	return nil
}

// wake lets the watch look at the rollout anew: when it is due has changed.
func (r *rules) wake() {
	select {
	case r.nudge <- struct{}{}:
	default:
	}
}

// startPlugins makes the plugins of the workspace's channels run, all or none.
func (r *rules) startPlugins(ctx context.Context, w *workspace) error {
	if err := installPlugins(r.server.plugins, r.server.options.Workspace, w.Sources); err != nil {
		return err
	}
	return r.server.plugins.Apply(ctx, r.configs(w))
}

// configs are the channels as the plugin host takes them.
func (r *rules) configs(w *workspace) []host.Config {
	var configs []host.Config
	for _, c := range w.Channels {
		configs = append(configs, host.Config{Name: c.Name, Plugin: c.Plugin, Values: c.Config.Reveal()})
	}
	if reroute := r.server.options.Reroute; reroute != nil {
		return reroute(configs)
	}
	return configs
}

func (r *rules) setLimits(w *workspace) {
	rates := map[string]runner.Limits{}
	for _, c := range w.Channels {
		l := runner.Limits{Rate: perSecond(c.Rate), Outstanding: c.AtOnce}
		for name, d := range c.Domains {
			if l.Domains == nil {
				l.Domains = map[string]runner.DomainLimit{}
			}
			l.Domains[name] = runner.DomainLimit{Rate: perSecond(d.Rate), AtOnce: d.AtOnce}
		}
		rates[c.Name] = l
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rates = rates
}

// perSecond is a rate as the runner counts it, 0 for none.
func perSecond(r dsl.Rate) float64 {
	if r.N <= 0 || r.Per <= 0 {
		return 0
	}
	return float64(r.N) * float64(engine.Second) / float64(r.Per)
}

// limits is what a channel may be given, for the runner.
func (r *rules) limits(channel string) runner.Limits {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rates[channel]
}

func (r *rules) note(problems dsl.Diagnostics) {
	result := httpd.Rules{OK: !problems.HasErrors(), At: r.server.options.Clock.Now()}
	if !result.OK {
		for _, d := range problems.Items {
			if d.Severity == dsl.Error {
				one := dsl.Diagnostics{Items: []dsl.Diagnostic{d}, Sources: problems.Sources, Language: problems.Language}
				result.Problems = append(result.Problems, one.Render())
			}
		}
	}
	if result.OK {
		r.warn(problems)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result = result
}

// warn tells what the rules say and this server will not do, or not as one may
// think.
func (r *rules) warn(problems dsl.Diagnostics) {
	for _, d := range problems.Items {
		if d.Severity == dsl.Warning {
			r.server.options.Log.Warn(d.Summary("en"), "code", d.Code,
				"at", fmt.Sprintf("%s:%d", d.Range.File, d.Range.Start.Line), "detail", d.Message("en"))
		}
	}
}

// fail notes that good rules could not be put in force.
func (r *rules) fail(err error) {
	waits := r.waitingDoc()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result = httpd.Rules{At: r.server.options.Clock.Now(), Problems: []string{err.Error()}, Waits: waits}
}

// Rules tells how the last loading went.
func (r *rules) Rules() httpd.Rules {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.result
}

// Reload loads the rules now and returns when that is done, well or not.
func (r *rules) Reload(ctx context.Context) error {
	done := make(chan struct{})
	select {
	case r.reload <- done:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Plugins tells how the channels' plugins stand.
func (r *rules) Plugins() []httpd.Plugin {
	var list []httpd.Plugin
	for _, s := range r.server.plugins.Status() {
		list = append(list, httpd.Plugin{
			Channel: s.Channel, Plugin: s.Plugin, State: pluginState(s.State), Restarts: s.Restarts, Detail: s.LastError,
			Version: s.Version, Memory: s.Memory, CPU: s.CPU, Queued: s.Queued, InFlight: s.InFlight,
			Heard: s.Heard, Listening: s.Deaf, Odd: s.Odd.Twice + s.Odd.Late + s.Odd.Unasked,
		})
	}
	return list
}

// pluginState is the state as the API names it.
func pluginState(s host.State) string {
	switch s {
	case host.Healthy:
		return "running"
	case host.Starting:
		return "starting"
	}
	return "down"
}

// beginWatch lets changes of the files be noted from now on.
func (r *rules) beginWatch(ctx context.Context) {
	ctx, r.unwatch = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	r.changed, err = dsl.Watch(ctx, r.server.options.Workspace, dsl.WatchOptions{After: time.After, Poll: r.server.options.Poll, Log: r.server.options.Log})
	if err != nil {
		r.server.options.Log.Error("the workspace is not watched; POST /api/v1/reload loads it", "error", err)
	}
}

// close ends the watch and waits for it.
func (r *rules) close() {
	r.unwatch()
	if r.changed == nil {
		return
	}
	for range r.changed { // until it is closed
	}
}

// watch reloads whenever the files change or somebody asks, until ctx ends.
func (r *rules) watch(ctx context.Context) {
	r.rollouts.resume(ctx)
	for r.wait(ctx) {
	}
}

// wait does the next thing that comes up. It is false at the end.
func (r *rules) wait(ctx context.Context) bool {
	due, stop := r.rollouts.due()
	defer stop()
	again, drop := r.againDue()
	defer drop()
	select {
	case <-ctx.Done():
		return false
	case _, ok := <-r.changed:
		if !ok {
			return false
		}
		r.update(ctx)
	case done := <-r.reload:
		r.update(ctx)
		close(done)
	case <-due:
		r.rollouts.tick(ctx)
	case <-again:
		r.retry(ctx)
	case <-r.nudge:
	}
	return true
}

// update loads the files and puts them in force, all or nothing.
func (r *rules) update(ctx context.Context) {
	r.loading.Lock()
	defer r.loading.Unlock()
	r.updateFiles(ctx)
}

// updateFiles is update for whoever holds loading.
func (r *rules) updateFiles(ctx context.Context) {
	begin := r.server.options.Clock.Now()
	w, problems := r.load(r.files())
	if w == nil {
		r.keepWaiting(nil)
		r.note(problems)
		r.server.options.Log.Error("the rules on disk have problems; the running revision stays", "revision", r.server.runner.Program().Revision(), "problems", problems.Count(dsl.Error))
		return
	}
	if deed, err := r.takeOver(ctx, w); err != nil {
		r.refused(ctx, w, deed, err, r.server.options.Clock.Now().Sub(begin))
		return
	}
	r.note(problems)
	r.settled(w.Digest)
}

// takeOver puts loaded files in force, where they are to be: the plugins of the new
// channels are ready before the program is swapped. With an error it says what could
// not be done.
func (r *rules) takeOver(ctx context.Context, w *workspace) (deed string, err error) {
	log := r.server.options.Log
	begin := time.Now()
	switch holds, err := r.holds(w.Digest); {
	case err != nil:
		log.Error("whether the files are to be in force is not known", "error", err)
	case holds:
		log.Info("the files say what they said when other rules were applied, or what was rolled out and taken back; the running rules stay", "revision", r.server.runner.Program().Revision())
		return "the change that is rolled out could not be taken back", r.rollouts.leave(ctx, w)
	}
	if done, err := r.rollouts.take(ctx, w); done || err != nil {
		return "the change could not be rolled out", err
	}
	if err := r.refuseStranded(w); err != nil {
		return "the rules were refused", err
	}
	if err := r.use(ctx, w); err != nil { // a rotated secret or another rate is no new revision
		return "the channels could not be put in force", err
	}
	if w.Digest == r.server.runner.Program().Digest() {
		r.live = w
		r.server.inlets.set(w.Intakes)
		return "", nil
	}
	if err := r.install(ctx, w, r.author(ctx, w.Digest)); err != nil {
		return "the rules could not be put in force", err
	}
	r.server.inlets.set(w.Intakes)
	log.Info("rules reloaded", "revision", r.server.runner.Program().Revision(), "took", time.Since(begin))
	return "", nil
}
