package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Location is a part of a file, in bytes.
type Location struct {
	File  string
	Start int
	End   int
}

func (m mention) location() Location { return Location{m.file, m.start, m.end} }

// Definition is where the name at a byte of a file is declared. A template's name
// leads to the template.
func (a *Analysis) Definition(file string, src []byte, at int) []Location {
	at = atRune(string(src), at)
	if t, ok := a.templateAt(file, src, at); ok {
		return []Location{{File: t}}
	}
	sym, _, ok := a.symbolAt(file, src, at)
	if !ok {
		return nil
	}
	var out []Location
	for _, m := range a.symbols().of(sym) {
		if m.declares {
			out = append(out, m.location())
		}
	}
	return out
}

// templateAt is the template that a text at a place names.
func (a *Analysis) templateAt(file string, src []byte, at int) (string, bool) {
	if strings.HasPrefix(file, templatesDir) {
		return "", false
	}
	s := sketchOf(src).spot(at)
	if s.kind != spotText {
		return "", false
	}
	spec := a.attrSpec(a.specOf(s.block, src), s.block, src, s.attr.name.of(src))
	if spec == nil || spec.Type != TypeTemplateFile {
		return "", false
	}
	lit, ok := s.literal(file)
	name := templatesDir + lit.Value
	return name, ok && slices.Contains(a.b.files.templates, name)
}

// References are all places that name what the name at a byte of a file stands
// for, its declaration among them where that is asked for.
func (a *Analysis) References(file string, src []byte, at int, declaration bool) []Location {
	sym, _, ok := a.symbolAt(file, src, atRune(string(src), at))
	if !ok {
		return nil
	}
	var out []Location
	for _, m := range a.symbols().of(sym) {
		if declaration || !m.declares {
			out = append(out, m.location())
		}
	}
	return out
}

// Edit replaces a part of a file.
type Edit struct {
	Location
	Text string
}

// PrepareRename is the name at a byte of a file that Rename would change; the
// error says why it cannot be.
func (a *Analysis) PrepareRename(file string, src []byte, at int, language string) (Location, string, error) {
	sym, where, ok := a.symbolAt(file, src, atRune(string(src), at))
	if !ok {
		return Location{}, "", sayError(language, Doc{"no declared name stands here", "ここには宣言された名前がありません"})
	}
	if err := a.renamable(sym, language); err != nil {
		return Location{}, "", err
	}
	return Location{file, where.start, where.end}, sym.name, nil
}

func sayError(language string, d Doc) error { return errors.New(d.In(language)) }

// renamable says why a name cannot be another one.
func (a *Analysis) renamable(sym symbol, language string) error {
	special, isSpecial := specialAttrs[sym.name]
	switch _, declared := a.symbols().declaration(sym); {
	case len(a.b.unsound) > 0:
		return sayError(language, Doc{
			a.b.unsound[0] + " cannot be read as HCL: its names would not be changed. Correct it first",
			a.b.unsound[0] + " が HCL として読めないため、その中の名前を変えられません。先に直してください",
		})
	case sym.kind == "event" && isBuiltIn(sym.name), sym.kind == "field" && isBuiltIn(sym.owner) && !declared:
		return sayError(language, Doc{
			sym.name + " is brought by the channels or the engine under this name",
			sym.name + " はチャネルやエンジンがこの名前で起こすものです",
		})
	case !declared:
		return sayError(language, Doc{"nothing is declared under the name " + sym.name, sym.name + " という名前は宣言されていません"})
	case sym.kind == "attribute" && isSpecial:
		return sayError(language, Doc{sym.name + " is known by this name: " + special.why.En, sym.name + " はこの名前で扱われます: " + special.why.Ja})
	case sym.kind == "attribute" && sym.name == a.b.scope.Address:
		return sayError(language, Doc{
			sym.name + " is known by this name: mails go to it", sym.name + " はこの名前で扱われます: メールの宛先です",
		})
	}
	return nil
}

func isBuiltIn(event string) bool {
	return slices.ContainsFunc(builtInEvents, func(e builtInEvent) bool { return e.name == event })
}

// Rename gives the name at a byte of a file another form, everywhere it is named.
func (a *Analysis) Rename(file string, src []byte, at int, name, language string) ([]Edit, error) {
	sym, _, ok := a.symbolAt(file, src, atRune(string(src), at))
	if !ok {
		return nil, sayError(language, Doc{"no declared name stands here", "ここには宣言された名前がありません"})
	}
	if err := a.renamable(sym, language); err != nil {
		return nil, err
	}
	name = norm.NFC.String(strings.TrimSpace(name))
	other := symbol{sym.kind, sym.owner, name}
	_, taken := a.symbols().declaration(other)
	switch {
	case !validName(name) || reservedWords[name]:
		return nil, sayError(language, Doc{
			fmt.Sprintf("%q cannot be a name: write letters of any script, digits and _, beginning with a letter", name),
			fmt.Sprintf("%q は名前にできません。文字、数字、_ を使い、文字で始めてください", name),
		})
	case name != sym.name && (taken || sym.kind == "event" && isBuiltIn(name) || sym.kind == "attribute" && isReserved(name)):
		return nil, sayError(language, Doc{"there is already something called " + name, name + " という名前はすでに使われています"})
	}
	var out []Edit
	for _, m := range a.symbols().of(sym) {
		out = append(out, Edit{m.location(), name})
	}
	return out, nil
}

