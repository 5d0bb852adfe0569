package httpd

import (
	"net/http"
	"regexp"
	"strings"
	"sync"
)

// in is the problem in a reader's language. Codes stay as they are: programs go by
// them.
func (p *Problem) in(l lang) *Problem {
	if l != japanese {
		return p
	}
	told := *p
	if title := titleJa[p.Status]; title != "" {
		told.Title = title
	}
	told.Detail = sentenceJa(p.Detail)
	told.Errors = nil
	for _, e := range p.Errors {
		e.Detail = sentenceJa(e.Detail)
		told.Errors = append(told.Errors, e)
	}
	return &told
}

// titleJa are the statuses in Japanese words.
var titleJa = map[int]string{
	http.StatusBadRequest: "リクエストが正しくありません", http.StatusUnauthorized: "認証が必要です", http.StatusForbidden: "許可されていません",
	http.StatusNotFound: "見つかりません", http.StatusMethodNotAllowed: "このメソッドは使えません", http.StatusNotAcceptable: "求められた形式では答えられません",
	http.StatusRequestTimeout: "時間切れです", http.StatusConflict: "いまの状態と合いません", http.StatusGone: "もうありません",
	http.StatusPreconditionFailed: "前提が変わりました", http.StatusRequestEntityTooLarge: "大きすぎます", http.StatusUnsupportedMediaType: "この形式は受け付けません",
	http.StatusUnprocessableEntity: "内容が正しくありません", http.StatusTooManyRequests: "混み合っています",
	http.StatusInternalServerError: "サーバーの内部で失敗しました", http.StatusNotImplemented: "このサーバーにはありません",
	http.StatusBadGateway: "接続先の答えが正しくありません", http.StatusServiceUnavailable: "いまは答えられません",
}

// sentenceJa puts a sentence of the API into Japanese; one that is not in the list
// stays as it is.
func sentenceJa(en string) string {
	for _, s := range sentences() {
		m := s.form.FindStringSubmatch(en)
		if m == nil {
			continue
		}
		ja := s.ja
		for i, part := range m[1:] {
			ja = strings.ReplaceAll(ja, "{"+string(rune('1'+i))+"}", part)
		}
		return ja
	}
	return en
}

// sentence is a sentence of the API; what differs from case to case are groups.
type sentence struct {
	form *regexp.Regexp
	ja   string
}

// sentences are all of them, made once.
var sentences = sync.OnceValue(func() []sentence {
	hole := regexp.MustCompile(`\\\{\d\\\}`)
	list := make([]sentence, len(sentencePairs))
	for i, pair := range sentencePairs {
		list[i] = sentence{regexp.MustCompile("(?s)^" + hole.ReplaceAllString(regexp.QuoteMeta(pair[0]), "(.*?)") + "$"), pair[1]}
	}
	return list
})

