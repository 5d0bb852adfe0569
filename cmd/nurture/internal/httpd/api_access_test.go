package httpd

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/store"
)

// notes is a shelf for a book of keys.
type notes struct {
	mu   sync.Mutex
	kept map[string][]byte
}

func (n *notes) Note(name string) ([]byte, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kept[name], nil
}

func (n *notes) SaveNote(name string, text []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kept == nil {
		n.kept = map[string][]byte{}
	}
	n.kept[name] = text
	return nil
}

// auditBook is an audit log in memory.
type auditBook struct {
	mu      sync.Mutex
	entries []store.AuditEntry
	refuses error
}

func (b *auditBook) BeginAudit(e store.AuditEntry, _ engine.Time) (uint64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuses != nil {
		return 0, b.refuses
	}
	e.Seq = uint64(len(b.entries) + 1)
	b.entries = append(b.entries, e)
	return e.Seq, nil
}

func (b *auditBook) EndAudit(e store.AuditEntry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries[e.Seq-1] = e
	return nil
}

func (b *auditBook) Audit(before uint64, yield func(*store.AuditEntry) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range slices.Backward(b.entries) {
		if before != 0 && e.Seq >= before {
			continue
		}
		if err := yield(&e); err != nil {
			if err == store.ErrStop {
				return nil
			}
			return err
		}
	}
	return nil
}

// office is a world with a book of keys and an audit log.
type office struct {
	*world
	book  *access.Book
	audit *auditBook
	s     *Server
}

func newOffice(t testing.TB) *office {
	t.Helper()
	w := newWorld(t)
	book, err := access.Open(&notes{})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{world: w, book: book, audit: &auditBook{}}
	options := w.options()
	options.Book, options.Audit = book, o.audit
	o.s = newServer(t, options)
	w.live(t, o.s)
	return o
}

// key makes an API key and gives its header.
func (o *office) key(t testing.TB, name string, scopes ...string) (header, id string) {
	t.Helper()
	k, secret, err := o.book.Create(access.Key{Kind: access.API, Name: name, Scopes: scopes}, o.clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return "Authorization: Bearer " + secret, k.ID
}

// Every operation has its rule: which scope it needs, and whether it is audited.
func TestEveryOperationHasItsRule(t *testing.T) {
	t.Parallel()
	doc := new(Server).newAPI(http.NewServeMux()).OpenAPI()
	known := map[string]bool{}
	for _, op := range operationsOf(doc) {
		known[op.OperationID] = true
		if _, ok := opRules[op.OperationID]; !ok {
			t.Errorf("%s %s: say in opRules which scope %s needs", op.Method, op.Path, op.OperationID)
		}
	}
	for id := range opRules {
		if !known[id] {
			t.Errorf("opRules has %s, which is no operation", id)
		}
	}
}

// No operation answers a key that lacks its scope, and each lets in the key that has
// just that.
func TestScopes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	headers := map[string]string{}
	for _, scope := range access.Scopes() {
		headers[scope], _ = o.key(t, scope, scope)
	}
	doc := new(Server).newAPI(http.NewServeMux()).OpenAPI()
	for _, op := range operationsOf(doc) {
		if op.OperationID == "live" { // it would not end
			continue
		}
		path := strings.NewReplacer("{id}", "x", "{key}", strings.Repeat("0", 32), "{name}", "x", "{event}", "x").Replace(op.Path)
		need := ruleOf(op).scope
		for _, scope := range access.Scopes() {
			answer := call(t, o.s, op.Method, path, "{}", headers[scope])
			refused := answer.Code == http.StatusForbidden && strings.Contains(answer.Body.String(), "out_of_scope")
			if allowed := access.May([]string{scope}, need); refused == allowed {
				t.Errorf("%s needs %s: a key with %s gets %d %s", op.OperationID, need, scope, answer.Code, answer.Body)
			}
		}
	}
	raw := call(t, o.s, "GET", "/api/v1/bad-events?raw=true", "", headers[access.Operate])
	wantStatus(t, raw, http.StatusForbidden)
	wantStatus(t, call(t, o.s, "GET", "/metrics", "", headers[access.Metrics]), http.StatusOK)
	wantStatus(t, call(t, o.s, "GET", "/metrics", ""), http.StatusUnauthorized)
	wantStatus(t, call(t, o.s, "GET", "/metrics", "", siteKey), http.StatusUnauthorized)
}

