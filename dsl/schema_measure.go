package dsl

func kpiBlock() *Block {
	event := []string{"event"}
	return &Block{
		Name: "kpi", Label: NameLabel,
		Doc: Doc{
			"A counted figure: a number of events, or a rate of one event in another.",
			"数える指標。イベントの件数、または一方のイベントに対するもう一方の割合。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "count", Type: TypeRef, Refs: event, Example: "event.form_submitted", Doc: Doc{
				"Event that is counted.", "数えるイベント。",
			}},
			{Name: "rate", Type: TypeRef, Refs: event, Example: "event.email_clicked", Doc: Doc{
				"Event that must follow at least once …", "少なくとも一度つづくべきイベント。",
			}},
			{Name: "of", Type: TypeRef, Refs: event, Example: "event.email_delivered", Doc: Doc{
				"… for each of these.", "割合の母数になるイベント。",
			}},
			{Name: "within", Type: TypeSpan, Example: `"7d"`, Doc: Doc{
				"No later than this. Each is judged once its window is over.", "この期間内。期間が終わってから判定します。",
			}},
			{Name: "over", Type: TypeSpan, Default: `"28d"`, Example: `"28d"`, Doc: Doc{
				"Time the figure covers.", "集計する期間。",
			}},
			{Name: "by", Type: TypeChoices, Of: []string{"workflow", "step", "channel"}, Doc: Doc{
				"Labels it is told apart by.", "分けて数える項目。",
			}},
			{Name: "value", Type: TypeFormula, Example: `"reachable('mail')"`, Later: LaterServed, Doc: Doc{
				"Formula over other figures: toss_up.NAME.handed_over, accepted, rejected, expired, opportunities and won, kpi.NAME.value, reachable('channel').",
				"ほかの数から計算する式。toss_up.名前 の handed_over・accepted・rejected・expired・opportunities・won、kpi.名前.value、reachable('チャネル') が使えます。",
			}, Meantime: Doc{
				"the formula is not computed", "式は計算されません",
			}},
			{Name: "target", Type: TypeNumber, Doc: Doc{"What it should be.", "目標値。"}},
			{Name: "min_sample", Type: TypeCount, Example: "200", Later: LaterServed, Doc: Doc{
				"How many must be judged before it says anything.", "判断に必要な件数。",
			}, Meantime: Doc{
				"the figure shows its sample, and does not wait for it", "件数は表示されますが、件数がそろうのを待ちません",
			}},
		},
		Blocks:  []*Block{thresholdBlock()},
		Example: "kpi \"click_rate\" {\n  rate   = event.email_clicked\n  of     = event.email_delivered\n  within = \"7d\"\n  target = 0.05\n}",
	}
}

