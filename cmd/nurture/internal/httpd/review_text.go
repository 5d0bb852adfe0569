package httpd

import (
	"encoding/json"
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
)

// A report is written once, as blocks: headings, lines and tables. Markdown, the
// HTML of a mail and the console's page are three ways to set the same blocks.

// reportBlock is a heading, a line, a table, or a chart.
type reportBlock struct {
	heading string
	line    string
	table   [][]string // the head first
	chart   *FunnelDoc
}

// reportBlocks writes a report.
func reportBlocks(d *ReviewDoc, language string, zone *time.Location) []reportBlock {
	w := &reportWriter{ja: language == string(japanese), language: language, zone: zone}
	w.say("%s – %s", d.From.In(zone).Format("2006-01-02 15:04"), d.At.In(zone).Format("2006-01-02 15:04 MST"))
	w.kpis(d)
	for i := range d.Funnels {
		w.funnel(&d.Funnels[i])
	}
	w.tossUps(d)
	w.experiments(d)
	w.changes(d)
	return w.blocks
}

type reportWriter struct {
	ja       bool
	language string
	zone     *time.Location
	blocks   []reportBlock
}

func (w *reportWriter) pick(en, ja string) string {
	if w.ja {
		return ja
	}
	return en
}

func (w *reportWriter) say(form string, args ...any) {
	w.blocks = append(w.blocks, reportBlock{line: fmt.Sprintf(form, args...)})
}

func (w *reportWriter) heading(text string) {
	w.blocks = append(w.blocks, reportBlock{heading: text})
}

func (w *reportWriter) table(rows [][]string) {
	w.blocks = append(w.blocks, reportBlock{table: rows})
}

// shownValue writes a value of a figure, nil as a dash.
func shownValue(value *float64, share bool) string {
	switch {
	case value == nil:
		return "–"
	case share:
		return percent(*value)
	}
	return decimal(*value)
}

func (w *reportWriter) kpis(d *ReviewDoc) {
	if len(d.KPIs) == 0 {
		return
	}
	w.heading(w.pick("Key figures", "主要指標"))
	rows := [][]string{{w.pick("figure", "指標"), w.pick("now", "現在"), w.pick("before", "前回"), w.pick("change", "変化"), w.pick("target", "目標"), w.pick("achieved", "達成")}}
	for i := range d.KPIs {
		k := &d.KPIs[i]
		row := []string{labelOr(k.Label, k.Name), shownValue(k.Value, k.Share), shownValue(k.Before, k.Share), "–", "–", "–"}
		if k.Value != nil && k.Before != nil && *k.Before != 0 {
			row[3] = strings.Join(strings.Fields(Signed(*k.Value / *k.Before - 1)), " ")
		}
		if k.Target != 0 {
			row[4] = shownValue(&k.Target, k.Share)
		}
		if k.Achieved != nil {
			row[5] = whole(*k.Achieved)
		}
		rows = append(rows, row)
	}
	w.table(rows)
}

func (w *reportWriter) funnel(f *FunnelDoc) {
	w.heading(FunnelHead(f, w.language))
	w.blocks = append(w.blocks, reportBlock{chart: f})
	w.table(FunnelTable(f, w.language))
	for _, text := range FunnelSays(f, w.language) {
		w.say("%s", text)
	}
}

func (w *reportWriter) tossUps(d *ReviewDoc) {
	if len(d.TossUps) == 0 {
		return
	}
	w.heading(w.pick("Hand-overs to sales", "営業へのトスアップ"))
	rows := [][]string{{
		w.pick("rule", "ルール"), w.pick("offered", "渡した数"), w.pick("accepted", "受領"), w.pick("rejected", "差し戻し"), w.pick("expired", "期限切れ"),
		w.pick("opportunities", "商談"), w.pick("won", "受注"), w.pick("precision (95 %)", "精度（95%）"), w.pick("before", "前回"),
	}}
	for i := range d.TossUps {
		t := &d.TossUps[i]
		rows = append(rows, append(append([]string{labelOr(t.Label, t.Name)}, tossUpCells(&t.Now)...), shownValue(t.Before.Precision, true)))
	}
	w.table(rows)
	w.versions(d)
}

// versions tells of each version of each rule how good its hand-overs were, and
// whether it is better or worse than the one before it: more is not better.
func (w *reportWriter) versions(d *ReviewDoc) {
	rows := [][]string{{
		w.pick("rule and revisions", "ルールと版"), w.pick("offered", "渡した数"), w.pick("not yet judged", "評価前"),
		w.pick("opportunities", "商談"), w.pick("won", "受注"), w.pick("precision (95 %)", "精度（95%）"), w.pick("verdict", "評価"),
	}}
	var worse []string
	for i := range d.TossUps {
		t := &d.TossUps[i]
		for j := range t.Versions {
			v := &t.Versions[j]
			verdict := "–"
			if v.Verdict != nil {
				verdict = VerdictText(v.Verdict, w.language)
			}
			name := labelOr(t.Label, t.Name) + " r" + VersionName(v)
			rows = append(rows, []string{name, count(v.Offered), count(v.Young), count(v.Opportunities), count(v.Won), RateText(v.Precision), verdict})
			if v.Verdict != nil && v.Verdict.Word == "worse" {
				worse = append(worse, fmt.Sprintf(w.pick("⚠ %s: %s.", "⚠ %s：%s。"), name, verdict))
			}
		}
	}
	if len(rows) > 1 {
		w.table(rows)
	}
	for _, line := range worse {
		w.say("%s", line)
	}
}