// A key ends, is replaced and withdrawn, and its scopes are checked when it is made.
func TestAPIKeyLife(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	create := func(body string, status int) KeyDoc {
		t.Helper()
		answer := call(t, o.s, "POST", "/api/v1/keys", body, opsKey)
		wantStatus(t, answer, status)
		var doc KeyDoc
		_ = json.Unmarshal(answer.Body.Bytes(), &doc)
		return doc
	}
	create(`{"kind":"api","name":"x"}`, http.StatusBadRequest)
	create(`{"kind":"api","name":"x","scopes":["root"]}`, http.StatusBadRequest)
	doc := create(`{"kind":"api","name":"ci","scopes":["read","rules"],"expiresInSeconds":3600}`, http.StatusOK)
	header := "Authorization: Bearer " + doc.Secret
	me := call(t, o.s, "GET", "/api/v1/me", "", header)
	wantStatus(t, me, http.StatusOK)
	if !strings.Contains(me.Body.String(), `"may":["metrics","read","rules"]`) || !strings.Contains(me.Body.String(), `"name":"ci"`) {
		t.Errorf("me: %s", me.Body)
	}
	rotated := call(t, o.s, "POST", "/api/v1/keys/"+doc.ID+"/rotate", `{"graceSeconds":60}`, opsKey)
	wantStatus(t, rotated, http.StatusOK)
	var next KeyDoc
	if err := json.Unmarshal(rotated.Body.Bytes(), &next); err != nil || !slices.Equal(next.Scopes, []string{"read", "rules"}) {
		t.Errorf("rotated: %s %v", rotated.Body, err)
	}
	wantStatus(t, call(t, o.s, "GET", "/api/v1/status", "", header), http.StatusOK)
	o.clock.Advance(2 * time.Minute)
	wantStatus(t, call(t, o.s, "GET", "/api/v1/status", "", header), http.StatusUnauthorized)
	wantStatus(t, call(t, o.s, "GET", "/api/v1/status", "", "Authorization: Bearer "+next.Secret), http.StatusOK)
	wantStatus(t, call(t, o.s, "DELETE", "/api/v1/keys/"+next.ID, "", opsKey), http.StatusOK)
	wantStatus(t, call(t, o.s, "GET", "/api/v1/status", "", "Authorization: Bearer "+next.Secret), http.StatusUnauthorized)
}

// What is changed is written down: by whom, what, and what came of it. What only
// reads is not, and no entry says what a lead is called.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	header, id := o.key(t, "tanaka", access.Operate, access.People)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/pauses", `{"scope":"channel","name":"mail","why":"tanaka3@refused.example"}`, header), http.StatusOK)
	wantStatus(t, call(t, o.s, "DELETE", "/api/v1/pauses?scope=channel&name=mail", "", header), http.StatusOK)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/dead/"+strings.Repeat("0", 32)+"/retry", "", header), http.StatusNotFound)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/leads/find", `{"id":"user-5"}`, header), http.StatusOK)
	wantStatus(t, call(t, o.s, "GET", "/api/v1/leads/user-5", "", header), http.StatusOK)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/reload", "", header), http.StatusForbidden)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/reload", "", opsKey), http.StatusOK)
	wantStatus(t, call(t, o.s, "POST", "/dead/"+strings.Repeat("1", 32)+"/discard", "", header), http.StatusSeeOther)

	wantStatus(t, call(t, o.s, "GET", "/api/v1/audit", "", header), http.StatusForbidden)
	list := get[AuditList](t, o.s, "/api/v1/audit")
	var got []string
	for _, e := range list.Entries {
		got = append(got, fmt.Sprintf("%s %s %s %q %d", e.Who, e.Via, e.Action, e.Target, e.Status))
		if e.Who == "tanaka" && e.Key != id || e.At == nil {
			t.Errorf("entry %+v", e)
		}
	}
	want := []string{
		fmt.Sprintf("tanaka console page /dead/{key}/discard %q 303", strings.Repeat("1", 32)),
		`ops api reload "" 200`,
		fmt.Sprintf("tanaka api retry-dead %q 404", strings.Repeat("0", 32)),
		`tanaka api resume "channel mail" 200`,
		`tanaka api pause "channel mail" 200`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for query, n := range map[string]int{"who=ops": 1, "action=pause": 1, "target=channel+mail": 2, "since=2030-01-01T00:00:00Z": 0, "until=2030-01-01T00:00:00Z&limit=3": 3} {
		if page := get[AuditList](t, o.s, "/api/v1/audit?"+query); len(page.Entries) != n {
			t.Errorf("%s gives %d entries, want %d", query, len(page.Entries), n)
		}
	}
	o.audit.mu.Lock()
	o.audit.refuses = errBroken
	o.audit.mu.Unlock()
	before := len(o.heard())
	wantStatus(t, call(t, o.s, "POST", "/api/v1/reload", "", opsKey), http.StatusServiceUnavailable)
	if len(o.heard()) != before {
		t.Error("a change was made that could not be written down")
	}
}

