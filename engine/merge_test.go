package engine_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// call is an outside event of somebody, known by any of the identifiers.
func (w *world) call(kind engine.EventKind, name, user, visitor string, fields ...engine.Field) {
	w.t.Helper()
	w.n++
	e := engine.Event{
		Kind: kind, Name: name, ID: fmt.Sprint("m", w.n), Source: "web", User: user, Visitor: visitor,
		At: w.Now(), Received: w.Now(), Fields: fields,
	}
	if _, err := w.Submit(e); err != nil {
		w.t.Fatal(err)
	}
}

func visitorLead(id string) engine.LeadID {
	return engine.Identifier{Kind: engine.ByVisitor, Value: id}.Lead()
}

// decisions counts a lead's decisions of a kind.
func (w *world) decisions(id engine.LeadID, kind engine.DecisionKind, subject string) int {
	n := 0
	_ = w.Facts(id, func(f *engine.Fact) error {
		for _, d := range f.Decisions {
			if d.Kind == kind && (subject == "" || d.Subject == subject) {
				n++
			}
		}
		return nil
	})
	return n
}

// What a visitor did before signing in counts for the person: the score, the
// stage, the run of the workflow and its messages; and it is one person.
func TestMergeOfAVisitorWhoSignsIn(t *testing.T) {
	t.Parallel()
	counts := map[string]int64{}
	w := newWorld(t, spec(), sim.Options{OnCount: func(d engine.Delta) { counts[fmt.Sprint(d.Name, d.Part)] += d.N }})
	w.call(engine.Track, "page_viewed", "", "phone")
	w.call(engine.Track, "Consent Given", "", "phone", text("purpose", "marketing"))
	w.after(engine.Hour)
	w.call(engine.Track, "page_viewed", "", "phone")
	w.call(engine.Identify, "", "tanaka", "", text("company", "Acme"))
	w.after(engine.Hour)
	w.call(engine.Identify, "", "tanaka", "phone")
	w.call(engine.Track, "page_viewed", "tanaka", "phone")
	tanaka := w.tanaka()
	w.want("parts", tanaka.Parts, []engine.LeadID{visitorLead("phone")})
	w.want("leads", len(w.Leads()), 1)
	w.want("leads counted", counts["leads0"]-counts["leads1"], int64(1))
	if got := w.score(); got < 39.8 || got > 40 {
		t.Errorf("two views of the visitor, one of tanaka, two paid on one day: interest is %v", got)
	}
	w.want("place", tanaka.Place("nurture"), "read")
	w.want("runs", len(tanaka.Acts.Runs), 1)
	w.after(3 * engine.Hour)
	w.want("mails after the visitor's wait", w.sent("mail"), 1)
	w.want("addressee", w.Sent()[0].Lead, tanaka.ID)
	w.call(engine.Track, "email_clicked", "", "phone") // the table knows whose it is
	w.want("place", w.tanaka().Place("nurture"), "second")
	given := w.Lead(visitorLead("phone"))
	w.want("the visitor's timers", len(given.Timers)+len(given.Acts.Runs), 0)
}

// A visitor in a workflow in which the person is already leaves it by exit.merged.
func TestMergeEndsTheSecondRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.call(engine.Track, "page_viewed", "tanaka", "")
	w.call(engine.Track, "page_viewed", "", "phone")
	w.call(engine.Identify, "", "tanaka", "phone")
	w.want("runs", len(w.tanaka().Acts.Runs), 1)
	w.want("left", w.decisions(w.tanaka().ID, engine.Left, "nurture"), 1)
	w.want("entries", w.tanaka().Acts.Past[0].Entries, int32(2))
}

