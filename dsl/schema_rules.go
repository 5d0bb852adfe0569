package dsl

func scoreBlock() *Block {
	return &Block{
		Name: "score", Label: NameLabel,
		Doc: Doc{
			"Points. Rules with on pay when the event comes and fade; rules without are a function of the attributes now.",
			"点数。on のあるルールはイベントで加点されて薄れ、on のないルールは現在の属性から計算されます。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "half_life", Type: TypeSpan, Example: `"14d"`, Doc: Doc{
				"Time in which points fade to a half.", "点数が半分になるまでの時間。",
			}},
			{Name: "expires", Type: TypeSpan, Example: `"90d"`, Doc: Doc{
				"Time after which points are dropped, each counted from the day it was paid.", "点数が消えるまでの時間。加点された時点から数えます。",
			}},
			{Name: "step", Type: TypeStepDown, Doc: Doc{
				"Points that are taken away for every full length of time in which no rule pays, down to 0. One of half_life, expires and step.",
				"加点のない期間が満ちるたびに引く点数。0 より下にはなりません。half_life、expires、step はどれかひとつです。",
			}},
			{Name: "range", Type: TypeRange, Doc: Doc{
				"Lowest and highest value.", "最小値と最大値。",
			}},
		},
		Blocks: []*Block{{
			Name: "rule", Label: NameLabel, Least: 1,
			Doc: Doc{"One reason for points.", "加点の理由ひとつ。"},
			Attrs: []*Attr{
				labelAttr,
				{Name: "on", Type: TypeRef, Refs: []string{"event"}, Example: "event.form_submitted", Doc: Doc{
					"Event that pays.", "加点するイベント。",
				}},
				{Name: "when", Type: TypeConditions, Example: `"event.form == 'inquiry'"`, Doc: Doc{
					"When it pays.", "加点する条件。",
				}},
				{Name: "points", Type: TypeAmount, Required: true, Doc: Doc{
					"How much, below 0 to take away.", "点数。減点は負の値。",
				}},
				{Name: "at_most", Type: TypePerDay, Doc: Doc{
					"How often it pays on one calendar day of the lead.", "リードの暦日1日に加点する回数の上限。",
				}},
			},
			Example: "rule \"inquiry\" {\n  on     = event.form_submitted\n  when   = \"event.form == 'inquiry'\"\n  points = 60\n}",
		}},
		Example: "score \"interest\" {\n  half_life = \"14d\"\n  range     = [0, 100]\n\n  rule \"pricing\" {\n    on     = event.pricing_viewed\n    points = 20\n  }\n}",
	}
}

func segmentBlock() *Block {
	return &Block{
		Name: "segment", Label: NameLabel,
		Doc: Doc{
			"A named condition. It flips when time alone makes it true or false.",
			"名前のついた条件。時間がたつだけでも成り立ったり成り立たなくなったりします。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "when", Type: TypeConditions, Required: true, Example: `"lead.employees >= 100"`, Doc: Doc{
				"Who is in it.", "どのリードが入るか。",
			}},
		},
		Example: "segment \"target_account\" {\n  when = [\"lead.employees >= 100\", \"lead.industry == 'saas'\"]\n}",
	}
}

func lifecycleBlock() *Block {
	stageRef := []string{"stage"}
	return &Block{
		Name: "lifecycle", Most: 1,
		Doc: Doc{
			"The stages of a lead, in the order of the funnel. A lead begins in the first.",
			"リードの段階を、ファネルの順に並べたもの。リードは最初の段階から始まります。",
		},
		Blocks: []*Block{{
			Name: "stage", Label: NameLabel, Least: 1,
			Doc: Doc{"One stage.", "段階ひとつ。"},
			Attrs: []*Attr{
				labelAttr,
				{Name: "enter", Type: TypeConditions, Example: `"score.interest >= 40"`, Doc: Doc{
					"Moves a lead forward to here the moment it becomes true.", "成り立った瞬間に、この段階へ進みます。",
				}},
				{Name: "leave", Type: TypeConditions, Example: `"score.interest < 15"`, Doc: Doc{
					"Moves a lead back the moment it becomes true. Lower than the way in, so that nobody flaps.",
					"成り立った瞬間に、前の段階へ戻ります。行き来しないよう、enter より低くします。",
				}},
				{Name: "leave_to", Type: TypeRef, Refs: stageRef, Example: "stage.lead", Doc: Doc{
					"Stage that leave goes back to.", "leave で戻る段階。",
				}},
				{Name: "on", Type: TypeRef, Refs: []string{"event"}, Example: "event.deal_won", Doc: Doc{
					"Event that brings a lead here from anywhere.", "どの段階からでもここへ移すイベント。",
				}},
				{Name: "within", Type: TypeLength, Example: `"5 business days"`, Doc: Doc{
					"How long a lead may stay here; who stays longer is listed as overdue. Nothing is done about it by itself.",
					"この段階にとどまってよい期間。過ぎたリードは期限切れとして一覧に出ます。自動では何も行いません。",
				}},
			},
			Example: "stage \"mql\" {\n  enter    = \"score.interest >= 40\"\n  leave    = \"score.interest < 15\"\n  leave_to = stage.lead\n}",
		}},
		Example: "lifecycle {\n  stage \"lead\" {}\n\n  stage \"customer\" { on = event.deal_won }\n}",
	}
}

