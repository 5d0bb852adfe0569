package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/store"
	"github.com/seed-456efde2/nurture/engine/tracking"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// serverOptions says what a server is made of. Workspace, Data and Listen are
// required; the zero value of the others works.
type serverOptions struct {
	Workspace string // folder with the rules, watched
	Data      string // folder of the state
	Listen    string // address, "127.0.0.1:8383"
	Lang      string // of what the log says about the rules; "" is the project's

	Lookup    func(name string) (string, bool) // env and secret; nil: the environment
	Sources   []httpd.Key                      // write keys
	APIKeys   []httpd.Key
	AuditKeep time.Duration // how long the audit log keeps an entry; 0: 400 days
	// DecisionsKeep is how long the reasons of decisions are kept; 0: for ever.
	DecisionsKeep time.Duration
	Origins       []string
	Loopback      bool // whoever is on this machine needs no key, until there is one for the API
	NeedsKey      bool // there must be a key for the API in the book
	Pages         []httpd.Page

	// PublicURL is where people who got a mail reach the server; "" is nowhere, and
	// mails then have no links back. OwnURL takes the address it listens on.
	PublicURL    string
	OwnURL       bool
	TrackingKeys string // secrets of these links, the current one first; "": one is kept with the state

	// Reroute may send the channels elsewhere than the workspace says; nil: they
	// go where it says.
	Reroute func([]host.Config) []host.Config
	AtOnce  bool // changed rules go live at once, whatever they say about rollouts
	// Way may stand before the plugins in the way out; nil: nothing does.
	Way func(runner.Sender) runner.Sender
	// ReceiptTimeout is the runner's, on Clock; 0: 15 minutes.
	ReceiptTimeout time.Duration

	Restarts host.RestartPolicy // of the plugins; zero: the host's

	Clock   runner.Clock  // nil: the system's
	Pace    int64         // seconds of Clock in one of the machine's; 0: 1
	Grace   time.Duration // for a stop; 0: 20 seconds
	Poll    time.Duration // how often the rules' folder is looked at where nobody tells of changes; 0: dsl.Watch knows
	Ballast int64         // see store.Options
	Log     *slog.Logger
}

// server is the wiring: store, plugins, runner, rules and HTTP, each with its
// owner and in the order in which they stop.
type server struct {
	options  serverOptions
	store    *store.Store
	plugins  *host.Host
	inflow   *inflow
	inlets   inlets
	book     *access.Book
	runner   *runner.Runner
	rules    *rules
	http     *httpd.Server
	listener net.Listener
}

// startServer opens the state, loads the rules, starts the plugins and takes up
// where the last life left off. Nothing is answered before serve.
func startServer(ctx context.Context, o serverOptions) (s *server, err error) {
	if o.Lookup == nil {
		o.Lookup = os.LookupEnv
	}
	if o.Clock == nil {
		o.Clock = runner.SystemClock()
	}
	if o.Grace <= 0 {
		o.Grace = 20 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s = &server{options: o}
	defer func() {
		if err != nil {
			s.close(context.WithoutCancel(ctx))
		}
	}()
	limitMemory()
	if s.listener, err = listen(o.Listen); err != nil {
		return s, err
	}
	if s.store, err = store.Open(store.Options{Dir: o.Data, Ballast: o.Ballast, Log: o.Log}); err != nil {
		return s, err
	}
	if s.book, err = access.Open(s.store); err != nil {
		return s, err
	}
	if o.NeedsKey && !s.book.Any(access.API, o.Clock.Now()) {
		return s, errors.New("a server that others can reach needs a key for its API. Make one before it starts: nurture key create --data DIR --name ops --scope admin; or give one: --api-key NAME=SECRET")
	}
	s.inflow = &inflow{store: s.store, now: o.Clock.Now}
	if s.plugins, err = host.New(host.Options{Log: o.Log, Restarts: o.Restarts, Intake: s.inflow}); err != nil {
		return s, err
	}
	if s.rules, err = newRules(ctx, s); err != nil {
		return s, err
	}
	links, keys, err := s.tracking()
	if err != nil {
		return s, err
	}
	var way runner.Sender = s.plugins
	if o.Way != nil {
		way = o.Way(way)
	}
	if s.runner, err = runner.New(runner.Options{
		Store: s.store, Program: s.rules.program, Canary: s.rules.canary, Sources: s.rules.sources, Author: s.rules.author(ctx, s.rules.program.Digest()), Sender: way,
		Clock: o.Clock, Log: o.Log, Limits: s.rules.limits, ReceiptTimeout: o.ReceiptTimeout,
		Between: httpd.BesideCallers(func() uint64 { return s.runner.ToDurable().Count() }),
		Links:   links, Report: reporter(s.store), Past: programsOf(s.store),
	}); err != nil {
		return s, err
	}
	s.rules.rollouts.before(ctx)
	if err = s.runner.Start(ctx); err != nil {
		return s, err
	}
	s.inflow.open(s.runner, keys)
	s.http, err = httpd.New(httpd.Options{
		Callbacks: callbacks{s.plugins},
		Eraser:    s.runner, Identities: s.runner, Corrector: s.runner, Copier: s.store,
		Door: s.runner, Desk: httpd.DeskOf(s.runner), People: s.store, Ledger: s.store, Register: s.store, Workshop: s.rules,
		Planner: planner{s.rules}, Rollouts: s.rules.rollouts, Aside: aside, ProgramAt: programsOf(s.store),
		Book: s.book, Audit: s.store, AuditKeep: o.AuditKeep, DecisionsKeep: o.DecisionsKeep,
		Inlets: &s.inlets, Receipts: &receipts{s.inflow, s.store}, Dead: &receipts{s.inflow, s.store}, Fetch: fetcher(),
		Sources: o.Sources, APIKeys: o.APIKeys, Origins: o.Origins, Loopback: o.Loopback, Pages: o.Pages, Tracking: keys,
		Version: version(), Now: o.Clock.Now, Pace: o.Pace, Log: o.Log, Grace: o.Grace,
	})
	return s, err
}

// tracking makes what mails lead back with, and the keys under which that is
// answered. Without a public address that is what comes back by mail alone.
func (s *server) tracking() (engine.Links, *tracking.Keys, error) {
	o := &s.options
	address := o.PublicURL
	if address == "" && o.OwnURL {
		address = s.url()
	}
	keys, err := trackingKeys(o.TrackingKeys, o.Data, true)
	if err != nil {
		return nil, nil, err
	}
	if address == "" {
		o.Log.Info("mails have no tracked links and no link to unsubscribe, because nobody could follow them: --public-url is not set")
		return &trackedLinks{tracking.Links{Keys: keys}}, keys, nil
	}
	links, err := newLinks(address, keys)
	if err != nil {
		return nil, nil, err
	}
	return links, keys, nil
}

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return l, nil
}

