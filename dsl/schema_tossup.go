package dsl

func capacityBlock() *Block {
	return &Block{
		Name: "capacity", Most: 1,
		Doc: Doc{
			"How much one owner can take of this rule; the rest wait at the owner's desk, the highest score first, until a place is free. A lead whose when falls while it waits drops out. Stage, cooldown and the answer's clock begin when it is handed over.",
			"担当者ひとりがこのルールから受けられる件数。残りは担当者ごとに点数の高い順に待ち、空きができると渡されます。待つあいだに when が成り立たなくなったリードは外れます。段階・cooldown・返事の期限は、渡したときに始まります。",
		},
		Attrs: []*Attr{
			{Name: "at_most", Type: TypeCount, Required: true, Example: "10", Doc: Doc{"How many.", "件数。"}},
			{Name: "per", Type: TypeLength, Required: true, Example: `"1 business day"`, Doc: Doc{
				"In which time. A place taken on a business day is free again when work begins on the next one.",
				"期間。営業日に使われた枠は、次の営業日の始業時に空きます。",
			}},
			{Name: "order_by", Type: TypeRef, Refs: []string{"score"}, Example: "score.interest", Doc: Doc{
				"Score by which the queue stands, as it has faded by then. Without it, the first score that when names, else the first one declared.",
				"待ち順を決める点数（減衰後の値）。省略すると、when に最初に出てくる点数、なければ最初に宣言した点数です。",
			}},
			{Name: "inquiries", Type: TypeChoice, Of: []string{"at once", "wait"}, Default: `"at once"`, Doc: Doc{
				"What becomes of a toss-up with on, where the lead has asked itself: it goes at once and takes a place, or waits like the others.",
				"on のあるトスアップ（本人からの問い合わせ）の扱い。すぐに渡して枠をひとつ使うか、ほかと同じく待つか。",
			}},
		},
		Example: "capacity {\n  at_most = 10\n  per     = \"1 business day\"\n}",
	}
}

func answerBlock() *Block {
	event := []string{"event"}
	return &Block{
		Name: "answer", Most: 1,
		Doc: Doc{"The clock that a hand-over sets for sales.", "渡したあと、営業が返事をするまでの期限。"},
		Attrs: []*Attr{
			{Name: "within", Type: TypeLength, Required: true, Example: `"2 business days"`, Doc: Doc{
				"Time to answer. Silence at its end is an answer: the offer has expired.", "返事の期限。過ぎると「返事なし」になります。",
			}},
			{Name: "accepted", Type: TypeRef, Refs: event, Default: "event.toss_up_accepted", Example: "event.appointment_made", Doc: Doc{
				"Event that says yes.", "受け入れを示すイベント。",
			}},
			{Name: "rejected", Type: TypeRef, Refs: event, Default: "event.toss_up_rejected", Example: "event.sent_back", Doc: Doc{
				"Event that says no; its field reason says why.", "差し戻しを示すイベント。理由は reason に入れます。",
			}},
			{Name: "recycle", Type: TypeRef, Refs: []string{"stage"}, Example: "stage.lead", Doc: Doc{
				"Stage of a rejected or unanswered lead. It is handed over again only after it has done something new.",
				"差し戻し、または返事がないときに戻る段階。そのあと新しい行動があるまで、もう一度渡すことはありません。",
			}},
		},
		Blocks:  []*Block{reasonBlock(), noticeBlock("remind"), noticeBlock("escalate")},
		Example: "answer {\n  within  = \"2 business days\"\n  recycle = stage.lead\n}",
	}
}

