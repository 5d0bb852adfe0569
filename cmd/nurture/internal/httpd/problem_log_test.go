package httpd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// brokenPeople is a store that cannot be read.
type brokenPeople struct{ *world }

func (brokenPeople) Lead(engine.LeadID, *engine.Lead) (bool, error) { return false, errBroken }

func (brokenPeople) Resolve(engine.Identifier) (engine.LeadID, bool, error) {
	return engine.LeadID{}, false, errBroken
}

// brokenServer is a server whose store is away, and its log.
func brokenServer(t *testing.T) (*world, *Server, *bytes.Buffer) {
	t.Helper()
	w := newWorld(t)
	var log bytes.Buffer
	o := w.options()
	o.People = brokenPeople{w}
	o.Log = slog.New(slog.NewJSONHandler(&log, nil))
	w.refuseWith(errBroken)
	return w, newServer(t, o), &log
}

// A fault of the server's own has one line in the log, under the id that its caller is
// told; the line says what was done, and nothing of whom it was about.
func TestFaultsAreLogged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ method, path, body, header, doing string }{
		"the collector": {"POST", "/v1/track", `{"userId":"mori@tsukiyo.example.jp","event":"Hello","messageId":"m"}`, siteKey, "POST /v1/track"},
		"the API":       {"GET", "/api/v1/leads/mori@tsukiyo.example.jp", "", opsKey, "get-lead"},
		"the web":       {"GET", "/v1/web/decide?slot=hero", "", siteKey, "GET /v1/web/decide"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, s, log := brokenServer(t)
			a := call(t, s, c.method, c.path, c.body, c.header, visitorHeader+": mori@tsukiyo.example.jp")
			wantStatus(t, a, http.StatusServiceUnavailable)
			var told Problem
			var line struct{ Level, Msg, Request, Doing, Error string }
			if err := json.Unmarshal(a.Body.Bytes(), &told); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(log.Bytes(), &line); err != nil {
				t.Fatalf("the log has %s: %v", log, err)
			}
			if told.Request == "" || line.Request != told.Request || line.Level != "ERROR" || line.Doing != c.doing || !strings.Contains(line.Error, errBroken.Error()) {
				t.Errorf("told %+v, logged %+v", told, line)
			}
			if strings.Contains(a.Body.String(), errBroken.Error()) {
				t.Error("a stranger is told the cause:", a.Body)
			}
			if strings.Contains(log.String(), "mori") || strings.Contains(log.String(), "tsukiyo") {
				t.Error("the log names a person:", log)
			}
		})
	}
}

// The console's page of one sentence has the id too.
func TestFaultsOfPages(t *testing.T) {
	t.Parallel()
	_, s, log := brokenServer(t)
	a := call(t, s, "GET", "/leads/"+strings.Repeat("ab", 16), "", opsKey)
	wantStatus(t, a, http.StatusServiceUnavailable)
	var line struct{ Request, Doing string }
	if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Doing != "GET /leads/{id}" || !strings.Contains(a.Body.String(), "("+line.Request+")") {
		t.Errorf("logged %+v (%v), the page says\n%s", line, err, a.Body)
	}
}

// What is no fault of the server's is not logged and has no id.
func TestRefusalsAreNotLogged(t *testing.T) {
	t.Parallel()
	w, s, log := brokenServer(t)
	for _, err := range []error{runner.ErrOverloaded, runner.ErrStopping, fmt.Errorf("take: %w", runner.ErrTooMany)} {
		w.refuseWith(err)
		if a := call(t, s, "POST", "/v1/track", `{"userId":"u","event":"Hello","messageId":"m"}`, siteKey); a.Code < 400 || strings.Contains(a.Body.String(), "requestId") {
			t.Errorf("%v: %d %s", err, a.Code, a.Body)
		}
	}
	if log.Len() > 0 {
		t.Error("the log has", log)
	}
}

// A store that is away fails every call: the log has a few lines a second, each says
// how many had none, and every caller has an id of its own.
func TestFaultsDoNotFillTheLog(t *testing.T) {
	t.Parallel()
	w, s, log := brokenServer(t)
	ids := map[string]bool{}
	fail := func() {
		var told Problem
		a := call(t, s, "POST", "/v1/track", `{"userId":"u","event":"Hello","messageId":"m"}`, siteKey)
		if err := json.Unmarshal(a.Body.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
		ids[told.Request] = true
	}
	for range 3 * faultLines {
		fail()
	}
	if n := strings.Count(log.String(), "\n"); n != faultLines || len(ids) != 3*faultLines {
		t.Errorf("%d lines, %d ids", n, len(ids))
	}
	w.clock.Advance(time.Second)
	fail()
	if lines := strings.Split(strings.TrimSpace(log.String()), "\n"); len(lines) != faultLines+1 || !strings.Contains(lines[faultLines], fmt.Sprintf(`"before_it_without_a_line":%d`, 2*faultLines)) {
		t.Errorf("a second later the log ends with %s", lines[len(lines)-1])
	}
}
