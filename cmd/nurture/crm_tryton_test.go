package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/runner"
	"github.com/seed-456efde2/nurture/plugins/crm/tryton/trytontest"
	"github.com/seed-456efde2/nurture/plugins/host"
)

// salesRules hand over whoever inquires, and keep a note of whoever visits.
const salesRules = `project "sales" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  key = "email"
  text "email" { required = true }
  text "last_name" {}
  text "company" {}
}

event "inquired" {}
event "visited" {}
event "opportunity_created" {}
event "deal_won" {}
event "deal_lost" {}

lifecycle {
  stage "lead" {}
  stage "sal" {}
  stage "opportunity" { on = event.opportunity_created }
  stage "customer" { on = event.deal_won }
}

channel "crm" {
  plugin = "tryton"
  retry  = "25 times over 24h"

  config {
    url      = env("TRYTON")
    database = "acme"
    user     = "admin"
    password = secret("TRYTON_PASSWORD")
    poll     = "1s"
    timeout  = "60s"
    owners   = { tokyo = "tokyo-inside-sales" }
  }
}

toss_up "hot" {
  on   = event.inquired
  when = "not empty(lead.email)"
  to   = stage.sal

  hand_over {
    channel = channel.crm
    owner   = "'tokyo'"
    subject = "{{ lead.company ?? '' }} {{ lead.last_name ?? '' }}"
    payload = { email = "{{ lead.email }}", last_name = "{{ lead.last_name ?? '' }}", company = "{{ lead.company ?? '' }}" }
    reasons = true
  }

  answer {
    within  = "2d"
    recycle = stage.lead
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

workflow "visits" {
  enter { on = event.visited }
  steps {
    crm "note" {
      channel = channel.crm
      action  = "add_note"
      with    = { text = "visited", email = "{{ lead.email }}" }
    }
  }
}
`

// strike is a point of an exchange at which the plugin dies.
type strike struct {
	method string // of Tryton's
	nth    int    // call of that method since the strike before, from 1
	phase  string // before: Tryton gets nothing; during: it works on alone; after: its answer is lost
}

// gate stands between plugin and Tryton, sees each call and lets plugins die.
type gate struct {
	*httptest.Server
	target string
	kill   func()

	mu      sync.Mutex
	strikes []strike
	seen    int
	calls   []string
	holds   string        // method whose next call is held
	deadly  bool          // the plugin that made it dies
	held    chan struct{} // the held call waits for it
	holding chan struct{} // closed when one does
}

func newGate(t *testing.T, target string) *gate {
	g := &gate{target: target}
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func (g *gate) arm(strikes ...strike) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.strikes, g.seen = strikes, 0
}

// left is how many strikes are still to come.
func (g *gate) left() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.strikes)
}

// hold keeps the next call of a method from Tryton until the returned release is
// called; where it is deadly, the plugin that asked for it is killed.
func (g *gate) hold(method string, deadly bool) (holding <-chan struct{}, release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds, g.deadly = method, deadly
	g.held, g.holding = make(chan struct{}), make(chan struct{})
	held := g.held
	return g.holding, sync.OnceFunc(func() { close(held) })
}

// due is the phase of the strike that this call is, "" for none, or what it has to wait
// for.
func (g *gate) due(method string) (phase string, held chan struct{}, deadly bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, method)
	if g.holding != nil && method == g.holds {
		close(g.holding)
		g.holding = nil
		return "", g.held, g.deadly
	}
	if len(g.strikes) == 0 || method != g.strikes[0].method {
		return "", nil, false
	}
	if g.seen++; g.seen < g.strikes[0].nth {
		return "", nil, false
	}
	phase = g.strikes[0].phase
	g.strikes, g.seen = g.strikes[1:], 0
	return phase, nil, false
}

