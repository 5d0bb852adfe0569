package main

// helpJa is the help of the verbs in Japanese, by the English sentence. A sentence
// that changes in a verb has to be put into Japanese again: a test tells.
var helpJa = map[string]string{
	`nurture checks, tests, replays and serves lead-nurturing rules written in HCL.

To see it work: nurture dev`: `リードを育てるルール（HCL）を確認し、テストし、過去のデータで試し、動かします。

動くところを見るには: nurture dev`,
	"print one JSON object (schema 1.0) on standard output":               "標準出力に JSON オブジェクトをひとつ出す（スキーマ 1.0）",
	"language of messages: ja or en (default: the project's, else $LANG)": "メッセージの言語。ja か en（省略するとプロジェクトの言語、なければ $LANG）",
	"Show how experiments stand, and put a winner into the file":          "実験の状況を見て、勝った案をファイルに書く",
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
	"run a copy of this starter (nurture init --list shows them; default: document-request-ja)": "このひな形のコピーを動かす（一覧は nurture init --list。省略すると document-request-ja）",
	"which starter (--list shows them; default: document-request)":                              "ひな形の名前（--list で一覧。省略すると document-request）",
	"show the starters and write nothing":                                                       "ひな形を一覧し、何も書かない",
	"also write what runs check and test at every push: github or gitlab":                       "push のたびに check と test を行う設定も書く。github か gitlab",
	"Find what is wrong with a workspace before anything runs":                                  "動かす前に、ワークスペースの問題を見つける",
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
	"Forget a message that was given up":                                         "あきらめたメッセージを破棄する",
	"Give a message another round, under the same key":                           "同じキーで、もう一度送る",
	"See it work: a server, a mailbox, a sales desk and people, on this machine": "動くところを見る。サーバー、受信箱、営業デスク、人びとをこのマシンで動かす",
	`dev runs a whole small world on this machine: the server with a demo workspace, a
mailbox that shows every mail, a sales desk that shows every hand-over, and people
who request documents, read mails and compare prices, on a clock that runs fast.

Nothing leaves this machine: whatever a workspace says, mails go to the mailbox
and webhooks to the sales desk. The demo's workspace is copied to a folder where
you can edit it; what you save takes effect at once. The state begins anew with
each start.`: `小さな世界をこのマシンで動かします。お試しのルールで動くサーバー、すべてのメールを見られる受信箱、トスアップを見られる営業デスク、そして資料を請求し、メールを読み、料金を比べる人たちです。時計は速く進みます。

外部には何も送りません。ルールに何と書いてあっても、メールは受信箱に、Webhook は営業デスクに届きます。お試しのルールは、編集できるフォルダにコピーされます。保存するとすぐに反映されます。状態は起動のたびに最初からです。`,
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
	"reason, for everybody who sees that it is paused": "理由。止めていることが見えるところに表示される",
	"Hand events to a running server":                  "動いているサーバーにイベントを送る",
	"Send one event about one lead":                    "ひとりのリードのイベントをひとつ送る",
	`send hands one event to the server and returns when it is durable. EVENT is the
name of a track call, or "identify" to set attributes. Values are numbers, true or
false, or texts; quote a text that looks like a number: name='"42"'.`: `イベントをひとつサーバーに送り、ディスクに書かれると終わります。EVENT は track の名前で、identify なら属性を設定します。値は数値、true か false、または文字列です。数に見える文字列は引用符で囲みます: name='"42"'。`,
	"anonymousId of a visitor":                                                 "訪問者の anonymousId",
	"when it happened, RFC 3339 (default: now)":                                "起きた日時（RFC 3339。省略すると今）",
	"messageId; the same one twice counts once (default: a new one)":           "messageId。同じものは一度だけ数える（省略すると新しく作る）",
	"userId of the lead":                                                       "リードの userId",
	"Tell what was decided about a lead, and why; or what an error code means": "リードについて何がなぜ決まったか、またはコードの意味を示す",
	`explain shows where a lead stands and what was decided about it, newest first: each
fact, what followed from it, the conditions with the values that they saw, and
the revision of the rules that decided. LEAD is an internal id, a userId or the
value of the key attribute, an e-mail address as a rule. CODE is that of a
diagnostic, N021 for instance.`: "リードがどこにいて、何が決まったかを、新しい順に示します。それぞれの事実と、そこから決まったこと、条件が見た値、判断したルールの版です。LEAD は内部の ID、userId、または key に指定した属性の値（ふつうはメールアドレス）です。CODE は N021 のような問題のコードです。",
	"how many of the latest facts to show":                "表示する最近の事実の数",
	"Bring *.hcl files and templates into their one form": "*.hcl とテンプレートの書き方をそろえる",
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
	"Run a workspace on recorded events":                                      "記録したイベントでワークスペースを動かす",
	`replay runs the workspace on a virtual clock that follows the events' own
times. Channels are replaced by recorders that accept everything. With --json it
prints one object a line: the schema's version first, a summary last.`: "イベント自身の時刻に従う仮想の時計で、ワークスペースを動かします。チャネルは、すべてを受け取って記録するだけのものに置きかわります。--json では1行に1オブジェクトを出し、最初がスキーマの版、最後がまとめです。",
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

Keys are given as NAME=SECRET, several times or comma-separated in the
environment. Without any key only this machine may send and operate, and only
when the server listens on a loopback address.

With --public-url the links of mails to leads lead through this server, so that
clicks, opens and unsubscribes come back by themselves; without it mails have
neither. The addresses are sealed with the secrets in NURTURE_TRACKING_KEYS, the
current one first, older ones behind it for as long as their mails should work;
without any, a secret is made and kept in the data folder.`: `Segment の形式のイベントを HTTP で受け、ワークスペースのルールですべてのリードについて判断し、状態をデータフォルダに保ち、設定したチャネルから送ります。ディスクのルールが変わると、動いたまま反映します。問題のあるルールは拒んで知らせ、動いているルールを保ちます。

キーは NAME=SECRET の形で、オプションを繰り返すか、環境変数にコンマで区切って書きます。キーがひとつもないときは、ループバックのアドレスで待ち受ける場合に限り、このマシンからだけ送信と操作ができます。

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
	"Print the version": "版を表示する",
}
