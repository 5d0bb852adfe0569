package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// digits is a form of telephone numbers: what is no digit goes, and a number has at
// least three.
type digits struct{}

func (digits) Name() string { return "digits" }

func (digits) Normal(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	return s, len(s) >= 3
}

// namesSpec is a workspace in which leads have names of their own besides the mail
// address: a telephone number, and an id of the sales system.
func namesSpec() *engine.Spec {
	s := spec()
	s.Attrs = append(s.Attrs,
		engine.AttrSpec{Name: "phone", Kind: engine.Text, Identifier: true, Form: digits{}, Raw: "phone_as_given"},
		engine.AttrSpec{Name: "phone_as_given", Kind: engine.Text},
		engine.AttrSpec{Name: "crm_id", Kind: engine.Text, Identifier: true, Wire: "CRM contact"},
	)
	return s
}

func attribute(name, value string) engine.Identifier {
	return engine.Identifier{Kind: engine.ByAttribute, Value: name + "\x1f" + value}
}

// A list by telephone, a list of the sales system, a visitor and a user are one
// person as soon as something links them, and are found under all their names.
func TestSeveralNamesOfOneLead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, namesSpec(), sim.Options{})
	w.call(engine.Identify, "", "", "", text("phone", "03-1234-5678"), text("company", "Acme"))
	w.call(engine.Identify, "", "", "", text("CRM contact", "C1"), text("employees", "500"))
	w.call(engine.Track, "page_viewed", "", "pc")
	w.want("apart", len(w.Leads()), 3)
	w.call(engine.Identify, "", "", "pc", text("phone", "(03) 1234 5678"))
	w.want("the visitor gave the number", len(w.Leads()), 2)
	w.call(engine.Identify, "", "tanaka", "", text("phone", "0312345678"), text("CRM contact", "C1"), text("email", "a@example.co.jp"))
	w.want("one person", len(w.Leads()), 1)
	w.want("company", w.Read(w.tanaka(), company).Text(), "Acme")
	w.want("interest", w.score(), 20.0)
	w.want("raw", w.Read(w.tanaka(), engine.Key{Kind: engine.KeyLead, Name: "phone_as_given"}).Text(), "0312345678")
	for _, name := range []string{"tanaka", "a@example.co.jp", "03.1234.5678", "C1", "pc"} {
		found := false
		for _, i := range w.Program().NamesFor(name) {
			if l := w.Find(i); l != nil && l.Whole() == w.tanaka().ID {
				found = true
			}
		}
		w.want("found as "+name, found, true)
	}
	w.call(engine.Track, "page_viewed", "", "", text("phone", "03 1234 5678"))
	w.want("an event by number alone", w.score(), 40.0)
	w.want("one person still", len(w.Leads()), 1)
}

// What has no form identifies nobody, and is kept.
func TestWhatHasNoFormIdentifiesNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, namesSpec(), sim.Options{})
	w.call(engine.Identify, "", "tanaka", "", text("phone", "-"))
	w.call(engine.Identify, "", "suzuki", "", text("phone", "-"))
	w.want("leads", len(w.Leads()), 2)
	w.want("kept", w.Read(w.tanaka(), engine.Key{Kind: engine.KeyLead, Name: "phone"}).Text(), "-")
	w.want("contested", w.decisions(w.tanaka().ID, engine.Contested, ""), 0)
}

