package dsl

// Schema is the whole table with the steps that the catalogue's plugins bring: the
// root block holds what may stand in a file. Steps stand inside of steps, so the
// table goes in a circle: remember what was visited.
func Schema(catalog Catalog) *Block { return language(catalog) }

func language(catalog Catalog) *Block {
	return &Block{
		Name: "workspace",
		Doc: Doc{
			"All *.hcl files under the workspace are one set, in any order.",
			"ワークスペースの下にあるすべての *.hcl は、順序に関係なくひとつの集まりです。",
		},
		Blocks: []*Block{
			projectBlock(), calendarBlock(), constBlock(), leadBlock(), accountBlock(), eventBlock(), consentBlock(),
			scoreBlock(), segmentBlock(), lifecycleBlock(), tossUpBlock(),
			policyBlock(), channelBlock(), sourceBlock(), workflowBlock(catalog),
			kpiBlock(), funnelBlock(), reviewBlock(), rolloutBlock(), testBlock(),
		},
	}
}

var labelAttr = &Attr{Name: "label", Type: TypeText, Example: `"興味度"`, Doc: Doc{
	"What people read wherever a rule is put into words.",
	"ルールを言葉で示すところで人が読む名前。",
}}

func projectBlock() *Block {
	return &Block{
		Name: "project", Label: TitleLabel, Least: 1, Most: 1,
		Doc: Doc{"The workspace's name, time zone and language.", "ワークスペースの名前、タイムゾーン、言語。"},
		Attrs: []*Attr{
			{Name: "timezone", Type: TypeZone, Required: true, Doc: Doc{
				"Zone of all times of day, unless a lead has one of its own.",
				"時刻の基準。リードに timezone があればそれが優先します。",
			}},
			{Name: "language", Type: TypeChoice, Of: []string{"ja", "en"}, Default: `"en"`, Doc: Doc{
				"Language of explanations and messages.", "説明とメッセージの言語。",
			}},
			{Name: "calendar", Type: TypeRef, Refs: []string{"calendar"}, Example: "calendar.japan", Doc: Doc{
				"Calendar that business days and holidays are read from. Without it Monday to Friday, 09:00 to 18:00, are worked.",
				"営業日と休日の基準になるカレンダー。省略すると月曜から金曜の9時から18時。",
			}},
			{Name: "region", Type: TypeText, Example: `"JP"`, Doc: Doc{
				"Country of telephone numbers that name none, as two letters. Without it, the country of the time zone \"Asia/Tokyo\" is known: JP.",
				"国番号のない電話番号の国（2文字）。省略すると、タイムゾーンが Asia/Tokyo なら JP。",
			}},
			{Name: "holdout", Type: TypePercent, Example: "2", Doc: Doc{
				"Percent of all leads that get no marketing messages, so that the lift can be measured. Always the same leads; transactional messages go.",
				"効果を測るため、販促メッセージを送らないリードの割合（%）。いつも同じリードで、取引メールは送られます。",
			}},
		},
		Example: "project \"acme\" {\n  timezone = \"Asia/Tokyo\"\n  language = \"ja\"\n  calendar = calendar.japan\n}",
	}
}

func calendarBlock() *Block {
	return &Block{
		Name: "calendar", Label: NameLabel,
		Doc: Doc{
			`Working days, hours and holidays. The calendar "japan" knows the public holidays of Japan, and exists without a block.`,
			`営業日、営業時間、休日。"japan" は日本の祝日を含み、ブロックがなくても使えます。`,
		},
		Attrs: []*Attr{
			{Name: "workdays", Type: TypeWeekdays, Default: `["mon", "tue", "wed", "thu", "fri"]`, Doc: Doc{
				"Days of the week that are worked.", "営業する曜日。",
			}},
			{Name: "hours", Type: TypeHours, Default: `"09:00-18:00"`, Example: `"09:00-18:00"`, Doc: Doc{
				"Hours of work.", "営業時間。",
			}},
			{Name: "holidays", Type: TypeDates, Example: `["japan", "2026-12-29"]`, Doc: Doc{
				`Days off: dates, and "japan" for the public holidays of Japan.`,
				`休日。日付のほか、"japan" で日本の祝日。`,
			}},
		},
		Example: "calendar \"japan\" {\n  hours    = \"09:00-18:00\"\n  holidays = [\"2026-12-29\", \"2026-12-30\"]\n}",
	}
}

