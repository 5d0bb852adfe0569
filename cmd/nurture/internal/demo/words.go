package demo

// word is one of the pages' texts, in Japanese and in English.
type word struct{ ja, en string }

func (w word) in(lang string) string {
	if lang == "ja" {
		return w.ja
	}
	return w.en
}

var pageWords = map[string]word{
	"mailbox": {"受信箱", "Mailbox"}, "sales": {"営業デスク", "Sales desk"},
	"mailbox_hint": {
		"送信されたメールはすべてここに届き、外には出ません。LINE や CRM など、ほかのチャネルのメッセージもここに表示します。", "Every mail that is sent arrives here; none leaves this machine. So do the messages of all other channels.",
	},
	"sales_hint": {
		"営業に渡されたリードと、その後です。返答は見本の営業担当がしています。", "Leads handed to sales, and what became of them. A model sales person answers.",
	},
	"mails": {"通", "mails"}, "mail_list": {"届いたメール", "Mails"},
	"no_mails": {"まだメールは届いていません。", "No mail yet."}, "no_mails_hint": {"最初の資料請求があると、お礼のメールがここに届きます。", "The first thank-you mail arrives with the first document request."},
	"no_subject": {"（件名なし）", "(no subject)"},
	"from":       {"差出人", "From"}, "to": {"宛先", "To"}, "received": {"受信", "Received"},
	"html": {"表示", "HTML"}, "text": {"テキスト", "Plain text"}, "header": {"ヘッダー", "Headers"}, "parts": {"表示の切り替え", "Parts"},
	"no_text": {"テキスト部分はありません。", "There is no plain part."}, "no_html": {"HTML部分はありません。", "There is no HTML part."},
	"dry":     {"送信していません。本番ではこのチャネルから送られます。", "Not sent. A real server sends it through this channel."},
	"channel": {"チャネル", "Channel"},
	"broken":  {"このメールは読み取れない部分があります", "Parts of this mail cannot be read"},
	"back":    {"一覧へ", "Back to the list"},

	"notices":         {"ワークフローからのお知らせ", "Notices from workflows"},
	"no_packets":      {"まだ営業に渡されたリードはありません。", "No lead has been handed to sales yet."},
	"no_packets_hint": {"興味度が高まるか、お問い合わせがあると、ここに届きます。", "They arrive when interest runs high, or with an inquiry."},
	"handed_over":     {"受け取り", "Received"}, "open": {"返答待ち", "Unanswered"},
	"accepted": {"受け入れ", "Accepted"}, "rejected": {"差し戻し", "Rejected"}, "opportunity": {"商談", "Opportunities"}, "won": {"受注", "Won"},
	"answer": {"返答する", "Answer"},
	"why":    {"渡された理由", "Why"}, "owner": {"担当", "Owner"}, "arrived": {"受領", "Arrived"},
	"state.offered": {"返答待ち", "unanswered"}, "state.accepted": {"受け入れ", "accepted"}, "state.rejected": {"差し戻し", "rejected"},
	"state.opportunity": {"商談中", "opportunity"}, "state.won": {"受注", "won"}, "state.lost": {"失注", "lost"},
	"company": {"会社", "Company"}, "department": {"部署", "Department"}, "title": {"役職", "Title"}, "name": {"氏名", "Name"},
	"email": {"メール", "E-mail"}, "phone": {"電話", "Phone"}, "fit": {"適合度", "Fit"}, "interest": {"興味度", "Interest"}, "kind": {"種類", "Kind"},
}
