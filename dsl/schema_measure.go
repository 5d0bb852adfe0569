package dsl

func rolloutBlock() *Block {
	return &Block{
		Name: "rollout", Most: 1,
		Doc: Doc{
			"How a changed file goes live: watched first, then tried by a part of the new entrants, then by everybody. Without the block it goes live at once.",
			"変更したファイルを本番にする手順。まず並行して判定し、次に新しく入るリードの一部で試し、そのあと全員に広げます。このブロックがなければ、すぐ本番になります。",
		},
		Attrs: []*Attr{
			{Name: "shadow", Type: TypeSpan, Example: `"1h"`, Doc: Doc{
				"How long the changed rules decide beside the running ones and send nothing. What they would have done otherwise is listed.",
				"変更後のルールが、今のルールと並行して判定だけを行い、何も送らない時間。判定の違いが一覧になります。",
			}},
			{Name: "canary", Type: TypePercent, Doc: Doc{
				"Then this percent of the leads go by the changed workflows and toss-ups; who is in a workflow already stays in it as it was. Scores, segments, policies and figures stay the running ones for everybody until the end.",
				"そのあと、この割合（%）のリードに変更後のワークフローとトスアップを使います。すでに中にいるリードはそのままです。点数、セグメント、ポリシー、指標は、最後まで全員が今のものを使います。",
			}},
			{Name: "bake", Type: TypeSpan, Example: `"1d"`, Doc: Doc{
				"How long they are tried. Where a guard has too little to go by then, it goes on until there is enough, for three times as long at most.",
				"試す期間。判定に足りる件数がなければ、足りるまで、長くてこの3倍まで続けます。",
			}},
			{Name: "roll_back_if", Type: TypeConditions, Example: `["kpi.unsubscribe_rate.value > 0.01"]`, Doc: Doc{
				"What takes the change back: any of these figures, counted for the leads that try it since they do, beyond its limit for sure.",
				"元に戻す条件。試しているリードについて数えた指標のどれかが、確かに限度を超えたとき。",
			}},
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.slack", Doc: Doc{
				"Where our own people are told that a change is live for everybody, was taken back, or waits for somebody to decide.",
				"全員に広がった、元に戻した、判断待ちになった、という知らせの送り先。社内向けのチャネルです。",
			}},
			{Name: "to", Type: TypeText, Example: `"marketing@acme.co.jp"`, Doc: Doc{
				"Address of our own people, where the channel is one that writes to leads, such as mail.", "メールのようにリードへ送るチャネルを使うときの、社内の宛先。",
			}},
		},
		Example: "rollout {\n  shadow = \"1h\"\n  canary = 10\n  bake   = \"1d\"\n}",
	}
}
