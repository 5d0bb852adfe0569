package email

import (
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "email", Version: "1.0.0",
		Summary:     channel.Text{En: "Sends mail over SMTP", Ja: "SMTP でメールを送ります"},
		Reach:       channel.ReachesLead,
		Keyed:       false, // SMTP knows no keys
		Commits:     true,
		Concurrency: maxConnections,
		Timeout:     channel.Seconds(2 * time.Minute),
		Config:      config(),
		Steps:       []channel.Step{step()},
		Events:      events(),
	}
}

func config() []channel.Attribute {
	return append([]channel.Attribute{
		{Name: "host", Type: channel.TypeText, Required: true, Summary: channel.Text{
			En: `mail server and port, "smtp.example.com:587"`, Ja: "メールサーバーとポート。「smtp.example.com:587」",
		}},
		{Name: "from", Type: channel.TypeText, Required: true, Summary: channel.Text{
			En: `sender, "Name <name@example.com>"`, Ja: "差出人。「名前 <name@example.com>」",
		}},
		{Name: "provider", Type: channel.TypeText, Choices: []string{providerSES, providerSendGrid, providerPostmark, providerNone}, Summary: channel.Text{
			En: "service behind the server, which gives each mail's key back with its receipts; known by the name of its server",
			Ja: "サーバーのサービス。受信通知にメールのキーが付いて返ります。サービスのサーバー名なら自動でわかります",
		}},
		{Name: "stream", Type: channel.TypeText, Summary: channel.Text{
			En: "configuration set of SES, message stream of Postmark", Ja: "SES の設定セット、Postmark のメッセージストリーム",
		}},
		{Name: "reply_to", Type: channel.TypeText, Summary: channel.Text{En: "address for answers", Ja: "返信先"}},
		{Name: "bounces", Type: channel.TypeText, Summary: channel.Text{
			En: `address that mails come back to, "bounces@example.com"; each mail gets its own: bounces+TOKEN@example.com`,
			Ja: "不達メールの戻り先。「bounces@example.com」。メールごとに bounces+トークン@example.com になります",
		}},
		{Name: "replies", Type: channel.TypeText, Summary: channel.Text{
			En: `address that answers go to, "reply@example.com", with a token as in bounces`,
			Ja: "返信を受けるアドレス。「reply@example.com」。bounces と同じくトークンが付きます",
		}},
		{Name: "separator", Type: channel.TypeText, Default: "+", Choices: []string{"+", "-", "="}, Summary: channel.Text{
			En: "what stands between the address and its token", Ja: "アドレスとトークンの間の文字",
		}},
		{Name: "images", Type: channel.TypeText, Summary: channel.Text{
			En: `folder of the pictures that mails carry and show as "cid:NAME"`,
			Ja: "メールに入れる画像のフォルダー。本文では「cid:ファイル名」と書きます",
		}},
		{Name: "user", Type: channel.TypeText, Summary: channel.Text{
			En: "name to sign in with; the address of from where only a password is given", Ja: "ログイン名。password だけなら from のアドレス",
		}},
		{Name: "password", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{En: "password to sign in with", Ja: "パスワード"}},
		{Name: "tls", Type: channel.TypeText, Choices: []string{tlsStart, tlsFull, tlsNone}, Summary: channel.Text{
			En: `how the line is secured; "tls" on port 465, else "starttls"`, Ja: "回線の暗号化。465 番は tls、ほかは starttls が既定",
		}},
		{Name: "allow_plain", Type: channel.TypeFlag, Summary: channel.Text{
			En: `allow tls = "none" to another machine`, Ja: "他のマシンへの暗号化なしを許す",
		}},
		{Name: "ca", Type: channel.TypeText, Summary: channel.Text{
			En: "certificates (PEM) to trust instead of the system's", Ja: "システムの代わりに信頼する証明書（PEM）",
		}},
		{Name: "helo", Type: channel.TypeText, Summary: channel.Text{En: "name this machine gives itself", Ja: "名乗るホスト名"}},
		{Name: "connections", Type: channel.TypeNumber, Default: 4.0, Summary: channel.Text{
			En: "connections at the same time", Ja: "同時接続数",
		}},
		{Name: "messages_per_connection", Type: channel.TypeNumber, Default: 100.0, Summary: channel.Text{
			En: "mails before a connection is renewed", Ja: "1 接続で送る最大通数",
		}},
		{Name: "idle_timeout", Type: channel.TypeDuration, Default: "30s", Summary: channel.Text{
			En: "how long an unused connection is kept", Ja: "使わない接続を保つ時間",
		}},
		{Name: "timeout", Type: channel.TypeDuration, Default: "30s", Summary: channel.Text{
			En: "patience with the server up to the end of a mail", Ja: "メールの終わりまでサーバーを待つ時間",
		}},
		{
			Name: "dkim", Type: channel.TypeBlock, Summary: channel.Text{En: "sign mails with DKIM", Ja: "DKIM で署名する"},
			Attributes: []channel.Attribute{
				{Name: "domain", Type: channel.TypeText, Required: true, Summary: channel.Text{En: "signing domain", Ja: "署名するドメイン"}},
				{Name: "selector", Type: channel.TypeText, Required: true, Summary: channel.Text{
					En: "name of the key under _domainkey", Ja: "_domainkey の下の鍵の名前",
				}},
				{Name: "key", Type: channel.TypeText, Required: true, Sensitive: true, Summary: channel.Text{
					En: "private key (PEM, RSA or Ed25519)", Ja: "秘密鍵（PEM、RSA か Ed25519）",
				}},
			},
		},
	}, intakeConfig()...)
}

func step() channel.Step {
	return channel.Step{
		Kind:    "email",
		Summary: channel.Text{En: "sends one mail to the lead", Ja: "リードにメールを 1 通送ります"},
		Attributes: []channel.Attribute{
			{Name: "template", Type: channel.TypeTemplate, Required: true, Summary: channel.Text{
				En: "Markdown or HTML file under templates/", Ja: "templates/ の下の Markdown か HTML",
			}},
			{Name: "subject", Type: channel.TypeText, Required: true, Summary: channel.Text{En: "subject", Ja: "件名"}},
			{Name: "to", Type: channel.TypeText, Summary: channel.Text{
				En: "recipient; the lead's address by default", Ja: "宛先。既定はリードのアドレス",
			}},
			{Name: "reply_to", Type: channel.TypeText, Summary: channel.Text{En: "address for answers", Ja: "返信先"}},
		},
		Parts: []string{partTo, partSubject, partText, partHTML, partReplyTo, partUnsubscribe, partToken},
	}
}

func events() []channel.Event {
	event := func(name, en, ja string) channel.Event {
		return channel.Event{Name: name, Summary: channel.Text{En: en, Ja: ja}}
	}
	return []channel.Event{
		event("email_sent", "the mail server took the mail", "メールサーバーが受け付けた"),
		event("email_delivered", "the mail arrived, as far as is known", "届いた（わかる範囲で）"),
		event("email_opened", "the mail was opened", "開封された"),
		event("email_clicked", "a link of the mail was followed", "リンクがクリックされた"),
		event("email_replied", "the lead answered", "返信があった"),
		event("email_auto_replied", "a machine answered for the lead", "自動返信があった"),
		event("email_bounced", "the mail came back", "戻ってきた"),
		event("email_complained", "the lead reported the mail as spam", "迷惑メールと報告された"),
	}
}
