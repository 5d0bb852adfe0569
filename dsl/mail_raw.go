package dsl

import (
	"bytes"
	"errors"
	"html"
	"html/template"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// rawMail is an .html template. The author's HTML may hold anything, so values
// are escaped by html/template, which knows in what surroundings each stands.
type rawMail struct {
	page  *template.Template
	nodes []*textNode // by the number that the page calls them
}

// compileRaw turns the nodes into a page of html/template whose actions call back
// by number: {{ expr }} becomes {{.Value 3}}.
func compileRaw(m *mail, body source, f *found) *rawMail {
	if at := bareAngle(body.text); at >= 0 {
		f.add("N167", body.place(at, at+1), Doc{"there are too many < that begin no tag", "タグになっていない < が多すぎます"})
		return nil
	}
	r := &rawMail{}
	var b strings.Builder
	r.write(&b, withPreview(m.body.nodes, m.hidden()))
	page, err := template.New("mail").Parse(b.String())
	if err == nil {
		r.page = page
		// The surroundings are worked out at the first run; a place that is not
		// safe has to be found now.
		err = page.Execute(io.Discard, &rawRun{})
	}
	var unsafe *template.Error
	if errors.As(err, &unsafe) {
		f.add("N167", lineOf(body, unsafe.Line), unsafeReason(unsafe.ErrorCode))
		return nil
	}
	if err != nil {
		f.add("N167", body.place(0, 1), unsafeReason(template.OK))
		return nil
	}
	return r
}

// bodyTag is where the page of a raw template begins to be seen.
var bodyTag = regexp.MustCompile(`(?i)<body(?:\s[^<>]*)?>`)

// withPreview puts the hidden preview behind the page's body tag, or before
// everything where there is none. A body tag with {{ }} inside is not recognised;
// the preview then stands before the page, which mail programs bear.
func withPreview(nodes, hidden []textNode) []textNode {
	if len(hidden) == 0 {
		return nodes
	}
	for i := range nodes {
		if nodes[i].value != nil || nodes[i].isControl() || nodes[i].fixed {
			continue
		}
		if m := bodyTag.FindStringIndex(nodes[i].literal); m != nil {
			before, after := nodes[i], nodes[i]
			before.literal, after.literal = nodes[i].literal[:m[1]], nodes[i].literal[m[1]:]
			return slices.Concat(nodes[:i], []textNode{before}, hidden, []textNode{after}, nodes[i+1:])
		}
	}
	return slices.Concat(hidden, nodes)
}

// unsafeReason says what html/template found.
func unsafeReason(code template.ErrorCode) Doc {
	switch code {
	case template.ErrBranchEnd, template.ErrRangeLoopReentry:
		return Doc{"the ways of an {{ if }} or the rounds of a {{ for }} end in different places of the HTML", "{{ if }} や {{ for }} の終わりで HTML の状態が食い違っています"}
	case template.ErrEndContext:
		return Doc{"the HTML ends inside a tag, a quote or a script", "HTML がタグや引用符の途中で終わっています"}
	case template.ErrAmbigContext, template.ErrSlashAmbig:
		return Doc{"it is not clear in what part of the HTML it stands", "HTML のどの部分にあるのか決まりません"}
	}
	return Doc{"the HTML around it cannot be read", "前後の HTML が読めません"}
}

// bareAngle finds the first < that begins no tag where there are very many:
// html/template takes quadratic time over them. It is -1 where there are few.
func bareAngle(s string) int {
	const most = 1000
	first, n := -1, 0
	for i := range len(s) {
		if s[i] != '<' || i+1 < len(s) && (s[i+1] == '/' || s[i+1] == '!' || s[i+1]|0x20 >= 'a' && s[i+1]|0x20 <= 'z') {
			continue
		}
		if n++; first < 0 {
			first = i
		}
	}
	if n > most {
		return first
	}
	return -1
}

// lineOf is a line of the source; a page has as many lines as its source.
func lineOf(body source, line int) hcl.Range {
	from := 0
	for range line - 1 {
		n := strings.IndexByte(body.text[from:], '\n')
		if n < 0 {
			break
		}
		from += n + 1
	}
	to := len(body.text)
	if n := strings.IndexByte(body.text[from:], '\n'); n >= 0 {
		to = from + n
	}
	return body.place(from, to)
}

func (r *rawMail) number(n *textNode) string {
	r.nodes = append(r.nodes, n)
	return strconv.Itoa(len(r.nodes) - 1)
}

func (r *rawMail) write(b *strings.Builder, nodes []textNode) {
	for i := range nodes {
		n := &nodes[i]
		switch {
		case n.value != nil || n.fixed:
			b.WriteString("{{$.Value " + r.number(n) + "}}")
		case n.cond != nil:
			b.WriteString("{{if $.Holds " + r.number(n) + "}}")
			r.write(b, n.then)
			b.WriteString("{{else}}")
			r.write(b, n.other)
			b.WriteString("{{end}}")
		case n.list != nil:
			number := r.number(n)
			b.WriteString("{{range $i := $.Items " + number + "}}{{if $.Next " + number + " $i}}")
			r.write(b, n.then)
			b.WriteString("{{end}}{{end}}")
		default:
			b.WriteString(n.literal)
		}
	}
}

// rawRun answers the page's calls for one lead. The zero run answers nothing: the
// page is tried out with it.
type rawRun struct {
	mail  *rawMail
	w     textWriter
	items map[int][]string
	steps int
	err   error
}

// step counts, so that loops in loops end even where they write nothing.
func (r *rawRun) step() error {
	if r.steps++; r.steps > maxSteps {
		return errTooLong
	}
	return nil
}

// Value is the text of a {{ }}.
func (r *rawRun) Value(i int) string {
	if r.mail == nil {
		return ""
	}
	n := r.mail.nodes[i]
	if n.fixed {
		return n.literal
	}
	v, err := n.value.eval(r.w.s, r.w.facts)
	if err != nil {
		r.err = err
	}
	return withoutControl(string(appendValue(nil, v, r.w.lang)))
}

// Holds answers an {{ if }}.
func (r *rawRun) Holds(i int) bool {
	if r.mail == nil {
		return true
	}
	v, err := r.mail.nodes[i].cond.eval(r.w.s, r.w.facts)
	if err != nil {
		r.err = err
	}
	return v == true
}

// Items counts the rounds of a {{ for }}.
func (r *rawRun) Items(i int) []int {
	if r.mail == nil {
		return []int{0}
	}
	v, err := r.mail.nodes[i].list.eval(r.w.s, r.w.facts)
	if err != nil {
		r.err = err
	}
	r.items[i] = r.w.items(v)
	rounds := make([]int, len(r.items[i]))
	for k := range rounds {
		rounds[k] = k
	}
	return rounds
}

// Next sets the variable of a {{ for }} for a round.
func (r *rawRun) Next(i, round int) (bool, error) {
	if r.mail != nil {
		r.w.facts[localFact(r.mail.nodes[i].local)] = r.items[i][round]
	}
	return true, r.step()
}

// bounded stops a page that grows too long.
type boundedBuffer struct{ bytes.Buffer }

// Write implements io.Writer.
func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxOutput {
		return 0, errTooLong
	}
	return b.Buffer.Write(p)
}

