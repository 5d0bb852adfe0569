package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/engine"
)

// say prints a line, but not among JSON.
func (t *trial) say(line string) {
	if !t.c.json {
		fmt.Fprintln(t.c.out, line)
	}
}

// welcome says where the story begins and whose it is.
func (t *trial) welcome() {
	if t.c.json {
		return
	}
	zone := t.rules.good.Spec.Zone
	t.say(fmt.Sprintf(t.words("The story begins at %s (%s). Nothing is sent.", "物語の始まりは %s（%s）。実際には何も送りません。"), t.clock(), zone))
	var told []string
	for _, f := range t.story.lead {
		made := ""
		if slices.Contains(t.story.madeUp, f.name) {
			made = t.words(" (made up)", "（仮の値）")
		}
		told = append(told, f.name+" = "+f.value+made)
	}
	if len(told) > 0 {
		t.say(t.words("The lead: ", "リード: ") + strings.Join(told, t.words(", ", "、")))
	}
	if t.talks {
		t.say(t.words("Write what happens, or ask. help lists the words, quit ends.", "起こることを書くか、質問してください。help で言葉の一覧、quit で終わり。"))
	}
	if len(t.story.steps) > 0 {
		t.tellAll(t.now)
		return
	}
	for i := range t.now.moments {
		t.say("  " + t.now.moments[i].text)
	}
	t.tellState(nil, t.now)
}

// tellStep shows what a step of the story has brought.
func (t *trial) tellStep(before, now *lived, step int) {
	doc := t.lastLine()
	seen := false
	for i := range now.moments {
		if m := &now.moments[i]; m.step == step {
			t.say("  " + m.text)
			doc.Happened = append(doc.Happened, m.doc)
			seen = true
		}
	}
	t.tellExpected(now, step)
	old := len(before.mails())
	for i, r := range now.mails() {
		if i < old {
			continue
		}
		m := messageOf(i+1, &r)
		t.say("    " + fmt.Sprintf(t.words("mail %d  %s", "mail %d  %s"), m.Number, m.Title()))
		doc.Messages = append(doc.Messages, m)
	}
	if !seen && len(now.ends[step].checks) == 0 {
		t.say(t.words("  Nothing happened that anybody would notice.", "  目に見えることは何も起きませんでした。"))
	}
	t.tellState(before, now)
}

// tellExpected shows whether what a step expects holds.
func (t *trial) tellExpected(now *lived, step int) {
	doc := t.lastLine()
	for _, check := range now.ends[step].checks {
		if check.fault == nil {
			t.say("  ✓ " + check.cond)
			continue
		}
		t.bad = true
		t.say("  ✗ " + check.cond + "    " + check.fault.Saw)
		doc.Failures = append(doc.Failures, *check.fault)
	}
}

// tellAll shows the whole story.
func (t *trial) tellAll(now *lived) {
	doc := t.lastLine()
	left := now.moments
	for step := -1; step < len(t.story.steps); step++ {
		if step >= 0 {
			t.say("> " + t.story.steps[step].typed)
		}
		for ; len(left) > 0 && left[0].step == step; left = left[1:] {
			t.say("  " + left[0].text)
			doc.Happened = append(doc.Happened, left[0].doc)
		}
		if step >= 0 {
			t.tellExpected(now, step)
		}
	}
	t.tellState(nil, now)
}

// tellDifference shows what goes otherwise than before.
func (t *trial) tellDifference(before, now *lived) {
	lines := differing(before.texts(), now.texts())
	doc := t.lastLine()
	doc.Otherwise = lines
	same := len(lines) == 0
	changed := now.rules.Digest != before.rules.Digest
	switch {
	case same && changed:
		t.say(t.words("The rules have changed; the story goes as before.", "ルールが変わりました。物語は前と同じです。"))
	case changed:
		t.say(t.words("The rules have changed, and the story goes otherwise:", "ルールが変わり、物語が変わりました:"))
	case !same:
		t.say(t.words("The story goes otherwise:", "物語が変わりました:"))
	}
	for _, line := range lines {
		t.say("  " + line)
	}
	t.tellState(before, now)
}