// In whatever order links between names become known, the person is one, under all
// of them.
func TestNamesInAnyOrder(t *testing.T) {
	t.Parallel()
	s := namesSpec()
	s.Stages, s.TossUps, s.Flows, s.KPIs = nil, nil, nil, nil
	for seed := range uint64(120) {
		rng := rand.New(rand.NewPCG(seed, 31))
		events := manyNames(rng)
		for i, e := range []struct {
			user, visitor string
			fields        []engine.Field
		}{
			{"", "", []engine.Field{text("phone", "03-1234-5678"), text("company", "by phone")}},
			{"", "tablet", []engine.Field{text("phone", "0312345678")}},
			{"", "", []engine.Field{text("CRM contact", "C1"), text("phone", "03 1234 5678")}},
			{"tanaka", "", []engine.Field{text("CRM contact", "C1")}},
		} {
			events = append(events, engine.Event{
				Kind: engine.Identify, ID: fmt.Sprint("n", i), Source: "list", User: e.user, Visitor: e.visitor,
				At: start + engine.Time(rng.IntN(int(9*engine.Day))), Fields: e.fields,
			})
		}
		want := ""
		for round := range 4 {
			w := newWorld(t, s, sim.Options{Start: start + engine.Time(10*engine.Day)})
			order := rng.Perm(len(events))
			if round == 0 {
				slices.Sort(order)
			}
			for _, i := range order {
				e := events[i]
				e.Received = w.Now()
				if _, err := w.Submit(e); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(w.Leads()); n != 1 {
				t.Fatalf("seed %d, order %v: %d leads are left of one person", seed, order, n)
			}
			for _, name := range []engine.Identifier{attribute("phone", "0312345678"), attribute("crm_id", "C1"), {Kind: engine.ByKey, Value: "a@example.co.jp"}} {
				if l := w.Find(name); l == nil || l.ID != w.tanaka().ID {
					t.Fatalf("seed %d, order %v: %v is not found", seed, order, name)
				}
			}
			got := string(engine.AppendLead(nil, &engine.Lead{Folds: sorted(w.tanaka().Folds)}))
			if round == 0 {
				want = got
			} else if got != want {
				t.Fatalf("seed %d, order %v: the folds are %+v", seed, order, w.tanaka().Folds)
			}
		}
	}
}

// Two people with one number are told apart until a person says what they are: one,
// and then everything is of one lead, or two, and nobody asks again.
func TestAPersonSettlesAConflict(t *testing.T) {
	t.Parallel()
	id := func(user string) engine.LeadID { return engine.Identifier{Kind: engine.ByUser, Value: user}.Lead() }
	both := func() *world {
		w := newWorld(t, namesSpec(), sim.Options{})
		w.by("tanaka", engine.Identify, "", text("phone", "0312345678"))
		w.by("suzuki", engine.Track, "page_viewed")
		w.by("suzuki", engine.Identify, "", text("phone", "03-1234-5678"))
		w.want("conflict", w.tanaka().Conflicts[0].Other, id("suzuki"))
		w.want("by", w.Lead(id("suzuki")).Conflicts[0].Attribute, "phone")
		w.want("whose number", w.Find(attribute("phone", "0312345678")).User, "tanaka")
		return w
	}
	w := both()
	if err := w.Settle(engine.ConflictSame(id("suzuki"), id("tanaka"), w.Now())); err != nil {
		t.Fatal(err)
	}
	w.want("one lead", len(w.Leads()), 1)
	w.want("interest", w.score(), 20.0)
	w.want("conflicts", len(w.tanaka().Conflicts), 0)
	w.by("suzuki", engine.Track, "page_viewed")
	w.call(engine.Identify, "", "suzuki", "phone")
	w.call(engine.Track, "page_viewed", "", "phone")
	w.want("of both and their browser", w.score(), 40.0)
	w.want("found by either", w.Find(engine.Identifier{Kind: engine.ByUser, Value: "suzuki"}).User, "tanaka")
	if err := w.Unmerge(id("suzuki")); err != nil {
		t.Fatal(err)
	}
	w.want("taken back", len(w.Leads()), 2)
	w.want("interest of tanaka alone", w.score(), 20.0)
	w.want("interest of suzuki, with what came meanwhile", w.Read(w.Lead(id("suzuki")), interest).Number(), 40.0)

	w = both()
	for _, pair := range [][2]string{{"suzuki", "tanaka"}, {"tanaka", "suzuki"}} {
		if err := w.Settle(engine.ConflictApart(id(pair[0]), id(pair[1]), w.Now())); err != nil {
			t.Fatal(err)
		}
	}
	w.by("suzuki", engine.Identify, "", text("phone", "000"))
	w.by("suzuki", engine.Identify, "", text("phone", "0312345678"))
	w.want("settled", w.tanaka().Conflicts[0].Settled && w.Lead(id("suzuki")).Conflicts[0].Settled, true)
	w.want("decisions", w.decisions(id("tanaka"), engine.Contested, ""), 2)
	w.want("leads", len(w.Leads()), 2)
}