func tossUpCells(c *TossUpCounts) []string {
	precision := shownValue(c.Precision, true)
	if c.PrecisionIn != nil {
		precision += " (" + percent(c.PrecisionIn.Low) + "–" + percent(c.PrecisionIn.High) + ")"
	}
	return []string{count(c.Offered), count(c.Accepted), count(c.Rejected), count(c.Expired), count(c.Opportunities), count(c.Won), precision}
}

func (w *reportWriter) experiments(d *ReviewDoc) {
	if len(d.Experiments)+len(d.Holdouts) == 0 {
		return
	}
	w.heading(w.pick("Experiments and hold-outs", "実験と比較群"))
	for i := range d.Experiments {
		x := &d.Experiments[i]
		state := words[x.State].in(lang(w.language))
		line := x.Name + ": " + labelOr(state, x.State)
		if x.Winner != nil {
			line += " · " + x.Winner.Arm
		} else if x.Missing > 0 {
			line += fmt.Sprintf(w.pick(", %s judged leads still to come", "、あと %s 人の判定待ち"), count(x.Missing))
		}
		w.say("%s", line)
	}
	for i := range d.Holdouts {
		h := &d.Holdouts[i]
		if h.Points == nil {
			w.say(w.pick("%s, %s: nobody to compare with yet", "%s、%s: まだ比べられません"), labelOr(h.Label, h.Workflow), h.Goal)
			continue
		}
		w.say(w.pick("%s, %s: %s more than without (%s to %s)", "%s、%s: 何もしない場合との差 %s（%s 〜 %s）"), labelOr(h.Label, h.Workflow), h.Goal, percent(h.Points.Value), percent(h.Points.Low), percent(h.Points.High))
	}
}

func (w *reportWriter) changes(d *ReviewDoc) {
	w.heading(w.pick("Changes since the last one", "前回からの変更"))
	if len(d.Changes) == 0 {
		w.say("%s", w.pick("Nothing was changed.", "変更はありません。"))
	}
	for i := range d.Changes {
		c := &d.Changes[i]
		line := fmt.Sprintf("r%d  %s", c.Revision, c.At.In(w.zone).Format("2006-01-02 15:04"))
		if c.Author != "" {
			line += "  " + c.Author
		}
		if len(c.Files) > 0 {
			line += "  " + strings.Join(c.Files, ", ")
		}
		w.say("%s", line)
		rows := [][]string{{w.pick("figure", "指標"), w.pick("before", "変更前"), w.pick("after", "変更後")}}
		for j := range c.KPIs {
			k := &c.KPIs[j]
			rows = append(rows, []string{labelOr(k.Label, k.Name), shownValue(k.Before, k.Share), shownValue(k.After, k.Share)})
		}
		if len(rows) > 1 {
			w.table(rows)
		}
	}
	if len(d.Rollouts) > 0 {
		w.heading(w.pick("Rolled out step by step", "順に広げた変更"))
		w.table(append([][]string{{w.pick("began", "開始"), w.pick("result", "結果"), "", w.pick("changes", "変更数")}}, rolloutLines(d.Rollouts, w.language, w.zone)...))
	}
}

// ReviewTitle is a report's title.
func ReviewTitle(d *ReviewDoc, language string, zone *time.Location) string {
	return labelOr(d.Label, d.Name) + " " + d.At.In(zone).Format("2006-01-02")
}

// ReviewMarkdown writes a report as Markdown.
func ReviewMarkdown(d *ReviewDoc, language string, zone *time.Location) string {
	var b strings.Builder
	b.WriteString("# " + ReviewTitle(d, language, zone) + "\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ")
	for _, block := range reportBlocks(d, language, zone) {
		switch {
		case block.heading != "":
			b.WriteString("\n## " + block.heading + "\n")
		case block.table != nil:
			b.WriteString("\n")
			for i, row := range block.table {
				b.WriteString("|")
				for _, text := range row {
					b.WriteString(" " + cell.Replace(text) + " |")
				}
				b.WriteString("\n")
				if i == 0 {
					b.WriteString("|---|" + strings.Repeat("---:|", len(row)-1) + "\n")
				}
			}
		case block.line != "":
			b.WriteString("\n" + block.line + "\n")
		}
	}
	return b.String()
}

