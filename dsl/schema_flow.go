package dsl

import (
	"fmt"
	"strings"
)

func workflowBlock(catalog Catalog) *Block {
	steps := stepBlocks(catalog)
	return &Block{
		Name: "workflow", Label: NameLabel,
		Doc: Doc{
			"What happens to a lead from the moment it enters until it leaves.",
			"リードが入ってから出るまでに起こること。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "owner", Type: TypeText, Example: `"marketing-ops@example.jp"`, Doc: Doc{
				"Who answers for it.", "責任者。",
			}},
			{Name: "holdout", Type: TypePercent, Example: "5", Later: LaterLoudly, Doc: Doc{
				"Percent who get nothing, so that the lift can be measured.", "効果を測るため、何も送らない割合（%）。",
			}, Meantime: Doc{
				"everybody who enters is written to", "入った全員に送られます",
			}},
			{Name: "priority", Type: TypeNumber, Example: "10", Later: LaterQuietly, Doc: Doc{
				"Which workflow goes first where a cap leaves room for one.", "上限の残りが1件のとき、どのワークフローを先にするか。",
			}, Meantime: Doc{
				"the message that is due first goes first", "先に予定されたものから送られます",
			}},
			{Name: "in_flight", Type: TypeChoice, Of: []string{"follow", "finish"}, Default: `"follow"`, Later: LaterLoudly, Doc: Doc{
				"Whether leads inside follow a changed file or finish on the revision they entered.",
				"変更したファイルに、中にいるリードが従うか、入ったときの版で終えるか。",
			}, Meantime: Doc{
				"leads inside follow a changed file", "中にいるリードも変更したファイルに従います",
			}},
		},
		Blocks: []*Block{
			enterBlock(), reEnterBlock(), goalBlock(), flowExitBlock(),
			{
				Name: "steps", Least: 1, Most: 1, Blocks: steps,
				Doc:     Doc{"From here down it runs in the order you read it.", "ここから下は、書いた順に進みます。"},
				Example: "steps {\n  wait \"a_day\" { for = \"1d\" }\n  exit \"done\" {}\n}",
			},
			movedBlock(),
		},
		Example: "workflow \"welcome\" {\n  enter { on = event.form_submitted }\n\n  steps {\n    wait \"a_day\" { for = \"1d\" }\n    exit \"done\" {}\n  }\n}",
	}
}

func enterBlock() *Block {
	nobody := Doc{"nobody enters by it", "これによって入るリードはありません"}
	return &Block{
		Name: "enter", Least: 1, Most: 1,
		Doc: Doc{"The way in.", "入り方。"},
		Attrs: []*Attr{
			{Name: "on", Type: TypeRef, Refs: []string{"event"}, Example: "event.pricing_viewed", Doc: Doc{
				"Event that brings a lead in.", "入るきっかけのイベント。",
			}},
			{Name: "when", Type: TypeConditions, Example: `"lead.stage == 'lead'"`, Doc: Doc{
				"Who may enter.", "入れる条件。",
			}},
			{Name: "segment", Type: TypeRef, Refs: []string{"segment"}, Example: "segment.readers", Later: LaterLoudly, Doc: Doc{
				"Segment whose members enter: as they join it, or by the schedule.", "入るセグメント。加わったとき、または予定の時刻に。",
			}, Meantime: nobody},
			{Name: "schedule", Type: TypeSchedule, Later: LaterLoudly, Doc: Doc{
				"When the members of the segment enter.", "セグメントのリードが入る予定。",
			}, Meantime: nobody},
			{Name: "backfill", Type: TypeChoice, Of: []string{"none", "all"}, Default: `"none"`, Later: LaterQuietly, Doc: Doc{
				"Whether those who are in the segment already enter too.", "すでにセグメントにいるリードも入るか。",
			}, Meantime: nobody},
		},
		Example: "enter {\n  on   = event.pricing_viewed\n  when = \"lead.stage == 'lead'\"\n}",
	}
}

func reEnterBlock() *Block {
	return &Block{
		Name: "re_enter", Most: 1,
		Doc: Doc{"Allows entering again. Without it, a lead enters once in its life.", "もう一度入ることを許します。省略すると生涯一度だけ。"},
		Attrs: []*Attr{
			{Name: "after", Type: TypeSpan, Example: `"90d"`, Doc: Doc{
				"How long after the last exit.", "最後に出てからの期間。",
			}},
			{Name: "at_most", Type: TypeCount, Doc: Doc{
				"How often in a life.", "生涯の回数。",
			}},
		},
		Example: "re_enter {\n  after   = \"90d\"\n  at_most = 3\n}",
	}
}

