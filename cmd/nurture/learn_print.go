package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// printLesson tells what was learned.
func (c *cli) printLesson(d *httpd.LearnDoc, w *workspace) {
	lang := c.language(w.Spec.Language)
	say := func(en, ja string, args ...any) { fmt.Fprintf(c.out, words(lang, en, ja)+"\n", args...) }
	say("toss_up.%s compares score.%s with %s. Outcome: %s within %s.", "toss_up.%s は score.%s を %s と比べています。成果: %s（%s以内）。",
		d.TossUp, d.Score, plainNumber(d.Threshold.Today), d.Outcome, lengthWords(d.Within, lang))
	say("Record: %d events from %s to %s.", "記録: イベント %d 件、%s 〜 %s。", d.Events, d.From.Format("2006-01-02"), d.To.Format("2006-01-02"))
	if d.OneIn > 1 {
		say("One lead in %d was looked at, chosen by their names: the rest would tell the same.", "リードは %d 人に 1 人を名前で選んで調べました。残りを加えても結果はほぼ同じです。", d.OneIn)
	}
	say("%d leads, %d moments; learned from before %s, judged on the later ones. %d moments are too fresh to judge.",
		"リード %d 人、時点 %d 件。%s より前から学び、それより後で確かめます。新しすぎて判定できない時点 %d 件。",
		d.Leads, d.Moments, d.SplitAt.Format("2006-01-02"), d.Immature)
	fmt.Fprintln(c.out)
	c.printLearnedRules(d, lang)
	fmt.Fprintln(c.out)
	c.printLearnedWorth(d, lang)
	if !d.Better {
		say("The learned points are not clearly better: keep today's.", "学習した点数は、はっきり良いとは言えません。いまのままにしてください。")
	}
	c.printCalibration(d, lang)
	for _, source := range d.NotRead {
		say("Not looked at, because recorded events alone do not tell: %s", "記録されたイベントだけでは分からないため、見ていない条件: %s", source)
	}
	if unknown := httpd.UnknownText(&d.Unknown, lang); unknown != "" {
		say("\nWhat the replay of the learned rules cannot know:", "\n学習後のルールの再生で分からないこと:")
		fmt.Fprint(c.out, unknown)
	}
	diff := lessonDiff(d, w.Sources)
	if diff == "" {
		say("\nThe rules are as the outcomes would have them: nothing to change.", "\n成果から見て、ルールを変えるところはありません。")
		return
	}
	fmt.Fprintf(c.out, "\n%s", diff)
}

// lengthWords is a length of time as the language writes it: 7d, 7日.
func lengthWords(text, lang string) string {
	if lang != "ja" {
		return text
	}
	return strings.NewReplacer("ms", "ミリ秒", "d", "日", "h", "時間", "m", "分", "s", "秒").Replace(text)
}

func (c *cli) printLearnedRules(d *httpd.LearnDoc, lang string) {
	rows := [][]string{{words(lang, "rule", "ルール"), words(lang, "today", "いま"), words(lang, "learned", "学習後"), words(lang, "leads", "リード"), ""}}
	for i := range d.Rules {
		r := &d.Rules[i]
		today, learned, note := plainNumber(r.Today), plainNumber(r.Learned), ""
		switch {
		case r.Formula:
			today, learned = words(lang, "formula", "式"), words(lang, "as it is", "そのまま")
		case r.Refused != nil:
			note = fmt.Sprintf(words(lang, "refused: for %d of %d outcomes it was known too late to act", "使いません: 成果 %[2]d件のうち %[1]d件で、分かったのが遅すぎました"), r.Refused.Late, r.Refused.Of)
		case r.Leads == 0:
			note = words(lang, "never seen", "一度も該当なし")
		}
		rows = append(rows, []string{r.Rule, today, learned, strconv.Itoa(r.Leads), note})
	}
	rows = append(rows, []string{words(lang, "threshold", "しきい値"), plainNumber(d.Threshold.Today), plainNumber(d.Threshold.Learned), "", ""})
	c.printRows(rows)
}

func (c *cli) printLearnedWorth(d *httpd.LearnDoc, lang string) {
	rows := [][]string{{
		words(lang, "later leads", "後のリード"), words(lang, "handed over", "トスアップ"), words(lang, "outcomes", "成果"),
		words(lang, "precision", "的中率"), words(lang, "95% interval", "95%区間"), words(lang, "recall", "捕捉率"), words(lang, "median wait", "成果までの中央値"),
	}}
	for _, r := range []struct {
		name string
		w    *httpd.LearnWorth
	}{
		{words(lang, "today's rules", "いまのルール"), &d.Today},
		{words(lang, "learned rules", "学習したルール"), &d.Learned},
		{fmt.Sprintf(words(lang, "first %d by today's points", "いまの点数の上位 %d件"), d.FirstByToday.HandedOver), &d.FirstByToday},
		{fmt.Sprintf(words(lang, "first %d by learned points", "学習した点数の上位 %d件"), d.FirstByLearned.HandedOver), &d.FirstByLearned},
	} {
		precision, interval, recall := "-", "-", "-"
		if r.w.Precision != nil {
			precision = percent(*r.w.Precision)
		}
		if r.w.Interval != nil {
			interval = percent(r.w.Interval.Low) + "–" + percent(r.w.Interval.High)
		}
		if r.w.Recall != nil {
			recall = percent(*r.w.Recall)
		}
		rows = append(rows, []string{r.name, strconv.Itoa(r.w.HandedOver), strconv.Itoa(r.w.Outcomes), precision, interval, recall, waited(r.w.MedianDays, lang)})
	}
	c.printRows(rows)
	fmt.Fprintf(c.out, words(lang,
		"Of a lead with the outcome and one without, the score names the right one in %s of cases today, %s learned (ahead in %s of resamplings).\n",
		"成果の出たリードと出なかったリードを並べたとき、点数が正しく言い当てるのは、いま %s、学習後 %s（再標本 %s で上回る）。\n"),
		percent(d.Area.Today), percent(d.Area.Learned), percent(d.Area.Ahead))
}

// waited is a number of days in its greatest fitting unit.
func waited(days *float64, lang string) string {
	switch {
	case days == nil:
		return "-"
	case *days >= 1:
		return fmt.Sprintf(words(lang, "%.1f d", "%.1f 日"), *days)
	case *days*24 >= 1:
		return fmt.Sprintf(words(lang, "%.1f h", "%.1f 時間"), *days*24)
	}
	return fmt.Sprintf(words(lang, "%.1f min", "%.1f 分"), *days*24*60)
}

func (c *cli) printCalibration(d *httpd.LearnDoc, lang string) {
	rows := [][]string{{words(lang, "chance told", "予測"), words(lang, "came", "実際"), words(lang, "leads", "リード")}}
	for _, g := range d.Calibration {
		rows = append(rows, []string{percent(g.Told), percent(g.Came), fmt.Sprintf("%.0f", g.Leads)})
	}
	fmt.Fprintln(c.out)
	c.printRows(rows)
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
