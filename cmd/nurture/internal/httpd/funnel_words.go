package httpd

import (
	"fmt"
	"math"
	"strings"
)

// FunnelSays is what a funnel's figures come to, in sentences.
func FunnelSays(d *FunnelDoc, language string) []string {
	if len(d.Steps) == 0 {
		return nil
	}
	ja := language == string(japanese)
	last := &d.Steps[len(d.Steps)-1]
	var said []string
	say := func(en, jp string, args ...any) {
		if ja {
			en = jp
		}
		said = append(said, fmt.Sprintf(en, args...))
	}
	switch {
	case d.Day == 0:
		say("The period has not begun.", "期間はまだ始まっていません。")
	case d.Day >= d.Days && last.Actual >= d.Goal:
		say("The goal is reached: %s of %s %s.", "目標を達成しました。%[3]s は %[1]s（目標 %[2]s）です。", count(last.Actual), count(d.Goal), d.title(last.Name))
	case d.Day >= d.Days:
		say("The period is over: %s of %s %s.", "期間は終わりました。%[3]s は %[1]s（目標 %[2]s）でした。", count(last.Actual), count(d.Goal), d.title(last.Name))
	default:
		say("At this pace: %s %s.", "このペースでは、%[2]s は %[1]s になります。", count(int64(math.Round(d.Projected))), d.title(last.Name))
	}
	if l := d.Lever; l != nil {
		from, to := whole(l.From), whole(l.To)
		if from == to {
			from, to = percent(l.From), percent(l.To)
		}
		if l.Enough {
			say("Raising %s/%s from %s to %s alone brings %s.", "%s/%s を %s から %s に上げるだけで %s に届きます。", d.title(l.Step), d.title(l.Before), from, to, count(l.Brings))
		} else {
			say("Raising %s/%s alone, even to 100 %%, brings %s.", "%s/%s を 100 %% まで上げても %s にとどまります。", d.title(l.Step), d.title(l.Before), count(l.Brings))
		}
	}
	for i := range d.Steps {
		if lag := d.Steps[i].Lag; lag != nil && lag.Early > 0 {
			say("%s passed %s before %s: they count at both steps, and as no time between them.",
				"%s 人は、%[3]s より先に %[2]s に達しています。両方の段階で数え、間の時間は 0 とします。", count(lag.Early), d.title(d.Steps[i].Name), d.title(d.Steps[i-1].Name))
		}
	}
	return said
}

// title is what people call a step.
func (d *FunnelDoc) title(name string) string {
	for i := range d.Steps {
		if d.Steps[i].Name == name {
			return labelOr(d.Steps[i].Label, name)
		}
	}
	return name
}

// FunnelHead is a funnel's title, as in "FY26 Q3  goal 24 won by 2026-12-31, day 38 of 92".
func FunnelHead(d *FunnelDoc, language string) string {
	last := ""
	if n := len(d.Steps); n > 0 {
		last = d.title(d.Steps[n-1].Name)
	}
	form := "%s  goal %s %s by %s, day %d of %d"
	if language == string(japanese) {
		form = "%s  目標 %s %s（%s まで）、%d 日目／%d 日"
	}
	return fmt.Sprintf(form, labelOr(d.Label, d.Name), count(d.Goal), last, d.To, d.Day, d.Days)
}

// whole is a share in whole per cent.
func whole(share float64) string { return fmt.Sprintf("%.0f %%", share*100) }

// Signed is a share above or below, as in "+  8 %".
func Signed(share float64) string {
	n := math.RoundToEven(share * 100)
	sign := "+"
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%3.0f %%", sign, n)
}

// FunnelTable is a funnel as a table of texts: a row a step, the first row its head.
func FunnelTable(d *FunnelDoc, language string) [][]string {
	head := []string{"", "needed", "by today", "actual", "pace", "rate", "expected", "forecast", ""}
	mark := "◀ bottleneck"
	if language == string(japanese) {
		head = []string{"", "必要", "今日まで", "実績", "ペース", "率", "見込み", "予測", ""}
		mark = "◀ ボトルネック"
	}
	if !d.Sure {
		mark += word{"（件数が少なく、偶然かもしれません）", " (few leads: it may be chance)"}.in(lang(language))
	}
	rows := [][]string{head}
	for i := range d.Steps {
		s := &d.Steps[i]
		row := []string{labelOr(s.Label, s.Name), count(s.Needed), count(s.ByToday), count(s.Actual), "", "", "", "", ""}
		if s.Needed == 0 {
			row[1], row[2] = "–", "–"
		}
		if s.Pace != nil {
			row[4] = Signed(*s.Pace)
		}
		if s.Rate != nil {
			row[5] = whole(*s.Rate)
		}
		if i > 0 && s.Expected > 0 {
			row[6] = whole(s.Expected)
			if s.Observed {
				row[6] = "(" + row[6] + ")"
			}
		}
		row[7] = Forecast(s)
		if s.Name == d.Bottleneck {
			row[8] = mark
		}
		rows = append(rows, row)
	}
	return rows
}

// Forecast is a step's forecast with its interval, as in "27 (19–35)".
func Forecast(s *FunnelStepDoc) string {
	n := func(v float64) string { return count(int64(math.Round(v))) }
	low, high := n(s.Between.Low), n(s.Between.High)
	if low == high {
		return n(s.Forecast)
	}
	return strings.Join([]string{n(s.Forecast), " (", low, "–", high, ")"}, "")
}
