package httpd

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// overview is what the start page shows. All of it changes while it is watched.
type overview struct {
	Cards    []card
	KPIs     []card
	MoreKPIs int // figures that have a page but no card
	Funnel   *funnelBrief
	Stages   []stageRow
	TossUps  []tossUpRow
	Flows    []flowView
	Arrivals []arrivalRow
	Moments  []momentRow
	Trials   []trialView
	Channels []channelRow
	Dead     []deadRow
	MoreDead bool
	Bad      []badRow
	Status   StatusDoc
	Waiting  []string // of rules that wait, or went live by themselves
	Uptime   string
}

// card is a figure with its course.
type card struct {
	Label, Sub string
	Value      string
	Unit       string
	Note       string
	Mood       string // ok, warn, bad: the color of its dot
	Link       string // where it is told in full, "" for nowhere
	Line, Area string
}

type stageRow struct {
	Label string
	Now   string
	Share string
	Bar   string // width of its bar out of 100
}

// person is a lead as a link.
type person struct {
	ID    string
	Title string
}

type tossUpRow struct {
	person
	Label   string
	At      *time.Time
	Reasons []seenReason
}

type arrivalRow struct {
	person
	Event string
	At    *time.Time
}

type momentRow struct {
	person
	Mood string
	Text string
	At   *time.Time
}

type channelRow struct {
	Channel, Plugin string
	State           string
	Mood            string
	Waiting         string
	Under           string
	Sent            string
	Failed          string
}

type deadRow struct {
	person
	Key     string
	Channel string
	What    string
	Code    string
	Detail  string
	At      *time.Time
}

type badRow struct {
	At     *time.Time
	Source string
	Code   string
	Detail string
}

// deadShown is how many dead letters the overview lists.
const deadShown = 8

