package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/cmd/nurture/internal/httpd"
	"github.com/seed-456efde2/nurture/dsl"
	"github.com/seed-456efde2/nurture/engine"
)

// tryWord is a word with which a line of a story may begin.
type tryWord struct {
	name    string
	example string
	doc     [2]string // what it does, in English and Japanese
	needs   [2]string // what must follow; "" for nothing
	do      func(t *trial, rest string) error
}

// tryWords are the words of a story's lines, in the order in which help shows them.
func tryWords() []tryWord {
	return []tryWord{
		{
			"event", "form_submitted form=inquiry",
			[2]string{"something happens; the word event may be left out", "出来事が起こる。event は省ける"},
			[2]string{"which event", "イベントの名前"},
			(*trial).event,
		},
		{"after", "after 3d", [2]string{"time passes: 10m, 4h, 3d, 5 business days", "時間が過ぎる：10m、4h、3d、5 business days"}, [2]string{"how long", "長さ"}, (*trial).after},
		{"at", "at 2026-10-06 09:30", [2]string{"time passes until then; at 09:30 is the next 09:30", "その日時まで進む。at 09:30 は次の 9:30"}, [2]string{"when", "日時"}, (*trial).at},
		{"next", "next", [2]string{"time passes until something happens by itself", "次に何かが起こるまで進む"}, [2]string{}, (*trial).next},
		{"lead", "lead employees=320", [2]string{"how the lead was from the beginning", "はじめからのリードの属性"}, [2]string{"attributes", "属性"}, (*trial).leadLine},
		{"identify", "identify company=Acme", [2]string{"attributes become known, or change, now", "いま属性がわかる、または変わる"}, [2]string{"attributes", "属性"}, (*trial).identify},
		{"reply", "reply mail refused code=mailbox_full", [2]string{"what a channel answers from now on: done, retry, refused, unknown", "これ以降チャネルが返す結果：done、retry、refused、unknown"}, [2]string{"a channel and its answer", "チャネルと結果"}, (*trial).reply},
		{"account", "account plan=gold", [2]string{"something becomes known of the lead's company", "リードの会社について何かがわかる"}, [2]string{"attributes", "属性"}, (*trial).account},
		{"colleague", "colleague suzuki page_viewed path=/pricing", [2]string{"somebody else of the company does something", "同じ会社の別の人が何かをする"}, [2]string{"who, and which event", "名前とイベント"}, (*trial).colleague},
		{"correct", "correct email_clicked by=machine", [2]string{"what is true of the latest event of that name: never=true, by=machine, earlier=2d", "その名前の最新の出来事の訂正：never=true、by=machine、earlier=2d"}, [2]string{"which event, and what is true of it", "イベントと本当のこと"}, (*trial).correct},
		{"expect", "expect sent('mail') == 1", [2]string{"what must hold now; it goes into the test", "いま成り立つべき条件。テストに残る"}, [2]string{"a condition", "条件"}, (*trial).expect},
		{"?", "score.interest >= 70", [2]string{"a question in the words of conditions; the ? may be left out", "条件の言葉での質問。? は省ける"}, [2]string{"a condition or a value", "条件か値"}, (*trial).ask},
		{"why", "why toss_up.hot_lead", [2]string{"why it was decided so, or not yet, and what would change it", "なぜそう判断したか、なぜまだか、どうすれば変わるか"}, [2]string{}, (*trial).why},
		{"show", "show", [2]string{"how the lead stands, and what is due next", "リードのいまの状態と、次の予定"}, [2]string{}, (*trial).show},
		{"mail", "mail 1", [2]string{"a message as the lead got it; without a number the latest", "届いたメッセージの中身。番号を省くと最新"}, [2]string{}, (*trial).mail},
		{"story", "story", [2]string{"the story so far, as a test block", "ここまでの物語をテストの形で"}, [2]string{}, (*trial).tellStory},
		{"save", "save tests/hot_lead.hcl", [2]string{"write it into a new file", "新しいファイルに保存する"}, [2]string{"a file", "ファイル"}, (*trial).save},
		{"again", "again", [2]string{"live the story again, and show all of it", "物語をはじめから生き直し、全部を見せる"}, [2]string{}, (*trial).again},
		{"start", "start 2026-10-05 09:00", [2]string{"when the story begins", "物語の始まりの日時"}, [2]string{"when", "日時"}, (*trial).startAt},
		{"undo", "undo", [2]string{"take the last line of the story back", "最後の行を取り消す"}, [2]string{}, (*trial).undo},
		{"help", "help", [2]string{"this list", "この一覧"}, [2]string{}, (*trial).help},
		{"quit", "quit", [2]string{"end; the end of the input does it, too", "終わる。入力の終わりでも終わる"}, [2]string{}, func(*trial, string) error { return nil }},
	}
}

