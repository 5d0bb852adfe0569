package dsl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/seed-456efde2/nurture/engine"
)

// mail is the content of an email step: immutable, shared by all workers.
//
// The template is turned into HTML and plain text once, when it is loaded, with
// marks where values stand. What is left for each lead is to walk the nodes and
// put escaped values between ready-made pieces.
type mail struct {
	subject textTemplate
	preview textTemplate
	footer  textTemplate // under the column: who writes, and from where
	body    textTemplate
	html    []textNode // of a Markdown template
	plain   []textNode
	raw     *rawMail // of an .html template, instead of both
	onPage  bool     // it is no mail but a piece of a web page: links may begin at the site's root
	to      engine.Key
	reads   []engine.Key
	name    string
	place   engine.Place
	sc      *Scope
}

// compileMail compiles a template with the subject of the step.
func compileMail(file templateFile, subject textTemplate, sc *Scope) (engine.Content, []problem) {
	src := fileSource(file)
	m := &mail{subject: subject, name: file.Name, sc: sc, place: engine.Place{File: file.Name, Line: 1, Column: 1}}
	var f found
	if sc.Address == "" {
		f.add("N168", src.place(0, 1))
	}
	m.to = engine.Key{Kind: engine.KeyLead, Name: sc.Address}
	bodyAt := m.front(src, &f)
	body := src.part(bodyAt, len(src.text))
	var problems []problem
	m.body, problems = compileSource(body, sc)
	f.problems = append(f.problems, problems...)
	f.problems = append(f.problems, dollarBraces(body)...)
	if !fatal(f.problems) {
		if strings.HasSuffix(file.Name, ".html") || strings.HasSuffix(file.Name, ".htm") {
			m.raw = compileRaw(m, body, &f)
		} else {
			m.markdown(body, &f)
		}
	}
	if fatal(f.problems) {
		return nil, f.problems
	}
	reads := readsOf(&m.subject, &m.preview, &m.footer, &m.body)
	reads[m.to] = true
	m.reads = sortedKeys(reads)
	return m, f.problems
}

// fileSource is the text of a template file with the way to its places. A byte
// order mark is no part of the text.
func fileSource(file templateFile) source {
	bom := 0
	if strings.HasPrefix(string(file.Source), "\ufeff") {
		bom = len("\ufeff")
	}
	text := string(file.Source[bom:])
	start := hcl.Pos{Line: 1, Column: 1, Byte: bom}
	return source{text, func(from, to int) hcl.Range {
		from = max(0, min(from, len(text)))
		to = max(from, min(to, len(text)))
		return hcl.Range{
			Filename: file.Name,
			Start:    advance(start, []byte(text[:from])),
			End:      advance(start, []byte(text[:to])),
		}
	}}
}

// frontKeys are the lines that may stand between --- at the top of a template.
var frontKeys = []string{"preview", "footer"}

// front reads the lines between --- at the top, and returns where the body
// begins. Without a second --- the first is a divider.
func (m *mail) front(src source, f *found) int {
	var lines []source
	at := 0
	for line := range strings.Lines(src.text) {
		text := strings.TrimRight(line, "\r\n ")
		switch {
		case at == 0 && text != "---":
			return 0
		case at > 0 && text == "---":
			for _, l := range lines {
				m.frontLine(l, f)
			}
			return at + len(line)
		case at > 0 && strings.TrimSpace(text) != "" && !strings.HasPrefix(text, "#"):
			lines = append(lines, src.part(at, at+len(text)))
		}
		at += len(line)
	}
	return 0
}

func (m *mail) frontLine(line source, f *found) {
	key, value, ok := strings.Cut(line.text, ":")
	name := strings.TrimSpace(key)
	if !ok || !slices.Contains(frontKeys, name) {
		p := f.add("N162", line.place(0, len(key)), name, strings.Join(frontKeys, ", "))
		p.Suggest = closest(name, frontKeys)
		return
	}
	from := len(key) + 1 + len(value) - len(strings.TrimLeft(value, " \t"))
	to := len(line.text)
	if quote := line.text[min(from, to-1)]; to-from >= 2 && (quote == '"' || quote == '\'') && line.text[to-1] == quote {
		from, to = from+1, to-1
	}
	text, problems := compileSource(line.part(from, to), m.sc)
	f.problems = append(f.problems, problems...)
	if name == "footer" {
		m.footer = text
		return
	}
	m.preview = text
}

