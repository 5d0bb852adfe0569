package workflows_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
	"github.com/seed-456efde2/nurture/workflows"
)

// A year of simulated leads in every starter. The invariants are checked by a
// bookkeeper of its own, which knows the promises and not the engine's state.
// NURTURE_YEAR_LEADS=100000 runs it at full size; `make year` does.
func TestAYearOfLeads(t *testing.T) {
	t.Parallel()
	leads := 300
	if s := os.Getenv("NURTURE_YEAR_LEADS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		leads = n
	}
	for _, name := range workflows.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			y := newYear(t, name, leads)
			begin := time.Now()
			y.run()
			y.settled()
			t.Logf("%s: %d leads, %d events, %d messages, %d toss-ups, %.0f events/s",
				name, leads, y.events, y.messages, y.tossUps, float64(y.events)/time.Since(begin).Seconds())
			if y.messages == 0 {
				t.Error("nobody was written to")
			}
		})
	}
}

// year plays people: they come, look around, fill in forms, open and click what
// they are sent, and now and then leave.
type year struct {
	t        *testing.T
	spec     *engine.Spec
	sim      *sim.Sim
	rand     *rand.Rand
	agenda   agenda
	end      engine.Time
	public   []*engine.EventSpec // what people do by themselves
	values   map[string][]engine.Value
	books    map[engine.LeadID]*book
	counts   map[string]int64
	events   int
	messages int
	tossUps  int
	n        int

	companies int // so that a company has four leads, one way or another
}

// book is what the bookkeeper knows of one lead.
type book struct {
	sent    map[string][]engine.Time
	consent map[string]bool
	offered map[string]engine.Time
}

const yearLength = 365 * engine.Day

func newYear(t *testing.T, name string, leads int) *year {
	t.Helper()
	files, err := workflows.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	w, problems := dsl.Load(files, dsl.Options{})
	if w == nil {
		t.Fatal(problems.Render())
	}
	p, err := engine.NewProgram(w.Spec, w.Digest, 1)
	if err != nil {
		t.Fatal(err)
	}
	start := engine.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, w.Spec.Zone))
	y := &year{
		t: t, spec: w.Spec, rand: rand.New(rand.NewPCG(2026, uint64(leads))), end: start.Add(yearLength),
		values: dsl.Constants(w.Spec), books: map[engine.LeadID]*book{}, counts: map[string]int64{},
		companies: max(1, leads/4),
	}
	for i := range w.Spec.Events {
		if e := &w.Spec.Events[i]; e.From == "" && byPeople(e.Name) {
			y.public = append(y.public, e)
		}
	}
	y.sim = sim.New(p, sim.Options{Start: start, OnFact: y.note, OnCount: y.count, Forget: true})
	for i := range leads {
		y.add(start.Add(engine.Span(y.rand.Float64()*float64(yearLength)*0.9)), "user-"+strconv.Itoa(i), y.arrive)
	}
	return y
}

// byPeople reports whether an event comes from people and their systems; the rest
// is derived, or follows from a message.
func byPeople(event string) bool {
	if event == engine.ConfirmedEvent || event == engine.WishedEvent {
		return false // they come from our own pages only
	}
	for _, prefix := range []string{"email_", "toss_up_", "kpi_", "stage_", "message_", "attributes_"} {
		if strings.HasPrefix(event, prefix) {
			return false
		}
	}
	return !strings.HasPrefix(event, "unsubscribe") // done, or undone, on the page behind a message
}

func (y *year) run() {
	for y.agenda.Len() > 0 {
		next := heap.Pop(&y.agenda).(*entry)
		if next.at > y.end {
			break
		}
		if err := y.sim.Advance(next.at); err != nil {
			y.t.Fatal(err)
		}
		next.do(next.user)
	}
	if err := y.sim.Advance(y.end); err != nil {
		y.t.Fatal(err)
	}
}

func (y *year) add(at engine.Time, user string, do func(string)) {
	y.n++
	heap.Push(&y.agenda, &entry{at: at, n: y.n, user: user, do: do})
}

// later is a random span around the mean.
func (y *year) later(mean engine.Span) engine.Span {
	return engine.Span(y.rand.ExpFloat64()*float64(mean)) + engine.Second
}

func (y *year) submit(kind engine.EventKind, name, user string, fields []engine.Field) {
	y.events++
	e := engine.Event{
		Kind: kind, Name: name, ID: strconv.Itoa(y.events), Source: "year", User: user,
		At: y.sim.Now(), Received: y.sim.Now(), Fields: fields,
	}
	if _, err := y.sim.Submit(e); err != nil {
		y.t.Fatal(err)
	}
}

// arrive makes a lead known, with leave to write to it as a rule.
func (y *year) arrive(user string) {
	fields := y.fields("lead.", y.spec.Attrs)
	for i := range y.spec.Attrs {
		if a := &y.spec.Attrs[i]; a.Name == y.spec.KeyAttr {
			fields = append(fields, engine.Field{Name: a.Name, Value: engine.TextValue(user + "@example.jp")})
		}
	}
	y.submit(engine.Identify, "", user, fields)
	if y.rand.IntN(10) < 8 {
		y.submit(engine.Track, "consent_given", user, []engine.Field{
			{Name: "purpose", Value: engine.TextValue("marketing")}, {Name: "wording", Value: engine.TextValue("v1")},
		})
	}
	y.visit(user)
}

