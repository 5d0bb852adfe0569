package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// saidWords are what a correction says of a fact.
var saidWords = map[string][2]string{
	"never": {"did not happen", "なかった"}, "as_told": {"as it was first told", "最初に届いたとおり"},
	"at": {"at another time", "別の時刻"}, "human": {"by a person", "人による"}, "machine": {"by a machine", "機械による"},
	"fields": {"with other fields", "別の内容"}, "no_consent": {"no valid consent", "同意は無効"},
}

func saysIn(lang, says string) string {
	var list []string
	for word := range strings.FieldsSeq(says) {
		w := saidWords[word]
		list = append(list, words(lang, w[0], w[1]))
	}
	return strings.Join(list, words(lang, ", ", "、"))
}

func (c *cli) printFacts(list *httpd.KnownFactList) {
	lang := c.language("")
	say := func(en, ja string, args ...any) { fmt.Fprintf(c.out, words(lang, en, ja)+"\n", args...) }
	if len(list.Facts) == 0 {
		say("no facts", "事実はありません")
	}
	for i := range list.Facts {
		c.printFact(lang, &list.Facts[i])
	}
	for i := range list.Waiting {
		k := &list.Waiting[i]
		say("waits for %s: %s", "%s を待っています: %s", k.Fact, c.saidLine(lang, k))
	}
	if list.More {
		say("There are older ones: --limit", "これより古いものがあります（--limit）")
	}
}

func (c *cli) printFact(lang string, f *httpd.KnownFactDoc) {
	name := f.Name
	if name == "" {
		name = f.Kind
	}
	line := fmt.Sprintf("%s  %s  %s", f.Ref, c.stamp(f.At), name)
	if len(f.Names) > 1 {
		line += " (" + strings.Join(f.Names[1:], ", ") + ")"
	}
	if f.Other != "" {
		line += " " + f.Other
	}
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		line += fmt.Sprintf(" %s=%v", field, f.Fields[field])
	}
	if f.Never {
		line += "  ✗"
	}
	fmt.Fprintln(c.out, line)
	for i := range f.Corrections {
		fmt.Fprintln(c.out, "    ↳ "+c.saidLine(lang, &f.Corrections[i]))
	}
}

// saidLine is a correction in a line.
func (c *cli) saidLine(lang string, k *httpd.CorrectionDoc) string {
	line := saysIn(lang, k.Says)
	if k.At != nil {
		line += " " + c.stamp(k.At)
	}
	for _, field := range slices.Sorted(maps.Keys(k.Fields)) {
		line += fmt.Sprintf(" %s=%v", field, k.Fields[field])
	}
	line += fmt.Sprintf(words(lang, "; %s, “%s”, %s [%s]", "。%s「%s」%s [%s]"), k.Who, k.Why, c.stamp(k.When), k.ID)
	if k.TakenBack {
		line += words(lang, " (taken back)", "（取り消し済み）")
	}
	return line
}

func (c *cli) printCorrection(d *httpd.CorrectionResult, dry bool) {
	lang := c.language("")
	say := func(en, ja string, args ...any) { fmt.Fprintf(c.out, words(lang, en, ja)+"\n", args...) }
	switch {
	case dry:
		say("Nothing was kept. This is what would change:", "何も保存していません。訂正すると、次のことが変わります。")
	case !d.Kept:
		say("That was said already: %s", "この訂正は受け付け済みです: %s", d.Correction)
	case d.Correction == "":
		say("corrected: %s", "訂正しました: %s", d.Fact)
	case d.Waiting:
		say("The fact has not come; the correction %s waits for it.", "その事実はまだ届いていません。届いたら訂正 %s を使います。", d.Correction)
	default:
		say("corrected: %s, by %s", "%s を訂正しました（訂正の ID: %s）", d.Fact, d.Correction)
	}
	if d.Changes != nil {
		c.printChanges(lang, d.Changes)
	}
}

func (c *cli) printChanges(lang string, d *httpd.CorrectionChanges) {
	row := func(en, ja, format string, args ...any) {
		fmt.Fprintf(c.out, "  %s  "+format+"\n", append([]any{padCells(words(lang, en, ja), 12)}, args...)...)
	}
	if d.Nothing {
		row("nothing", "変化なし", "%s", words(lang, "all is as it was", "すべて今のまま"))
	}
	change := func(en, ja string, list []httpd.ChangeDoc) {
		for _, k := range list {
			row(en, ja, "%s: %v → %v", k.Name, orDashed(k.Before), orDashed(k.After))
		}
	}
	change("score", "スコア", d.Scores)
	if d.Stage != nil {
		row("stage", "ステージ", "%v → %v", d.Stage.Before, d.Stage.After)
	}
	change("attribute", "属性", d.Attributes)
	change("segment", "セグメント", d.Segments)
	change("consent", "同意", d.Consents)
	for _, name := range d.Doubted {
		row("doubted", "見直し", words(lang, "%s would not have been; sales are told", "%s は渡さなかったはず。営業に知らせます"), name)
	}
	acts := func(en, ja string, list []httpd.ActDoc) {
		for _, a := range list {
			row(en, ja, "%s", strings.TrimSpace(a.Kind+" "+a.Subject+" "+a.Detail))
		}
	}
	acts("taken back", "取り消し", d.TakenBack)
	acts("now", "これから", d.Done)
	acts("stays", "そのまま", d.Stands)
	for _, k := range d.Counters {
		part := ""
		if k.Part == 1 {
			part = words(lang, " (denominator)", "（分母）")
		}
		row("counter", "集計", "%s%s %s %s %+d", k.Counter, part, c.local(*k.Hour).Format("2006-01-02T15Z07:00"), k.Labels, k.N)
	}
}

func orDashed(v any) any {
	if v == nil {
		return "–"
	}
	return v
}