// A message that waits goes along under its old key, and caps count what either
// was sent.
func TestMergeCarriesMessagesAndCaps(t *testing.T) {
	t.Parallel()
	s := spec()
	s.Flows[0].ReEnter = &engine.ReEnterSpec{}
	w := newWorld(t, s, sim.Options{Start: engine.TimeOf(time.Date(2026, 10, 5, 15, 30, 0, 0, tokyo))})
	w.call(engine.Track, "Consent Given", "", "phone", text("purpose", "marketing"))
	w.call(engine.Track, "page_viewed", "", "phone")
	w.after(4 * engine.Hour) // 19:30: quiet until the morning
	visitor := w.Lead(visitorLead("phone"))
	w.want("under way", len(visitor.Acts.Pending), 1)
	key := visitor.Acts.Pending[0].Key
	w.call(engine.Identify, "", "tanaka", "phone")
	w.want("under way at tanaka", w.tanaka().Acts.Pending[0].Key, key)
	w.want("under way at the visitor", len(visitor.Acts.Pending), 0)
	w.after(14 * engine.Hour)
	w.want("sent", w.Sent()[0].Key, key)
	w.want("place", w.tanaka().Place("nurture"), "reaction")

	w.call(engine.Track, "Consent Given", "", "pc", text("purpose", "marketing"))
	w.call(engine.Track, "page_viewed", "", "pc")
	w.after(4 * engine.Hour)
	w.want("mails to the two", w.sent("mail"), 2)
	w.call(engine.Identify, "", "tanaka", "pc")
	var mails engine.Tally
	for _, tally := range w.tanaka().Acts.Sent {
		if tally.Channel == "mail" {
			mails = tally
		}
	}
	w.want("mails under the cap", fmt.Sprint(mails.Total, len(mails.Recent)), "2 2")
}

// Two people with one address are told apart, and both are marked.
func TestTwoUsersWithOneKeyAreAConflict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.call(engine.Identify, "", "tanaka", "", text("email", "info@example.co.jp"))
	w.call(engine.Identify, "", "suzuki", "", text("email", "info@example.co.jp"))
	w.call(engine.Identify, "", "suzuki", "", text("email", "info@example.co.jp"))
	w.want("leads", len(w.Leads()), 2)
	for _, user := range []string{"tanaka", "suzuki"} {
		id := engine.Identifier{Kind: engine.ByUser, Value: user}.Lead()
		w.want("conflicts of "+user, w.decisions(id, engine.Contested, ""), 1)
		w.want("parts of "+user, len(w.Lead(id).Parts), 0)
	}
	w.want("whose address", w.Find(engine.Identifier{Kind: engine.ByKey, Value: "info@example.co.jp"}).User, "tanaka")
}

// A browser that a second person signs in on stays the first one's.
func TestASharedBrowserStaysTheFirstOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.call(engine.Track, "page_viewed", "", "kiosk")
	w.call(engine.Identify, "", "tanaka", "kiosk")
	w.call(engine.Identify, "", "suzuki", "kiosk")
	w.call(engine.Track, "page_viewed", "", "kiosk")
	suzuki := w.Find(engine.Identifier{Kind: engine.ByUser, Value: "suzuki"})
	w.want("suzuki's parts", len(suzuki.Parts), 0)
	if got := w.score(); got != 40 {
		t.Errorf("tanaka's interest is %v", got)
	}
}

// An address that was imported, a visitor who gave it and a person who signs in
// are one; an alias call says so of a visitor without an address.
func TestMergeByKeyAndAlias(t *testing.T) {
	t.Parallel()
	w := newWorld(t, spec(), sim.Options{})
	w.call(engine.Identify, "", "", "", text("email", "a@example.co.jp"), text("company", "Acme"))
	w.call(engine.Identify, "", "", "phone", text("email", "a@example.co.jp"))
	w.want("leads by one address", len(w.Leads()), 1)
	w.call(engine.Track, "page_viewed", "", "phone")
	w.call(engine.Track, "page_viewed", "", "pc")
	w.call(engine.Identify, "", "tanaka", "", text("email", "a@example.co.jp"))
	w.call(engine.Alias, "", "tanaka", "", text("previousId", "pc"))
	w.want("leads", len(w.Leads()), 1)
	w.want("interest", w.score(), 40.0)
	w.want("company", w.Read(w.tanaka(), engine.Key{Kind: engine.KeyLead, Name: "company"}).Text(), "Acme")
	w.call(engine.Identify, "", "", "", text("email", "a@example.co.jp"), text("employees", "500"))
	w.want("an import later on", w.Read(w.tanaka(), engine.Key{Kind: engine.KeyLead, Name: "employees"}).Number(), 500.0)
}

