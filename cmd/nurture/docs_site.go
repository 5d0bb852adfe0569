package main

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/docs"
)

// docsSite is the documentation as a site. It is made once, from embedded files,
// and never changes.
type docsSite struct {
	look     *template.Template
	files    fs.FS // of the look
	pages    map[string]map[string]*docsPage
	groups   map[string][]docsGroup
	sections map[string][]docsSection // of all pages, for the search
}

// docsPage is a page as HTML.
type docsPage struct {
	Path     string // below the language, without .md
	Title    string
	Body     template.HTML
	Sections []docsSection
}

// docsSection is a heading with what stands below it.
type docsSection struct {
	Path, Page, Title, Anchor string
	Level                     int
	Text                      string
}

// docsGroup is a part of the list of pages.
type docsGroup struct {
	Title string
	Links []*docsPage
}

// docsOrder is the order of the hand-written pages; others follow by name.
var docsOrder = []string{
	"index", "tutorial", "conditions", "testing", "mails", "consent", "time", "events", "kpis", "operating", "api", "glossary",
}

// referenceOrder is the order of the reference's pages; blocks follow.
var referenceOrder = []string{"index", "conditions", "values", "steps", "channels", "events", "commands", "api", "codes"}

func newDocsSite() (*docsSite, error) {
	s := &docsSite{
		pages: map[string]map[string]*docsPage{}, groups: map[string][]docsGroup{}, sections: map[string][]docsSection{},
	}
	var err error
	if s.files, err = docs.Site(); err != nil {
		return nil, err
	}
	if s.look, err = template.ParseFS(s.files, "page.html"); err != nil {
		return nil, fmt.Errorf("read the site's look: %w", err)
	}
	for _, language := range docs.Languages() {
		if err := s.read(language); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// read renders all pages of a language.
func (s *docsSite) read(language string) error {
	files, err := docs.Pages(language)
	if err != nil {
		return err
	}
	s.pages[language] = map[string]*docsPage{}
	err = fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".md" {
			return err
		}
		src, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		page, err := renderPage(strings.TrimSuffix(name, ".md"), src)
		if err != nil {
			return fmt.Errorf("render %s/%s: %w", language, name, err)
		}
		s.pages[language][page.Path] = page
		s.sections[language] = append(s.sections[language], page.Sections...)
		return nil
	})
	s.groups[language] = s.list(language)
	return err
}

// list is the list of pages beside each page. The pages of codes are reached from
// their index and by the search.
func (s *docsSite) list(language string) []docsGroup {
	guide, reference, blocks := docsGroup{}, docsGroup{Title: words(language, "Reference", "リファレンス")}, docsGroup{Title: words(language, "Blocks", "ブロック")}
	for _, p := range s.pages[language] {
		switch {
		case strings.HasPrefix(p.Path, "reference/codes/"):
		case strings.HasPrefix(p.Path, "reference/blocks/"):
			blocks.Links = append(blocks.Links, p)
		case strings.HasPrefix(p.Path, "reference/"):
			reference.Links = append(reference.Links, p)
		default:
			guide.Links = append(guide.Links, p)
		}
	}
	inDocsOrder(guide.Links, docsOrder)
	inDocsOrder(reference.Links, referenceOrder)
	inDocsOrder(blocks.Links, nil)
	return []docsGroup{guide, reference, blocks}
}

func inDocsOrder(pages []*docsPage, order []string) {
	rank := func(p *docsPage) int {
		if i := slices.Index(order, path.Base(p.Path)); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(pages, func(a, b *docsPage) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a.Path, b.Path)
	})
}

// docsPolicy lets a page load what this server serves and nothing else.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *docsSite) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/"+preferred(r)+"/index", http.StatusFound)
	})
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(s.files)))
	for _, language := range docs.Languages() {
		mux.HandleFunc("GET /"+language+"/search", func(w http.ResponseWriter, r *http.Request) { s.search(w, r, language) })
		mux.HandleFunc("GET /"+language+"/{path...}", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, language) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", docsPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		mux.ServeHTTP(w, r)
	})
}

// preferred is the language that a browser asks for first.
func preferred(r *http.Request) string {
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Accept-Language")), "ja") {
		return "ja"
	}
	return "en"
}

// docsView is what page.html shows.
type docsView struct {
	*docsPage
	Lang, Other, OtherName, OtherPath, Query string
	Groups                                   []docsGroup
	Hits                                     []docsHit
}

// docsWords are the words around a page.
var docsWords = map[string]map[string]string{
	"skip":    {"en": "Skip to the text", "ja": "本文へ移動"},
	"docs":    {"en": "docs", "ja": "docs"},
	"search":  {"en": "Search", "ja": "検索"},
	"page":    {"en": "On this page", "ja": "このページの内容"},
	"nothing": {"en": "Nothing was found.", "ja": "見つかりませんでした。"},
	"results": {"en": "Results for “%s”", "ja": "「%s」の検索結果"},
	"missing": {"en": "There is no such page", "ja": "ページがありません"},
}

// T is a word of the page's language.
func (v docsView) T(word string) string { return docsWords[word][v.Lang] }

// Contents are the sections that a page lists beside its text, where there are
// several.
func (v docsView) Contents() []docsSection {
	var out []docsSection
	for _, sec := range v.Sections {
		if sec.Level > 1 {
			out = append(out, sec)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

func (s *docsSite) view(language string, p *docsPage) docsView {
	v := docsView{docsPage: p, Lang: language, Other: "ja", OtherName: "日本語", OtherPath: p.Path, Groups: s.groups[language]}
	if language == "ja" {
		v.Other, v.OtherName = "en", "English"
	}
	if s.pages[v.Other][p.Path] == nil {
		v.OtherPath = "index"
	}
	return v
}

func (s *docsSite) page(w http.ResponseWriter, r *http.Request, language string) {
	name := strings.TrimSuffix(r.PathValue("path"), ".md")
	p := s.pages[language][name]
	if p == nil {
		p = s.pages[language][path.Join(name, "index")]
		if p != nil {
			http.Redirect(w, r, "/"+language+"/"+p.Path, http.StatusFound)
			return
		}
		missing := &docsPage{Title: docsWords["missing"][language]}
		missing.Body = template.HTML("<h1>" + template.HTMLEscapeString(missing.Title) + "</h1>")
		s.show(w, http.StatusNotFound, "page.html", s.view(language, missing))
		return
	}
	s.show(w, http.StatusOK, "page.html", s.view(language, p))
}

func (s *docsSite) show(w http.ResponseWriter, status int, name string, v docsView) {
	var b bytes.Buffer
	if err := s.look.ExecuteTemplate(&b, name, v); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may have gone
}
