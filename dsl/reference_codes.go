package dsl

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing/fstest"
)

// referenceFiles are the small workspace that examples stand in, and the notes on
// the codes.
//
//go:embed reference
var referenceFiles embed.FS

// note is what the page of a code says beside the table's own words: why it is a
// problem, with a wrong example and the right one. The examples are loaded to
// show what is really said of them.
//
// The files have the form
//
//	=== N103
//	-- en
//	…
//	-- ja
//	…
//	-- wrong
//	…
//	-- right
//	…
//
// "-- wrong alone" says that the example is a workspace by itself, "-- wrong
// templates/x.md" adds a file to it, and "-- sketch" stands in place of "-- wrong"
// where the real thing is too large to be shown.
type note struct {
	why          Doc
	sketch       string
	wrong, right sample
}

// sample is a few lines of a workspace.
type sample struct {
	rules string
	files map[string]string // beside the rules, by name
	alone bool              // not among the files of the small workspace
}

// exampleFile is the name of a sample's rules among the workspace's files.
const exampleFile = "example.hcl"

// workspace is the sample as files that can be loaded.
func (s sample) workspace() fs.FS {
	out := fstest.MapFS{exampleFile: {Data: []byte(s.rules)}}
	if !s.alone {
		for name, src := range ExampleWorkspace() {
			out[name] = &fstest.MapFile{Data: src}
		}
	}
	for name, src := range s.files {
		out[name] = &fstest.MapFile{Data: []byte(src)}
	}
	return out
}

// ExampleWorkspace are the files of the small workspace that the examples of the
// documentation stand in.
func ExampleWorkspace() map[string][]byte {
	out := map[string][]byte{}
	root, err := fs.Sub(referenceFiles, "reference/prelude")
	if err == nil {
		err = fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			out[name], err = fs.ReadFile(root, name)
			return err
		})
	}
	if err != nil {
		panic(fmt.Sprintf("the embedded workspace of examples: %v", err))
	}
	return out
}

// codeNotes reads the notes on all codes.
func codeNotes() map[string]note {
	out := map[string]note{}
	files, err := fs.Glob(referenceFiles, "reference/codes/*.txt")
	if err != nil || len(files) == 0 {
		panic(fmt.Sprintf("the embedded notes on codes: %v", err))
	}
	for _, name := range files {
		src, err := referenceFiles.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("the embedded notes on codes: %v", err))
		}
		for _, entry := range strings.Split("\n"+string(src), "\n=== ")[1:] {
			id, rest, _ := strings.Cut(entry, "\n")
			out[strings.TrimSpace(id)] = readNote(rest)
		}
	}
	return out
}

func readNote(src string) note {
	var n note
	for _, part := range strings.Split("\n"+src, "\n-- ")[1:] {
		head, text, _ := strings.Cut(part, "\n")
		text = strings.Trim(text, "\n") + "\n"
		kind, arg, _ := strings.Cut(strings.TrimSpace(head), " ")
		switch kind {
		case "en":
			n.why.En = strings.TrimSpace(text)
		case "ja":
			n.why.Ja = strings.TrimSpace(text)
		case "sketch":
			n.sketch = text
		case "wrong":
			n.wrong.take(arg, text)
		case "right":
			n.right.take(arg, text)
		}
	}
	return n
}

func (s *sample) take(arg, text string) {
	switch {
	case arg == "":
		s.rules = text
	case arg == "alone":
		s.alone = true
	default:
		if s.files == nil {
			s.files = map[string]string{}
		}
		s.files[arg] = text
	}
}

// codePages are one page for each code, and the list of all.
func (m *manual) codePages() {
	notes := codeNotes()
	s := m.page("codes.md", m.say("Codes of problems", "問題のコード"), m.say(
		"Every problem that `check` finds has a code. `nurture explain N103` prints its page. An error keeps a workspace from loading; a warning or a note does not.",
		"`check` が見つける問題には、それぞれコードがあります。`nurture explain N103` で、そのページを表示できます。エラーがあると読み込めず、警告とお知らせだけなら読み込めます。",
	))
	var rows [][]string
	var topics []Page
	for _, c := range Codes(m.language) {
		rows = append(rows, []string{"[" + c.ID + "](codes/" + c.ID + ".md)", m.severity(c.Severity), c.Summary})
		topics = append(topics, m.codePage(c, notes[c.ID]))
	}
	s.paragraph(table([]string{m.say("code", "コード"), m.say("degree", "重さ"), m.say("problem", "問題")}, rows))
	m.done(s)
	m.pages = append(m.pages, topics...)
}

func (m *manual) severity(word string) string {
	return map[string]string{
		"error": m.say("error", "エラー"), "warning": m.say("warning", "警告"), "note": m.say("note", "お知らせ"),
	}[word]
}

func (m *manual) codePage(c Code, n note) Page {
	s := &sheet{page: Page{Path: path.Join("codes", c.ID+".md"), Title: c.ID + " " + c.Summary}, slugs: map[string]int{}}
	text := "**" + m.severity(c.Severity) + "** · " + codeText(c, n, m.language)
	s.topic(Topic{Kind: "code", Name: c.ID, Title: s.page.Title, level: 1, Text: text})
	s.page.Markdown = strings.TrimRight(s.b.String(), "\n") + "\n"
	return s.page
}

// codeText is the page of a code without its heading, as Markdown.
func codeText(c Code, n note, language string) string {
	m := &manual{language: language}
	var t strings.Builder
	t.WriteString(n.why.In(language) + "\n\n")
	switch {
	case n.sketch != "":
		t.WriteString(m.say("## Wrong", "## よくない例") + "\n\n" + fence("text", n.sketch))
		for _, sentence := range []string{strings.TrimRight(c.Detail, "。.") + m.say(".", "。"), c.Help} {
			if !strings.Contains(sentence, "…") {
				t.WriteString(sentence + "\n\n")
			}
		}
	case n.wrong.rules != "":
		t.WriteString(m.say("## Wrong", "## よくない例") + "\n\n" + n.wrong.markdown("hcl wrong "+c.ID))
		t.WriteString(fence("text", said(c.ID, n.wrong, language)))
	}
	if n.right.rules != "" {
		info := "hcl prelude"
		if n.right.alone {
			info = "hcl"
		}
		t.WriteString(m.say("## Right", "## 正しい例") + "\n\n" + n.right.markdown(info))
	}
	return t.String()
}

// markdown is the sample as fenced blocks.
func (s sample) markdown(info string) string {
	if s.alone && !strings.HasSuffix(info, "hcl") {
		info += " alone"
	}
	out := fence(info, s.rules)
	for _, name := range names(s.files) {
		out += tick(name) + ":\n\n" + fence("markdown file="+name, s.files[name])
	}
	return out
}

// said is what loading a wrong example says under its code.
func said(id string, s sample, language string) string {
	_, ds := Load(s.workspace(), Options{Language: language})
	only := Diagnostics{Sources: ds.Sources, Language: language}
	for _, d := range ds.Items {
		if d.Code == id {
			only.Items = append(only.Items, d)
		}
	}
	return strings.TrimRight(only.Render(), "\n")
}

// CodePage is the page of a code as Markdown, without its heading.
func CodePage(id, language string) (string, bool) {
	c, ok := Explain(id, language)
	if !ok {
		return "", false
	}
	return codeText(c, codeNotes()[id], language), true
}
