package dsl

// showBlock is the step during which a slot of the web site shows something.
func showBlock() *Block {
	return &Block{
		Name: "show", Label: NameLabel, Space: "-",
		Doc: Doc{
			"Shows something on the web site while the lead stands here: an element of the page with data-nurture-slot gets the template. It holds the lead until an event, or for a time. Where several workflows would show something in one slot, the one of the greatest priority does; of equals, the one whose step was reached last.",
			"リードがこのステップにいるあいだ、サイトに内容を表示します。ページの data-nurture-slot の要素にテンプレートが入ります。イベントまで、または一定の時間とどまります。ひとつのスロットに複数のワークフローが表示しようとするときは priority の大きいもの、同じなら最後にステップに着いたものを表示します。",
		},
		Attrs: []*Attr{
			{Name: "slot", Type: TypeText, Required: true, Example: `"hero"`, Doc: Doc{
				"Which place of the site: data-nurture-slot=\"hero\".", "サイトのどこに表示するか（data-nurture-slot=\"hero\"）。",
			}},
			{Name: "template", Type: TypeTemplateFile, Required: true, Example: `"web/banner.md"`, Doc: Doc{
				"What is shown: a file under templates/, in Markdown or HTML.", "表示する内容。templates/ の下の Markdown または HTML のファイルです。",
			}},
			{Name: "until", Type: TypeRefs, Refs: []string{"event"}, Example: "event.web_clicked", Doc: Doc{
				"Event, or one of a list of events, that ends it. web_clicked and web_shown end it only when they are of this step.",
				"表示を終えるイベント（リストならどれか）。web_clicked と web_shown は、このステップのものだけが終えます。",
			}},
			{Name: "when", Type: TypeConditions, Doc: Doc{"Which of these events do.", "どのイベントで終えるか。"}},
			{Name: "at_most", Type: TypeLength, Example: `"14d"`, Doc: Doc{
				"How long it is shown.", "表示する期間の上限。",
			}},
			{Name: "reveals", Type: TypeTexts, Example: `["last_name"]`, Doc: Doc{
				"Attributes of the lead whose value the text may contain. Whoever has the visitor's id can read them; without it, only attributes that are choices or flags may stand in the text.",
				"文面に値が入ってよいリードの属性。訪問者の ID を知る人なら誰でも読めます。書かない場合、文面に入れられる属性は choice と flag だけです。",
			}},
			{Name: "on_change", Type: TypeChoice, Of: []string{"keep", "recompute"}, Default: `"keep"`, Doc: Doc{
				"Whether a changed at_most moves those who are here already.", "at_most を変えたとき、すでにここにいるリードにも適用するか。",
			}},
			onRemoved(),
		},
		Example: "show \"banner\" {\n  slot     = \"hero\"\n  template = \"web/banner.md\"\n  until    = event.web_clicked\n  at_most  = \"14d\"\n}",
	}
}
