package httpd

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/intake"
	"github.com/seed-456efde2/nurture/engine/runner"
)

// The least contract of a collector for Segment-compatible clients, point by
// point. What the clients' own bodies decode to is tested in package intake; the
// same recorded bodies go through the whole door here.

const recorded = "../../../../engine/intake/testdata/"

func zip(t testing.TB, body string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	z.Close()
	return b.String()
}

func basic(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

func track(id string) string {
	return fmt.Sprintf(`{"messageId":%q,"userId":"u1","event":"Page Viewed"}`, id)
}

func TestContract1_Calls(t *testing.T) {
	t.Parallel()
	for path, kind := range callPaths {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			s := newServer(t, w.options())
			body := `{"messageId":"m","userId":"u1","event":"E","previousId":"u0"}`
			if kind == 0 {
				body = `{"batch":[{"type":"track","messageId":"m","userId":"u1","event":"E"}]}`
			}
			answer := call(t, s, "POST", "/v1/"+path, body, siteKey)
			wantStatus(t, answer, http.StatusOK)
			if got := strings.TrimSpace(answer.Body.String()); got != `{"success":true}` {
				t.Errorf("answered %s", got)
			}
			if got := w.known(t); !slices.Equal(got, []string{"m"}) {
				t.Errorf("the world knows %v", got)
			}
			preflight := call(t, s, "OPTIONS", "/v1/"+path, "", "Origin: https://www.example.co.jp",
				"Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type,x-retry-count")
			wantStatus(t, preflight, http.StatusNoContent)
			h := preflight.Header()
			if h.Get("Access-Control-Allow-Origin") != "https://www.example.co.jp" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "POST") {
				t.Errorf("preflight: %v", h)
			}
			for _, name := range []string{"authorization", "content-type", "x-retry-count"} {
				if !strings.Contains(h.Get("Access-Control-Allow-Headers"), name) {
					t.Errorf("preflight does not allow %s", name)
				}
			}
			other := call(t, s, "OPTIONS", "/v1/"+path, "", "Origin: https://elsewhere.example")
			if other.Header().Get("Access-Control-Allow-Origin") != "" {
				t.Error("another site may send")
			}
		})
	}
}

func TestContract2_Key(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	inBody := strings.Replace(track("x"), "{", `{"writeKey":"site-key",`, 1)
	batchKey := `{"batch":[` + track("y") + `],"writeKey":"app-key"}`
	for _, c := range []struct {
		name, path, body string
		headers          []string
		status           int
	}{
		{"basic", "track", track("1"), []string{basic("site-key", "")}, 200},
		{"basic of another source", "track", track("2"), []string{basic("app-key", "")}, 200},
		{"basic with a password", "track", track("3"), []string{basic("site-key", "x")}, 401},
		{"basic without a name, key in the body", "track", inBody, []string{basic("", "")}, 200},
		{"bearer", "track", track("4"), []string{"Authorization: Bearer site-key"}, 200},
		{"bearer in small letters", "track", track("5"), []string{"Authorization: bearer site-key"}, 200},
		{"in the body", "track", inBody, nil, 200},
		{"in a batch's body", "batch", batchKey, nil, 200},
		{"unknown", "track", track("6"), []string{basic("nobody", "")}, 401},
		{"unknown in the header, known in the body", "track", inBody, []string{basic("nobody", "")}, 401},
		{"an API key is no write key", "track", track("7"), []string{opsKey}, 401},
		{"none", "track", track("8"), nil, 401},
		{"none, and no JSON either", "track", "{", nil, 401},
		{"on this machine, where that is not enough", "track", track("9"), []string{"Peer: 127.0.0.1:5", "Host: localhost:8080"}, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantStatus(t, call(t, s, "POST", "/v1/"+c.path, c.body, c.headers...), c.status)
		})
	}
	o := w.options()
	o.Loopback = true
	local := newServer(t, o)
	wantStatus(t, call(t, local, "POST", "/v1/track", track("l"), "Peer: 127.0.0.1:5", "Host: localhost:8080"), 200)
	wantStatus(t, call(t, local, "POST", "/v1/track", track("m"), "Peer: [::1]:5", "Host: [::1]:8080"), 200)
	wantStatus(t, call(t, local, "POST", "/v1/track", track("n"), "Peer: 127.0.0.1:5", "Host: rebound.example"), 401)
	wantStatus(t, call(t, local, "POST", "/v1/track", track("o"), "Peer: 192.0.2.1:5", "Host: localhost:8080"), 401)
}

