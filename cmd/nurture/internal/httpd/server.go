// Package httpd is what nurture shows to the network: the collector that takes
// events from Segment-compatible clients, the API, the metrics and the console.
//
// It decides nothing and keeps nothing: events go through the Door and are
// answered when they are durable; pages and the API read. It sends nothing
// either, which is why it knows no plugins.
//
// No lead's name, address or client-given id appears in a log line, a metric or
// a link of the console; links carry the internal id, which cannot be read back.
package httpd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/tracking"
)

// Options configures a Server. Door, Desk, People and Ledger are required; of
// the rest the zero value works.
type Options struct {
	Door   Door
	Desk   Desk
	People People
	Ledger Ledger
	// ProgramAt gives the rules of past revisions, for counting anew. Default: today's.
	ProgramAt ProgramAt
	// Register is the register of hand-overs. Default: nil, and it is empty.
	Register Register
	Workshop Workshop // nil: rules cannot be reloaded and plugins are not shown
	// Callbacks takes what the channels' services call. Default: nil, and nobody
	// may call.
	Callbacks Callbacks

	// Sources are the write keys of the collector; Name is the source of the
	// events. Default: none, and then nobody may send but Loopback.
	Sources []Key
	// Book has the keys that are made and withdrawn while the server runs.
	// Default: nil, and there are none.
	Book *access.Book
	// Inlets are the sources that the workspace describes. Default: nil, and there
	// are none.
	Inlets Inlets
	// Receipts takes what providers tell about mails. Default: nil, and such sources
	// are not answered.
	Receipts Receipts
	// Fetch reads a public address for a source: a certificate, a confirmation.
	// Default: nil, and sources that need it are not answered.
	Fetch func(ctx context.Context, address string) ([]byte, error)
	// Copier copies all data. Default: nil, and no backup can be had.
	Copier Copier
	// Eraser forgets people. Default: nil, and nobody is forgotten.
	Eraser Eraser
	// Corrector takes what somebody says of facts. Default: nil, and nothing is taken.
	Corrector Corrector
	// Identities says who is who. Default: nil, and nobody does.
	Identities Identities
	// Dead is what could not be taken. Default: nil, and it cannot be taken again.
	Dead DeadEvents
	// Planner loads rules that are not in force. Default: nil, and nothing can be
	// planned.
	Planner Planner
	// Rollouts are the changes of rules that go live step by step. Default: nil, and
	// there are none.
	Rollouts Rollouts
	// Aside makes room for so many goroutines that work beside callers; what it gives
	// is called when they have ended. Default: nothing is done.
	Aside func(workers int) (end func())
	// Audit keeps who changed what. Default: nil, and nobody writes it down.
	Audit AuditLog
	// AuditKeep is how long that is kept. Default: 400 days.
	AuditKeep time.Duration
	// DecisionsKeep is how long the reasons of decisions are kept, as far as is told:
	// the runner takes them out. Default: for ever.
	DecisionsKeep time.Duration
	// APIKeys let into the API and the console. Default: none.
	APIKeys []Key
	// Loopback lets everybody on this machine do everything without a key, until the
	// book has a key for the API. It is for trying things out. Default: off.
	Loopback bool
	// Origins are the sites whose pages may send events, as
	// "https://www.example.co.jp"; "*" is all. Default: none.
	Origins []string
	// Tracking opens the addresses that mails lead back with. Default: nil, and no
	// such address is answered.
	Tracking *tracking.Keys
	// Limits bounds what one call may hold. Default: 500 KiB, 32 KiB an event.
	Limits intake.Limits
	// InFlight bounds the bytes of all bodies that are in memory at one time.
	// Default: 64 MiB, and never less than two of the largest.
	InFlight int
	// Refresh is the shortest time between two updates of a page that is being
	// watched. Default: one second.
	Refresh time.Duration
	// Grace is how long Serve waits for calls under way when it stops.
	// Default: 20 seconds.
	Grace time.Duration

	Pages   []Page // more pages of the console, behind the same sign-in
	Version string // of the program, shown in the status. Default: "dev"
	Now     func() time.Time
	// Pace is how many seconds pass on Now in one of the machine's. Figures about
	// speed are told in the machine's. Default: 1.
	Pace int64
	Log  *slog.Logger
}

func (o *Options) validate() error {
	if o.Door == nil || o.Desk == nil || o.People == nil || o.Ledger == nil {
		return errors.New("Door, Desk, People and Ledger are required")
	}
	owner := map[string]string{}
	for _, key := range slices.Concat(o.Sources, o.APIKeys) {
		switch {
		case key.Name == "" || key.Secret == "":
			return fmt.Errorf("key %q: a key needs a name and a secret", key.Name)
		case owner[key.Secret] != "": // write keys are no secrets: they stand in web pages
			return fmt.Errorf("key %q: it has the secret of %q, and each needs its own", key.Name, owner[key.Secret])
		}
		owner[key.Secret] = key.Name
	}
	for _, p := range o.Pages {
		if p.Handler == nil || path.Clean(p.Path) != p.Path || len(p.Path) < 2 || p.Path[0] != '/' {
			return fmt.Errorf("page %q: it needs a handler and a path such as /mailbox", p.Path)
		}
	}
	return nil
}

