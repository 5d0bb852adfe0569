package httpd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/engine/history"
)

// textsApart are the names of the files that are not the same.
func textsApart(a, b map[string][]byte) []string {
	names := map[string]bool{}
	for name, text := range b {
		if was, ok := a[name]; !ok || string(was) != string(text) {
			names[name] = true
		}
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// DiffText tells a difference in words.
func DiffText(d *DiffDoc, lang string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "r%d → r%d\n", d.From.Number, d.To.Number)
	for i := range d.Changes {
		writeChange(&b, &d.Changes[i], lang)
	}
	switch {
	case len(d.Changes) > 0:
		fmt.Fprintf(&b, pick(lang, "%d added, %d changed, %d removed.\n", "追加 %d、変更 %d、削除 %d。\n"), d.Add, d.Change, d.Remove)
	case len(d.Texts) > 0:
		fmt.Fprintf(&b, pick(lang, "No rule says anything else; texts differ in %s.\n", "ルールの意味に違いはありません。文面が異なるファイル: %s\n"), strings.Join(d.Texts, ", "))
	default:
		b.WriteString(pick(lang, "No difference.\n", "違いはありません。\n"))
	}
	return b.String()
}

// writeChange tells one block that is new, gone or says something else.
func writeChange(b *strings.Builder, c *history.Change, lang string) {
	place := c.File
	if place != "" && c.Op != "-" {
		place = fmt.Sprintf("%s:%d", c.File, c.Line)
	}
	head := c.Op + " " + c.Block
	fmt.Fprintln(b, strings.TrimRight(head+strings.Repeat(" ", max(2, 56-len(head)))+place, " "))
	if c.Op != "~" {
		return
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		fmt.Fprintf(b, "    %s\n", lineText(l))
		if l.OldWords+l.NewWords != "" {
			fmt.Fprintf(b, "      %s\n", wordsText(l, lang))
		}
	}
}