// A login link holds once and for a while; what it opens ends with its key and may
// what the key may.
func TestLoginLink(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	header, id := o.key(t, "viewer", access.Read)
	link := func() LoginLink {
		t.Helper()
		answer := call(t, o.s, "POST", "/api/v1/login-links", "", header)
		wantStatus(t, answer, http.StatusOK)
		var l LoginLink
		if err := json.Unmarshal(answer.Body.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := link()
	for range 2 { // looking does nothing
		page := call(t, o.s, "GET", l.Path, "")
		wantStatus(t, page, http.StatusOK)
		if page.Header().Get("Set-Cookie") != "" || !strings.Contains(page.Body.String(), "<button") {
			t.Errorf("the page: %v %s", page.Header(), page.Body)
		}
	}
	wantStatus(t, call(t, o.s, "POST", l.Path, "", "Sec-Fetch-Site: cross-site"), http.StatusForbidden)
	entered := call(t, o.s, "POST", l.Path, "")
	wantStatus(t, entered, http.StatusSeeOther)
	cookie := entered.Result().Cookies()[0]
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode {
		t.Errorf("the cookie: %+v", cookie)
	}
	session := "Cookie: " + cookie.Name + "=" + cookie.Value
	wantStatus(t, call(t, o.s, "POST", l.Path, ""), http.StatusForbidden)
	wantStatus(t, call(t, o.s, "GET", "/kpis", "", session), http.StatusOK)
	wantStatus(t, call(t, o.s, "GET", "/api/v1/status", "", session), http.StatusOK)
	wantStatus(t, call(t, o.s, "GET", "/leads", "", session), http.StatusForbidden)
	wantStatus(t, call(t, o.s, "POST", "/dead/"+strings.Repeat("1", 32)+"/discard", "", session), http.StatusForbidden)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/pauses", `{"scope":"all"}`, session), http.StatusForbidden)

	late := link()
	o.clock.Advance(loginKeep)
	wantStatus(t, call(t, o.s, "POST", late.Path, ""), http.StatusForbidden)
	wantStatus(t, call(t, o.s, "GET", "/kpis", "", session), http.StatusOK)
	if _, err := o.book.Revoke(id, o.clock.Now()); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, call(t, o.s, "GET", "/kpis", "", session), http.StatusSeeOther)
}

// TestSession holds what a session is worth.
func TestSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o := w.options()
	o.APIKeys = []Key{{"a", "secret"}, {"b", "other"}}
	s := newServer(t, o)
	o.APIKeys = o.APIKeys[1:]
	gone := newServer(t, o)
	c, hash, ok := s.keyHolder("secret")
	if !ok || c.name != "a" {
		t.Fatalf("the key is not known: %+v", c)
	}
	now := w.clock.Now()
	session := newSession(sessionID(&c, hash), hash, now.Add(time.Hour))
	parts := strings.Split(session, ".")
	other, _, _ := s.keyHolder("other")
	_, otherHash, _ := s.keyHolder("other")
	for name, c := range map[string]struct {
		server  *Server
		session string
		want    bool
	}{
		"good":            {s, session, true},
		"prolonged":       {s, parts[0] + "." + parts[1] + "9." + parts[2], false},
		"too long":        {s, newSession(parts[0], hash, now.Add(48*time.Hour)), false},
		"over":            {s, newSession(parts[0], hash, now), false},
		"key taken away":  {gone, session, false},
		"of another key":  {s, sessionID(&other, otherHash) + "." + parts[1] + "." + parts[2], false},
		"empty":           {s, "", false},
		"without a sign":  {s, parts[0] + "." + parts[1], false},
		"signed by guess": {s, parts[0] + "." + parts[1] + "." + strings.Repeat("0", 64), false},
	} {
		if _, got := c.server.sessionHolder(c.session); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Where nobody has made a key for the API, this machine needs none; from the first
// one on it does.
func TestThisMachineUntilThereIsAKey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	book, err := access.Open(&notes{})
	if err != nil {
		t.Fatal(err)
	}
	o := w.options()
	o.Book, o.APIKeys, o.Loopback = book, nil, true
	s := newServer(t, o)
	here := []string{"Peer: 127.0.0.1:9", "Host: localhost:80"}
	wantStatus(t, call(t, s, "GET", "/api/v1/status", "", here...), http.StatusOK)
	wantStatus(t, call(t, s, "GET", "/metrics", ""), http.StatusOK)
	if _, _, err := book.Create(access.Key{Kind: access.Write, Name: "web"}, w.clock.Now()); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, call(t, s, "GET", "/api/v1/status", "", here...), http.StatusOK)
	if _, _, err := book.Create(access.Key{Kind: access.API, Name: "ops", Scopes: []string{access.Admin}}, w.clock.Now()); err != nil {
		t.Fatal(err)
	}
	wantStatus(t, call(t, s, "GET", "/api/v1/status", "", here...), http.StatusUnauthorized)
	wantStatus(t, call(t, s, "GET", "/metrics", "", here...), http.StatusUnauthorized)
}

