package main

// helpJaChanges is the Japanese help of the verbs by which rules are changed and what
// is kept is copied.
var helpJaChanges = map[string]string{
	"Print files for other tools: a Grafana dashboard, Prometheus alert rules, CI pipelines": "ほかの道具のためのファイルを出す（Grafana のダッシュボード、Prometheus のアラートルール、CI のパイプライン）",
	`generate prints what other tools want: a dashboard for Grafana and alert rules for
Prometheus, which read the metrics that the server shows at /metrics, and pipelines
for GitHub and GitLab, which plan and apply changes of the rules.`: `generate は、ほかの道具のためのファイルを出します。Grafana のダッシュボードと Prometheus のアラートルールは、サーバーが /metrics で示すメトリクスを読みます。GitHub と GitLab のパイプラインは、ルールの変更を計画し、有効にします。`,
	"Print a pipeline for GitHub Actions": "GitHub Actions のパイプラインを出す",
	"Print a pipeline for GitLab CI":      "GitLab CI のパイプラインを出す",
	`github prints a pipeline for GitHub Actions. At every push the rules are checked and tested;
a proposed change gets a comment with what it would do to the people who are there
now, and what the recorded month would have been under it; what is merged is applied
to the running server. The server's address and an API key of the scope rules are
secrets of the repository; the file says which.`: `GitHub Actions のパイプラインを出します。push のたびにルールを確認してテストします。変更の提案には、いまいるリードに何が起きるか、記録された1か月がそのルールではどうだったかをコメントします。マージされたものは、動いているサーバーで有効にします。サーバーのアドレスと、rules の権限を持つ API キーを、リポジトリの秘密の値にします。名前はファイルに書いてあります。`,
	`gitlab prints a pipeline for GitLab CI. At every push the rules are checked and tested;
a proposed change gets a comment with what it would do to the people who are there
now, and what the recorded month would have been under it; what is merged is applied
to the running server. The server's address and an API key of the scope rules are
secrets of the repository; the file says which.`: `GitLab CI のパイプラインを出します。push のたびにルールを確認してテストします。変更の提案には、いまいるリードに何が起きるか、記録された1か月がそのルールではどうだったかをコメントします。マージされたものは、動いているサーバーで有効にします。サーバーのアドレスと、rules の権限を持つ API キーを、リポジトリの秘密の値にします。名前はファイルに書いてあります。`,
	"folder of the rules in the repository": "リポジトリのなかの、ルールのフォルダ",
	"also write the pipeline of github or gitlab: check and test at every push, plan a change, apply what is merged": "github か gitlab のパイプラインも書く。push のたびの確認とテスト、変更の計画、マージしたものの適用",
	`learn looks through what was recorded for the moments at which the toss-up could have
handed a lead over, and fits the points of the score that it compares, and the
threshold, to the outcome that came afterwards or did not.

The record is the running server's (--server, with a key of the scope rules), or that
of a server that does not run (--data), of a backup (--backup) or of a file of events
(--events). The same events teach the same, wherever they lie.

The earlier part of the record is learned from, the later part is only judged on; no
lead is in both. Rules that were known only with or after the outcome are refused.
Rules whose points are a formula stay as they are written. The threshold lets
through as many as today's rule does, or as many as sales can take (--capacity).

Both sets of rules are then replayed, and the change is shown as a difference of the
files; --write makes it.`: `learn は、記録から、トスアップできたはずの時点を拾い出し、トスアップが比べているスコアの点数としきい値を、その後に成果が出たかどうかに合わせます。

記録は、動いているサーバーのもの（--server。キーには rules の権限が必要です）か、止まっているサーバーのフォルダ（--data）、バックアップ（--backup）、イベントのファイル（--events）です。同じイベントなら、どこにあっても結果は同じです。

記録の前の部分から学び、後の部分では確かめるだけです。同じリードが両方に入ることはありません。成果と同時か後でしか分からないルールは使いません。点数が式で書かれたルールはそのままにします。しきい値は、いまのルールと同じ件数か、営業が受けられる件数（--capacity）を通すように決めます。

そのうえで両方のルールを再生し、変更をファイルの差分で示します。--write で書き込みます。`,
	"other rules to compare with, lead by lead: a folder; a revision (r41), or running, of what --data, --backup or --live names": "リードごとに比べるルール。フォルダか、--data・--backup・--live のリビジョン（r41）、または running",
	`plan compares the rules in the folder with those that run: what was changed, and what
that would do to the leads that there are. It counts who stands on a step that is
changed or gone, whose wait moves, who would be handed over, enter, move or leave at
once, which scores and segments flip, what would be sent in the next hour and whom a
closer cap keeps back. Nothing is changed.

With --replay the recorded events of a time are run under both rules, and the toss-ups
judged by what came of the leads.

The running server is asked; --data opens the folder of one that is not running, and
--backup a backup, whose leads are looked at as they were when it was made. --out keeps
the plan in a file for apply, which carries out exactly this plan or refuses.`: `フォルダのルールを、動いているルールと比べます。何が変わるか、いまいるリードに何が起きるか。変わる・なくなるステップにいる人、動く待機、すぐに引き渡される・入る・移る・出る人、変わるスコアとセグメント、次の1時間の送信、きびしくなった上限で見送られる人を数えます。何も変えません。

--replay は、記録された期間のイベントを両方のルールで動かし、リードのその後でトスアップを評価します。

動いているサーバーに尋ねます。止まっているサーバーのフォルダは --data で、バックアップは --backup で開きます。バックアップでは、作った時点のリードを調べます。--out は計画をファイルに残し、apply がそのとおりに行うか、断ります。`,
	"Copy everything that a server keeps into a file": "サーバーが持つすべてを、ひとつのファイルに写す",
	`backup writes all that a server keeps (leads, facts, decisions, revisions, keys, the
secret of tracked links) into one file, as of now. The server works on meanwhile; of
one that does not run, --data opens the folder. The file is written whole or not at
all, and only its owner may read it: it has people's data.

restore makes a folder of it again; replay, plan and learn read it as it is (--backup).`: `backup は、サーバーが持つすべて（リード、事実、判定、リビジョン、キー、追跡リンクの秘密の値）を、いまの時点でひとつのファイルに書きます。サーバーはそのあいだも動きつづけます。止まっているサーバーは --data でフォルダを開きます。ファイルは全部書けたときだけでき、持ち主だけが読めます。個人情報が入っています。

restore でフォルダに戻せます。replay、plan、learn はそのまま読めます（--backup）。`,
	"Make a server's folder from a backup": "バックアップからサーバーのフォルダを作る",
	`restore makes a state folder of a backup: a new one, or an empty one. A server that is
started on it goes on where the backup was made. Messages that were sent after that
may go a second time, and people who were forgotten after that are there again: forget
them again (nurture lead forget --file) before the server runs.`: `restore は、バックアップから状態フォルダを作ります。フォルダは新しいか、空でなければなりません。それで起動したサーバーは、バックアップの時点から続けます。そのあとに送ったメッセージはもう一度送られることがあり、そのあとに消去した人は戻っています。サーバーを動かす前に、もう一度消去してください（nurture lead forget --file）。`,
	"state folder to make; it must be new or empty": "作る状態フォルダ。新しいか、空のもの",
}