// ReviewHTML writes a report as a page that stands alone, for a mail and for paper.
// Its look is inline, because mail programs take nothing else. Charts are bars made
// of table cells where it goes as mail: most mail programs show no SVG.
func ReviewHTML(d *ReviewDoc, language string, zone *time.Location, mail bool) string {
	var b strings.Builder
	esc := html.EscapeString
	title := esc(ReviewTitle(d, language, zone))
	fmt.Fprintf(&b, `<!doctype html><html lang="%s"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>%s</title></head>`, esc(language), title)
	b.WriteString(`<body style="font:15px/1.6 system-ui,'Noto Sans JP',sans-serif;max-width:800px;margin:24px auto;padding:0 16px">`)
	fmt.Fprintf(&b, `<h1 style="font-size:22px">%s</h1>`, title)
	for _, block := range reportBlocks(d, language, zone) {
		switch {
		case block.heading != "":
			fmt.Fprintf(&b, `<h2 style="font-size:17px;margin-top:28px">%s</h2>`, esc(block.heading))
		case block.chart != nil && mail:
			b.WriteString(mailBars(block.chart))
		case block.chart != nil:
			b.WriteString(`<div style="overflow-x:auto">` + FunnelSVG(block.chart, language) + `</div>`)
		case block.table != nil:
			writeHTMLTable(&b, block.table)
		default:
			fmt.Fprintf(&b, `<p>%s</p>`, esc(block.line))
		}
	}
	b.WriteString(`</body></html>`)
	return b.String()
}

func writeHTMLTable(b *strings.Builder, rows [][]string) {
	b.WriteString(`<table style="border-collapse:collapse;margin:8px 0">`)
	for i, row := range rows {
		b.WriteString(`<tr>`)
		tag := "td"
		if i == 0 {
			tag = "th"
		}
		for j, text := range row {
			align := "right"
			if j == 0 {
				align = "left"
			}
			fmt.Fprintf(b, `<%s style="padding:4px 10px;border-bottom:1px solid #9aa4b2;text-align:%s;white-space:nowrap">%s</%s>`, tag, align, html.EscapeString(text), tag)
		}
		b.WriteString(`</tr>`)
	}
	b.WriteString(`</table>`)
}

// mailBars draws a funnel as bars of table cells: what is there, of what is needed.
func mailBars(f *FunnelDoc) string {
	var b strings.Builder
	b.WriteString(`<table role="presentation" width="100%" style="border-collapse:collapse">`)
	for i := range f.Steps {
		s := &f.Steps[i]
		share := 0
		if s.Needed > 0 {
			share = int(math.Round(100 * math.Min(1, float64(s.Actual)/float64(s.Needed))))
		}
		color := "#2f6fed"
		if s.Name == f.Bottleneck {
			color = "#b45309"
		}
		fmt.Fprintf(&b, `<tr><td width="22%%" style="padding:3px 8px 3px 0">%s</td><td><table role="presentation" width="100%%" style="border-collapse:collapse"><tr>`, html.EscapeString(labelOr(s.Label, s.Name)))
		if share > 0 {
			fmt.Fprintf(&b, `<td width="%d%%" bgcolor="%s" style="font-size:12px;line-height:14px">&nbsp;</td>`, share, color)
		}
		if share < 100 {
			fmt.Fprintf(&b, `<td width="%d%%" bgcolor="#d7dde6" style="font-size:12px;line-height:14px">&nbsp;</td>`, 100-share)
		}
		fmt.Fprintf(&b, `</tr></table></td><td width="18%%" style="padding-left:8px;text-align:right">%s / %s</td></tr>`, count(s.Actual), count(s.Needed))
	}
	b.WriteString(`</table>`)
	return b.String()
}

// maxPart bounds one part of a report: an event's field holds no more.
const maxPart = engine.MaxFieldLength - 1024

// ReviewParts are a report as the finished parts of a message of a kind.
func ReviewParts(d *ReviewDoc, r *engine.ReviewSpec, language string, zone *time.Location) ([]engine.Field, error) {
	text := func(name, value string) engine.Field { return engine.Field{Name: name, Value: engine.TextValue(value)} }
	markdown := cutReport(ReviewMarkdown(d, language, zone))
	switch r.Kind {
	case "email":
		parts := []engine.Field{text("to", r.To), text("subject", ReviewTitle(d, language, zone)), text("text", markdown)}
		if page := ReviewHTML(d, language, zone, true); len(page) <= maxPart {
			parts = append(parts, text("html", page))
		}
		return parts, nil
	case "webhook":
		b, err := json.Marshal(d)
		if err != nil {
			return nil, fmt.Errorf("write review %s: %w", d.Name, err)
		}
		if len(b) > maxPart { // the figures by month and cohort are in the API
			short := *d
			short.Funnels = slices.Clone(d.Funnels)
			for i := range short.Funnels {
				short.Funnels[i].Periods, short.Funnels[i].Cohorts, short.Funnels[i].Parts = nil, nil, nil
			}
			if b, err = json.Marshal(&short); err != nil {
				return nil, fmt.Errorf("write review %s: %w", d.Name, err)
			}
		}
		return []engine.Field{{Name: "payload", Value: engine.JSONValue(string(b))}}, nil
	}
	parts := []engine.Field{text("message", markdown)}
	if r.To != "" {
		parts = append(parts, text("to", r.To))
	}
	return parts, nil
}

// cutReport cuts a report that is too long at the end of a line.
func cutReport(text string) string {
	if len(text) <= maxPart {
		return text
	}
	return text[:strings.LastIndexByte(text[:maxPart], '\n')+1] + "…\n"
}