// sentencePairs are what the API says, in English and in Japanese. {1} stands for
// what is filled in.
var sentencePairs = [][2]string{
	{"this server takes no corrections", "このサーバーは訂正を受け付けません"},
	{"that lead has no such fact; nurture fact list LEAD lists what it has. A correction of a fact that is still to come says expected", "そのリードにその事実はありません。あるものは nurture fact list リード でわかります。これから届く事実を訂正するときは expected を付けてください"},
	{"the lead has several facts of that messageId: name the source too, or the fact by LEAD.NUMBER", "そのリードには同じ messageId の事実がいくつかあります。source も書くか、事実を リード.番号 で指してください"},
	{"a fact that is named by its messageId needs the lead; nurture fact list LEAD gives names that need none", "messageId で事実を指すときは、リードも必要です。リードのいらない名前は nurture fact list リード でわかります"},
	{"nobody asks of that event whether a person or a machine brought it; say never, or correct its fields", "そのイベントは、人か機械かを判定しません。なかったこと（never）にするか、内容を訂正してください"},
	{"that event gives no leave to write by the rules in force", "いまのルールでは、そのイベントは送る許可になりません"},
	{"of a correction it can only be said that it is taken back: never", "訂正に対しては、取り消し（never）だけができます"},
	{"of a merge it can only be said that it is none: never", "統合に対しては、取り消し（never）だけができます"},
	{"a row of many needs an id: the same one twice is one", "まとめて送る行には ID が必要です。同じ ID は二度送っても一度と数えます"},
	{"the correction does not say of which fact it is", "どの事実の訂正かが書いてありません"},
	{"a correction needs a reason", "訂正には理由が必要です"},
	{"the reason is longer than {1} bytes, or not valid UTF-8", "理由が {1} バイトを超えているか、正しい UTF-8 ではありません"},
	{"the correction has no id, or a name in it is longer than {1} bytes", "訂正に ID がないか、名前が {1} バイトを超えています"},
	{"the time lies in the future", "その時刻は未来です"},
	{"a field has no name, or its name or value is too long", "項目に名前がないか、名前や値が長すぎます"},
	{"what never happened, or was as it was first told, cannot be corrected otherwise in the same breath", "「なかった」または「最初に届いたとおり」と、ほかの訂正を同時には伝えられません"},
	{"the correction says nothing: that it never happened, when it happened, who it was, what it said", "訂正の内容がありません。なかったこと、起きた時刻、だれが行ったか、内容のどれかを伝えてください"},
	{"{1} is neither a day nor an instant; write for example 2026-10-05 or 2026-10-05T09:00:00+09:00, or how long ago it was, as 30d", "{1} が日付でも日時でもありません。2026-10-05 や 2026-10-05T09:00:00+09:00、または「いまから 30 日前」を表す 30d のように書いてください"},
	{"{1} is a day that no calendar has; write for example 2026-10-05 or 2026-10-05T09:00:00+09:00", "{1} の日は暦にありません。2026-10-05 や 2026-10-05T09:00:00+09:00 のように書いてください"},
	{"{1} lacks the year; write for example 2026-10-05 or 2026-10-05T09:00:00+09:00", "{1} に年がありません。2026-10-05 や 2026-10-05T09:00:00+09:00 のように書いてください"},
	{"{1} ends in no time of day; write for example 2026-10-05 09:00 or 2026-10-05T09:00:00+09:00", "{1} の時刻が正しくありません。2026-10-05 09:00 や 2026-10-05T09:00:00+09:00 のように書いてください"},
	{"{1} ends in no offset from UTC that we know; write for example 2026-10-05 09:00 or 2026-10-05T09:00:00+09:00", "{1} の終わりの時差がわかりません。2026-10-05 09:00 や 2026-10-05T09:00:00+09:00 のように書いてください"},
	{"{1} is not before {2}, so nothing lies between them", "{1} が {2} より前ではないので、あいだに何もありません"},
	{"at lies in the future; nothing has been decided there yet", "at は未来の日時です。まだ何も判断していません"},
	{"say when it happened, as in 2026-10-05T14:30", "起きた時刻を 2026-10-05T14:30 のように書いてください"},
	{"say which field it is", "どの項目かを書いてください"},
	{"say what is true of the fact", "その事実をどう訂正するかを選んでください"},
	{"an API key is needed: Authorization: Bearer KEY", "APIキーが必要です。ヘッダーに Authorization: Bearer キー と書いてください"},
	{"the key may not do this; it needs the scope: {1}", "このキーではできません。必要なスコープは {1} です"},
	{"this server erases nobody", "このサーバーでは消去できません"},
	{"the rules have no source of kind webhook of that name", "その名前の webhook の入口（source）は設定にありません"},
	{"there is no lead of that id", "そのIDのリードはいません"},
	{"there is no dead letter of that key", "そのキーのデッドレターはありません"},
	{"there is no key of this id", "そのIDのキーはありません"},
	{"the key does not hold any more: make a new one", "そのキーはもう無効です。新しく作ってください"},
	{"there are {1} keys already: revoke some", "キーがすでに {1} 本あります。使わないものを取り消してください"},
	{"an API key needs a scope: {1}", "APIキーにはスコープが必要です。使えるのは次のとおりです: {1}"},
	{`there is no scope "{1}"; there are: {2}`, "「{1}」というスコープはありません。使えるのは次のとおりです: {2}"},
	{"the scopes are wrong: {1}", "スコープが正しくありません: {1}"},
	{"this server keeps no keys of its own", "このサーバーはキーを保存しません"},
	{"this server keeps no audit log", "このサーバーは監査ログを残しません"},
	{"this server does not read its rules from files", "このサーバーはルールをファイルから読みません"},
	{"this server does not keep what it could not take", "このサーバーは受け付けられなかったものを残しません"},
	{"this server takes no receipts", "このサーバーは配信の通知を受け付けません"},
	{"this server reads no public addresses", "このサーバーは外部のアドレスを読みません"},
	{"no key is needed on this machine", "このマシンではキーは要りません"},
	{"this server does not load rules", "このサーバーはルールを読み込みません"},
	{"another plan or replay is being made; try again when it is done", "別の計画か再生を作っているところです。終わってからもう一度試してください"},
	{"this server settles nothing about who is who", "このサーバーでは、誰が誰かを決められません"},
	{"this server erases nobody", "このサーバーでは、誰も消せません"},
	{"that lead is not a part of another", "そのリードは、ほかのリードの一部ではありません"},
	{"the two are one lead already", "ふたりはすでに同じリードです"},
	{"the two are not in conflict; GET /api/v1/conflicts lists who is", "そのふたりは食い違っていません。食い違いは GET /api/v1/conflicts でわかります"},
	{"there is no revision {1}; GET /api/v1/revisions lists them", "リビジョン {1} はありません。あるものは GET /api/v1/revisions でわかります"},
	{"the rules of r{1} are those that run, as r{2}", "r{1} のルールは、r{2} として、いま動いているものと同じです"},
	{"no change of rules is being rolled out", "ロールアウト中の変更はありません"},
	{"the rollout stays as it is: {1}", "ロールアウトはそのままです: {1}"},
	{"a rollout is promoted, aborted, paused or resumed, not {1}", "ロールアウトにできるのは promote、abort、pause、resume です（{1} はできません）"},
	{"who lets rules go live at once, though they have a rollout, says why", "rollout のあるルールをすぐに有効にするときは、理由（why）を書いてください"},
	{"this server follows nothing that it shows", "このサーバーは、見せたもののその後を追いません"},
	{"too many questions from this address, try again later", "このアドレスからの問い合わせが多すぎます。あとでもう一度試してください"},
	{"this was shown too long ago", "見せてから時間がたちすぎています"},
	{"after is not the next of a page", "after は、前のページの next ではありません"},
	{"after is not what a page before ended with", "after は、前のページの next ではありません"},
	{"{1} is a whole number; limit is from 1 to 1000, and after what the page before ended with", "{1} は整数です。limit は 1 から 1000、after は前のページの終わりの値です"},
	{"an Idempotency-Key has at most 255 characters", "Idempotency-Key は 255 文字までです"},
	{"another call was made under this Idempotency-Key", "この Idempotency-Key では、別の内容の呼び出しがすでに行われています"},
	{"the first call under this Idempotency-Key is still under way", "この Idempotency-Key の最初の呼び出しがまだ終わっていません"},
	{"say which messages are meant: channel, code, outcome, workflow or tossUp, or all", "どのメッセージかを指定してください。channel、code、outcome、workflow、tossUp のどれか、または all です"},
	{"say which: seqs, or all with a source or a code", "どれかを指定してください。seqs、または all（source や code で絞れます）です"},
	{"a workflow can be drained, or all: nobody enters a {1}; pause it instead", "入場を止められるのはワークフローか全体です。{1} に入るリードはいないので、一時停止してください"},
	{"that is not paused; GET /api/v1/pauses lists what is", "それは止まっていません。止まっているものは GET /api/v1/pauses でわかります"},
	{"everything has no name: write `all` alone", "全体に名前はありません。`all` だけを書いてください"},
	{"what is to be paused is one of all, workflow, step, channel", "止められるのは all、workflow、step、channel のどれかです"},
	{"the workspace has no {1}", "このワークスペースに {1} はありません"},
	{"there is no such {1}; there are: {2}", "その {1} はありません。あるのは次のとおりです: {2}"},
	{"{1} has no such arm; it has: {2}", "{1} にその案はありません。あるのは次のとおりです: {2}"},
	{"there is no toss-up of that name; there are: {1}", "その名前のトスアップはありません。あるのは次のとおりです: {1}"},
	{"name one of the reviews: {1}", "レビューの名前を指定してください: {1}"},
	{`credits are not told apart by "{1}"; they are by: {2}`, "貢献を「{1}」では分けられません。分けられるのは次のとおりです: {2}"},
	{"no rules are loaded", "ルールがまだ読み込まれていません"},
	{"the workspace declares no such event", "このワークスペースはそのイベントを宣言していません"},
	{"the rules in force have no kpi of this name", "いまのルールにその名前の指標はありません"},
	{"no lead has been handed over under this id", "このIDで営業に渡したリードはいません"},
	{"an answer is accepted or rejected", "回答は accepted か rejected です"},
	{"the rule of this offer asks for no answer, or is not in the rules any more", "このトスアップのルールは回答を求めないか、いまのルールにはもうありません"},
	{"a length of time is written as in 90d or 12h", "時間の長さは 90d や 12h のように書きます"},
	{"windows are whole numbers of days above 0, at most eight of them, as in 14,30,90,180", "windows は 1 以上の日数を 8 個まで並べます。例: 14,30,90,180"},
	{"there is no such model; there are: {1}", "そのモデルはありません。あるのは次のとおりです: {1}"},
	{"no channel of this name receives calls", "この名前で呼び出しを受けるチャネルはありません"},
	{"the channel's answer is too large", "チャネルの答えが大きすぎます"},
	{"the write key is missing or unknown", "書き込みキーがないか、知らないキーです"},
	{"the write key is that of another source", "別の入口の書き込みキーです"},
	{"the key may not send this event", "このキーではこのイベントを送れません"},
	{"pages of this site may not send to this source", "このサイトのページからこの入口へは送れません"},
	{"the workspace has no source of this name", "このワークスペースにその名前の入口はありません"},
	{"the workspace has no source of this name any more", "その名前の入口は、このワークスペースにはもうありません"},
	{"some items are not events; nothing of the call was taken", "イベントではないものが混ざっています。この呼び出しは何も受け付けていません"},
	{"what came in was not kept", "届いた内容が残っていません"},
	{"the call has more events than this server queues at once: send fewer", "一度に受けられる数を超えています。少なくして送ってください"},
	{"more is queued than may be, try again later", "混み合っています。少し待ってからもう一度送ってください"},
	{"this key may send {1} events a second, try again later", "このキーで送れるのは毎秒 {1} 件までです。少し待ってからもう一度送ってください"},
	{"the body did not arrive in time", "本文が時間内に届きませんでした"},
	{"the server is stopping, try again in a moment", "サーバーが止まるところです。少し待ってからもう一度試してください"},
	{"the server cannot answer at present, try again in a moment", "サーバーがいまは答えられません。少し待ってからもう一度試してください"},
	{"what proves the call could not be read from its service, try again in a moment", "呼び出しの証明をサービスから読めませんでした。少し待ってからもう一度試してください"},

	// What events are refused for.
	{"the body begins like gzip and is damaged", "本文は gzip のようですが、壊れています"},
	{"the body is not a JSON object", "本文が JSON のオブジェクトではありません"},
	{"the body is not JSON: unexpected content at byte {1}", "本文が JSON ではありません。{1} バイト目が正しくありません"},
	{"the body holds a number that cannot be kept", "本文に、保存できない数があります"},
	{`the body has no list named "batch"`, "本文に batch という一覧がありません"},
	{"the body is larger than {1} bytes", "本文が {1} バイトを超えています"},
	{"the body has more than {1} items", "本文が {1} 件を超えています"},
	{"the body nests more than {1} levels", "本文の入れ子が {1} 段を超えています"},
	{"the batch has more than {1} items", "まとめて送れるのは {1} 件までです"},
	{"the event is larger than {1} bytes", "イベントが {1} バイトを超えています"},
	{"the event nests more than {1} levels", "イベントの入れ子が {1} 段を超えています"},
	{"an item of a batch is not an object", "まとめて送ったもののひとつがオブジェクトではありません"},
	{"the event is not one that a client sends", "クライアントが送るイベントではありません"},
	{"type is missing or not one of track, identify, page, screen, group, alias", "type がないか、track、identify、page、screen、group、alias のどれでもありません"},
	{"the event names no lead", "イベントがどのリードのものか書かれていません"},
	{"the event has no time", "イベントに時刻がありません"},
	{"messageId is missing", "messageId がありません"},
	{"userId or anonymousId is required", "userId か anonymousId が必要です"},
	{"a track call needs the name of its event", "track にはイベントの名前が必要です"},
	{"{1} is longer than {2} bytes", "{1} が {2} バイトを超えています"},
	{"{1} is not valid UTF-8", "{1} が正しい UTF-8 ではありません"},
	{"{1} contains a NUL", "{1} に NUL 文字があります"},
	{"more than {1} fields", "項目が {1} 個を超えています"},

	// What the form of a request is refused for. {1} is where.
	{"validation failed", "内容が決められた形と合いません。errors に、どこがどう違うかがあります"},
	{"request body is required", "本文が必要です"},
	{"unexpected property ({1})", "決められていない項目です（{1}）"},
	{"expected boolean ({1})", "true か false を書いてください（{1}）"},
	{"expected number ({1})", "数を書いてください（{1}）"},
	{"expected integer ({1})", "整数を書いてください（{1}）"},
	{"expected string ({1})", "文字列を書いてください（{1}）"},
	{"expected array ({1})", "一覧を書いてください（{1}）"},
	{"expected object ({1})", "オブジェクトを書いてください（{1}）"},
	{"expected string to be RFC 3339 date-time ({1})", "時刻は 2026-10-06T09:30:00+09:00 のように書いてください（{1}）"},
	{`expected value to be one of "{1}" ({2})`, "次のどれかを書いてください: {1}（{2}）"},
	{"expected number >= {1} ({2})", "{1} 以上の数を書いてください（{2}）"},
	{"expected number <= {1} ({2})", "{1} 以下の数を書いてください（{2}）"},
	{"expected length >= {1} ({2})", "{1} 文字以上で書いてください（{2}）"},
	{"expected length <= {1} ({2})", "{1} 文字以内で書いてください（{2}）"},
	{"expected array length >= {1} ({2})", "{1} 個以上書いてください（{2}）"},
	{"expected array length <= {1} ({2})", "{1} 個以内にしてください（{2}）"},
	{"expected string to match pattern {1} ({2})", "書き方が {1} に合いません（{2}）"},
	{"expected required property {1} to be present ({2})", "{1} が必要です（{2}）"},
	{"required {1} parameter is missing ({2})", "必要な値がありません（{2}）"},
	{"invalid integer ({1})", "整数を書いてください（{1}）"},
	{"invalid boolean ({1})", "true か false を書いてください（{1}）"},
	{"invalid date/time for format {1} ({2})", "時刻は 2026-10-06T09:30:00+09:00 のように書いてください（{2}）"},
}