// tryAliases are other names of words.
var tryAliases = map[string]string{"explain": "why", "mails": "mail", "exit": "quit", "wait": "after"}

// tryWordOf is the word of that name, nil where there is none.
func tryWordOf(name string) *tryWord {
	if other := tryAliases[name]; other != "" {
		name = other
	}
	all := tryWords()
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}

// rawBlock is a line as a test block has it.
var rawBlock = regexp.MustCompile(`^(event|identify|reply|after|at|colleague|account|correct)\s*("[^"]*")?\s*\{`)

// typedWords splits a line at its spaces; quotes hold a word together and are taken
// off.
func typedWords(line string) ([]string, error) {
	var list []string
	var word strings.Builder
	var quote rune
	begun := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\u3000':
			if begun {
				list = append(list, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("%c", quote)
	}
	if begun {
		list = append(list, word.String())
	}
	return list, nil
}

// split reads a line's words, the names first, then NAME=VALUE.
func (t *trial) split(line string) (names []string, fields [][2]string, err error) {
	list, err := typedWords(line)
	if err != nil {
		return nil, nil, fmt.Errorf(t.words("the quote %s is opened and not closed", "引用符 %s が閉じていません"), err)
	}
	for _, word := range list {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			name, value, ok = strings.Cut(word, "＝")
		}
		switch {
		case !ok && len(fields) > 0:
			return nil, nil, fmt.Errorf(t.words("%[1]q is not of the form NAME=VALUE; a value with spaces stands in quotes: %[2]s=%[3]q", "「%[1]s」は NAME=VALUE の形ではありません。空白を含む値は引用符で囲みます: %[2]s=%[3]q"),
				word, fields[len(fields)-1][0], fields[len(fields)-1][1]+" "+word)
		case !ok:
			names = append(names, word)
		default:
			fields = append(fields, [2]string{name, value})
		}
	}
	return names, fields, nil
}

// happen adds a step to the story and lives it.
func (t *trial) happen(step tryStep) error { return t.become(t.story.with(step)) }

// become takes a story over that can be lived, and shows what its last step brought.
func (t *trial) become(s *tryStory) error {
	now, err := t.live(s)
	if err != nil {
		return err
	}
	before := t.now
	t.story, t.now = *s, now
	t.tellStep(before, now, len(s.steps)-1)
	return nil
}

// retell takes a story over whose beginning or end is another, and shows what has
// become otherwise.
func (t *trial) retell(s *tryStory) error {
	now, err := t.live(s)
	if err != nil {
		return err
	}
	before := t.now
	t.story, t.now = *s, now
	t.tellDifference(before, now)
	return nil
}

func (t *trial) event(rest string) error {
	names, fields, err := t.split(rest)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return fmt.Errorf(t.words("event: name one event, then its fields: event form_submitted form=inquiry; got %s", "event: イベントをひとつ、続けてフィールドを書きます。例: event form_submitted form=inquiry（書かれたのは %s）"), listed(names))
	}
	return t.happen(tryStep{typed: "event " + rest, hcl: t.eventHCL(names[0], fields)})
}

func (t *trial) eventHCL(name string, fields [][2]string) string {
	spec := t.rules.good.Spec
	for i := range spec.Events {
		if spec.Events[i].Name == name {
			return blockOf("event "+quoteHCL(name), typedFields(spec.Events[i].Fields, fields))
		}
	}
	return blockOf("event "+quoteHCL(name), typedFields(nil, fields))
}

// attributes reads a line of nothing but NAME=VALUE about the lead.
func (t *trial) attributes(word, rest string) ([]tryField, error) {
	names, fields, err := t.split(rest)
	if err != nil {
		return nil, err
	}
	if len(names) > 0 || len(fields) == 0 {
		return nil, fmt.Errorf(t.words("%[1]s: write NAME=VALUE, for instance: %[1]s company=Acme", "%[1]s: NAME=VALUE の形で書いてください。例: %[1]s company=Acme"), word)
	}
	return typedFields(t.rules.good.Spec.Attrs, fields), nil
}

func (t *trial) leadLine(rest string) error {
	fields, err := t.attributes("lead", rest)
	if err != nil {
		return err
	}
	s := t.story
	for _, f := range fields {
		s.give(f)
	}
	return t.retell(&s)
}

func (t *trial) identify(rest string) error {
	fields, err := t.attributes("identify", rest)
	if err != nil {
		return err
	}
	return t.happen(tryStep{typed: "identify " + rest, hcl: blockOf("identify", fields)})
}