// mostCompared bounds the lines of two stories that are compared.
const mostCompared = 1500

// differing are the lines that only one of two stories has: "- " of the first, "+ " of
// the second, in order.
func differing(a, b []string) []string {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	var out []string
	if len(a) > mostCompared || len(b) > mostCompared {
		a, b = a[:min(len(a), mostCompared)], b[:min(len(b), mostCompared)]
	}
	common := make([][]int, len(a)+1) // length of what a[i:] and b[j:] have in common
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, "- "+a[i])
			i++
		default:
			out = append(out, "+ "+b[j])
			j++
		}
	}
	return out
}

// tellState shows how the lead stands, where that is not what it was.
func (t *trial) tellState(before, now *lived) {
	state := t.state(now)
	if before != nil && state == t.state(before) || state == "" {
		return
	}
	t.say("  = " + state)
}

// state is how the lead stands, in one line.
func (t *trial) state(l *lived) string {
	doc := l.told().Describe()
	var parts []string
	for _, s := range doc.Scores {
		parts = append(parts, fmt.Sprintf("%s %s", s.Name, shortNumber(s.Value)))
	}
	if doc.Stage != "" {
		parts = append(parts, t.words("stage ", "ステージ ")+doc.Stage)
	}
	for _, w := range doc.Workflows {
		part := w.Workflow + "/" + w.Step
		if w.Due != nil {
			part += t.words(" until ", "（") + t.day(w.Due) + t.words("", " まで）")
		}
		parts = append(parts, part)
	}
	for _, o := range doc.TossUps {
		if o.State != "none" {
			parts = append(parts, o.TossUp+": "+t.offerState(o.State))
		}
	}
	return strings.Join(parts, t.words(" · ", "・"))
}

// offerState is the state of a hand-over in words.
func (t *trial) offerState(state string) string {
	w, ok := map[string][2]string{
		"holding": {"holding", "維持を待っている"}, "offered": {"handed over", "営業に渡した"}, "accepted": {"accepted", "受諾"},
		"rejected": {"rejected", "差し戻し"}, "expired": {"expired", "期限切れ"}, "queued": {"waiting for a place", "順番待ち"},
	}[state]
	if !ok {
		return state
	}
	return t.words(w[0], w[1])
}

func (t *trial) day(at *time.Time) string {
	return at.In(t.now.player.zone).Format("01-02 15:04")
}

func shortNumber(n float64) string { return engine.NumberValue(float64(int64(n*10+0.5)) / 10).String() }

// show tells how the lead stands, at length.
func (t *trial) show(string) error {
	doc := t.now.told().Describe()
	t.lastLine().Lead = doc
	if t.c.json {
		return nil
	}
	row := func(en, ja, text string) {
		if text != "" {
			fmt.Fprintf(t.c.out, "  %s %s\n", pad(t.words(en, ja), 14), text)
		}
	}
	var attrs []string
	for _, f := range t.now.lead().Folds.Attrs {
		if !f.Value.IsNone() {
			attrs = append(attrs, f.Name+" = "+tryValue(f.Value, t.now.player.zone, t.lang))
		}
	}
	slices.Sort(attrs)
	row("lead", "リード", strings.Join(attrs, ", "))
	row("stage", "ステージ", doc.Stage)
	for _, s := range doc.Scores {
		row("score "+s.Name, "スコア "+s.Name, shortNumber(s.Value))
	}
	row("segments", "セグメント", strings.Join(doc.Segments, ", "))
	for _, consent := range doc.Consents {
		state := t.words("given ", "あり ") + t.dayOf(consent.Given)
		if consent.Revoked != nil {
			state = t.words("revoked ", "撤回 ") + t.dayOf(consent.Revoked)
		}
		row("consent "+consent.Name, "同意 "+consent.Name, state)
	}
	for _, w := range doc.Workflows {
		row("in "+w.Workflow, w.Workflow, w.Step+t.until(w.Due))
	}
	for _, w := range doc.Past {
		row("left "+w.Workflow, "終了 "+w.Workflow, w.Exit+" "+t.dayOf(w.Left))
	}
	for _, o := range doc.TossUps {
		if o.State != "none" {
			row("toss-up "+o.TossUp, "トスアップ "+o.TossUp, t.offerState(o.State)+" "+t.dayOf(o.Since))
		}
	}
	for _, p := range doc.Pending {
		row("under way", "配信中", p.Channel+" "+p.Step+p.TossUp+t.until(p.Due))
	}
	t.showNext()
	return nil
}

