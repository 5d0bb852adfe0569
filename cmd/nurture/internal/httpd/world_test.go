package httpd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/engine/sim"
	"github.com/seed-456efde2/nurture/engine/store"
)

// world stands behind the server in tests: a Sim that decides, and what a store
// would keep of it. It is Door, Desk, People, Ledger and Workshop at once.
type world struct {
	mu       sync.Mutex
	clock    *enginetest.Clock
	sim      *sim.Sim
	program  *engine.Program
	counts   map[string][]engine.Delta
	dead     []engine.DeadAction
	bad      []store.BadEvent
	told     []string                       // what was asked of the Door and the Workshop
	ruled    atomic.Pointer[engine.Program] // the program under rulings, once there are any
	rules    Rules
	plugins  []Plugin
	status   runner.Status
	refusal  error // what Submit answers instead
	watchers []chan []runner.Update
	submits  int
}

const partitions = 64

// monday is a Monday morning in Tokyo.
var monday = time.Date(2026, 10, 5, 10, 0, 0, 0, time.FixedZone("JST", 9*3600))

func newWorld(t testing.TB) *world {
	t.Helper()
	p, err := engine.NewProgram(workspace(), "3f2a9c", 42)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		clock: enginetest.NewClock(monday), program: p, counts: map[string][]engine.Delta{},
		rules:   Rules{OK: true, At: monday.Add(-3 * time.Minute)},
		plugins: []Plugin{{Channel: "mail", Plugin: "email", State: "running"}, {Channel: "sales", Plugin: "webhook", State: "running", Restarts: 1}},
	}
	w.status = runner.Status{Revision: 42, Digest: "3f2a9c", Swapped: engine.TimeOf(monday.Add(-3 * time.Minute))}
	w.sim = sim.New(p, sim.Options{
		Start: engine.TimeOf(monday), Reply: w.reply, OnFact: w.onFact,
		OnCount: func(d engine.Delta) { w.counts[d.Name] = append(w.counts[d.Name], d) },
	})
	return w
}

// reply accepts every message but those to one domain.
func (w *world) reply(r engine.Request) engine.Receipt {
	lead := w.sim.Lead(r.Lead)
	for _, a := range lead.Folds.Attrs {
		if strings.HasSuffix(a.Value.Text(), "@refused.example") {
			return engine.Receipt{Key: r.Key, Lead: r.Lead, Attempt: r.Attempt, Outcome: engine.Refused, Code: "no_such_mailbox", Detail: "550 no such mailbox"}
		}
	}
	return engine.Receipt{Key: r.Key, Lead: r.Lead, Attempt: r.Attempt, Outcome: engine.Done}
}

func (w *world) onFact(id engine.LeadID, f *engine.Fact) {
	u := runner.Update{Lead: id, At: f.Event.At, Kind: f.Event.Kind, Event: f.Event.Name, Revision: f.Revision}
	for _, d := range f.Decisions {
		u.Decisions = append(u.Decisions, runner.Brief{Kind: d.Kind, Subject: d.Subject, Detail: d.Detail})
	}
	for _, c := range w.watchers {
		c <- []runner.Update{u}
	}
}

func (w *world) Submit(_ context.Context, events []engine.Event) ([]runner.Result, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.submits++
	if w.refusal != nil {
		return nil, w.refusal
	}
	results := make([]runner.Result, len(events))
	for i := range events {
		ok, err := w.sim.Submit(events[i])
		results[i] = runner.Result{Duplicate: !ok && err == nil, Err: err}
	}
	w.dead = slices.Clone(w.sim.Dead())
	return results, nil
}

func (w *world) Refuse(_ context.Context, letters []store.BadEvent) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range letters {
		l.Seq = uint64(len(w.bad) + 1)
		w.bad = append(w.bad, l)
	}
	return nil
}

func (w *world) Redrive(_ context.Context, lead engine.LeadID, key engine.ActionKey) error {
	return w.letter("redrive", lead, key)
}

