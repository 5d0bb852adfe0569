package dsl

import (
	"fmt"
	"strings"
)

// exprDoc is a row of what conditions are made of.
type exprDoc struct {
	name  string // as it is looked up: "did", "score", ">="
	usage string
	doc   Doc
	// example is a condition that the documentation's small workspace understands;
	// "" where the fact can only be read in a text.
	example string
}

// factDocs are the facts that a condition may name: namespaces, bare words, calls.
var factDocs = []exprDoc{
	{"lead", "lead.NAME", Doc{
		"An attribute of the lead, as declared in `lead { }`. Where the lead has none, a comparison does not hold.",
		"リードの属性です（`lead { }` で宣言したもの）。値のないリードでは、比較は成り立ちません。",
	}, "lead.industry == 'saas'"},
	{"event", "event.NAME", Doc{
		"A field of the event that set the rule off. Only where the rule has `on`.",
		"ルールを動かしたイベントの項目です。`on` のあるルールでだけ読めます。",
	}, ""},
	{"account", "account.NAME", Doc{
		"What is said of the lead's account, as declared in `account { }`; and what all leads of the account did: `account.times('EVENT', '14d')`, `account.did`, `account.never`, `account.since`. A lead without an account has none of it: its counts are 0.",
		"リードのアカウントの項目（`account { }` で宣言したもの）。アカウントの全リードの行動も `account.times('EVENT', '14d')`、`account.did`、`account.never`、`account.since` で調べられます。アカウントのないリードでは、項目は空、回数は 0 です。",
	}, "account.times('pricing_viewed', '14d') >= 3"},
	{"score", "score.NAME", Doc{
		"The points of a score now, faded and inside its range.", "スコアの現在の点数です（減衰と範囲を反映）。",
	}, "score.interest >= 70"},
	{"segment", "segment.NAME", Doc{
		"Whether the lead is in the segment.", "リードがセグメントに入っているかどうか。",
	}, "segment.big"},
	{"consent", "consent.NAME", Doc{
		"Whether the consent stands: given, not taken back, not expired.", "同意が有効か（取り消されておらず、期限内か）どうか。",
	}, "consent.marketing"},
	{"const", "const.NAME", Doc{
		"A value of `const { }`.", "`const { }` の値。",
	}, "score.interest >= const.hot"},
	{"stage", "stage, lead.stage", Doc{
		"The name of the lead's stage in the lifecycle.", "ライフサイクルでの段階の名前。",
	}, "lead.stage in ['mql', 'sal']"},
	{"now", "now", Doc{
		"The event's time. Compared with a date, or less another time: the difference is in days.",
		"イベントの日時。日付と比べるか、日時どうしを引き算します（差は日数）。",
	}, "now >= '2026-10-01'"},
	{"weekday", "weekday", Doc{
		"mon tue wed thu fri sat sun, in the lead's zone.", "リードのタイムゾーンでの曜日（mon tue wed thu fri sat sun）。",
	}, "weekday in ['tue', 'wed', 'thu']"},
	{"hour", "hour", Doc{
		"The hour of the day, 0 to 23, in the lead's zone.", "リードのタイムゾーンでの時（0〜23）。",
	}, "hour >= 9 and hour < 18"},
	{"business_day", "business_day", Doc{
		"Whether the calendar works on this day.", "カレンダーの営業日かどうか。",
	}, "business_day"},
	{"did", "did('EVENT', '7d')", Doc{
		"Whether the event happened in the time before now; without a time, ever.",
		"直近の期間にイベントがあったかどうか。期間を省略すると、これまでのすべて。",
	}, "did('pricing_viewed', '7d')"},
	{"times", "times('EVENT', '7d')", Doc{
		"How often the event happened in the time before now; without a time, ever.",
		"直近の期間のイベントの回数。期間を省略すると、これまでのすべて。",
	}, "times('page_viewed', '30d') >= 3"},
	{"never", "never('EVENT', '30d')", Doc{
		"Whether the event did not happen in the time before now. It comes true when time alone has passed.",
		"直近の期間にイベントがなかったかどうか。時間がたつだけでも成り立ちます。",
	}, "never('email_clicked', '30d')"},
	{"since", "since('EVENT')", Doc{
		"Days since the event last happened; empty where it never did.", "最後にイベントがあってからの日数。一度もなければ空。",
	}, "since('form_submitted') <= 14"},
	{"sent", "sent('CHANNEL', '7d')", Doc{
		"How many messages the channel sent to the lead in the time before now; without a time, ever.",
		"直近の期間に、そのチャネルからリードに送った件数。期間を省略すると、これまでのすべて。",
	}, "sent('mail', '7d') < 2"},
	{"skipped", "skipped('CHANNEL', 'REASON')", Doc{
		"How many messages were not sent, and why. Only in tests.", "見送った件数（理由を指定できます）。テストでだけ使えます。",
	}, "skipped('mail') == 0"},
	{"tossed_up", "tossed_up('TOSS_UP')", Doc{
		"Whether the lead was handed over by that rule.", "そのルールで営業に渡されたかどうか。",
	}, "not tossed_up('hot_lead')"},
	{"first_touch", "first_touch.PART", firstTouchDoc, "first_touch.class == 'search'"},
	{"last_touch", "last_touch.PART", lastTouchDoc, "last_touch.source == 'expo'"},
	{"shown", "shown('SLOT')", Doc{
		"The step that shows something in a slot of the web site, or '': `shown('hero') == 'banner'`. Only in tests.",
		"サイトのスロットに表示しているステップの名前。なければ ''（`shown('hero') == 'banner'`）。テストでだけ使えます。",
	}, ""},
	{"in_workflow", "in_workflow('WORKFLOW')", Doc{
		"Whether the lead is inside the workflow.", "ワークフローの途中かどうか。",
	}, "not in_workflow('welcome')"},
	{"at", "at('WORKFLOW')", Doc{
		"The step the lead stands on, or `exit.NAME` once it has left: `exit.end` at the end of the steps, `exit.held_out` where `holdout` kept it out, `exit.displaced` where another workflow of its `lane` took it over.",
		"リードがいるステップの名前。出たあとは `exit.名前`。最後まで進んだら `exit.end`、`holdout` で入らなかったら `exit.held_out`、同じ `lane` の別のワークフローに移ったら `exit.displaced`。",
	}, "at('welcome') == 'a_day'"},
	{"confirm_url", "confirm_url", Doc{
		"The address of the page on which a reader confirms a consent. In the mail of a `confirm` only.",
		"同意を確認するページのアドレス。`confirm` の確認メールでだけ使えます。",
	}, ""},
	{"preferences_url", "preferences_url", Doc{
		"The address of the reader's own page of topics and frequency. In the texts of mails only.",
		"読者が話題と頻度を選ぶ、本人用のページのアドレス。メールの文面でだけ使えます。",
	}, ""},
	{"reasons", "reasons", Doc{
		"The conditions that handed the lead over, in words. A list, in the texts of a hand_over only.",
		"トスアップの理由を言葉にしたもの。hand_over の文面でだけ使えるリスト。",
	}, ""},
	{"toss_up", "toss_up", Doc{
		"The name of the rule that handed the lead over. In the texts of a hand_over only.",
		"渡したルールの名前。hand_over の文面でだけ使えます。",
	}, ""},
}

