package httpd

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The chart of a funnel is one SVG that stands alone: in a page, in a mail, on
// paper. It names itself for who does not see it, and it follows the reader's light
// or dark screen; on paper it is drawn on white.

const chartStyle = `<style>.c{--i:#1f2937;--s:#5b6472;--b:#2f6fed;--n:#d7dde6;--w:#b45309;font:13px system-ui,"Noto Sans JP",sans-serif}` +
	`.c text{fill:var(--i)}.c .s{fill:var(--s)}.c .b{fill:var(--b)}.c .n{fill:var(--n)}.c .w{fill:var(--w)}.c .t{font-weight:600;font-size:15px}.c .e{text-anchor:end}.c .f{stroke:var(--i);stroke-width:2}` +
	`@media (prefers-color-scheme:dark){.c{--i:#e5e9f0;--s:#a3acba;--b:#7aa7ff;--n:#38414f;--w:#f5b14c}}` +
	`@media print{.c{--i:#000;--s:#333;--b:#2f6fed;--n:#d7dde6;--w:#b45309}}</style>`

// FunnelSVG draws a funnel: for each step a bar of what is needed, with the actual
// on it, a mark at what is needed by today, and a line over the forecast's interval.
func FunnelSVG(d *FunnelDoc, language string) string {
	const width, left, right, top, row = 860, 150, 300, 56, 46
	height := top + row*len(d.Steps) + 24*len(FunnelSays(d, language)) + 12
	said := FunnelSays(d, language)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="c" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="t-%s d-%s">`,
		width, height, width, height, html.EscapeString(d.Name), html.EscapeString(d.Name))
	fmt.Fprintf(&b, `<title id="t-%s">%s</title><desc id="d-%s">%s</desc>%s`, html.EscapeString(d.Name), html.EscapeString(FunnelHead(d, language)),
		html.EscapeString(d.Name), html.EscapeString(chartText(d, language, said)), chartStyle)
	fmt.Fprintf(&b, `<text class="t" x="0" y="22">%s</text>`, html.EscapeString(FunnelHead(d, language)))
	table := FunnelTable(d, language)
	for i := range d.Steps {
		s := &d.Steps[i]
		y := top + i*row
		bar := func(n float64) float64 { return barLength(n, s, width-left-right) }
		fmt.Fprintf(&b, `<text x="%d" y="%d" class="e">%s</text>`, left-12, y+19, html.EscapeString(short(labelOr(s.Label, s.Name), 20)))
		fmt.Fprintf(&b, `<rect class="n" x="%d" y="%d" width="%.1f" height="18" rx="3"/>`, left, y+6, bar(float64(s.Needed)))
		class := "b"
		if s.Name == d.Bottleneck {
			class = "w"
		}
		fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%.1f" height="18" rx="3"/>`, class, left, y+6, bar(float64(s.Actual)))
		if s.ByToday > 0 {
			fmt.Fprintf(&b, `<path class="f" d="M%.1f %dv24"/>`, float64(left)+bar(float64(s.ByToday)), y+3)
		}
		fmt.Fprintf(&b, `<path class="f" stroke-opacity=".55" d="M%.1f %dH%.1f"/>`, float64(left)+bar(s.Between.Low), y+30, float64(left)+bar(s.Between.High))
		fmt.Fprintf(&b, `<text x="%d" y="%d">%s / %s</text><text class="s" x="%d" y="%d">%s</text>`,
			width-right+14, y+14, table[i+1][3], table[i+1][1], width-right+14, y+31, html.EscapeString(strings.TrimSpace(table[i+1][4]+"  "+table[i+1][5]+"  → "+table[i+1][7])))
	}
	for i, text := range said {
		fmt.Fprintf(&b, `<text class="s" x="0" y="%d">%s</text>`, top+row*len(d.Steps)+18+24*i, html.EscapeString(text))
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// barLength is the length of a bar: each step has its own measure, so that a funnel
// from thousands to a few can be read. It ends at what is needed, came or is to
// come; what may come beyond, by a forecast that is not sure yet, ends there too.
func barLength(n float64, s *FunnelStepDoc, width int) float64 {
	most := math.Max(1, math.Max(float64(s.Needed), math.Max(float64(s.Actual), s.Forecast)))
	return math.Max(0, math.Min(1, n/most)) * float64(width)
}

// chartText tells in words what the chart shows.
func chartText(d *FunnelDoc, language string, said []string) string {
	var b strings.Builder
	table := FunnelTable(d, language)
	for _, row := range table[1:] {
		b.WriteString(row[0])
		for j := 1; j < len(row)-1; j++ {
			if row[j] != "" {
				b.WriteString(" " + table[0][j] + " " + row[j])
			}
		}
		b.WriteString(". ")
	}
	return b.String() + strings.Join(said, " ")
}
