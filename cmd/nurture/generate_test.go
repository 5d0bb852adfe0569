package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/demo"
)

// metricName is a metric of ours in a query.
var metricName = regexp.MustCompile(`nurture_[a-z_]+`)

// What the dashboard and the alert rules ask for is what a running server shows.
// Metrics of channels appear when something has been sent.
func TestGeneratedQueriesAskForMetricsThatExist(t *testing.T) {
	t.Parallel()
	c, _ := devCLI(t)
	d, _ := runDev(t, c, devOptions{Home: t.TempDir(), Listen: "127.0.0.1:0", Speed: 3 * time.Hour, Seed: 1, Visitors: true})
	if _, err := d.mailbox.Wait(t.Context(), func(*demo.Mail) bool { return true }); err != nil {
		t.Fatal(err) // until something was sent there are no channels to tell of
	}
	shown, _, status := fetch(t, d.server.url()+"/metrics")
	if status != http.StatusOK {
		t.Fatalf("/metrics answers %d", status)
	}
	have := map[string]bool{}
	for _, name := range metricName.FindAllString(shown, -1) {
		have[name] = true
	}
	var queries []string
	for _, p := range dashboardPanels() {
		for _, s := range p.series {
			queries = append(queries, s[0])
		}
	}
	for _, r := range alertRules("en") {
		queries = append(queries, r.Expr)
	}
	for _, q := range queries {
		names := metricName.FindAllString(q, -1)
		if len(names) == 0 {
			t.Errorf("%s asks for no metric", q)
		}
		for _, name := range names {
			if !have[name] && !have[strings.TrimSuffix(name, "_bucket")] {
				t.Errorf("%s asks for %s, which the server does not show", q, name)
			}
		}
	}
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
