package dsl

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
)

// loadFull loads the workspace that has one of everything.
func loadFull(t *testing.T) *Workspace {
	t.Helper()
	ws, ds := LoadDir("testdata/full", Options{})
	if ws == nil || len(ds.Items) > 0 {
		t.Fatalf("it is not sound:\n%s", ds.Render())
	}
	return ws
}

func flowNamed(t *testing.T, s *engine.Spec, name string) *engine.FlowSpec {
	t.Helper()
	return find(t, s.Flows, func(f *engine.FlowSpec) bool { return f.Name == name })
}

// TestFullServes: everything that the language has is carried out.
func TestFullServes(t *testing.T) {
	t.Parallel()
	ws, ds := LoadDir("testdata/full", Options{For: ToServe, Language: "en"})
	if ws == nil || len(ds.Items) > 0 {
		t.Fatalf("%s", ds.Render())
	}
	if _, err := engine.NewProgram(ws.Spec, ws.Digest, 1); err != nil {
		t.Errorf("it makes no program: %v", err)
	}
}

func TestFullEnter(t *testing.T) {
	t.Parallel()
	s := loadFull(t).Spec
	orders := flowNamed(t, s, "orders")
	if e := orders.Enter; e.On != "ordered" || e.Key == nil || e.Key.Source() != "event.order_id" || len(e.When) != 1 {
		t.Errorf("orders enters by %+v", e)
	}
	if *orders.ReEnter != (engine.ReEnterSpec{After: 30 * engine.Day, AtMost: 3, AtOnce: 2}) {
		t.Errorf("orders re-enters by %+v", orders.ReEnter)
	}
	if e := flowNamed(t, s, "win_back").Enter; e.Joins != "quiet" || !e.Backfill || e.Members != "" {
		t.Errorf("win_back enters by %+v", e)
	}
	if e := flowNamed(t, s, "woken").Enter; e.Leaves != "quiet" || e.Joins != "" {
		t.Errorf("woken enters by %+v", e)
	}
	letter := flowNamed(t, s, "letter")
	if e := letter.Enter; e.Members != "readers" || e.Joins != "" || e.Spread != 2*engine.Hour {
		t.Errorf("letter enters by %+v", e)
	}
	if letter.ReEnter == nil || *letter.ReEnter != (engine.ReEnterSpec{}) {
		t.Errorf("a broadcast comes again: %+v", letter.ReEnter)
	}
	start := time.Date(2026, 9, 20, 0, 0, 0, 0, s.Zone)
	for name, want := range map[string]string{"letter": "2026-10-06 08:00", "fair": "2026-10-01 09:00"} {
		next, ok := flowNamed(t, s, name).Enter.Schedule.Next(start)
		if got := next.Format("2006-01-02 15:04"); !ok || got != want {
			t.Errorf("%s comes at %s, want %s", name, got, want)
		}
	}
}

func TestFullFlow(t *testing.T) {
	t.Parallel()
	s := loadFull(t).Spec
	f := flowNamed(t, s, "orders")
	if !find(t, s.Attrs, func(a *engine.AttrSpec) bool { return a.Name == "region" }).Normalize {
		t.Error("region is not normalised")
	}
	if s.Holdout != 2 || f.Holdout != 5 || f.Priority != 10 || f.Lane != "main" {
		t.Errorf("holdouts %v %v, priority %d, lane %q", s.Holdout, f.Holdout, f.Priority, f.Lane)
	}
	if f.Pause != (engine.PauseSpec{Clock: engine.ClockRuns, Overdue: engine.Skip}) {
		t.Errorf("pause %+v", f.Pause)
	}
	if g := f.Goals; len(g) != 1 || g[0].On != "ordered" || g[0].Within != 60*engine.Day || len(g[0].When) != 1 {
		t.Errorf("goals %+v", g)
	}
	interest := find(t, s.Scores, func(x *engine.ScoreSpec) bool { return x.Name == "interest" })
	loyalty := find(t, s.Scores, func(x *engine.ScoreSpec) bool { return x.Name == "loyalty" })
	if interest.Expires != 90*engine.Day || loyalty.Step != (engine.StepDown{Points: 10, Per: 30 * engine.Day}) {
		t.Errorf("scores %+v %+v", interest, loyalty)
	}
	want := `0 mark: set region tier visits unsubscribed contacted_at -> 1
1 morning: wait until tue-thu 09:30-11:30, recomputed -> 2, removed thanks
2 thanks: send mail -> 3, removed exit
3 reaction: wait 4d on email_clicked,unsubscribed,email_bounced, clicked 4, gone 7, otherwise 8
4 half: split left 70 5, right 30 6
5 a_day: wait 1d -> 9
6 taken_out: exit
7 gone: exit
8 once_more: goto 1 at most 2 -> 9
9 tell: emit nurtured reason round -> end`
	if diff := cmp.Diff(want, drawFull(f)); diff != "" {
		t.Error(diff)
	}
}