// ServeHTTP forwards a call, unless the plugin dies over it.
func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var call struct{ Method string }
	_ = json.Unmarshal(body, &call) // Tryton says what is wrong with it
	phase, held, deadly := g.due(call.Method)
	if deadly {
		g.kill()
	}
	if held != nil {
		<-held
	}
	switch phase {
	case "before":
		g.kill()
		panic(http.ErrAbortHandler)
	case "during":
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _, _ = g.forward(r, body)
		}()
		g.kill()
		<-done
		panic(http.ErrAbortHandler)
	}
	status, answer, err := g.forward(r, body)
	if phase == "after" {
		g.kill()
	}
	if err != nil || phase == "after" {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

// forward asks Tryton, whether or not somebody still waits.
func (g *gate) forward(r *http.Request, body []byte) (int, []byte, error) {
	q, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, g.target+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	q.Header = r.Header.Clone()
	resp, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}

func (g *gate) made(method string) (at []int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, m := range g.calls {
		if m == method {
			at = append(at, i)
		}
	}
	return at
}

// salesWorld is a real server with the real plugin, on its way to a real Tryton.
type salesWorld struct {
	t      *testing.T
	ctx    context.Context
	gate   *gate
	server *server
	events int
}

// newSalesWorld starts one whose clock runs so much faster than the machine's.
func newSalesWorld(t *testing.T, tryton *trytontest.Server, speed int) *salesWorld {
	t.Helper()
	w := &salesWorld{t: t, gate: newGate(t, tryton.URL)}
	ctx, cancel := context.WithCancel(enginetest.Patience(t))
	w.ctx = ctx
	system := runner.SystemClock()
	clock, err := demo.NewFast(system, system.Now(), time.Duration(speed)*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	rules := t.TempDir()
	if err := os.WriteFile(filepath.Join(rules, "sales.hcl"), []byte(salesRules), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{"TRYTON": w.gate.URL, "TRYTON_PASSWORD": trytontest.Password}
	s, err := startServer(ctx, serverOptions{
		Workspace: rules, Data: filepath.Join(t.TempDir(), "data"), Listen: "127.0.0.1:0", Loopback: true, Ballast: -1,
		Clock: clock, Pace: int64(speed), ReceiptTimeout: time.Duration(speed) * time.Minute,
		Restarts: host.RestartPolicy{Min: time.Millisecond, Max: 2 * time.Millisecond, Crashes: -1},
		Log:      slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError + 1})),
		Lookup:   func(name string) (string, bool) { v, ok := settings[name]; return v, ok },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server = s
	w.gate.kill = func() {
		if pid := s.plugins.Status()[0].PID; pid > 0 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.serve(serving) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("the server ended with %v", err)
		}
		cancel()
	})
	return w
}

// tell sends leads with the event that happened to each.
func (w *salesWorld) tell(event string, users ...string) {
	w.t.Helper()
	var batch []any
	for _, user := range users {
		w.events++
		batch = append(batch,
			map[string]any{"type": "identify", "userId": user, "messageId": fmt.Sprint("i", w.events), "traits": map[string]any{
				"email": user + "@example.co.jp", "last_name": "田中" + user, "company": "アクメ",
			}},
			map[string]any{"type": "track", "userId": user, "messageId": fmt.Sprint("t", w.events), "event": event})
	}
	w.post("/v1/batch", map[string]any{"batch": batch}, nil)
}

func (w *salesWorld) post(path string, body, out any) {
	w.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.Post(w.server.url()+path, "application/json", bytes.NewReader(b))
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s %.300s %v", path, resp.Status, text, err)
	}
	if out != nil {
		if err := json.Unmarshal(text, out); err != nil {
			w.t.Fatal(err)
		}
	}
}

// done is how many orders were carried out.
func (w *salesWorld) done() uint64 {
	st := w.server.runner.Status()
	if st.GivenUp > 0 {
		w.t.Fatalf("%d orders were given up", st.GivenUp)
	}
	var n uint64
	for _, c := range st.Channels {
		n += c.Answers[engine.Done]
	}
	return n
}

// until waits for something to come about.
func (w *salesWorld) until(what string, ok func() bool) {
	w.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-w.ctx.Done():
			w.gate.mu.Lock()
			defer w.gate.mu.Unlock()
			w.t.Fatalf("%s did not come about; calls: %v", what, w.gate.calls)
		}
	}
}

