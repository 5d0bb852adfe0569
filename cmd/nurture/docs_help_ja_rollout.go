package main

// helpJaRollout is the help of rollout in Japanese.
var helpJaRollout = map[string]string{
	"Show how a change of rules goes live, step by step": "ルールの変更が順に本番になる様子を表示する",
	`rollout shows the change of rules that goes live step by step, as the rollout block of
the rules says: beside the running rules (shadow), for a part of the leads (canary), for
everybody. It tells how long the phase lasts yet, what the changed rules decide
otherwise and for whom, the key figures of the leads that try them beside those of all
others, and how the guards stand that would take the change back.

--watch goes on telling until the change is live or was taken back; it ends with 1 when
it was taken back.`: `rollout は、ルールの rollout ブロックのとおりに順に本番になる変更の状況を表示します。
今のルールと並行して判定だけする段階（shadow）、一部のリードで試す段階（canary）、全員、の順です。
段階の残り時間、変更後のルールでは判定がどう違うか（どのリードか）、試しているリードの指標と
それ以外のリードの指標、元に戻す条件の状態が分かります。

--watch は、変更が全員に広がるか、元に戻されるまで知らせつづけます。元に戻されたときの
終了コードは 1 です。`,
	"go on until the rollout has ended":                "ロールアウトが終わるまで続ける",
	"Show how the rollout stands":                      "ロールアウトの状況を表示する",
	"status shows what rollout shows.":                 "rollout と同じ内容を表示します。",
	"Let the change go live for everybody now":         "変更をすぐ全員に広げる",
	"Take the change back":                             "変更を元に戻す",
	"Stop the clock of the rollout":                    "ロールアウトの時計を止める",
	"Let the clock of the rollout go on":               "ロールアウトの時計を進める",
	"reason; it is kept with the rollout":              "理由。ロールアウトに残る",
	"resume lets the phase go on where it was paused.": "止めたところから、段階を続けます。",
	`promote puts the change in force for everybody at once; what is left of shadow and bake
is skipped, and who did it and why is kept. It is refused when leads stand on steps
that the changed rules do not have and do not say where to go from.`: `promote は、変更をすぐ全員に対して有効にします。残りの段階は省かれ、だれがなぜそうしたかが残ります。
変更後のルールになく、行き先も書かれていないステップにリードがいるときは断ります。`,
	`abort puts the rules that ran before in force for everybody. Leads that were in a
changed workflow go on in the one that ran before, by the name of their step. The files
on disk are not tried again until they mean something else.`: `abort は、前のルールを全員に対して有効にします。変更後のワークフローにいたリードは、ステップの名前で
前のワークフローに移って続けます。ディスク上のファイルは、意味が変わるまで試されません。`,
	`pause stops the clock of the phase: nothing is promoted meanwhile. The guards go on
watching, and take the change back when one of them speaks.`: `pause は、段階の時計を止めます。そのあいだは全員に広がりません。元に戻す条件は見張りつづけ、
成立すれば変更を元に戻します。`,
	"let the change go live at once, without its rollout": "ロールアウトを省いて、変更をすぐ有効にする",
	"with --now: the reason, which is kept":               "--now のときの理由。記録に残る",
}
