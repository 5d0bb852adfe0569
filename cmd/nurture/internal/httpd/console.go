package httpd

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/runner"
)

//go:embed console third_party
var files embed.FS

// Page is a page that another part of the program adds to the console. It is
// mounted at its path and everything below it, behind the sign-in.
type Page struct {
	Path    string // "/mailbox"
	Ja, En  string // its name in the menu
	Handler http.Handler
}

// console holds the parsed templates.
type console struct {
	templates *template.Template
}

func newConsole() (*console, error) {
	t, err := template.ParseFS(files, "console/*.html")
	return &console{t}, err
}

// assets are the files that pages load, by their path under /static/.
var assets = map[string]string{
	"console.css":   "console/console.css",
	"icon.svg":      "console/icon.svg",
	"htmx.min.js":   "third_party/htmx-4.0.1/htmx.min.js",
	"hx-sse.min.js": "third_party/htmx-4.0.1/hx-sse.min.js",
}

func (s *Server) routeConsole(mux *http.ServeMux) {
	page := func(pattern string, h http.HandlerFunc) { mux.Handle(pattern, s.guard(h)) }
	page("GET /{$}", s.showOverview)
	page("GET /live", s.streamOverview)
	page("GET /leads", s.showLeads)
	page("GET /leads/{id}", s.showLead)
	page("POST /dead/{key}/retry", s.settleLetter(s.options.Door.Redrive))
	page("POST /dead/{key}/discard", s.settleLetter(s.options.Door.Discard))
	page("POST /signout", s.signOut)
	s.routeConflicts(page)
	s.routeFacts(page)
	s.routeFunnels(page)
	s.routeTossUps(page)
	s.routeRevisions(page)
	s.routeRollouts(page)
	s.routeReviews(page)
	s.routeKPIs(page)
	for _, p := range s.options.Pages {
		page(p.Path+"/", p.Handler.ServeHTTP)
		page(p.Path, p.Handler.ServeHTTP)
	}
	open := func(pattern string, h http.HandlerFunc) {
		mux.Handle(pattern, secure(http.NewCrossOriginProtection().Handler(h)))
	}
	open("GET /signin", s.showSignIn)
	open("POST /signin", s.signIn)
	open("GET /signin/{secret}", s.showLogin)
	open("POST /signin/{secret}", s.login)
	open("GET /static/{file}", serveAsset)
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name, ok := assets[r.PathValue("file")]
	content, err := fs.ReadFile(files, name)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-cache")
	sum := sha256.Sum256(content)
	w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(content))
}

// policy lets a page load what this server serves and nothing else: no script and
// no style inside the page, no frame around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// guard lets in who may operate and sends everybody else to sign in.
func (s *Server) guard(next http.Handler) http.Handler {
	return secure(http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := s.callerOf(r)
		if !ok {
			http.Redirect(w, r, "/signin", http.StatusSeeOther)
			return
		}
		if !c.may(pageScope(r.Method, r.URL.Path)) {
			s.render(w, r, http.StatusForbidden, "message", "overview", "no_scope")
			return
		}
		if asked := askedLang(r); asked != "" && r.URL.Path != "/live" {
			http.SetCookie(w, &http.Cookie{Name: langCookie, Value: string(asked), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode})
		}
		s.auditPage(c, next).ServeHTTP(w, withCaller(r, c))
	})))
}

const (
	langCookie    = "nurture_lang"
	sessionCookie = "nurture_session"
	sessionLength = 12 * time.Hour
)

func (s *Server) showSignIn(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "signin", "sign_in", false)
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	c, hash, ok := s.keyHolder(r.PostFormValue("key"))
	if !ok {
		s.render(w, r, http.StatusForbidden, "signin", "sign_in", true)
		return
	}
	s.openSession(w, r, sessionID(&c, hash), hash)
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/signin", http.StatusSeeOther)
}

// view is what every page knows.
type view struct {
	Lang     lang
	Title    string // name of a word
	Project  string
	Path     string
	Revision uint32
	InForce  string
	Rules    Rules
	Pages    []Page
	Session  bool // signed in by a key, so that signing out makes sense
	Body     any

	now  time.Time
	zone *time.Location
}

// T is one of the console's texts. A word that is not among them is shown as it
// is: names of the workspace pass through here too.
func (v *view) T(name string) string {
	if w, ok := words[name]; ok {
		return w.in(v.Lang)
	}
	return name
}

// Sub is the English beside a Japanese heading; nothing beside an English one.
func (v *view) Sub(name string) string {
	if w, ok := words[name]; ok && v.Lang == japanese {
		return w.en
	}
	return ""
}

// Other is the language that the reader could switch to.
func (v *view) Other() lang {
	if v.Lang == japanese {
		return english
	}
	return japanese
}

