package main

import (
	"fmt"
	"strings"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
)

// printExperiments shows how experiments stand, and what workflows with a
// hold-out bring about.
func (c *cli) printExperiments(list []httpd.ExperimentDoc, holdouts []httpd.HoldoutDoc) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "experiments": list, "holdouts": holdouts})
	}
	lang := c.language("")
	defer c.printHoldouts(lang, holdouts)
	if len(list) == 0 {
		fmt.Fprintln(c.out, words(lang, "The rules have no experiment.", "ルールに実験はありません。"))
	}
	for i := range list {
		if i > 0 {
			fmt.Fprintln(c.out)
		}
		if err := c.printExperiment(lang, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *cli) printExperiment(lang string, x *httpd.ExperimentDoc) error {
	fmt.Fprintf(c.out, words(lang, "%s  %s  (%s within %s)\n", "%s  %s（%s、%s以内）\n"), x.Name, stateWord(lang, x.State), x.Measure, x.Within)
	rows := [][]string{{
		words(lang, "arm", "案"), words(lang, "drawn", "割り当て"), words(lang, "judged", "判定済み"), words(lang, "successes", "成功"),
		words(lang, "rate", "率"), words(lang, "95% interval", "95%区間"),
	}}
	for i := range x.Arms {
		a := &x.Arms[i]
		rate, interval := "-", "-"
		if a.Rate != nil {
			rate = percent(*a.Rate)
		}
		if a.Low != nil && a.High != nil {
			interval = percent(*a.Low) + "–" + percent(*a.High)
		}
		rows = append(rows, []string{armMark(x, a.Name) + a.Name, fmt.Sprint(a.Drawn), fmt.Sprint(a.Trials), fmt.Sprint(a.Successes), rate, interval})
	}
	c.printRows(rows)
	for _, line := range c.standing(lang, x) {
		fmt.Fprintln(c.out, "  "+line)
	}
	return nil
}

// printHoldouts shows the rate of each goal on both sides, and the difference.
func (c *cli) printHoldouts(lang string, list []httpd.HoldoutDoc) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(c.out, "\n"+words(lang, "Hold-outs: what workflows bring about", "比較群: ワークフローの効果"))
	rows := [][]string{{
		words(lang, "workflow", "ワークフロー"), words(lang, "goal", "目的"), words(lang, "let in", "対象"), words(lang, "held out", "比較群"),
		words(lang, "difference, 95% interval", "差（95%区間）"),
	}}
	side := func(a *httpd.ArmDoc) string {
		if a.Rate == nil {
			return fmt.Sprintf("%d/%d", a.Successes, a.Trials)
		}
		return fmt.Sprintf("%s (%d/%d)", percent(*a.Rate), a.Successes, a.Trials)
	}
	for i := range list {
		h := &list[i]
		difference := words(lang, "nobody to compare with yet", "まだ比べられません")
		if p := h.Points; p != nil {
			difference = fmt.Sprintf("%s  (%s–%s)", percent(p.Value), percent(p.Low), percent(p.High))
		}
		rows = append(rows, []string{h.Workflow, h.Goal, side(&h.In), side(&h.HeldOut), difference})
	}
	c.printRows(rows)
}

// printRows aligns columns by the width of their texts in a terminal.
func (c *cli) printRows(rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], cells(cell))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, cell := range row {
			b.WriteString("  " + pad(cell, width[i]))
		}
		fmt.Fprintln(c.out, strings.TrimRight(b.String(), " "))
	}
}

// armMark shows the arm that is used, or is ahead.
func armMark(x *httpd.ExperimentDoc, arm string) string {
	switch {
	case x.Winner != nil && x.Winner.Arm == arm:
		return "✓ "
	case x.Winner == nil && x.Leader == arm:
		return "▸ "
	}
	return "  "
}

func stateWord(lang, state string) string {
	ja := map[string]string{
		"collecting": "収集中", "decided": "決定", "stopped": "打ち切り", "same": "差なし",
		"mismatched": "割り当ての異常", "contradictory": "数の矛盾",
	}
	return words(lang, state, ja[state])
}

