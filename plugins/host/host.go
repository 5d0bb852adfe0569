// Package host runs channel plugins: it starts a process for each configured
// channel, gives it its configuration, hands it actions in batches, restarts it
// when it dies, and tells truthfully what became of every action. It is what the
// runner sends through. It decides nothing and keeps nothing on disk.
//
// Nothing a plugin does hurts the host: see process for how it is run, lines for
// what it writes, session for what it answers, supervisor for how it dies.
package host

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/plugins/channel"
	channelv1 "github.com/seed-456efde2/nurture/plugins/internal/wire/channel/v1"
)

// Config is a configured channel: a `channel` block of the workspace.
type Config struct {
	Name   string         // of the channel
	Plugin string         // name of the plugin
	Values map[string]any // the config block: string, float64, bool, []any, map[string]any
}

// LogValue keeps the values, which hold secrets, out of logs.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("channel", c.Name), slog.String("plugin", c.Plugin))
}

// ConfigError says what a plugin does not accept in a channel's config block.
type ConfigError struct {
	Channel     string
	Diagnostics channel.Diagnostics
}

// Error names the channel and says all of it.
func (e *ConfigError) Error() string {
	return fmt.Sprintf("config of channel %s: %s", e.Channel, e.Diagnostics.Error())
}

// Status is how a channel's plugin stands, for people.
type Status struct {
	Channel     string    `json:"channel"`
	Plugin      string    `json:"plugin"`
	Version     string    `json:"version"`
	State       State     `json:"state"`
	Since       time.Time `json:"since"`         // of State
	PID         int       `json:"pid,omitempty"` // 0: there is no process
	Restarts    int       `json:"restarts"`      // deaths so far
	LastError   string    `json:"last_error,omitempty"`
	LastErrorAt time.Time `json:"last_error_at,omitzero"`
	NextStart   time.Time `json:"next_start,omitzero"`    // zero unless a start is due
	Memory      int64     `json:"memory_bytes,omitempty"` // resident
	CPU         float64   `json:"cpu_seconds,omitempty"`  // of all its processes so far
	Odd         Oddities  `json:"odd"`
	Heard       uint64    `json:"heard,omitempty"` // facts that came in
	Deaf        string    `json:"deaf,omitempty"`  // why it does not listen, "" where it does or never will
	Queued      int       `json:"queued"`          // requests that wait for the plugin
	InFlight    int       `json:"in_flight"`       // requests in its hands
}

// Oddities counts what a plugin says that no plugin should. None of it changes
// anything.
type Oddities struct {
	Twice   uint64 `json:"answered_twice,omitempty"`   // answers to what it had answered
	Late    uint64 `json:"answered_late,omitempty"`    // answers to what had been given up
	Unasked uint64 `json:"answered_unasked,omitempty"` // answers to what it was never asked
}

// Host runs the plugins of one server.
type Host struct {
	options Options
	clock   Clock
	log     *slog.Logger
	dir     *folder
	env     []string
	spawner *spawner

	applying sync.Mutex     // one Apply at a time
	plugins  *plugins       // what the next Apply goes by
	leaving  sync.WaitGroup // supervisors that drain aside
	lines    atomic.Pointer[map[string]*line]
	closed   atomic.Bool
}

// line is one channel's way out. Its queue outlives the processes that serve it.
type line struct {
	config      Config
	fingerprint [32]byte
	queue       *queue
	ear         chan struct{} // capacity 1: held by the process that listens
	super       *supervisor
}

// New makes a host without channels. Close it.
func New(o Options) (*Host, error) {
	o = o.complete()
	h := &Host{
		options: o, clock: o.Clock, log: o.Log,
		env:     append(inheritedEnv(), o.Env...),
		plugins: Plugins{Catalog: o.Catalog, Binaries: o.Binaries}.byName(),
	}
	var err error
	if h.dir, err = openFolder(o.Dir); err != nil {
		return nil, fmt.Errorf("plugin folder: %w", err)
	}
	h.spawner = newSpawner()
	h.lines.Store(&map[string]*line{})
	return h, nil
}

// inheritedEnv is the little that a plugin gets from our environment: where
// programs, certificates and zones are, and the language. Never the rest, which
// is full of secrets.
func inheritedEnv() []string {
	var env []string
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "TZ", "ZONEINFO", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "SYSTEMROOT",
	} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// Apply makes the configured channels these: all of them, or with an error none