// salesLead is a lead as the API tells it.
type salesLead struct {
	ID, Stage string
	Facts     []struct {
		Event  string
		Fields map[string]any
	}
}

func (w *salesWorld) lead(user string) (l salesLead) {
	w.t.Helper()
	w.post("/api/v1/leads/find", map[string]any{"id": user}, &l)
	return l
}

// told is how often the lead was told an event of the sales system's.
func (l salesLead) told(event string) (n int, fields map[string]any) {
	for _, f := range l.Facts {
		if f.Event == event {
			n, fields = n+1, f.Fields
		}
	}
	return n, fields
}

// A toss-up becomes one opportunity of Tryton's, wherever the plugin dies; what
// sales makes of it comes back to the right lead; and at Tryton's pace nothing is
// lost and toss-ups go before activities.
func TestTrytonSales(t *testing.T) {
	t.Parallel()
	tryton := trytontest.Start(t)
	t.Run("killed", func(t *testing.T) { trytonKilled(t, tryton) })
	t.Run("pace", func(t *testing.T) { trytonPace(t, tryton) })
}

// points are the strikes that together reach each point of an exchange. What a
// process does once in its life is reached by letting the one before die first.
func points() [][]strike {
	fresh := strike{"model.party.party.search", 1, "before"}
	var all [][]strike
	for _, phase := range []string{"before", "during", "after"} {
		for _, once := range []string{"common.db.login", "model.res.user.get_preferences", "model.company.employee.search"} {
			all = append(all, []strike{fresh, {once, 1, phase}})
		}
		for _, each := range []strike{
			{"model.party.party.search", 1, phase},
			{"model.party.party.create", 1, phase},
			{"model.sale.opportunity.search", 1, phase},
			{"model.sale.opportunity.create", 1, phase},
			{"model.sale.opportunity.search", 2, phase},
		} {
			all = append(all, []strike{each})
		}
	}
	return append(all, []strike{ // and twice in a row
		{"model.sale.opportunity.create", 1, "during"}, {"model.sale.opportunity.search", 1, "after"},
	})
}

func trytonKilled(t *testing.T, tryton *trytontest.Server) {
	w := newSalesWorld(t, tryton, 20)
	plans := points()
	var users []string
	for n, plan := range plans {
		user := fmt.Sprintf("u%02d", n)
		users = append(users, user)
		w.gate.arm(plan...)
		w.tell("inquired", user)
		w.until("the hand-over of "+user, func() bool { return w.done() == uint64(n+1) })
		if left := w.gate.left(); left > 0 {
			t.Fatalf("%v: %d strikes were not reached", plan, left)
		}
	}
	late := w.late()
	users = append(users, late)
	var list []trytontest.Opportunity
	w.until("one opportunity each", func() bool {
		list = tryton.Opportunities(t)
		return len(list) == len(users)
	})
	byLead := map[string]trytontest.Opportunity{}
	for _, o := range list {
		parts := strings.Split(o.Reference, ":")
		byLead[parts[2]] = o
	}
	for _, user := range users {
		l := w.lead(user)
		o, ok := byLead[l.ID]
		if !ok || o.Description != "アクメ 田中"+user || !strings.Contains(o.Comment, "not empty(lead.email)") || o.Employee == nil || o.State != "lead" {
			t.Errorf("%s (%s): %+v", user, l.ID, o)
		}
	}
	restarts := w.server.plugins.Status()[0].Restarts
	t.Logf("%d toss-ups, %d plugin processes killed, %d opportunities", len(users), restarts, len(list))
	w.outcomes(tryton, users, byLead)
}

// late lets a create of a dead plugin reach Tryton only after the plugin that
// repeats it is done: no look before or after could have seen it.
func (w *salesWorld) late() string {
	w.t.Helper()
	before := w.done()
	holding, release := w.gate.hold("model.sale.opportunity.create", true)
	defer release()
	w.tell("inquired", "late")
	select {
	case <-holding:
	case <-w.ctx.Done():
		w.t.Fatal("no opportunity was made")
	}
	w.until("the repeated hand-over", func() bool { return w.done() == before+1 })
	deleted := len(w.gate.made("model.sale.opportunity.delete"))
	release()
	w.until("the end of the second opportunity", func() bool { return len(w.gate.made("model.sale.opportunity.delete")) > deleted })
	return "late"
}