func (r *rawMail) render(v *engine.Vars, sc *Scope) (page, plain string, err error) {
	run := &rawRun{mail: r, w: newWriter(v, sc), items: map[int][]string{}}
	run.w.facts = maps.Clone(v.Facts)
	var out boundedBuffer
	if err := r.page.Execute(&out, run); err != nil {
		return "", "", errors.Join(errTooLongOr(err), run.err)
	}
	if run.err != nil {
		return "", "", run.err
	}
	return out.String(), plainOf(withoutPreview(out.String())), nil
}

// withoutPreview takes the hidden preview out of a page.
func withoutPreview(page string) string {
	before, rest, ok := strings.Cut(page, hiddenBegin)
	if !ok {
		return page
	}
	_, after, _ := strings.Cut(rest, hiddenEnd)
	return before + after
}

// errTooLongOr keeps an error of html/template from quoting what it was given.
func errTooLongOr(err error) error {
	if errors.Is(err, errTooLong) {
		return errTooLong
	}
	return errors.New("the page cannot be rendered")
}

// plainOf is the plain text of a page: its words, with lines where blocks end and
// addresses behind links.
func plainOf(page string) string {
	var b strings.Builder
	var hrefs []string
	for page != "" {
		at := strings.IndexByte(page, '<')
		if at < 0 {
			at = len(page)
		}
		writeWords(&b, page[:at])
		if page = page[at:]; page == "" {
			break
		}
		name, attrs, rest := htmlTag(page)
		page = rest
		switch name {
		case "style", "script", "head", "title", "!--":
			page = afterTag(page, name)
		case "a":
			hrefs = append(hrefs, hrefOf(attrs))
		case "/a":
			if n := len(hrefs); n > 0 {
				if hrefs[n-1] != "" {
					b.WriteString(" (" + hrefs[n-1] + ")")
				}
				hrefs = hrefs[:n-1]
			}
		case "li":
			b.WriteString("\n- ")
		case "br", "br/", "tr", "/tr", "/div", "/li", "/table":
			b.WriteString("\n")
		case "/p", "/h1", "/h2", "/h3", "/h4", "/ul", "/ol", "/blockquote", "hr":
			b.WriteString("\n\n")
		}
	}
	return tidy(strings.TrimLeft(b.String(), "\n "))
}