// After un-merging, each folds its own facts.
func TestUnmerge(t *testing.T) {
	t.Parallel()
	counts := map[string]int64{}
	w := newWorld(t, spec(), sim.Options{OnCount: func(d engine.Delta) { counts[fmt.Sprint(d.Name, d.Part)] += d.N }})
	w.call(engine.Track, "page_viewed", "", "phone")
	w.call(engine.Track, "page_viewed", "", "phone")
	w.call(engine.Identify, "", "tanaka", "phone", text("company", "Acme"))
	w.want("interest", w.score(), 40.0)
	if err := w.Unmerge(visitorLead("phone")); err != nil {
		t.Fatal(err)
	}
	w.want("interest of tanaka", w.score(), 0.0)
	w.want("interest of the visitor", w.Read(w.Lead(visitorLead("phone")), interest).Number(), 40.0)
	w.want("parts", len(w.tanaka().Parts), 0)
	w.want("leads", len(w.Leads()), 2)
	w.want("leads counted", counts["leads0"]-counts["leads1"], int64(2))
	w.call(engine.Track, "inquiry", "", "phone")
	w.call(engine.Track, "Form Submitted", "", "phone", text("form", "inquiry"))
	w.want("the visitor goes on alone", w.Read(w.Lead(visitorLead("phone")), interest).Number(), 100.0)
}

// In whatever order the same events arrive, and so whoever is merged into whom and
// when, the person's folds are those of one lead that had them all.
func TestMergeInAnyOrderFoldsAlike(t *testing.T) {
	t.Parallel()
	s := spec()
	s.Stages, s.TossUps, s.Flows, s.KPIs = nil, nil, nil, nil
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 11))
		events := manyNames(rng)
		var want []byte
		for round := range 4 {
			w := newWorld(t, s, sim.Options{Start: start + engine.Time(10*engine.Day)})
			order := rng.Perm(len(events))
			if round == 0 {
				slices.Sort(order)
			}
			for _, i := range order {
				e := events[i]
				e.Received = w.Now()
				if round == 0 { // the person as one lead from the beginning
					e.Lead, e.Visitor, e.User = engine.Identifier{Kind: engine.ByUser, Value: "tanaka"}.Lead(), "", "tanaka"
				}
				if _, err := w.Submit(e); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(w.Leads()); n != 1 {
				t.Fatalf("seed %d, round %d: %d leads are left of one person", seed, round, n)
			}
			got := engine.AppendLead(nil, &engine.Lead{Folds: sorted(w.tanaka().Folds)})
			if round == 0 {
				want = got
			} else if !bytes.Equal(got, want) {
				t.Fatalf("seed %d, order %v: the folds are %+v", seed, order, w.tanaka().Folds)
			}
		}
	}
}

// manyNames are events of one person under many names, among them every link
// between the names.
func manyNames(rng *rand.Rand) []engine.Event {
	var events []engine.Event
	add := func(kind engine.EventKind, name, user, visitor string, fields ...engine.Field) {
		at := start + engine.Time(rng.IntN(int(9*engine.Day)))
		events = append(events, engine.Event{
			Kind: kind, Name: name, ID: fmt.Sprint("e", len(events)), Source: "web", User: user, Visitor: visitor, At: at, Fields: fields,
		})
	}
	mail := text("email", "a@example.co.jp")
	for range 4 + rng.IntN(8) {
		user := []string{"", "", "tanaka"}[rng.IntN(3)]
		visitor := ""
		if user == "" {
			visitor = []string{"phone", "pc", "tablet"}[rng.IntN(3)]
		}
		switch rng.IntN(4) {
		case 0:
			add(engine.Identify, "", user, visitor, text("company", fmt.Sprint("company ", rng.IntN(5))))
		case 1:
			add(engine.Track, "Form Submitted", user, visitor, text("form", "inquiry"))
		case 2:
			add(engine.Track, "Consent Given", user, visitor, text("purpose", "marketing"))
		default:
			add(engine.Track, "page_viewed", user, visitor)
		}
	}
	add(engine.Identify, "", "tanaka", "", mail)
	add(engine.Identify, "", "tanaka", "phone")
	add(engine.Alias, "", "tanaka", "", text("previousId", "pc"))
	add(engine.Identify, "", "", "tablet", mail)
	return events
}

// sorted brings a lead's folds into one order; which of them came first is of no
// account.
func sorted(f engine.Folds) engine.Folds {
	f.Attrs = slices.SortedFunc(slices.Values(f.Attrs), func(a, b engine.Attr) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	f.Scores = slices.SortedFunc(slices.Values(f.Scores), func(a, b engine.Score) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	f.Counts = slices.SortedFunc(slices.Values(f.Counts), func(a, b engine.Count) int { return bytes.Compare([]byte(a.Event), []byte(b.Event)) })
	f.LastAt, f.LastID = 0, ""
	return f
}
