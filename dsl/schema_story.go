package dsl

func testBlock() *Block {
	expect := &Attr{Name: "expect", Type: TypeConditions, Example: `["sent('mail') == 1"]`, Doc: Doc{
		"What must hold at this moment, all of it.", "この時点で成り立つべき条件。",
	}}
	event := &Block{
		Name: "event", Label: NameLabel, Space: "-", Open: true,
		Doc:     Doc{"An event of the lead, now.", "この時点で起こるイベント。"},
		Example: "event \"page_viewed\" { path = \"/pricing\" }",
	}
	reply := &Block{
		Name: "reply", Label: NameLabel, Space: "-",
		Doc: Doc{"What a channel answers from now on.", "これ以降、チャネルが返す結果。"},
		Attrs: []*Attr{
			{Name: "outcome", Type: TypeChoice, Of: []string{"done", "retry", "refused", "unknown"}, Required: true, Doc: Doc{"Its answer.", "結果。"}},
			{Name: "times", Type: TypeCount, Doc: Doc{"How often, before it is done again. Without it, always.", "回数。そのあとは成功します。省略するとずっと。"}},
			{Name: "code", Type: TypeText, Example: `"mailbox_full"`, Doc: Doc{"Reason code.", "理由コード。"}},
		},
		Example: "reply \"mail\" {\n  outcome = \"retry\"\n  times   = 2\n}",
	}
	after := &Block{
		Name: "after", Label: TitleLabel, Space: "-",
		Doc:     Doc{"Lets time pass.", "時間を進めます。"},
		Attrs:   []*Attr{expect},
		Example: "after \"5h\" { expect = [\"sent('mail') == 0\"] }",
	}
	at := &Block{
		Name: "at", Label: TitleLabel, Space: "-",
		Doc:     Doc{"Lets time pass until then.", "その日時まで時間を進めます。"},
		Attrs:   []*Attr{expect},
		Example: "at \"2026-10-07 10:00\" { expect = [\"sent('mail') == 1\"] }",
	}
	identify := &Block{
		Name: "identify", Open: true,
		Doc:     Doc{"Attributes of the lead that become known, or change, now.", "この時点でわかった、または変わったリードの属性。"},
		Example: "identify { company = \"Acme\" }",
	}
	colleague := &Block{
		Name: "colleague", Label: NameLabel, Space: "-",
		Doc:     Doc{"What another lead of the same account does, now. Blocks of one name are one lead.", "同じアカウントの別のリードが、この時点で行うこと。同じ名前のブロックは同じリードです。"},
		Blocks:  []*Block{event},
		Example: "colleague \"suzuki\" {\n  event \"page_viewed\" { path = \"/pricing\" }\n}",
	}
	company := &Block{
		Name: "account", Open: true,
		Doc:     Doc{"What becomes known of the lead's account, now, as by a group call.", "この時点で分かった、リードのアカウントの情報（group 呼び出しと同じ）。"},
		Example: "account { plan = \"gold\" }",
	}
	moment := []*Block{event, identify, correctBlock(), colleague, company, reply, after, at}
	after.Blocks, at.Blocks = moment, moment
	lead := &Block{
		Name: "lead", Least: 1, Most: 1, Open: true,
		Doc:     Doc{"The lead's attributes at the beginning.", "はじめのリードの属性。"},
		Example: "lead { email = \"tanaka@example.jp\" }",
	}
	return &Block{
		Name: "test", Label: TitleLabel,
		Doc: Doc{"A story on a virtual clock, in the order you read it.", "仮想の時計の上で、書いた順に進む物語。"},
		Attrs: []*Attr{
			{Name: "start", Type: TypeTime, Required: true, Doc: Doc{"When it begins, in the project's zone.", "始まりの日時（プロジェクトのタイムゾーン）。"}},
			expect,
			{Name: "others", Type: TypeCount, Example: "10", Doc: Doc{
				"So many other leads, with the same attributes but the key, live the same story a moment before: for what leads have to share, such as the capacity of sales.",
				"同じ属性（キー以外）の別のリードが何人、同じ物語を一瞬先に生きるか。営業の受けられる件数など、リードどうしで分け合うものを試すときに使います。",
			}},
			{Name: "never", Type: TypeConditions, Example: `["sent('mail', '1d') > 2"]`, Doc: Doc{
				"What must not hold at any moment: of this story, and of many generated ones that begin with the same lead.",
				"どの瞬間にも成り立ってはならない条件。この物語と、同じリードから始まる多数の自動生成された物語で確かめます。",
			}},
			{Name: "streams", Type: TypeCount, Default: "200", Example: "200", Doc: Doc{
				"With never: how many stories are generated.", "never とともに: 生成する物語の数。",
			}},
			{Name: "over", Type: TypeLength, Default: `"60d"`, Example: `"60d"`, Doc: Doc{
				"With never: how much time a generated story covers.", "never とともに: 生成する物語の長さ。",
			}},
		},
		Blocks:  append([]*Block{lead, caseOfTest(moment, expect)}, moment...),
		Example: "test \"nobody is mailed at night\" {\n  start = \"2026-10-06 18:30\"\n\n  lead { email = \"suzuki@example.jp\" }\n\n  after \"5h\" { expect = [\"sent('mail') == 0\"] }\n}",
	}
}

// caseOfTest is a row of a table: the test's story with another lead, and what
// follows for it.
func caseOfTest(moment []*Block, expect *Attr) *Block {
	return &Block{
		Name: "case", Label: TitleLabel, Space: "-",
		Doc: Doc{
			"A row of a table: the story above, told of a lead with these attributes over the test's own, and what follows.",
			"表の一行。上の物語を、この属性を重ねたリードで演じ、そのあとに続くこと。",
		},
		Attrs: []*Attr{expect},
		Blocks: append([]*Block{{
			Name: "lead", Most: 1, Open: true,
			Doc:     Doc{"Attributes that are other than the test's.", "テストと異なる属性。"},
			Example: "lead { employees = 1000 }",
		}}, moment...),
		Example: "case \"large\" {\n  lead { employees = 1000 }\n  expect = [\"score.fit == 30\"]\n}",
	}
}
