package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/enginetest/leaks"
	"github.com/seed-456efde2/nurture/engine/store"
)

// TestMain makes sure that every goroutine has an owner who waited for it. It is
// also the main function of the child of TestKilledProcess.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	abandonWithin = time.Hour
	leaks.Main(m)
}

// start is where the clocks of tests begin: a Monday, 09:00 UTC.
var start = time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)

// everPatient is a ReceiptTimeout for tests, which move the clock on by days while a
// message is on its way: on a busy machine it may take its time to leave.
const everPatient = 100_000 * time.Hour

// rig is a runner under test with what it needs.
type rig struct {
	t      testing.TB
	dir    string
	parts  int
	store  *store.Store
	runner *Runner
	clock  Clock
	sender Sender
	waits  context.Context // see patience
}

// openStore opens a small store without syncing.
func openStore(t testing.TB, dir string, parts int) *store.Store {
	t.Helper()
	s, err := store.Open(store.Options{
		Dir: dir, Partitions: parts, NoSync: true, Ballast: -1, LeadCache: -1, SeenFilter: -1,
		Statfs: func(string) (uint64, uint64, error) { return 1 << 40, 1 << 41, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newRig starts a runner on a new store.
func newRig(t testing.TB, p *engine.Program, sender Sender, change func(*Options)) *rig {
	t.Helper()
	g := &rig{t: t, dir: t.TempDir(), parts: 4, clock: enginetest.NewClock(start), sender: sender}
	g.open(p, change)
	t.Cleanup(g.close)
	return g
}

func (g *rig) open(p *engine.Program, change func(*Options)) {
	g.t.Helper()
	g.store = openStore(g.t, g.dir, g.parts)
	o := Options{Store: g.store, Program: p, Sender: g.sender, Clock: g.clock, Workers: 2, ReceiptTimeout: everPatient}
	if change != nil {
		change(&o)
	}
	r, err := New(o)
	if err != nil {
		g.t.Fatal(err)
	}
	g.runner = r
	if err := r.Start(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
}

// close stops the runner and closes the store.
func (g *rig) close() {
	if g.runner == nil {
		return
	}
	if err := g.runner.Stop(context.Background()); err != nil && !errors.Is(err, errCrash) {
		g.t.Errorf("stop: %v", err)
	}
	if err := g.store.Close(); err != nil {
		g.t.Errorf("close: %v", err)
	}
	g.runner = nil
}

var errCrash = errors.New("crash of a test")

// crash ends the runner where it stands, as a kill would: nothing more is decided
// or made durable.
func (g *rig) crash() {
	g.runner.fail(errCrash)
	g.close()
}

func (g *rig) submit(events ...engine.Event) []Result {
	g.t.Helper()
	results, err := g.runner.Submit(g.t.Context(), events)
	if err != nil {
		g.t.Fatal(err)
	}
	return results
}

// patience lasts nearly as long as the tests may.
func (g *rig) patience() context.Context {
	if g.waits == nil {
		g.waits = enginetest.Patience(g.t)
	}
	return g.waits
}

func (g *rig) quiet() {
	g.t.Helper()
	if err := g.runner.Quiet(g.patience()); err != nil {
		g.t.Fatalf("quiet: %v; %+v", err, g.runner.Status())
	}
}

func (g *rig) now() engine.Time { return engine.TimeOf(g.clock.Now()) }

func (g *rig) advance(d time.Duration) { g.clock.(*enginetest.Clock).Advance(d) }

func (g *rig) lead(user string) *engine.Lead {
	g.t.Helper()
	var l engine.Lead
	if _, err := g.runner.Lead(engine.Identifier{Kind: engine.ByUser, Value: user}.Lead(), &l); err != nil {
		g.t.Fatal(err)
	}
	return &l
}

// event makes a track call at the rig's present time.
func (g *rig) event(id, user, name string, fields ...engine.Field) engine.Event {
	return engine.Event{Kind: engine.Track, ID: id, Source: "test", Name: name, User: user, At: g.now(), Received: g.now(), Fields: fields}
}

func number(name string, n float64) engine.Field {
	return engine.Field{Name: name, Value: engine.NumberValue(n)}
}

// receiver is the world behind the channels: it remembers every request, and
// answers as it is told, at once.
type receiver struct {
	answer func(engine.Request) engine.Receipt // nil: everything is accepted
	twice  bool                                // every answer comes twice
	fail   func([]engine.Request) error        // a Send that is not taken

	mu   sync.Mutex
	got  []engine.Request
	keys map[engine.ActionKey][]engine.Request
	bell chan struct{} // closed and replaced with every request
}

func (r *receiver) Send(_ context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	if r.fail != nil {
		if err := r.fail(requests); err != nil {
			return err
		}
	}
	r.mu.Lock()
	if r.keys == nil {
		r.keys = map[engine.ActionKey][]engine.Request{}
	}
	for _, q := range requests {
		r.got = append(r.got, q)
		r.keys[q.Key] = append(r.keys[q.Key], q)
	}
	if r.bell != nil {
		close(r.bell)
		r.bell = nil
	}
	r.mu.Unlock()
	for _, q := range requests {
		receipt := engine.Receipt{Outcome: engine.Done}
		if r.answer != nil {
			receipt = r.answer(q)
		}
		if receipt.Outcome == 0 {
			continue // it never answers
		}
		receipt.Key, receipt.Lead, receipt.Attempt = q.Key, q.Lead, q.Attempt
		report(receipt)
		if r.twice {
			report(receipt)
		}
	}
	return nil
}

// requests are those so far.
func (r *receiver) requests() []engine.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// await waits until there were n requests.
func (r *receiver) await(t testing.TB, n int) {
	t.Helper()
	for {
		r.mu.Lock()
		have := len(r.got)
		if r.bell == nil {
			r.bell = make(chan struct{})
		}
		bell := r.bell
		r.mu.Unlock()
		if have >= n {
			return
		}
		select {
		case <-bell:
		case <-t.Context().Done():
			t.Fatalf("%d requests came, want %d", have, n)
		}
	}
}

func program(t testing.TB, spec *engine.Spec, digest string) *engine.Program {
	t.Helper()
	p, err := engine.NewProgram(spec, digest, 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// mailSpec is a workflow that sends a mail when somebody signs up, waits for
// days, and sends another. Every "vip" is tossed up.
func mailSpec(wait time.Duration) *engine.Spec {
	score := engine.Key{Kind: engine.KeyScore, Name: "interest"}
	return &engine.Spec{
		Name: "mail", Zone: time.UTC,
		Events: []engine.EventSpec{{Name: "signup"}, {Name: "vip"}, {Name: "visit", Fields: []engine.AttrSpec{{Name: "points", Kind: engine.Number}}}},
		Scores: []engine.ScoreSpec{{Name: "interest", Rules: []engine.ScoreRule{
			{Name: "visit", On: "visit", Amount: enginetest.Amount(engine.Key{Kind: engine.KeyEvent, Name: "points"})},
		}}},
		TossUps: []engine.TossUpSpec{{
			Name: "vip", On: "vip",
			HandOver: &engine.HandOverSpec{Channel: "crm", Kind: "crm", Content: enginetest.Parts("vip", score)},
		}},
		Channels: []engine.ChannelSpec{
			{Name: "mail", Plugin: "p", Reach: engine.ReachSystem, Retry: engine.RetrySpec{Times: 3, Over: engine.Hour}},
			{Name: "crm", Plugin: "p", Reach: engine.ReachStaff, Keyed: true, Retry: engine.RetrySpec{Times: 3, Over: engine.Hour}},
		},
		Flows: []engine.FlowSpec{{
			Name: "welcome", Enter: engine.EnterSpec{On: "signup"},
			Steps: []engine.StepSpec{
				{Name: "hello", Kind: engine.SendStep, Next: 1, Send: send("mail", "hello", score)},
				{Name: "pause", Kind: engine.WaitStep, Next: 2, Wait: &engine.WaitSpec{For: calendar.Length{Span: wait}}},
				{Name: "more", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: send("mail", "more", score)},
			},
		}},
	}
}

func send(channel, text string, reads ...engine.Key) *engine.SendSpec {
	return &engine.SendSpec{Channel: channel, Kind: "email", Lane: engine.LaneNurture, Content: enginetest.Parts(text, reads...)}
}

func userOf(i int) string { return fmt.Sprintf("user-%d", i) }

func newTestClock() *enginetest.Clock { return enginetest.NewClock(start) }
