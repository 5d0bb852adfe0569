package dsl

func experimentBlock(step []*Attr) *Block {
	return &Block{
		Name: "experiment", Label: NameLabel, Most: 1,
		Doc: Doc{
			"Tries several forms (variant) or times (slot) of a message and settles on the better. A lead always gets the same arm. Only what people do counts; machines' opens and clicks do not.",
			"いくつかの案（variant）または時刻（slot）を試し、よいほうに決めます。同じリードはいつも同じ案です。数えるのは人の反応だけで、機械の開封やクリックは数えません。",
		},
		Attrs: []*Attr{
			{Name: "measure", Type: TypeText, Required: true, Example: `"click"`, Doc: Doc{
				"What is compared: click, open or reply, for the channel's own events, or the name of an event.",
				"比べるもの。チャネルのイベントなら click、open、reply、それ以外はイベントの名前。",
			}},
			{Name: "within", Type: TypeSpan, Example: `"3d"`, Doc: Doc{
				"Time to react; each message is judged when it is over. Without it 3d for click and open, 7d for everything else.",
				"反応を待つ時間。終わってから1通ずつ判定します。省略すると click と open は3日、それ以外は7日。",
			}},
			{Name: "decide", Type: TypeDecide, Default: `"after 200 sends each, 95% sure"`, Doc: Doc{
				"How many messages of each arm must be judged before anything is decided, and how sure it must be. Looking often raises no false alarm.",
				"決める前に、それぞれ何通の結果が必要か、どこまで確かめるか。何度見ても誤った判定は増えません。",
			}},
			{Name: "guard", Type: TypeGuards, Doc: Doc{
				"Harm that takes an arm out early: the share of its messages that is followed by the event is above this for sure.",
				"早く打ち切る条件。そのイベントが続いたメッセージの割合が、確かにこれを超えたときに外します。",
			}},
			{Name: "apply", Type: TypeChoice, Of: []string{"propose", "auto"}, Default: `"propose"`, Doc: Doc{
				"What becomes of the winner: propose offers it as a change to the file, auto uses it at once.",
				"勝った案の扱い。propose はファイルの変更として提案し、auto はすぐに使います。",
			}},
		},
		Blocks: []*Block{variantBlock(step), {
			Name: "slot", Label: NameLabel,
			Doc: Doc{"One weekday and time, in the lead's zone.", "曜日と時刻のひとつ（リードのタイムゾーン）。"},
			Attrs: []*Attr{{Name: "at", Type: TypeSlot, Required: true, Doc: Doc{
				"When the message goes.", "送る時刻。",
			}}},
			Example: "slot \"tue_morning\" { at = \"tue 09:30\" }",
		}},
		Example: "experiment \"wording\" {\n  measure = \"click\"\n\n  " + variantExample("question", step) + "\n  " + variantExample("number", step) + "\n}",
	}
}

// variantBlock has the attributes of the step's message, none of them required:
// what a variant does not name is the step's own.
func variantBlock(step []*Attr) *Block {
	variant := &Block{
		Name: "variant", Label: NameLabel,
		Doc:     Doc{"One form of the message: what it names stands for the step's own.", "メッセージの案のひとつ。ここに書いた項目だけが、ステップの項目に代わります。"},
		Example: variantExample("question", step),
		Attrs: []*Attr{{Name: "tags", Type: TypeTexts, Example: `["number", "question"]`, Doc: Doc{
			"What kind of form it is. Results are pooled by tag over all experiments.", "案の種類。結果は、実験をまたいでタグごとにまとめます。",
		}}},
	}
	for _, a := range step {
		own := *a
		own.Required = false
		variant.Attrs = append(variant.Attrs, &own)
	}
	return variant
}