func TestContract3_Body(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	long := strings.Replace(track("long"), "{", `{"x":"`+strings.Repeat("a", intake.DefaultEvent)+`",`, 1)
	batch := func(n int) string {
		return `{"batch":[` + strings.TrimSuffix(strings.Repeat(strings.Replace(track("b"), "{", `{"type":"track","pad":"`+strings.Repeat("a", 1000)+`",`, 1)+",", n), ",") + `]}`
	}
	deep := strings.Replace(track("deep"), "{", `{"properties":{"a":`+strings.Repeat("[", 70)+strings.Repeat("]", 70)+"},", 1)
	for _, c := range []struct {
		name, path, body string
		headers          []string
		status           int
		letters          int
	}{
		{"json labelled as text", "track", track("1"), []string{"Content-Type: text/plain"}, 200, 0},
		{"json labelled as a form", "track", track("2"), []string{"Content-Type: application/x-www-form-urlencoded"}, 200, 0},
		{"gzip without a label", "track", zip(t, track("3")), nil, 200, 0},
		{"gzip labelled as a form", "track", zip(t, track("4")), []string{"Content-Type: application/x-www-form-urlencoded", "Content-Encoding: gzip"}, 200, 0},
		{"plain labelled as gzip", "track", track("5"), []string{"Content-Encoding: gzip"}, 200, 0},
		{"broken gzip", "track", zip(t, track("6"))[:20], nil, 400, 0},
		{"damaged gzip", "track", zip(t, track("7"))[:40] + "xxxxxxxxxxxxxxx", nil, 400, 0},
		{"only the head of gzip", "track", "\x1f\x8b", nil, 400, 0},
		{"an event too large", "track", long, nil, 200, 1},
		{"a batch below the bound", "batch", batch(450), nil, 200, 0},
		{"a batch too large", "batch", batch(600), nil, 413, 0},
		{"a batch too large once unzipped", "batch", zip(t, batch(600)), nil, 413, 0},
		{"a bomb", "batch", zip(t, strings.Repeat(" ", 50<<20)), nil, 413, 0},
		{"nested too deep", "track", deep, nil, 200, 1},
		{"no JSON", "track", "event=E", nil, 400, 0},
		{"nothing", "track", "", nil, 400, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(w.letters())
			wantStatus(t, call(t, s, "POST", "/v1/"+c.path, c.body, append(c.headers, siteKey)...), c.status)
			if got := len(w.letters()) - before; got != c.letters {
				t.Errorf("%d dead letters, want %d", got, c.letters)
			}
		})
	}
	if left := s.budget.left.Load(); left != int64(s.options.InFlight) {
		t.Errorf("%d bytes of the budget were not given back", int64(s.options.InFlight)-left)
	}
	o := w.options()
	o.Limits = intake.Limits{Batch: 4 << 20}
	wantStatus(t, call(t, newServer(t, o), "POST", "/v1/batch", batch(600), siteKey), 200)
}

func TestContract4_TypeAndContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	wantStatus(t, call(t, s, "POST", "/v1/page", `{"type":"track","messageId":"p","userId":"u1","event":"E"}`, siteKey), 200)
	wantStatus(t, call(t, s, "POST", "/v1/batch", `{"context":{"ip":"192.0.2.1","locale":"ja"},"batch":[{"type":"track","messageId":"t","userId":"u1","event":"E","context":{"locale":"en"}}]}`, siteKey), 200)
	events := w.events(t)
	if events["p"].Kind != engine.Page {
		t.Errorf("the path says page, taken as %v", events["p"].Kind)
	}
	if got := events["t"].Context; !strings.Contains(got, `"ip":"192.0.2.1"`) || !strings.Contains(got, `"locale":"en"`) || strings.Contains(got, "ja") {
		t.Errorf("context %s", got)
	}
}