func goalBlock() *Block {
	return &Block{
		Name: "goal", Label: NameLabel, Later: LaterQuietly,
		Doc:      Doc{"What the workflow is for, counted within its window even after exit.", "ワークフローの目的。出たあとでも期間内なら数えます。"},
		Meantime: Doc{"it is not counted", "数えられません"},
		Attrs: []*Attr{
			{Name: "on", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.opportunity_created", Doc: Doc{
				"Event that reaches it.", "達成を示すイベント。",
			}},
			{Name: "when", Type: TypeConditions, Doc: Doc{"Which of them do.", "どのイベントで達成とするか。"}},
			{Name: "within", Type: TypeSpan, Required: true, Example: `"60d"`, Doc: Doc{
				"No later than this after entering.", "入ってからの期限。",
			}},
		},
		Example: "goal \"opportunity\" {\n  on     = event.opportunity_created\n  within = \"60d\"\n}",
	}
}

func flowExitBlock() *Block {
	return &Block{
		Name: "exit", Label: NameLabel,
		Doc: Doc{"Takes a lead out the moment it comes true, wherever it stands.", "成り立った瞬間に、どのステップにいても出します。"},
		Attrs: []*Attr{
			{Name: "on", Type: TypeRef, Refs: []string{"toss_up", "event"}, Example: "toss_up.hot_lead", Doc: Doc{
				"Hand-over or event that does.", "出るきっかけのトスアップまたはイベント。",
			}},
			{Name: "when", Type: TypeConditions, Example: `"lead.unsubscribed"`, Doc: Doc{
				"Condition that does.", "出る条件。",
			}},
		},
		Example: "exit \"handed_over\" { on = toss_up.hot_lead }",
	}
}

func movedBlock() *Block {
	return &Block{
		Name: "moved",
		Doc:  Doc{"Tells leads on a step that is gone where it went.", "なくなったステップにいるリードの行き先。"},
		Attrs: []*Attr{
			{Name: "from", Type: TypeRef, Refs: []string{"step"}, Required: true, Example: "step.resend", Doc: Doc{
				"Step that is gone.", "なくなったステップ。",
			}},
			{Name: "to", Type: TypeRef, Refs: []string{"step"}, Required: true, Example: "step.short_version", Doc: Doc{
				"Step that takes its leads.", "移る先のステップ。",
			}},
		},
		Example: "moved {\n  from = step.resend\n  to   = step.short_version\n}",
	}
}

// stepBlocks are the steps: the language's own, and what the channels bring.
func stepBlocks(catalog Catalog) []*Block {
	branch, split := branchBlock(), splitBlock()
	steps := []*Block{waitBlock(), branch, split, exitStepBlock(), setBlock(), emitBlock(), gotoBlock()}
	for _, kind := range catalog.kinds() {
		steps = append(steps, channelStepBlock(catalog, kind))
	}
	for _, way := range [...]*Block{branch.block("case"), branch.block("otherwise"), split.block("arm")} {
		way.Blocks = steps
	}
	return steps
}

// onChange are the attributes that say what a changed file means for the leads
// who stand on the step.
func onChange() []*Attr {
	return []*Attr{
		{Name: "on_removed", Type: TypeChoice, Of: []string{"exit", "next"}, Later: LaterQuietly, Doc: Doc{
			"Where leads go who stand here when the step is removed.", "ステップがなくなったとき、ここにいるリードの行き先。",
		}, Meantime: Doc{
			"use moved", "moved を使ってください",
		}},
	}
}

func waitBlock() *Block {
	return &Block{
		Name: "wait", Label: NameLabel, Space: "-",
		Doc: Doc{"Holds a lead for a length of time, or until an event.", "一定の時間、またはイベントが来るまで待ちます。"},
		Attrs: append([]*Attr{
			{Name: "for", Type: TypeLength, Doc: Doc{"How long.", "待つ時間。"}},
			{Name: "on", Type: TypeRefs, Refs: []string{"event"}, Example: "event.email_clicked", Doc: Doc{
				"Event, or one of a list of events, that ends the wait.", "待つのを終えるイベント（リストならどれか）。",
			}},
			{Name: "when", Type: TypeConditions, Doc: Doc{"Which of these events do.", "どのイベントで終えるか。"}},
			{Name: "at_most", Type: TypeLength, Example: `"4d"`, Doc: Doc{
				"Patience: how long to wait for the event.", "イベントを待つ時間の上限。",
			}},
			{Name: "until", Type: TypeWindow, Example: `"tue-thu 09:30-11:30"`, Later: LaterRefused, Doc: Doc{
				"The next opening of these hours.", "次にこの時間帯になるまで。",
			}},
			{Name: "on_change", Type: TypeChoice, Of: []string{"keep", "recompute"}, Default: `"keep"`, Later: LaterQuietly, Doc: Doc{
				"Whether a changed wait moves those who wait already.", "待ち時間を変えたとき、すでに待っているリードにも適用するか。",
			}, Meantime: Doc{
				"those who wait already keep their time", "すでに待っているリードの時刻は変わりません",
			}},
		}, onChange()...),
		Example: "wait \"reaction\" {\n  on      = event.email_clicked\n  at_most = \"4d\"\n}",
	}
}