// dollarBraces finds ${ in a template, where HCL's way of inserting does not
// work.
func dollarBraces(src source) []problem {
	var f found
	for i := 0; ; i++ {
		n := strings.Index(src.text[i:], "${")
		if n < 0 {
			return f.problems
		}
		i += n
		p := f.add("N156", src.place(i, i+2))
		if end := strings.IndexAny(src.text[i:], "}\n"); end > 2 && src.text[i+end] == '}' {
			p.Range = src.place(i, i+end+1)
			p.Suggest = "{{ " + strings.TrimSpace(src.text[i+2:i+end]) + " }}"
		}
	}
}

// Reads implements engine.Expr.
func (m *mail) Reads() []engine.Key { return m.reads }

// Place implements engine.Expr.
func (m *mail) Place() engine.Place { return m.place }

// Source implements engine.Expr: the template's name.
func (m *mail) Source() string { return m.name }

// layoutVersion is part of a mail's meaning, so that a new layout is a new
// revision.
const layoutVersion = "2"

// Meaning implements engine.Expr.
func (m *mail) Meaning() string {
	return strings.Join([]string{
		"mail", layoutVersion, m.sc.Language, m.to.String(), m.subject.Meaning(), m.preview.Meaning(), m.footer.Meaning(), m.body.Meaning(),
	}, "\x00")
}

// Address is the fact that the mail goes to, for the engine to see whether there
// is one.
func (m *mail) Address() engine.Key { return m.to }

// Render implements engine.Content.
func (m *mail) Render(v *engine.Vars) ([]engine.Field, error) {
	to, _ := v.Facts[m.to.String()].(string)
	if to = oneLine(to); to == "" {
		return nil, fmt.Errorf("render %s: the lead has no %s", m.name, m.to.Name)
	}
	subject, err := m.subject.renderIn(v, m.sc)
	if err != nil {
		return nil, fmt.Errorf("render the subject of %s: %w", m.name, err)
	}
	preview, err := m.preview.renderIn(v, m.sc)
	if err != nil {
		return nil, fmt.Errorf("render the preview of %s: %w", m.name, err)
	}
	html, plain, err := m.parts(v)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", m.name, err)
	}
	return []engine.Field{
		{Name: "to", Value: engine.TextValue(to)},
		{Name: "subject", Value: engine.TextValue(oneLine(subject))},
		{Name: "preview", Value: engine.TextValue(oneLine(preview))},
		{Name: "html", Value: engine.TextValue(html)},
		{Name: "text", Value: engine.TextValue(plain)},
	}, nil
}

func (m *mail) parts(v *engine.Vars) (html, plain string, err error) {
	if m.raw != nil {
		return m.raw.render(v, m.sc)
	}
	if html, err = renderNodes(m.html, v, m.sc); err != nil {
		return "", "", err
	}
	if plain, err = renderNodes(m.plain, v, m.sc); err != nil {
		return "", "", err
	}
	return strings.ReplaceAll(html, listSeam, ""), tidy(plain), nil
}

// listSeam is what stands between two lists that follow each other. It is taken
// out: an {{ if }} or {{ for }} around items makes several lists of one.
const listSeam = "</ul>\n" + listOpening

// renderNodes renders nodes that belong to no template.
func renderNodes(nodes []textNode, v *engine.Vars, sc *Scope) (string, error) {
	w := newWriter(v, sc)
	if err := w.nodes(nodes); err != nil {
		return "", err
	}
	return w.done(), nil
}

// renderIn is render for a text that may not be there.
func (t *textTemplate) renderIn(v *engine.Vars, sc *Scope) (string, error) {
	return renderNodes(t.nodes, v, sc)
}

// tidy takes away what parts that were left out leave behind: more than one empty
// line, empty lines between the items of a list, spaces at the end of a line.
func tidy(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	empty, wasItem := 0, false
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" {
			empty++
			continue
		}
		item := strings.HasPrefix(line, "- ")
		if empty > 0 && b.Len() > 0 && !(item && wasItem) {
			b.WriteByte('\n')
		}
		empty, wasItem = 0, item
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}