func TestContract5_Identity(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	wantStatus(t, call(t, s, "POST", "/v1/batch", `{"batch":[
		{"type":"track","messageId":"1","userId":"u1","event":"E"},
		{"type":"track","messageId":"2","anonymousId":"v1","event":"E"},
		{"type":"track","messageId":"3","event":"E"},
		{"type":"track","messageId":"4","userId":"u1"},
		{"type":"identify","messageId":"5","userId":7}]}`, siteKey), 200)
	if got := w.known(t); !slices.Equal(got, []string{"1", "2", "5"}) {
		t.Errorf("the world knows %v", got)
	}
	if got := w.letters(); !slices.Equal(got, []string{"no_identity", "no_event"}) {
		t.Errorf("dead letters %v", got)
	}
}

func TestContract6_Time(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	at := func(d time.Duration) string { return w.clock.Now().Add(d).UTC().Format(time.RFC3339) }
	body := fmt.Sprintf(`{"batch":[
		{"type":"track","messageId":"timestamp","userId":"u","event":"E","timestamp":%q,"originalTimestamp":"2001-01-01T00:00:00Z"},
		{"type":"track","messageId":"original","userId":"u","event":"E","originalTimestamp":%q},
		{"type":"track","messageId":"receipt","userId":"u","event":"E"},
		{"type":"track","messageId":"skewed","userId":"u","event":"E","originalTimestamp":%q,"sentAt":%q}]}`,
		at(-3*time.Hour), at(-2*time.Hour), at(-5*time.Hour), at(-4*time.Hour))
	wantStatus(t, call(t, s, "POST", "/v1/batch", body, siteKey), 200)
	events := w.events(t)
	for id, want := range map[string]time.Duration{"timestamp": -3 * time.Hour, "original": -2 * time.Hour, "receipt": 0, "skewed": -time.Hour} {
		if got := events[id].At; got != engine.TimeOf(w.clock.Now().Add(want)) {
			t.Errorf("%s at %v, want %v before %v", id, got, -want, w.clock.Now())
		}
		if events[id].Received != engine.TimeOf(w.clock.Now()) {
			t.Errorf("%s received %v", id, events[id].Received)
		}
	}
}