func branchBlock() *Block {
	return &Block{
		Name: "branch", Label: NameLabel, Space: "-",
		Doc: Doc{"Goes the way of the first case that holds, and on behind the branch.", "最初に成り立つ case へ進み、終わると branch の次へ続きます。"},
		Blocks: []*Block{
			{
				Name: "case", Label: NameLabel, Least: 1,
				Doc: Doc{"One way.", "道のひとつ。"},
				Attrs: []*Attr{{Name: "when", Type: TypeConditions, Required: true, Example: `"did('email_clicked', '4d')"`, Doc: Doc{
					"Who goes it.", "進む条件。",
				}}},
				Example: "case \"clicked\" {\n  when = \"did('email_clicked', '4d')\"\n}",
			},
			{
				Name: "otherwise", Most: 1,
				Doc:     Doc{"The way of everybody else.", "それ以外のリードが進む道。"},
				Example: "otherwise {\n  exit \"no_interest\" {}\n}",
			},
		},
		Example: "branch \"interested\" {\n  case \"clicked\" {\n    when = \"did('email_clicked', '4d')\"\n  }\n\n  otherwise {\n    exit \"no_interest\" {}\n  }\n}",
	}
}

func splitBlock() *Block {
	return &Block{
		Name: "split", Label: NameLabel, Space: "-", Later: LaterLoudly,
		Doc:      Doc{"Divides leads by weight, each lead always the same way.", "重みでリードを分けます。同じリードはいつも同じ道です。"},
		Meantime: Doc{"everybody goes the first arm", "全員が最初の arm に進みます"},
		Blocks: []*Block{{
			Name: "arm", Label: NameLabel, Least: 2,
			Doc: Doc{"One way.", "道のひとつ。"},
			Attrs: []*Attr{{Name: "weight", Type: TypeCount, Required: true, Example: "50", Doc: Doc{
				"Share of the leads, beside the other arms' weights.", "ほかの arm と比べた割合。",
			}}},
			Example: "arm \"seminar\" {\n  weight = 50\n}",
		}},
		Example: "split \"offer\" {\n  arm \"seminar\" { weight = 50 }\n  arm \"consultation\" { weight = 50 }\n}",
	}
}

func exitStepBlock() *Block {
	return &Block{
		Name: "exit", Label: NameLabel, Space: "-",
		Doc:     Doc{"Leaves the workflow. Exits live under exit.", "ワークフローを出ます。出口の名前は exit. で始まります。"},
		Example: "exit \"done\" {}",
	}
}

func setBlock() *Block {
	return &Block{
		Name: "set", Label: NameLabel, Space: "-", Open: true, Later: LaterRefused,
		Doc:     Doc{"Sets attributes of the lead.", "リードの属性を設定します。"},
		Example: "set \"mark\" { region = \"kansai\" }",
	}
}

func emitBlock() *Block {
	return &Block{
		Name: "emit", Label: NameLabel, Space: "-", Open: true, Later: LaterRefused,
		Doc: Doc{"Brings an own event, with fields.", "独自のイベントを、項目を付けて起こします。"},
		Attrs: []*Attr{{Name: "event", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.nurtured", Doc: Doc{
			"Which.", "イベント。",
		}}},
		Example: "emit \"tell\" { event = event.nurtured }",
	}
}

func gotoBlock() *Block {
	return &Block{
		Name: "goto", Label: NameLabel, Space: "-", Later: LaterRefused,
		Doc: Doc{"Goes back to a step, a bounded number of times.", "決まった回数まで、前のステップに戻ります。"},
		Attrs: []*Attr{
			{Name: "step", Type: TypeRef, Refs: []string{"step"}, Required: true, Example: "step.reaction", Doc: Doc{"Where to.", "戻り先。"}},
			{Name: "at_most", Type: TypeCount, Required: true, Doc: Doc{"How often.", "回数。"}},
		},
		Example: "goto \"again\" {\n  step    = step.reaction\n  at_most = 3\n}",
	}
}