// The same call under the same key is carried out once.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	const body = `{"kind":"write","name":"web"}`
	first := call(t, o.s, "POST", "/api/v1/keys", body, opsKey, "Idempotency-Key: a")
	again := call(t, o.s, "POST", "/api/v1/keys", body, opsKey, "Idempotency-Key: a")
	wantStatus(t, first, http.StatusOK)
	wantStatus(t, again, http.StatusOK)
	if first.Body.String() != again.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" || first.Header().Get("Idempotency-Replayed") != "" {
		t.Errorf("first %s, again %s", first.Body, again.Body)
	}
	wantStatus(t, call(t, o.s, "POST", "/api/v1/keys", `{"kind":"write","name":"app"}`, opsKey, "Idempotency-Key: a"), http.StatusUnprocessableEntity)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/keys", body, opsKey, "Idempotency-Key: b"), http.StatusOK)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/keys", body, opsKey, "Idempotency-Key: "+strings.Repeat("x", 256)), http.StatusBadRequest)
	header, _ := o.key(t, "other", access.Admin)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/keys", body, header, "Idempotency-Key: a"), http.StatusOK)
	if keys := o.book.Keys(access.Write); len(keys) != 3 {
		t.Errorf("%d keys were made, want 3", len(keys))
	}
	if n := len(get[AuditList](t, o.s, "/api/v1/audit?action=create-key").Entries); n != 3 {
		t.Errorf("%d keys stand in the audit log, want 3", n)
	}
	o.clock.Advance(onceKeep)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/keys", body, opsKey, "Idempotency-Key: a"), http.StatusOK)
	if keys := o.book.Keys(access.Write); len(keys) != 4 {
		t.Errorf("%d keys after a day, want 4", len(keys))
	}
	o.refuseWith(errBroken)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/reload", "", opsKey, "Idempotency-Key: c"), http.StatusServiceUnavailable)
	o.refuseWith(nil)
	wantStatus(t, call(t, o.s, "POST", "/api/v1/reload", "", opsKey, "Idempotency-Key: c"), http.StatusOK)
}