// showNext tells what is due.
func (t *trial) showNext() {
	due := t.now.lead().NextDue()
	if due == 0 {
		return
	}
	at := due.In(t.now.player.zone)
	fmt.Fprintf(t.c.out, "  %s %s\n", pad(t.words("next", "次の予定"), 14), clockText(at))
}

func (t *trial) until(due *time.Time) string {
	if due == nil {
		return ""
	}
	return t.words(", until ", "、") + t.dayOf(due) + t.words("", " まで")
}

func (t *trial) dayOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return clockText(at.In(t.now.player.zone).Truncate(time.Second))
}

// tellAnswer shows the answer to a question.
func (t *trial) tellAnswer(a *tryAnswer) {
	t.lastLine().Answer = a
	switch {
	case a.Holds != nil:
		t.say(strings.TrimRight(fmt.Sprintf("  %s %s    %s", mark(*a.Holds), a.Sentence, a.Seen), " "))
	default:
		t.say("  = " + a.Text)
	}
}

// tellWhy shows an explanation.
func (t *trial) tellWhy(doc *httpd.ExplainDoc) {
	t.lastLine().Explain = doc
	if !t.c.json {
		t.c.printExplained(doc)
	}
}

// mail shows a message as the lead got it.
func (t *trial) mail(rest string) error {
	all := t.now.mails()
	if len(all) == 0 {
		t.say(t.words("Nothing was sent to this lead yet; why channel.NAME tells what stands in the way.", "このリードにはまだ何も送っていません。why channel.名前 で理由がわかります。"))
		return nil
	}
	n := len(all)
	if rest != "" {
		if _, err := fmt.Sscanf(rest, "%d", &n); err != nil || n < 1 || n > len(all) {
			return fmt.Errorf(t.words("mail %s: write a number from 1 to %d", "mail %s: 1から%dまでの番号を書いてください"), rest, len(all))
		}
	}
	m := messageOf(n, &all[n-1])
	doc := t.lastLine()
	doc.Messages = append(doc.Messages, m)
	t.say(fmt.Sprintf("mail %d  %s", m.Number, m.Channel))
	for _, part := range m.parts {
		if part.Name == "html" || part.Name == "text" {
			continue
		}
		t.say(fmt.Sprintf("  %s %s", pad(part.Name, 12), partText(part.Value)))
	}
	if text := m.Parts["text"]; text != nil {
		t.say("")
		for line := range strings.Lines(strings.TrimRight(fmt.Sprint(text), "\n")) {
			t.say("  │ " + strings.TrimRight(line, "\n"))
		}
	}
	return nil
}

// tellStory shows the story as a test.
func (t *trial) tellStory(string) error {
	t.say(strings.TrimRight(t.test(t.rules.storyTitle(t.words("a story tried by hand", "手で試した物語"))), "\n"))
	return nil
}

func (t *trial) tellSaved(file string) {
	t.lastLine().Saved = file
	t.say(fmt.Sprintf(t.words("  written: %s", "  保存しました: %s"), file))
	if !slices.ContainsFunc(t.story.steps, func(s tryStep) bool { return s.hcl == "" || strings.Contains(s.hcl, "expect") }) {
		t.say(t.words("  It expects nothing yet: write expect lines, or add them to the file.", "  まだ何も確かめていません。expect の行を書くか、ファイルに足してください。"))
	}
}

// help lists the words.
func (t *trial) help(string) error {
	if t.c.json {
		return nil
	}
	for _, w := range tryWords() {
		fmt.Fprintf(t.c.out, "  %s %s\n", pad(w.example, 42), t.words(w.doc[0], w.doc[1]))
	}
	fmt.Fprintf(t.c.out, t.words("Events: %s\n", "イベント: %s\n"), listed(t.events()))
	return nil
}
