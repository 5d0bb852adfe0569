package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// endStatus is what shows that a server has nothing left to do.
type endStatus struct {
	Revision   uint32
	Digest     string
	Sweep      struct{ Done bool }
	Queue      struct{ Events, Facts int }
	Deliveries []struct {
		UnderWay int64
		Waiting  map[string]int64
	}
}

// idle reports whether nothing is queued, under way, or waiting for its turn.
func (st *endStatus) idle() bool {
	waiting := int64(st.Queue.Events + st.Queue.Facts)
	for _, l := range st.Deliveries {
		waiting += l.UnderWay
		for _, n := range l.Waiting {
			waiting += n
		}
	}
	return st.Sweep.Done && waiting == 0
}

// untilIdle waits until the server has nothing to do.
func (s *served) untilIdle(t *testing.T) {
	t.Helper()
	patience := enginetest.Patience(t)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		var st endStatus
		s.ask(t, http.MethodGet, "/api/v1/status", nil, &st)
		if st.idle() {
			return
		}
		select {
		case <-patience.Done():
			t.Fatalf("the server has never nothing to do: %+v", st)
		case <-tick.C:
		}
	}
}

// finish lets everything come to rest and holds all that happened against the rules.
func (d *editsDesk) finish() {
	d.crowd.end()
	d.ended = true
	d.change()
	d.put()
	last := d.atRest()
	revisions := d.checkRevisions(last)
	decisions, sends := d.checkLeads(last, revisions)
	d.checkReceiver(sends)
	d.server.stop(d.t)
	c := d.crowd
	d.t.Logf("%d edits: %d good, %d bad, %d refusals seen, %d held back for leads on a step, %d roll-backs, %d checkouts by git",
		d.edits, d.valid, d.invalid, d.refused, d.held, d.rollbacks, d.checkouts)
	d.t.Logf("%d kills, %d of them while the files were bad; %d calls had to be made again", d.kills, d.killsRefused, c.failed)
	d.t.Logf("%d events about %d leads, %d decisions, %d revisions, %d messages", len(c.events), len(c.leads), decisions, last, len(sends))
	d.t.Logf("the longest answer took %v, the longest across a change of rules %v, the longest across a restart %v", c.slowest, c.reload, c.restart)
}

// atRest waits until nobody stands on a wait that ends soon and no message is under
// way, and gives the revision that every lead has heard of.
func (d *editsDesk) atRest() uint32 {
	var st endStatus
	quiet := func() bool {
		st = endStatus{}
		if err := getJSON(d.t, d.server.url+"/api/v1/status", &st); err != nil {
			d.t.Fatal(err)
		}
		return st.idle()
	}
	d.until(quiet, "rest")
	for _, lead := range d.crowd.leads {
		d.until(func() bool {
			doc := d.lead(lead, 0)
			for _, w := range doc.Workflows {
				if w.Due.IsZero() || time.Until(w.Due) < time.Minute {
					return false
				}
			}
			return len(doc.Pending) == 0
		}, "the rest of "+lead)
	}
	d.until(quiet, "rest")
	return st.Revision
}

func (d *editsDesk) lead(name string, facts int) *standDoc {
	doc := &standDoc{}
	if err := getJSON(d.t, fmt.Sprintf("%s/api/v1/leads/%s?facts=%d", d.server.url, name, facts), doc); err != nil {
		d.t.Fatalf("lead %s: %v", name, err)
	}
	return doc
}

// checkRevisions holds the list of revisions against their archived files: numbers
// without gaps, neighbours that differ, and the digest that these files have.
func (d *editsDesk) checkRevisions(last uint32) map[uint32]*ruleBook {
	var list []struct {
		Number         uint32
		Digest, Author string
		At             time.Time
	}
	if err := getJSON(d.t, d.server.url+"/api/v1/revisions", &list); err != nil {
		d.t.Fatal(err)
	}
	if len(list) != int(last) {
		d.t.Errorf("%d revisions are listed, r%d runs", len(list), last)
	}
	books, seen := map[uint32]*ruleBook{}, map[string]bool{}
	lookup := func(name string) (string, bool) {
		switch name {
		case "SALES_WEBHOOK_URL":
			return d.hook, true
		case "SALES_WEBHOOK_SECRET":
			return salesSecret, true
		}
		return "", false
	}
	sato := 0
	for i, r := range list {
		if r.Number != last-uint32(i) {
			d.t.Fatalf("revision %d is listed where r%d should be", r.Number, last-uint32(i))
		}
		if i > 0 && list[i-1].Digest == r.Digest {
			d.t.Errorf("r%d and r%d mean the same", r.Number, r.Number+1)
		}
		if i > 0 && r.At.After(list[i-1].At) {
			d.t.Errorf("r%d began before r%d", r.Number+1, r.Number)
		}
		if strings.HasPrefix(r.Author, "Sato ") {
			sato++
		}
		sources := d.archived(r.Number)
		books[r.Number] = readBook(sources)
		if !seen[r.Digest] && (i%10 == 0 || len(list) < 100) {
			files := fstest.MapFS{}
			for name, text := range sources {
				files[name] = &fstest.MapFile{Data: text}
			}
			w, problems := dsl.Load(files, dsl.Options{Lookup: lookup, For: dsl.ToServe})
			if w == nil {
				d.t.Errorf("the archived files of r%d do not load: %s", r.Number, problems.Render())
			} else if w.Digest != r.Digest {
				d.t.Errorf("the archived files of r%d have another digest than it says", r.Number)
			}
		}
		seen[r.Digest] = true
	}
	if d.folder.git && sato == 0 {
		d.t.Error("no revision names who committed it")
	}
	return books
}