// withDefaults fills in what the zero value leaves open.
func (o Options) withDefaults() Options {
	if o.Workshop == nil {
		o.Workshop = closedWorkshop{}
	}
	if o.Rollouts == nil {
		o.Rollouts = noRollouts{}
	}
	if o.Limits.Batch <= 0 {
		o.Limits.Batch = intake.DefaultBatch
	}
	if o.InFlight <= 0 {
		o.InFlight = 64 << 20
	}
	o.InFlight = max(o.InFlight, 4*o.Limits.Batch)
	if o.AuditKeep <= 0 {
		o.AuditKeep = DefaultAuditKeep
	}
	if o.Refresh <= 0 {
		o.Refresh = time.Second
	}
	if o.Grace <= 0 {
		o.Grace = 20 * time.Second
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Pace <= 0 {
		o.Pace = 1
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// closedWorkshop is the Workshop of a server that has none.
type closedWorkshop struct{}

func (closedWorkshop) Rules() Rules      { return Rules{OK: true} }
func (closedWorkshop) Plugins() []Plugin { return nil }
func (closedWorkshop) Reload(context.Context) error {
	return newProblem(http.StatusNotImplemented, "no_reload", "this server does not read its rules from files")
}

// Server answers HTTP. It begins not ready; see Ready.
type Server struct {
	options  Options
	limits   intake.Limits
	now      func() time.Time
	log      *slog.Logger
	sources  keyring
	keys     keyring
	budget   budget
	metrics  *metrics
	console  *console
	recent   *recent
	tallies  tallyBook
	hits     hitLimit
	wayOuts  wayOutLocks
	trials   trialBook
	buckets  buckets
	asks     askLimit
	onces    onceBook
	logins   loginBook
	papers   papers
	faults   faults
	walks    walkBook
	planning sync.Mutex // held while a plan or a replay is being made
	workers  int        // of a plan or a replay, under planning
	pace     *pace      // of them, under planning
	handler  http.Handler

	state   atomic.Int32
	started time.Time
	life    context.Context // ends when Serve begins to stop: streams end with it
	end     context.CancelFunc
}

// The states of a Server.
const (
	stateStarting int32 = iota
	stateReady
	stateStopping
)

// New makes a Server.
func New(options Options) (*Server, error) {
	if err := options.validate(); err != nil {
		return nil, fmt.Errorf("make the HTTP server: %w", err)
	}
	o := options.withDefaults()
	s := &Server{
		options: o, limits: o.Limits, now: o.Now, log: o.Log,
		sources: newKeyring(o.Sources), keys: newKeyring(o.APIKeys),
		started: o.Now(),
	}
	s.life, s.end = context.WithCancel(context.Background())
	s.tallies.ledger = o.Ledger
	s.budget.start(o.InFlight)
	s.metrics = newMetrics(s)
	s.recent = newRecent(s)
	console, err := newConsole()
	if err != nil {
		return nil, fmt.Errorf("load the console: %w", err)
	}
	s.console = console
	s.handler = s.routes()
	return s, nil
}

// Handler answers all requests.
func (s *Server) Handler() http.Handler { return s.handler }

// Ready opens the doors: from now on /readyz says yes and the collector takes
// events.
func (s *Server) Ready() { s.state.CompareAndSwap(stateStarting, stateReady) }

// stop lets /readyz say no and ends the streams; what is under way goes on.
func (s *Server) stop() {
	s.state.Store(stateStopping)
	s.end()
}

// open reports whether events are taken. While the server stops they still are:
// the runner knows until when it can keep them.
func (s *Server) open() error {
	if s.state.Load() == stateStarting {
		return runner.ErrStopping
	}
	return nil
}

// Serve answers on the listener until ctx ends. Then it takes no new connections,
// waits for the calls under way, at most for Grace, and returns. It also keeps
// the live pages up to date. The runner must outlive it.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second, // streams move their own deadline on
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		ConnState:         newCrowd(roomForConnections(), maxPerAddress).note,
	}
	watching, endWatch := context.WithCancel(context.WithoutCancel(ctx))
	var tasks sync.WaitGroup
	tasks.Go(func() { s.recent.watch(watching) })
	failed := make(chan error, 1)
	tasks.Go(func() { failed <- server.Serve(listener) })

	var err error
	select {
	case err = <-failed:
		s.stop()
	case <-ctx.Done():
		s.stop()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Grace)
		if err = server.Shutdown(grace); err != nil {
			err = fmt.Errorf("wait for calls under way: %w", err)
			server.Close()
		}
		cancel()
	}
	endWatch()
	tasks.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// routes is the table of everything this server answers.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	s.routeCollector(mux)
	s.routeSources(mux)
	s.routeTracking(mux)
	s.routeWeb(mux)
	s.routeCallbacks(mux)
	s.routeHealth(mux)
	s.routeAPI(mux)
	s.routeConsole(mux)
	return paced(noRedirects(mux))
}

func (s *Server) routeHealth(mux *http.ServeMux) {
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "alive\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		switch s.state.Load() {
		case stateReady:
			plain(w, http.StatusOK, "ready\n")
		case stateStopping:
			plain(w, http.StatusServiceUnavailable, "stopping\n")
		default:
			plain(w, http.StatusServiceUnavailable, "starting\n")
		}
	})
	mux.Handle("GET /metrics", s.metricsFor(s.metrics.handler()))
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // whoever asked has gone
}

// noRedirects cleans the paths of calls itself. The mux would answer //v1/batch,
// which a host configured with a slash at its end makes, by a redirect, and some
// clients take a redirect for delivered.
func noRedirects(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if clean := path.Clean("/" + r.URL.Path); clean != r.URL.Path && strings.HasPrefix(clean, "/v1/") {
			u := *r.URL
			u.Path, u.RawPath = clean, ""
			r2 := *r
			r2.URL = &u
			r = &r2
		}
		next.ServeHTTP(w, r)
	})
}