func constBlock() *Block {
	return &Block{
		Name: "const", Open: true,
		Doc: Doc{
			"One home for a value that several rules share: const.hot in HCL and in conditions.",
			"いくつものルールで使う値の置き場所。HCL でも条件でも const.hot と書きます。",
		},
		Example: "const {\n  hot = 70\n}",
	}
}

func leadBlock() *Block {
	return &Block{
		Name: "lead", Least: 1,
		Doc: Doc{
			"What is known about a lead. What is not declared is stored, but no rule can read it.",
			"リードについて分かること。宣言していない項目は保存されますが、ルールからは読めません。",
		},
		Attrs: []*Attr{
			{Name: "key", Type: TypeText, Example: `"email"`, Doc: Doc{
				"Attribute that identifies a lead beside the client's userId.",
				"userId のほかにリードを特定する属性。",
			}},
		},
		Blocks:  identifying(fieldBlocks("attribute")),
		Example: "lead {\n  key = \"email\"\n\n  text \"email\" { required = true }\n  number \"employees\" { label = \"従業員数\" }\n}",
	}
}

// identifying adds to the texts of a lead how it is known by them.
func identifying(blocks []*Block) []*Block {
	text := blocks[0]
	text.Attrs = append(text.Attrs,
		&Attr{Name: "identifier", Type: TypeFlag, Default: "false", Doc: Doc{
			"Whoever has the same value is the same lead, as with key: what was done under it counts for the lead. Two leads with different userIds and one value are never merged by themselves; a person decides.",
			"同じ値を持つ人を、key と同じように、ひとりのリードとみなします。その値のもとでの行動もリードに数えます。userId の異なる二人が同じ値を持つときは、自動では統合せず、人が判断します。",
		}},
		&Attr{Name: "form", Type: TypeChoice, Of: []string{"text", "email", "phone"}, Example: `"phone"`, Doc: Doc{
			"How it is written, so that equal things are equal: \"text\" is Unicode's NFKC without white space around it, \"email\" a mail address in small letters with its domain as the name system has it, \"phone\" E.164 (+81312345678; a number without a country is one of the project's region). What is none stays as it came.",
			"表記をそろえる形式。\"text\" は NFKC で前後の空白を除いたもの、\"email\" は小文字で国際化ドメインを ASCII 表記にしたアドレス、\"phone\" は E.164（+81312345678。国番号のない番号は project の region の番号とみなします）。形式に合わない値は、届いたまま保存します。",
		}},
		&Attr{Name: "raw", Type: TypeText, Example: `"phone_as_given"`, Doc: Doc{
			"Attribute that keeps the text as it came, where form changes it.",
			"form でそろえる前の、届いたままの値を残しておく属性。",
		}},
	)
	return blocks
}

// fieldBlocks declare typed values: a lead's attributes, an event's fields.
func fieldBlocks(space string) []*Block {
	kinds := []struct {
		name    string
		doc     Doc
		example string
	}{
		{"text", Doc{"A text.", "文字列。"}, "text \"company\" { label = \"会社名\" }"},
		{"number", Doc{"A number.", "数値。"}, "number \"employees\" { label = \"従業員数\" }"},
		{"flag", Doc{"Yes or no.", "はい・いいえ。"}, "flag \"unsubscribed\" { default = false }"},
		{"time", Doc{"An instant; a day is its first. What names no zone is in the project's.", "日時。日付だけなら、その日の初め。タイムゾーンがなければ、プロジェクトのもの。"}, "time \"created_at\" { required = true }"},
		{"choice", Doc{"One of a few words.", "選択肢のひとつ。"}, "choice \"industry\" { of = [\"saas\", \"retail\"] }"},
	}
	var out []*Block
	for _, k := range kinds {
		b := &Block{Name: k.name, Label: NameLabel, Space: space, Doc: k.doc, Example: k.example, Attrs: fieldAttrs()}
		if k.name == "choice" {
			b.Attrs = append(b.Attrs, &Attr{
				Name: "of", Type: TypeTexts, Required: true, Example: `["saas", "retail"]`,
				Doc: Doc{"The words it may be.", "選べる値。"},
			})
		}
		out = append(out, b)
	}
	return out
}

