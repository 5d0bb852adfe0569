package main

import (
	"fmt"
	"strconv"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
	"github.com/seed-456efde2/nurture/engine/kpi"
	"github.com/seed-456efde2/nurture/engine/learn"
)

// calibrationGroups is how many lines the table of calibration has.
const calibrationGroups = 5

// print tells what was learned.
func (l *lesson) print() error {
	if l.c.json {
		return l.c.print(l.object())
	}
	x, out, lang := l.examples, l.c.out, l.lang
	fmt.Fprintf(out, words(lang,
		"toss_up.%s compares score.%s with %s. Outcome: %s within %s.\n%d leads, %d moments; learned from before %s, judged on the later ones. %d moments are too fresh to judge.\n\n",
		"toss_up.%s は score.%s を %s と比べています。成果: %s（%s以内）。\nリード %d件、時点 %d件。%s より前から学び、それより後で確かめます。新しすぎて判定できない時点 %d件。\n\n"),
		x.Question.TossUp, x.Question.Score, plainNumber(x.Bar), x.Question.Outcome, x.Question.Within, len(x.Users), len(x.List), l.cut.String()[:10], x.Immature)
	l.printRules()
	fmt.Fprintln(out)
	l.printWorth()
	if l.ahead < better {
		fmt.Fprintln(out, words(lang, "The learned points are not clearly better: keep today's.", "学習した点数は、はっきり良いとは言えません。いまのままにしてください。"))
	}
	l.printCalibration()
	for _, c := range x.Unread {
		fmt.Fprintf(out, words(lang, "Not looked at, because recorded events alone do not tell: %s\n", "記録された出来事だけでは分からないため、見ていない条件: %s\n"), c.Source())
	}
	diff := l.diff(false)
	if diff == "" {
		fmt.Fprintln(out, words(lang, "\nThe rules are as the outcomes would have them: nothing to change.", "\n成果から見て、ルールを変えるところはありません。"))
		return nil
	}
	fmt.Fprintf(out, "\n%s", diff)
	return nil
}

func (l *lesson) printRules() {
	x, lang := l.examples, l.lang
	rows := [][]string{{words(lang, "rule", "ルール"), words(lang, "today", "いま"), words(lang, "learned", "学習後"), words(lang, "leads", "リード"), ""}}
	for i, r := range x.Rules {
		today, learned, note := plainNumber(x.Features[i].Points), plainNumber(l.points.Each[i]), ""
		switch {
		case r.Kept:
			today, learned = words(lang, "formula", "式"), words(lang, "as it is", "そのまま")
		case r.Leak != nil:
			note = fmt.Sprintf(words(lang, "refused: for %d of %d outcomes it was known too late to act", "使いません: 成果 %[2]d件のうち %[1]d件で、分かったのが遅すぎました"), r.Leak.Late, r.Leak.Known)
		case r.Paid == 0:
			note = words(lang, "never seen", "一度も該当なし")
		}
		rows = append(rows, []string{r.Name, today, learned, strconv.Itoa(r.Paid), note})
	}
	rows = append(rows, []string{words(lang, "threshold", "しきい値"), plainNumber(x.Bar), plainNumber(l.bar), "", ""})
	l.c.printRows(rows)
}