func TestContract7_Once(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	for _, when := range []string{"2026-10-01T00:00:00Z", "2026-10-04T00:00:00Z"} {
		wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"once","userId":"u","event":"E","timestamp":"`+when+`"}`, siteKey), 200)
	}
	wantStatus(t, call(t, s, "POST", "/v1/track", `{"messageId":"once","userId":"u","event":"E"}`, basic("app-key", "")), 200)
	if got := w.known(t); !slices.Equal(got, []string{"once", "once"}) {
		t.Errorf("the world knows %v: one of each source is right", got)
	}
	metrics := call(t, s, "GET", "/metrics", "", opsKey).Body.String()
	if !strings.Contains(metrics, `nurture_events_total{source="site",verdict="duplicate"} 1`) {
		t.Error("the duplicate was not counted")
	}
}

func TestContract8_Answers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	mixed := `{"batch":[{"type":"track","messageId":"good","userId":"u","event":"E"},{"type":"track","messageId":"bad","userId":"u"}]}`

	strict := call(t, s, "POST", "/v1/batch", mixed, siteKey, "X-Strict-Mode: 1")
	wantStatus(t, strict, http.StatusBadRequest)
	var p Problem
	if err := json.Unmarshal(strict.Body.Bytes(), &p); err != nil || len(p.Errors) != 1 || p.Errors[0].Index != 1 || p.Errors[0].Code != "no_event" || p.Errors[0].ID != "bad" {
		t.Errorf("strict: %s", strict.Body)
	}
	if len(w.known(t)) != 0 || len(w.letters()) != 0 {
		t.Error("a strict call that was refused left something behind")
	}

	for _, c := range []struct {
		err    error
		status int
		after  string
	}{
		{&runner.Overload{After: 1500 * time.Millisecond}, http.StatusTooManyRequests, "2"},
		{runner.ErrOverloaded, http.StatusTooManyRequests, "1"},
		{runner.ErrStopping, http.StatusServiceUnavailable, "2"},
		{fmt.Errorf("%w: %w", runner.ErrUnavailable, errors.New("disk")), http.StatusServiceUnavailable, "5"},
		{errBroken, http.StatusServiceUnavailable, "5"},
		{runner.ErrTooMany, http.StatusRequestEntityTooLarge, ""},
	} {
		w.refuseWith(c.err)
		answer := call(t, s, "POST", "/v1/batch", mixed, siteKey)
		wantStatus(t, answer, c.status)
		if got := answer.Header().Get("Retry-After"); got != c.after {
			t.Errorf("%v: Retry-After %q, want %q", c.err, got, c.after)
		}
		if len(w.letters()) != 0 {
			t.Errorf("%v: dead letters of a call that comes again", c.err)
		}
	}
	w.refuseWith(nil)
	answer := call(t, s, "POST", "/v1/batch", mixed, siteKey)
	wantStatus(t, answer, http.StatusOK)
	if got := strings.TrimSpace(answer.Body.String()); got != `{"success":true,"refused":1}` {
		t.Errorf("answered %s", got)
	}
	if !slices.Equal(w.known(t), []string{"good"}) || !slices.Equal(w.letters(), []string{"no_event"}) {
		t.Errorf("taken %v, refused %v", w.known(t), w.letters())
	}

	starting, err := New(w.options())
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, call(t, starting, "POST", "/v1/batch", mixed, siteKey), http.StatusServiceUnavailable)
	o := w.options()
	full := newServer(t, o)
	full.budget.left.Store(10)
	busy := call(t, full, "POST", "/v1/batch", mixed, siteKey)
	wantStatus(t, busy, http.StatusTooManyRequests)
	if busy.Header().Get("Retry-After") == "" {
		t.Error("busy without Retry-After")
	}
	for _, path := range []string{"//v1/batch", "/v1//batch", "/v1/./batch", "/x/../v1/batch"} { // never a redirect
		wantStatus(t, call(t, s, "POST", path, mixed, siteKey), http.StatusOK)
	}
}

func TestContract9_OrderMeansNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := newServer(t, w.options())
	send := func(id, event, at string) {
		wantStatus(t, call(t, s, "POST", "/v1/track", fmt.Sprintf(`{"messageId":%q,"userId":"u","event":%q,"timestamp":%q}`, id, event, at), siteKey), 200)
	}
	send("late", "Inquiry", "2026-10-04T10:00:00Z")
	send("early", "Document Requested", "2026-10-03T10:00:00Z")
	var order []string
	if err := w.Facts(0, w.sim.Leads()[0], func(f *engine.Fact) error {
		if f.Event.Kind.Outside() {
			order = append(order, f.Event.ID)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(order, []string{"early", "late"}) {
		t.Errorf("the journal has %v", order)
	}
}

// TestRecordedClients sends what real clients sent, as they sent it.
func TestRecordedClients(t *testing.T) {
	t.Parallel()
	paths := map[string]string{"identify": "i", "track": "t", "page": "p", "group": "g", "alias": "a", "screen": "s"}
	files, err := filepath.Glob(recorded + "*.json")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "refused") || strings.HasPrefix(name, "oddities") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			w := newWorld(t)
			o := w.options()
			o.Sources = append(o.Sources, Key{"client", "k1"}, Key{"browser", "kb"})
			s := newServer(t, o)
			path, headers := "/v1/batch", []string{basic("k1", "")}
			text := string(body)
			switch parts := strings.Split(name, "."); {
			case len(parts) == 3:
				path, headers = "/v1/"+paths[parts[1]], []string{"Content-Type: text/plain", "Origin: https://www.example.co.jp"}
			case strings.HasPrefix(name, "rudder"):
				text, headers = zip(t, text), append(headers, "Content-Encoding: gzip", "Content-Type: application/x-www-form-urlencoded")
			}
			wantStatus(t, call(t, s, "POST", path, text, headers...), 200)
			if len(w.letters()) > 0 || len(w.known(t)) == 0 {
				t.Errorf("taken %v, refused %v", w.known(t), w.letters())
			}
		})
	}
}

// events are the clients' events by id.
func (w *world) events(t testing.TB) map[string]engine.Event {
	t.Helper()
	all := map[string]engine.Event{}
	for _, id := range w.sim.Leads() {
		if err := w.Facts(0, id, func(f *engine.Fact) error {
			all[f.Event.ID] = f.Event
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return all
}
