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
			{Name: "holdout", Type: TypePercent, Example: "5", Doc: Doc{
				"Percent of those who would enter who get nothing and are counted beside the others, so that the lift can be measured.",
				"入るはずのリードのうち、何も送らずに数だけ比べる割合（%）。効果を測るためです。",
			}},
			{Name: "priority", Type: TypeWhole, Default: "0", Example: "10", Doc: Doc{
				"The higher goes first where a cap or a lane has room for one.", "上限や lane の残りがひとつのとき、大きいほうが先になります。",
			}},
			{Name: "lane", Type: TypeText, Example: `"nurture"`, Doc: Doc{
				"Of all workflows of one lane a lead is in at most one.", "同じ lane のワークフローのうち、リードが入れるのは同時にひとつだけです。",
			}},
			{Name: "on_pause", Type: TypeChoice, Of: []string{"stop", "run"}, Default: `"stop"`, Doc: Doc{
				"What a pause does to those who wait: stop makes their waits longer by the pause; run lets the time go on, and waits that end meanwhile end on resuming.",
				"一時停止のあいだの待ち時間。stop は止めた分だけ延び、run は進みつづけて、過ぎた分は再開のときに終わります。",
			}},
			{Name: "overdue", Type: TypeChoice, Of: []string{"send", "skip"}, Default: `"send"`, Doc: Doc{
				"What becomes of messages that fell due during a pause, on resuming.", "一時停止のあいだに送る時刻が来たメッセージの、再開したときの扱い。",
			}},
			{Name: "in_flight", Type: TypeChoice, Of: []string{"follow", "finish"}, Default: `"follow"`, Doc: Doc{
				"Leads inside follow a changed file; there is no other way. To let them finish on the old steps, give the changed workflow a new name and drain the old one.",
				"中にいるリードは変更したファイルに従います（ほかの動き方はありません）。もとの手順で終わらせるには、変更した側を新しい名前にして、もとを drain します。",
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
	segment := []string{"segment"}
	return &Block{
		Name: "enter", Least: 1, Most: 1,
		Doc: Doc{
			"The way in, one of four: an event (on); joining a segment (segment); leaving one (leaves); or the members of a segment by a schedule (schedule and segment), a broadcast.",
			"入り方。イベント（on）、セグメントに加わったとき（segment）、セグメントから外れたとき（leaves）、予定の時刻にセグメントの全員（schedule と segment の一斉配信）のどれかひとつです。",
		},
		Attrs: []*Attr{
			{Name: "on", Type: TypeRef, Refs: []string{"event"}, Example: "event.pricing_viewed", Doc: Doc{
				"Event that brings a lead in.", "入るきっかけのイベント。",
			}},
			{Name: "when", Type: TypeConditions, Example: `"lead.stage == 'lead'"`, Doc: Doc{
				"Who of them may enter. Every way in can be narrowed by it.", "入れる条件。どの入り方も絞り込めます。",
			}},
			{Name: "segment", Type: TypeRef, Refs: segment, Example: "segment.readers", Doc: Doc{
				"Segment that is entered from: by those who join it, at that moment, or by all members at every time of schedule.",
				"入るセグメント。加わった瞬間に入り、schedule があれば予定の時刻に全員が入ります。",
			}},
			{Name: "leaves", Type: TypeRef, Refs: segment, Example: "segment.active", Doc: Doc{
				"Segment whose leads enter at the moment of leaving it.", "外れた瞬間に入るセグメント。",
			}},
			{Name: "schedule", Type: TypeSchedule, Doc: Doc{
				"When the members of the segment enter, in the project's zone: five fields of cron, with # and L, or one date with a time, \"2026-10-01 09:00\". Without re_enter they enter at every time of it.",
				"セグメントのリードが入る予定（プロジェクトのタイムゾーン）。# と L も使える cron の5項目か、\"2026-10-01 09:00\" のような一度きりの日時。re_enter を省略すると、予定のたびに入ります。",
			}},
			{Name: "spread", Type: TypeSpan, Example: `"2h"`, Doc: Doc{
				"The members enter within this time after schedule's, each at a moment of its own. Without it, all at once.",
				"予定の時刻からこの時間のあいだに、ひとりずつずらして入ります。省略すると一度に入ります。",
			}},
			{Name: "backfill", Type: TypeChoice, Of: []string{"none", "all"}, Default: `"none"`, Doc: Doc{
				"Whether those who are in the segment when the workflow goes live enter too.", "動きはじめたとき、すでにセグメントにいるリードも入るか。",
			}},
			{Name: "key", Type: TypeValueExpr, Doc: Doc{
				"One run for each value of it, of the event that enters: an order, a seminar. re_enter then counts for each value. Without it, one run a lead.",
				"入るきっかけのイベントの値ごとに、別々に進みます（注文、セミナーなど）。re_enter も値ごとに数えます。省略するとリードにひとつだけ。",
			}},
		},
		Example: "enter {\n  on   = event.pricing_viewed\n  when = \"lead.stage == 'lead'\"\n}",
	}
}

func reEnterBlock() *Block {
	return &Block{
		Name: "re_enter", Most: 1,
		Doc: Doc{
			"Allows entering again. Without it, a lead enters once in its life, except by a schedule.",
			"もう一度入ることを許します。省略すると、schedule による場合を除いて生涯一度だけ。",
		},
		Attrs: []*Attr{
			{Name: "after", Type: TypeSpan, Example: `"90d"`, Doc: Doc{
				"How long after the last exit.", "最後に出てからの期間。",
			}},
			{Name: "at_most", Type: TypeCount, Doc: Doc{
				"How often again in a life.", "生涯で入りなおせる回数。",
			}},
			{Name: "at_once", Type: TypeCount, Doc: Doc{
				"How many runs with different keys may be under way at the same time. Without it, any number.",
				"key の違うものが同時にいくつまで進めるか。省略すると制限なし。",
			}},
		},
		Example: "re_enter {\n  after   = \"90d\"\n  at_most = 3\n}",
	}
}

func goalBlock() *Block {
	return &Block{
		Name: "goal", Label: NameLabel,
		Doc: Doc{"What the workflow is for, counted within its window even after exit. A goal ends nothing; exit does.", "ワークフローの目的。出たあとでも期間内なら数えます。達成しても終わりません（終えるのは exit です）。"},
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
	wait, branch, split := waitBlock(), branchBlock(), splitBlock()
	steps := []*Block{wait, showBlock(), branch, split, exitStepBlock(), setBlock(), emitBlock(), gotoBlock()}
	for _, kind := range catalog.kinds() {
		steps = append(steps, channelStepBlock(catalog, kind))
	}
	for _, way := range [...]*Block{
		wait.block("case"), wait.block("otherwise"), branch.block("case"), branch.block("otherwise"), split.block("arm"),
	} {
		way.Blocks = steps
	}
	return steps
}

// onRemoved says what a changed file means for the leads who stand on the step.
func onRemoved() *Attr {
	return &Attr{Name: "on_removed", Type: TypeChoice, Of: []string{"exit", "next"}, Doc: Doc{
		"Where leads go who stand here when a later file has no such step: out of the workflow, or on to the step that follows here. Without it, moved has to say.",
		"あとのファイルでこのステップがなくなったとき、ここにいるリードの行き先。ワークフローを出るか、ここで次に続くステップへ進みます。省略すると moved が必要です。",
	}}
}

func waitBlock() *Block {
	event := []string{"event"}
	return &Block{
		Name: "wait", Label: NameLabel, Space: "-",
		Doc: Doc{
			"Holds a lead: for a length of time (for), until an opening (until), until an event (on), or until one of several events, the first of which decides the way (case).",
			"待ちます。一定の時間（for）、決まった時間帯まで（until）、イベントまで（on）、または最初に来たイベントで道を分けます（case）。",
		},
		Attrs: []*Attr{
			{Name: "for", Type: TypeLength, Doc: Doc{"How long.", "待つ時間。"}},
			{Name: "until", Type: TypeWindow, Example: `"tue-thu 09:30-11:30"`, Doc: Doc{
				"The next opening of these hours in the lead's zone; who comes while they are open goes on at once.", "リードの時刻で、次にこの時間帯になるまで。時間帯の中なら、すぐに進みます。",
			}},
			{Name: "on", Type: TypeRefs, Refs: event, Example: "event.email_clicked", Doc: Doc{
				"Event, or one of a list of events, that ends the wait.", "待つのを終えるイベント（リストならどれか）。",
			}},
			{Name: "when", Type: TypeConditions, Doc: Doc{"Which of these events do.", "どのイベントで終えるか。"}},
			{Name: "at_most", Type: TypeLength, Example: `"4d"`, Doc: Doc{
				"Patience: how long to wait for the event.", "イベントを待つ時間の上限。",
			}},
			{Name: "on_change", Type: TypeChoice, Of: []string{"keep", "recompute"}, Default: `"keep"`, Doc: Doc{
				"Whether a changed wait moves those who wait already.", "待ち時間を変えたとき、すでに待っているリードにも適用するか。",
			}},
			onRemoved(),
		},
		Blocks: []*Block{
			{
				Name: "case", Label: NameLabel,
				Doc: Doc{"The way of those for whom one of its events came first.", "このイベントが最初に来たリードが進む道。"},
				Attrs: []*Attr{
					{Name: "on", Type: TypeRefs, Refs: event, Required: true, Example: "event.email_clicked", Doc: Doc{
						"Event, or one of a list of events.", "イベント（リストならどれか）。",
					}},
					{Name: "when", Type: TypeConditions, Doc: Doc{"Which of these events do.", "どのイベントで進むか。"}},
				},
				Example: "case \"clicked\" {\n  on = event.email_clicked\n}",
			},
			{
				Name: "otherwise", Most: 1,
				Doc:     Doc{"The way of those who waited in vain. It needs at_most.", "どのイベントも来なかったリードが進む道。at_most が必要です。"},
				Example: "otherwise {\n  exit \"no_interest\" {}\n}",
			},
		},
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
		Name: "split", Label: NameLabel, Space: "-",
		Doc: Doc{"Divides leads by weight. Each lead always goes the same way, when it comes again too.", "重みでリードを分けます。同じリードは、入りなおしてもいつも同じ道です。"},
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
		Name: "set", Label: NameLabel, Space: "-", Open: true, OpenType: TypeAssign,
		Doc: Doc{
			"Sets attributes of the lead. A value without quotes is taken as it is. In quotes stands, by the attribute's kind: for a text or a choice, a text with {{ }}; for a number, an expression that gives one; for a flag, a condition; for a time, a date or an expression.",
			"リードの属性を設定します。引用符なしの値はそのまま入ります。引用符の中は属性の種類によります。text と choice は {{ }} を使える文面、number は計算式、flag は条件、time は日時か式です。",
		},
		Example: "set \"mark\" {\n  region = \"kansai\"\n  visits = \"(lead.visits ?? 0) + 1\"\n}",
	}
}

func emitBlock() *Block {
	return &Block{
		Name: "emit", Label: NameLabel, Space: "-", Open: true, OpenType: TypeAssign,
		Doc: Doc{
			"Brings an event of the workspace's own, at the same instant. The fields are written as in set.",
			"ワークスペースで宣言したイベントを、その瞬間に起こします。項目の書き方は set と同じです。",
		},
		Attrs: []*Attr{{Name: "event", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.nurtured", Doc: Doc{
			"Which. Events that channels and the engine bring are theirs alone.", "起こすイベント。チャネルやエンジンのイベントは起こせません。",
		}}},
		Example: "emit \"tell\" {\n  event  = event.nurtured\n  reason = \"{{ lead.stage }}\"\n}",
	}
}

func gotoBlock() *Block {
	return &Block{
		Name: "goto", Label: NameLabel, Space: "-",
		Doc: Doc{
			"Goes to another step of the workflow, at most so often in one run; after that the run goes on behind it. A way back must pass a wait.",
			"ワークフローの別のステップへ進みます。一度の通過で決まった回数までで、そのあとは次へ進みます。戻る道には wait が必要です。",
		},
		Attrs: []*Attr{
			{Name: "step", Type: TypeRef, Refs: []string{"step"}, Required: true, Example: "step.reaction", Doc: Doc{"Where to.", "進む先。"}},
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
			{Name: "topic", Type: TypeText, Example: `"newsletter"`, Doc: Doc{
				"What it is about. Who unsubscribes from this topic (the event unsubscribed with topic) gets no more about it; who unsubscribes without one gets nothing.",
				"話題。この話題を停止した人（unsubscribed の topic）には、この話題のメッセージだけが送られません。topic のない停止は、すべてを止めます。",
			}},
			onRemoved(),
		}, step.Attrs...),
	}
	if len(step.Attrs) > 0 {
		b.Blocks = []*Block{experimentBlock(step.Attrs)}
	}
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
