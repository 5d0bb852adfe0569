package httpd

import (
	"net/http"
	"strconv"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// leadView is a lead's page.
type leadView struct {
	person
	Doc        *LeadDoc
	Stage      string
	Scores     []scoreRow
	Attributes []pair
	Segments   []string
	Consents   []consentRow
	Runs       []runRow
	Past       []runRow
	TossUps    []offerRow
	Pending    []pendingRow
	Days       []day
	More       bool // there are older facts than those shown
	Why        *whyView
}

type scoreRow struct {
	Name, Value string
	Bar         string
}

type consentRow struct {
	Name, State, Mood string
	At                *time.Time
}

type runRow struct {
	Workflow, Step string
	At, Due        *time.Time
}

type offerRow struct {
	Name, State, Mood string
	At                *time.Time
}

type pendingRow struct {
	Channel, What, State string
	Due                  *time.Time
}

// day is the facts of one calendar day in the project's zone.
type day struct {
	Date  string
	Facts []factRow
}

type factRow struct {
	At        *time.Time
	Clock     string
	Label     string
	Wire      string
	Revision  uint32
	Source    string
	Inner     bool // of the engine's own shell: a timer, a receipt
	Fields    []pair
	Decisions []decisionRow
	correctedRow
}

type decisionRow struct {
	Mood, Text string
	Because    []seenReason
}

// factsShown is how many facts a lead's page has at first, factsMost at most.
const (
	factsShown = 60
	factsMost  = 1000
)

func (s *Server) showLead(w http.ResponseWriter, r *http.Request) {
	id, ok := engine.ParseLeadID(r.PathValue("id"))
	if !ok {
		s.message(w, r, errNoLead)
		return
	}
	limit := factsShown
	if r.URL.Query().Get("facts") == "all" {
		limit = factsMost
	}
	doc, err := s.leadDoc(r.Context(), id, limit)
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "lead")
	sc := &scribe{s: s, v: v, spec: &engine.Spec{}, titles: map[engine.LeadID]string{}}
	if p := s.options.Desk.Program(); p != nil {
		sc.spec = p.Spec()
	}
	body := sc.lead(id, doc)
	body.More = len(doc.Facts) == factsShown && limit == factsShown
	body.Why = s.why(r, v, id, sc.spec)
	s.render(w, r, http.StatusOK, "lead", "lead", body)
}

func (sc *scribe) lead(id engine.LeadID, doc *LeadDoc) *leadView {
	say := speaker{sc.v, sc.spec}
	lv := &leadView{person: sc.person(id), Doc: doc, Stage: say.stage(doc.Stage)}
	for _, score := range doc.Scores {
		lv.Scores = append(lv.Scores, sc.score(score))
	}
	lv.Attributes = sc.attributes(say, doc)
	for _, name := range doc.Segments {
		lv.Segments = append(lv.Segments, say.segment(name))
	}
	for _, c := range doc.Consents {
		lv.Consents = append(lv.Consents, sc.consent(say, c))
	}
	for _, run := range doc.Workflows {
		lv.Runs = append(lv.Runs, runRow{say.workflow(run.Workflow), run.Step, run.Reached, run.Due})
	}
	for _, past := range doc.Past {
		lv.Past = append(lv.Past, runRow{say.workflow(past.Workflow), past.Exit, past.Left, nil})
	}
	for _, o := range doc.TossUps {
		if row, told := sc.offer(say, o); told {
			lv.TossUps = append(lv.TossUps, row)
		}
	}
	for _, p := range doc.Pending {
		lv.Pending = append(lv.Pending, pendingRow{p.Channel, labelOr(p.Step, say.tossUp(p.TossUp)), p.State, p.Due})
	}
	lv.Days = sc.days(say, doc.Facts)
	return lv
}

// score draws a score within its range, or out of a hundred.
func (sc *scribe) score(d ScoreDoc) scoreRow {
	low, high, label := 0.0, 100.0, d.Name
	for i := range sc.spec.Scores {
		if s := &sc.spec.Scores[i]; s.Name == d.Name {
			label = labelOr(s.Label, d.Name)
			if s.Range {
				low, high = s.Min, s.Max
			}
		}
	}
	share := 0.0
	if high > low {
		share = min(1, max(0, (d.Value-low)/(high-low)))
	}
	return scoreRow{label, decimal(d.Value), strconv.FormatFloat(share*100, 'f', 1, 64)}
}

// attributes lists the declared ones in their order, then the others by name.
func (sc *scribe) attributes(say speaker, doc *LeadDoc) []pair {
	var rows []pair
	rest := map[string]any{}
	for name, v := range doc.Attributes {
		rest[name] = v
	}
	for i := range sc.spec.Attrs {
		a := &sc.spec.Attrs[i]
		v, ok := rest[a.Name]
		if !ok {
			continue
		}
		delete(rest, a.Name)
		row := say.value(v)
		row.Name = say.attribute(a.Name)
		rows = append(rows, row)
	}
	return append(rows, say.pairs(rest, nil)...)
}

