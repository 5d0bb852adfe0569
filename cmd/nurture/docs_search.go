package main

import (
	"cmp"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a search.
const (
	docsQuery = 200 // bytes of what is asked
	docsHits  = 30
)

// docsHit is a section that was found.
type docsHit struct {
	Heading, Page, Path, Anchor, Text string
	rank                              int
}

// find searches headings, and after them what stands below them. All words must
// be there.
func (s *docsSite) find(language, query string) []docsHit {
	asked := strings.Fields(plainText(query[:min(len(query), docsQuery)]))
	if len(asked) == 0 {
		return nil
	}
	var hits []docsHit
	for _, sec := range s.sections[language] {
		if rank, ok := rankOf(asked, &sec); ok {
			hits = append(hits, docsHit{
				Heading: sec.Title, Page: sec.Page, Path: sec.Path, Anchor: sec.Anchor,
				Text: excerpt(sec.Text, asked[0]), rank: rank,
			})
		}
	}
	slices.SortStableFunc(hits, func(a, b docsHit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(len(a.Heading), len(b.Heading)))
	})
	return hits[:min(len(hits), docsHits)]
}

// rankOf is 0 for the heading itself, and more the farther away the words stand.
func rankOf(asked []string, sec *docsSection) (int, bool) {
	heading, page, body := plainText(sec.Title), plainText(sec.Page), plainText(sec.Text)
	rank := 0
	for _, word := range asked {
		switch {
		case heading == word:
		case strings.HasPrefix(heading, word):
			rank += 2
		case strings.Contains(heading, word):
			rank += 4
		case strings.Contains(page, word):
			rank += 8
		case strings.Contains(body, word):
			rank += 16
		default:
			return 0, false
		}
	}
	return rank + sec.Level - 1, true
}

// plainText brings letters to one form: case, full-width letters, half-width kana.
func plainText(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// Characters of an excerpt, and of those how many stand before the word.
const excerptLength, excerptLead = 120, 30

// excerpt is a part of a text around a word, or its beginning.
func excerpt(s, word string) string {
	s = strings.Join(strings.Fields(s), " ")
	runes, before := []rune(s), 0
	if plain := plainText(s); len([]rune(plain)) == len(runes) {
		if at := strings.Index(plain, word); at >= 0 {
			before = max(0, len([]rune(plain[:at]))-excerptLead)
		}
	}
	out := string(runes[before:min(len(runes), before+excerptLength)])
	if before > 0 {
		out = "…" + out
	}
	if before+excerptLength < len(runes) {
		out += "…"
	}
	return out
}

// search shows what is found: as a page, or as a list for the page that asks.
func (s *docsSite) search(w http.ResponseWriter, r *http.Request, language string) {
	query := strings.ToValidUTF8(r.FormValue("q"), "")
	query = strings.ToValidUTF8(query[:min(len(query), docsQuery)], "")
	p := &docsPage{Title: fmt.Sprintf(docsWords["results"][language], query)}
	v := s.view(language, p)
	v.Query, v.Hits = query, s.find(language, query)
	if r.FormValue("part") != "" {
		s.show(w, http.StatusOK, "found", v)
		return
	}
	var list strings.Builder
	if err := s.look.ExecuteTemplate(&list, "found", v); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	p.Body = template.HTML("<h1>" + template.HTMLEscapeString(p.Title) + "</h1><div class=\"hits\">" + list.String() + "</div>")
	s.show(w, http.StatusOK, "page.html", v)
}