func thresholdBlock() *Block {
	return &Block{
		Name: "threshold", Label: NameLabel, Later: LaterServed,
		Doc:      Doc{"What happens when the figure is bad for a time.", "指標が悪い状態がつづいたときに行うこと。"},
		Meantime: Doc{"nothing watches it", "監視されません"},
		Attrs: []*Attr{
			{Name: "when", Type: TypeConditions, Required: true, Example: `"value < 0.03"`, Doc: Doc{"When it is bad.", "悪いとみなす条件。"}},
			{Name: "hold", Type: TypeSpan, Example: `"3d"`, Doc: Doc{"How long it must be.", "つづくべき期間。"}},
		},
		Blocks: []*Block{
			{Name: "notify", Doc: Doc{"Tells somebody.", "知らせます。"}, Attrs: []*Attr{
				{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Required: true, Example: "channel.slack", Doc: Doc{"Where.", "どこへ。"}},
				{Name: "message", Type: TypeTemplate, Required: true, Example: `"クリック率が {{ value | percent() }} に低下"`, Doc: Doc{
					"What. It may name value, and workflow, step and channel where the figure is told apart by them.",
					"内容。value のほか、by に書いた workflow、step、channel も使えます。",
				}},
			}, Example: "notify {\n  channel = channel.slack\n  message = \"低下しています\"\n}"},
			{Name: "pause", Most: 1, Doc: Doc{"Stops sending.", "送るのを止めます。"}, Attrs: []*Attr{
				{Name: "what", Type: TypeChoice, Of: []string{"step", "workflow", "channel"}, Required: true, Doc: Doc{"What is paused.", "止めるもの。"}},
			}, Example: "pause { what = \"step\" }"},
			{Name: "tighten", Most: 1, Doc: Doc{"Lowers a cap.", "上限を下げます。"}, Attrs: []*Attr{
				{Name: "policy", Type: TypeRef, Refs: []string{"contact_policy"}, Required: true, Example: "contact_policy.default", Doc: Doc{"Whose.", "対象のポリシー。"}},
				{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.mail", Doc: Doc{"Which cap, where there are several.", "上限がいくつもあるときの対象。"}},
				{Name: "at_most", Type: TypeCount, Required: true, Doc: Doc{"How many.", "件数。"}},
				{Name: "per", Type: TypeSpan, Required: true, Example: `"7d"`, Doc: Doc{"In which time.", "期間。"}},
			}, Example: "tighten {\n  policy  = contact_policy.default\n  at_most = 1\n  per     = \"7d\"\n}"},
			{Name: "emit", Doc: Doc{"Brings an event.", "イベントを起こします。"}, Attrs: []*Attr{
				{Name: "event", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.alarm", Doc: Doc{"Which.", "イベント。"}},
			}, Example: "emit { event = event.alarm }"},
		},
		Example: "threshold \"weak\" {\n  when = \"value < 0.03\"\n  hold = \"3d\"\n}",
	}
}

func funnelBlock() *Block {
	return &Block{
		Name: "funnel", Label: NameLabel, Later: LaterServed,
		Doc:      Doc{"The result you need and the rates you expect; what is needed at each step follows.", "必要な成果と見込む率から、各段階で必要な数を求めます。"},
		Meantime: Doc{"it is not computed", "計算されません"},
		Attrs: []*Attr{
			labelAttr,
			{Name: "period", Type: TypePeriod, Required: true, Doc: Doc{"From when to when.", "期間。"}},
			{Name: "goal", Type: TypeCount, Required: true, Doc: Doc{"How many at the end.", "最後の段階で必要な数。"}},
		},
		Blocks: []*Block{{
			Name: "step", Label: NameLabel, Least: 2,
			Doc: Doc{"One step.", "段階ひとつ。"},
			Attrs: []*Attr{
				{Name: "count", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.deal_won", Doc: Doc{"Event that reaches it.", "到達を示すイベント。"}},
				{Name: "rate", Type: TypeNumber, Example: "0.25", Doc: Doc{"Expected share of the step before.", "前の段階からの見込みの率。"}},
				{Name: "when", Type: TypeConditions, Doc: Doc{"Which of them count.", "数える条件。"}},
			},
			Example: "step \"won\" {\n  count = event.deal_won\n  rate  = 0.25\n}",
		}},
		Example: "funnel \"fy26_q3\" {\n  period = \"2026-10-01 to 2026-12-31\"\n  goal   = 24\n\n  step \"reached\" { count = event.email_delivered }\n  step \"won\" { count = event.deal_won }\n}",
	}
}

func reviewBlock() *Block {
	return &Block{
		Name: "review", Label: NameLabel, Later: LaterServed,
		Doc:      Doc{"A scheduled report of figures, experiments and changes.", "指標、実験、変更をまとめる定期レポート。"},
		Meantime: Doc{"no report is sent", "レポートは送られません"},
		Attrs: []*Attr{
			labelAttr,
			{Name: "schedule", Type: TypeSchedule, Required: true, Doc: Doc{"When.", "いつ。"}},
			{Name: "compare", Type: TypeSpan, Example: `"7d"`, Doc: Doc{"Time it looks back and compares with.", "比べる期間。"}},
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.slack", Doc: Doc{"Where it goes.", "送り先。"}},
		},
		Example: "review \"weekly\" {\n  schedule = \"0 9 * * 1\"\n  channel  = channel.slack\n}",
	}
}

func rolloutBlock() *Block {
	return &Block{
		Name: "rollout", Most: 1, Later: LaterServed,
		Doc:      Doc{"How a changed file goes live.", "変更したファイルを本番にする手順。"},
		Meantime: Doc{"a changed file that loads goes live at once", "読み込めた変更は、すぐに本番になります"},
		Attrs: []*Attr{
			{Name: "shadow", Type: TypeSpan, Example: `"1h"`, Doc: Doc{"Decides beside the running revision and sends nothing.", "今の版と並行して判定だけ行い、何も送らない時間。"}},
			{Name: "canary", Type: TypePercent, Doc: Doc{"Then this percent of new entrants.", "そのあと、新しく入るリードのうち試す割合（%）。"}},
			{Name: "bake", Type: TypeSpan, Example: `"1d"`, Doc: Doc{"For this long.", "試す期間。"}},
			{Name: "roll_back_if", Type: TypeConditions, Example: `["kpi.unsubscribe_rate.value > 0.01"]`, Doc: Doc{"What takes it back.", "元に戻す条件。"}},
		},
		Example: "rollout {\n  shadow = \"1h\"\n  canary = 10\n  bake   = \"1d\"\n}",
	}
}