// operatorDocs are the signs and words between the facts.
var operatorDocs = []exprDoc{
	{"and", "A and B", Doc{"Both hold.", "両方とも成り立つ。"}, "segment.big and consent.marketing"},
	{"or", "A or B", Doc{"One of them holds, or both.", "少なくとも一方が成り立つ。"}, "segment.big or score.interest >= 50"},
	{"not", "not A", Doc{"It does not hold.", "成り立たない。"}, "not lead.unsubscribed"},
	{"==", "==, !=", Doc{"Equal, not equal. Nothing equals an empty value.", "等しい、等しくない。空の値は何とも等しくありません。"}, "lead.industry == 'saas'"},
	{">=", ">=, >, <=, <", Doc{"At least, more than, at most, less than. For numbers and times.", "以上、より大きい、以下、未満。数値と日時に使います。"}, "lead.employees >= 100"},
	{"in", "in, not in", Doc{"Is one of a list.", "リストのどれかである、どれでもない。"}, "lead.industry in ['saas', 'retail']"},
	{"contains", "contains", Doc{"The text has this somewhere.", "文字列のどこかに含む。"}, "lead.title contains '部長'"},
	{"startsWith", "startsWith, endsWith", Doc{"The text begins, ends with this.", "文字列がこれで始まる、終わる。"}, "lead.email endsWith '.co.jp'"},
	{"matches", "matches", Doc{"The text fits a regular expression, written out.", "正規表現に合う（その場に書いたもの）。"}, "lead.title matches '部長|課長'"},
	{"??", "A ?? B", Doc{"A, or B where A is empty. In brackets beside other signs.", "A。空なら B。ほかの記号と並べるときはかっこで囲みます。"}, "(lead.employees ?? 0) >= 100"},
	{"? :", "A ? B : C", Doc{"B where A holds, else C.", "A が成り立てば B、そうでなければ C。"}, "(segment.big ? 50 : 70) <= score.interest"},
	{"+", "+ - * /", Doc{"Arithmetic. Division by zero gives no value.", "四則計算。0で割ると値なしになります。"}, "score.interest * 2 > 90"},
	{"|", "A | f()", Doc{"The same as f(A): reads well in texts.", "f(A) と同じ。文面で読みやすい書き方です。"}, "(lead.title | lower()) contains 'cto'"},
}