func (w *world) Discard(_ context.Context, lead engine.LeadID, key engine.ActionKey) error {
	return w.letter("discard", lead, key)
}

func (w *world) letter(deed string, lead engine.LeadID, key engine.ActionKey) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.dead, func(d engine.DeadAction) bool { return d.Pending.Key == key && d.Lead == lead })
	if i < 0 {
		return runner.ErrNoLetter
	}
	w.dead = slices.Delete(w.dead, i, i+1)
	w.told = append(w.told, deed)
	return nil
}

func (w *world) SetRulings(_ context.Context, change func(*engine.Rulings) (*engine.Rulings, error)) (*engine.Rulings, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.sim.Rule(change)
	w.ruled.Store(w.sim.Program())
	return w.sim.Program().Rulings(), err
}

// Program is asked while the world is locked, too.
func (w *world) Program() *engine.Program {
	if p := w.ruled.Load(); p != nil {
		return p
	}
	return w.program
}

func (w *world) ToDurable() *runner.Histogram  { return new(runner.Histogram) }
func (w *world) CommitTime() *runner.Histogram { return new(runner.Histogram) }

func (w *world) Status() runner.Status {
	w.mu.Lock()
	defer w.mu.Unlock()
	st := w.status
	st.Decided, st.NewLeads, st.GivenUp = uint64(w.submits), uint64(len(w.sim.Leads())), uint64(len(w.dead))
	st.Channels = []runner.ChannelStatus{{Channel: "mail", Sent: uint64(len(w.sim.Sent())), Outbox: [engine.Lanes]int64{0, 0, 3, 0}, Outstanding: 1}, {Channel: "sales"}}
	return st
}

func (w *world) Watch(ctx context.Context, yield func([]runner.Update, uint64)) error {
	updates := make(chan []runner.Update, 4096)
	w.mu.Lock()
	w.watchers = append(w.watchers, updates)
	w.mu.Unlock()
	for {
		select {
		case u := <-updates:
			yield(u, 0)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *world) Lead(id engine.LeadID, l *engine.Lead) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	known := w.sim.Lead(id)
	if known == nil {
		return false, nil
	}
	if err := engine.DecodeLead(engine.AppendLead(nil, known), l); err != nil {
		return false, err
	}
	l.ID = id
	return true, nil
}

func (w *world) Leads(part int, after engine.LeadID, limit int, yield func(engine.LeadID, []byte) error) error {
	w.mu.Lock()
	ids := slices.Clone(w.sim.Leads())
	rows := map[engine.LeadID][]byte{}
	for _, id := range ids {
		rows[id] = engine.AppendLead(nil, w.sim.Lead(id))
	}
	w.mu.Unlock() // yield may ask for more
	slices.SortFunc(ids, func(a, b engine.LeadID) int { return strings.Compare(string(a[:]), string(b[:])) })
	n := 0
	for _, id := range ids {
		if id.Partition(partitions) != part || !after.IsZero() && string(id[:]) <= string(after[:]) {
			continue
		}
		if n++; limit > 0 && n > limit {
			return nil
		}
		if err := yield(id, rows[id]); err != nil {
			return err
		}
	}
	return nil
}

// Facts are in the order of the store: that of their own time.
func (w *world) Facts(_ int, id engine.LeadID, yield func(*engine.Fact) error) error {
	var rows []*engine.Fact
	w.mu.Lock()
	err := w.sim.Facts(id, func(f *engine.Fact) error {
		rows = append(rows, f)
		return nil
	})
	w.mu.Unlock()
	slices.SortStableFunc(rows, func(a, b *engine.Fact) int {
		return cmp.Or(cmp.Compare(a.Event.At, b.Event.At), cmp.Compare(a.Seq, b.Seq))
	})
	for _, f := range rows {
		if err == nil {
			err = yield(f)
		}
	}
	return err
}

func (w *world) Resolve(i engine.Identifier) (engine.LeadID, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if l := w.sim.Find(i); l != nil {
		return l.ID, true, nil
	}
	return engine.LeadID{}, false, nil
}

func (w *world) Partitions() int { return partitions }

func (w *world) Counts(name string, from, to int64, yield func(engine.Delta) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.counts[name] {
		if d.Hour >= from && d.Hour < to {
			if err := yield(d); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) Dead(part int, key engine.ActionKey, d *engine.DeadAction) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.dead {
		if w.dead[i].Pending.Key == key && w.dead[i].Lead.Partition(partitions) == part {
			*d = w.dead[i]
			return true, nil
		}
	}
	return false, nil
}

func (w *world) DeadActions(part int, after engine.ActionKey, limit int, yield func(*engine.DeadAction) error) error {
	w.mu.Lock()
	letters := slices.Clone(w.dead)
	w.mu.Unlock()
	slices.SortFunc(letters, func(a, b engine.DeadAction) int {
		return strings.Compare(a.Pending.Key.String(), b.Pending.Key.String())
	})
	n := 0
	for i := range letters {
		d := &letters[i]
		if d.Lead.Partition(partitions) != part || !after.IsZero() && d.Pending.Key.String() <= after.String() {
			continue
		}
		if n++; limit > 0 && n > limit {
			return nil
		}
		if err := yield(d); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) BadEvents(before uint64, limit int, yield func(*store.BadEvent) error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if before == 0 {
		before = math.MaxUint64
	}
	n := 0
	for _, b := range slices.Backward(w.bad) {
		if b.Seq >= before {
			continue
		}
		if n++; limit > 0 && n > limit {
			return nil
		}
		switch err := yield(&b); {
		case errors.Is(err, store.ErrStop):
			return nil
		case err != nil:
			return err
		}
	}
	return nil
}

func (w *world) Revisions() ([]store.Revision, error) {
	return []store.Revision{{Number: 41, Digest: "aa", At: engine.TimeOf(monday.Add(-time.Hour))}, {Number: 42, Digest: "3f2a9c", At: engine.TimeOf(monday)}}, nil
}

func (w *world) Rules() Rules {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rules
}

func (w *world) Reload(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, "reload")
	if w.refusal != nil {
		return w.refusal
	}
	return nil
}

func (w *world) Plugins() []Plugin { return w.plugins }

// heard is what was asked of the Door and the Workshop.
func (w *world) heard() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.told)
}

