package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/seed-456efde2/nurture/engine/enginetest"
)

// doorman stands before a server: it turns the first calls away, passes the rest
// on, and lets callers wait while the server is being started again.
type doorman struct {
	mu     sync.RWMutex // held while there is no server
	target *url.URL

	count  sync.Mutex
	busy   int // 429s still to come
	away   int // 503s still to come
	turned int
}

func (d *doorman) turnAway() (status int) {
	d.count.Lock()
	defer d.count.Unlock()
	switch {
	case d.away > 0:
		d.away--
		status = http.StatusServiceUnavailable
	case d.busy > 0:
		d.busy--
		status = http.StatusTooManyRequests
	default:
		return 0
	}
	d.turned++
	return status
}

// ServeHTTP implements http.Handler.
func (d *doorman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status := d.turnAway(); status != 0 {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(status)
		return
	}
	d.mu.RLock()
	target := d.target
	d.mu.RUnlock()
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusServiceUnavailable) }
	proxy.ServeHTTP(w, r)
}

const formsSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// realClients are the clients that the collector is made for, each with the source
// that it sends to.
var realClients = map[string]struct {
	source string
	driver string // npm; "" for a Go client
	golang string
	path   string
	key    string
}{
	"analytics-node":  {source: `source "web" {}`, driver: "segment", key: webKey},
	"rudder-sdk-node": {source: `source "web" {}`, driver: "rudder", key: webKey},
	"analytics-go":    {source: `source "web" {}`, golang: "analytics", key: webKey},
	"cloudevents npm": {source: `source "web" { kind = "cloudevents" }`, driver: "cloudevents", path: "/v1/source/web", key: webKey},
	"cloudevents go":  {source: `source "web" { kind = "cloudevents" }`, golang: "cloudevents", path: "/v1/source/web", key: webKey},
	"standardwebhooks": {source: fmt.Sprintf(`source "web" {
  kind = "webhook"

  verify {
    scheme = "standard_webhooks"
    secret = %q
  }

  map {
    when    = "payload.type == 'form.submitted'"
    event   = event.contact_requested
    user_id = "contact.id"
    time    = "sent_at"
  }
}`, formsSecret), driver: "signed", path: "/v1/source/web", key: formsSecret},
}

const clientRules = `project "clients" { timezone = "Asia/Tokyo" }

lead {
  text "company" {}
}

event "contact_requested" {}

score "interest" {
  rule "asked" {
    on     = event.contact_requested
    points = 1
  }
}

`

// Every client, from its registry and as it is, against the built program: it is
// turned away at first, the server is killed in the middle, and in the end every
// message is there once.
func TestRealClientsLoseNothing(t *testing.T) {
	t.Parallel()
	bin := buildProgram(t)
	goclients := buildGoClients(t)
	file := filepath.Join(t.TempDir(), "events.ndjson")
	const events = 2000
	writeEvents(t, file, events)
	for name, c := range realClients {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
			write(t, filepath.Join(rules, "rules.hcl"), clientRules+c.source+"\n")
			at := enginetest.Address(t)
			s := startServer(t, bin, rules, data, at, "")
			door := &doorman{target: parsed(t, s.url), away: 3, busy: 3}
			front := httptest.NewServer(door)
			defer front.Close()
			var sending *client
			if c.driver != "" {
				sending = startClient(t, c.driver, front.URL+c.path, c.key, file, "--every", "100")
			} else {
				sending = startCommand(t, exec.CommandContext(t.Context(), goclients,
					"-client", c.golang, "-url", front.URL+c.path, "-key", c.key, "-file", file, "-every", "100"))
			}
			if early := sending.reached(t, events/4); early.Done {
				t.Errorf("the client was through before the server was killed: %+v", early)
			}
			door.mu.Lock()
			s.kill(t)
			s = startServer(t, bin, rules, data, at, "")
			door.mu.Unlock()
			if got := sending.finish(t); got.Sent != events || got.Delivered != events || got.Failed != 0 {
				t.Errorf("the client counted %+v, want %d delivered: %s", got, events, sending.stderr.String())
			}
			if door.turned != 6 {
				t.Errorf("%d calls were turned away, want 6", door.turned)
			}
			s.hasEach(t, events)
			s.stop(t)
		})
	}
}

var messageNumber = regexp.MustCompile(`m-[0-9]+`)

// hasEach sees that each message lies in the journals, once, and counted once.
func (s *served) hasEach(t *testing.T, events int) {
	t.Helper()
	seen := map[string]int{}
	points := 0.0
	for lead := range 50 {
		var doc struct {
			Facts  []struct{ MessageID string }
			Scores []struct{ Value float64 }
		}
		s.ask(t, http.MethodGet, fmt.Sprintf("/api/v1/leads/u-%d?facts=1000", lead), nil, &doc)
		for _, f := range doc.Facts {
			if id := messageNumber.FindString(f.MessageID); id != "" {
				seen[id]++
			}
		}
		for _, score := range doc.Scores {
			points += score.Value
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s lies %d times in the journals", id, n)
		}
	}
	if len(seen) != events {
		t.Errorf("%d messages are there, want %d", len(seen), events)
	}
	if points != 0 && points != float64(events) {
		t.Errorf("they count %v points, want %d", points, events)
	}
}

func parsed(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// buildGoClients builds the Go clients, which are a module of their own: what they
// need is no part of nurture.
func buildGoClients(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "goclients")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".")
	cmd.Dir = filepath.Join("testdata", "clients", "goclients")
	if out, err := cmd.CombinedOutput(); err != nil {
		enginetest.Missing(t, "the Go clients", "their modules must be had from a proxy: "+lastLines(string(out), 3))
	}
	return bin
}
