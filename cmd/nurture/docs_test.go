package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-456efde2/nurture/docs"
	"github.com/seed-456efde2/nurture/dsl"
)

// The reference in the repository is what the program generates now.
func TestReferenceIsFresh(t *testing.T) {
	t.Parallel()
	for _, language := range docs.Languages() {
		dir := filepath.Join("..", "..", "docs", language, "reference")
		pages := referencePages(language)
		if *rewrite {
			if err := writePages(dir, pages); err != nil {
				t.Fatal(err)
			}
			continue
		}
		const how = "run go test ./cmd/nurture -run ReferenceIsFresh -rewrite"
		for name, want := range pages {
			got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil || string(got) != want {
				t.Errorf("%s/reference/%s is stale (%v); %s", language, name, err, how)
			}
		}
		err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			rel, _ := filepath.Rel(dir, name)
			if _, ok := pages[filepath.ToSlash(rel)]; err == nil && !e.IsDir() && !ok {
				t.Errorf("%s/reference/%s is generated no more; %s", language, rel, how)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// document is a Markdown file of the repository that people read.
type document struct {
	name string // from the repository's root
	text string
}

func documents(t *testing.T) []document {
	t.Helper()
	root := filepath.Join("..", "..")
	var out []document
	add := func(name string) {
		src, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, document{filepath.ToSlash(name), string(src)})
	}
	for _, pattern := range []string{"README*.md", "docs/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			rel, _ := filepath.Rel(root, name)
			add(rel)
		}
	}
	for _, language := range docs.Languages() {
		files, err := docs.Pages(language)
		if err != nil {
			t.Fatal(err)
		}
		err = fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
			if err == nil && path.Ext(name) == ".md" {
				add(filepath.Join("docs", language, filepath.FromSlash(name)))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// block is a fenced block with what its fence says.
type block struct {
	info  string
	code  string
	files map[string]string // fenced files that follow it
}

var fenced = regexp.MustCompile("(?ms)^```([^\n`]*)\n(.*?)^```$")

// blocks are the fenced blocks of a document. A fence with file=NAME belongs to
// the rules before it.
func (d document) blocks() []block {
	var out []block
	for _, m := range fenced.FindAllStringSubmatch(d.text, -1) {
		if _, name, ok := strings.Cut(m[1], " file="); ok && len(out) > 0 {
			out[len(out)-1].files[name] = m[2]
			continue
		}
		if _, ok := strings.CutPrefix(m[1], "hcl"); ok || m[1] == "sh" {
			out = append(out, block{m[1], m[2], map[string]string{}})
		}
	}
	return out
}

// Every block of rules that the documentation shows is what it says: it loads, is
// formatted and passes its tests, or gives the code that it is an example of.
func TestDocumentedRulesWork(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for _, d := range documents(t) {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			for i, b := range d.blocks() {
				kind := strings.Fields(b.info + " -")
				switch {
				case kind[0] != "hcl":
				case kind[1] == "-" || kind[1] == "prelude":
					checkRules(t, i, b, kind[1] == "prelude")
				case kind[1] == "wrong":
					checkWrongRules(t, i, b)
				case strings.HasPrefix(kind[1], "in=") && strings.Contains(d.name, "/reference/"):
					// Taken from the table, whose own test reads every example.
				default:
					t.Errorf("block %d: ```%s says nothing that is checked", i+1, b.info)
				}
			}
		})
		for _, b := range d.blocks() {
			seen[strings.Fields(b.info)[0]]++
		}
	}
	if seen["hcl"] < 400 || seen["sh"] < 20 {
		t.Errorf("blocks: %v", seen)
	}
}

// folderOf writes a block as a workspace.
func folderOf(t *testing.T, b block, prelude bool) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, src []byte) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, src, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if prelude {
		for name, src := range dsl.ExampleWorkspace() {
			write(name, src)
		}
	}
	write("example.hcl", []byte(b.code))
	for name, src := range b.files {
		write(name, []byte(src))
	}
	return dir
}