// An answer that did not change is not sent again; a stream has no sign.
func TestETag(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, path := range []string{"/api/v1/leads/user-5", "/api/v1/kpis", "/api/v1/openapi.json"} {
		first := call(t, o.s, "GET", path, "", opsKey)
		wantStatus(t, first, http.StatusOK)
		tag := first.Header().Get("ETag")
		same := call(t, o.s, "GET", path, "", opsKey, "If-None-Match: "+tag)
		wantStatus(t, same, http.StatusNotModified)
		if tag == "" || same.Body.Len() != 0 || same.Header().Get("ETag") != tag {
			t.Errorf("%s: tag %q, then %q with %d bytes", path, tag, same.Header().Get("ETag"), same.Body.Len())
		}
		wantStatus(t, call(t, o.s, "GET", path, "", opsKey, `If-None-Match: "0"`), http.StatusOK)
	}
	long := httptest.NewRecorder()
	tagged(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			_, _ = w.Write(make([]byte, taggedMost/2))
		}
	})).ServeHTTP(long, httptest.NewRequestWithContext(context.Background(), "GET", "/", nil))
	if long.Body.Len() != taggedMost/2*3 || long.Header().Get("ETag") != "" {
		t.Errorf("a long answer has %d bytes and the tag %q", long.Body.Len(), long.Header().Get("ETag"))
	}
}

// Whoever follows the Link headers sees every row of every list once.
func TestPagesByLink(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 3 {
		o.key(t, fmt.Sprint(i), access.Read)
		wantStatus(t, call(t, o.s, "POST", "/v1/track", `{"messageId":"bad`+fmt.Sprint(i)+`","userId":"u"}`, siteKey), http.StatusOK)
		wantStatus(t, call(t, o.s, "POST", "/api/v1/reload", "", opsKey), http.StatusOK)
	}
	for path, rows := range map[string]string{
		"/api/v1/leads": "leads", "/api/v1/bad-events": "events", "/api/v1/dead": "dead", "/api/v1/audit": "entries",
		"/api/v1/keys": "keys", "/api/v1/revisions": "", "/api/v1/kpis": "", "/api/v1/dead/causes": "causes",
	} {
		read := func(path string) (list []json.RawMessage, next string) {
			answer := call(t, o.s, "GET", path, "", opsKey)
			if answer.Code != http.StatusOK {
				t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
			}
			var whole map[string]json.RawMessage
			body := json.RawMessage(answer.Body.Bytes())
			if rows != "" {
				if err := json.Unmarshal(body, &whole); err != nil {
					t.Fatal(err)
				}
				body = whole[rows]
			}
			if err := json.Unmarshal(body, &list); err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if link := answer.Header().Get("Link"); link != "" {
				target, rel, _ := strings.Cut(strings.TrimPrefix(link, "<"), ">")
				if rel != `; rel="next"` {
					t.Errorf("%s: Link %s", path, link)
				}
				next = target
			}
			return list, next
		}
		all, _ := read(path + "?limit=1000")
		var paged []json.RawMessage
		for next := path + "?limit=1"; next != ""; {
			var page []json.RawMessage
			page, next = read(next)
			if len(page) > 1 || len(paged) > len(all) {
				t.Fatalf("%s: a page has %d rows", path, len(page))
			}
			paged = append(paged, page...)
		}
		same := func(a, b json.RawMessage) bool { return string(a) == string(b) }
		if !slices.EqualFunc(all, paged, same) || len(all) < 1 {
			t.Errorf("%s: %d rows whole, %d by pages", path, len(all), len(paged))
		}
	}
	wantStatus(t, call(t, o.s, "GET", "/api/v1/keys?limit=0", "", opsKey), http.StatusBadRequest)
	wantStatus(t, call(t, o.s, "GET", "/api/v1/kpis?after=x", "", opsKey), http.StatusBadRequest)
}
