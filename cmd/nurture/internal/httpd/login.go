package httpd

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// A login link lets whoever has a key into the console without typing it into a
// browser: it holds once, for a few minutes. Looking at it does nothing, because
// programs look at links before people do; the button on its page signs in.

const (
	loginKeep = 10 * time.Minute
	loginMost = 1000 // links that wait
)

// loginBook has the links that wait, by the hash of their secret.
type loginBook struct {
	mu    sync.Mutex
	links map[[sha256.Size]byte]loginLink
}

type loginLink struct {
	session string // id of the key in sessions
	hash    [sha256.Size]byte
	ends    time.Time
}

// add makes a link; full reports that too many wait.
func (b *loginBook) add(l loginLink, now time.Time) (secret string, full bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.links == nil {
		b.links = map[[sha256.Size]byte]loginLink{}
	}
	for name, link := range b.links {
		if !now.Before(link.ends) {
			delete(b.links, name)
		}
	}
	if len(b.links) >= loginMost {
		return "", true
	}
	var random [20]byte
	_, _ = rand.Read(random[:]) // never fails
	secret = strings.ToLower(base32.StdEncoding.EncodeToString(random[:]))
	b.links[sha256.Sum256([]byte(secret))] = l
	return secret, false
}

// take gives a link and forgets it.
func (b *loginBook) take(secret string, now time.Time) (l loginLink, ok bool) {
	name := sha256.Sum256([]byte(secret))
	b.mu.Lock()
	defer b.mu.Unlock()
	l, ok = b.links[name]
	delete(b.links, name)
	return l, ok && now.Before(l.ends)
}

// LoginLink is a link into the console.
type LoginLink struct {
	Path string    `json:"path" doc:"Open it in a browser, behind the server's address. It holds once." example:"/signin/k5qe…"`
	Ends time.Time `json:"ends" doc:"When it ends by itself."`
}

func (s *Server) loginOperation(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "create-login-link", Method: http.MethodPost, Path: "/api/v1/login-links", Tags: []string{"keys"},
		Summary:     "Make a link that signs in to the console once",
		Description: "The session that it opens may what the key may, ends with the key, and after twelve hours at the latest. The link itself ends after ten minutes.",
		Errors:      []int{http.StatusBadRequest, http.StatusServiceUnavailable},
	}, func(ctx context.Context, _ *struct{}) (*answer[LoginLink], error) {
		return answerOf(s.loginLink(ctx))
	})
}

func (s *Server) loginLink(ctx context.Context) (LoginLink, error) {
	c := callerIn(ctx)
	if c.name == "" {
		return LoginLink{}, newProblem(http.StatusBadRequest, "no_key_needed", "no key is needed on this machine")
	}
	_, hash, ok := s.keyOf(&c)
	if !ok {
		return LoginLink{}, errUnauthorized
	}
	l := loginLink{session: sessionID(&c, hash), hash: hash, ends: s.now().Add(loginKeep)}
	secret, full := s.logins.add(l, s.now())
	if full {
		return LoginLink{}, away("too_many_links", "the server cannot answer at present, try again in a moment", time.Minute)
	}
	return LoginLink{Path: "/signin/" + secret, Ends: l.ends}, nil
}

// keyOf finds the key of a caller again.
func (s *Server) keyOf(c *caller) (known caller, hash [sha256.Size]byte, ok bool) {
	if c.key != "" {
		return s.sessionKey(c.key)
	}
	for i, name := range s.keys.names {
		if name == c.name {
			return *c, s.keys.hashes[i], true
		}
	}
	return caller{}, hash, false
}

// showLogin shows the page of a link: a button.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "login", "sign_in", false)
}

// login signs in by a link.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	l, ok := s.logins.take(r.PathValue("secret"), s.now())
	if !ok {
		s.render(w, r, http.StatusForbidden, "login", "sign_in", true)
		return
	}
	s.openSession(w, r, l.session, l.hash)
}

// openSession gives the browser a session and shows the console.
func (s *Server) openSession(w http.ResponseWriter, r *http.Request, id string, hash [sha256.Size]byte) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: newSession(id, hash, s.now().Add(sessionLength)), Path: "/", MaxAge: int(sessionLength / time.Second),
		HttpOnly: true, Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https", SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
