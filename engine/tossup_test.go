package engine_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/sim"
)

// tossUpCounts sums the counters of toss-ups by name, labels and hour.
type tossUpCounts map[string]int64

func (c tossUpCounts) add(d engine.Delta) {
	if strings.HasPrefix(d.Name, "toss_up:") {
		c[d.Name+" "+strings.ReplaceAll(labelsWithoutRule(d.Labels), "\x1f", " ")] += d.N * (1 - 2*int64(d.Part))
	}
}

// labelsWithoutRule leaves the rule's version out, which is a hash.
func labelsWithoutRule(labels string) string {
	var out []string
	for _, l := range strings.Split(labels, "\x1f") {
		if !strings.HasPrefix(l, "rule=") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\x1f")
}

// What becomes of offers is counted by rule and revision, in the hour of the
// offer: answers with their reasons, opportunities within the rule's time, what is
// won, and opportunities that nothing had handed over.
func TestOutcomesAreCounted(t *testing.T) {
	t.Parallel()
	counts := tossUpCounts{}
	hours := map[int64]bool{}
	s := deskSpec()
	s.TossUps[0].Capacity = nil
	w := newWorld(t, s, sim.Options{OnCount: func(d engine.Delta) {
		counts.add(d)
		if strings.HasPrefix(d.Name, "toss_up:hot:") && !strings.HasSuffix(d.Name, ":missed") {
			hours[d.Hour] = true
		}
	}})
	for _, name := range []string{"a", "b", "c"} {
		w.heat(name, 100)
	}
	w.after(engine.Hour)
	w.call(engine.Track, "toss_up_accepted", "a", "")
	w.call(engine.Track, "toss_up_rejected", "b", "", text("reason", "予算なし"))
	w.want("the way of the reason", w.Lead(user("b")).Acts.Stage, "mql")
	w.after(5 * engine.Day)
	w.want("silence", w.states("hot", "c"), "expired")
	w.call(engine.Track, "opportunity", "a", "")
	w.call(engine.Track, "opportunity", "a", "") // counts once
	w.call(engine.Track, "opportunity", "stranger", "")
	w.after(engine.Day)
	w.call(engine.Track, "deal_won", "a", "")
	for name, n := range map[string]int64{
		"toss_up:hot:offered revision=1": 3, "toss_up:hot:accepted revision=1": 1, "toss_up:hot:rejected revision=1 reason=no_budget": 1,
		"toss_up:hot:expired revision=1": 1, "toss_up:hot:opportunity revision=1": 1, "toss_up:hot:won revision=1": 1, "toss_up:hot:missed revision=1": 1,
	} {
		if counts[name] != n {
			t.Errorf("%s: %d, want %d; all: %v", name, counts[name], n, counts)
		}
	}
	w.want("all in the hour of the offer", len(hours), 1)
	register := w.Offers()
	w.want("register", len(register), 3)
	var o engine.Offer
	for _, row := range register {
		if row.Lead == user("a") {
			o = row.Offer
		}
	}
	w.want("from signal to opportunity to win", fmt.Sprint(o.Made.Sub(o.Signal), o.AnsweredAt.Sub(o.Made), o.Opportunity.Sub(o.Made), o.Closed.Sub(o.Made), o.Won), "0ms 1h 121h 145h true")
}

// After sales sent a lead back it takes a fresh rising edge and something new of
// the lead's own; the cooldown of the reason holds before the rule's.
func TestNewEvidenceAfterARejection(t *testing.T) {
	t.Parallel()
	s := deskSpec()
	s.TossUps[0].Capacity, s.TossUps[0].Cooldown = nil, 0
	hour := engine.Key{Kind: engine.KeyHour}
	s.TossUps[0].When = append(s.TossUps[0].When, enginetest.Compare(hour, "<", 12)...) // rises every midnight
	w := newWorld(t, s, sim.Options{})
	w.heat("a", 1000)
	w.want("offered", w.states("hot", "a"), "offered")
	w.call(engine.Track, "toss_up_rejected", "a", "", text("reason", "wrong person"))
	w.after(2 * engine.Day)
	w.want("a rise by time alone is nothing new", w.states("hot", "a"), "rejected")
	w.call(engine.Track, "page_viewed", "a", "")
	w.want("a page is", w.states("hot", "a"), "offered")
	w.call(engine.Track, "toss_up_rejected", "a", "", text("reason", "no_budget"))
	w.after(2 * engine.Day)
	w.call(engine.Track, "page_viewed", "a", "")
	w.want("before the reason's cooldown is over", w.states("hot", "a"), "rejected")
}

// Nobody answers: the owner is reminded, then somebody else is told, by business
// hours; an answer ends it. An answer that comes too late is recorded and moves
// nothing.
func TestRemindersAndEscalation(t *testing.T) {
	t.Parallel()
	s := deskSpec()
	s.TossUps[0].Capacity = nil
	s.TossUps[0].Answer.Notices = []engine.ReminderSpec{
		{Kind: engine.Remind, After: calendar.Length{BusinessHours: 4}},
		{Kind: engine.Escalate, After: calendar.Length{BusinessDays: 1}, Channel: "crm", Content: enginetest.Parts("boss")},
	}
	w := newWorld(t, s, sim.Options{Render: true})
	w.after(8 * engine.Hour) // Monday, five in the afternoon
	w.heat("a", 100)
	w.after(17 * engine.Hour) // ten on Tuesday
	w.want("before the reminder", w.sent("crm"), 1)
	w.after(2 * engine.Hour)
	w.want("four hours of work later", w.sent("crm"), 2)
	notice, _ := engine.Lookup(w.Sent()[1].Parts, "notice")
	w.want("it says what it is", notice.Text(), "remind")
	w.after(6 * engine.Hour)
	w.want("a business day later", w.sent("crm"), 3)
	said, _ := engine.Lookup(w.Sent()[2].Parts, "text")
	w.want("in words of its own", said.Text(), "boss")
	w.after(7 * engine.Day)
	w.want("nothing more", w.sent("crm"), 3)
	w.call(engine.Track, "toss_up_accepted", "a", "")
	w.want("too late", w.states("hot", "a"), "expired")
	w.want("recorded", w.Offers()[0].Offer.Late, "accepted")
}

// The packet tells which rules paid, faded to now, and what the lead did last.
func TestPacket(t *testing.T) {
	t.Parallel()
	s := deskSpec()
	s.TossUps[0].Capacity = nil
	w := newWorld(t, s, sim.Options{Render: true})
	w.call(engine.Track, "page_viewed", "a", "", text("path", "/pricing"))
	w.after(14 * engine.Day)
	w.heat("a", 30)
	w.heat("a", 35)
	parts := w.Sent()[0].Parts
	var scores []struct {
		Score string
		Value float64
		Rules []struct {
			Rule   string
			Points float64
			Times  int
		}
	}
	text, _ := engine.Lookup(parts, "scores")
	if err := json.Unmarshal([]byte(text.Text()), &scores); err != nil {
		t.Fatalf("%v: %s", err, text.Text())
	}
	w.want("what paid", fmt.Sprint(scores), "[{interest 75 [{heat 65 2} {view 10 1}]}]")
	touches, _ := engine.Lookup(parts, "touches")
	if n := strings.Count(touches.Text(), `"event":"heat"`); n != 2 || !strings.HasSuffix(touches.Text(), `"event":"page_viewed","label":"page_viewed","at":"2026-10-05T09:00:00+09:00"}]`) {
		t.Errorf("touches: %s", touches.Text())
	}
}

// A click that a machine made counts for nothing, whenever that comes to light: the
// hand-over that it brought about stands, and sales are told.
func TestDoubtfulHandOver(t *testing.T) {
	t.Parallel()
	s := deskSpec()
	s.TossUps[0].Capacity = nil
	w := newWorld(t, s, sim.Options{})
	w.heat("a", 65)
	w.call(engine.Identify, "", "a", "", text("employees", "x"))
	w.after(engine.Hour)
	w.call(engine.Track, "heat", "a", "", engine.Field{Name: "points", Value: engine.NumberValue(10)})
	w.want("offered", w.states("hot", "a"), "offered")
	w.n++
	late := engine.Event{
		Kind: engine.Track, Name: "heat", ID: "late", Source: "web", User: "a", At: w.Now().Add(-30 * engine.Minute), Received: w.Now().Add(engine.Minute),
		Fields: []engine.Field{{Name: "points", Value: engine.NumberValue(-40)}},
	}
	if _, err := w.Submit(late); err != nil {
		t.Fatal(err)
	}
	w.want("told", w.decisions(user("a"), engine.Doubted, "hot"), 1)
	w.want("the offer stands", w.states("hot", "a"), "offered")
	w.want("messages to sales", w.sent("crm"), 2)
	w.want("register", w.Offers()[0].Offer.Doubted, true)
	late.ID, late.Fields = "later", []engine.Field{{Name: "points", Value: engine.NumberValue(-1)}}
	if _, err := w.Submit(late); err != nil {
		t.Fatal(err)
	}
	w.want("once", w.decisions(user("a"), engine.Doubted, "hot"), 1)
}