func isReserved(attr string) bool {
	_, reserved := reservedAttrs[attr]
	return reserved
}

// Fix is a way to put a problem right.
type Fix struct {
	Title   string
	Edit    Edit
	Problem Diagnostic
}

// Fixes are the corrections of the problems that touch a part of a file.
func (a *Analysis) Fixes(file string, start, end int, language string) []Fix {
	var out []Fix
	for _, d := range a.Problems.Items {
		if d.Fix == "" || d.Range.File != file || d.Range.Start.Byte > end || d.Range.End.Byte < start {
			continue
		}
		text := a.fixText(d)
		out = append(out, Fix{
			Title:   Doc{"Write " + d.Suggest, d.Suggest + " に直す"}.In(language),
			Edit:    Edit{Location{file, d.Range.Start.Byte, d.Range.End.Byte}, text},
			Problem: d,
		})
	}
	return out
}

// HalfWidth are the edits that write all full-width signs of a file in half width.
func (a *Analysis) HalfWidth(file string) []Edit {
	var out []Edit
	end := 0
	for _, d := range a.Problems.Items {
		if d.Fix == "" || d.Range.File != file || d.Range.Start.Byte < end || !a.isWide(d) {
			continue
		}
		out = append(out, Edit{Location{file, d.Range.Start.Byte, d.Range.End.Byte}, a.fixText(d)})
		end = d.Range.End.Byte
	}
	return out
}

// isWide reports a problem about full-width signs.
func (a *Analysis) isWide(d Diagnostic) bool { return d.Code == codeFullWidth || d.Code == codeSyntax }

// codeFullWidth is the problem of a full-width sign in an expression; outside of
// quotes it is one of syntax.
const codeFullWidth = "N103"

// fixText is the correction as it has to stand in the file: inside of HCL's
// quotes, a quote and a backslash are escaped.
func (a *Analysis) fixText(d Diagnostic) string {
	src := a.b.sources[d.Range.File]
	if d.Code == codeSyntax && d.Fix == "space" {
		return " "
	}
	if strings.HasPrefix(d.Range.File, templatesDir) || d.Range.Start.Byte > len(src) {
		return d.Fix
	}
	for _, t := range sketchTokens(src) {
		if t.kind == 's' && t.start < d.Range.Start.Byte && d.Range.Start.Byte < t.end {
			raw := requote(d.Fix)
			return raw[1 : len(raw)-1]
		}
	}
	return d.Fix
}

// Outline is a part of a file with the parts in it.
type Outline struct {
	Name     string
	Detail   string
	Kind     string // the block's: "segment"; "heading" in a template
	Whole    Location
	Word     Location // the name
	Children []Outline
}

// Outline is what a file consists of. It needs no analysis.
func OutlineOf(file string, src []byte) []Outline {
	if strings.HasPrefix(file, templatesDir) {
		return headings(file, src)
	}
	return outlines(file, src, sketchOf(src).root)
}

func outlines(file string, src []byte, b *sketchBlock) []Outline {
	var out []Outline
	for _, k := range b.kids {
		o := Outline{
			Name: k.kind.of(src), Kind: k.kind.of(src),
			Whole: Location{file, k.start, k.end}, Word: Location{file, k.kind.start, k.kind.end},
			Children: outlines(file, src, k),
		}
		if o.Name == "" {
			continue
		}
		if len(k.labels) > 0 {
			o.Name += " " + k.label(src)
			o.Word = Location{file, k.labels[0].start, k.labels[0].end}
		}
		if label := k.attr(src, "label"); label != nil {
			o.Detail = strings.Trim(strings.TrimSpace(label.value.of(src)), `"`)
		}
		out = append(out, o)
	}
	return out
}

// headings are the headings of a Markdown template, flat.
func headings(file string, src []byte) []Outline {
	var out []Outline
	at := 0
	for line := range strings.Lines(string(src)) {
		text := strings.TrimRight(line, "\r\n")
		if title := strings.TrimLeft(text, "#"); title != text && strings.HasPrefix(title, " ") {
			where := Location{file, at, at + len(text)}
			out = append(out, Outline{Name: strings.TrimSpace(title), Kind: "heading", Whole: where, Word: where})
		}
		at += len(line)
	}
	return out
}

// Declared is a name with its place, for a search over the workspace.
type Declared struct {
	Name, Kind, In string
	Location
}

// Declarations are the declared names that hold all letters of a query in their
// order.
func (a *Analysis) Declarations(query string) []Declared {
	var out []Declared
	for _, m := range a.symbols().all {
		if m.declares && holdsLetters(m.name+" "+a.label(m.symbol), query) {
			out = append(out, Declared{m.name, m.kind, m.owner, m.location()})
		}
	}
	return out
}

func holdsLetters(s, letters string) bool {
	s = strings.ToLower(s)
	for _, r := range strings.ToLower(letters) {
		i := strings.IndexRune(s, r)
		if i < 0 {
			return false
		}
		s = s[i+len(string(r)):]
	}
	return true
}
