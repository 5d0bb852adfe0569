package httpd

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// slowPeople is a store through which a walk takes two seconds.
type slowPeople struct {
	*world
	walks *int
}

func (p slowPeople) Leads(part int, after engine.LeadID, limit int, yield func(engine.LeadID, []byte) error) error {
	if part == 0 {
		*p.walks++
		p.clock.Advance(2 * time.Second)
	}
	return p.world.Leads(part, after, limit, yield)
}

// What takes long to find out is told again for twenty times as long, as of when it was
// found out; a change of what it tells of ends that.
func TestWalksAreKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	walks := 0
	o.People, o.Identities = slowPeople{w, &walks}, settles{w}
	s := newServer(t, o)
	contest(t, s, "user-1", "user-2")
	for _, path := range []string{"/api/v1/lifecycle", "/api/v1/attribution/inquiry", "/api/v1/conflicts"} {
		w.clock.Advance(time.Hour)
		walks = 0
		asked := func(want int, when string) string {
			t.Helper()
			a := call(t, s, "GET", path, "", opsKey)
			wantStatus(t, a, http.StatusOK)
			if walks != want {
				t.Errorf("%s %s: %d walks, want %d", path, when, walks, want)
			}
			return a.Body.String()
		}
		first := asked(1, "at first")
		w.clock.Advance(39 * time.Second)
		if again := asked(1, "soon"); again != first {
			t.Errorf("%s tells soon\n%s, at first\n%s", path, again, first)
		}
		w.clock.Advance(2 * time.Second)
		asked(2, "later")
	}
	body := `{"lead":"user-1","other":"user-2","same":false}`
	wantStatus(t, call(t, s, "POST", "/api/v1/conflicts/settle", body, opsKey, "Content-Type: application/json"), http.StatusOK)
	if left := call(t, s, "GET", "/api/v1/conflicts", "", opsKey).Body.String(); strings.Contains(left, "user-1") {
		t.Errorf("what was settled is still told: %s", left)
	}
}

// Two questions are two walks, and an error is no answer.
func TestWalksByQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	walks := 0
	o.People = slowPeople{w, &walks}
	s := newServer(t, o)
	for _, path := range []string{"/api/v1/lifecycle", "/api/v1/lifecycle?over=30d", "/api/v1/attribution/inquiry", "/api/v1/attribution/inquiry?by=kind"} {
		wantStatus(t, call(t, s, "GET", path, "", opsKey), http.StatusOK)
	}
	if walks != 4 {
		t.Errorf("four questions are %d walks", walks)
	}
	for range 2 {
		wantStatus(t, call(t, s, "GET", "/api/v1/attribution/nothing", "", opsKey), http.StatusNotFound)
	}
}

// Who would wait behind too many is sent away.
func TestWalksAreFew(t *testing.T) {
	t.Parallel()
	s := newServer(t, newWorld(t).options())
	for range maxWalkers {
		if err := s.walks.join(); err != nil {
			t.Fatal(err)
		}
	}
	if a := call(t, s, "GET", "/api/v1/lifecycle", "", opsKey); a.Code != http.StatusTooManyRequests || a.Header().Get("Retry-After") != "5" {
		t.Errorf("behind %d: %d %v", maxWalkers, a.Code, a.Header())
	}
	s.walks.leave()
	wantStatus(t, call(t, s, "GET", "/api/v1/lifecycle", "", opsKey), http.StatusOK)
}