// standing says in sentences how an experiment stands.
func (c *cli) standing(lang string, x *httpd.ExperimentDoc) []string {
	var lines []string
	say := func(en, ja string, args ...any) { lines = append(lines, fmt.Sprintf(words(lang, en, ja), args...)) }
	switch x.State {
	case "collecting":
		if x.Missing > 0 {
			say("%d judged leads still to come until every arm has %d.", "どの案も%[2]d人になるまで、あと%[1]d人の判定が必要です。", x.Missing, x.MinEach)
		} else {
			say("No arm is surely better yet: a difference like this comes by chance with a probability of up to %s.", "まだ、確かによいと言える案はありません。この差が偶然である確率は最大 %s です。", percent(x.Chance))
		}
	case "decided":
		if x.Lift != nil {
			say("%s is better by %s (%s to %s).", "%s がよい結果です（%s、区間 %s〜%s）。", x.Leader, signedPercent(x.Lift.Value), signedPercent(x.Lift.Low), signedPercent(x.Lift.High))
		}
	case "stopped":
		if x.Fired != nil {
			say("The guard %q fired in %s: everybody gets the best of the others.", "%[2]s で guard「%[1]s」を超えたため、残りのうち最もよい案を使います。", x.Fired.Guard, x.Fired.Arm)
		}
	case "same":
		say("No arm is better than the others by anything worth having.", "案のあいだに、意味のある差はありません。")
	case "mismatched":
		say("The arms did not get their shares of the draw (probability up to %s): no figure of it can be trusted. Look for what is lost on the way.", "割り当ての数がそろっていません（偶然である確率は最大 %s）。この実験の数字は信頼できません。途中で失われているものを探してください。", percent(x.Mismatch))
	case "contradictory":
		say("Nothing can be said: %s", "判定できません: %s", x.Fault)
	}
	if w := x.Winner; w != nil {
		if w.Applied {
			say("%s is used since %s (%s). To put it into the file: nurture experiment %s --write", "%[1]s を %[2]s から使っています（%[3]s）。ファイルに書くには: nurture experiment %[4]s --write", w.Arm, c.stamp(w.At), w.Why, x.Name)
		} else {
			say("%s is proposed since %s (%s). To put it into the file: nurture experiment %s --write", "%[1]s を %[2]s に提案しました（%[3]s）。ファイルに書くには: nurture experiment %[4]s --write", w.Arm, c.stamp(w.At), w.Why, x.Name)
		}
	}
	return lines
}

// printTags shows what tags did over all experiments.
func (c *cli) printTags(tags []httpd.TagDoc) error {
	if c.json {
		return c.print(map[string]any{"ok": true, "tags": tags})
	}
	lang := c.language("")
	if len(tags) == 0 {
		_, err := fmt.Fprintln(c.out, words(lang, "No experiment tries a tag beside something else.", "タグのある案とない案を比べている実験はありません。"))
		return err
	}
	rows := [][]string{{
		words(lang, "tag", "タグ"), words(lang, "measure", "指標"), words(lang, "experiments", "実験"), words(lang, "judged", "判定済み"),
		words(lang, "lift", "上昇率"), words(lang, "95% interval", "95%区間"), words(lang, "differs between", "実験間の違い"),
	}}
	for i := range tags {
		t := &tags[i]
		lift, interval, apart := "-", "-", "-"
		if t.Lift != nil {
			lift, interval = signedPercent(t.Lift.Value), signedPercent(t.Lift.Low)+" … "+signedPercent(t.Lift.High)
			apart = percent(t.Apart)
		}
		rows = append(rows, []string{t.Tag, t.Measure, fmt.Sprint(len(t.Experiments)), fmt.Sprint(t.Leads), lift, interval, apart})
	}
	c.printRows(rows)
	return nil
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", share*100) }

func signedPercent(share float64) string { return fmt.Sprintf("%+.1f%%", share*100) }
