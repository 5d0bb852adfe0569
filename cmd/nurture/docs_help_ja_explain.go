package main

// helpJaExplain is the Japanese help of the verbs that tell why, by the English
// sentence.
var helpJaExplain = map[string]string{
	"Tell why something was decided about a lead, or was not; or what an error code means": "リードについて、なぜそう判断したか、なぜしなかったかを示す。またはエラーコードの意味を示す",
	`explain tells why a lead was or was not handed to sales, scored, staged, enrolled,
written to, skipped or put off: the conditions as sentences with the values that they
saw, the facts behind them, the file and line, the revision, what would change the
answer, and what was decided so far. LEAD is an internal id, a userId or the value of
the key attribute, an e-mail address as a rule. WHAT is toss_up.X, workflow.X, stage.X,
score.X, segment.X, channel.X, workflow.X.step.Y, or a name alone where only one thing
is called so; without it the lead is told of as a whole.

--at asks about an instant of the past: the lead's facts are folded again up to it,
under the rules that decided then; what is not known any more is told. --revision lets
another revision judge. What would change the answer is found by trying it on a copy of
the lead. CODE is that of a diagnostic, N021 for instance. explain asks a running
server, or opens the folder of one that does not run (--data).`: `explain は、リードがなぜ営業に渡されたか（渡されなかったか）、加点、ステージ、ワークフローへの参加、送信、見送り、延期の理由を示します。条件を文にして、そのとき見た値、もとになった事実、ファイルと行、リビジョン、何があれば答えが変わるか、これまでの判断を並べます。LEAD は内部の ID、userId、キーになる属性の値（ふつうはメールアドレス）です。WHAT は toss_up.X、workflow.X、stage.X、score.X、segment.X、channel.X、workflow.X.step.Y です。同じ名前がほかになければ、名前だけでもかまいません。省略すると、リード全体について示します。

--at は過去の時点について尋ねます。その時点までの事実を、当時判断したルールで計算し直します。もう分からないことは、そう伝えます。--revision を付けると、そのリビジョンのルールで判定します。何があれば答えが変わるかは、リードの写しで試して調べます。CODE は N021 のような診断のコードです。動いているサーバーに尋ねるか、動いていないサーバーのフォルダーを開きます（--data）。`,
	"how many of the latest facts to show, of a lead as a whole":                "リード全体を示すときの、最近の事実の件数",
	"revision of the rules that judges, as r41 (default: the one that decided)": "判定するルールのリビジョン。r41 のように書く（省略すると、そのとき判断したもの）",
	"how many of the latest decisions to show":                                  "表示する最近の判断の件数",
	"List what was decided, and why":                                            "何をなぜ判断したかを一覧する",
	`decisions lists the decision log, the latest first: of one lead, or of all. It can be
narrowed to kinds (tossed_up, skipped, postponed, enrolled, scored, …), to a rule (named
as explain takes it), to a revision of the rules and to a time. Of all leads every
journal is read, which takes a while; nurture export decisions writes all of them as a
table.

Reasons are kept for the time that serve was given with --decisions-keep. That
something was decided stays, because figures are counted from it; explain works the
reasons out again from the facts. decisions asks a running server, or opens the folder
of one that does not run (--data).`: `decisions は、判断の記録を新しい順に一覧します。ひとりのリード、またはすべてのリードのものです。種類（tossed_up、skipped、postponed、enrolled、scored など）、ルール（explain と同じ書き方）、ルールのリビジョン、期間で絞れます。すべてのリードのときは、すべての記録を読むので時間がかかります。全部を表にするには nurture export decisions を使います。

理由を残す期間は serve の --decisions-keep で決めます。判断したこと自体は、数値のもとになるので残ります。理由は explain が事実から計算し直します。動いているサーバーに尋ねるか、動いていないサーバーのフォルダーを開きます（--data）。`,
	"how many at most":                                        "最大の件数",
	"only of these kinds, with commas between":                "この種類だけ。コンマで区切る",
	"only about this rule, as toss_up.hot_lead":               "このルールについてだけ。toss_up.hot_lead のように書く",
	"only taken by this revision of the rules, as r41":        "このリビジョンのルールによる判断だけ。r41 のように書く",
	"write a table for spreadsheets":                          "表計算ソフト向けの表を書き出す",
	"how long the reasons of decisions are kept; 0: for ever": "判断の理由を残す期間。0 なら、ずっと残す",
}
