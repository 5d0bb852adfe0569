package httpd

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/enginetest"
	"github.com/seed-456efde2/nurture/engine/kpi"
	"github.com/seed-456efde2/nurture/engine/sim"
)

const wording = "document_nurture/thanks/wording"

// tryingWorld is a world whose first mail and last mail try a number in the
// subject.
func tryingWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	spec := workspace()
	try := func(step int, name string, more ...engine.VariantSpec) {
		spec.Flows[0].Steps[step].Send.Experiment = &engine.ExperimentSpec{
			Name: name, Measure: "email_clicked", Within: 3 * engine.Day, MinEach: 100, Sure: 0.95,
			Guards: []engine.GuardSpec{{Event: "inquiry", Above: 0.5, Source: "inquiry > 50%"}},
			Variants: append([]engine.VariantSpec{
				{Name: "plain", Content: enginetest.Parts("plain")},
				{Name: "number", Tags: []string{"number"}, Content: enginetest.Parts("number")},
			}, more...),
		}
	}
	try(0, wording)
	try(8, "document_nurture/seminar/wording")
	p, err := engine.NewProgram(spec, "3f2a9c", 42)
	if err != nil {
		t.Fatal(err)
	}
	w.program, w.sim = p, sim.New(p, sim.Options{Start: engine.TimeOf(monday)})
	return w
}

// counted puts an experiment's totals into the ledger, a week ago, so that all of
// them are judged.
func (w *world) counted(name, arm string, successes, trials, drawn, harm int64) {
	hour := kpi.HourOf(monday.AddDate(0, 0, -7))
	add := func(counter string, part uint8, n int64) {
		w.counts[counter] = append(w.counts[counter], engine.Delta{Name: counter, Hour: hour, Labels: "arm=" + arm, N: n, Part: part})
	}
	add("exp:"+name, 0, successes)
	add("exp:"+name, 1, trials)
	add("exp:"+name+":drawn", 0, drawn)
	add("exp:"+name+":inquiry", 0, harm)
}

func TestExperiments(t *testing.T) {
	t.Parallel()
	w := tryingWorld(t)
	s := newServer(t, w.options())
	list := get[ExperimentList](t, s, "/api/v1/experiments")
	if len(list.Experiments) != 2 || list.Experiments[0].State != "collecting" || list.Experiments[0].Missing != 200 {
		t.Fatalf("before anything was sent: %+v", list)
	}
	if len(list.Tags) != 1 || list.Tags[0].Lift != nil {
		t.Errorf("tags before anything was sent: %+v", list.Tags)
	}

	w.counted(wording, "plain", 20, 400, 410, 3)
	w.counted(wording, "number", 80, 400, 405, 2)
	w.counted("document_nurture/seminar/wording", "plain", 10, 200, 200, 0)
	w.counted("document_nurture/seminar/wording", "number", 30, 210, 210, 0)
	list = get[ExperimentList](t, s, "/api/v1/experiments")
	x := list.Experiments[0]
	if x.Name != wording || x.State != "decided" || x.Leader != "number" || x.Missing != 0 || x.Chance > 0.05 || x.Lift == nil || x.Lift.Low <= 0 {
		t.Errorf("decided: %+v", x)
	}
	if a := x.Arms[1]; a.Trials != 400 || a.Successes != 80 || a.Drawn != 405 || *a.Rate != 0.2 || *a.Low >= 0.2 || *a.High <= 0.2 || a.Harm["inquiry"] != 2 {
		t.Errorf("arm: %+v", a)
	}
	if len(list.Tags) != 1 {
		t.Fatalf("tags: %+v", list.Tags)
	}
	if tag := list.Tags[0]; tag.Tag != "number" || len(tag.Experiments) != 2 || tag.Leads != 1210 || tag.Lift == nil || tag.Lift.Low <= 0 {
		t.Errorf("tag: %+v", tag)
	}
}