// visit is a few things that somebody does within minutes, and the next visit.
func (y *year) visit(user string) {
	for range 1 + y.rand.IntN(3) {
		e := y.public[y.rand.IntN(len(y.public))]
		name := e.Name
		if e.Wire != "" {
			name = e.Wire
		}
		y.submit(engine.Track, name, user, y.fields("event.", e.Fields))
	}
	y.add(y.sim.Now().Add(y.later(20*engine.Day)), user, y.visit)
}

func (y *year) fields(prefix string, specs []engine.AttrSpec) []engine.Field {
	var fields []engine.Field
	for i := range specs {
		s := &specs[i]
		if s.Name == "unsubscribed" || s.Name == "timezone" || s.Name == y.spec.KeyAttr || s.Name == "message" || y.rand.IntN(4) == 0 && !s.Required {
			continue
		}
		known := y.values[prefix+s.Name]
		var v engine.Value
		switch s.Kind {
		case engine.Number:
			v = engine.NumberValue(float64(y.rand.IntN(400)))
		case engine.Flag:
			v = engine.FlagValue(y.rand.IntN(2) == 0)
		case engine.Text:
			switch {
			case y.spec.Account != nil && s.Name == y.spec.Account.Key:
				v = engine.TextValue(fmt.Sprint("company ", y.rand.IntN(y.companies)))
			case len(s.Choices) > 0:
				v = engine.TextValue(s.Choices[y.rand.IntN(len(s.Choices))])
			case len(known) > 0:
				v = known[y.rand.IntN(len(known))]
			default:
				v = engine.TextValue("x")
			}
		case engine.Instant:
			if s.Name == "created_at" {
				continue // first sight, which nobody says
			}
			v = engine.TimeValue(y.sim.Now().Add(y.later(15 * engine.Day))) // an appointment
		default:
			continue
		}
		fields = append(fields, engine.Field{Name: s.Name, Value: v})
	}
	return fields
}

// note is the bookkeeper: it sees every row and holds the promises against it.
func (y *year) note(id engine.LeadID, row *engine.Fact) {
	b := y.books[id]
	if b == nil {
		b = &book{sent: map[string][]engine.Time{}, consent: map[string]bool{}, offered: map[string]engine.Time{}}
		y.books[id] = b
	}
	for i := range row.Decisions {
		switch d := &row.Decisions[i]; d.Kind {
		case engine.Permitted:
			y.permitted(id, b, d, row)
		case engine.Sent:
			y.reaction(id, d)
		case engine.TossedUp:
			y.tossed(b, d)
		case engine.Fault:
			y.t.Errorf("fault: %s %s", d.Subject, d.Detail)
		}
	}
	switch row.Event.Name {
	case "consent_given":
		if !y.confirms() {
			b.consent["given"] = true
		}
	case engine.ConfirmedEvent: // only who was asked is let press the button
		b.consent["given"] = true
	case "unsubscribed":
		b.consent["given"] = false
	}
}

// permitted holds quiet hours, the step's own hours, caps and consent against a
// message that goes now.
func (y *year) permitted(id engine.LeadID, b *book, d *engine.Decision, row *engine.Fact) {
	send := y.sendOf(d.Detail)
	if send == nil || send.Policy == "" {
		return
	}
	y.messages++
	wall := row.Event.Received
	local := wall.In(y.spec.Zone)
	defer func() { b.sent[send.Channel] = append(b.sent[send.Channel], wall) }()
	if send.Transactional {
		return
	}
	policy := y.policy(send.Policy)
	if policy.Quiet != nil && policy.Quiet.Covers(local) {
		y.t.Errorf("lead %s is written to in quiet time: %s at %s", id, d.Detail, local)
	}
	if send.Window != nil && !send.Window.Covers(local) {
		y.t.Errorf("lead %s is written to outside of the step's hours: %s at %s", id, d.Detail, local)
	}
	if policy.Requires != "" && !b.consent["given"] {
		y.t.Errorf("lead %s is written to without leave: %s at %s", id, d.Detail, local)
	}
	for _, c := range policy.Caps {
		n := 0
		for _, at := range b.sent[c.Channel] {
			if at > wall.Add(-c.Per) {
				n++
			}
		}
		if c.Channel == send.Channel && n >= c.AtMost {
			y.t.Errorf("lead %s gets %d messages in %s: %s at %s", id, n+1, c.Per, d.Detail, local)
		}
	}
}

func (y *year) tossed(b *book, d *engine.Decision) {
	y.tossUps++
	for i := range y.spec.TossUps {
		rule := &y.spec.TossUps[i]
		last, before := b.offered[rule.Name]
		if rule.Name == d.Subject && before && rule.Cooldown > 0 && d.At < last.Add(rule.Cooldown) {
			y.t.Errorf("%s handed over twice within its cooldown, at %s and %s", rule.Name, last, d.At)
		}
	}
	b.offered[d.Subject] = d.At
}

