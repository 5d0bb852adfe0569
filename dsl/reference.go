package dsl

import (
	"fmt"
	"strings"
	"unicode"
)

// Topic is one thing that the reference tells of: a block, an attribute, a fact,
// a function, an event, a code. It is a section of a page, and what
// `nurture docs TOPIC` prints.
type Topic struct {
	Kind   string `json:"kind"` // "block", "step", "attribute", "plugin", "value", "operator", "fact", "function", "event", "code"
	Name   string `json:"name"`
	In     string `json:"in,omitempty"` // the blocks around it, outermost first: "workflow.enter"
	Title  string `json:"title"`
	Text   string `json:"text"`   // Markdown
	Page   string `json:"page"`   // slash path below the reference's folder
	Anchor string `json:"anchor"` // of its heading on the page

	level int // of its heading; 0: it is told within another topic
}

// Path is the topic's full name: "workflow.enter.on".
func (t *Topic) Path() string {
	if t.In == "" {
		return t.Name
	}
	return t.In + "." + t.Name
}

// Page is a page of the reference.
type Page struct {
	Path     string // slash path below the reference's folder: "blocks/workflow.md"
	Title    string
	Markdown string
	Topics   []Topic
}

// Reference is the whole reference in the language "ja" or in English. It is a
// function of the tables that the program itself works by.
func Reference(catalog Catalog, language string) []Page {
	m := &manual{catalog: catalog, language: language, root: Schema(catalog), told: map[*Block]Topic{}, claimed: map[*Block]bool{}}
	m.steps = m.root.block("workflow").block("steps").Blocks
	for _, b := range m.root.Blocks {
		m.blockPage(b)
	}
	m.stepsPage()
	m.channelsPage()
	m.valuesPage()
	m.conditionsPage()
	m.eventsPage()
	m.codePages()
	return append([]Page{m.indexPage()}, m.pages...)
}

// Topics are all topics of the reference, page by page.
func Topics(catalog Catalog, language string) []Topic {
	var out []Topic
	for _, p := range Reference(catalog, language) {
		out = append(out, p.Topics...)
	}
	return out
}

// Closest is the candidate that was probably meant by name, or "".
func Closest(name string, candidates []string) string { return closest(name, candidates) }

// manual is a reference in the making.
type manual struct {
	catalog  Catalog
	language string
	root     *Block
	steps    []*Block // what may stand in steps
	pages    []Page
	told     map[*Block]Topic // where each block is told
	claimed  map[*Block]bool  // blocks that have their place: steps stand inside of steps
}

// say picks the sentence of the language.
func (m *manual) say(en, ja string) string { return Doc{en, ja}.In(m.language) }

// page begins a page.
func (m *manual) page(path, title, intro string) *sheet {
	s := &sheet{page: Page{Path: path, Title: title}, slugs: map[string]int{}}
	s.heading(1, title)
	s.paragraph(intro)
	return s
}

// done ends a page.
func (m *manual) done(s *sheet) {
	s.page.Markdown = strings.TrimRight(s.b.String(), "\n") + "\n"
	m.pages = append(m.pages, s.page)
}

// sheet is a page in the making.
type sheet struct {
	page  Page
	b     strings.Builder
	slugs map[string]int
}

func (s *sheet) heading(level int, title string) (anchor string) {
	fmt.Fprintf(&s.b, "%s %s\n\n", strings.Repeat("#", level), title)
	anchor = Anchor(title)
	n := s.slugs[anchor]
	s.slugs[anchor]++
	if n > 0 {
		anchor = fmt.Sprintf("%s-%d", anchor, n)
	}
	return anchor
}

func (s *sheet) paragraph(text string) {
	if text = strings.TrimSpace(text); text != "" {
		s.b.WriteString(text + "\n\n")
	}
}

// topic writes a topic as a section.
func (s *sheet) topic(t Topic) Topic {
	t.Text = strings.TrimSpace(t.Text)
	t.Page, t.Anchor = s.page.Path, s.heading(t.level, t.Title)
	s.paragraph(t.Text)
	s.page.Topics = append(s.page.Topics, t)
	return t
}

// within notes a topic that the section of another one tells of.
func (s *sheet) within(owner, t Topic) {
	t.Page, t.Anchor = owner.Page, owner.Anchor
	s.page.Topics = append(s.page.Topics, t)
}

// Anchor is the name by which a heading can be linked to: small letters, digits,
// - and _, of any script.
func Anchor(heading string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(heading)) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r), r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

// table writes rows as a Markdown table.
func table(head []string, rows [][]string) string {
	var b strings.Builder
	line := func(cells []string) {
		for i, c := range cells {
			c = strings.ReplaceAll(strings.ReplaceAll(c, "\n", " "), "|", `\|`)
			if i == 0 {
				b.WriteString("|")
			}
			b.WriteString(" " + c + " |")
		}
		b.WriteString("\n")
	}
	line(head)
	rule := make([]string, len(head))
	for i := range rule {
		rule[i] = "---"
	}
	line(rule)
	for _, r := range rows {
		line(r)
	}
	return b.String()
}

// tick sets code in a line.
func tick(s string) string {
	if strings.Contains(s, "`") {
		return "`` " + s + " ``"
	}
	return "`" + s + "`"
}

// fence sets code in a block.
func fence(info, code string) string {
	return "```" + info + "\n" + strings.TrimRight(code, "\n") + "\n```\n\n"
}

// indexPage lists the pages.
func (m *manual) indexPage() Page {
	s := m.page("index.md", m.say("Reference", "リファレンス"), m.say(
		"Every word of the language, from the tables that the program itself reads by. `nurture docs TOPIC` prints any of it in a terminal.",
		"この言語のすべての語です。プログラム自身が読み取りに使う表から作られています。`nurture docs 語` で端末にも表示できます。",
	))
	var blocks, rest []string
	for _, p := range m.pages {
		link := fmt.Sprintf("- [%s](%s)", p.Title, p.Path)
		switch {
		case strings.HasPrefix(p.Path, "codes/"):
		case strings.HasPrefix(p.Path, "blocks/"):
			blocks = append(blocks, link+m.say(": ", "：")+m.root.block(p.Title).Doc.In(m.language))
		default:
			rest = append(rest, link)
		}
	}
	rest = append(rest, m.say("- [Commands](commands.md)", "- [コマンド](commands.md)"), m.say("- [API](api.md)", "- [API](api.md)"))
	s.heading(2, m.say("Blocks", "ブロック"))
	s.paragraph(m.root.Doc.In(m.language))
	s.paragraph(strings.Join(blocks, "\n"))
	s.heading(2, m.say("Everything else", "そのほか"))
	s.paragraph(strings.Join(rest, "\n"))
	s.page.Markdown = strings.TrimRight(s.b.String(), "\n") + "\n"
	return s.page
}
