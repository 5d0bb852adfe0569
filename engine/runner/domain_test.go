package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// domainSpec is mailSpec whose mails go to the lead's address, through a channel
// that has bounds for domains.
func domainSpec() *engine.Spec {
	s := mailSpec(time.Hour)
	s.KeyAttr = "email"
	s.Attrs = []engine.AttrSpec{{Name: "email", Kind: engine.Text}}
	s.Channels[0].Domains = true
	return s
}

// signUp brings a lead in with its address.
func (g *rig) signUp(user, address string) {
	g.t.Helper()
	e := g.event("i-"+user, user, "")
	e.Kind, e.Fields = engine.Identify, []engine.Field{{Name: "email", Value: engine.TextValue(address)}}
	g.submit(e, g.event("s-"+user, user, "signup"))
}

// holder is a world that answers when it is told to.
type holder struct {
	calls chan held
}

type held struct {
	request engine.Request
	report  func(engine.Receipt)
}

func newHolder() *holder { return &holder{calls: make(chan held, 1000)} }

func (h *holder) Send(_ context.Context, requests []engine.Request, report func(engine.Receipt)) error {
	for _, q := range requests {
		h.calls <- held{q, report}
	}
	return nil
}

func (c held) answer(o engine.Outcome) {
	c.report(engine.Receipt{Key: c.request.Key, Lead: c.request.Lead, Attempt: c.request.Attempt, Outcome: o})
}

// take waits for the next request and gives the user it is for.
func (h *holder) take(t *testing.T, users map[engine.LeadID]string) (held, string) {
	t.Helper()
	select {
	case c := <-h.calls:
		return c, users[c.request.Lead]
	case <-t.Context().Done():
		t.Fatal("no request came")
		panic("unreachable")
	}
}

func usersOf(names ...string) map[engine.LeadID]string {
	users := map[engine.LeadID]string{}
	for _, n := range names {
		users[engine.Identifier{Kind: engine.ByUser, Value: n}.Lead()] = n
	}
	return users
}

func domainLimits(limits map[string]DomainLimit) func(*Options) {
	return func(o *Options) {
		o.Limits = func(channel string) Limits {
			if channel == "mail" {
				return Limits{Domains: limits}
			}
			return Limits{}
		}
	}
}

// A domain that bears one message at a time gets one, whatever waits for it, and
// holds up nobody else. The end of one lets the next go, in their order.
func TestDomainAtOnce(t *testing.T) {
	t.Parallel()
	world := newHolder()
	g := newRig(t, program(t, domainSpec(), "a"), world, domainLimits(map[string]DomainLimit{"slow.example": {AtOnce: 1}}))
	var names []string
	for i := range 4 {
		names = append(names, fmt.Sprintf("s%d", i))
		g.signUp(names[i], fmt.Sprintf("p%d@SLOW.example", i))
	}
	for i := range 3 {
		names = append(names, fmt.Sprintf("f%d", i))
		g.signUp(names[4+i], fmt.Sprintf("p%d@fast.example", i))
	}
	users := usersOf(names...)
	var first []string
	var slow held
	for range 4 {
		c, user := world.take(t, users)
		first = append(first, user)
		if user[0] == 's' {
			slow = c
		} else {
			c.answer(engine.Done)
		}
	}
	slices.Sort(first)
	if got := strings.Join(first, " "); got != "f0 f1 f2 s0" {
		t.Fatalf("the first to go were %s", got)
	}
	for i := range 3 {
		slow.answer(engine.Done)
		c, user := world.take(t, users)
		if user != names[i+1] {
			t.Errorf("%s went where %s was next", user, names[i+1])
		}
		slow = c
	}
	slow.answer(engine.Done)
}

// A domain's rate is kept, and where one has a bound of its own, even none, the
// common one does not hold.
func TestDomainRate(t *testing.T) {
	t.Parallel()
	world := newHolder()
	limits := domainLimits(map[string]DomainLimit{"*": {Rate: 0.5}, "free.example": {}})
	g := newRig(t, program(t, domainSpec(), "a"), world, limits)
	var names []string
	for i := range 6 {
		names = append(names, fmt.Sprintf("u%d", i))
		domain := "one.example"
		if i >= 4 {
			domain = "free.example"
		}
		g.signUp(names[i], fmt.Sprintf("p%d@%s", i, domain))
	}
	users := usersOf(names...)
	var got []string
	for range 3 {
		c, user := world.take(t, users)
		got = append(got, user)
		c.answer(engine.Done)
	}
	slices.Sort(got)
	if fmt.Sprint(got) != "[u0 u4 u5]" {
		t.Fatalf("the first to go were %v", got)
	}
	for _, want := range names[1:4] {
		g.advance(time.Second)
		select {
		case c := <-world.calls:
			t.Errorf("%s went before its time", users[c.request.Lead])
		default:
		}
		g.advance(time.Second + time.Millisecond) // a token is there a microsecond after its time, not before
		c, user := world.take(t, users)
		c.answer(engine.Done)
		if user != want {
			t.Errorf("%s went where %s was next", user, want)
		}
	}
}

