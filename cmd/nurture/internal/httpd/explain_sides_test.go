package httpd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// While a part of the leads tries a change, everything that either side has can be asked
// about by its name, and the answer says which side decides about the lead.
func TestExplainKnowsBothArms(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	was := w.program.Spec().Flows[0].Name
	spec := *workspace()
	spec.Elders, spec.Flows = spec.Flows, slices.Clone(spec.Flows)
	spec.Flows[0].Name = "fresh_idea"
	c, err := engine.NewProgram(&spec, "canary", 43)
	if err != nil {
		t.Fatal(err)
	}
	tried, err := w.program.WithCanary(c, engine.Canary{Percent: 50, Salt: "s", Since: engine.TimeOf(w.clock.Now())})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.sim.Swap(tried); err != nil {
		t.Fatal(err)
	}
	w.ruled.Store(tried)
	seen := map[string]bool{}
	for i := range 12 {
		user := fmt.Sprintf("u%d", i)
		wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"m-`+user+`","event":"Document Requested","userId":"`+user+`"}`, siteKey), http.StatusOK)
		arm, own, other := "control", uint32(42), uint32(43)
		mine, theirs := was, "fresh_idea"
		if tried.InCanary(engine.Identifier{Kind: engine.ByUser, Value: user}.Lead()) {
			arm, own, other, mine, theirs = "canary", 43, 42, "fresh_idea", was
		}
		seen[arm] = true
		for _, subject := range []string{mine, "workflow." + theirs, theirs} {
			var doc ExplainDoc
			a := call(t, s, "POST", "/api/v1/explain", `{"id":"`+user+`","subject":"`+subject+`","lang":"en"}`, opsKey)
			if err := json.Unmarshal(a.Body.Bytes(), &doc); err != nil || a.Code != http.StatusOK {
				t.Fatalf("%s about %s: %d %s", user, subject, a.Code, a.Body)
			}
			foreign := subject != mine
			if doc.Arm == nil || doc.Arm.Arm != arm || doc.Arm.Revision != own || doc.Arm.Other != other || doc.Arm.Foreign != foreign {
				t.Errorf("%s of %s about %s: %+v", user, arm, subject, doc.Arm)
				continue
			}
			if want := map[bool]uint32{false: own, true: other}[foreign]; doc.Revision != want {
				t.Errorf("%s about %s is judged by r%d, want r%d", user, subject, doc.Revision, want)
			}
			if foreign && !strings.Contains(doc.Arm.Text, fmt.Sprintf("Only r%d has workflow.%s", other, theirs)) {
				t.Errorf("%s about %s: %s", user, subject, doc.Arm.Text)
			}
		}
		lost := call(t, s, "POST", "/api/v1/explain", `{"id":"`+user+`","subject":"workflow.nothing"}`, opsKey).Body.String()
		if !strings.Contains(lost, "workflow.fresh_idea") || !strings.Contains(lost, "workflow."+was) {
			t.Errorf("what there is: %s", lost)
		}
	}
	if len(seen) != 2 {
		t.Fatal("all leads are on one side")
	}
	id := engine.Identifier{Kind: engine.ByUser, Value: "u0"}.Lead().String()
	page := call(t, s, "GET", "/leads/"+id+"?lang=en", "", opsKey).Body.String()
	for _, want := range []string{`id="arm"`, `value="workflow.fresh_idea"`, `value="workflow.` + was + `"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the lead's page lacks %s", want)
		}
	}
	if a := call(t, s, "GET", "/api/v1/decisions?rule=workflow.fresh_idea", "", opsKey); strings.Contains(a.Body.String(), "no_such_rule") {
		t.Errorf("the log by a rule of the change: %d %s", a.Code, a.Body)
	}
}