func reasonBlock() *Block {
	return &Block{
		Name: "reason", Label: NameLabel,
		Doc: Doc{
			"A reason with which sales may send a lead back, and the path that it takes then. The page for answers offers these to choose from; what sales write otherwise counts as other.",
			"差し戻しの理由と、そのときの戻り先。返事のページで選べます。宣言していない理由は other として数えます。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "recycle", Type: TypeRef, Refs: []string{"stage"}, Example: "stage.lead", Doc: Doc{
				"Stage it goes to, instead of the answer's.", "answer の recycle の代わりに戻る段階。",
			}},
			{Name: "cooldown", Type: TypeSpan, Example: `"180d"`, Doc: Doc{
				"Time after the hand-over in which it is not handed over again; the rule's cooldown holds as well.",
				"渡してからこの期間は、もう一度渡しません。ルールの cooldown も有効です。",
			}},
		},
		Example: "reason \"no_budget\" {\n  label    = \"No budget\"\n  recycle  = stage.lead\n  cooldown = \"180d\"\n}",
	}
}

// noticeBlock is a message to sales about an offer that nobody has answered.
func noticeBlock(name string) *Block {
	doc := Doc{
		"A reminder to whoever has the offer, while nobody has answered. There may be several.",
		"返事がないあいだに担当者へ送る催促。いくつでも書けます。",
	}
	example := "remind {\n  after   = \"4 business hours\"\n  subject = \"Please answer: {{ lead.company ?? '' }}\"\n}"
	if name == "escalate" {
		doc = Doc{
			"Tells somebody else when nobody has answered: owner, channel or both are others than the hand-over's. There may be several.",
			"返事がないときに、別の人や別のチャネルへ知らせます。いくつでも書けます。",
		}
		example = "escalate {\n  after = \"1 business day\"\n  owner = \"'sales-manager'\"\n}"
	}
	return &Block{
		Name: name, Doc: doc,
		Attrs: []*Attr{
			{Name: "after", Type: TypeLength, Required: true, Example: `"4 business hours"`, Doc: Doc{
				"Time after the hand-over.", "渡してからの時間。",
			}},
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.crm", Doc: Doc{
				"Channel it goes through. Without it, the hand-over's.", "送るチャネル。省略すると hand_over のチャネル。",
			}},
			{Name: "owner", Type: TypeTextExpr, Example: `"'sales-manager'"`, Doc: Doc{
				"Who gets it. Without it, the hand-over's owner.", "受け取る人。省略すると hand_over の担当。",
			}},
			{Name: "subject", Type: TypeTemplate, Doc: Doc{
				"Its headline. Without subject and payload it says what the hand-over says.", "件名。subject も payload もなければ hand_over と同じ内容です。",
			}},
			{Name: "payload", Type: TypeObject, Doc: Doc{"What goes along.", "いっしょに渡す内容。"}},
		},
		Example: example,
	}
}

func successBlock() *Block {
	event := []string{"event"}
	return &Block{
		Name: "success", Most: 1,
		Doc: Doc{"The outcome that the rule is judged by: the opportunity, not the hand-over.", "ルールを評価する成果。渡した数ではなく商談です。"},
		Attrs: []*Attr{
			{Name: "on", Type: TypeRef, Refs: event, Required: true, Example: "event.opportunity_created", Doc: Doc{
				"Event that is the success.", "成果を示すイベント。",
			}},
			{Name: "within", Type: TypeSpan, Required: true, Example: `"60d"`, Doc: Doc{
				"No later than this after the hand-over. An offer that is younger is not yet judged.", "渡してからの期限。それより新しいものは、まだ評価しません。",
			}},
			{Name: "won", Type: TypeRef, Refs: event, Example: "event.deal_won", Doc: Doc{
				"Event that says the deal is won. Without it, event.deal_won where there is one.", "受注を示すイベント。省略すると、宣言してあれば event.deal_won。",
			}},
			{Name: "lost", Type: TypeRef, Refs: event, Example: "event.deal_lost", Doc: Doc{
				"Event that says it is lost. Without it, event.deal_lost where there is one.", "失注を示すイベント。省略すると、宣言してあれば event.deal_lost。",
			}},
		},
		Example: "success {\n  on     = event.opportunity_created\n  within = \"60d\"\n}",
	}
}