// channelStepBlock is the step that channels of a kind perform: what every send
// has, and what their plugins add.
func channelStepBlock(catalog Catalog, kind string) *Block {
	step := catalog.step(kind)
	b := &Block{
		Name: kind, Label: NameLabel, Space: "-",
		Doc: step.Doc,
		Attrs: append([]*Attr{
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.mail", Doc: Doc{
				"Channel that performs it. The only channel of its kind is the default.",
				"使うチャネル。その種類のチャネルがひとつだけなら省略できます。",
			}},
			{Name: "policy", Type: TypeRef, Refs: []string{"contact_policy"}, Example: "contact_policy.default", Doc: Doc{
				`Policy it goes under. The only one, or the one called "default", is the default.`,
				`適用するポリシー。ひとつだけなら、または "default" があれば省略できます。`,
			}},
			{Name: "transactional", Type: TypeFlag, Default: "false", Doc: Doc{
				"The lead asked for it: exempt from consent to marketing and from caps, never from allowed.",
				"リードの求めに応じるもの。販促の同意と上限は適用せず、allowed は適用します。",
			}},
			{Name: "send", Type: TypeWindow, Doc: Doc{
				"Days and hours in which it may go, beside the policy's.", "ポリシーに加えて、送ってよい曜日と時間帯。",
			}},
		}, onChange()...),
	}
	if len(step.Attrs) > 0 {
		b.Blocks = []*Block{experimentBlock(step.Attrs)}
	}
	b.Attrs = append(b.Attrs, step.Attrs...)
	b.Example = stepExample(step)
	return b
}

// stepExample writes a step with what it requires.
func stepExample(step StepType) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s \"name\" {\n", step.Kind)
	for _, a := range step.Attrs {
		if a.Required {
			fmt.Fprintf(&b, "  %s = %s\n", a.Name, a.example())
		}
	}
	b.WriteString("}")
	return b.String()
}

// variantExample changes the first attribute that a step's message has.
func variantExample(name string, step []*Attr) string {
	return fmt.Sprintf("variant %q { %s = %s }", name, step[0].Name, step[0].example())
}

func experimentBlock(step []*Attr) *Block {
	variant := &Block{
		Name: "variant", Label: NameLabel,
		Doc:     Doc{"One form of the message.", "メッセージの案のひとつ。"},
		Example: variantExample("question", step),
	}
	for _, a := range step {
		own := *a
		own.Required = false
		variant.Attrs = append(variant.Attrs, &own)
	}
	return &Block{
		Name: "experiment", Label: NameLabel, Most: 1, Later: LaterLoudly,
		Doc:      Doc{"Tries several forms or times of a message and settles on the better.", "いくつかの案や時刻を試し、よいほうに決めます。"},
		Meantime: Doc{"everybody gets the first variant, at no particular time", "全員に最初の案が送られ、時刻は試しません"},
		Attrs: []*Attr{
			{Name: "measure", Type: TypeText, Required: true, Example: `"click"`, Doc: Doc{"What is compared.", "比べるもの。"}},
			{Name: "within", Type: TypeSpan, Example: `"3d"`, Doc: Doc{"Time to react.", "反応を待つ時間。"}},
			{Name: "decide", Type: TypeText, Example: `"after 400 sends each, 95% sure"`, Doc: Doc{"When it is decided.", "決める条件。"}},
			{Name: "guard", Type: TypeTexts, Example: `["unsubscribed > 1%"]`, Doc: Doc{"What ends it early.", "早く打ち切る条件。"}},
			{Name: "apply", Type: TypeChoice, Of: []string{"propose", "auto"}, Default: `"propose"`, Doc: Doc{"What becomes of the winner.", "勝った案の扱い。"}},
		},
		Blocks: []*Block{variant, {
			Name: "slot", Label: NameLabel,
			Doc:     Doc{"One weekday and time.", "曜日と時刻のひとつ。"},
			Attrs:   []*Attr{{Name: "at", Type: TypeText, Required: true, Example: `"tue 09:30"`, Doc: Doc{"When.", "いつ。"}}},
			Example: "slot \"tue_morning\" { at = \"tue 09:30\" }",
		}},
		Example: "experiment \"wording\" {\n  measure = \"click\"\n\n  " + variantExample("question", step) + "\n  " + variantExample("number", step) + "\n}",
	}
}