// What an earlier life of the process has left keeps its bounds: an outbox row
// says which domain it is for.
func TestDomainAfterACrash(t *testing.T) {
	t.Parallel()
	world := newHolder()
	limits := domainLimits(map[string]DomainLimit{"*": {AtOnce: 1}})
	p := program(t, domainSpec(), "a")
	g := newRig(t, p, world, limits)
	names := []string{"u0", "u1", "u2"}
	for _, name := range names {
		g.signUp(name, name+"@one.example")
	}
	users := usersOf(names...)
	if _, user := world.take(t, users); user != "u0" {
		t.Fatalf("%s went where u0 was next", user)
	}
	g.crash()
	g.open(p, limits)
	for _, want := range names[1:] { // what became of u0 is not known
		if n := len(world.calls); n > 1 {
			t.Errorf("%d messages under way at once", n)
		}
		c, user := world.take(t, users)
		c.answer(engine.Done)
		if user != want {
			t.Errorf("%s went where %s was next", user, want)
		}
	}
}

// Where the channel keeps order, a lead's later messages wait until the earlier
// one is over, however long it is tried, and then come in their order; other leads
// do not wait.
func TestOrderOfALead(t *testing.T) {
	t.Parallel()
	spec := mailSpec(time.Hour)
	spec.Channels[0].Ordered = true
	spec.Flows = append(spec.Flows, engine.FlowSpec{
		Name: "visits", Enter: engine.EnterSpec{On: "visit"}, ReEnter: &engine.ReEnterSpec{},
		Steps: []engine.StepSpec{{Name: "thanks", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: send("mail", "thanks")}},
	}, engine.FlowSpec{
		Name: "vips", Enter: engine.EnterSpec{On: "vip"},
		Steps: []engine.StepSpec{{Name: "gift", Kind: engine.SendStep, Next: engine.EndOfFlow, Send: send("mail", "gift")}},
	})
	world := &receiver{answer: func(q engine.Request) engine.Receipt {
		if q.Attempt <= 2 && strings.Contains(fmt.Sprint(q.Parts), "hello") {
			return engine.Receipt{Outcome: engine.Retry, Code: "away", RetryAfter: 30 * time.Minute}
		}
		return engine.Receipt{Outcome: engine.Done}
	}}
	g := newRig(t, program(t, spec, "a"), world, nil)
	g.submit(g.event("1", "ann", "signup"))
	g.quiet()
	g.submit(g.event("2", "ann", "visit"), g.event("3", "ann", "vip"), g.event("4", "bob", "visit"))
	g.quiet()
	g.advance(30 * time.Minute)
	g.quiet()
	sent := func(user string) string {
		var list []string
		for _, q := range world.requests() {
			if q.Channel == "mail" && q.Lead == (engine.Identifier{Kind: engine.ByUser, Value: user}).Lead() {
				for _, word := range []string{"hello", "thanks", "gift"} {
					if strings.Contains(fmt.Sprint(q.Parts), word) {
						list = append(list, word)
					}
				}
			}
		}
		return strings.Join(list, " ")
	}
	if ann, bob := sent("ann"), sent("bob"); ann != "hello hello" || bob != "thanks" {
		t.Fatalf("sent so far: ann %q, bob %q", ann, bob)
	}
	g.advance(30 * time.Minute)
	g.quiet()
	if ann := sent("ann"); ann != "hello hello hello thanks gift" {
		t.Errorf("ann got %q", ann)
	}
	if l := g.lead("ann"); len(l.Acts.Pending) != 0 {
		t.Errorf("still under way: %+v", l.Acts.Pending)
	}
}

// What a service says afterwards by the key of a message finds its lead, where the
// channel's plugin says such things; elsewhere nothing is kept for it.
func TestLeadOfAnAction(t *testing.T) {
	t.Parallel()
	spec := mailSpec(time.Hour)
	spec.Channels[0].Answers = true
	world := &receiver{}
	g := newRig(t, program(t, spec, "a"), world, nil)
	g.submit(g.event("1", "ann", "signup"), g.event("2", "ann", "vip"))
	g.quiet()
	ann := engine.Identifier{Kind: engine.ByUser, Value: "ann"}.Lead()
	for _, q := range world.requests() {
		lead, found, err := g.store.LeadOf(q.Key)
		if err != nil || found != (q.Channel == "mail") || found && lead != ann {
			t.Errorf("channel %s: lead %v, found %v, %v", q.Channel, lead, found, err)
		}
	}
	if len(world.requests()) != 2 {
		t.Errorf("requests: %+v", world.requests())
	}
}