func checkRules(t *testing.T, i int, b block, prelude bool) {
	t.Helper()
	dir := folderOf(t, b, prelude)
	for _, args := range [][]string{{"check", dir}, {"test", dir}, {"fmt", "--check", dir}} {
		var out bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader(""), &out, &out); code != exitFine {
			t.Errorf("block %d: nurture %s ends with %d\n%s", i+1, args[0], code, &out)
		}
	}
}

func checkWrongRules(t *testing.T, i int, b block) {
	t.Helper()
	kind := strings.Fields(b.info)
	if len(kind) < 3 {
		t.Errorf("block %d: ```%s names no code", i+1, b.info)
		return
	}
	alone := len(kind) > 3 && kind[3] == "alone"
	_, ds := dsl.LoadDir(folderOf(t, b, !alone), dsl.Options{})
	for _, d := range ds.Items {
		if d.Code == kind[2] {
			return
		}
	}
	t.Errorf("block %d does not give %s:\n%s", i+1, kind[2], ds.Render())
}

var assignment = regexp.MustCompile(`^[A-Z_]+=\S+ `)

// Every command line that the documentation shows is one that the program knows.
func TestDocumentedCommandsExist(t *testing.T) {
	t.Parallel()
	for _, d := range documents(t) {
		for _, b := range d.blocks() {
			if b.info != "sh" {
				continue
			}
			for line := range strings.Lines(b.code) {
				line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
				for assignment.MatchString(line) {
					line = assignment.ReplaceAllString(line, "")
				}
				args, ok := strings.CutPrefix(strings.TrimPrefix(line, "$ "), "nurture ")
				args, _, _ = strings.Cut(args, " > ")
				args, _, _ = strings.Cut(args, " < ")
				if !ok {
					continue
				}
				if err := knows(shellWords(args)); err != nil {
					t.Errorf("%s: %q: %v", d.name, line, err)
				}
			}
		}
	}
}

// shellWord is a word of a command line, quoted or not.
var shellWord = regexp.MustCompile(`(?:"[^"]*"|'[^']*'|[^\s"'])+`)

func shellWords(line string) []string {
	words := shellWord.FindAllString(line, -1)
	for i, w := range words {
		words[i] = strings.Trim(w, `"'`)
	}
	return words
}

var markdownLink = regexp.MustCompile(`\]\(([^()\s]+)\)`)

// Links between pages lead somewhere, to the very heading.
func TestDocumentedLinksLead(t *testing.T) {
	t.Parallel()
	all := documents(t)
	headings := map[string]map[string]bool{}
	for _, d := range all {
		page, err := renderPage(d.name, []byte(d.text))
		if err != nil {
			t.Fatal(err)
		}
		headings[d.name] = map[string]bool{"": true}
		for _, s := range page.Sections {
			headings[d.name][s.Anchor] = true
		}
	}
	links := 0
	for _, d := range all {
		for _, m := range markdownLink.FindAllStringSubmatch(fenced.ReplaceAllString(d.text, ""), -1) {
			to, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(m[1], "mailto:") || strings.HasPrefix(m[1], "cid:") {
				continue
			}
			links++
			target := d.name
			if to != "" {
				target = path.Join(path.Dir(d.name), to)
			}
			if known, ok := headings[target]; ok && !known[fragment] {
				t.Errorf("%s: %s has no heading %q", d.name, target, fragment)
			} else if _, err := os.Stat(filepath.Join("..", "..", target)); err != nil {
				t.Errorf("%s: %s leads nowhere", d.name, m[1])
			}
		}
	}
	if links < 300 {
		t.Errorf("only %d links", links)
	}
}