func (t *trial) account(rest string) error {
	names, fields, err := t.split(rest)
	if err != nil {
		return err
	}
	spec := t.rules.good.Spec.Account
	if spec == nil {
		return errors.New(t.words("account: the workspace declares no account block", "account: ワークスペースに account ブロックがありません"))
	}
	if len(names) > 0 {
		return errors.New(t.words("account: write NAME=VALUE, for instance: account plan=gold", "account: NAME=VALUE の形で書いてください。例: account plan=gold"))
	}
	return t.happen(tryStep{typed: "account " + rest, hcl: blockOf("account", typedFields(spec.Attrs, fields))})
}

func (t *trial) after(rest string) error {
	return t.happen(tryStep{typed: "after " + rest, hcl: "after " + quoteHCL(strings.Trim(rest, `"'`)) + " {}"})
}

// hourOnly is a time of day without a date.
var hourOnly = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):([0-5][0-9])$`)

func (t *trial) at(rest string) error {
	rest = strings.Trim(rest, `"'`)
	if hm := hourOnly.FindStringSubmatch(rest); hm != nil {
		hour, _ := strconv.Atoi(hm[1]) // the expression lets digits through alone
		minute, _ := strconv.Atoi(hm[2])
		now := t.now.clock()
		at := time.Date(now.Year(), now.Month(), now.Day(), hour, minute, 0, 0, now.Location())
		if !at.After(now) {
			at = time.Date(now.Year(), now.Month(), now.Day()+1, hour, minute, 0, 0, now.Location())
		}
		rest = clockText(at)
	}
	return t.happen(tryStep{typed: "at " + rest, hcl: "at " + quoteHCL(rest) + " {}"})
}

func (t *trial) next(string) error {
	ahead, err := t.live(&t.story)
	if err != nil {
		return err
	}
	at, ok, err := ahead.next()
	if err != nil {
		return err
	}
	if !ok {
		t.say(t.words("Nothing is due: only an event can move this lead.", "予定はありません。このリードを動かせるのは、新しい出来事だけです。"))
		return nil
	}
	return t.happen(tryStep{typed: "next", hcl: "at " + quoteHCL(clockText(at)) + " {}"})
}

func (t *trial) reply(rest string) error {
	names, fields, err := t.split(rest)
	if err != nil {
		return err
	}
	if len(names) != 2 {
		return errors.New(t.words("reply: write a channel and its answer (done, retry, refused or unknown), for instance: reply mail retry times=2", "reply: チャネルと結果（done、retry、refused、unknown）を書いてください。例: reply mail retry times=2"))
	}
	list := append([]tryField{{"outcome", quoteHCL(names[1])}}, typedFields(nil, fields)...)
	return t.happen(tryStep{typed: "reply " + rest, hcl: blockOf("reply "+quoteHCL(names[0]), list)})
}

func (t *trial) colleague(rest string) error {
	names, fields, err := t.split(rest)
	if err != nil {
		return err
	}
	if len(names) != 2 {
		return errors.New(t.words("colleague: write who does what, for instance: colleague suzuki page_viewed path=/pricing", "colleague: だれが何をするかを書いてください。例: colleague suzuki page_viewed path=/pricing"))
	}
	return t.happen(tryStep{typed: "colleague " + rest, hcl: "colleague " + quoteHCL(names[0]) + " {\n" + t.eventHCL(names[1], fields) + "\n}"})
}

// correct reads what is true of an event: the attributes of a correction, and what the
// event says otherwise.
func (t *trial) correct(rest string) error {
	names, fields, err := t.split(rest)
	if err != nil {
		return err
	}
	if len(names) != 1 {
		return errors.New(t.words("correct: name the event and what is true of it, for instance: correct email_clicked by=machine", "correct: イベントと本当のことを書いてください。例: correct email_clicked by=machine"))
	}
	var said [][2]string
	var own []tryField
	for _, f := range fields {
		if slices.Contains([]string{"never", "as_told", "by", "earlier", "no_consent"}, f[0]) {
			own = append(own, typedFields(nil, [][2]string{f})...)
		} else {
			said = append(said, f)
		}
	}
	hcl := blockOf("correct "+quoteHCL(names[0]), own)
	if len(said) > 0 {
		says := t.eventHCL(names[0], said)
		says = "says" + strings.TrimPrefix(says, "event "+quoteHCL(names[0]))
		hcl = strings.TrimRight(strings.TrimSuffix(hcl, "}"), " \n") + "\n" + says + "\n}"
	}
	return t.happen(tryStep{typed: "correct " + rest, hcl: hcl})
}

func (t *trial) expect(rest string) error {
	return t.happen(tryStep{typed: "expect " + rest, expect: rest})
}