// of the changes. New and changed channels are started and configured side by
// side; only when each is ready are they put in the place of the old ones, which
// finish what they have. A channel that did not change keeps its process.
func (h *Host) Apply(ctx context.Context, configs []Config) error {
	h.applying.Lock()
	defer h.applying.Unlock()
	if h.closed.Load() {
		return errClosed
	}
	next, fresh, err := h.plan(configs)
	if err != nil {
		return err
	}
	for _, l := range fresh {
		go l.super.run()
	}
	if err := h.awaitFirst(ctx, fresh); err != nil {
		for _, l := range fresh {
			close(l.super.stop)
		}
		for _, l := range fresh {
			<-l.super.done
		}
		return err
	}
	h.swap(next, fresh)
	return nil
}

var errClosed = errors.New("plugin host is closed")

// plan makes the lines of the configured channels: old ones where nothing
// changed, and fresh ones that are not yet running.
func (h *Host) plan(configs []Config) (next map[string]*line, fresh []*line, err error) {
	old := *h.lines.Load()
	next = make(map[string]*line, len(configs))
	var problems []error
	for _, c := range configs {
		if err := h.accept(c, next); err != nil {
			problems = append(problems, err)
			continue
		}
		print := fingerprint(c, h.plugins.binaries[c.Plugin].SHA256)
		if l := old[c.Name]; l != nil && l.fingerprint == print {
			next[c.Name] = l
			continue
		}
		l := &line{config: c, fingerprint: print, queue: newQueue(h.options.Queue), ear: make(chan struct{}, 1)}
		if o := old[c.Name]; o != nil {
			l.queue, l.ear = o.queue, o.ear
		}
		l.super = newSupervisor(h, c, l)
		next[c.Name] = l
		fresh = append(fresh, l)
	}
	return next, fresh, errors.Join(problems...)
}

// accept refuses what need not be started to be known wrong.
func (h *Host) accept(c Config, taken map[string]*line) error {
	if c.Name == "" {
		return errors.New("a channel without a name")
	}
	if taken[c.Name] != nil {
		return fmt.Errorf("channel %s is configured twice", c.Name)
	}
	d, known := h.plugins.catalog[c.Plugin]
	_, external := h.plugins.binaries[c.Plugin]
	why, absent := h.plugins.absent[c.Plugin]
	switch {
	case absent:
		return fmt.Errorf("channel %s: %s", c.Name, why)
	case !known && !external:
		names := slices.Sorted(maps.Keys(h.plugins.catalog))
		return fmt.Errorf("channel %s: unknown plugin %q; there are %v", c.Name, c.Plugin, names)
	case known && d.Missing && !external:
		return fmt.Errorf("channel %s: plugin %s is described but not part of this program; install it, or leave the channel out", c.Name, c.Plugin)
	case !known:
		return nil
	}
	if ds := d.CheckConfig(plain(c.Values)); ds.Failed() {
		return &ConfigError{Channel: c.Name, Diagnostics: ds}
	}
	return nil
}

// awaitFirst waits until each fresh channel is ready.
func (h *Host) awaitFirst(ctx context.Context, fresh []*line) error {
	var problems []error
	for _, l := range fresh {
		select {
		case err := <-l.super.first:
			var refused *ConfigError
			if err != nil && !errors.As(err, &refused) {
				err = fmt.Errorf("start plugin %s for channel %s: %s", l.config.Plugin, l.config.Name,
					l.super.redact.text(err.Error(), 4*maxDetail))
			}
			problems = append(problems, err)
		case <-ctx.Done():
			return errors.Join(append(problems, fmt.Errorf("start plugins: %w", context.Cause(ctx)))...)
		}
	}
	return errors.Join(problems...)
}

// swap puts the new lines in the place of the old ones and lets what they
// replaced finish aside.
func (h *Host) swap(next map[string]*line, fresh []*line) {
	old := *h.lines.Swap(&next)
	for _, l := range fresh {
		close(l.super.active)
	}
	for name, l := range old {
		switch now := next[name]; {
		case now == l:
			continue
		case now == nil:
			h.refuse(l.queue.close())
		}
		close(l.super.stop)
		h.leaving.Go(func() { <-l.super.done })
	}
}