// Both languages have the same pages.
func TestDocumentationIsBilingual(t *testing.T) {
	t.Parallel()
	pages := map[string][]string{}
	for _, language := range docs.Languages() {
		files, err := docs.Pages(language)
		if err != nil {
			t.Fatal(err)
		}
		err = fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				pages[language] = append(pages[language], name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if en, ja := strings.Join(pages["en"], "\n"), strings.Join(pages["ja"], "\n"); en != ja {
		t.Errorf("English:\n%s\nJapanese:\n%s", en, ja)
	}
}

// Every sentence of the help has its Japanese, and no Japanese is left over.
func TestHelpIsBilingual(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	want := func(where, sentence string) {
		if sentence == "" || used[sentence] {
			return
		}
		used[sentence] = true
		if helpJa[sentence] == "" {
			t.Errorf("%s has no Japanese in docs_help_ja*.go: %q", where, sentence)
		}
	}
	root := allVerbs()
	flags := func(where string, set *pflag.FlagSet) {
		set.VisitAll(func(f *pflag.Flag) {
			if f.Name != "help" && f.Name != "version" && !f.Hidden {
				want(where+" --"+f.Name, f.Usage)
			}
		})
	}
	want("nurture", root.Long)
	flags("nurture", root.PersistentFlags())
	eachVerb(root, func(cmd *cobra.Command) {
		want(verbName(cmd), cmd.Short)
		want(verbName(cmd), cmd.Long)
		flags(verbName(cmd), cmd.LocalNonPersistentFlags())
		flags(verbName(cmd), cmd.PersistentFlags())
	})
	for sentence := range helpJa {
		if !used[sentence] {
			t.Errorf("no help says this any more: %q", sentence)
		}
	}
}

// get asks the site for a page.
func get(t *testing.T, site http.Handler, url string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, url, nil)
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	return w
}

// The site shows every page of both languages under a strict policy, and its own
// links lead to pages it has.
func TestDocsSite(t *testing.T) {
	t.Parallel()
	s, err := newDocsSite()
	if err != nil {
		t.Fatal(err)
	}
	site := s.handler()
	href := regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)`)
	visited := map[string]bool{}
	queue := []string{"/en/index", "/ja/index"}
	for len(queue) > 0 {
		url := queue[0]
		queue = queue[1:]
		if visited[url] {
			continue
		}
		visited[url] = true
		w := get(t, site, url)
		if w.Code != http.StatusOK {
			t.Errorf("%s answers %d", url, w.Code)
			continue
		}
		if strings.HasPrefix(url, "/static/") {
			continue
		}
		checkSecure(t, url, w)
		for _, m := range href.FindAllStringSubmatch(w.Body.String(), -1) {
			queue = append(queue, m[1])
		}
		for _, m := range regexp.MustCompile(`<article>(?s:.*)</article>`).FindAllString(w.Body.String(), -1) {
			for _, l := range regexp.MustCompile(`href="([^/"#:][^":#]*)`).FindAllStringSubmatch(m, -1) {
				queue = append(queue, path.Join(path.Dir(url), l[1]))
			}
		}
	}
	if len(visited) < 300 {
		t.Errorf("only %d pages can be reached", len(visited))
	}
}

func checkSecure(t *testing.T, url string, w *httptest.ResponseRecorder) {
	t.Helper()
	csp, body := w.Header().Get("Content-Security-Policy"), w.Body.String()
	if !strings.Contains(csp, "script-src 'self'; style-src 'self'") || strings.Contains(csp, "unsafe") {
		t.Errorf("%s: policy %q", url, csp)
	}
	for _, forbidden := range []string{"<style", " style=", " onclick=", "<script>", "src=\"http"} {
		if strings.Contains(strings.ToLower(body), forbidden) {
			t.Errorf("%s holds %q", url, forbidden)
		}
	}
	language := url[1:3]
	if !strings.Contains(body, `<html lang="`+language+`">`) {
		t.Errorf("%s is not in its language", url)
	}
}

