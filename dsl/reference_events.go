package dsl

import (
	"strings"

	"github.com/seed-456efde2/nurture/engine"
)

// eventDocs say when a built-in event comes.
var eventDocs = map[string]Doc{
	engine.ConfirmedEvent:   {"The lead followed the link of a confirm mail and pressed the button there. It gives the consent that was asked for; the evidence has the wording and source of the asking. Only nurture's own page brings it: one that a client sends is refused.", "リードが確認メールのリンクを開き、ページのボタンを押したとき。申し込まれた同意が成立し、証拠には申し込みのときの文言と入手元が残ります。nurture のページだけが起こすイベントで、クライアントから届いたものは受け付けません。"},
	"consent_given":         {"A form or a client reports consent, with its wording and source.", "フォームやクライアントが、文言と取得元を添えて同意を伝えたとき。"},
	"email_auto_replied":    {"A machine answered a mail: the lead is away, or the like. It is no answer of the lead.", "メールに自動返信があったとき（不在通知など）。本人の返信ではありません。"},
	"email_bounced":         {"A mail came back. A hard bounce closes the address.", "メールが戻ってきたとき。hard の場合、その宛先にはもう送りません。"},
	"email_clicked":         {"A link of a mail was opened. `link_class` is the name behind the link. Only clicks of people are counted under this name: see email_clicked_machine.", "メールのリンクが開かれたとき。`link_class` はリンクに付けた名前。この名前で数えるのは人のクリックだけです（機械は email_clicked_machine）。"},
	"email_clicked_machine": {"A link of a mail was opened by a program: a scanner that looks for harm, for instance. It has the fields of email_clicked and counts nowhere unless a rule names it.", "メールのリンクを、安全を調べるプログラムなどの機械が開いたとき。項目は email_clicked と同じで、この名前を書いたルールだけが数えます。"},
	"email_complained":      {"The lead reported a mail as spam.", "リードがメールを迷惑メールとして報告したとき。"},
	"email_delivered":       {"The receiving server took the mail.", "受信側のサーバーがメールを受け取ったとき。"},
	"email_opened":          {"A mail was shown. Many programs open mails by themselves: prefer clicks.", "メールが表示されたとき。自動で開くソフトが多いため、判断にはクリックをすすめます。"},
	"email_opened_machine":  {"A mail was shown by a program that opens mails by itself. It has the fields of email_opened and counts nowhere unless a rule names it.", "メールを自動で開くプログラムが表示したとき。項目は email_opened と同じで、この名前を書いたルールだけが数えます。"},
	"email_replied":         {"The lead answered a mail.", "リードがメールに返信したとき。"},
	"email_sent":            {"A mail was handed to the server.", "メールをサーバーに渡したとき。"},
	"kpi_breached":          {"A threshold of a KPI began to fire.", "KPI のしきい値を割ったとき。"},
	"kpi_recovered":         {"A threshold of a KPI is well again.", "KPI がしきい値の内側に戻ったとき。"},
	"message_skipped":       {"A message was not sent; `reason` says why.", "メッセージを送らなかったとき。理由は `reason` にあります。"},
	"page_viewed":           {"A client reports a page view (the page call of the Segment form).", "ページの閲覧（Segment 形式の page）。"},
	engine.WishedEvent:      {"The lead said on its preference page how often it wants to hear from you: of everything, or about one topic. `frequency` is usual, weekly, monthly or none. No policy sends more than that. Only nurture's own page brings it.", "リードが配信設定のページで、全体または話題ごとの希望の頻度を選んだとき。`frequency` は usual（通常どおり）、weekly、monthly、none。どのポリシーも、これより多くは送りません。nurture のページだけが起こすイベントです。"},
	"stage_changed":         {"The lead moved from one stage to another.", "リードの段階が変わったとき。"},
	"toss_up_accepted":      {"Sales took the lead.", "営業がリードを受け入れたとき。"},
	"toss_up_doubted":       {"Something came to light by which the lead would not have been handed over: a machine had clicked, two people were one.", "あとでわかった事実（機械のクリック、同一人物など）により、渡さなかったはずだとわかったとき。"},
	"toss_up_escalated":     {"Nobody has answered, and somebody else was told.", "返事がなく、別の人に知らせたとき。"},
	"toss_up_reminded":      {"Nobody has answered, and the owner was reminded.", "返事がなく、担当者に催促したとき。"},
	"toss_up_expired":       {"Sales did not answer in time.", "営業の返事が期限までになかったとき。"},
	"toss_up_offered":       {"The lead was handed to sales.", "リードを営業に渡したとき。"},
	"toss_up_rejected":      {"Sales sent the lead back; `reason` says why.", "営業がリードを差し戻したとき。理由は `reason` にあります。"},
	"unsubscribe_undone":    {"The lead took an unsubscribe back, on the page that the mail's link leads to. What the unsubscribe took away is there again, and nothing more; after seven days only a new consent helps.", "リードが、メールのリンク先のページで配信停止を取り消したとき。停止の前の状態に戻るだけで、それ以上の許可にはなりません。7 日を過ぎると、新しい同意が必要です。"},
	"unsubscribed":          {"The lead does not want to be written to any more. It sets `lead.unsubscribed`.", "リードが配信停止を求めたとき。`lead.unsubscribed` が設定されます。"},
	"web_clicked":           {"What a show step shows on the web site was clicked. `link` is where it leads, `link_class` the name in data-nurture-link. Only the site's snippet brings it: one that a client sends by track is refused.", "show ステップの表示がクリックされたとき。`link` は行き先、`link_class` は data-nurture-link の名前。サイトのスニペットだけが起こすイベントで、クライアントが track で送ったものは受け付けません。"},
	"web_shown":             {"What a show step shows came into a visitor's view on the web site. Only the site's snippet brings it: one that a client sends by track is refused.", "show ステップの表示が、サイトで訪問者の目に入ったとき。サイトのスニペットだけが起こすイベントで、クライアントが track で送ったものは受け付けません。"},
}

// eventsPage tells of the events that nobody has to declare.
func (m *manual) eventsPage() {
	s := m.page("events.md", m.say("Built-in events", "組み込みのイベント"), m.say(
		"Channels, clients and the engine bring these. They need no declaration; declaring one again adds fields to it.",
		"チャネル、クライアント、エンジンが起こすイベントです。宣言は要りません。同じ名前で宣言すると、項目を追加できます。",
	))
	for _, e := range builtInEvents {
		doc, ok := eventDocs[e.name]
		if !ok {
			doc = e.doc
		}
		var rows [][]string
		for _, f := range e.fields {
			kind := m.say("text", "文字列")
			if len(f.choices) > 0 {
				kind = tick(strings.Join(f.choices, "` `"))
			}
			rows = append(rows, []string{tick("event." + f.name), kind})
		}
		s.topic(Topic{
			Kind: "event", Name: e.name, Title: e.name, level: 2,
			Text: doc.In(m.language) + "\n\n" + table([]string{m.say("field", "項目"), m.say("kind", "種類")}, rows),
		})
	}
	m.done(s)
}
