package dsl

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format brings a file into the one form that `nurture fmt` writes: HCL's own
// layout, and conditions spaced alike. A file that cannot be parsed comes back as
// it is, with what is wrong with it: a formatter that guesses loses text.
// Formatting twice changes nothing, and formatting changes no meaning.
func Format(name string, src []byte) ([]byte, Diagnostics) {
	r := &reporter{}
	sources := map[string][]byte{name: src}
	body, sound := parseFile(r, name, src)
	if !sound || body == nil {
		return src, r.diagnostics(sources, "")
	}
	out := hclwrite.Format(formatConditions(body, src))
	return tidyEnd(out), r.diagnostics(sources, "")
}

// tidyEnd ends a file with one line break.
func tidyEnd(src []byte) []byte {
	out := bytes.TrimRight(src, " \t\r\n")
	if len(out) == 0 {
		return nil
	}
	return append(out, '\n')
}

// formatConditions rewrites what stands inside the quotes of conditions and the
// {{ }} of texts, as the table knows them. It works on the file's bytes, from the end to the beginning,
// so that everything else stays as it was written.
func formatConditions(body *hclsyntax.Body, src []byte) []byte {
	root := &node{spec: language(DefaultCatalog()), attrs: map[string]*attribute{}}
	rd := &reader{r: &reporter{}}
	rd.file(root, body, src)
	var literals []formattable
	root.walk(func(n *node) {
		for _, name := range names(n.attrs) {
			a := n.attrs[name]
			switch a.spec.Type {
			case TypeCondition, TypeConditions, TypeAmount, TypeTextExpr:
				for _, at := range quotedRanges(a.src.Expr, src) {
					literals = append(literals, formattable{at, formatExpr})
				}
			case TypeTemplate:
				for _, at := range quotedRanges(a.src.Expr, src) {
					literals = append(literals, formattable{at, formatLine})
				}
			}
		}
	})
	slices.SortFunc(literals, func(a, b formattable) int { return b.at.Start.Byte - a.at.Start.Byte })
	out := slices.Clone(src)
	for _, l := range literals {
		if better, ok := formatLiteral(src, l); ok {
			out = slices.Concat(out[:l.at.Start.Byte], []byte(better), out[l.at.End.Byte:])
		}
	}
	return out
}

// formattable is a quoted string with how its words are formatted.
type formattable struct {
	at     hcl.Range
	format func(string) (string, bool)
}

// formatLine formats the {{ }} of a text in a file of rules.
func formatLine(text string) (string, bool) {
	out, f := formatText(source{text, nowhere})
	return out, len(f.problems) == 0
}

// quotedRanges are the quoted strings of a value; heredocs keep the lines that
// their writer chose.
func quotedRanges(expr hclsyntax.Expression, src []byte) []hcl.Range {
	if list, ok := expr.(*hclsyntax.TupleConsExpr); ok {
		var out []hcl.Range
		for _, e := range list.Exprs {
			out = append(out, quotedRanges(e, src)...)
		}
		return out
	}
	at := expr.Range()
	raw := at.SliceBytes(src)
	if !isQuoted(expr) || len(raw) < 2 || raw[0] != '"' {
		return nil
	}
	return []hcl.Range{at}
}

// formatLiteral is the literal with its expression formatted. Where the way back
// through HCL's escapes does not give the same words, it is left alone.
func formatLiteral(src []byte, l formattable) (string, bool) {
	lit, _, ok := newLiteral(src, l.at)
	if !ok {
		return "", false
	}
	words, ok := l.format(lit.Value)
	if !ok || words == lit.Value {
		return "", false
	}
	raw := requote(words)
	back, _, ok := newLiteral([]byte(raw), hcl.Range{Start: hcl.InitialPos, End: hcl.Pos{Byte: len(raw)}})
	return raw, ok && back.Value == words
}

// requote writes a value as a quoted string of HCL.
func requote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch r {
		case '"', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\t':
			b.WriteString(`\t`)
		case '\r':
			b.WriteString(`\r`)
		case '$', '%':
			b.WriteRune(r)
			if strings.HasPrefix(s[i+1:], "{") {
				b.WriteRune(r)
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
