package main

// helpJaVerbs is the help of most verbs in Japanese, by the English sentence. A
// sentence that changes in a verb has to be put into Japanese again: a test tells.
var helpJaVerbs = map[string]string{
	`nurture checks, tests, replays and serves lead-nurturing rules written in HCL.

To see it work: nurture dev`: `リードを育てるルール（HCL）を確認し、テストし、過去のデータで試し、動かします。

動くところを見るには: nurture dev`,
	"print one JSON object (schema 1.0) on standard output":               "標準出力に JSON オブジェクトをひとつ出す（スキーマ 1.0）",
	"language of messages: ja or en (default: the project's, else $LANG)": "メッセージの言語。ja か en（省略するとプロジェクトの言語、なければ $LANG）",
	"Show key figures: value, target, state, and how they went":           "指標の値、目標、状態、推移を表示する",
	`kpi shows the workspace's key figures with their target, the interval in which a rate
may be trusted, what is too young to be judged, the state of their thresholds, and a
curve of the time before. NAME shows one with its parts by label and, where it is bad,
where to repair it and what to try. It asks a running server; with --data it reads the
state folder of a server that does not run.

--by adds the parts up by some of the labels only. --csv is for spreadsheets: UTF-8
with a byte order mark, a row for each figure and part, or with NAME and --since a row
for each day. --verify reads every journal, counts all figures anew, and ends with 1
when one differs.`: `kpi は、ワークスペースの指標を、目標、率の信頼できる範囲、まだ判定できない件数、しきい値の状態、
これまでの推移とともに表示します。NAME を付けると、ひとつの指標を内訳つきで示し、悪いときには
見直すところと試すことを示します。動いているサーバーに尋ねます。--data を付けると、動いていない
サーバーの状態フォルダーを読みます。

--by は、内訳を一部の項目だけでまとめます。--csv は表計算ソフト向けで、BOM つきの UTF-8 です。
指標と内訳ごとに一行、NAME と --since を付ければ一日ごとに一行です。--verify は、すべての
ジャーナルを読んで指標を数え直します。ひとつでも違えば、終了コードは 1 です。`,
	"folder of the *.hcl files, with --data":                          "*.hcl ファイルのフォルダー（--data とともに）",
	"the curve begins on this day or at this instant, or so long ago": "推移の始まり。日付、日時、または 28d のような「どれだけ前か」",
	"what one point of the curve covers":                              "推移の一点がまとめる長さ",
	"labels to tell the figure apart by":                              "内訳に使う項目",
	"print a table for spreadsheets":                                  "表計算ソフト向けの表を出す",
	"count everything anew from the journals, and say what differs":   "すべてをジャーナルから数え直し、違いを示す",
	"Print a Grafana dashboard":                                       "Grafana のダッシュボードを出す",
	"grafana prints a dashboard to be imported into Grafana, which asks for the Prometheus that scrapes the server.": "grafana は、Grafana に読み込むダッシュボードを出します。読み込むときに、サーバーのメトリクスを集めている Prometheus を選びます。",
	"Print Prometheus alert rules": "Prometheus のアラートルールを出す",
	"alerts prints a file of alert rules for Prometheus: name it in rule_files. Thresholds of key figures belong into the workspace (kpi { threshold }); here they are only passed on while they fire.": "alerts は、Prometheus のアラートルールのファイルを出します。rule_files に書いて使います。指標のしきい値はワークスペース（kpi の threshold）に書くもので、ここでは悪化しているあいだ伝えるだけです。",
	"Fit a score's points and threshold to what became of the leads": `点数としきい値を、リードのその後の結果に合わせる`,
	"folder of the rules": `ルールのフォルダ`,
	"event that is the success: event.NAME (default: the toss-up's own success)":                                             `成果とする出来事。event.NAME（省略するとトスアップの success）`,
	"the score to fit, where the toss-up compares several":                                                                   `トスアップが複数のスコアを比べているとき、合わせるスコア`,
	"learn from this long before the end of the record only: 1y, 180d":                                                       `記録の終わりからこの期間だけを使う。1y、180d など`,
	"the outcome counts within this time (default: the toss-up's own, else 60d)":                                             `成果と数える期間（省略するとトスアップのもの、なければ 60d）`,
	"what is known later than this before the outcome is of no use":                                                          `成果の直前、この時間より後に分かることは使えないとみなす`,
	"share of the record, in order of time, to learn from":                                                                   `時間の順に、学習に使う割合`,
	"leads that sales can take in the time that is learned from (default: as many as today)":                                 `学習する期間に営業が受けられる件数（省略するといまと同じ件数）`,
	"write the points and the threshold into the files":                                                                      `点数としきい値をファイルに書く`,
	"how often the rules' folder is looked at where the system tells of no change (default 30s, 2s on network file systems)": "システムから変更の通知がないとき、ルールのフォルダを見る間隔（省略すると 30s、ネットワークのファイルシステムでは 2s）",
	"List the revisions of the rules that have run":                                                                          `本番で動いたルールのリビジョンを一覧する`,
	`revisions lists every set of rules that was put in force, newest first: its number,
since when, by whom (the last commit of the folder, or the API key), and its digest.
Decisions name the number. Rules of equal meaning are one revision.`: `revisions は、本番になったルールを新しい順に示します。番号、いつから、誰が（フォルダの最後のコミット、または API キー）、ダイジェストです。判定はこの番号を持っています。意味が同じルールは、ひとつのリビジョンです。`,
	"Tell what two revisions of the rules say differently": `ふたつのリビジョンの違いを示す`,
	`diff compares two revisions in meaning: which blocks are new, gone or say something
else, and what; conditions are told in words too. Comments, order and form are no
difference. With one revision it is compared with the one before it.`: `diff は、ふたつのリビジョンを意味で比べます。増えたブロック、なくなったブロック、内容の変わったブロックと、その変わり方です。条件は言葉でも示します。コメント、順序、書き方の違いは違いとしません。ひとつだけ指定すると、そのひとつ前と比べます。`,
	"Bring an earlier revision of the rules back on a running server": `動いているサーバーのルールを、以前のリビジョンに戻す`,
	`rollback puts the archived rules of an earlier revision in force, as a new revision,
all or nothing. They stay, through restarts too, until somebody changes the meaning
of the files on disk. It is refused when leads stand on steps that the earlier rules
do not have.

--write puts the archived files back into a workspace folder too, so that what is in
the files is what runs; files that the revision did not have are named and left.`: `rollback は、保存してある以前のリビジョンのルールを、新しいリビジョンとして、まるごと本番にします。ディスク上のファイルの意味が変わるまで、再起動してもそのルールで動きます。以前のルールにないステップにリードがいるときは、戻しません。

--write は、保存してあるファイルをワークスペースのフォルダにも書き戻し、ファイルの内容と動いているルールを一致させます。そのリビジョンになかったファイルは、名前を示して残します。`,
	"workspace folder that gets the archived files back":         `保存してあるファイルを書き戻すワークスペースのフォルダ`,
	"Show how experiments stand, and put a winner into the file": "実験の状況を見て、勝った案をファイルに書く",
	`experiment shows the arms of every experiment with what was counted, what is still
missing, and what it has settled on; below, what workflows with a hold-out bring
about. NAME is WORKFLOW/STEP/EXPERIMENT, or the last part of it. It asks a running
server; with --data it reads the state folder of a server that does not run.

--write takes a settled experiment out of the workspace's file and puts the winner
into the step. --apply puts an arm in force on a running server by hand. --tags
shows what the tags of variants did over all experiments.`: `すべての実験について、案ごとの件数、決めるまでに足りない件数、決まったことを示し、その下に、比較群のあるワークフローの効果を示します。NAME は「ワークフロー/ステップ/実験」、またはその最後の部分です。動いているサーバーに尋ねます。--data では、動いていないサーバーの状態フォルダを読みます。

--write は、決まった実験をワークスペースのファイルから外し、勝った案をステップに書きます。--apply は、動いているサーバーで、手動でひとつの案に決めます。--tags は、案のタグの効果を実験をまたいで示します。`,
	"state folder of a server that does not run, instead of asking one":      "サーバーに尋ねる代わりに読む、動いていないサーバーの状態フォルダ",
	"put this arm in force, on a running server":                             "動いているサーバーで、この案を使いはじめる",
	"put the winner into the workspace's file, and the experiment out of it": "勝った案をワークスペースのファイルに書き、実験を外す",
	"show what the tags of variants did over all experiments":                "案のタグの効果を、実験をまたいで示す",
	"Write a starter workspace: rules, texts and tests to make your own":     "ひな形のワークスペース（ルール、文面、テスト）を書き出す",
	`init writes a starter into an empty or new folder: whole rules with texts and tests,
which check and test find sound as they stand. A file that is there already is
never overwritten: then nothing is written at all. In a terminal it asks which
starter is wanted; otherwise it asks nothing. A name without -ja or -en, like
webinar, means the one in your language.`: "空または新しいフォルダに、ひな形を書き出します。ルール、文面、テストがひととおりそろっていて、そのまま check と test に通ります。すでにあるファイルは決して上書きせず、その場合は何も書きません。端末では、どのひな形にするかを尋ねます。端末でなければ何も尋ねません。webinar のように -ja や -en を省いた名前は、あなたの言語のものを指します。",
	"run a copy of this starter (nurture init --list shows them; default: document-request in your language)": "このひな形のコピーを動かす（一覧は nurture init --list。省略すると自分の言語の document-request）",
	"which starter (--list shows them; default: document-request)":                                            "ひな形の名前（--list で一覧。省略すると document-request）",
	"show the starters and write nothing":                                                                     "ひな形を一覧し、何も書かない",
	"Find what is wrong with a workspace before anything runs":                                                "動かす前に、ワークスペースの問題を見つける",
	`check reads every *.hcl file and template of a workspace and reports all problems
of all files in one run, each at the words that cause it. With --sarif it writes
them in the form that code hosts show beside the lines (SARIF 2.1.0); with --watch
it goes on and checks again whenever a file changes, until Ctrl-C. Exit code 0: it
loads (there may be warnings and notes); 3: it does not.`: "ワークスペースのすべての *.hcl とテンプレートを読み、すべての問題を一度に、原因の言葉の位置とともに示します。--sarif では、コードの置き場所が行の横に表示できる形（SARIF 2.1.0）で書きます。--watch では、ファイルが変わるたびに確認しなおします（終了は Ctrl-C）。終了コード 0: 読み込める（警告やお知らせはあり得る）、3: 読み込めない。",
	"write the problems as SARIF 2.1.0 on standard output":                       "問題を SARIF 2.1.0 で標準出力に書く",
	"check again whenever a file changes, until Ctrl-C":                          "ファイルが変わるたびに確認しなおす（終了は Ctrl-C）",
	"List, retry or discard messages that were given up":                         "あきらめたメッセージを一覧し、送り直し、または破棄する",
	"API key ($NURTURE_API_KEY)":                                                 "API キー（$NURTURE_API_KEY）",
	"address of the server ($NURTURE_SERVER)":                                    "サーバーのアドレス（$NURTURE_SERVER）",
	"Forget a message, or all of a cause, that was given up":                     "あきらめたメッセージを、1件または理由ごとに破棄する",
	"Group the messages that were given up by channel, outcome and reason":       "あきらめたメッセージを、チャネル、結果、理由ごとにまとめる",
	"all that this channel gave up":                                              "このチャネルがあきらめたものすべて",
	"all that were given up for this reason, as causes lists them":               "この理由のものすべて（causes で一覧できます）",
	"all with this outcome: retry, refused or unknown":                           "この結果のものすべて（retry、refused、unknown）",
	"all of this workflow":                                                       "このワークフローのものすべて",
	"all hand-overs of this toss-up":                                             "このトスアップの引き渡しすべて",
	"everything that was given up":                                               "あきらめたものすべて",
	"Give a message, or all of a cause, another round under the same key":        "同じキーで、1件または理由ごとにもう一度送る",
	"See it work: a server, a mailbox, a sales desk and people, on this machine": "動くところを見る。サーバー、受信箱、営業デスク、人びとをこのマシンで動かす",
	`dev runs a whole small world on this machine: the server with a demo workspace, a
mailbox that shows every mail, a sales desk that shows every hand-over, and people
who request documents, read mails and compare prices, on a clock that runs fast.

Nothing leaves this machine: whatever a workspace says, mails go to the mailbox
and webhooks to the sales desk. What goes through any other channel (LINE, Slack,
a CRM, letters, a plugin of your own) is shown in the mailbox and goes nowhere.
The demo's workspace is copied to a folder where you can edit it; what you save
takes effect at once. The state begins anew with each start.

The demo speaks your language: that of --lang, else of your environment (LC_ALL,
LC_MESSAGES, LANG), Japanese or English. People, mails and sales follow it.`: `小さな世界をこのマシンで動かします。お試しのルールで動くサーバー、すべてのメールを見られる受信箱、トスアップを見られる営業デスク、そして資料を請求し、メールを読み、料金を比べる人たちです。時計は速く進みます。

外部には何も送りません。ルールに何と書いてあっても、メールは受信箱に、Webhook は営業デスクに届きます。LINE、Slack、CRM、郵便、自作のプラグインなど、ほかのチャネルのメッセージは受信箱に表示するだけで、どこにも送りません。お試しのルールは、編集できるフォルダにコピーされます。保存するとすぐに反映されます。状態は起動のたびに最初からです。

言語は --lang、なければ環境（LC_ALL、LC_MESSAGES、LANG）に合わせて、日本語か英語になります。人びと、メール、営業の返事もそれに従います。`,
	"address to listen on, of this machine; another port is taken when it is in use": "待ち受けるアドレス（このマシンのもの）。使用中なら別のポートにする",
	"show the start page in a browser":                                               "画面をブラウザーで開く",
	"what happens follows from this number":                                          "起こることは、この数から決まる",
	"how much time passes in a second, 1s to 24h":                                    "1秒に進む時間。1s から 24h",
	"let people come, read mails and answer":                                         "人びとを来させ、メールを読ませ、返事をさせる",
	"Read the documentation: in a browser, or a topic in the terminal":               "ドキュメントを読む。ブラウザーで、または端末に",
	`docs serves the whole documentation on this machine and prints its address. With a
TOPIC it prints what there is about a block (workflow), a step (wait), an attribute
(half_life), a fact or function (times), an event (email_clicked), a code (N103), a
verb (check) or a page (tutorial). It needs no network.`: "すべてのドキュメントをこのマシンで表示し、アドレスを示します。TOPIC を書くと、ブロック（workflow）、ステップ（wait）、項目（half_life）、事実や関数（times）、イベント（email_clicked）、コード（N103）、コマンド（check）、ページ（tutorial）の説明を端末に表示します。ネットワークは要りません。",
	"show it in a browser":                               "ブラウザーで開く",
	"Write the reference in both languages, as Markdown": "リファレンスを両方の言語の Markdown で書き出す",
	`generate writes the reference of the language and of the commands to
DIR/en/reference and DIR/ja/reference. What the folders held before is replaced.`: "言語とコマンドのリファレンスを DIR/en/reference と DIR/ja/reference に書きます。それまでの中身は置きかえます。",
	"Print the JSON Schema of a workspace's files in HCL's JSON form": "HCL の JSON 形式で書いたワークスペースの JSON Schema を表示する",
	`schema prints a JSON Schema (draft 2020-12) of the language in HCL's JSON form, for
editors and for programs that write rules. Descriptions are in both languages.`: "この言語の、HCL の JSON 形式での JSON Schema（draft 2020-12）を表示します。エディターや、ルールを書き出すプログラムのためのものです。説明は両方の言語で入っています。",
	"Let nobody enter a workflow any more, on a running server": "動いているサーバーで、ワークフローに誰も入れないようにする",
	`drain lets nobody enter any more; who is inside goes on to the end. Without
arguments it lists what is paused.`: "これ以上、誰も入れません。中にいるリードは最後まで進みます。引数がないときは、止めているものを一覧します。",
	"reason, for everybody who sees that it is paused":                 "理由。止めていることが見えるところに表示される",
	"Hand events to a running server, and see what could not be taken": "動いているサーバーにイベントを送り、受け付けられなかったものを見る",
	"Show the events that could not be taken":                          "受け付けられなかったイベントを見る",
	`dead lists what clients and services sent that is no event, newest first, with the
reason. What came in is personal data and shown with --reveal only. When a mapping or
the rules have changed, retry reads it again as of the time it came in; discard
forgets it.`: "クライアントやサービスから届いたもののうち、イベントとして読めなかったものを、理由とともに新しい順に示します。届いた内容は個人情報なので、--reveal を付けたときだけ表示します。map やルールを変えたら、retry で届いた時点のものとして読み直せます。discard は破棄します。",
	"only those of this source":                         "この入口のものだけ",
	"only those with this reason, as the list shows it": "この理由のものだけ（一覧に出るとおりに書く）",
	"show what came in: personal data":                  "届いた内容も表示する（個人情報）",
	"how many at most, up to 1000":                      "最大の件数（1000まで）",
	"Read dead events again by the rules of now":        "受け付けられなかったイベントを、今のルールで読み直す",
	`retry reads what could not be taken once more, by the mappings and rules of now and as
of the time it came in. What is taken leaves the list; the rest stays, and its reason
is told.`: "受け付けられなかったものを、今の map とルールで、届いた時点のものとして読み直します。受け付けたものは一覧から消え、残りは理由とともに示します。",
	"Forget dead events": "受け付けられなかったイベントを破棄する",
	"discard forgets what could not be taken. It cannot be brought back.": "受け付けられなかったものを破棄します。元には戻せません。",
	"all of them":                     "すべて",
	"Make, replace and withdraw keys": "キーを作る、取り替える、取り消す",
	`A write key lets a client send events to one source; an API key lets a person or a
program use the API and the console, as far as its scopes go. A secret is shown once,
when its key is made; only a hash of it is kept. key asks a running server, or opens
the data folder of one that does not run (--data).`: "書き込みキーは、ひとつの入口（source）にイベントを送るためのキーです。API キーは、人やプログラムが、スコープの範囲で API とコンソールを使うためのキーです。秘密の値を表示するのは作ったときの一度だけで、残すのはハッシュだけです。動いているサーバーに頼むか、動いていないサーバーのデータフォルダーを開きます（--data）。",
	"data folder of a server that does not run":   "動いていないサーバーのデータフォルダー",
	"Show the keys, without their secrets":        "キーの一覧を見る（秘密の値は出ない）",
	"Make a write key of a source, or an API key": "入口の書き込みキー、または API キーを作る",
	`create makes a key and shows its secret this once.

With --source it is a write key, which lets a client send events to that source. With
--event it may send these events only; a call other than track is named by its type:
identify, page, screen, group, alias.

With --name and --scope it is an API key. Scopes: metrics (nothing but the metrics),
read (figures, rules, state; nobody by name), operate (pauses, what could not be sent
or taken, answers of sales), rules (which rules are in force), people (what is known
about leads), admin (keys, audit log and all the others). operate, rules and people
bring read along.`: `キーを作り、秘密の値を一度だけ表示します。

--source を付けると書き込みキーになり、その入口にイベントを送れます。--event を付けると、そのイベントだけを送れます。track 以外は種類（identify、page、screen、group、alias）で書きます。

--name と --scope を付けると API キーになります。スコープは metrics（メトリクスだけ）、read（数値、ルール、状態。個人は見えない）、operate（一時停止、送れなかったもの・受け付けられなかったもの、営業の回答）、rules（どのルールが動くか）、people（リードについて知られていること）、admin（キー、監査ログ、ほかのすべて）です。operate、rules、people は read を含みます。`,
	"whose API key it is, as the audit log tells it":                                        "API キーの持ち主。監査ログにこの名前が残る",
	"what the API key lets do: metrics, read, operate, rules, people, admin; several times": "API キーでできること。metrics、read、operate、rules、people、admin。何度でも書ける",
	"Make a link that signs in to the console once":                                         "コンソールに一度だけ入れるリンクを作る",
	`login asks a running server for a link into its console, so that no key has to be
typed into a browser. The link holds once and for ten minutes; what it opens may what
the key may, and ends with the key, or after twelve hours.`: "動いているサーバーに、コンソールに入るリンクを作ってもらいます。ブラウザーにキーを入力せずに済みます。リンクは一度だけ、十分のあいだ使えます。開いたセッションではキーにできることができ、キーとともに、遅くとも十二時間で終わります。",
	"open it in a browser":            "ブラウザーで開く",
	"Show who changed what, and when": "誰が、いつ、何を変えたかを見る",
	`audit shows what was changed through the API, the console and the verbs: when, by
which key, what, and what came of it; the newest first. Rules that were changed in
their files stand in the list of revisions. Entries hold no personal data, and leave
the log after the time that serve was given with --audit-keep. audit asks a running
server, or opens the data folder of one that does not run (--data).`: "API、コンソール、コマンドで変えたことを、新しい順に見ます。いつ、どのキーで、何を、結果はどうだったかです。ファイルで変えたルールは、リビジョンの一覧にあります。記録に個人情報はなく、serve の --audit-keep で決めた期間が過ぎると消えます。動いているサーバーに尋ねるか、動いていないサーバーのデータフォルダーを開きます（--data）。",
	"from this day or instant on, or so long ago, as 7d (default: all)":                           "この日、または日時から。7d のように「どれだけ前か」も書ける（省略するとすべて）",
	"only what this key did, by its name":                                                         "この名前のキーがしたことだけ",
	"only this operation, by its name in the API":                                                 "この操作だけ（API での名前）",
	"only what was about this, as the list shows it":                                              "これについてのものだけ（一覧にあるとおりに書く）",
	"how long the audit log keeps an entry":                                                       "監査ログの記録を残す長さ",
	"source of the events that are sent with the key":                                             "このキーで送るイベントの入口",
	"event that the key may send, several times (default: all)":                                   "このキーで送れるイベント。何度でも書ける（省略するとすべて）",
	"how many events may be sent with the key, as '100 per second' (default: as the source says)": "このキーで送れる数。'100 per second' のように書く（省略すると入口に従う）",
	"after which time the key ends by itself, as 90d (default: never)":                            "キーの期限。90d のように書く（省略すると無期限）",
	"what the key is for":                        "キーの用途",
	"Make a key that takes the place of another": "キーを新しいものに取り替える",
	`rotate makes a key like the one named and shows its secret this once. Both hold
until the grace is over, so that clients change without a gap.`: "同じ内容の新しいキーを作り、秘密の値を一度だけ表示します。猶予が終わるまでは新旧どちらも使えるので、すき間なく切り替えられます。",
	"how long the old key still holds; 0s ends it at once": "古いキーの猶予。0s なら、すぐに終わる",
	"Withdraw a key at once":                               "キーをすぐに取り消す",
	"Send one event about one lead":                        "ひとりのリードのイベントをひとつ送る",
	`send hands one event to the server and returns when it is durable. EVENT is the
name of a track call, or "identify" to set attributes. Values are numbers, true or
false, or texts; quote a text that looks like a number: name='"42"'.`: `イベントをひとつサーバーに送り、ディスクに書かれると終わります。EVENT は track の名前で、identify なら属性を設定します。値は数値、true か false、または文字列です。数に見える文字列は引用符で囲みます: name='"42"'。`,
	"anonymousId of a visitor":                                       "訪問者の anonymousId",
	"when it happened (default: now)":                                "起きた日時（省略すると今）",
	"messageId; the same one twice counts once (default: a new one)": "messageId。同じものは一度だけ数える（省略すると新しく作る）",
	"userId of the lead":                                             "リードの userId",
	"Bring *.hcl files and templates into their one form":            "*.hcl とテンプレートの書き方をそろえる",
	`fmt rewrites the layout of files, of the conditions inside them, and of the {{ }} in
texts and templates, never their meaning. A file that does not parse is not
touched. With - it reads standard input and writes standard output. Exit code 1
with --check or --diff when some file is not in its form, 3 when some file does
not parse.`: "ファイルと、その中の条件、文面やテンプレートの {{ }} の書き方をそろえます。意味は変えません。読めないファイルには触れません。- を書くと標準入力を読み、標準出力に書きます。--check か --diff では、そろっていないファイルがあれば終了コード 1、読めないファイルがあれば 3 です。",
	"change nothing, list the files that would change": "変更せず、変わるファイルの名前を示す",
	"change nothing, show what would change":           "変更せず、変わるところを示す",
	"Draw a workflow, or how all of them connect":      "ワークフロー、または全体のつながりを図にする",
	`graph draws what leads to what: as text for the terminal, as Mermaid for wikis and
code hosts, as DOT for Graphviz, or as an SVG picture. Without a WORKFLOW it draws
the whole workspace: events, segments, toss-ups, workflows and channels.`: "何が何につながるかを図にします。端末用のテキスト、Wiki 用の Mermaid、Graphviz 用の DOT、SVG の絵で書けます。WORKFLOW を省略すると、イベント、セグメント、トスアップ、ワークフロー、チャネルの全体を描きます。",
	"one of text, mermaid, dot, svg":                         "text、mermaid、dot、svg のどれか",
	"file to write, - for standard output":                   "書き出すファイル。- は標準出力",
	"folder of the *.hcl files":                              "*.hcl のあるフォルダ",
	"Speak with an editor: the language server of the rules": "エディターと話す（ルールの言語サーバー）",
	`lsp speaks the Language Server Protocol on standard input and output. An editor
starts it and shows what it says: problems while you type, completion, hover,
definitions, references, renaming, formatting and corrections, in *.hcl files and
in the templates of mails. It writes no file. Logs go to standard error.

docs/en/editors.md says how to set it up in VS Code, Neovim, Helix and Zed.`: `標準入出力で Language Server Protocol を話します。エディターが起動し、*.hcl とメールのテンプレートで、入力中の問題、補完、説明、定義、参照、名前の変更、整形、修正の候補を表示します。ファイルには書き込みません。ログは標準エラーに出ます。

VS Code、Neovim、Helix、Zed での設定は docs/ja/editors.md にあります。`,
	"speak on standard input and output, which it always does":             "標準入出力で話す（いつもそうする）",
	"Stop a workflow, a step, a channel or everything on a running server": "動いているサーバーで、ワークフロー、ステップ、チャネル、またはすべてを止める",
	`pause stops what it names, at once and over restarts: no step is taken and no
message goes, until resume. Whether waits go on meanwhile, and whether messages that
fell due are sent afterwards, is said by the workflow's own pause block. Without
arguments it lists what is paused.`: "指定したものを、すぐに、再起動のあとも止めます。再開するまで、ステップは進まず、メッセージも送られません。その間に待ち時間が進むか、予定の過ぎたメッセージをあとで送るかは、ワークフロー自身の設定に従います。引数がないときは、止めているものを一覧します。",
	"Work with channel plugins": "チャネルのプラグインを扱う",
	"List the channel plugins":  "チャネルのプラグインを一覧する",
	`list shows the plugins that are built in, those in the workspace's folder plugins,
and those on PATH (programs called nurture-plugin-NAME): where each comes from,
its version and checksum, whether it is locked, and what it is for. Nothing is
started, so that of a plugin that is not locked only its name is known; with
--describe it is started to be asked.`: "組み込みのプラグイン、ワークスペースの plugins フォルダにあるもの、PATH にあるもの（nurture-plugin-名前 というプログラム）を、場所、版、チェックサム、ロックの状態、用途とともに示します。何も起動しないので、ロックされていないものは名前しか分かりません。--describe では起動してたずねます。",
	"start plugins that are not locked, to ask what they are": "ロックされていないプラグインを起動して、何であるかをたずねる",
	"Say that the plugins that are here now are trusted":      "今あるプラグインを信頼すると記録する",
	`lock writes plugins.lock.json into the workspace: the version, the checksum and the
description of every external plugin in its folder plugins, and of those on PATH
that a channel names. Each is started once to be asked what it is. check reads the
description and starts nothing; serve runs a program only when its checksum is the
locked one. Keep the file with the rules. Exit code 1: a plugin does not describe
itself, or, with --check, the file is not what is here.`: "ワークスペースに plugins.lock.json を書きます。plugins フォルダにある外部プラグインと、PATH にありチャネルが使うものの、版、チェックサム、説明です。それぞれを一度起動して、何であるかをたずねます。check は説明を読むだけで何も起動せず、serve はチェックサムがロックと同じプログラムだけを動かします。このファイルはルールと一緒に保管してください。終了コード 1: 自分を説明しないプラグインがある、または --check でファイルが今あるものと違う。",
	"write nothing, fail when the file is not what is here":              "何も書かず、ファイルが今あるものと違えば失敗する",
	"Try a plugin's program, in whatever language, against the protocol": "プラグインのプログラム（言語は問わない）がプロトコルを守るか試す",
	`test starts the program many times and does to it what a server, a service and bad
luck do: wrong settings, batches, the same key twice, kills in the middle, calls
that take too long. It says of each trial whether the program passed. The plan is a
JSON file: the config, the parts of an action that succeeds, and what to hold;
$SERVICE in it is the address of a stand-in for your service, which this command
runs. Without --config it is conformance.json beside the program. Exit code 0: it
passed; 1: it did not.`: "プログラムを何度も起動し、サーバーやサービスや不運がすることを試します。誤った設定、まとめて渡されるアクション、二度来る同じキー、途中の強制終了、長すぎる呼び出しなどです。試験ごとに合格か失敗かを示します。計画は JSON ファイルで、設定、成功するアクションの中身、止めておくものを書きます。$SERVICE は、このコマンドが動かす代役のサービスのアドレスです。--config がなければ、プログラムの隣の conformance.json を読みます。終了コード 0: 合格、1: 不合格。",
	"file with the plan of the trials (default: conformance.json beside the program)": "試験の計画のファイル（省略するとプログラムの隣の conformance.json）",
	"how long anything may take":                               "ひとつのことにかかってよい時間",
	"Begin a plugin: a project that passes the tests as it is": "プラグインを作り始める（そのままで試験に合格するひな形）",
	`new writes a small project in Go, Python or Node.js: a channel that posts messages to
an HTTP service, with a README in both languages, the plan of its tests and the
protocol. Change what it describes and how it sends, and try it with plugin test.`: "Go、Python、Node.js の小さなひな形を書きます。HTTP のサービスにメッセージを送るチャネルで、両方の言語の README、試験の計画、プロトコルが付いています。説明と送り方を変え、plugin test で試してください。",
	"language to write it in: go, python, node":                                      "書く言語。go、python、node のどれか",
	"also hear of the service: ask it, and take its signed requests":                 "サービスから知らせも受け取る。問い合わせと、署名付きのリクエスト",
	"folder to write to, new or empty (default: nurture-plugin-NAME)":                "書き出すフォルダ。新しいもの、または空のもの（省略すると nurture-plugin-名前）",
	"folder with the source of nurture, for a plugin in Go that is built against it": "nurture のソースのフォルダ（それを使って Go のプラグインをビルドするとき）",
	"Write a mail as a lead would get it, and open nothing":                          "リードに届くとおりのメールを書き出す（何も開かない）",
	`preview renders a template, or a step's whole message (subject, preview text, HTML,
plain text), for a lead that a JSON file describes, writes it beside the others
in --out and says which facts of that lead were empty. Nothing is sent. The file
has the lead's attributes, and whatever else should not be as it is for a lead
about whom nothing is known:

  {
    "attributes": {"email": "tanaka@example.co.jp", "last_name": "田中", "employees": 320},
    "scores": {"interest": 72}, "stage": "mql", "consents": {"marketing": true},
    "segments": {"target_account": true}, "now": "2026-10-06T09:30:00+09:00",
    "facts": {"times:email_clicked:14d": 2}
  }`: `テンプレート、またはステップのメッセージ全体（件名、プレビュー文、HTML、テキスト）を、JSON ファイルに書いたリードに合わせて作り、--out に書き出します。そのリードで空だった事実も示します。何も送りません。ファイルにはリードの属性を書き、ほかに、何も分からないリードと違うところがあれば書きます。

  {
    "attributes": {"email": "tanaka@example.co.jp", "last_name": "田中", "employees": 320},
    "scores": {"interest": 72}, "stage": "mql", "consents": {"marketing": true},
    "segments": {"target_account": true}, "now": "2026-10-06T09:30:00+09:00",
    "facts": {"times:email_clicked:14d": 2}
  }`,
	"JSON file of the lead, - for standard input (default: nothing is known)": "リードの JSON ファイル。- は標準入力（省略すると何も分からないリード）",
	"folder to write to, - for the HTML on standard output":                   "書き出すフォルダ。- は HTML を標準出力に",
	"WORKFLOW/STEP: the step's message instead of a template alone":           "ワークフロー/ステップ。テンプレートだけでなく、ステップのメッセージ全体",
	"variant of the step's experiment (default: the first)":                   "ステップの実験の案（省略すると最初の案）",
	"Run a workspace on what was recorded":                                    "記録したものでワークスペースを動かす",
	`replay runs the workspace on recorded events, on a virtual clock that follows the
events' own times. Channels are replaced by recorders that accept everything. With
--json it prints one object a line: the schema's version first, a summary last.

With --outcome, --against, --last or a recorded state (--data, --backup, --live) it
judges the toss-ups by what came of the leads: how many of those handed over had the
outcome (precision), how many of all outcomes were handed over before (recall), and
how long before (lead time). --against compares two sets of rules lead by lead. Leads
are run side by side on all cores. What a replay cannot know, it says.`: `イベント自身の時刻に従う仮想の時計で、ワークスペースを動かします。チャネルは、すべてを受け取って記録するだけのものに置きかわります。--json では1行に1オブジェクトを出し、最初がスキーマの版、最後がまとめです。

--outcome、--against、--last、または記録された状態（--data、--backup、--live）を指定すると、リードのその後でトスアップを評価します。引き渡したうち成果のあった割合（的中率）、成果のうち先に引き渡していた割合（捕捉率）、成果までの日数です。--against は、ふたつのルールをリードごとに比べます。リードはすべてのコアで並べて計算します。再生で分からないことは、そう書きます。`,
	"state folder of a server that is not running":                                                        "止まっているサーバーの状態フォルダ",
	"backup file of a server":                                                                             "サーバーのバックアップファイル",
	"what the running server has recorded (see --server)":                                                 "動いているサーバーの記録（--server を参照）",
	"event by which toss-ups are judged: event.NAME (default: each one's own success)":                    "トスアップを評価する成果の出来事。event.NAME（省略するとそれぞれの success）",
	"the outcome counts within this time after the hand-over (default: the toss-up's own, else for ever)": "成果と数える、引き渡しからの期間（省略するとトスアップのもの、なければ無期限）",
	"count what was done in this time before the end of the record only: 30d":                             "記録の終わりからこの期間のものだけを数える。30d など",
	"how many leads of each difference to list; 0 lists all":                                              "違いごとに挙げるリードの数。0 はすべて",
	"Show what a change of rules would do, before it is live":                                             "ルールの変更の影響を、動かす前に見る",
	"run the recorded events of this time under both rules: 30d":                                          "この期間に記録されたイベントを両方のルールで動かす。30d など",
	"file to keep the plan in, for apply":                                                                 "apply のために計画を残すファイル",
	"exit 2 when there are changes, 0 when there are none":                                                "変更があれば 2、なければ 0 で終わる",
	"print the plan as a comment for a pull request":                                                      "計画をプルリクエストのコメントとして出す",
	"Put planned rules in force":                                                                          "計画したルールを有効にする",
	`apply puts the rules of a plan in force on the running server, exactly as plan showed
them. It refuses a plan that is stale: the running rules are others by now, or the
proposed ones mean something else where the server runs. Make a new plan then.

Where the rules have a rollout block the change goes live step by step, as rollout
shows. --now lets it go live at once; who does that says why, and it is kept.

The rules stay in force, through restarts too, until the files that the server watches
say something else than they do now.`: `計画のルールを、plan が示したとおりに、動いているサーバーで有効にします。古くなった計画は断ります。別のルールがすでに動いているとき、または提案されたルールの意味がサーバーでは変わっているときです。そのときは計画を作りなおしてください。

ルールに rollout ブロックがあれば、変更は順に本番になります（状況は rollout で表示します）。--now はすぐに有効にします。理由が必要で、記録に残ります。

ルールは、サーバーが見ているファイルの意味が変わるまで、再起動しても動きつづけます。`,
	"NDJSON file of Segment-shaped events, gzipped or not; - is standard input": "Segment 形式のイベントの NDJSON ファイル（gzip でもよい）。- は標準入力",
	"source name that the events are recorded under":                            "イベントを記録するときの取得元の名前",
	"End a pause or a drain on a running server":                                "動いているサーバーで、停止や受け入れ停止を終える",
	`resume lets what it names go on. Every lead hears of it, not only those to whom
something happens; with many leads that takes a while, which status shows.`: "指定したものを再開します。何かが起きたリードだけでなく、すべてのリードに伝わります。リードが多いと時間がかかり、その様子は status で分かります。",
	"Run a workspace: take events, decide, send": "ワークスペースを動かす。イベントを受け、判断し、送る",
	`serve takes events over HTTP in Segment's form, decides about every lead by the
rules of the workspace, keeps all state in the data folder and sends through the
configured channels. Rules that change on disk take effect while it runs; rules
with problems are refused and shown, and the running ones stay.

Keys are made with nurture key, also before the first start (--data), or given here
as NAME=SECRET, several times or comma-separated in the environment; a key given
here may do everything. While there is no key for the API, only this machine may
operate, and only when the server listens on a loopback address; where others reach
it, it does not start without one.

With --public-url the links of mails to leads lead through this server, so that
clicks, opens and unsubscribes come back by themselves; without it mails have
neither. The addresses are sealed with the secrets in NURTURE_TRACKING_KEYS, the
current one first, older ones behind it for as long as their mails should work;
without any, a secret is made and kept in the data folder.`: `Segment の形式のイベントを HTTP で受け、ワークスペースのルールですべてのリードについて判断し、状態をデータフォルダに保ち、設定したチャネルから送ります。ディスクのルールが変わると、動いたまま反映します。問題のあるルールは拒んで知らせ、動いているルールを保ちます。

キーは nurture key で作ります。最初に動かす前にも作れます（--data）。または NAME=SECRET の形で、オプションを繰り返すか、環境変数にコンマで区切って書きます。ここで渡したキーには、すべてができます。API のキーがひとつもないあいだは、ループバックのアドレスで待ち受ける場合に限り、このマシンからだけ操作ができます。ほかから届くアドレスでは、API のキーがなければ動き出しません。

--public-url を指定すると、リードに送るメールのリンクがこのサーバーを通り、クリック、開封、配信停止が自動で戻ってきます。指定しないと、メールにはどれも付きません。リンクは NURTURE_TRACKING_KEYS の秘密の値で封をします。今の値を先頭に、古い値はそのメールのリンクを生かしておくあいだ後ろに書きます。ひとつもなければ、値を作ってデータフォルダに保管します。`,
	"https address under which readers of mails reach this server: tracked links, unsubscribe ($NURTURE_PUBLIC_URL)": "メールの読み手がこのサーバーに届く https のアドレス。リンクの計測と配信停止に使う（$NURTURE_PUBLIC_URL）",
	"file to write the server's address to once it is ready, for --listen with port 0":                               "用意ができたら、サーバーのアドレスを書くファイル（--listen のポートが 0 のとき）",
	"NAME=SECRET that may use the API and the console ($NURTURE_API_KEYS)":                                           "API と画面を使える NAME=SECRET（$NURTURE_API_KEYS）",
	"folder of the state; it is created when it does not exist":                                                      "状態を置くフォルダ。なければ作る",
	"how long a stop waits for calls and messages under way (default 20s)":                                           "停止のとき、処理中の呼び出しとメッセージを待つ時間（既定 20s）",
	"address to listen on": "待ち受けるアドレス",
	"site whose pages may send events, https://www.example.co.jp":        "ページからイベントを送れるサイト。https://www.example.co.jp",
	"NAME=SECRET of a source that may send events ($NURTURE_WRITE_KEYS)": "イベントを送れる送信元の NAME=SECRET（$NURTURE_WRITE_KEYS）",
	"Show how a running server stands":                                   "動いているサーバーの様子を見る",
	"Run the workspace's tests on a virtual clock":                       "ワークスペースのテストを仮想の時計で実行する",
	`test plays every test block: events happen, time passes, channels answer, and what
is expected is compared with what the rules did. A test with never also plays
generated stories, and shows the shortest one in which it held. Nothing is sent.
Exit code 0: all passed; 1: some failed; 3: the workspace does not load.`: "すべての test ブロックを演じます。イベントが起き、時間が進み、チャネルが答え、期待したこととルールがしたことを比べます。never のあるテストでは、作られた物語も演じ、破れたもののうち最も短いものを示します。何も送りません。終了コード 0: すべて合格、1: 不合格あり、3: 読み込めない。",
	"list the steps and conditions that no test reached":                       "どのテストも通らなかったステップと条件を示す",
	"also write the results to this file, as JUnit XML":                        "結果を JUnit XML としてこのファイルにも書く",
	"run only the tests whose name matches this regular expression":            "名前がこの正規表現に合うテストだけを実行する",
	"seed of the stories that never generates":                                 "never が作る物語の種",
	"generate this many stories for each never, instead of what the test says": "never ごとに作る物語の数（テストの指定に代わる）",
	"show what happened in the tests that passed, too":                         "合格したテストでも、起きたことを示す",
	"Print the version":         "版を表示する",
	"Show what led to an event": "成果の出来事が、何から生まれたかを示す",
	`attribution divides each result among what the lead met before it: messages that we
sent, clicks by people, visits. Models are first, last, linear, position (40 % to the
first, 40 % to the last) and decay. Credits add up to the results, but say nothing
about what would have happened without the touch; the hold-outs below them do.`: "attribution は、成果のひとつひとつを、リードがその前に触れたもの（送ったメッセージ、人によるクリック、訪問）に配分します。モデルは first、last、linear、position（最初に 40%、最後に 40%）、decay です。配分を足すと成果の数になりますが、その接点がなかったらどうだったかは分かりません。それは、下に示す比較群で分かります。",
	"source, medium, campaign, workflow, step, variant, tag, channel or kind":            "source、medium、campaign、workflow、step、variant、tag、channel、kind のどれか",
	"NDJSON file of recorded events to run the workspace on, instead of asking a server": "サーバーに尋ねる代わりにワークスペースを動かす、記録したイベントの NDJSON ファイル",
	"of decay":                                                       "decay の半減期",
	"first, last, linear, position or decay":                         "first、last、linear、position、decay のどれか",
	"source name that --events are recorded under":                   "--events を記録するときの取得元の名前",
	"touches within this time before a result count":                 "成果の前、この期間内の接点を数える",
	"folder of the *.hcl files, with --data or --events":             "*.hcl ファイルのフォルダー（--data または --events とともに）",
	"The evidence of consents":                                       "同意の証拠",
	"Write who gave and took leave, when, by what words, from where": "誰が、いつ、どの文言で、どこから同意し、取り消したかを書き出す",
	`export writes a row for everything that gave or took leave: askings that are to be
confirmed, confirmations, consents, withdrawals, unsubscribes, wishes. It is what the
journal of facts says, so nothing can be added to it and nothing taken out.`: "同意と取り消しにかかわる出来事を、ひとつ一行で書き出します。確認待ちの申し込み、その確認、同意、同意の撤回、配信停止、配信の希望です。事実の記録をそのまま書き出すので、書き足すことも、取り除くこともできません。",
	"of this consent only": "この同意のものだけ",
	"csv, ndjson or parquet (default: as the file's name ends, else csv)": "csv、ndjson、parquet のどれか（省略するとファイル名の末尾に従い、なければ csv）",
	"file to write (default: standard output)":                            "書き出すファイル（省略すると標準出力）",
	"from this day or instant on, or so long ago, as 30d":                 "この日、または日時から。30d のように「どれだけ前か」も書ける",
	"before this instant, or to the end of this day":                      "この日時より前、または日付ならその日の終わりまで",
	"Write leads, events, decisions or figures as a table":                "リード、イベント、判断、指標を表として書き出す",
	`export writes a table as CSV (for spreadsheets: with a byte order mark, and what
looks like a formula made a text), as an object a line (ndjson), or as Parquet for
data warehouses. It asks a running server, or opens the state folder of one that does
not run (--data). A file is written whole or not at all.`: "表を、CSV（表計算ソフト向け。BOM つきで、数式に見えるものは文字列にします）、1行に1オブジェクト（ndjson）、データウェアハウス向けの Parquet のどれかで書き出します。動いているサーバーに尋ねるか、動いていないサーバーの状態フォルダーを開きます（--data）。ファイルは、最後まで書けたときだけ残ります。",
	"Show where a funnel stands against its goal": "ファネルの状況を、目標と比べて示す",
	`funnel divides the goal back by the expected rates: how many leads are needed at
each step, in all and by today, beside those that came. It names the bottleneck, and
what raising its rate alone would bring. The forecast is by who is on the way and how
long each step takes; who has not had that long is no failure.

It asks a running server; with --data it reads the state folder of a server that does
not run, with --events it runs the workspace on recorded events.`: `funnel は、目標を見込みの率で逆算し、各段階で必要なリードの数（全体と今日まで）を、実績と並べて示します。ボトルネックと、その率だけを上げたときに増える成果も示します。予測は、途中にいる人数と、各段階にかかる日数から求めます。まだその日数がたっていない人は、失敗に数えません。

動いているサーバーに尋ねます。--data では動いていないサーバーの状態フォルダーを読み、--events では記録したイベントでワークスペースを動かします。`,
	"as of this instant, or of the end of this day (default: now)": "この日時の時点、または日付ならその日の終わりの時点（省略すると、いま）",
	"only leads with this value of the funnel's attribute":         "ファネルの属性がこの値のリードだけ",
	"show leads by month, by attribute, and cohorts too":           "月別、属性の値別のリードの数と、コホートも示す",
	"cut the calendar by day, week or month":                       "期間を日（day）、週（week）、月（month）のどれかで区切る",
	"write a chart into this file":                                 "グラフをこのファイルに書く",
	"days within which cohorts are judged":                         "コホートを判定する日数",
	"Take a list of people, or of what they did, from a file":      "人のリスト、またはその人たちがしたことを、ファイルから取り込む",
	`import reads a table (CSV: UTF-8, UTF-16, or Shift_JIS as Excel saves it; the
delimiter is found out) or an object a line (NDJSON). Every column is an attribute of
the lead, unless it is said otherwise. With --event each row is also an event, at the
time that stands in it: the visitors of a booth, the participants of a seminar.

The same row of the same file counts once, however often the file is imported: after
an interruption, run it again. --dry-run keeps nothing and tells what would happen.`: `表（CSV。UTF-8、UTF-16、Excel が保存する Shift_JIS。区切りは自動で判別します）、または1行に1オブジェクト（NDJSON）を読みます。指定がなければ、列はすべてリードの属性になります。--event を付けると、各行は、そこに書かれた日時に起きたイベントにもなります。展示会の来場やセミナーの参加などです。

同じファイルの同じ行は、何度取り込んでも一度だけ数えます。途中で止まったら、もう一度実行してください。--dry-run では何も保存せず、取り込んだときに起こることを示します。`,
	"a word that makes the same rows count once more, under it":            "同じ行をもう一度数えるために付ける言葉（言葉ごとに一度だけ数える）",
	"column of the anonymousId (default: anonymous_id)":                    "anonymousId の列（省略すると anonymous_id）",
	"when it happened, for all rows":                                       "起きた日時（すべての行に同じもの）",
	"between the cells (default: found out)":                               "セルの区切り（省略すると自動で判別）",
	"keep nothing, and tell what would happen":                             "何も保存せず、取り込んだときに起こることを示す",
	"utf-8, shift_jis or utf-16 (default: found out)":                      "utf-8、shift_jis、utf-16 のどれか（省略すると自動で判別）",
	"file for rows that were not taken (default: FILE.errors.csv)":         "取り込めなかった行を書くファイル（省略すると FILE.errors.csv）",
	"event that every row is":                                              "各行をこのイベントとして数える",
	"column that names the event (default: event)":                         "イベントの名前の列（省略すると event）",
	"COLUMN=FIELD of the event":                                            "列=項目。列をイベントの項目にする",
	"first row":                                                            "最初に読む行",
	"columns that are nothing":                                             "使わない列",
	"file with all of this, as JSON":                                       "これらの指定を JSON で書いたファイル",
	"source of the rules whose maps read the rows, instead":                "代わりに、ルールの source の map で行を読む（source の名前）",
	"column of when it happened (default: time, timestamp, date)":          "起きた日時の列（省略すると time、timestamp、date）",
	"of times without a zone, such as Asia/Tokyo (default: the project's)": "タイムゾーンのない日時を、どのタイムゾーンで読むか。Asia/Tokyo など（省略するとプロジェクトのもの）",
	"COLUMN=ATTRIBUTE; with it, no other column is an attribute":           "列=属性。指定すると、ほかの列は属性にしない",
	"column of the userId (default: user_id)":                              "userId の列（省略すると user_id）",
	"Everything about a person, who is who, and forgetting":                "ある人についてのすべて。同じ人の見分けと、消去も",
	`lead asks a running server, or opens the state folder of one that does not run (--data).
LEAD is the internal id, a userId, an anonymousId or the value of the key attribute.`: "動いているサーバーに尋ねるか、動いていないサーバーの状態フォルダーを開きます（--data）。LEAD は、内部の ID、userId、anonymousId、または key に指定した属性の値です。",
	"List leads with different userIds that have a name in common": "userId が違うのに、同じ識別子を持つリードを一覧する",
	`conflicts lists pairs of leads that each have a userId and have the same address, number
or other identifier. They are never merged by themselves; lead settle says what they are.`: "それぞれ userId があり、同じメールアドレスや電話番号などの識別子を持つ、リードの組を示します。自動では統合しません。同じ人かどうかは lead settle で決めます。",
	"those too that are settled":                    "決着したものも示す",
	"print JSON":                                    "JSON で出す",
	"how many at most, to 1000":                     "最大の件数（1000まで）",
	"Write everything that is known about a person": "ある人について知られていることを、すべて書き出す",
	`export answers somebody who asks what is known about them: names, attributes, every
fact, every decision with its reasons, the evidence of consents, messages that were
given up. As JSON for programs, as Markdown or HTML for people.`: "自分について何を知られているか、と尋ねる人に答えるためのものです。識別子、属性、すべての事実、すべての判断とその理由、同意の証拠、あきらめたメッセージを書き出します。プログラムには JSON、人には Markdown か HTML を使ってください。",
	"json, md or html (default: as the file's name ends, else json)": "json、md、html のどれか（省略するとファイル名の末尾に従い、なければ json）",
	"Erase what is known of people":                                  "人について知られていることを消去する",
	`forget erases people: their journal, attributes, messages and names, and whatever was
merged into them. Counters stay; they name nobody. A tombstone stays as well: what is
older than the erasure is not taken any more if it comes again, and who had
unsubscribed or complained is still not written to. It cannot be taken back.

Copies of the state folder still have what it had: see the manual on erasure.`: `人を消去します。記録、属性、メッセージ、識別子と、その人に統合されたリードのすべてです。集計の数は残りますが、誰のものかは分かりません。消去の印も残ります。消去より前のことは、もう一度届いても受け付けず、配信停止や迷惑メール報告をした人には、これからも送りません。取り消しはできません。

状態フォルダーの写しには、消去する前のものが残っています。マニュアルの「個人情報の開示と消去」を見てください。`,
	"file with one lead a line: what lead forgotten prints": "1行にひとりのリードを書いたファイル。lead forgotten の出力をそのまま使える",
	"do not ask":                           "確認を求めない",
	"List the tombstones of erased people": "消去した人の印を一覧する",
	`forgotten lists who was erased, by internal ids, which cannot be read back to people.
Keep the list beside backups: after one is restored, forget them again with
lead forget --file.`: "消去した人を内部の ID で示します。この ID から本人を知ることはできません。一覧をバックアップと一緒に保管し、バックアップから戻したら、lead forget --file でもう一度消去してください。",
	"Say whether two leads in conflict are one person": "識別子の重なるふたりのリードが、同じ人かどうかを決める",
	`settle --same makes OTHER a part of LEAD, though both have a userId; lead unmerge takes
it back. settle --apart says that they are two people; nobody is asked again.`: "settle --same は、どちらにも userId があっても、OTHER を LEAD に統合します。lead unmerge で元に戻せます。settle --apart は、別の人だと決めます。以後は尋ねません。",
	"they are two people": "別の人である",
	"they are one person": "同じ人である",
	"Let a lead that was merged into another be one of its own again": "統合されたリードを、もとのひとりに戻す",
	`unmerge takes a merge back: a browser that somebody else used, two people with one
address. LEAD is the part: its internal id, or the anonymousId or userId under which it
was first seen. Both fold their own facts anew, and what came for the part while they
were one goes with it. What was done for either stays done.`: "統合を取り消します。ブラウザーをほかの人が使った、ひとつのアドレスをふたりで使っている、といったときのためです。LEAD は分けるほうのリードで、内部の ID、または最初に現れたときの anonymousId か userId です。どちらもそれぞれの事実から計算し直し、統合のあいだに分けるほうのリードあてに届いたものは、一緒に移ります。すでに行ったことは、そのままです。",
	"Show the stages: who stands there, how long, who is overdue, who moved back and why": "ステージごとの人数、滞在日数、期限を過ぎたリード、後戻りとその理由を示す",
	`lifecycle shows for every stage how many leads stand there, how many came and left,
how long they stayed, and who has stayed longer than the stage's within allows; and
how often leads moved from one stage to another, with what moved them.`: "lifecycle は、ステージごとに、いまいるリードの数、来た数と出た数、滞在した長さ、そのステージの within より長くいるリードを示します。ステージからステージへ移った回数と、そのきっかけも示します。",
	"only moves of this time, as in 90d": "この期間の移動だけ。90d のように書く",
	"Make the report of a review now":    "レビューのレポートを今すぐ作る",
	`review tells how the key figures stand against their targets and against the time
before, the funnels, the hand-overs to sales, the experiments, and which changes went
live, with the figures before and after each. It is what a review in the rules sends by
its schedule. --html gives a page with charts, for a browser or for paper.

It asks a running server; with --data it reads the state folder of a server that does
not run, with --events it runs the workspace on recorded events.`: `review は、指標を目標や前の期間と比べ、ファネル、営業への引き渡し、実験、そして有効になった変更とその前後の指標を示します。ルールの review が予定の時刻に送るものと同じです。--html では、ブラウザーや印刷に向いた、グラフつきのページになります。

動いているサーバーに尋ねます。--data では動いていないサーバーの状態フォルダーを読み、--events では記録したイベントでワークスペースを動かします。`,
	"print a page":                         "ページ（HTML）を出す",
	"print Markdown, which is the default": "Markdown で出す（省略したときと同じ）",
	"time zone in which instants are written, such as Asia/Tokyo (default: the project's)": "日時を書くタイムゾーン。Asia/Tokyo など（省略するとプロジェクトのもの）",
	"Show what was handed to sales and what became of it, by rule and version":             "営業に渡したものと、その後を、ルールと版ごとに示す",
	`toss-ups shows how good the hand-overs of every rule are, version by version: how
many were offered, accepted, sent back and why, not answered; what became an
opportunity and what was won, each rate with its 95 % interval; opportunities that
came without a hand-over; and how long it took from the signal to the answer to the
opportunity. Offers whose time for an outcome is not yet over are in no rate. Below
are the offers themselves, and who waits for a place. It asks a running server; with
--data it reads the state folder of a server that does not run.

--answer takes what sales say about the offer of --offer, on a running server.`: `toss-ups は、ルールごと、版ごとに、引き渡しの質を示します。渡した数、受け入れられた数、差し戻された数とその理由、返事のなかった数。商談になった数と受注した数（率には 95% の区間を付けます）。引き渡しなしで生まれた商談。きっかけから返事まで、商談までにかかった時間。成果を待つ期間がまだ終わっていないものは、どの率にも入れません。その下に、トスアップの一覧と、空きを待っているリードを示します。動いているサーバーに尋ねます。--data を付けると、動いていないサーバーの状態フォルダーを読みます。

--answer は、動いているサーバーで、--offer のトスアップへの営業の返事を記録します。`,
	"what sales say: accepted or rejected":          "営業の返事。accepted（受け入れ）か rejected（差し戻し）",
	"print the offers as CSV":                       "トスアップの一覧を CSV で出す",
	"only offers of the last so many days (0: all)": "最近この日数のトスアップだけ（0 はすべて）",
	"how many offers to list, at most 1000":         "一覧する件数（1000まで）",
	"id of the offer that --answer is about":        "--answer で返事をするトスアップの ID",
	"why it is rejected, as the rule declares it":   "差し戻す理由（ルールに書いた名前）",
	"only offers in this state: queued, dropped, offered, accepted, rejected, expired, opportunity, won, lost": "この状態のトスアップだけ。queued、dropped、offered、accepted、rejected、expired、opportunity、won、lost",
}
