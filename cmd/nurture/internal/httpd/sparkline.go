package httpd

import (
	"fmt"
	"strings"
)

// sparkline draws a small curve of the values, oldest first, into a box of the
// given size: the line, and the area under it.
func sparkline(values []float64, width, height int) (line, area string) {
	if len(values) < 2 {
		return "", ""
	}
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	if top == 0 {
		top = 1
	}
	var b strings.Builder
	for i, v := range values {
		x := float64(i) * float64(width) / float64(len(values)-1)
		y := 1.5 + (1-v/top)*(float64(height)-3)
		letter := 'L'
		if i == 0 {
			letter = 'M'
		}
		fmt.Fprintf(&b, "%c%.1f %.1f", letter, x, y)
	}
	line = b.String()
	return line, fmt.Sprintf("%sL%d %dL0 %dZ", line, width, height, height)
}

// short cuts a text to a width in columns, where characters of East Asian
// scripts take two, and marks the cut.
func short(text string, columns int) string {
	used := 0
	for i, r := range text {
		w := 1
		if r >= 0x1100 {
			w = 2
		}
		if used+w > columns {
			return strings.TrimRight(text[:i], " ") + "…"
		}
		used += w
	}
	return text
}