func fieldAttrs() []*Attr {
	return []*Attr{
		labelAttr,
		{Name: "name", Type: TypeText, Example: `"What is your current occupation"`, Doc: Doc{
			"Exact name on the wire, where the declared name does not serve.",
			"受信データでの正確な名前。宣言した名前では足りないときに書きます。",
		}},
		{Name: "required", Type: TypeFlag, Default: "false", Doc: Doc{
			"Every identified lead has it, and every test must give it.",
			"特定されたリードには必ずある値。テストでも必ず書きます。",
		}},
		{Name: "default", Type: TypeAny, Example: "0", Doc: Doc{
			"Value of those who have none.", "値がないときの値。",
		}},
		{Name: "normalize", Type: TypeFlag, Default: "false", Doc: Doc{
			"Half-width kana and full-width letters, digits and signs are brought to one form on the way in. Without it, texts are kept as they come, in Unicode's NFC.",
			"半角カナは全角に、全角の英数字と記号は半角に、受信時にそろえます。省略すると、Unicode の NFC にするだけで、そのまま保存します。",
		}},
	}
}

func eventBlock() *Block {
	return &Block{
		Name: "event", Label: NameLabel,
		Doc: Doc{
			"What can happen to a lead. With from and when it is a named moment: the same event, narrowed, counted under its own name.",
			"リードに起こること。from と when を書くと、別のイベントを絞り込んで独自の名前で数える「瞬間」になります。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "name", Type: TypeText, Example: `"Contact Requested"`, Doc: Doc{
				"Exact name on the wire, where the declared name does not serve.",
				"受信データでの正確な名前。宣言した名前では足りないときに書きます。",
			}},
			{Name: "from", Type: TypeRef, Refs: []string{"event"}, Example: "event.page_viewed", Doc: Doc{
				"Event that this moment narrows.", "絞り込むもとのイベント。",
			}},
			{Name: "when", Type: TypeConditions, Example: `"event.path startsWith '/pricing'"`, Doc: Doc{
				"Which of them count.", "数える条件。",
			}},
		},
		Blocks:  fieldBlocks("field"),
		Example: "event \"pricing_viewed\" {\n  from = event.page_viewed\n  when = \"event.path startsWith '/pricing'\"\n}",
	}
}

func consentBlock() *Block {
	return &Block{
		Name: "consent", Label: NameLabel,
		Doc: Doc{
			"Leave to write to somebody, with its evidence: event, time, wording, source.",
			"連絡してよいという同意と、その証拠（イベント、日時、文言、入手元）。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "granted", Type: TypeRef, Refs: []string{"event"}, Required: true, Example: "event.consent_given", Doc: Doc{
				"Event that gives it.", "同意を与えるイベント。",
			}},
			{Name: "when", Type: TypeConditions, Example: `"event.purpose == 'marketing'"`, Doc: Doc{
				"Which of these events do.", "どのイベントで同意とみなすか。",
			}},
			{Name: "revoked", Type: TypeRef, Refs: []string{"event"}, Example: "event.unsubscribed", Doc: Doc{
				"Event that takes it back.", "同意を取り消すイベント。",
			}},
			{Name: "expires", Type: TypeSpan, Example: `"730d"`, Doc: Doc{
				"How long it lasts. Without it, until it is taken back.", "有効期間。省略すると取り消されるまで。",
			}},
			addressAttr(),
		},
		Blocks:  []*Block{confirmBlock()},
		Example: "consent \"marketing\" {\n  granted = event.consent_given\n  revoked = event.unsubscribed\n}",
	}
}