func tossUpBlock() *Block {
	return &Block{
		Name: "toss_up", Label: NameLabel,
		Doc: Doc{"Handing a lead to sales, as a contract.", "営業へリードを渡す（トスアップ）約束ごと。"},
		Attrs: []*Attr{
			labelAttr,
			{Name: "from", Type: TypeRef, Refs: []string{"stage"}, Example: "stage.mql", Doc: Doc{
				"Stage the lead must be in.", "渡すときにリードがいる段階。",
			}},
			{Name: "to", Type: TypeRef, Refs: []string{"stage"}, Example: "stage.sal", Doc: Doc{
				"Stage the hand-over moves it to.", "渡したあとに移る段階。",
			}},
			{Name: "on", Type: TypeRef, Refs: []string{"event"}, Example: "event.form_submitted", Doc: Doc{
				"Event that hands over at once, where when holds.", "条件が成り立てばすぐに渡すイベント。",
			}},
			{Name: "when", Type: TypeConditions, Doc: Doc{
				"What must hold. Without on, it hands over the moment it becomes true.",
				"渡す条件。on がなければ、成り立った瞬間に渡します。",
			}},
			{Name: "hold", Type: TypeSpan, Example: `"10m"`, Doc: Doc{
				"How long when must stay true before it counts.", "条件がこの時間つづけて成り立って、はじめて渡します。",
			}},
			{Name: "cooldown", Type: TypeCooldown, Doc: Doc{
				`Time in which the same lead is not handed over twice; "never again" for once in a life.`,
				`同じリードを二度渡さない期間。生涯一度なら "never again"。`,
			}},
			{Name: "once_for", Type: TypeTextExpr, Example: `"lead.company ?? ''"`, Doc: Doc{
				"What names the lead's account. While one lead of an account is with sales, or in its cooldown, its colleagues are not handed over by this rule; a lead without an account is on its own.",
				"リードのアカウント（会社）を示す式。同じアカウントの誰かを渡しているあいだ、またはその cooldown のあいだ、同僚をこのルールで渡しません。アカウントのないリードはひとりとして扱います。",
			}},
		},
		Blocks:  []*Block{handOverBlock(), capacityBlock(), answerBlock(), successBlock()},
		Example: "toss_up \"hot_lead\" {\n  to       = stage.sal\n  when     = \"score.interest >= 70\"\n  cooldown = \"90d\"\n}",
	}
}

func handOverBlock() *Block {
	return &Block{
		Name: "hand_over", Most: 1,
		Doc: Doc{"What sales receive. It may be left out in a rehearsal.", "営業が受け取るもの。予行では省略できます。"},
		Attrs: []*Attr{
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Required: true, Example: "channel.crm", Doc: Doc{
				"Channel it goes through.", "渡すのに使うチャネル。",
			}},
			{Name: "owner", Type: TypeTextExpr, Doc: Doc{
				"Who in sales gets it.", "担当する営業。",
			}},
			{Name: "subject", Type: TypeTemplate, Doc: Doc{
				"Headline of the hand-over.", "件名。",
			}},
			{Name: "payload", Type: TypeObject, Doc: Doc{
				"What goes along.", "いっしょに渡す内容。",
			}},
			{Name: "reasons", Type: TypeFlag, Default: "false", Doc: Doc{
				"Adds the conditions above, with the values that met them.", "上の条件と、それを満たした値を添えます。",
			}},
		},
		Example: "hand_over {\n  channel = channel.crm\n  subject = \"{{ lead.company ?? '' }}\"\n  reasons = true\n}",
	}
}