// url is where the server is reached.
func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// serve answers until ctx ends or the runner cannot go on, then stops everything
// in order: no new calls, no new events, messages under way settled, all of it
// durable, plugins, store.
func (s *server) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.rules.watch(ctx)
	}()
	fatal := make(chan struct{})
	go func() {
		defer close(fatal)
		select {
		case err := <-s.runner.Err():
			cancel(err)
		case <-ctx.Done():
		}
	}()
	expired := make(chan struct{})
	go func() {
		defer close(expired)
		s.keepReasons(ctx)
	}()
	paced := make(chan struct{})
	go func() {
		defer close(paced)
		paceCollector(ctx)
	}()
	s.http.Ready()
	err := s.http.Serve(ctx, s.listener)
	cancel(nil)
	<-watched
	<-expired
	<-paced
	<-fatal
	cause := context.Cause(ctx)
	if errors.Is(cause, context.Canceled) {
		cause = nil
	}
	return errors.Join(err, cause, s.close(context.WithoutCancel(ctx)))
}

// keepReasons lets the reasons of decisions go when their time is over.
func (s *server) keepReasons(ctx context.Context) {
	if s.options.DecisionsKeep <= 0 {
		return
	}
	s.runner.KeepReasons(ctx, s.options.DecisionsKeep, func(rows int, err error) {
		switch {
		case err != nil:
			s.options.Log.Warn("reasons whose time is over could not all be taken out", "rows", rows, "error", err)
		case rows > 0:
			s.options.Log.Info("reasons whose time is over were taken out", "rows", rows)
		}
	})
}

// close stops what was started, in order.
func (s *server) close(ctx context.Context) error {
	var errs []error
	if s.listener != nil {
		_ = s.listener.Close() // Serve may have closed it
	}
	if s.rules != nil {
		s.rules.close()
	}
	if s.runner != nil {
		grace, cancel := context.WithTimeout(ctx, s.options.Grace)
		err := s.runner.Stop(grace)
		cancel()
		if errors.Is(err, runner.ErrCut) {
			s.options.Log.Warn("stopped", "note", err.Error())
		} else if err != nil {
			errs = append(errs, fmt.Errorf("stop the runner: %w", err))
		}
	}
	if s.plugins != nil {
		if err := s.plugins.Close(); err != nil {
			errs = append(errs, fmt.Errorf("stop the plugins: %w", err))
		}
	}
	if s.store != nil {
		if err := s.store.Close(); err != nil {
			errs = append(errs, fmt.Errorf("close the store: %w", err))
		}
	}
	return errors.Join(errs...)
}

// onLoopback reports whether an address is reached from this machine only.
func onLoopback(address string) bool {
	name, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	return err == nil && ip.IsLoopback()
}

// openBrowser shows a page, where there is something to show it with.
func openBrowser(url string) {
	if path, err := exec.LookPath("xdg-open"); err == nil {
		_ = exec.Command(path, url).Start() // a convenience: the link is printed as well
	}
}
