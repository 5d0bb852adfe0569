package main

// helpJaFacts is the Japanese help of the verbs that list and correct facts, by the
// English sentence.
var helpJaFacts = map[string]string{
	"List what happened to a lead, and correct it": "リードに起きたことを一覧し、訂正する",
	`fact asks a running server, or opens the state folder of one that does not run (--data).

A correction is a fact of its own beside the first: nothing is rewritten. Scores,
segments, figures, funnels and experiments follow as if it had been known at once. What
was done stays done: stages and workflows go on by new acts, and sales are told of
toss-ups that would not have been.`: `fact は動いているサーバーに尋ねます。--data では、動いていないサーバーの状態フォルダーを開きます。

訂正は、元の記録とは別の事実として残ります。元の記録は書き換えません。スコア、セグメント、指標、ファネル、実験は、はじめからわかっていたものとして計算し直します。すでに行ったことはそのままです。ステージやワークフローは新しい動きで先に進み、渡さなかったはずのトスアップは営業に知らせます。`,
	"Say what is true of a fact after all": "事実を訂正する",
	`correct says that a fact was otherwise than it was told. FACT is LEAD.NUMBER, as fact
list names it; or with --lead, its messageId; or the id of a correction, which --never
takes back. Of two corrections of one side of a fact the later one is true. --never of a
merge lets the lead that was merged be one of its own again, as lead unmerge does.

--dry-run keeps nothing and tells what would change: scores, the stage, figures, and the
toss-ups that sales would be told of.`: `correct は、事実が届いたものと違っていたことを伝えます。FACT は fact list が示す「リード.番号」です。--lead と一緒なら messageId でもかまいません。訂正の ID を書いて --never を付けると、その訂正を取り消します。同じことについての訂正が二つあれば、あとのものが有効です。統合に --never を付けると、lead unmerge と同じく、統合したリードをもとのひとりに戻します。

--dry-run は何も保存せず、変わることを示します。スコア、ステージ、指標、営業に知らせるトスアップです。`,
	"it was as it was first told: takes back what was said since": "最初に届いたとおりだった（その後の訂正をすべて取り消す）",
	"when it happened":                                                      "起きた時刻",
	"keep nothing, and tell what would change":                              "何も保存せず、変わることを示す",
	"the fact may still be to come":                                         "事実がまだ届いていなくてもよい",
	"FIELD=VALUE that it says; FIELD= takes the field away":                 "正しい内容。項目=値。「項目=」はその項目を消す",
	"a person opened or clicked":                                            "開いた、またはクリックしたのは人",
	"id of the correction: the same one twice is one":                       "訂正の ID。同じものは二度送っても一度と数える",
	"it gives no leave to write":                                            "同意は無効（送る許可にならない）",
	"the lead, where FACT is a messageId":                                   "FACT が messageId のときの、そのリード",
	"a machine opened or clicked":                                           "開いた、またはクリックしたのは機械",
	"it did not happen":                                                     "起きていない",
	"the fact's source, where its messageId names several":                  "messageId だけで決まらないときの、事実の入口（source）",
	"of a time without a zone, such as Asia/Tokyo (default: the project's)": "タイムゾーンのない日時のタイムゾーン。Asia/Tokyo など（省略するとプロジェクトのもの）",
	"the reason, for the lead's journal and the audit log (needed)":         "理由（必須）。リードの記録と監査ログに残る",
	"Correct many facts from a list":                                        "多くの事実を一覧から訂正する",
	`corrections reads a table (CSV) or an object a line (NDJSON), a correction a row, with
the columns fact (LEAD.NUMBER or a messageId), lead, source, never, as_told, verdict
(human, machine), at, invalid_consent, why, id, and one column field.NAME for each field
that is said otherwise. Where a row has no reason, --why is taken.

The same row of the same file counts once, however often it is run: after an
interruption, run it again. --dry-run keeps nothing and tells what would change.`: `corrections は、表（CSV）か一行一件（NDJSON）を読みます。一行がひとつの訂正です。列は fact（リード.番号、または messageId）、lead、source、never、as_told、verdict（human か machine）、at、invalid_consent、why、id で、内容が違う項目ごとに field.名前 の列を置きます。理由のない行には --why を使います。

同じファイルの同じ行は、何度実行しても一度と数えます。途中で止まったら、もう一度実行してください。--dry-run は何も保存せず、変わることを示します。`,
	"the reason of rows that have none":                                "理由のない行に使う理由",
	"List a lead's facts, as they were told and as they are known now": "リードの事実を一覧する（届いたとおりのものと、いまわかっていること）",
	`list shows the newest facts of a lead with their names: LEAD.NUMBER, by which fact
correct finds them. LEAD is the internal id, a userId, an anonymousId or the value of
the key attribute.`: "list は、リードの新しい事実を「リード.番号」という名前とともに示します。fact correct はこの名前で事実を探します。LEAD は内部の ID、userId、anonymousId、キーになる属性の値のどれかです。",
	"only facts of which something was said":         "訂正のある事実だけ",
	"only facts of this name; identify, page, merge": "この名前の事実だけ。identify、page、merge も使える",
	"how many at most, to 10000":                     "最大の件数（10000 まで）",
}
