package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// printKPIs shows all figures, one a line.
func (c *cli) printKPIs(docs []httpd.KPIDoc) error {
	lang := c.language("")
	if len(docs) == 0 {
		fmt.Fprintln(c.out, words(lang, "The rules have no kpi.", "ルールに kpi はありません。"))
		return nil
	}
	rows := [][]string{{
		words(lang, "kpi", "指標"), words(lang, "value", "値"), words(lang, "95% interval", "95%区間"), words(lang, "target", "目標"),
		words(lang, "achieved", "達成率"), words(lang, "state", "状態"), words(lang, "not judged yet", "判定前"), "",
	}}
	for i := range docs {
		d := &docs[i]
		waiting := ""
		if d.Total.Waiting > 0 {
			waiting = whole(d.Total.Waiting)
		}
		rows = append(rows, []string{
			d.Name, valueText(d, &d.Total), intervalText(&d.Total), targetText(d), achievedText(d), levelWord(lang, d.State), waiting, curve(d.History),
		})
	}
	c.printRows(rows)
	return nil
}

// printKPI shows one figure with its parts and what to try.
func (c *cli) printKPI(d *httpd.KPIDoc) error {
	lang := c.language("")
	title := d.Name
	if d.Label != "" {
		title += "  " + d.Label
	}
	fmt.Fprintln(c.out, title)
	fmt.Fprintln(c.out, "  "+d.Of+within(lang, d))
	rows := [][]string{
		{words(lang, "value", "値"), valueText(d, &d.Total) + sampleText(lang, d, &d.Total)},
		{words(lang, "95% interval", "95%区間"), orDash(intervalText(&d.Total))},
		{words(lang, "target", "目標"), orDash(targetText(d)) + " " + betterWord(lang, d)},
		{words(lang, "achieved", "達成率"), orDash(achievedText(d))},
		{words(lang, "state", "状態"), orDash(levelWord(lang, d.State))},
		{words(lang, "not judged yet", "判定前"), whole(d.Total.Waiting)},
		{words(lang, "course", "推移"), orDash(curve(d.History))},
	}
	if d.Volume {
		rows = append(rows, []string{words(lang, "volume", "量"), words(lang, "it tells how much was done; more is not better by itself", "どれだけ行ったかを表す数で、多いほど良いとは限りません")})
	}
	c.printRows(rows)
	c.printWatches(lang, d)
	c.printParts(lang, d)
	for _, r := range d.Reasons {
		fmt.Fprintf(c.out, words(lang, "  not reachable: %s %d\n", "  送れない理由: %s %d\n"), r.Reason, r.Count)
	}
	if a := d.Advice; a != nil {
		fmt.Fprintf(c.out, "\n%s\n", a.Likely.In(lang))
		for _, t := range a.Try {
			line := "  - " + t.In(lang)
			if t.Write != "" {
				line += "  [" + t.Write + "]"
			}
			fmt.Fprintln(c.out, line)
		}
	}
	return nil
}

func (c *cli) printWatches(lang string, d *httpd.KPIDoc) {
	for _, w := range d.Watches {
		fmt.Fprintf(c.out, "  %s (%s): %s\n", w.Name, w.When, levelWord(lang, w.State))
	}
}

func (c *cli) printParts(lang string, d *httpd.KPIDoc) {
	if len(d.Parts) == 0 {
		return
	}
	fmt.Fprintln(c.out)
	rows := [][]string{{
		words(lang, "by", "内訳"), words(lang, "value", "値"), words(lang, "counted", "件数"), words(lang, "95% interval", "95%区間"),
		words(lang, "not judged yet", "判定前"), words(lang, "state", "状態"),
	}}
	for i := range d.Parts {
		p := &d.Parts[i]
		counted := whole(p.Count)
		if d.Kind == "rate" {
			counted += " / " + whole(p.Of)
		}
		rows = append(rows, []string{
			labelsLine(p.Labels), valueText(d, &p.FigureDoc), counted, intervalText(&p.FigureDoc), whole(p.Waiting), levelWord(lang, p.State),
		})
	}
	c.printRows(rows)
}