// layerDocs tell what each place may read, in the order of the pass.
var layerDocs = []struct {
	place Doc
	reads family
}{
	{Doc{"`when` of a named moment", "瞬間の `when`"}, readsMoment},
	{Doc{"`when` of a consent", "同意の `when`"}, readsConsent},
	{Doc{"score rules without `on`", "`on` のないスコアのルール"}, readsAttrs},
	{Doc{"score rules with `on`", "`on` のあるスコアのルール"}, readsScore},
	{Doc{"segments", "セグメント"}, readsSegment},
	{Doc{"stages", "段階"}, readsStage},
	{Doc{"toss-ups", "トスアップ"}, readsTossUp},
	{Doc{"workflows", "ワークフロー"}, readsFlow},
	{Doc{"texts of messages", "メッセージの文面"}, readsMessage},
	{Doc{"texts of mails", "メールの文面"}, readsMail},
	{Doc{"the mail of a `confirm`", "`confirm` の確認メール"}, readsConfirm},
	{Doc{"texts of a hand_over", "hand_over の文面"}, readsPacket},
	{Doc{"`expect` of tests", "テストの `expect`"}, readsTest},
	{Doc{"`when` of a source's `map`", "`source` の `map` の `when`"}, readsPayload},
}

var familyWords = []struct {
	family family
	words  string
}{
	{famEvent, "event.*"},
	{famLead, "lead.*"},
	{famConst, "const.*"},
	{famAccount, "account.*"},
	{famTime, "now weekday hour business_day"},
	{famHistory, "did times never since"},
	{famConsent, "consent.*"},
	{famTouch, "first_touch.* last_touch.*"},
	{famScore, "score.*"},
	{famSegment, "segment.*"},
	{famStage, "stage"},
	{famTossedUp, "tossed_up"},
	{famFlow, "at in_workflow"},
	{famSent, "sent"},
	{famSkipped, "skipped"},
	{famShown, "shown"},
	{famKPI, "kpi.*"},
	{famHandOver, "reasons toss_up"},
	{famMail, "preferences_url"},
	{famConfirm, "confirm_url"},
	{famPayload, "payload.*"},
}

// conditionsPage tells what conditions and texts are made of.
func (m *manual) conditionsPage() {
	s := m.page("conditions.md", m.say("Conditions", "条件"), m.say(
		"A condition is a yes/no question in quotes. The same facts, signs and functions serve in texts, between `{{` and `}}`. Texts inside stand in single quotes. An empty value meets no comparison, and arithmetic with it must say what counts instead.",
		"条件は、引用符で囲んだ、はい・いいえで答えられる問いです。文面の `{{` と `}}` の間でも、同じ事実・記号・関数を使えます。中の文字列は ' で囲みます。空の値はどの比較も満たさず、計算に使うときは代わりの値が必要です。",
	))
	s.heading(2, m.say("Facts", "事実"))
	m.exprTopics(s, "fact", factDocs)
	s.heading(2, m.say("Signs and words", "記号と語"))
	m.exprTopics(s, "operator", operatorDocs)
	s.heading(2, m.say("Functions", "関数"))
	for _, f := range Functions() {
		s.topic(Topic{
			Kind: "function", Name: f.Name, Title: f.Name, level: 3,
			Text: f.Doc.In(m.language) + "\n\n" + tick(f.Usage),
		})
	}
	s.heading(2, m.say("What may be read where", "どこで何を読めるか"))
	s.paragraph(m.say(
		"An event passes the layers once, in this order, and each reads only what stands before it. So nothing waits for itself, and the order of files means nothing.",
		"イベントは次の順に一度だけ判定され、それぞれ前にあるものだけを読みます。自分を待つルールはできず、ファイルの順序も影響しません。",
	))
	s.paragraph(m.layerTable())
	m.done(s)
}

func (m *manual) exprTopics(s *sheet, kind string, docs []exprDoc) {
	for _, d := range docs {
		text := d.doc.In(m.language)
		if d.example != "" {
			text += "\n\n" + fence("hcl in=segment", fmt.Sprintf("when = %q", d.example))
		}
		s.topic(Topic{Kind: kind, Name: d.name, Title: d.usage, level: 3, Text: text})
	}
}

func (m *manual) layerTable() string {
	var rows [][]string
	for _, l := range layerDocs {
		var words []string
		for _, f := range familyWords {
			if l.reads&f.family != 0 {
				for _, w := range strings.Fields(f.words) {
					words = append(words, tick(w))
				}
			}
		}
		rows = append(rows, []string{l.place.In(m.language), strings.Join(words, " ")})
	}
	return table([]string{m.say("place", "場所"), m.say("reads", "読めるもの")}, rows)
}
