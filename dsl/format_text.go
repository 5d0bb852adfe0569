package dsl

import "strings"

// FormatTemplate brings the {{ }} of a template into the one form that `nurture
// fmt` writes: a space inside the braces, expressions as in conditions. Everything
// between them is the writer's. A template whose {{ }} cannot be read comes back
// as it is, with what is wrong with it.
func FormatTemplate(name string, src []byte) ([]byte, Diagnostics) {
	r := &reporter{}
	sources := map[string][]byte{name: src}
	file := fileSource(templateFile{Name: name, Source: src})
	out, f := formatText(file)
	r.take(f.problems, file.whole(), nil)
	if ds := r.diagnostics(sources, ""); ds.HasErrors() {
		return src, ds
	}
	bom := src[:len(src)-len(file.text)]
	return append(append([]byte{}, bom...), out...), r.diagnostics(sources, "")
}

// formatText formats the {{ }} of a text. What cannot be read stays as it is.
func formatText(src source) (string, found) {
	var f found
	tags := scanTags(src, &f)
	if len(f.problems) > 0 {
		return src.text, f
	}
	var b strings.Builder
	at := 0
	for _, t := range tags {
		b.WriteString(src.text[at:t.start])
		b.WriteString(formatTag(src.text, t))
		at = t.end
	}
	b.WriteString(src.text[at:])
	if !sameTags(src.text, tags, b.String()) {
		return src.text, f
	}
	return b.String(), f
}

// formatTag is a tag in its form. One that goes over several lines is left to its
// writer.
func formatTag(text string, t tag) string {
	raw := text[t.start:t.end]
	words := text[t.from:t.to]
	if strings.ContainsAny(raw, "\r\n") {
		return raw
	}
	switch t.kind {
	case elseTag:
		return "{{ else }}"
	case endTag:
		return "{{ end }}"
	}
	if better, ok := formatExpr(words); ok {
		words = better
	}
	switch t.kind {
	case ifTag:
		return "{{ if " + words + " }}"
	case forTag:
		return "{{ for " + t.local + " in " + words + " }}"
	}
	return "{{ " + words + " }}"
}

// sameTags reports whether a formatted text is read as the one it came from: as
// many tags of the same kinds, with expressions of the same tokens, and the same
// words between them.
func sameTags(text string, tags []tag, formatted string) bool {
	var f found
	again := scanTags(source{formatted, nowhere}, &f)
	if len(f.problems) > 0 || len(again) != len(tags) {
		return false
	}
	at, to := 0, 0
	for i, t := range tags {
		u := again[i]
		if t.kind != u.kind || t.local != u.local || text[at:t.start] != formatted[to:u.start] {
			return false
		}
		if text[t.from:t.to] != formatted[u.from:u.to] && !sameWords(text[t.from:t.to], formatted[u.from:u.to]) {
			return false
		}
		at, to = t.end, u.end
	}
	return text[at:] == formatted[to:]
}

// sameWords reports whether two expressions have the same tokens.
func sameWords(a, b string) bool {
	var f found
	x, y := readExpr(source{a, nowhere}, &f), readExpr(source{b, nowhere}, &f)
	return x != nil && y != nil && sameTokens(x.tokens, y.tokens)
}
