package main_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// deal is one lead of the recorded funnel, as its files say.
type deal struct {
	origin       string
	contact, won time.Time // won is zero for who was never won
}

// readDeals reads the recorded events for who asked when and came from where, and
// the source's own list for who was won.
func readDeals(t *testing.T) map[string]*deal {
	t.Helper()
	deals := map[string]*deal{}
	of := func(user string) *deal {
		if deals[user] == nil {
			deals[user] = &deal{}
		}
		return deals[user]
	}
	for line := range gunzipped(t, enginetest.Data(t, "olist/olist.ndjson.gz")) {
		var e struct {
			Type, Event, UserID string
			Timestamp           time.Time
			Traits              struct{ Origin string }
		}
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		switch {
		case e.Type == "identify":
			of(e.UserID).origin = e.Traits.Origin
		case e.Event == "Contact Requested":
			of(e.UserID).contact = e.Timestamp
		}
	}
	var table strings.Builder
	for line := range gunzipped(t, enginetest.Data(t, "olist/olist.truth.csv.gz")) {
		table.Write(line)
		table.WriteByte('\n')
	}
	rows, err := csv.NewReader(strings.NewReader(table.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows[1:] {
		if row[1] == "1" {
			if of(row[0]).won, err = time.Parse(time.RFC3339, row[2]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return deals
}

// funnelJSON is what the verb and the API tell of a funnel.
type funnelJSON struct {
	Steps []struct {
		Name   string
		Actual int64
		Lag    *struct {
			Leads, Early int64
			Median       float64 `json:"median_days"`
			P90          float64 `json:"p90_days"`
			Max          float64 `json:"max_days"`
		}
	}
	Periods, Parts []struct {
		Name   string
		Passed map[string]int64
	}
	Cohorts []struct {
		Name                string
		Passed, Ever, Early int64
		Within              []struct{ Days, Count, Of, Waiting int64 }
	}
}

// A funnel of recorded events is what a plain reading of the same files gives:
// leads and wins by month and by origin, how long it took, and the win rates of each
// month's cohort, with who has not had the time told apart. A live server that is
// sent the file tells the same.
func TestRecordedFunnel(t *testing.T) {
	t.Parallel()
	deals := readDeals(t)
	bin := buildProgram(t)
	replayed := map[string]funnelJSON{}
	for _, day := range []string{"2018-05-31", "2018-12-31"} {
		replayed[day] = recordedFunnel(t, bin, day)
		at, _ := time.Parse(time.DateOnly, day)
		checkDeals(t, day, replayed[day], deals, at.AddDate(0, 0, 1))
	}
	s := startServer(t, bin, filepath.Join("testdata", "olist_funnel"), filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "")
	sendAll(t, s.url, enginetest.Data(t, "olist/olist.ndjson.gz"))
	for day, want := range replayed {
		var got funnelJSON
		body := fetched(t, s.url+"/api/v1/funnels/shops?per=month&at="+day+"T23:59:59Z")
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the live server tells another funnel than the replay:\n%+v\n%+v", day, got, want)
		}
	}
	s.stop(t)
}

func recordedFunnel(t *testing.T, bin, day string) funnelJSON {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), bin, "funnel", "shops", "-w", filepath.Join("testdata", "olist_funnel"),
		"--events", enginetest.Data(t, "olist/olist.ndjson.gz"), "--source", "web", "--at", day, "--json")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("funnel: %v\n%s%s", err, lastLines(string(out), 5), stderr.String())
	}
	var doc struct{ Funnels []funnelJSON }
	if err := json.Unmarshal(out, &doc); err != nil || len(doc.Funnels) != 1 {
		t.Fatalf("funnel printed %d funnels: %v", len(doc.Funnels), err)
	}
	return doc.Funnels[0]
}

// checkDeals counts the deals by hand, as known before an instant.
func checkDeals(t *testing.T, day string, got funnelJSON, deals map[string]*deal, now time.Time) {
	t.Helper()
	contacts, wins, early := map[string]int64{}, map[string]int64{}, int64(0)
	var took []float64
	for _, d := range deals {
		if d.contact.Before(now) {
			contacts["all"]++
			contacts["month "+d.contact.Format("2006-01")]++
			contacts["origin "+d.origin]++
		}
		if d.won.IsZero() || !d.won.Before(now) {
			continue
		}
		wins["all"]++
		wins["month "+d.won.Format("2006-01")]++
		wins["origin "+d.origin]++
		if d.won.Before(d.contact) {
			early++
		}
		took = append(took, max(0, d.won.Sub(d.contact).Hours()/24))
	}
	slices.Sort(took)
	want := fmt.Sprint(contacts, wins)
	told, toldWins := map[string]int64{"all": got.Steps[0].Actual}, map[string]int64{"all": got.Steps[1].Actual}
	tell := func(kind, name string, passed map[string]int64) {
		if passed["contact"] != 0 {
			told[kind+name] = passed["contact"]
		}
		if passed["won"] != 0 {
			toldWins[kind+name] = passed["won"]
		}
	}
	for _, p := range got.Periods {
		tell("month ", p.Name, p.Passed)
	}
	for _, p := range got.Parts {
		tell("origin ", p.Name, p.Passed)
	}
	if have := fmt.Sprint(told, toldWins); have != want {
		t.Errorf("%s: told\n%s\ncounted by hand\n%s", day, have, want)
	}
	lag := got.Steps[1].Lag
	rank := func(share float64) float64 { return took[int(math.Ceil(share*float64(len(took))))-1] }
	if lag == nil || lag.Leads != wins["all"] || lag.Early != early ||
		math.Abs(lag.Median-rank(.5)) > 1./24 || math.Abs(lag.P90-rank(.9)) > 1./24 || math.Abs(lag.Max-took[len(took)-1]) > 1./24 {
		t.Errorf("%s: told %+v; by hand %d deals, %d of them early, median %.2f, nine tenths within %.2f, at most %.2f days",
			day, lag, wins["all"], early, rank(.5), rank(.9), took[len(took)-1])
	}
	if day == "2018-12-31" && (math.Floor(lag.Median) != 14 || math.Floor(lag.P90) != 162 || early != 1) {
		t.Errorf("median %v, nine tenths within %v days and %d early; the source has 14, 162 and one", lag.Median, lag.P90, early)
	}
	checkCohorts(t, day, got, deals, now)
}

// checkCohorts judges each month's cohort by hand: within each window, of who had
// that long. What happens in an hour that is not over waits for its end.
func checkCohorts(t *testing.T, day string, got funnelJSON, deals map[string]*deal, now time.Time) {
	t.Helper()
	waiting, judged := int64(0), int64(0)
	for _, c := range got.Cohorts {
		var passed, ever, early int64
		type window struct{ count, of, waiting int64 }
		within := map[int64]*window{}
		for _, w := range c.Within {
			within[w.Days] = &window{}
		}
		for _, d := range deals {
			if d.contact.Format("2006-01") != c.Name || !d.contact.Before(now) {
				continue
			}
			passed++
			won := !d.won.IsZero() && d.won.Before(now)
			if won {
				ever++
			}
			if won && d.won.Before(d.contact) {
				early++
			}
			for days, w := range within {
				if length := time.Duration(days) * 24 * time.Hour; d.contact.Truncate(time.Hour).Add(time.Hour + length).After(now) {
					w.waiting++
				} else if w.of++; won && d.won.Sub(d.contact) <= length {
					w.count++
				}
			}
		}
		if passed != c.Passed || ever != c.Ever || early != c.Early {
			t.Errorf("%s: cohort %s is told as %d, %d, %d; by hand %d, %d, %d", day, c.Name, c.Passed, c.Ever, c.Early, passed, ever, early)
		}
		for _, w := range c.Within {
			if by := *within[w.Days]; by != (window{w.Count, w.Of, w.Waiting}) {
				t.Errorf("%s: cohort %s within %d days: told %+v, by hand %+v", day, c.Name, w.Days, w, by)
			}
			waiting, judged = waiting+w.Waiting, judged+w.Count
		}
	}
	if judged == 0 || day == "2018-05-31" && waiting == 0 {
		t.Errorf("%s: %d judged, %d waiting: the cohorts say nothing", day, judged, waiting)
	}
}

// sendAll sends recorded events to a server as a client would, in batches.
func sendAll(t *testing.T, url, path string) {
	t.Helper()
	var batch [][]byte
	send := func() {
		body := append(append([]byte(`{"batch":[`), bytes.Join(batch, []byte(","))...), `]}`...)
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/batch", bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.SetBasicAuth(webKey, "")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("the server answered %d: %s", resp.StatusCode, answer)
		}
		batch = batch[:0]
	}
	for line := range gunzipped(t, path) {
		if batch = append(batch, bytes.Clone(line)); len(batch) == 400 {
			send()
		}
	}
	send()
}

func fetched(t *testing.T, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v: %s", url, resp.StatusCode, err, body)
	}
	return body
}