func (w *world) refuseWith(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.refusal = err
}

// letters are the codes of the refused events.
func (w *world) letters() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var codes []string
	for _, b := range w.bad {
		codes = append(codes, b.Code)
	}
	return codes
}

// known are the ids of the clients' events, by the leads' journals.
func (w *world) known(t testing.TB) []string {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	var ids []string
	for _, id := range w.sim.Leads() {
		err := w.sim.Facts(id, func(f *engine.Fact) error {
			if f.Event.Kind.Outside() {
				ids = append(ids, f.Event.ID)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(ids)
	return ids
}

// options are those of a server with one source, one API key and this world.
func (w *world) options() Options {
	return Options{
		Door: w, Desk: w, People: w, Ledger: w, Workshop: w,
		Sources: []Key{{"site", "site-key"}, {"app", "app-key"}}, APIKeys: []Key{{"ops", "ops-key"}},
		Origins: []string{"https://www.example.co.jp"}, Now: w.clock.Now, Refresh: time.Millisecond, Version: "1.2.3",
		Grace: time.Hour, // nothing hangs here but by a fault
	}
}

func newServer(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Ready()
	return s
}

// call sends a request and gives the answer. headers are "Name: value".
func call(t testing.TB, s *Server, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		} else if name == "Peer" {
			r.RemoteAddr = value
		} else {
			r.Header.Set(name, value)
		}
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

const (
	siteKey = "Authorization: Basic c2l0ZS1rZXk6" // site-key:
	opsKey  = "Authorization: Bearer ops-key"
)

func wantStatus(t testing.TB, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
}

// live lets a year of a few leads pass: visits, forms, mails, a hand-over, a dead
// letter and a refused event.
func (w *world) live(t testing.TB, s *Server) {
	t.Helper()
	companies := []string{"株式会社あおば製作所", "北星システム株式会社", "Tanaka & Sons", "みなと商事", "東都エンジニアリング", "青葉ロジスティクス", "<b>Bobby</b> \"Tables\" & Co.", "みらい電機"}
	n := 0
	send := func(user, kind, event, body string) {
		n++
		path := kind
		wantStatus(t, call(t, s, "POST", "/v1/"+path, fmt.Sprintf(`{"messageId":"live-%d","userId":%q,"event":%q,%s}`, n, user, event, body), siteKey), http.StatusOK)
	}
	for i, company := range companies {
		user := fmt.Sprintf("user-%d", i)
		domain := "example.co.jp"
		if i == 3 {
			domain = "refused.example"
		}
		send(user, "identify", "", fmt.Sprintf(`"traits":{"company":%q,"last_name":"田中","email":"tanaka%d@%s","employees":%d,"industry":"saas"}`, company, i, domain, 40+i*60))
		send(user, "track", "Consent Given", `"properties":{"wording":"2026-04"}`)
		send(user, "track", "Document Requested", `"properties":{"asset":"導入ガイド","campaign":null}`)
		w.pass(t, 40*time.Minute)
		for range i {
			send(user, "page", "", `"name":"料金","properties":{"path":"/pricing","title":"料金プラン"}`)
		}
		w.pass(t, 2*time.Hour)
	}
	w.pass(t, 26*time.Hour)
	for i := range companies {
		if i%2 == 1 {
			send(fmt.Sprintf("user-%d", i), "track", "Email Clicked", `"properties":{"link":"cta"}`)
		}
		if i%3 == 2 {
			send(fmt.Sprintf("user-%d", i), "track", "Inquiry", `"properties":{"topic":"見積り"}`)
		}
	}
	wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"v","anonymousId":"visitor-1","event":"Page Viewed"}`, siteKey), http.StatusOK)
	wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"bad","userId":"u"}`, siteKey), http.StatusOK)
	w.pass(t, 11*time.Minute)
}

// pass lets time pass for everybody.
func (w *world) pass(t testing.TB, d time.Duration) {
	t.Helper()
	w.clock.Advance(d)
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.sim.Advance(engine.TimeOf(w.clock.Now())); err != nil {
		t.Fatal(err)
	}
	w.dead = slices.Clone(w.sim.Dead())
}

func TestWorldKeepsItsCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	w.live(t, s)
	stages, steps := map[string]int64{}, map[string]int64{}
	for _, id := range w.sim.Leads() {
		l := w.sim.Lead(id)
		stages[l.Acts.Stage]++
		for _, r := range l.Acts.Runs {
			steps[r.Step]++
		}
	}
	counted := func(prefix string) map[string]int64 {
		now := map[string]int64{}
		for name, deltas := range w.counts {
			if rest, ok := strings.CutPrefix(name, prefix); ok {
				for _, d := range deltas {
					now[rest] += d.N * int64(1-2*int(d.Part))
				}
				if now[rest] == 0 {
					delete(now, rest)
				}
			}
		}
		return now
	}
	if got := counted("stage:"); !maps.Equal(got, stages) {
		t.Errorf("stages: counters say %v, the leads %v", got, stages)
	}
	if got := counted("step:document_nurture/"); !maps.Equal(got, steps) || len(steps) == 0 {
		t.Errorf("steps: counters say %v, the leads %v", got, steps)
	}
}

var errBroken = errors.New("the store is away")

// awaitWatchers returns when so many follow the feed.
func (w *world) awaitWatchers(n int) {
	for {
		w.mu.Lock()
		have := len(w.watchers)
		w.mu.Unlock()
		if have >= n {
			return
		}
		runtime.Gosched()
	}
}

func (d slowDoor) Submit(ctx context.Context, events []engine.Event) ([]runner.Result, error) {
	close(d.held)
	<-d.hold
	return d.Door.Submit(ctx, events)
}

func (w *world) Sources(string) (map[string][]byte, error) { return nil, nil }
