package dsl

// confirmBlock is the double opt-in of a consent.
func confirmBlock() *Block {
	return &Block{
		Name: "confirm", Most: 1,
		Doc: Doc{
			"Asks whoever gives the consent to confirm it (double opt-in). The mail goes at once, whatever the hour and the caps; its template has {{ confirm_url }} in a link, which leads to a page with a button. Until the button is pressed there is no consent. Whatever asks again while nothing is confirmed sends another mail, within bounds.",
			"同意した人に、本人かどうかをメールで確かめます（ダブルオプトイン）。確認メールは時間帯や上限に関係なくすぐに送られます。文面には {{ confirm_url }} のリンクを入れます。リンク先のページでボタンが押されるまで、同意は成立しません。確認の前にもう一度申し込みがあると、決めた範囲でメールを送り直します。",
		},
		Attrs: []*Attr{
			{Name: "channel", Type: TypeRef, Refs: []string{"channel"}, Example: "channel.mail", Doc: Doc{
				"Channel that sends the mail. The only channel for e-mail is the default.",
				"確認メールを送るチャネル。メールのチャネルがひとつだけなら省略できます。",
			}},
			{Name: "subject", Type: TypeTemplate, Required: true, Example: `"Please confirm your registration"`, Doc: Doc{
				"Subject of the mail.", "確認メールの件名。",
			}},
			{Name: "template", Type: TypeTemplateFile, Required: true, Example: `"confirm.md"`, Doc: Doc{
				"Its text, under templates/, with {{ confirm_url }} in it.", "確認メールの本文（templates/ の下のファイル）。{{ confirm_url }} が必要です。",
			}},
			{Name: "when", Type: TypeConditions, Example: `"event.source != 'signed paper'"`, Doc: Doc{
				"Which of the consent's events are to be confirmed; the others give it at once. Without it, all.",
				"確認が必要なイベントの条件。当てはまらないイベントは、そのまま同意になります。省略するとすべて確認します。",
			}},
			{Name: "within", Type: TypeSpan, Default: `"7d"`, Doc: Doc{
				"How long the link works. After that the asking is forgotten.", "リンクの有効期間。過ぎると申し込みはなかったことになります。",
			}},
			{Name: "at_most", Type: TypeCount, Default: "3", Doc: Doc{
				"How many of these mails somebody gets within that time, however often the form is sent.",
				"その期間に同じ人へ送る確認メールの上限。フォームが何度送信されても、これを超えません。",
			}},
			{Name: "again", Type: TypeSpan, Default: `"10m"`, Doc: Doc{
				"How soon another asking sends another mail.", "次の申し込みで送り直すまでの最短の間隔。",
			}},
		},
		Example: "confirm {\n  subject  = \"Please confirm your registration\"\n  template = \"confirm.md\"\n  within   = \"7d\"\n}",
	}
}

// addressAttr says how much of a client's network address is evidence.
func addressAttr() *Attr {
	return &Attr{
		Name: "address", Type: TypeChoice, Of: []string{"none", "truncated", "full"}, Default: `"truncated"`, Doc: Doc{
			"How much of the network address is kept with what is done on the pages for this consent: none, all but its last part (truncated), or all of it (full). Write full only where the law asks for it.",
			"同意や取り消しのページで操作した人の IP アドレスをどこまで残すか。残さない（none）、末尾を消して残す（truncated）、すべて残す（full）。full は法律で必要な場合だけ選んでください。",
		},
	}
}