// OtherName is its name, in itself.
func (v *view) OtherName() string { return word{"English", "日本語"}.in(v.Lang) }

// Zone names the zone of the page's times, which is that of its forms too.
func (v *view) Zone() string { return v.zone.String() }

// Clock writes a time of today as 15:04, another one with its date.
func (v *view) Clock(t *time.Time) string {
	if t == nil {
		return ""
	}
	at, now := t.In(v.zone), v.now.In(v.zone)
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	if at.Year() == now.Year() {
		return at.Format(word{"1/2 15:04", "2 Jan 15:04"}.in(v.Lang))
	}
	return at.Format(word{"2006/1/2 15:04", "2 Jan 2006 15:04"}.in(v.Lang))
}

// Exact writes a time in full, for a tooltip.
func (v *view) Exact(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.In(v.zone).Format("2006-01-02 15:04:05.000 MST")
}

// Machine writes a time for the datetime attribute.
func (v *view) Machine(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Ago writes how long ago a time was.
func (v *view) Ago(t *time.Time) string {
	if t == nil {
		return ""
	}
	return ago(v.Lang, v.now, *t)
}

// With gives a partial template the view and what it is about.
func (v *view) With(body any) *view {
	other := *v
	other.Body = body
	return &other
}

// view makes what every page knows.
func (s *Server) view(r *http.Request, title string) *view {
	v := &view{Title: title, Path: r.URL.Path, Pages: s.options.Pages, now: s.now(), zone: time.UTC, Rules: s.options.Workshop.Rules()}
	project := ""
	if p := s.options.Desk.Program(); p != nil {
		spec := p.Spec()
		v.Project, project, v.Revision = spec.Name, spec.Language, p.Revision()
		if spec.Zone != nil {
			v.zone = spec.Zone
		}
	}
	v.Lang = langOf(r, project)
	v.InForce = v.Ago(instant(s.options.Desk.Status().Swapped))
	_, err := r.Cookie(sessionCookie)
	v.Session = err == nil
	return v
}

// render answers with a page. A page that cannot be made is answered by a
// sentence, never by half a page.
func (s *Server) render(w http.ResponseWriter, r *http.Request, status int, name, title string, body any) {
	v := s.view(r, title)
	v.Body = body
	var html bytes.Buffer
	if err := s.console.templates.ExecuteTemplate(&html, name, v); err != nil {
		s.log.Error("render a page", "page", name, "error", err)
		plain(w, http.StatusInternalServerError, v.T("broken")+"\n")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.Copy(w, &html) // the reader has gone
}

// Language is what the reader wants, "ja" or "en", for pages that another part of
// the program makes.
func (s *Server) Language(r *http.Request) string { return string(s.view(r, "").Lang) }

// Layout answers with a page that another part of the program makes: its body
// inside the console's frame.
func (s *Server) Layout(w http.ResponseWriter, r *http.Request, title string, body template.HTML) {
	s.render(w, r, http.StatusOK, "foreign", title, body)
}

// message answers with a page of one sentence.
func (s *Server) message(w http.ResponseWriter, r *http.Request, err error) {
	p := s.told(problemOf(err), doingOf(r))
	text := "broken"
	switch {
	case p.Status == http.StatusNotFound:
		text = "no_lead"
	case p.Request != "":
		text = s.view(r, "").T(text) + " (" + p.Request + ")"
	}
	s.render(w, r, p.Status, "message", "overview", text)
}

// settleLetter retries or discards a dead letter from the console.
func (s *Server) settleLetter(deed deed) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := s.redrive(r.Context(), r.PathValue("key"), deed)
		if err != nil && !errors.Is(err, runner.ErrNoLetter) { // somebody was quicker: the list shows it
			s.message(w, r, err)
			return
		}
		http.Redirect(w, r, "/#deliveries", http.StatusSeeOther)
	}
}

// titleOf is how the console calls a lead: company and name where the workspace
// has them, else the key attribute, else the client's id.
func (s *Server) titleOf(l *engine.Lead) string {
	text := func(name string) string {
		for _, a := range l.Folds.Attrs {
			if a.Name == name {
				return strings.TrimSpace(a.Value.Text())
			}
		}
		return ""
	}
	p := s.options.Desk.Program()
	order := []string{"company", "name", "first_name", "last_name"}
	if p != nil && p.Spec().Language == string(japanese) {
		order = []string{"company", "name", "last_name", "first_name"}
	}
	var parts []string
	for _, name := range order {
		if t := text(name); t != "" {
			parts = append(parts, t)
		}
	}
	if len(parts) > 0 {
		return strings.Join(parts, " ")
	}
	if p != nil && p.Spec().KeyAttr != "" {
		if t := text(p.Spec().KeyAttr); t != "" {
			return t
		}
	}
	return l.User
}