func (l *lesson) printWorth() {
	lang := l.lang
	rows := [][]string{{
		words(lang, "later leads", "後のリード"), words(lang, "handed over", "トスアップ"), words(lang, "outcomes", "成果"),
		words(lang, "precision", "的中率"), words(lang, "95% interval", "95%区間"), words(lang, "recall", "捕捉率"), words(lang, "median wait", "成果までの中央値"),
	}}
	for _, r := range []struct {
		name string
		w    history.Worth
	}{{words(lang, "today's rules", "いまのルール"), l.worthToday}, {words(lang, "learned rules", "学習したルール"), l.worth}, {fmt.Sprintf(words(lang, "first %d by today's points", "いまの点数の上位 %d件"), l.room), l.topToday}, {fmt.Sprintf(words(lang, "first %d by learned points", "学習した点数の上位 %d件"), l.room), l.top}} {
		precision, interval, recall := "-", "-", "-"
		if r.w.Picked > 0 {
			precision = percent(float64(r.w.Won) / float64(r.w.Picked))
			if i, ok := (kpi.Rate{N: int64(r.w.Won), Of: int64(r.w.Picked)}).Wilson(0.95); ok {
				interval = percent(i.Low) + "–" + percent(i.High)
			}
		}
		if r.w.Outcomes > 0 {
			recall = percent(float64(r.w.Won) / float64(r.w.Outcomes))
		}
		rows = append(rows, []string{r.name, strconv.Itoa(r.w.Picked), strconv.Itoa(r.w.Won), precision, interval, recall, waited(r.w.Median)})
	}
	l.c.printRows(rows)
	fmt.Fprintf(l.c.out, words(lang,
		"Of a lead with the outcome and one without, the score names the right one in %s of cases today, %s learned (ahead in %s of resamplings).\n",
		"成果の出たリードと出なかったリードを並べたとき、点数が正しく言い当てるのは、いま %s、学習後 %s（再標本 %s で上回る）。\n"),
		percent(learn.Area(l.late, l.today.Score)), percent(learn.Area(l.late, l.points.Score)), percent(l.ahead))
}

// waited is a length of time in its greatest fitting unit.
func waited(s engine.Span) string {
	switch {
	case s == 0:
		return "-"
	case s >= engine.Day:
		return fmt.Sprintf("%.1fd", float64(s)/float64(engine.Day))
	case s >= engine.Hour:
		return fmt.Sprintf("%.1fh", float64(s)/float64(engine.Hour))
	}
	return fmt.Sprintf("%.1fm", float64(s)/float64(engine.Minute))
}

func (l *lesson) printCalibration() {
	rows := [][]string{{words(l.lang, "chance told", "予測"), words(l.lang, "came", "実際"), words(l.lang, "leads", "リード")}}
	for _, g := range learn.Calibration(l.model, l.late, calibrationGroups) {
		rows = append(rows, []string{percent(g.Told), percent(g.Won / g.N), fmt.Sprintf("%.0f", g.N)})
	}
	fmt.Fprintln(l.c.out)
	l.c.printRows(rows)
}

func plainNumber(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// object is what was learned, for programs.
func (l *lesson) object() map[string]any {
	x := l.examples
	rules := make([]map[string]any, len(x.Rules))
	for i, r := range x.Rules {
		rules[i] = map[string]any{
			"rule": r.Name, "today": x.Features[i].Points, "learned": l.points.Each[i], "weight": l.model.Weights[i],
			"leads": r.Paid, "formula": r.Kept, "refused": r.Leak != nil,
		}
	}
	calibration := []map[string]any{}
	for _, g := range learn.Calibration(l.model, l.late, calibrationGroups) {
		calibration = append(calibration, map[string]any{"told": g.Told, "came": g.Won / g.N, "leads": g.N})
	}
	worth := func(w history.Worth) map[string]any {
		return map[string]any{
			"leads": w.Leads, "outcomes_among_leads": w.Outcomes, "handed_over": w.Picked, "outcomes": w.Won,
			"precision": share(w.Won, w.Picked), "recall": share(w.Won, w.Outcomes), "median_wait_seconds": float64(w.Median) / 1000,
		}
	}
	return map[string]any{
		"ok": true, "toss_up": x.Question.TossUp, "score": x.Question.Score, "outcome": x.Question.Outcome, "split_at": l.cut.String(),
		"rules": rules, "threshold": map[string]any{"today": x.Bar, "learned": l.bar}, "ridge": l.model.Ridge,
		"today": worth(l.worthToday), "learned": worth(l.worth), "first_by_today": worth(l.topToday), "first_by_learned": worth(l.top), "immature": x.Immature,
		"area":  map[string]any{"today": learn.Area(l.late, l.today.Score), "learned": learn.Area(l.late, l.points.Score), "ahead": l.ahead},
		"brier": learn.Brier(l.model, l.late), "calibration": calibration, "diff": l.diff(false),
	}
}
