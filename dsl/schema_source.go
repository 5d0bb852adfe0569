package dsl

// sourceBlock is a way in of its own.
func sourceBlock() *Block {
	return &Block{
		Name: "source", Label: NameLabel,
		Doc: Doc{
			"A way in: who may send here, how they prove it, and what becomes of what they send. It is called at POST /v1/source/NAME; clients of Segment's form call where they always do, with a write key of this source.",
			"データの入口。誰が送ってよいか、どう確かめるか、届いたものをどう扱うかを決めます。呼び出し先は POST /v1/source/名前 です。Segment 互換のクライアントは、この入口の書き込みキーで、いつもの宛先に送ります。",
		},
		Attrs: []*Attr{
			labelAttr,
			{Name: "kind", Type: TypeChoice, Of: []string{"segment", "cloudevents", "webhook", "ses", "sendgrid", "postmark"}, Default: `"segment"`, Doc: Doc{
				"What comes in: calls of Segment-compatible clients, CloudEvents, webhooks of any form (with map), or what Amazon SES, SendGrid and Postmark tell about mails.",
				"届くものの種類。Segment 互換クライアントの呼び出し、CloudEvents、任意の形の webhook（map が必要）、Amazon SES・SendGrid・Postmark の配信結果。",
			}},
			{Name: "origins", Type: TypeTexts, Example: `["https://www.example.co.jp"]`, Doc: Doc{
				"Sites whose pages may send here. Without it, those that serve was given with --origin.",
				"ここに送ってよいサイト。省略すると serve の --origin に従います。",
			}},
			{Name: "rate", Type: TypeRate, Example: `"100 per second"`, Doc: Doc{
				"Events that one key may send; more are asked to come again (429). Without it there is no bound but the server's own.",
				"ひとつのキーが送れるイベント数。超えた分には、あとで送り直すよう返します（429）。省略するとサーバー全体の上限だけです。",
			}},
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.mail", Doc: Doc{
				"Of ses, sendgrid and postmark: the channel whose mails are told about.",
				"ses・sendgrid・postmark のとき、どのチャネルのメールの結果か。",
			}},
			{Name: "topic", Type: TypeText, Example: `"arn:aws:sns:ap-northeast-1:123456789012:mail"`, Doc: Doc{
				"Of ses: the only topic of SNS that may write here. Its subscription is confirmed by itself.",
				"ses のとき、書き込める唯一の SNS トピック。購読の確認は自動で行います。",
			}},
			{Name: "otherwise", Type: TypeChoice, Of: []string{"keep", "drop"}, Default: `"keep"`, Doc: Doc{
				"What becomes of a message that no map takes: kept with the dead events, or forgotten.",
				"どの map にも合わないメッセージの扱い。受け付けられなかったイベントとして残すか、捨てるか。",
			}},
		},
		Blocks:  []*Block{verifyBlock(), mapBlock()},
		Example: "source \"forms\" {\n  kind = \"webhook\"\n\n  verify {\n    scheme = \"standard_webhooks\"\n    secret = secret(\"FORMS_SECRET\")\n  }\n\n  map {\n    when   = \"payload.type == 'form.submitted'\"\n    event  = event.inquired\n    email  = \"contact.email\"\n    time   = \"sent_at\"\n    fields = { subject = \"answers[0].text\" }\n  }\n}",
	}
}

