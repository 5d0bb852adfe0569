package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

var (
	views3  = engine.Key{Kind: engine.KeyAccountTimes, Name: "page_viewed", Window: 3 * engine.Day}
	views   = engine.Key{Kind: engine.KeyAccountTimes, Name: "page_viewed"}
	viewed  = engine.Key{Kind: engine.KeyAccountSince, Name: "page_viewed"}
	plan    = engine.Key{Kind: engine.KeyAccount, Name: "plan"}
	company = engine.Key{Kind: engine.KeyLead, Name: "company"}
)

// accountSpec hands over when a company looks closely, within three days.
func accountSpec() *engine.Spec {
	s := spec()
	s.Account = &engine.AccountSpec{Key: "company", Attrs: []engine.AttrSpec{
		{Name: "plan", Kind: engine.Text, Default: engine.TextValue("none")}, {Name: "seats", Kind: engine.Number},
	}}
	s.Stages, s.KPIs, s.Flows = nil, nil, nil
	s.TossUps = []engine.TossUpSpec{{Name: "company", When: enginetest.Compare(views3, ">=", 3), Cooldown: engine.Day}}
	s.Segments = []engine.SegmentSpec{{Name: "gold", When: isText(plan, "gold")}}
	s.Asked = append(s.Asked, views, viewed, plan)
	return s
}

// by is an event of one of several people.
func (w *world) by(user string, kind engine.EventKind, name string, fields ...engine.Field) {
	w.t.Helper()
	w.call(kind, name, user, "", fields...)
}

func (w *world) fact(user string, k engine.Key) engine.Value {
	return w.Read(w.Lead(engine.Identifier{Kind: engine.ByUser, Value: user}.Lead()), k)
}

func (w *world) tossUps(user string) int {
	return w.decisions(engine.Identifier{Kind: engine.ByUser, Value: user}.Lead(), engine.TossedUp, "company")
}

// What colleagues do counts for all of a company at the same instant, and leaves
// the window to the millisecond; a rule over it sees its rise and its next.
func TestColleaguesShareWhatTheyDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, accountSpec(), sim.Options{})
	for _, user := range []string{"tanaka", "suzuki", "sato"} {
		w.by(user, engine.Identify, "", text("company", "Acme"))
	}
	w.by("other", engine.Identify, "", text("company", "Bravo"))
	w.by("tanaka", engine.Track, "page_viewed")
	w.after(engine.Hour)
	w.by("suzuki", engine.Track, "page_viewed")
	w.want("at two", w.tossUps("sato"), 0)
	w.by("sato", engine.Track, "page_viewed")
	for _, user := range []string{"tanaka", "suzuki", "sato"} {
		w.want("handed over: "+user, w.tossUps(user), 1)
		w.want("views seen by "+user, w.fact(user, views3).Number(), 3.0)
	}
	w.want("of another company", w.fact("other", views).Number(), 0.0)
	w.want("since, of another company", w.fact("other", viewed).IsNone(), true)
	w.after(3*engine.Day - engine.Hour - 1)
	w.want("a millisecond before", w.fact("sato", views3).Number(), 3.0)
	w.after(1)
	w.want("when the first has left", w.fact("sato", views3).Number(), 2.0)
	w.after(engine.Hour)
	w.want("when all have left", w.fact("sato", views3).Number(), 0.0)
	w.want("ever", w.fact("tanaka", views).Number(), 3.0)
	w.want("days since", w.fact("tanaka", viewed).Number(), 3.0)
	for range 3 {
		w.by("tanaka", engine.Track, "page_viewed")
	}
	w.want("a fresh rise", w.tossUps("suzuki"), 2)
}