// writeWords writes a text between tags with its spaces as one.
func writeWords(b *strings.Builder, s string) {
	words := strings.Join(strings.Fields(html.UnescapeString(s)), " ")
	if words == "" {
		return
	}
	if b.Len() > 0 && s[0] <= ' ' && !strings.HasSuffix(b.String(), "\n") {
		b.WriteByte(' ')
	}
	b.WriteString(words)
	if s[len(s)-1] <= ' ' {
		b.WriteByte(' ')
	}
}

// htmlTag reads the tag that the page begins with.
func htmlTag(page string) (name, attrs, rest string) {
	if strings.HasPrefix(page, "<!--") {
		return "!--", "", page[4:]
	}
	end := len(page)
	var quote byte
	for i := 1; i < len(page); i++ {
		c := page[i]
		if quote != 0 {
			if c == quote {
				quote = 0
			}
			continue
		}
		if c == '"' || c == '\'' {
			quote = c
		}
		if c == '>' {
			end = i
			break
		}
	}
	inside := page[1:end]
	name = strings.ToLower(inside)
	if n := strings.IndexAny(inside, " \t\r\n"); n >= 0 {
		name, attrs = strings.ToLower(inside[:n]), inside[n:]
	}
	return name, attrs, page[min(end+1, len(page)):]
}

// afterTag passes over an element with everything in it.
func afterTag(page, name string) string {
	if name == "!--" {
		_, after, _ := strings.Cut(page, "-->")
		return after
	}
	for {
		n := strings.Index(page, "</")
		if n < 0 {
			return ""
		}
		page = page[n+2:]
		if len(page) >= len(name) && strings.EqualFold(page[:len(name)], name) {
			_, after, _ := strings.Cut(page, ">")
			return after
		}
	}
}

// hrefOf is where a link leads.
func hrefOf(attrs string) string {
	n := strings.Index(strings.ToLower(attrs), "href=")
	if n < 0 {
		return ""
	}
	value := attrs[n+len("href="):]
	if value == "" {
		return ""
	}
	if value[0] == '"' || value[0] == '\'' {
		value, _, _ = strings.Cut(value[1:], value[:1])
	} else {
		value, _, _ = strings.Cut(value, " ")
	}
	return html.UnescapeString(value)
}
