package dsl

func policyBlock() *Block {
	blocked := []string{"postpone", "skip"}
	return &Block{
		Name: "contact_policy", Label: NameLabel,
		Doc: Doc{
			"One promise to every lead, kept by every workflow and judged at the moment of sending.",
			"すべてのリードへの約束。どのワークフローでも、送る瞬間に確かめます。",
		},
		Attrs: []*Attr{
			{Name: "requires", Type: TypeRef, Refs: []string{"consent"}, Example: "consent.marketing", Doc: Doc{
				"Consent that must stand.", "必要な同意。",
			}},
			{Name: "allowed", Type: TypeConditions, Example: `"not lead.unsubscribed"`, Doc: Doc{
				"What must hold, transactional messages included.", "成り立つべき条件。取引メールにも適用されます。",
			}},
			{Name: "quiet_hours", Type: TypeHours, Doc: Doc{
				"Hours of the lead's day in which nothing is sent.", "リードの時刻で、送らない時間帯。",
			}},
			{Name: "quiet_days", Type: TypeQuietDays, Doc: Doc{
				"Days on which nothing is sent.", "送らない日。",
			}},
			{Name: "when_quiet", Type: TypeChoice, Of: blocked, Default: `"postpone"`, Doc: Doc{
				"What becomes of a message in quiet time.", "送らない時間に当たったメッセージの扱い。",
			}},
			{Name: "when_capped", Type: TypeChoice, Of: blocked, Default: `"postpone"`, Doc: Doc{
				"What becomes of a message over a cap.", "上限を超えたメッセージの扱い。",
			}},
		},
		Blocks: []*Block{{
			Name: "cap",
			Doc:  Doc{"How many messages of a channel one lead gets, over all workflows.", "ひとりのリードへの、すべてのワークフローを通した上限。"},
			Attrs: []*Attr{
				{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Required: true, Example: "channel.mail", Doc: Doc{
					"Channel that is counted.", "数えるチャネル。",
				}},
				{Name: "at_most", Type: TypeCount, Required: true, Doc: Doc{"How many.", "件数。"}},
				{Name: "per", Type: TypeSpan, Required: true, Example: `"7d"`, Doc: Doc{
					"In which time, counted back from the moment of sending.", "期間。送る時点からさかのぼって数えます。",
				}},
				{Name: "when_capped", Type: TypeChoice, Of: blocked, Doc: Doc{
					"What becomes of a message over this cap. Without it, as the policy says.",
					"この上限を超えたメッセージの扱い。省略するとポリシーに従います。",
				}},
			},
			Example: "cap {\n  channel = channel.mail\n  at_most = 2\n  per     = \"7d\"\n}",
		}},
		Example: "contact_policy \"default\" {\n  requires    = consent.marketing\n  quiet_hours = \"19:00-08:30\"\n}",
	}
}

// domainBlock bounds what goes to the addresses of one domain.
func domainBlock() *Block {
	return &Block{
		Name: "domain", Label: TitleLabel,
		Doc: Doc{
			`What one domain of recipients bears: "docomo.ne.jp", or "*" for each that has no block of its own.`,
			"宛先のドメインごとの上限。\"docomo.ne.jp\" のように書きます。\"*\" は、個別の指定がないドメインすべて（ドメインごと）に効きます。",
		},
		Attrs: []*Attr{
			{Name: "rate", Type: TypeRate, Doc: Doc{"How fast it may be sent to.", "送る速さの上限。"}},
			{Name: "at_once", Type: TypeCount, Doc: Doc{"How many messages may be under way to it at the same time.", "同時に送ってよい件数。"}},
		},
		Example: "domain \"docomo.ne.jp\" {\n  rate    = \"2 per second\"\n  at_once = 1\n}",
	}
}

func channelBlock() *Block {
	return &Block{
		Name: "channel", Label: NameLabel,
		Doc: Doc{"A configured plugin.", "設定済みのプラグイン。"},
		Attrs: []*Attr{
			{Name: "plugin", Type: TypeText, Required: true, Example: `"email"`, Doc: Doc{
				"Plugin that does the work.", "使うプラグイン。",
			}},
			{Name: "rate", Type: TypeRate, Doc: Doc{
				"How fast it may be asked. Without it, as fast as the plugin takes it.", "送る速さの上限。省略するとプラグインまかせ。",
			}},
			{Name: "retry", Type: TypeRetry, Default: `"5 times over 24h"`, Doc: Doc{
				"How often a failed attempt is repeated, and over which time.", "失敗したときの再試行の回数と期間。",
			}},
			{Name: "at_once", Type: TypeCount, Doc: Doc{
				"How many actions may be in the channel's hands at the same time. Without it, as many as the plugin bears.",
				"同時に送ってよい件数。省略するとプラグインまかせ。",
			}},
			{Name: "order", Type: TypeChoice, Of: []string{"none", "lead"}, Default: `"none"`, Doc: Doc{
				"lead: what goes to one lead through this channel keeps its order, each when the one before it is done or given up.",
				"lead にすると、同じリード宛ての送信は順番どおり、前のものが終わるか断念されてから送ります。",
			}},
			{Name: "at_most_once", Type: TypeFlag, Default: "false", Doc: Doc{
				"For a service that does not honour keys, though its plugin does: what may have happened is listed and never repeated.",
				"サービスがキーによる重複防止に対応していないときに使います。届いたかどうか分からないものは一覧に残し、くり返しません。",
			}},
		},
		Blocks: []*Block{domainBlock(), {
			Name: "config", Most: 1, Foreign: true,
			Doc:     Doc{"Settings of the plugin, checked against what it describes.", "プラグインの設定。プラグインの説明と照らし合わせます。"},
			Example: "config {\n  host     = \"smtp.example.jp:587\"\n  password = secret(\"SMTP_PASSWORD\")\n}",
		}},
		Example: "channel \"mail\" {\n  plugin = \"email\"\n\n  config {\n    host = \"smtp.example.jp:587\"\n    from = \"sato@example.jp\"\n  }\n}",
	}
}