// Who joins brings what they did and gets what is known; who leaves takes it along;
// merged and separated leads count where they stand.
func TestJoiningAndLeavingAnAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, accountSpec(), sim.Options{})
	w.by("tanaka", engine.Identify, "", text("company", "Acme"))
	w.by("suzuki", engine.Track, "page_viewed")
	w.by("tanaka", engine.Track, "page_viewed")
	w.want("alone", w.fact("tanaka", views).Number(), 1.0)
	w.want("without a company", w.fact("suzuki", views).Number(), 0.0)
	w.by("suzuki", engine.Group, "", text("groupId", "Acme"), text("plan", "gold"))
	w.want("company by a group call", w.fact("suzuki", company).Text(), "Acme")
	w.want("together", fmt.Sprint(w.fact("tanaka", views).Number(), w.fact("suzuki", views).Number()), "2 2")
	w.want("what is said of it", w.fact("tanaka", plan).Text(), "gold")
	w.want("in a segment by it", w.fact("tanaka", engine.Key{Kind: engine.KeySegment, Name: "gold"}).Flag(), true)
	w.by("suzuki", engine.Identify, "", text("company", "Bravo"))
	w.want("apart", fmt.Sprint(w.fact("tanaka", views).Number(), w.fact("suzuki", views).Number()), "1 1")
	w.want("of Bravo nothing is known", w.fact("suzuki", plan).Text(), "none")

	w.call(engine.Track, "page_viewed", "", "phone")
	w.call(engine.Track, "page_viewed", "", "phone")
	w.want("before signing in", w.fact("tanaka", views).Number(), 1.0)
	w.by("sato", engine.Identify, "", text("company", "Acme"))
	w.call(engine.Identify, "", "sato", "phone")
	w.want("after signing in", w.fact("tanaka", views).Number(), 3.0)
	if err := w.Unmerge(visitorLead("phone")); err != nil {
		t.Fatal(err)
	}
	w.want("when separated", w.fact("tanaka", views).Number(), 1.0)
}

// Of what group calls say the latest stands, in whatever order they arrive.
func TestTheLatestWordAboutACompanyStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, accountSpec(), sim.Options{Start: start + engine.Time(engine.Day)})
	say := func(at engine.Span, plan string) {
		w.n++
		_, err := w.Submit(engine.Event{
			Kind: engine.Group, ID: fmt.Sprint("g", w.n), Source: "web", User: "tanaka", At: start.Add(at), Received: w.Now(),
			Fields: []engine.Field{text("groupId", "Acme"), text("Plan", plan)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	say(3*engine.Hour, "gold")
	say(2*engine.Hour, "silver")
	w.want("plan", w.fact("tanaka", plan).Text(), "gold")
	say(4*engine.Hour, "bronze")
	w.want("plan", w.fact("tanaka", plan).Text(), "bronze")
}

// An account takes as many as it can bear, and says so once.
func TestAFullAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, accountSpec(), sim.Options{})
	for i := range engine.MaxMembers + 5 {
		user := fmt.Sprint("user", i)
		w.by(user, engine.Identify, "", text("company", "Acme"))
		if i%40 == 0 || i >= engine.MaxMembers {
			w.by(user, engine.Track, "page_viewed")
		}
	}
	account := engine.EntityID(engine.EntityAccount, "Acme")
	w.want("members", len(w.Lead(account).Account.Members), engine.MaxMembers)
	w.want("told once", w.decisions(account, engine.Fault, "account"), 1)
	w.want("views", w.fact("user1", views).Number(), float64((engine.MaxMembers+39)/40))
	w.want("views of who came last", w.fact(fmt.Sprint("user", engine.MaxMembers+1), views).Number(), 1.0)
}

// An account that acts on what its leads do to each other comes to an end.
func TestLeadsThatActOnEachOther(t *testing.T) {
	t.Parallel()
	s := accountSpec()
	pings := engine.Key{Kind: engine.KeyAccountTimes, Name: "ping"}
	s.Events = append(s.Events, engine.EventSpec{Name: "ping"})
	odd := enginetest.When("odd", func(f map[string]any) bool { n, _ := f[pings.String()].(float64); return int(n)%2 == 1 }, pings)
	s.Segments = append(s.Segments, engine.SegmentSpec{Name: "odd", When: odd})
	for _, way := range []engine.EnterSpec{{Joins: "odd"}, {Leaves: "odd"}} {
		s.Flows = append(s.Flows, engine.FlowSpec{
			Name: "pong" + way.Joins, Enter: way, ReEnter: &engine.ReEnterSpec{},
			Steps: []engine.StepSpec{{Name: "emit" + way.Joins, Kind: engine.EmitStep, Next: engine.EndOfFlow, Emit: &engine.EmitSpec{Event: "ping"}}},
		})
	}
	w := newWorld(t, s, sim.Options{})
	w.by("tanaka", engine.Identify, "", text("company", "Acme"))
	w.by("suzuki", engine.Identify, "", text("company", "Acme"))
	w.by("tanaka", engine.Track, "ping")
	if n := w.fact("tanaka", pings).Number(); n < 2 || n > 300 {
		t.Errorf("the two have sent %v pings at one instant", n)
	}
}

// In whatever order the same events arrive, repeated and late, accounts know the
// same of their leads, and leads read the same of their accounts.
func TestAccountsInAnyOrder(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 21))
		events := companyEvents(rng)
		want := ""
		for round := range 4 {
			w := newWorld(t, accountSpec(), sim.Options{Start: start + engine.Time(10*engine.Day)})
			order := rng.Perm(len(events))
			if round == 0 {
				slices.Sort(order)
			} else {
				order = append(order, rng.Perm(len(events))...)
			}
			for _, i := range order {
				e := events[i]
				e.Received = w.Now()
				if _, err := w.Submit(e); err != nil {
					t.Fatal(err)
				}
			}
			var b strings.Builder
			for i := range 6 {
				user := fmt.Sprint("user", i)
				for _, k := range []engine.Key{views3, views, viewed, plan} {
					l := w.Lead(engine.Identifier{Kind: engine.ByUser, Value: user}.Lead())
					v := w.Program().Read(engine.NewFrame(), l, start.Add(9*engine.Day), k)
					fmt.Fprintln(&b, user, k, v)
				}
			}
			if round == 0 {
				want = b.String()
			} else if b.String() != want {
				t.Fatalf("seed %d, order %v:\n%s\nin order:\n%s", seed, order, b.String(), want)
			}
		}
	}
}