// What a channel says of order, repetition and pace reaches the engine and the
// server, and each of it is part of what a revision means.
func TestFullChannels(t *testing.T) {
	t.Parallel()
	ws := loadFull(t)
	mail := find(t, ws.Spec.Channels, func(c *engine.ChannelSpec) bool { return c.Name == "mail" })
	team := find(t, ws.Spec.Channels, func(c *engine.ChannelSpec) bool { return c.Name == "team" })
	if mail.Ordered || mail.Keyed || !mail.Domains || !team.Ordered || team.Keyed || team.Domains {
		t.Errorf("channels %+v %+v", mail, team)
	}
	out := find(t, ws.Channels, func(c *Channel) bool { return c.Name == "mail" })
	want := map[string]DomainLimit{"docomo.ne.jp": {Rate: Rate{N: 2, Per: engine.Second}, AtOnce: 1}, "*": {AtOnce: 10}}
	if diff := cmp.Diff(want, out.Domains); diff != "" || out.AtOnce != 50 {
		t.Errorf("at once %d, domains:\n%s", out.AtOnce, diff)
	}
	for _, change := range [][2]string{
		{`order        = "lead"`, `order        = "none"`},
		{"at_most_once = true", "at_most_once = false"},
		{"at_once = 50", "at_once = 51"},
		{"2 per second", "3 per second"},
	} {
		tree := readTree(t, "testdata/full")
		rules := string(tree["rules.hcl"].Data)
		changed := strings.Replace(rules, change[0], change[1], 1)
		tree["rules.hcl"].Data = []byte(changed)
		other, ds := Load(tree, Options{})
		if changed == rules || other == nil {
			t.Fatalf("%s: %s", change[1], ds.Render())
		}
		if other.Digest == ws.Digest {
			t.Errorf("%s is no new revision", change[1])
		}
	}
}