func TestExperimentsThatWentWrong(t *testing.T) {
	t.Parallel()
	w := tryingWorld(t)
	s := newServer(t, w.options())
	w.counted(wording, "plain", 20, 400, 400, 395) // harm
	w.counted(wording, "number", 20, 400, 410, 3)
	w.counted("document_nurture/seminar/wording", "plain", 20, 400, 4000, 0)
	w.counted("document_nurture/seminar/wording", "number", 20, 400, 1000, 0) // lost leads
	list := get[ExperimentList](t, s, "/api/v1/experiments")
	if x := list.Experiments[0]; x.State != "stopped" || x.Fired == nil || x.Fired.Arm != "plain" || x.Fired.Guard != "inquiry > 50%" {
		t.Errorf("stopped: %+v", x)
	}
	if x := list.Experiments[1]; x.State != "mismatched" || x.Mismatch > 0.001 {
		t.Errorf("mismatched: %+v", x)
	}
	if len(list.Tags) != 1 || len(list.Tags[0].Experiments) != 1 {
		t.Errorf("what cannot be trusted is not pooled: %+v", list.Tags)
	}
	w.counted(wording, "plain", 500, 0, 0, 0) // more answers than messages
	if x := get[ExperimentList](t, s, "/api/v1/experiments").Experiments[0]; x.State != "contradictory" || x.Fault == "" {
		t.Errorf("contradictory: %+v", x)
	}
}

func TestApplyArm(t *testing.T) {
	t.Parallel()
	w := tryingWorld(t)
	s := newServer(t, w.options())
	order := func(name, arm string) string {
		b, err := json.Marshal(ApplyOrder{Name: name, Arm: arm})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	const path = "/api/v1/experiments/apply"
	wantStatus(t, call(t, s, "POST", path, order(wording, "number")), http.StatusUnauthorized)
	wantStatus(t, call(t, s, "POST", path, order("nothing", "number"), opsKey), http.StatusNotFound)
	wantStatus(t, call(t, s, "POST", path, order(wording, "loud"), opsKey), http.StatusNotFound)
	wantStatus(t, call(t, s, "POST", path, order(wording, ""), opsKey), http.StatusUnprocessableEntity)
	answer := call(t, s, "POST", path, order(wording, "number"), opsKey)
	wantStatus(t, answer, http.StatusOK)
	var x ExperimentDoc
	if err := json.Unmarshal(answer.Body.Bytes(), &x); err != nil {
		t.Fatal(err)
	}
	if x.Winner == nil || x.Winner.Arm != "number" || !x.Winner.Applied || !strings.HasSuffix(x.Winner.Why, "ops") || x.Winner.At == nil || !x.Winner.At.Equal(monday) {
		t.Errorf("winner: %+v", x.Winner)
	}
	// Another arm by hand takes its place.
	wantStatus(t, call(t, s, "POST", path, order(wording, "plain"), opsKey), http.StatusOK)
	if got := w.Program().Rulings().Winners; len(got) != 1 || got[0].Arm != "plain" {
		t.Errorf("rulings: %+v", got)
	}
}

// The overview shows the experiments, in both languages.
func TestExperimentsOnThePage(t *testing.T) {
	t.Parallel()
	w := tryingWorld(t)
	w.counted(wording, "plain", 20, 400, 410, 3)
	w.counted(wording, "number", 80, 400, 405, 2)
	s := newServer(t, w.options())
	for language, want := range map[string][]string{
		"ja": {"<h2>実験", "決定", "収集中", "判定済み", "あと必要な判定数 200"},
		"en": {"<h2>Experiments", "decided", "collecting", "Judged", "still to be judged 200"},
	} {
		page := call(t, s, "GET", "/?lang="+language, "", opsKey).Body.String()
		for _, part := range append(want, wording, "20%", "16.4%–24.2%") {
			if !strings.Contains(page, part) {
				t.Errorf("the page in %s does not show %q", language, part)
			}
		}
	}
	// Where there is none, there is no table of none.
	if page := call(t, newServer(t, newWorld(t).options()), "GET", "/?lang=en", "", opsKey).Body.String(); strings.Contains(page, "Experiments") {
		t.Error("a table of no experiments")
	}
}