func companyEvents(rng *rand.Rand) []engine.Event {
	var events []engine.Event
	add := func(kind engine.EventKind, name, user, visitor string, fields ...engine.Field) {
		at := start + engine.Time(rng.IntN(int(9*engine.Day)))
		events = append(events, engine.Event{
			Kind: kind, Name: name, ID: fmt.Sprint("e", len(events)), Source: "web", User: user, Visitor: visitor, At: at, Fields: fields,
		})
	}
	companies := []string{"Acme", "Bravo"}
	for range 40 {
		n := rng.IntN(6)
		user, visitor := fmt.Sprint("user", n), ""
		if rng.IntN(4) == 0 {
			user, visitor = "", fmt.Sprint("phone", n)
		}
		switch rng.IntN(6) {
		case 0:
			add(engine.Identify, "", user, visitor, text("company", companies[rng.IntN(2)]))
		case 1:
			add(engine.Group, "", user, visitor, text("groupId", companies[rng.IntN(2)]), text("plan", fmt.Sprint("plan", rng.IntN(5))))
		default:
			add(engine.Track, "page_viewed", user, visitor)
		}
	}
	for n := range 6 {
		add(engine.Identify, "", fmt.Sprint("user", n), fmt.Sprint("phone", n))
	}
	return events
}

// What an account and its leads know survives being stored.
func TestAccountRowsRoundTrip(t *testing.T) {
	t.Parallel()
	w := newWorld(t, accountSpec(), sim.Options{})
	for _, user := range []string{"tanaka", "suzuki"} {
		w.by(user, engine.Group, "", text("groupId", "Acme"), text("plan", "gold"))
		w.by(user, engine.Track, "page_viewed")
	}
	for _, id := range w.All() {
		row := engine.AppendLead(nil, w.Lead(id))
		back := engine.Lead{ID: id}
		if err := engine.DecodeLead(row, &back); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(engine.AppendLead(nil, &back), row) {
			t.Errorf("%+v came back as %+v", w.Lead(id), back)
		}
	}
}