// checkLeads follows every lead through its journal, and gives how many decisions
// there were and the messages that were sent, by key.
func (d *editsDesk) checkLeads(last uint32, books map[uint32]*ruleBook) (decisions int, sends map[string]message) {
	stops := map[uint32]map[string]map[string]*stop{}
	for number, b := range books {
		stops[number] = map[string]map[string]*stop{}
		for _, f := range b.Flows {
			stops[number][f.Name] = f.stops()
		}
	}
	faults := 0
	fault := func(format string, args ...any) {
		if faults++; faults <= 20 {
			d.t.Errorf(format, args...)
		}
	}
	sends = map[string]message{}
	seen := map[string]bool{}
	for _, name := range d.crowd.leads {
		doc := d.lead(name, 1000)
		if len(doc.Facts) == 1000 {
			d.t.Fatal("more facts than one answer holds: let the stream be spread over more leads")
		}
		for i := range doc.Facts {
			decisions += len(doc.Facts[i].Decisions)
			d.checkEvent(name, &doc.Facts[i], seen, fault)
		}
		m := &shadow{who: name, size: d.crowd.sizes[name], books: books, stops: stops, fault: fault}
		m.read(doc.Facts)
		m.end(doc, last)
		for _, v := range m.visits {
			sends[v.key] = message{v, name}
		}
	}
	for id := range d.crowd.events {
		if !seen[id] {
			fault("event %s was answered and is in no journal", id)
		}
	}
	if faults > 20 {
		d.t.Errorf("and %d faults more", faults-20)
	}
	return decisions, sends
}

// checkEvent sees that an event stands in the journals once, under a revision that was
// in force between its being sent and its being answered.
func (d *editsDesk) checkEvent(lead string, r *rowDoc, seen map[string]bool, fault func(string, ...any)) {
	if r.MessageID == "" || r.Type != "track" && r.Type != "identify" {
		return
	}
	if seen[r.MessageID] {
		fault("event %s was decided twice", r.MessageID)
	}
	seen[r.MessageID] = true
	e, ok := d.crowd.events[r.MessageID]
	switch {
	case !ok || e.lead != lead || e.event != r.Event:
		fault("event %s of %s stands in the journal of %s as %q", r.MessageID, e.lead, lead, r.Event)
	case r.Revision < e.before || r.Revision > e.after:
		fault("event %s was decided by r%d; r%d to r%d were in force", r.MessageID, r.Revision, e.before, e.after)
	}
}

// message is a visit with whose it is.
type message struct {
	visit
	lead string
}

// checkReceiver holds what came to the receiver against what the journals say: each
// message once by its key, whatever was sent, and nothing else but what was tried and
// withdrawn when its answer was lost; and by lead and step as often as a lead came
// to the step.
func (d *editsDesk) checkReceiver(sends map[string]message) {
	tally := d.sales.Tally()
	if tally.Conflicts+tally.Rejected > 0 {
		d.t.Errorf("the receiver counted %+v", tally)
	}
	type once struct{ who, step string }
	came, visits := map[once]int{}, map[once]int{}
	for _, v := range sends {
		for _, step := range v.steps {
			visits[once{v.lead, step}]++
		}
	}
	missing := maps.Clone(sends)
	lost := 0
	for _, m := range d.sales.Deliveries() {
		var doc struct{ Who, Step string }
		if err := json.Unmarshal(m.Body, &doc); err != nil {
			d.t.Fatal(err)
		}
		key := m.Header.Get(standardwebhooks.HeaderWebhookID)
		delete(missing, key)
		came[once{doc.Who, doc.Step}]++
		switch v, ok := sends[key]; {
		case !ok || v.lead != doc.Who || !slices.Contains(v.steps, doc.Step):
			d.t.Errorf("%s of %s came under key %s, which is that of %v of %s", doc.Step, doc.Who, key, v.steps, v.lead)
		case !v.tried:
			d.t.Errorf("%s of %s came, and the journal does not know that it was tried", doc.Step, doc.Who)
		case !v.sent:
			lost++
		}
	}
	for _, v := range missing {
		if v.sent {
			d.t.Errorf("%v of %s (%s) never came", v.steps, v.lead, v.key)
		}
	}
	for of, n := range came {
		if n > visits[of] {
			d.t.Errorf("%s got %s %d times and came there %d times", of.who, of.step, n, visits[of])
		}
	}
	d.t.Logf("the receiver took %d messages, %d came again under their key, it turned %d away; of %d the answer was lost and the lead has gone on", tally.Taken, tally.Repeats, tally.Failed, lost)
}
