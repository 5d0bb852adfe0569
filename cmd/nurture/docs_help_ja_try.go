package main

// helpJaTry is the help of try in Japanese.
var helpJaTry = map[string]string{
	"Try the rules by hand: live a lead's story on a virtual clock, and ask why": "ルールを手で試す：仮想の時計でリードの物語を進め、なぜかを尋ねる",
	`try lets you live a lead's story by hand. Each line lets something happen or time
pass, and shows at once what the rules did: points, stages, toss-ups, workflows, mails.
Nothing is sent, no server is needed, nothing is kept.

  event form_submitted form=inquiry    something happens (the word event may be left out)
  after 3d, at 09:30, next             time passes; next goes on to what happens next
  lead employees=320                   how the lead was from the beginning
  score.interest >= 70                 a question, in the words of conditions
  why toss_up.hot_lead                 why it was decided so, or not yet, and what would change it
  mail                                 the latest message as the lead got it
  expect tossed_up('hot_lead')         what must hold; it goes into the test
  save tests/hot_lead.hcl              the story as a test block
  help                                 all there is

Rules may be edited meanwhile: with the next line the story is lived again under them,
and what comes out otherwise is shown. Lines come from a terminal, from standard input,
or from --do; then the first line that cannot be carried out ends the story. --test
begins with the story of a test of the workspace. Exit code 0: fine; 1: a line could not
be carried out, or something that was expected does not hold; 3: the workspace does not
load.`: `try では、リードの物語を一行ずつ自分で進めます。出来事を起こすか時間を進めるたびに、ルールが
したこと（加点、ステージ、トスアップ、ワークフロー、メール）がすぐ表示されます。
実際には何も送りません。サーバーは不要で、何も保存しません。

  event form_submitted form=inquiry    出来事が起こる（event は省ける）
  after 3d、at 09:30、next             時間が過ぎる。next は次に何かが起こるまで
  lead employees=320                   はじめからのリードの属性
  score.interest >= 70                 条件の言葉での質問
  why toss_up.hot_lead                 なぜそう判断したか、なぜまだか、どうすれば変わるか
  mail                                 届いた最新のメッセージ
  expect tossed_up('hot_lead')         成り立つべき条件。テストに残る
  save tests/hot_lead.hcl              物語をテストとして保存する
  help                                 すべての言葉

途中でルールを編集できます。次の行で、新しいルールのもとで物語がはじめから生き直され、変わった
ところが表示されます。行は端末、標準入力、または --do から読みます。端末でないときは、実行できない
行で終わります。--test を付けると、ワークスペースのテストの物語から始まります。終了コードは、
0：正常、1：実行できない行があった、または expect が成り立たなかった、3：ワークスペースを読み込めない。`,
	"JSON file with the lead's attributes, - for standard input (default: what is required is made up)": "リードの属性を書いた JSON ファイル。- は標準入力（既定：必須の属性に仮の値を入れる）",
	"when the story begins, in the project's zone (default: 10:00 on the next working day)":             "物語の始まりの日時。プロジェクトのタイムゾーン（既定：次の営業日の 10:00）",
	"begin with the story of this test of the workspace":                                                "ワークスペースのこのテストの物語から始める",
	"a line of the story, instead of standard input; may be repeated":                                   "標準入力の代わりの、物語の一行。何度でも書ける",
}