// confirms reports a starter whose consent has to be confirmed.
func (y *year) confirms() bool {
	for i := range y.spec.Consents {
		if y.spec.Consents[i].Confirm != nil {
			return true
		}
	}
	return false
}

// pressed lets most people who are asked to confirm press the button.
func (y *year) pressed(id engine.LeadID, d *engine.Decision) {
	consent, asked := strings.CutPrefix(d.Detail, "consent.")
	if !asked || y.rand.IntN(100) >= 70 {
		return
	}
	fields := []engine.Field{{Name: "consent", Value: engine.TextValue(consent)}}
	y.add(d.At.Add(y.later(5*engine.Hour)), y.sim.Lead(id).User, func(user string) { y.submit(engine.Track, engine.ConfirmedEvent, user, fields) })
}

// reaction lets some people open and click what they got, and a few have enough.
func (y *year) reaction(id engine.LeadID, d *engine.Decision) {
	y.pressed(id, d)
	send := y.sendOf(d.Detail)
	if send == nil || send.Kind != "email" {
		return
	}
	user, message := y.sim.Lead(id).User, d.Action.String()
	fields := []engine.Field{{Name: "message", Value: engine.TextValue(message)}, {Name: "verdict", Value: engine.TextValue("human")}}
	react := func(event string, percent int, mean engine.Span) {
		if y.rand.IntN(100) < percent {
			y.add(d.At.Add(y.later(mean)), user, func(user string) { y.submit(engine.Track, event, user, fields) })
		}
	}
	react("email_opened", 35, 8*engine.Hour)
	react("email_clicked", 12, 10*engine.Hour)
	react("unsubscribed", 1, 12*engine.Hour)
}

func (y *year) sendOf(step string) *engine.SendSpec {
	workflow, name, _ := strings.Cut(step, "/")
	for i := range y.spec.Flows {
		for j := range y.spec.Flows[i].Steps {
			if y.spec.Flows[i].Name == workflow && y.spec.Flows[i].Steps[j].Name == name {
				return y.spec.Flows[i].Steps[j].Send
			}
		}
	}
	return nil
}

func (y *year) policy(name string) *engine.PolicySpec {
	for i := range y.spec.Policies {
		if y.spec.Policies[i].Name == name {
			return &y.spec.Policies[i]
		}
	}
	y.t.Fatalf("no policy %q", name)
	return nil
}

func (y *year) count(d engine.Delta) { y.counts[fmt.Sprint(d.Name, "|", d.Part)] += d.N }

// settled checks the state at the year's end: nobody is stuck, a wait has one
// timer, and who came in is who went out and who is inside.
func (y *year) settled() {
	inside := map[string]int64{}
	for _, id := range y.sim.Leads() {
		l := y.sim.Lead(id)
		inside["leads"]++
		inside["stage:"+l.Acts.Stage]++
		for i := range l.Acts.Runs {
			r := &l.Acts.Runs[i]
			inside["step:"+r.Workflow+"/"+r.Step]++
			if !y.waits(l, r) {
				y.t.Errorf("lead %s is stuck on %s/%s", id, r.Workflow, r.Step)
			}
		}
		for i := range l.Timers {
			if l.Timers[i].Due <= y.end {
				y.t.Errorf("lead %s has a timer that is overdue: kind %d, %s", id, l.Timers[i].Kind, l.Timers[i].Due)
			}
		}
	}
	for name := range y.counts {
		what, part, _ := strings.Cut(name, "|")
		if part != "0" || !strings.HasPrefix(what, "step:") && !strings.HasPrefix(what, "stage:") {
			continue
		}
		if in, out := y.counts[what+"|0"], y.counts[what+"|1"]; in != out+inside[what] {
			y.t.Errorf("%s: %d came, %d went, %d are inside", what, in, out, inside[what])
		}
	}
}

// waits reports whether a run waits for exactly one thing.
func (y *year) waits(l *engine.Lead, r *engine.Run) bool {
	timers := 0
	for i := range l.Timers {
		if k := l.Timers[i].Kind; (k == engine.RunDue || k == engine.RunGiveUp) && l.Timers[i].Ref == r.Slot() {
			timers++
		}
	}
	for i := range l.Acts.Pending {
		if l.Acts.Pending[i].Run == r.ID {
			return timers == 0
		}
	}
	for i := range y.spec.Flows {
		for j := range y.spec.Flows[i].Steps {
			s := &y.spec.Flows[i].Steps[j]
			if y.spec.Flows[i].Name == r.Workflow && s.Name == r.Step && s.Wait != nil && len(s.Wait.On) > 0 && s.Wait.AtMost.IsZero() {
				return timers == 0
			}
		}
	}
	return timers == 1
}

type entry struct {
	at   engine.Time
	n    int // ties are taken in the order in which they were added
	user string
	do   func(user string)
}

type agenda []*entry

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].n < a[j].n
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(*entry)) }
func (a *agenda) Pop() any {
	old := *a
	last := old[len(old)-1]
	*a = old[:len(old)-1]
	return last
}
