package httpd

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// settles says who is who in a world.
type settles struct{ *world }

func (w settles) Unmerge(_ context.Context, id engine.LeadID) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sim.Unmerge(id)
}

func (w settles) Settle(_ context.Context, from, into engine.LeadID, same bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := engine.TimeOf(w.clock.Now())
	if same {
		return w.sim.Settle(engine.ConflictSame(from, into, at))
	}
	for _, e := range []engine.Event{engine.ConflictApart(from, into, at), engine.ConflictApart(into, from, at)} {
		if err := w.sim.Settle(e); err != nil {
			return err
		}
	}
	return nil
}

// contest gives two leads with userIds the same address.
func contest(t testing.TB, s *Server, users ...string) {
	t.Helper()
	for i, user := range users {
		wantStatus(t, call(t, s, "POST", "/v1/identify", fmt.Sprintf(
			`{"messageId":"contest-%d-%s","userId":%q,"traits":{"email":"office@example.co.jp","last_name":"<i>%s</i>"}}`, i, user, user, user), siteKey), http.StatusOK)
	}
}

// Whoever has to say whether two leads are one sees both, and what differs; the
// verdict is carried out, written down by ids, and the pair leaves the list.
func TestConflictsPage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		verdict    string
		into, part string // "" for two people
	}{
		{"first", "user-1", "user-2"}, {"second", "user-2", "user-1"}, {"apart", "", ""},
	} {
		t.Run(c.verdict, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			o := w.options()
			book := &auditBook{}
			o.Identities, o.Audit = settles{w}, book
			s := newServer(t, o)
			contest(t, s, "user-1", "user-2")
			id := func(user string) string { return engine.Identifier{Kind: engine.ByUser, Value: user}.Lead().String() }
			page := call(t, s, "GET", "/conflicts?lang=en", "", opsKey).Body.String()
			for _, want := range []string{"office@example.co.jp", `href="/leads/` + id("user-1"), `href="/leads/` + id("user-2"), "&lt;i&gt;user-1&lt;/i&gt;", `<tr class="soft"><th scope="row">メール</th>`, "One person…", "Two people"} {
				if !strings.Contains(page, want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			if ja := call(t, s, "GET", "/conflicts?lang=ja", "", opsKey).Body.String(); !strings.Contains(ja, "同じ人です") || !strings.Contains(ja, "別人です") {
				t.Error("the page is not in Japanese")
			}
			form := url.Values{"first": {id("user-1")}, "second": {id("user-2")}, "verdict": {c.verdict}}.Encode()
			wantStatus(t, call(t, s, "POST", "/conflicts", form, opsKey, formType), http.StatusSeeOther)
			if c.into != "" {
				l := w.sim.Lead(engine.Identifier{Kind: engine.ByUser, Value: c.part}.Lead())
				if l.Into.String() != id(c.into) {
					t.Errorf("%s is a part of %v", c.part, l.Into)
				}
			}
			if page := call(t, s, "GET", "/conflicts?lang=en", "", opsKey).Body.String(); strings.Contains(page, "office@") || !strings.Contains(page, "There are none.") {
				t.Error("a pair that is settled is still asked about")
			}
			settled := call(t, s, "GET", "/conflicts?lang=en&all=1", "", opsKey).Body.String()
			if strings.Contains(settled, "said to be two people") != (c.into == "") {
				t.Error("whoever was said to be two people is not told of, or is told of who is one")
			}
			e := book.entries[len(book.entries)-1]
			if !strings.Contains(e.Target, id("user-1")) || !strings.Contains(e.Target, id("user-2")) || e.Via != viaConsole || e.Status != http.StatusSeeOther {
				t.Errorf("the audit log says %+v", e)
			}
		})
	}
}

// A verdict that is none changes nothing.
func TestConflictsPageRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.Identities = settles{w}
	s := newServer(t, o)
	contest(t, s, "user-1", "user-2")
	one := engine.Identifier{Kind: engine.ByUser, Value: "user-1"}.Lead().String()
	for name, form := range map[string]string{
		"no verdict":     "first=" + one + "&second=" + one,
		"another":        "first=" + one + "&second=" + one + "&verdict=perhaps",
		"a name":         "first=user-1&second=user-2&verdict=first",
		"nobody's id":    "first=" + one + "&second=" + strings.Repeat("0", 31) + "&verdict=apart",
		"an empty form":  "",
		"a broken form":  "%zz",
		"an unknown one": "first=" + one + "&second=" + strings.Repeat("ab", 16) + "&verdict=first",
	} {
		if a := call(t, s, "POST", "/conflicts", form, opsKey, formType); a.Code < 400 || a.Code >= 500 {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if len(call(t, s, "GET", "/conflicts", "", opsKey).Body.String()) == 0 || w.sim.Find(engine.Identifier{Kind: engine.ByUser, Value: "user-1"}).User != "user-1" {
		t.Error("something was changed")
	}
}
