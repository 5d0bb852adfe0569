package httpd

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/access"
)

// caller is who asks for something, and what that one may do.
type caller struct {
	name   string   // of the key; "" on this machine without one
	key    string   // id of the key, where it has one
	scopes []string // see access.Scopes
	via    string   // viaAPI or viaConsole
}

// The ways on which a caller comes.
const (
	viaAPI     = "api"
	viaConsole = "console"
)

// who is the caller's name in records.
func (c *caller) who() string {
	if c.name == "" {
		return "this machine"
	}
	return c.name
}

func (c *caller) may(scope string) bool { return access.May(c.scopes, scope) }

// everything is what a key given to serve may do, and this machine where no key is
// needed.
var everything = []string{access.Admin}

// callerOf finds out who sends a request: by the key it shows, by the session of
// the console, or because it comes from this machine, where that is enough.
func (s *Server) callerOf(r *http.Request) (c caller, ok bool) {
	if secret, given := headerSecret(r); given {
		c, _, ok = s.keyHolder(secret)
		return c, ok
	}
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		if c, ok = s.sessionHolder(cookie.Value); ok {
			return c, true
		}
	}
	return caller{scopes: everything, via: viaAPI}, s.localMay(r)
}

// localMay reports a request that needs no key: it comes from this machine, that is
// enough here, and nobody has made a key for the API yet.
func (s *Server) localMay(r *http.Request) bool {
	return s.options.Loopback && fromThisMachine(r) && (s.options.Book == nil || !s.options.Book.Any(access.API, s.now()))
}

// keyHolder is who shows an API key, with the key's hash.
func (s *Server) keyHolder(secret string) (c caller, hash [sha256.Size]byte, ok bool) {
	if i := s.keys.place(secret); i >= 0 {
		return caller{name: s.keys.names[i], scopes: everything, via: viaAPI}, s.keys.hashes[i], true
	}
	if s.options.Book == nil {
		return c, hash, false
	}
	k, ok := s.options.Book.Find(access.API, secret, s.now())
	if !ok {
		return c, hash, false
	}
	return caller{name: k.Name, key: k.ID, scopes: k.Scopes, via: viaAPI}, sha256.Sum256([]byte(secret)), true
}

// A session is "ID.ENDS.SIGN": the key that opened it, when it ends, and a sign made
// with the key's hash. Nothing is stored; it ends with the key, and may what the key
// may.
func newSession(id string, hash [sha256.Size]byte, ends time.Time) string {
	text := id + "." + strconv.FormatInt(ends.Unix(), 10)
	mac := hmac.New(sha256.New, hash[:])
	mac.Write([]byte("console session " + text))
	return text + "." + hex.EncodeToString(mac.Sum(nil))
}

// sessionID names a key in sessions. A key that was given to serve has no id; a part
// of its hash tells which it is and nothing about the secret.
func sessionID(c *caller, hash [sha256.Size]byte) string {
	if c.key != "" {
		return c.key
	}
	return "given-" + hex.EncodeToString(hash[:6])
}

// sessionHolder is whose session this is, while it lasts.
func (s *Server) sessionHolder(session string) (c caller, ok bool) {
	parts := strings.Split(session, ".")
	if len(parts) != 3 {
		return c, false
	}
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	ends := time.Unix(seconds, 0)
	if err != nil || !s.now().Before(ends) || ends.Sub(s.now()) > sessionLength {
		return c, false
	}
	c, hash, ok := s.sessionKey(parts[0])
	if !ok || !hmac.Equal([]byte(newSession(parts[0], hash, ends)), []byte(session)) {
		return caller{}, false
	}
	c.via = viaConsole
	return c, true
}

// sessionKey finds the key that a session names.
func (s *Server) sessionKey(id string) (c caller, hash [sha256.Size]byte, ok bool) {
	for i := range s.keys.hashes {
		c = caller{name: s.keys.names[i], scopes: everything}
		if sessionID(&c, s.keys.hashes[i]) == id {
			return c, s.keys.hashes[i], true
		}
	}
	if s.options.Book == nil {
		return caller{}, hash, false
	}
	k, ok := s.options.Book.Key(id, s.now())
	sum, err := hex.DecodeString(k.Hash)
	if !ok || err != nil || len(sum) != len(hash) || k.Kind != access.API {
		return caller{}, hash, false
	}
	return caller{name: k.Name, key: k.ID, scopes: k.Scopes}, [sha256.Size]byte(sum), true
}

// callerKey is where a request's context has its caller. The library that routes the
// API takes handlers of its own form, and the context is what reaches them.
type callerKey struct{}

func withCaller(r *http.Request, c caller) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), callerKey{}, c))
}

// callerIn is the caller of the call that a context belongs to.
func callerIn(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// mayIn refuses a call whose caller lacks a scope.
func mayIn(ctx context.Context, scope string) error {
	if c := callerIn(ctx); !c.may(scope) {
		return errScope(scope)
	}
	return nil
}

func errScope(scope string) *Problem {
	return newProblem(http.StatusForbidden, "out_of_scope", "the key may not do this; it needs the scope: "+scope)
}

// noKeys reports a server that nobody can be asked a key by: none was given, and
// none was made.
func (s *Server) noKeys() bool {
	return len(s.keys.names) == 0 && (s.options.Book == nil || !s.options.Book.Any(access.API, s.now()))
}

// pageScope is what somebody needs for a page of the console. The figures show
// nobody; where leads have names, that is more.
func pageScope(method, path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case path == "/signout":
		return access.Metrics
	case method != http.MethodGet && method != http.MethodHead:
		switch first {
		case "leads", "conflicts", "identities", "people":
			return access.People
		case "revisions", "rollout":
			return access.Rules
		}
		return access.Operate
	case slices.Contains([]string{"funnels", "funnel", "kpis", "reviews", "review", "revisions", "rollout", "docs"}, first):
		return access.Read
	}
	return access.People
}