func (h *Host) refuse(items []item) {
	for _, it := range items {
		it.settle(engine.Receipt{Outcome: engine.Retry, Code: CodeStopping, Detail: "the channel is going away"})
	}
}

// Send hands over attempts of one channel and returns when they are taken over.
// report is called once for each, from any goroutine, possibly before Send
// returns; it must be quick. With an error none was taken: nothing was done, and
// nothing is reported. Send waits while the channel's queue is full, as long as
// ctx lasts.
func (h *Host) Send(ctx context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	if len(requests) == 0 {
		return nil
	}
	name := requests[0].Channel
	items := make([]item, 0, len(requests))
	for _, r := range requests {
		if r.Channel != name {
			return fmt.Errorf("send: requests of channels %s and %s together", name, r.Channel)
		}
		items = append(items, item{r, report})
	}
	if h.closed.Load() {
		return errClosed
	}
	l := (*h.lines.Load())[name]
	if l == nil {
		settleAll(items, engine.Receipt{Outcome: engine.Refused, Code: CodeUnknownChannel, Detail: "no such channel is configured"})
		return nil
	}
	if wait, down := l.super.down(); down {
		settleAll(items, l.super.downReceipt(wait))
		return nil
	}
	items = refuseTooLarge(items)
	if len(items) == 0 {
		return nil
	}
	if err := l.queue.put(ctx, items); err != nil {
		return fmt.Errorf("send to channel %s: %w", name, err)
	}
	return nil
}

func settleAll(items []item, r engine.Receipt) {
	for _, it := range items {
		it.settle(r)
	}
}

// refuseTooLarge refuses the requests that no message can carry.
func refuseTooLarge(items []item) []item {
	return slices.DeleteFunc(items, func(it item) bool {
		large := requestSize(&it.request) > maxRequest
		if large {
			it.settle(engine.Receipt{
				Outcome: engine.Refused, Code: CodeTooLarge,
				Detail: fmt.Sprintf("the message is larger than %d MiB", maxRequest>>20),
			})
		}
		return large
	})
}

// maxRequest bounds one request, well within what a message may be.
const maxRequest = 32 << 20

// Free is how many requests of the lane the channel takes without waiting.
func (h *Host) Free(channel string, lane engine.Lane) int {
	if l := (*h.lines.Load())[channel]; l != nil {
		return l.queue.free(lane)
	}
	return 0
}

// Status is how every channel's plugin stands, by the channels' names.
func (h *Host) Status() []Status {
	lines := *h.lines.Load()
	out := make([]Status, 0, len(lines))
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		out = append(out, lines[name].super.report())
	}
	return out
}

// Check asks a channel's service, through the plugin, whether it would accept
// work now. What speaks against it comes as *ConfigError.
func (h *Host) Check(ctx context.Context, name string) error {
	l := (*h.lines.Load())[name]
	if l == nil {
		return fmt.Errorf("no channel %s is configured", name)
	}
	life := l.super.alive()
	if life == nil {
		return fmt.Errorf("channel %s: its plugin is not running: %s", name, l.super.report().LastError)
	}
	answer, err := life.conn.Channel.Check(ctx, &channelv1.CheckRequest{})
	if err != nil {
		return fmt.Errorf("check channel %s: %s", name, l.super.redact.text(explain(ctx, err).Error(), maxDetail))
	}
	if ds := l.super.diagnostics(answer.Diagnostics); ds.Failed() {
		return &ConfigError{Channel: name, Diagnostics: ds}
	}
	return nil
}

// Revive starts a plugin that is resting or quarantined at once. It reports
// whether there is such a channel.
func (h *Host) Revive(name string) bool {
	l := (*h.lines.Load())[name]
	if l == nil {
		return false
	}
	select {
	case l.super.revive <- struct{}{}:
	default:
	}
	return true
}

// Close stops all plugins: what is under way is waited for, what still waits is
// told to come again. It takes no longer than StopTimeout and a few seconds.
func (h *Host) Close() error {
	if h.closed.Swap(true) {
		return nil
	}
	h.applying.Lock()
	defer h.applying.Unlock()
	lines := *h.lines.Load()
	for _, l := range lines {
		h.refuse(l.queue.close())
		close(l.super.stop)
	}
	for _, l := range lines {
		<-l.super.done
	}
	h.leaving.Wait()
	h.spawner.close()
	return h.dir.close()
}
