package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// metricName is a metric of ours in a query.
var metricName = regexp.MustCompile(`nurture_[a-z_]+`)

// What the dashboard and the alert rules ask for is what a running server shows.
// Metrics of channels appear when something has been sent.
func TestGeneratedQueriesAskForMetricsThatExist(t *testing.T) {
	t.Parallel()
	c, _ := devCLI(t)
	d, _ := runDev(t, c, devOptions{Home: t.TempDir(), Listen: "127.0.0.1:0", Speed: 3 * time.Hour, Seed: 1, Visitors: true})
	// Until something was sent, and is known to have been, there are no channels to tell
	// of.
	patience := enginetest.Patience(t)
	if _, err := d.mailbox.Wait(patience, func(*demo.Mail) bool { return true }); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for missing := notShown(t, d); len(missing) > 0; missing = notShown(t, d) {
		select {
		case <-tick.C:
		case <-patience.Done():
			t.Fatalf("these ask for metrics that the server does not show:\n%s", strings.Join(missing, "\n"))
		}
	}
}

// notShown are the queries of the dashboard and the alert rules that ask for a metric
// which the server does not show.
func notShown(t *testing.T, d *devWorld) (queries []string) {
	t.Helper()
	shown, _, status := fetch(t, d.server.url()+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics answers %d", status)
	}
	have := map[string]bool{}
	for _, name := range metricName.FindAllString(shown, -1) {
		have[name] = true
	}
	check := func(query string) {
		names := metricName.FindAllString(query, -1)
		if len(names) == 0 {
			t.Errorf("%s asks for no metric", query)
		}
		for _, name := range names {
			if !have[name] && !have[strings.TrimSuffix(name, "_bucket")] {
				queries = append(queries, query)
			}
		}
	}
	for _, p := range dashboardPanels() {
		for _, s := range p.series {
			check(s[0])
		}
	}
	for _, r := range alertRules("en") {
		check(r.Expr)
	}
	return queries
}

func TestDashboardIsJSON(t *testing.T) {
	t.Parallel()
	c, out := devCLI(t)
	if err := c.generateGrafana(); err != nil {
		t.Fatal(err)
	}
	var board struct {
		Panels []struct {
			GridPos struct{ X, Y, W, H int } `json:"gridPos"`
		} `json:"panels"`
	}
	if err := json.Unmarshal(out.text.Bytes(), &board); err != nil || len(board.Panels) != len(dashboardPanels()) {
		t.Fatalf("%v, %d panels", err, len(board.Panels))
	}
	for i, p := range board.Panels {
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %d stands beyond the edge: %+v", i, p.GridPos)
		}
	}
}