// ask answers a question. What it reads is counted from the story's beginning on.
func (t *trial) ask(rest string) error {
	q, problems := t.now.rules.Ask(rest, t.lang)
	if q == nil {
		return &storyProblem{problems}
	}
	fresh := false
	for _, k := range q.Reads() {
		if !slices.Contains(t.asked, k) {
			t.asked = append(t.asked, k)
			fresh = true
		}
	}
	if fresh {
		now, err := t.live(&t.story)
		if err != nil {
			return err
		}
		t.now = now
	}
	answer, err := t.now.answer(q, t.lang)
	if err != nil {
		return err
	}
	t.tellAnswer(answer)
	return nil
}

func (t *trial) why(rest string) error {
	doc, err := t.now.told().Explain(httpd.ExplainAsk{Subject: rest, Lang: t.lang, Most: 10})
	if err != nil {
		return err
	}
	t.tellWhy(doc)
	return nil
}

func (t *trial) undo(string) error {
	if len(t.story.steps) == 0 {
		return errors.New(t.words("undo: nothing has happened yet", "undo: まだ何も起きていません"))
	}
	s := t.story
	last := s.steps[len(s.steps)-1]
	s.steps = s.steps[:len(s.steps)-1]
	now, err := t.live(&s)
	if err != nil {
		return err
	}
	t.story, t.now = s, now
	t.say(fmt.Sprintf(t.words("Taken back: %s", "取り消し: %s"), last.typed))
	t.tellState(nil, now)
	return nil
}

func (t *trial) startAt(rest string) error {
	s := t.story
	s.start = strings.Trim(rest, `"'`)
	return t.retell(&s)
}

func (t *trial) again(string) error {
	now, err := t.live(&t.story)
	if err != nil {
		return err
	}
	t.now = now
	t.tellAll(now)
	return nil
}

// save writes the story as a test into a new file. Its name is the file's.
func (t *trial) save(rest string) error {
	file := strings.Trim(rest, `"'`)
	if filepath.Ext(file) != ".hcl" {
		return fmt.Errorf(t.words("save %[1]s: rules and tests lie in *.hcl files; write save %[1]s.hcl", "save %[1]s: ルールとテストは *.hcl ファイルに置きます。save %[1]s.hcl と書いてください"), file)
	}
	title := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(file), ".hcl"), "_", " ")
	text := t.test(t.rules.storyTitle(strings.TrimSuffix(title, " test")))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("save the story: %w", err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf(t.words("save %s: the file is there already and is not overwritten; name another", "save %s: すでにあるファイルは上書きしません。別の名前にしてください"), file)
	}
	if err != nil {
		return fmt.Errorf("save the story: %w", err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("save the story: %w", err)
	}
	t.tellSaved(file)
	return nil
}

// test is the story as a test to keep.
func (t *trial) test(title string) string {
	var clocks []time.Time
	for _, end := range t.now.ends {
		clocks = append(clocks, end.clock)
	}
	return t.story.test(title, clocks)
}

// plainWord is a name that stands alone, as an event does.
var plainWord = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// eventOrQuestion carries out a line without a word of its own.
func (t *trial) eventOrQuestion(line string) error {
	names, fields, err := t.split(line)
	event := err == nil && len(names) == 1 && plainWord.MatchString(names[0])
	for i := range fields {
		event = event && plainWord.MatchString(fields[i][0])
	}
	if event && t.declared(names[0]) {
		return t.event(line)
	}
	q, problems := t.now.rules.Ask(line, t.lang)
	switch {
	case q != nil:
		return t.ask(line)
	case !event:
		return &storyProblem{problems}
	case len(fields) == 0:
		return t.unknown(names[0])
	}
	return t.event(line)
}

// declared reports whether a name is an event's.
func (t *trial) declared(name string) bool {
	return slices.ContainsFunc(t.rules.good.Spec.Events, func(e engine.EventSpec) bool { return e.Name == name })
}

// events are the events that a story may bring: moments come of them, and what the
// engine does brings some by itself.
func (t *trial) events() []string {
	spec := t.rules.good.Spec
	var list []string
	for i := range spec.Events {
		if e := &spec.Events[i]; e.From == "" && !engineBrings(e.Name) {
			list = append(list, e.Name)
		}
	}
	return list
}

// unknown is the answer to a line of one word that means nothing.
func (t *trial) unknown(word string) error {
	var known []string
	for _, w := range tryWords() {
		known = append(known, w.name)
	}
	near := dsl.Closest(word, append(known, t.events()...))
	if near != "" {
		return fmt.Errorf(t.words("%q is neither an event nor a word of a story; did you mean %s?", "「%s」というイベントも言葉もありません。%s のことですか"), word, near)
	}
	return fmt.Errorf(t.words("%q is neither an event nor a word of a story; help lists the words, and these events are declared: %s", "「%s」というイベントも言葉もありません。help で言葉の一覧を見られます。宣言されているイベント: %s"), word, listed(t.events()))
}