func within(lang string, d *httpd.KPIDoc) string {
	text := ""
	if d.Within != "" {
		text = words(lang, " within ", "、期限 ") + d.Within
	}
	if d.Window != "" {
		text += words(lang, ", over ", "、集計期間 ") + d.Window
	}
	return text
}

// valueText is a figure as a person reads it: a share in percent.
func valueText(d *httpd.KPIDoc, f *httpd.FigureDoc) string {
	switch {
	case d.Kind == "count":
		return whole(f.Count)
	case f.Value == nil:
		return "–"
	case isShare(d, f):
		return percent(*f.Value)
	}
	return figureNumber(*f.Value)
}

// isShare reports a figure that is N of Of.
func isShare(d *httpd.KPIDoc, f *httpd.FigureDoc) bool { return d.Kind == "rate" || f.Of > 0 }

func figureNumber(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return whole(int64(v))
	}
	if math.Abs(v) >= 1000 {
		return whole(int64(math.Round(v)))
	}
	return fmt.Sprintf("%.3g", v)
}

func sampleText(lang string, d *httpd.KPIDoc, f *httpd.FigureDoc) string {
	text := ""
	if isShare(d, f) {
		text = fmt.Sprintf("  (%d / %d)", f.Count, f.Of)
	}
	if f.Few {
		text += fmt.Sprintf(words(lang, "  too few to judge: %d are needed", "  件数不足（%d 件必要）"), d.MinSample)
	}
	return text
}

func intervalText(f *httpd.FigureDoc) string {
	if f.Low == nil || f.High == nil {
		return ""
	}
	return percent(*f.Low) + "–" + percent(*f.High)
}

func targetText(d *httpd.KPIDoc) string {
	switch {
	case d.Target == 0:
		return ""
	case isShare(d, &d.Total):
		return percent(d.Target)
	}
	return figureNumber(d.Target)
}

func achievedText(d *httpd.KPIDoc) string {
	if d.Achieved == nil {
		return ""
	}
	return fmt.Sprintf("%.0f%%", *d.Achieved*100)
}

func betterWord(lang string, d *httpd.KPIDoc) string {
	if d.Better == "lower" {
		return words(lang, "(lower is better)", "（低いほど良い）")
	}
	return words(lang, "(higher is better)", "（高いほど良い）")
}

// levelWord is the state of a threshold in words.
func levelWord(lang, state string) string {
	switch state {
	case "ok":
		return words(lang, "ok", "良好")
	case "pending":
		return words(lang, "pending", "悪化の兆し")
	case "firing":
		return words(lang, "firing", "悪化")
	case "recovering":
		return words(lang, "recovering", "回復中")
	case "no_data":
		return words(lang, "no data", "データ不足")
	}
	return state
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// curve draws values in one line of text. What was not judged leaves a gap.
func curve(points []httpd.PointDoc) string {
	const bars = "▁▂▃▄▅▆▇█"
	top := 0.0
	for i := range points {
		if v := points[i].Value; v != nil {
			top = max(top, *v)
		}
	}
	var b strings.Builder
	for i := range points {
		switch v := points[i].Value; {
		case v == nil:
			b.WriteRune('·')
		case top <= 0:
			b.WriteRune([]rune(bars)[0])
		default:
			b.WriteRune([]rune(bars)[min(7, int(max(0, *v)/top*7.999))])
		}
	}
	return b.String()
}

// printCSV prints rows as spreadsheets on every system read them: UTF-8 with a byte
// order mark, lines ended by CR LF. A cell that a spreadsheet would take for a
// formula is quoted by an apostrophe.
func (c *cli) printCSV(rows [][]string) error {
	if _, err := fmt.Fprint(c.out, "\ufeff"); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	w := csv.NewWriter(c.out)
	w.UseCRLF = true
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if cell != "" && strings.ContainsRune("=+@\t", rune(cell[0])) {
				cell = "'" + cell
			}
			cells[i] = cell
		}
		if err := w.Write(cells); err != nil {
			return fmt.Errorf("write the table: %w", err)
		}
	}
	w.Flush()
	return w.Error()
}