func (s *Server) showOverview(w http.ResponseWriter, r *http.Request) {
	v := s.view(r, "overview")
	body, err := s.overview(r.Context(), v)
	if err != nil {
		s.message(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "overview", "overview", body)
}

// renderLive writes the part of the overview that changes.
func (s *Server) renderLive(w io.Writer, r *http.Request) error {
	v := s.view(r, "overview")
	body, err := s.overview(r.Context(), v)
	if err != nil {
		return err
	}
	v.Body = body
	return s.console.templates.ExecuteTemplate(w, "live", v)
}

// scribe gathers an overview. It keeps the first error, so that the gathering
// reads in the order of the page; and the leads' titles, because the same lead
// stands in several places.
type scribe struct {
	s      *Server
	v      *view
	spec   *engine.Spec
	titles map[engine.LeadID]string
	conds  condBook // of spec, once it is asked for
	err    error
}

// condBook are the conditions of the rules.
func (sc *scribe) condBook() condBook {
	if sc.conds == nil {
		sc.conds = condBookOf(sc.spec)
	}
	return sc.conds
}

func (s *Server) overview(ctx context.Context, v *view) (*overview, error) {
	sc := &scribe{s: s, v: v, spec: &engine.Spec{}, titles: map[engine.LeadID]string{}}
	if p := s.options.Desk.Program(); p != nil {
		sc.spec = p.Spec()
	}
	o := &overview{Status: s.status()}
	o.Waiting = WaitingLines(string(v.Lang), &o.Status.Rules)
	o.Uptime = v.Ago(&o.Status.Since)
	dead := sc.deadLetters(o)
	o.Cards = sc.cards(o)
	o.KPIs, o.MoreKPIs = sc.kpiCards()
	o.Funnel = sc.funnelBrief()
	o.Stages = sc.stages()
	o.Flows = sc.flows(dead)
	o.Trials = sc.trials()
	o.Channels = sc.channels(o)
	o.Bad = sc.bad()
	sc.lately(ctx, o)
	return o, sc.err
}

// tally reads a counter; after an error everything is nought.
func (sc *scribe) tally(name string) tallied {
	if sc.err != nil {
		return tallied{}
	}
	t, err := sc.s.tallies.read(name, sc.v.now)
	sc.err = err
	return t
}

func (sc *scribe) person(id engine.LeadID) person {
	title, ok := sc.titles[id]
	if !ok {
		var l engine.Lead
		if found, err := sc.s.options.People.Lead(id, &l); err == nil && found {
			title = sc.s.titleOf(&l)
		}
		if title == "" {
			title = sc.v.T("anonymous") + " " + id.String()[:6]
		}
		sc.titles[id] = title
	}
	return person{id.String(), title}
}

func (sc *scribe) card(name, value, unit, note, mood string, course []float64) card {
	c := card{Label: sc.v.T(name), Sub: sc.v.Sub(name), Value: value, Unit: unit, Note: note, Mood: mood}
	c.Line, c.Area = sparkline(course, sparkWidth, sparkHeight)
	return c
}

// Measures of the small curves.
const (
	sparkWidth  = 108
	sparkHeight = 30
)

// cards are the four figures at the top.
func (sc *scribe) cards(o *overview) []card {
	v, now := sc.v, sc.v.now
	today := func(t tallied) string { return v.T("today") + " " + count(t.sinceMidnight(now, v.zone)) }

	leads := sc.tally("leads")
	made := sumOf(sc, sc.spec.TossUps, func(t engine.TossUpSpec) string { return "toss_up:" + t.Name + ":offered" })
	sent := sumOf(sc, sc.spec.Channels, func(c engine.ChannelSpec) string { return "sent:" + c.Name })
	queued := v.T("in_queue") + " " + count(o.Status.Queue.Events)
	deadNote, mood := v.T("dead_letters")+" "+count(len(o.Dead)), "ok"
	if o.MoreDead {
		deadNote += "+"
	}
	if len(o.Dead) > 0 {
		mood = "bad"
	}
	return []card{
		sc.card("events", decimal(o.Status.Events.PerSecond), v.T("per_second"), queued+" · "+v.T("last_minutes"), "ok", sc.s.recent.series()),
		sc.card("known_leads", count(leads.in), "", today(leads)+" · "+v.T("last_day"), "ok", leads.hours(now)),
		sc.card("toss_ups", count(made.in), "", today(made)+" · "+v.T("last_day"), "ok", made.hours(now)),
		sc.card("sent", count(sent.in), "", today(sent)+" · "+deadNote, mood, sent.hours(now)),
	}
}

// sumOf adds up the counters of several things.
func sumOf[T any](sc *scribe, things []T, name func(T) string) tallied {
	var sum tallied
	var day dayCounter
	for _, thing := range things {
		t := sc.tally(name(thing))
		sum.in += t.in
		sum.out += t.out
		day.add(t.today)
	}
	sum.today = day.Series()
	return sum
}

func joinNote(a, b string) string {
	if a == "" {
		return b
	}
	return a + " · " + b
}

// stages counts who stands where: who came less who left.
func (sc *scribe) stages() []stageRow {
	here := make([]int64, len(sc.spec.Stages))
	total := int64(0)
	for i, stage := range sc.spec.Stages {
		t := sc.tally("stage:" + stage.Name)
		here[i] = max(0, t.in-t.out)
		total += here[i]
	}
	rows := make([]stageRow, len(here))
	for i, stage := range sc.spec.Stages {
		share := 0.0
		if total > 0 {
			share = float64(here[i]) / float64(total)
		}
		rows[i] = stageRow{labelOr(stage.Label, stage.Name), count(here[i]), percent(share), strconv.FormatFloat(share*100, 'f', 1, 64)}
	}
	return rows
}

func labelOr(label, name string) string {
	if label != "" {
		return label
	}
	return name
}

// channels joins what the runner and the workshop know about each channel.
func (sc *scribe) channels(o *overview) []channelRow {
	plugins := map[string]Plugin{}
	for _, p := range o.Status.Plugins {
		plugins[p.Channel] = p
	}
	lanes := map[string]LaneDoc{}
	for _, l := range o.Status.Deliveries {
		lanes[l.Channel] = l
	}
	rows := make([]channelRow, 0, len(sc.spec.Channels))
	for _, c := range sc.spec.Channels {
		lane, plugin := lanes[c.Name], plugins[c.Name]
		waiting := int64(0)
		for _, n := range lane.Waiting {
			waiting += n
		}
		row := channelRow{
			Channel: c.Name, Plugin: c.Plugin, State: plugin.State, Mood: "ok",
			Waiting: count(max(0, waiting-lane.Under)), Under: count(lane.Under),
			Sent: count(sc.tally("sent:" + c.Name).in), Failed: count(sc.tally("dead:" + c.Name).in),
		}
		switch plugin.State {
		case "":
			row.Mood = ""
		case pluginStarting:
			row.Mood = "warn"
		case pluginDown:
			row.Mood = "bad"
		case pluginRunning:
			if lane.Away != nil {
				row.State, row.Mood = "service_away", "bad"
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// deadLetters lists the first dead letters and counts all that were read by
// workflow and step.
func (sc *scribe) deadLetters(o *overview) map[[2]string]int64 {
	bySteps := map[[2]string]int64{}
	page, err := sc.s.deadPage("", 200)
	sc.err = err
	for i := range page.Dead {
		d := &page.Dead[i]
		bySteps[[2]string{d.Workflow, d.Step}]++
		if i >= deadShown {
			o.MoreDead = true
			continue
		}
		lead, _ := engine.ParseLeadID(d.Lead)
		o.Dead = append(o.Dead, deadRow{
			person: sc.person(lead), Key: d.Key, Channel: d.Channel, What: labelOr(d.Step, d.TossUp), Code: d.Code, Detail: d.Detail, At: d.At,
		})
	}
	return bySteps
}

func (sc *scribe) bad() []badRow {
	if sc.err != nil {
		return nil
	}
	page, err := sc.s.badEvents(0, 5, false, DeadSelection{})
	sc.err = err
	rows := make([]badRow, 0, len(page.Events))
	for _, b := range page.Events {
		rows = append(rows, badRow{b.At, b.Source, b.Code, b.Detail})
	}
	return rows
}

// lately tells what has just happened.
func (sc *scribe) lately(ctx context.Context, o *overview) {
	arrivals, moments, tossUps := sc.s.recent.snapshot(ctx)
	say := speaker{sc.v, sc.spec}
	for i := range arrivals {
		a := &arrivals[i]
		label, _ := say.event(a.kind.String(), a.event)
		o.Arrivals = append(o.Arrivals, arrivalRow{sc.person(a.lead), label, &a.at})
	}
	for i := range moments {
		m := &moments[i]
		d := DecisionDoc{Kind: m.decision.Kind.String(), Subject: m.decision.Subject, Detail: m.decision.Detail}
		o.Moments = append(o.Moments, momentRow{sc.person(m.lead), moodOf(d.Kind), say.decision(&d), &m.at})
	}
	for i := range tossUps {
		t := &tossUps[i]
		o.TossUps = append(o.TossUps, tossUpRow{sc.person(t.lead), say.tossUp(t.tossUp), &t.at, say.reasons(sc.condBook(), t.reasons)})
	}
}