// drawFull draws a compiled workflow: what each step does and where it leads.
func drawFull(f *engine.FlowSpec) string {
	to := func(i int) string {
		if i == engine.EndOfFlow {
			return "end"
		}
		return fmt.Sprint(i)
	}
	var lines []string
	for i := range f.Steps {
		s := &f.Steps[i]
		line := fmt.Sprintf("%d %s: ", i, s.Name) + drawStep(s, to)
		switch s.Kind {
		case engine.ExitStep, engine.BranchStep, engine.SplitStep:
		default:
			if s.Wait == nil || s.Wait.Cases == nil {
				line += " -> " + to(s.Next)
			}
		}
		if s.Removed != "" {
			line += ", removed " + s.Removed
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func drawStep(s *engine.StepSpec, to func(int) string) string {
	switch s.Kind {
	case engine.WaitStep:
		return drawWait(s.Wait, to)
	case engine.SendStep:
		return "send " + s.Send.Channel
	case engine.ExitStep:
		return "exit"
	case engine.SplitStep:
		var arms []string
		for _, a := range s.Split.Arms {
			arms = append(arms, fmt.Sprintf("%s %v %s", a.Name, a.Weight, to(a.First)))
		}
		return "split " + strings.Join(arms, ", ")
	case engine.SetStep:
		return "set" + assigned(s.Set.Values)
	case engine.EmitStep:
		return "emit " + s.Emit.Event + assigned(s.Emit.Fields)
	case engine.GotoStep:
		return fmt.Sprintf("goto %s at most %d", to(s.Goto.To), s.Goto.AtMost)
	}
	return "?"
}

func drawWait(w *engine.WaitSpec, to func(int) string) string {
	line := "wait"
	if length := (calendar.Length{Span: w.For.Span + w.AtMost.Span}); !length.IsZero() {
		line += " " + length.String()
	}
	if w.Until != nil {
		line += " until " + w.Until.String()
	}
	if w.On != nil {
		line += " on " + strings.Join(w.On, ",")
	}
	if w.Recompute {
		line += ", recomputed"
	}
	for _, c := range w.Cases {
		line += ", " + c.Name + " " + to(c.First)
	}
	if w.Cases != nil {
		line += ", otherwise " + to(w.Otherwise)
	}
	return line
}

func assigned(list []engine.Assign) string {
	out := ""
	for _, a := range list {
		out += " " + a.Name
	}
	return out
}

// TestFullValues: what set and emit write.
func TestFullValues(t *testing.T) {
	t.Parallel()
	f := flowNamed(t, loadFull(t).Spec, "orders")
	now := time.Date(2026, 10, 6, 10, 0, 0, 0, time.UTC)
	facts := map[string]any{"lead.region": nil, "lead.visits": 2.0, "now": now}
	want := map[string]engine.Value{
		"region": engine.TextValue("kanto-30"), "tier": engine.TextValue("a"), "visits": engine.NumberValue(3),
		"unsubscribed": engine.FlagValue(false), "contacted_at": engine.TimeValue(engine.TimeOf(now)),
	}
	for _, a := range f.Steps[0].Set.Values {
		got, err := a.Value.Value(&engine.Vars{Facts: facts})
		if err != nil || got != want[a.Name] {
			t.Errorf("%s is %v, %v; want %v", a.Name, got, err, want[a.Name])
		}
		for _, k := range a.Value.Reads() {
			if _, there := facts[k.String()]; !there {
				t.Errorf("%s reads %s", a.Name, k)
			}
		}
	}
	key, err := f.Enter.Key.Value(&engine.Vars{Facts: map[string]any{"event.order_id": "o-1"}})
	if err != nil || key.Text() != "o-1" {
		t.Errorf("the key is %v, %v", key, err)
	}
}

// A time attribute that names no zone is meant in the project's.
func TestFullTimesHaveTheZone(t *testing.T) {
	t.Parallel()
	s := loadFull(t).Spec
	times := 0
	for i := range s.Attrs {
		if a := &s.Attrs[i]; a.Kind == engine.Instant {
			times++
			if v, ok := a.Convert(engine.TextValue("2026-10-06")); !ok || v.Time() != engine.TimeOf(time.Date(2026, 10, 6, 0, 0, 0, 0, s.Zone)) {
				t.Errorf("%s: 2026-10-06 is %v, %v", a.Name, v, ok)
			}
		}
	}
	if times == 0 || s.Zone.String() != "Asia/Tokyo" {
		t.Errorf("%d times in %v", times, s.Zone)
	}
}

func TestFullExperiments(t *testing.T) {
	t.Parallel()
	s := loadFull(t).Spec
	send := flowNamed(t, s, "orders").Steps[2].Send
	e := send.Experiment
	if send.Topic != "orders" || e.Name != "orders/thanks/wording" || e.Measure != "email_clicked" || e.Within != 3*engine.Day {
		t.Errorf("topic %q, experiment %+v", send.Topic, e)
	}
	if e.MinEach != 400 || e.Sure != 0.975 || !e.Auto {
		t.Errorf("experiment %+v", e)
	}
	if diff := cmp.Diff([]engine.GuardSpec{{Event: "unsubscribed", Above: 0.01, Source: "unsubscribed > 1%"}}, e.Guards); diff != "" {
		t.Error(diff)
	}
	facts := map[string]any{"lead.email": "a@example.jp", "now": time.Unix(0, 0)}
	for i, want := range []string{"Thanks", "3 ideas for your order"} {
		parts, err := e.Variants[i].Content.Render(&engine.Vars{Facts: facts})
		if err != nil {
			t.Fatal(err)
		}
		subject := find(t, parts, func(f *engine.Field) bool { return f.Name == "subject" })
		if subject.Value.Text() != want {
			t.Errorf("variant %d has the subject %q", i, subject.Value.Text())
		}
	}
	if tags := e.Variants[1].Tags; len(tags) != 1 || tags[0] != "number" {
		t.Errorf("tags %v", tags)
	}
	slots := flowNamed(t, s, "letter").Steps[0].Send.Experiment
	if slots.Measure != "email_opened" || slots.Within != 2*engine.Day || slots.MinEach != 200 || slots.Auto || len(slots.Slots) != 2 {
		t.Errorf("experiment %+v", slots)
	}
	next, ok := slots.Slots[1].At.Next(time.Date(2026, 10, 6, 12, 0, 0, 0, s.Zone))
	if got := next.Format("Mon 15:04"); !ok || got != "Thu 17:30" {
		t.Errorf("the late slot comes at %s", got)
	}
}

// TestFullDigest: everything new is part of the meaning.
func TestFullDigest(t *testing.T) {
	t.Parallel()
	base := readTree(t, "testdata/full")
	seen := map[string]string{digestOf(t, base, nil): "nothing"}
	for from, to := range map[string]string{
		"holdout  = 2": "holdout  = 3", "holdout  = 5": "holdout  = 6", "priority = 10": "priority = 11",
		`on_pause = "run"`: "", `overdue  = "skip"`: "", "event.order_id": "event.order_id + 'x'", "at_once = 2": "at_once = 3",
		`expires = "90d"`: `expires = "91d"`, "10 per 30d": "9 per 30d", `within = "60d"`: `within = "61d"`,
		"{{ const.warm }}": "{{ const.warm + 1 }}", `tier         = "a"`: `tier         = "b"`, "+ 1\"": "+ 2\"",
		"tue-thu 09:30": "tue-thu 09:31", `on_change  = "recompute"`: "", `on_removed = "next"`: "", `topic      = "orders"`: "",
		"400 sends": "401 sends", "97.5%": "97%", "unsubscribed > 1%": "unsubscribed > 2%", `apply   = "auto"`: "",
		"3 ideas": "4 ideas", `tags    = ["number"]`: "", "'offer'": "'case'", "weight = 70": "weight = 71",
		"at_most = 2\n        }": "at_most = 4\n        }", "order of": "orders of", "round  = 1": "round  = 2",
		`backfill = "all"`: "", `{ leaves = segment.quiet }`: `{ segment = segment.quiet }`, "2#1": "2#2",
		`spread   = "2h"`: `spread   = "3h"`, "thu 17:30": "thu 17:31", "2026-10-01 09:00": "2026-10-01 10:00", "normalize = true": "normalize = false",
		"value < 0.03": "value < 0.04", "in {{ workflow }}": "at {{ workflow }}", "min_sample = 100": "min_sample = 101",
		"- toss_up": "+ toss_up", "click_rate.value < 0.01": "click_rate.value < 0.02", "rate  = 0.1": "rate  = 0.2",
		"0 9 * * 1": "0 9 * * 2", "warm = 30": "warm = 31",
	} {
		fsys := maps.Clone(base)
		change(t, fsys, "rules.hcl", from, to)
		digest := digestOf(t, fsys, nil)
		if before, known := seen[digest]; known {
			t.Errorf("%s for %s gives the digest of %s", to, from, before)
		}
		seen[digest] = from
	}
}

// TestThresholds: what a condition tells of its moving facts.
func TestThresholds(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"score.interest >= 50":                                          "score.interest >= 50; exact",
		"50 < score.interest":                                           "score.interest > 50; exact",
		"score.interest >= const.warm + 5":                              "score.interest >= 35; exact",
		"score.interest < -1.5 or lead.unsubscribed":                    "score.interest < -1.5; exact",
		"10 <= score.interest <= 20":                                    "score.interest >= 10, score.interest <= 20; exact",
		"never('email_clicked', '30d')":                                 "times:email_clicked:30d == 0; exact",
		"not did('email_clicked', '30d')":                               "times:email_clicked:30d > 0; exact",
		"did('email_clicked')":                                          "exact",
		"times('email_clicked', '7d') >= 3 and segment.quiet":           "times:email_clicked:7d >= 3, segment.quiet == 1; exact",
		"sent('mail', '7d') < 2":                                        "sent:mail:7d < 2; exact",
		"consent.news == false":                                         "consent.news == 0; exact",
		"since('joined') > 60 and business_day":                         "since:joined > 60, business_day == 1; exact",
		"hour in [9, 10]":                                               "hour == 9, hour == 10; exact",
		"hour not in [9]":                                               "hour == 9; exact",
		"lead.visits >= 3 and lead.tier == 'a'":                         "exact",
		"score.interest + score.loyalty > 50":                           "search",
		"score.interest > score.loyalty":                                "search",
		"round(score.interest) == 50":                                   "search",
		"weekday == 'mon'":                                              "search",
		"now >= '2026-10-01'":                                           "search",
		"(since('joined') ?? 999) > 60":                                 "search",
		"lead.visits > 1 ? score.interest > 1 : segment.quiet":          "search",
		"(lead.visits ?? 0) > 1 ? lead.unsubscribed : lead.tier == 'a'": "exact",
		"did(const.click, '7d')":                                        "search",
		"score.interest >= 5 and weekday in ['mon']":                    "score.interest >= 5; search",
	} {
		if got := thresholdsOf(t, source); got != want {
			t.Errorf("%s tells %q, want %q", source, got, want)
		}
	}
}

func thresholdsOf(t *testing.T, source string) string {
	t.Helper()
	fsys := readTree(t, "testdata/full")
	fsys["x.hcl"] = &fstest.MapFile{Data: []byte("const {\n  click = \"email_clicked\"\n}\n\nworkflow \"x\" {\n  enter { on = event.joined }\n  exit \"x\" { when = \"" + source + "\" }\n  steps {\n    wait \"x\" { for = \"1d\" }\n  }\n}\n")}
	ws, ds := Load(fsys, Options{Language: "en"})
	if ws == nil {
		t.Fatalf("%s", ds.Render())
	}
	cond, ok := flowNamed(t, ws.Spec, "x").Exits[0].When[0].(engine.Timely)
	if !ok {
		t.Fatalf("%s is not timely", source)
	}
	list, exact := cond.Thresholds()
	var out []string
	for _, th := range list {
		out = append(out, fmt.Sprintf("%s %s %v", th.Key, th.Op, th.Value))
	}
	how := map[bool]string{true: "exact", false: "search"}[exact]
	if len(out) == 0 {
		return how
	}
	return strings.Join(out, ", ") + "; " + how
}