// outcomes lets sales win, lose and send back, and looks at whom that is told of.
func (w *salesWorld) outcomes(tryton *trytontest.Server, users []string, byLead map[string]trytontest.Opportunity) {
	w.t.Helper()
	won, back, untouched := users[0], users[1], users[2]
	tryton.Win(w.t, byLead[w.lead(won).ID].ID)
	tryton.Lose(w.t, byLead[w.lead(back).ID].ID, "予算がない")
	w.until("the won deal", func() bool { n, _ := w.lead(won).told("deal_won"); return n == 1 })
	w.until("the lead that was sent back", func() bool { n, _ := w.lead(back).told("toss_up_rejected"); return n == 1 })
	l := w.lead(won)
	for _, event := range []string{"toss_up_accepted", "opportunity_created", "deal_won"} {
		if n, fields := l.told(event); n != 1 || fields["toss_up"] != "hot" {
			w.t.Errorf("%s was told %s %d times, with %v", won, event, n, fields)
		}
	}
	if l.Stage != "customer" {
		w.t.Errorf("%s stands in stage %s", won, l.Stage)
	}
	l = w.lead(back)
	if _, fields := l.told("toss_up_rejected"); fields["reason"] != "予算がない" || l.Stage != "lead" {
		w.t.Errorf("%s was sent back with %v and stands in stage %s", back, fields, l.Stage)
	}
	for _, event := range []string{"deal_won", "opportunity_created", "toss_up_accepted", "deal_lost"} {
		if n, _ := w.lead(untouched).told(event); n != 0 {
			w.t.Errorf("%s was told %s", untouched, event)
		}
	}
}

// trytonPace queues activities and then toss-ups, more than Tryton does in
// seconds.
func trytonPace(t *testing.T, tryton *trytontest.Server) {
	const visits, inquiries = 36, 9
	w := newSalesWorld(t, tryton, 1)
	before := len(tryton.Opportunities(t))
	var visitors, buyers []string
	for n := range visits {
		visitors = append(visitors, fmt.Sprintf("visitor%02d", n))
	}
	for n := range inquiries {
		buyers = append(buyers, fmt.Sprintf("buyer%02d", n))
	}
	began := w.server.options.Clock.Now()
	// Tryton is at the first note for as long as it takes to order all the rest.
	holding, release := w.gate.hold("model.ir.note.create", false)
	defer release()
	w.tell("visited", visitors...)
	select {
	case <-holding:
	case <-w.ctx.Done():
		t.Fatal("no note was made")
	}
	w.tell("inquired", buyers...)
	release()
	w.until("all orders", func() bool { return w.done() == visits+inquiries })
	took := w.server.options.Clock.Now().Sub(began)
	var notes []struct{ ID int }
	tryton.Call(t, &notes, "model.ir.note.search_read", []any{[]any{"message", "like", "%[nurture %"}}, 0, nil, nil, []string{"id"})
	if made := len(tryton.Opportunities(t)) - before; made != inquiries || len(notes) != visits {
		t.Errorf("%d opportunities and %d notes, want %d and %d", made, len(notes), inquiries, visits)
	}
	lastTossUp := slices.Max(w.gate.made("model.sale.opportunity.create"))
	behind := 0
	for _, at := range w.gate.made("model.ir.note.create") {
		if at > lastTossUp {
			behind++
		}
	}
	t.Logf("%d orders in %.1f s, %.1f a second; %d of %d activities went after the last toss-up",
		visits+inquiries, took.Seconds(), (visits+inquiries)/took.Seconds(), behind, visits)
	if behind < visits/3 {
		t.Errorf("only %d of %d activities went after the last toss-up", behind, visits)
	}
}
