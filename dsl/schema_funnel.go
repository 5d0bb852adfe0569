package dsl

func funnelBlock() *Block {
	return &Block{
		Name: "funnel", Label: NameLabel,
		Doc: Doc{
			"The result you need and the rates you expect; what is needed at each step follows. Each lead counts once at each step, at the first event within the period.",
			"必要な成果と見込む率から、各段階で必要な数を求めます。リードは各段階で1回だけ、期間内の最初のイベントで数えます。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "period", Type: TypePeriod, Required: true, Doc: Doc{"From when to when, both days included, in the project's time zone.", "期間。両端の日を含み、プロジェクトのタイムゾーンで数えます。"}},
			{Name: "goal", Type: TypeCount, Required: true, Doc: Doc{"How many at the end.", "最後の段階で必要な数。"}},
			{Name: "by", Type: TypeText, Example: `"origin"`, Doc: Doc{
				"Name of an attribute by whose value the figures are told apart as well.", "数を分けて見るための属性の名前。",
			}},
		},
		Blocks: []*Block{{
			Name: "step", Label: NameLabel, Least: 2,
			Doc: Doc{"One step.", "段階ひとつ。"},
			Attrs: []*Attr{
				labelAttr,
				{Name: "count", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.deal_won", Doc: Doc{"Event that reaches it.", "到達を示すイベント。"}},
				{Name: "rate", Type: TypeNumber, Example: "0.25", Doc: Doc{
					"Expected share of the step before. Left out: the share that was observed.", "前の段階からの見込みの率。省くと、実際に観測された率を使います。",
				}},
				{Name: "when", Type: TypeConditions, Example: `"event.amount >= 1000"`, Doc: Doc{
					"Which of them count: about the event, and the lead as it was then.", "数える条件。イベントと、その時点のリードについて書けます。",
				}},
			},
			Example: "step \"won\" {\n  count = event.deal_won\n  rate  = 0.25\n}",
		}},
		Example: "funnel \"fy26_q3\" {\n  period = \"2026-10-01 to 2026-12-31\"\n  goal   = 24\n\n  step \"reached\" { count = event.email_delivered }\n\n  step \"won\" {\n    count = event.deal_won\n    rate  = 0.25\n  }\n}",
	}
}

func reviewBlock() *Block {
	return &Block{
		Name: "review", Label: NameLabel,
		Doc: Doc{
			"A scheduled report of figures, funnels, experiments, toss-ups, and the changes that went live since the last one. Each scheduled time is reported once.",
			"指標、ファネル、実験、トスアップ、前回からの変更をまとめる定期レポート。予定の時刻ごとに1回だけ作られます。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "schedule", Type: TypeSchedule, Required: true, Doc: Doc{"When, in the project's time zone.", "いつ。プロジェクトのタイムゾーンで書きます。"}},
			{Name: "compare", Type: TypeSpan, Default: `"7d"`, Example: `"7d"`, Doc: Doc{"Time it looks back; figures stand beside those of the same time before.", "ふりかえる期間。その前の同じ長さの期間と並べます。"}},
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.slack", Doc: Doc{
				"Where it goes: as text to a chat, as JSON to a webhook, as a page in a mail. Left out: it is only read with nurture review.",
				"送り先。チャットには文章、Webhook には JSON、メールにはページとして届きます。省くと nurture review で読むだけになります。",
			}},
			{Name: "to", Type: TypeText, Example: `"marketing@acme.co.jp"`, Doc: Doc{
				"Address of our own people, where the channel is one that writes to leads, such as mail.", "メールのようにリードへ送るチャネルを使うときの、社内の宛先。",
			}},
		},
		Example: "review \"weekly\" {\n  schedule = \"0 9 * * 1\"\n  channel  = channel.slack\n}",
	}
}