func (sc *scribe) consent(say speaker, c ConsentDoc) consentRow {
	row := consentRow{say.consent(c.Name), sc.v.T("never_given"), "", nil}
	switch {
	case c.Revoked != nil:
		row.State, row.Mood, row.At = sc.v.T("revoked"), "bad", c.Revoked
	case c.Given != nil:
		row.State, row.Mood, row.At = sc.v.T("given"), "ok", c.Given
	}
	return row
}

var offerWords = map[string]word{
	"holding": {"条件の継続を確認中", "conditions are holding"}, "offered": {"営業へ渡し済み", "handed to sales"},
	"accepted": {"営業が受領", "accepted by sales"}, "rejected": {"営業が差し戻し", "sent back by sales"},
	"expired": {"営業の回答なし", "no answer by sales"},
	"queued":  {"順番待ち", "waits for a place"},
}

// offer tells of a toss-up; told is false for one that only watches for its edge.
func (sc *scribe) offer(say speaker, o OfferDoc) (row offerRow, told bool) {
	w, told := offerWords[o.State]
	mood := "ok"
	switch o.State {
	case "holding", "queued":
		mood = "warn"
	case "rejected", "expired":
		mood = "bad"
	}
	return offerRow{say.tossUp(o.TossUp), w.in(sc.v.Lang), mood, o.Since}, told
}

// days groups facts, which come newest first, by calendar day.
func (sc *scribe) days(say speaker, facts []FactDoc) []day {
	var days []day
	for i := range facts {
		f := &facts[i]
		date := ""
		if f.At != nil {
			date = sc.date(*f.At)
		}
		if len(days) == 0 || days[len(days)-1].Date != date {
			days = append(days, day{Date: date})
		}
		last := &days[len(days)-1]
		last.Facts = append(last.Facts, sc.fact(say, f))
	}
	return days
}

var weekdays = [...]word{{"日", "Sun"}, {"月", "Mon"}, {"火", "Tue"}, {"水", "Wed"}, {"木", "Thu"}, {"金", "Fri"}, {"土", "Sat"}}

func (sc *scribe) date(at time.Time) string {
	local := at.In(sc.v.zone)
	day := weekdays[local.Weekday()].in(sc.v.Lang)
	if sc.v.Lang == japanese {
		return local.Format("2006年1月2日") + "（" + day + "）"
	}
	return day + " " + local.Format("2 January 2006")
}

func (sc *scribe) fact(say speaker, f *FactDoc) factRow {
	row := factRow{At: f.At, Revision: f.Revision, Source: f.Source, Fields: say.pairs(f.Fields, f.order)}
	if f.At != nil {
		row.Clock = f.At.In(sc.v.zone).Format("15:04:05")
	}
	row.Label, row.Wire = say.event(f.Kind, f.Name)
	row.correctedRow = sc.corrected(say, f)
	switch f.Kind {
	case "tick", "attempt", "settled", "redrive":
		row.Inner = true
	}
	for i := range f.Decisions {
		d := &f.Decisions[i]
		dr := decisionRow{Mood: moodOf(d.Kind), Text: say.decision(d)}
		if len(d.Because) > 0 {
			dr.Because = say.reasons(sc.condBook(), d.Because)
		}
		row.Decisions = append(row.Decisions, dr)
	}
	return row
}

// leadsView is a page of the list of leads.
type leadsView struct {
	Rows  []leadsRow
	Next  string
	First bool
}

type leadsRow struct {
	person
	Stage     string
	FirstSeen *time.Time
	LastSeen  *time.Time
}

// leadsShown is how many leads a page lists.
const leadsShown = 50

func (s *Server) showLeads(w http.ResponseWriter, r *http.Request) {
	after, _ := engine.ParseLeadID(r.URL.Query().Get("after")) // one that is none begins at the first
	page, err := s.leadPage(after, leadsShown)
	if err != nil {
		s.message(w, r, err)
		return
	}
	v := s.view(r, "leads")
	say := speaker{v, &engine.Spec{}}
	if p := s.options.Desk.Program(); p != nil {
		say.spec = p.Spec()
	}
	body := leadsView{Next: page.Next, First: after.IsZero()}
	for _, l := range page.Leads {
		title := l.title
		if title == "" {
			title = v.T("anonymous") + " " + l.ID[:6]
		}
		body.Rows = append(body.Rows, leadsRow{person{l.ID, title}, say.stage(l.Stage), l.FirstSeen, l.Now})
	}
	s.render(w, r, http.StatusOK, "leads", "leads", body)
}