func verifyBlock() *Block {
	return &Block{
		Name: "verify", Most: 1,
		Doc: Doc{
			"How a call proves who sent it. Without it a write key of the source is asked for.",
			"送り主の確かめ方。省略すると、この入口の書き込みキーが必要です。",
		},
		Attrs: []*Attr{
			{Name: "scheme", Type: TypeChoice, Of: []string{"standard_webhooks", "hmac", "header", "bearer", "basic"}, Doc: Doc{
				"standardwebhooks.com; a signature in a header; the secret itself in a header; a bearer token; user name and password.",
				"standardwebhooks.com の形式、ヘッダーの署名（hmac）、ヘッダーの秘密の値（header）、Bearer トークン、Basic 認証。",
			}},
			{Name: "secret", Type: TypeText, Sensitive: true, Example: `secret("FORMS_SECRET")`, Doc: Doc{
				"What both sides know.", "双方だけが知る秘密の値。",
			}},
			{Name: "old_secret", Type: TypeText, Sensitive: true, Example: `secret("FORMS_OLD_SECRET")`, Doc: Doc{
				"A secret that holds as well, while the sender changes to the new one.", "切り替えのあいだだけ併用する、以前の秘密の値。",
			}},
			{Name: "user", Type: TypeText, Example: `"postmark"`, Doc: Doc{"Of basic: the user name.", "basic のときのユーザー名。"}},
			{Name: "header", Type: TypeText, Example: `"X-Signature"`, Doc: Doc{
				"Of hmac and header: the header in which it stands.", "hmac・header のとき、値が入るヘッダー。",
			}},
			{Name: "algorithm", Type: TypeChoice, Of: []string{"sha256", "sha1", "sha512"}, Default: `"sha256"`, Doc: Doc{
				"Of hmac: the hash.", "hmac のときのハッシュ。",
			}},
			{Name: "encoding", Type: TypeChoice, Of: []string{"hex", "base64"}, Default: `"hex"`, Doc: Doc{
				"Of hmac: how the signature is written.", "hmac のときの署名の書き方。",
			}},
			{Name: "prefix", Type: TypeText, Example: `"sha256="`, Doc: Doc{
				"Of hmac: what stands before the signature.", "hmac のとき、署名の前に付く文字。",
			}},
			{Name: "timestamp", Type: TypeText, Example: `"X-Timestamp"`, Doc: Doc{
				"Of hmac: the header with the instant of signing, in seconds or milliseconds since 1970. A call that is too old does not count.",
				"hmac のとき、署名した時刻（1970年からの秒かミリ秒）の入るヘッダー。古すぎる呼び出しは受け付けません。",
			}},
			{Name: "signed", Type: TypeText, Default: `"{timestamp}.{body}"`, Doc: Doc{
				"Of hmac with timestamp: what is signed.", "hmac で timestamp があるとき、署名の対象。",
			}},
			{Name: "tolerance", Type: TypeSpan, Default: `"5m"`, Example: `"5m"`, Doc: Doc{
				"How far the instant of signing may lie from ours.", "署名の時刻と現在の差の許容範囲。",
			}},
			{Name: "public_key", Type: TypeText, Example: `"MFkwEwYHKoZIzj0CAQYI…"`, Doc: Doc{
				"Of sendgrid: the verification key that SendGrid shows for its signed event webhook.", "sendgrid のとき、署名付き Event Webhook の検証キー。",
			}},
		},
		Example: "verify {\n  scheme = \"hmac\"\n  header = \"X-Signature\"\n  prefix = \"sha256=\"\n  secret = secret(\"FORMS_SECRET\")\n}",
	}
}

func mapBlock() *Block {
	path := func(name, example, en, ja string) *Attr {
		return &Attr{Name: name, Type: TypeText, Example: example, Doc: Doc{en, ja}}
	}
	return &Block{
		Name: "map",
		Doc: Doc{
			"What a message becomes. Values are found by paths: names joined by dots, places of lists in brackets, as in \"form.answers[0].text\"; \"header:NAME\" is a header of the call. Every map whose conditions hold takes the message.",
			"メッセージの読み替え。値は \"form.answers[0].text\" のように、名前を点でつなぎ、リストの位置を [ ] で書いたパスで示します。\"header:名前\" は呼び出しのヘッダーです。条件に合う map がすべて働きます。",
		},
		Attrs: []*Attr{
			path("each", `"events"`, "The list of which each element is a message of its own. Paths begin at the element.", "要素ひとつひとつをメッセージとして扱うリスト。パスは要素から始まります。"),
			{Name: "when", Type: TypeConditions, Example: `"payload.type == 'form.submitted'"`, Doc: Doc{
				"Which messages: conditions over payload.*, which is the message.", "対象のメッセージ。payload.* を使う条件です。",
			}},
			{Name: "event", Type: TypeRef, Refs: []string{"event"}, Example: "event.inquired", Doc: Doc{
				"Event that it becomes.", "対応するイベント。",
			}},
			{Name: "fields", Type: TypeObject, Example: `{ subject = "answers[0].text" }`, Doc: Doc{
				"Fields of the event: a path in quotes, or a plain value that is the same each time.", "イベントの項目。引用符で囲んだパス、または決まった値。",
			}},
			{Name: "attributes", Type: TypeObject, Example: `{ company = "contact.company" }`, Doc: Doc{
				"Attributes of the lead that it tells.", "リードの項目。",
			}},
			path("user_id", `"contact.id"`, "The lead's userId.", "リードの userId。"),
			path("anonymous_id", `"visitor"`, "The visitor's anonymousId.", "訪問者の anonymousId。"),
			path("email", `"contact.email"`, "The lead's key attribute, as a rule the e-mail address.", "リードを特定する属性（ふつうはメールアドレス）。"),
			path("time", `"occurred_at"`, "When it happened. Without it, when it came in.", "起きた日時。省略すると届いた日時。"),
			path("message_id", `"id"`, "What names the message: the same one twice counts once. Without it, the id of a standard webhook, else all that the message says.", "メッセージの ID。同じ ID は一度だけ数えます。省略すると webhook-id、それもなければ内容全体で見分けます。"),
		},
		Example: "map {\n  event  = event.inquired\n  email  = \"contact.email\"\n  fields = { subject = \"subject\" }\n}",
	}
}
