package dsl

func kpiBlock() *Block {
	event := []string{"event"}
	return &Block{
		Name: "kpi", Label: NameLabel,
		Doc: Doc{
			"A key figure: a number of events, a rate of one event in another, or a formula over other figures.",
			"指標。イベントの件数、一方のイベントに対するもう一方の割合、またはほかの数から計算する値。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "count", Type: TypeRef, Refs: event, Example: "event.form_submitted", Doc: Doc{
				"Event that is counted.", "数えるイベント。",
			}},
			{Name: "sum", Type: TypeText, Example: `"cost"`, Doc: Doc{
				"Number of the counted event that is added up, instead of counting events: what was spent, or what deals were worth.",
				"イベントの件数ではなく、この数値の項目を合計します。使った費用や、受注の金額など。",
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
			{Name: "by", Type: TypeTexts, Example: `["workflow", "step"]`, Doc: Doc{
				"What it is told apart by: fields of the event (workflow, step, channel, topic, arm, source …), attributes of the lead that are choices or flags, tag (of the experiment's variant), stage, first_class and last_class (what brought the lead), month, week, weekday.",
				"分けて数える項目。イベントの項目（workflow、step、channel、topic、arm、source など）、リードの項目のうち選択肢かフラグのもの、tag（実験の案のタグ）、stage、first_class と last_class（リードを連れてきたものの種類）、month、week、weekday。",
			}},
			{Name: "once", Type: TypeChoice, Of: []string{"ever", "month"}, Doc: Doc{
				"Counts people instead of events: each lead with its first event ever, or with its first of a month. Of a rate it is the denominator that counts so.",
				"イベントではなく人を数えます。リードごとに最初の一度（ever）、または月ごとに最初の一度（month）。割合では母数の数え方です。",
			}},
			{Name: "value", Type: TypeFormula, Example: `"toss_up.hot_lead.succeeded / toss_up.hot_lead.handed_over"`, Doc: Doc{
				"Formula over other figures: toss_up.NAME.handed_over, accepted, rejected, expired, opportunities, won, lost and missed; event.NAME.count; stage.NAME.leads; segment.NAME.leads; kpi.NAME.value; reachable('channel').",
				"ほかの数から計算する式。toss_up.名前 の handed_over・accepted・rejected・expired・opportunities・won・lost・missed、event.名前.count、stage.名前.leads、segment.名前.leads、kpi.名前.value、reachable('チャネル') が使えます。",
			}},
			{Name: "target", Type: TypeNumber, Doc: Doc{"What it should be.", "目標値。"}},
			{Name: "better", Type: TypeChoice, Of: []string{"higher", "lower"}, Doc: Doc{
				"Which way is the good one. Left out, it follows from the thresholds (value < … is bad when low), and from the event: bounces, complaints, unsubscribes and rejections should be few.",
				"どちらが良いか。省くとしきい値から決まり（value < … なら低いと悪い）、しきい値がなければイベントから決まります（不達・苦情・解除・差し戻しは少ないほど良い）。",
			}},
			{Name: "min_sample", Type: TypeCount, Example: "200", Doc: Doc{
				"How many must be judged before it says anything: until then it has no data.", "判断に必要な件数。そろうまでは「データ不足」です。",
			}},
		},
		Blocks:  []*Block{thresholdBlock()},
		Example: "kpi \"click_rate\" {\n  rate   = event.email_clicked\n  of     = event.email_delivered\n  within = \"7d\"\n  target = 0.05\n}",
	}
}

func thresholdBlock() *Block {
	return &Block{
		Name: "threshold", Label: NameLabel,
		Doc: Doc{
			"What happens when the figure is bad for a time. Each combination of labels is judged for itself. It is ok, pending (bad, for less than hold), firing, recovering (good again, for less than keep_firing), or has no data.",
			"指標が悪い状態がつづいたときに行うこと。by の組み合わせごとに判定します。状態は ok、pending（悪いが hold に満たない）、firing、recovering（戻ったが keep_firing に満たない）、no_data です。",
		},
		Attrs: []*Attr{
			{Name: "when", Type: TypeConditions, Required: true, Example: `"value < 0.03"`, Doc: Doc{"When it is bad.", "悪いとみなす条件。"}},
			{Name: "hold", Type: TypeSpan, Example: `"3d"`, Doc: Doc{"How long it must be, throughout, before it fires.", "発火するまで、つづくべき期間。"}},
			{Name: "keep_firing", Type: TypeSpan, Example: `"1d"`, Doc: Doc{
				"How long it must be good again before it counts as recovered.", "回復とみなすまで、良い状態がつづくべき期間。",
			}},
		},
		Blocks: []*Block{
			{Name: "notify", Doc: Doc{"Tells somebody, once for each breach.", "悪化のたびに一度知らせます。"}, Attrs: []*Attr{
				{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Required: true, Example: "channel.slack", Doc: Doc{"Where.", "どこへ。"}},
				{Name: "message", Type: TypeTemplate, Required: true, Example: `"クリック率が {{ value | percent() }} に低下"`, Doc: Doc{
					"What. It may name value, and what the figure is told apart by: workflow, step, channel …",
					"内容。value のほか、by に書いた workflow、step、channel なども使えます。",
				}},
			}, Example: "notify {\n  channel = channel.slack\n  message = \"低下しています\"\n}"},
			{Name: "pause", Most: 1, Doc: Doc{
				"Stops sending, until somebody resumes it (`nurture resume`).", "送るのを止めます。再開は `nurture resume` で行います。",
			}, Attrs: []*Attr{
				{Name: "what", Type: TypeChoice, Of: []string{"step", "workflow", "channel"}, Required: true, Doc: Doc{"What is paused.", "止めるもの。"}},
			}, Example: "pause { what = \"step\" }"},
			{Name: "tighten", Most: 1, Doc: Doc{"Lowers a cap until the figure has recovered.", "指標が回復するまで上限を下げます。"}, Attrs: []*Attr{
				{Name: "policy", Type: TypeRef, Refs: []string{"contact_policy"}, Required: true, Example: "contact_policy.default", Doc: Doc{"Whose.", "対象のポリシー。"}},
				{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.mail", Doc: Doc{"Which cap, where there are several.", "上限がいくつもあるときの対象。"}},
				{Name: "at_most", Type: TypeCount, Required: true, Doc: Doc{"How many.", "件数。"}},
				{Name: "per", Type: TypeSpan, Required: true, Example: `"7d"`, Doc: Doc{"In which time.", "期間。"}},
			}, Example: "tighten {\n  policy  = contact_policy.default\n  at_most = 1\n  per     = \"7d\"\n}"},
			{Name: "emit", Doc: Doc{
				"Brings an event beside kpi_breached. It belongs to the figure, not to a lead: the live feed and the counters have it.",
				"kpi_breached のほかにイベントを起こします。リードではなく指標のイベントで、ライブ表示と集計に現れます。",
			}, Attrs: []*Attr{
				{Name: "event", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.alarm", Doc: Doc{"Which.", "イベント。"}},
			}, Example: "emit { event = event.alarm }"},
		},
		Example: "threshold \"weak\" {\n  when = \"value < 0.03\"\n  hold = \"3d\"\n}",
	}
}