// The search finds headings before texts, in both languages, whatever the width of
// the letters, and puts nothing of the query into the page unescaped.
func TestDocsSearch(t *testing.T) {
	t.Parallel()
	s, err := newDocsSite()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ language, query, want string }{
		{"en", "half_life", ""},
		{"en", "N103", "N103 Full-width sign"},
		{"en", "quiet hours", ""},
		{"en", "wait", "wait"},
		{"ja", "Ｎ１０３", "N103 全角の記号があります"},
		{"ja", "送らない時間帯", ""},
		{"ja", "営業日", ""},
	} {
		hits := s.find(c.language, c.query)
		if len(hits) == 0 || c.want != "" && hits[0].Heading != c.want {
			t.Errorf("%s: %+v", c.query, hits)
		}
	}
	if hits := s.find("en", "no such words anywhere"); len(hits) > 0 {
		t.Errorf("%+v", hits)
	}
	site := s.handler()
	if body := get(t, site, "/en/search?q=%3Cscript%3Ealert(1)%3C/script%3E").Body.String(); strings.Contains(body, "<script>") {
		t.Errorf("the query stands in the page: %s", body)
	}
	if part := get(t, site, "/ja/search?part=1&q=wait").Body.String(); strings.Contains(part, "<html") || !strings.Contains(part, `href="/ja/reference/steps#wait"`) {
		t.Errorf("%s", part)
	}
	if w := get(t, site, "/en/search?q="+strings.Repeat("%E5%96%B6", 500)); w.Code != http.StatusOK {
		t.Errorf("a long query answers %d", w.Code)
	}
	if w := get(t, site, "/en/nothing"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown page answers %d", w.Code)
	}
	if w := get(t, site, "/en/reference"); w.Header().Get("Location") != "/en/reference/index" {
		t.Errorf("a folder leads to %q", w.Header().Get("Location"))
	}
}

// `nurture docs` serves until it is told to stop, on this machine only.
func TestDocsServe(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan int, 1)
	go func() { done <- run(ctx, []string{"docs", "--json", "--listen", "127.0.0.1:0"}, nil, w, io.Discard) }()
	var said struct{ Schema, URL string }
	if err := json.NewDecoder(r).Decode(&said); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(said.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || said.Schema != schemaVersion {
		t.Errorf("%+v answers %d", said, resp.StatusCode)
	}
	stop()
	if code := <-done; code != exitFine {
		t.Errorf("ends with %d", code)
	}
	var out bytes.Buffer
	if code := run(t.Context(), []string{"docs", "--listen", "0.0.0.0:0"}, nil, &out, &out); code != exitFailed {
		t.Errorf("it listens to everybody: %s", &out)
	}
}

// What the terminal shows of Markdown.
func TestInTerminal(t *testing.T) {
	t.Parallel()
	got := inTerminal("# Title\n\nA [link](x.md) and `code`,\nnext.\n\n- one\n- two\n  more\n\n```hcl\na = 1\n```\n\n> note\n\n| a | 項目 |\n| --- | --- |\n| 日本 | x |\n")
	want := `Title

A link and code,
next.

• one
• two
  more

    a = 1

│ note
│
a     項目
日本  x
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	wide := inTerminal(fmt.Sprintf("| name | text |\n| --- | --- |\n| a | %s |\n", strings.Repeat("w", 120)))
	if !strings.Contains(wide, "a\n    text: www") {
		t.Errorf("%s", wide)
	}
}

// What the tutorial shows of a slip of the pen is what is really said.
func TestTutorialTellsTheTruth(t *testing.T) {
	t.Parallel()
	for _, language := range docs.Languages() {
		d := document{text: readDocument(t, "docs/"+language+"/tutorial.md")}
		rules := strings.Replace(d.blocks()[2].code, `["score.interest >= 50"`, `["score.intrest >= 50"`, 1)
		_, ds := dsl.Load(fstest.MapFS{"rules.hcl": {Data: []byte(rules)}}, dsl.Options{Language: language})
		if len(ds.Items) != 1 || !strings.Contains(d.text, "```text\n"+strings.TrimRight(ds.Render(), "\n")+"\n```") {
			t.Errorf("%s: the tutorial does not show this:\n%s", language, ds.Render())
		}
	}
}

func readDocument(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}
