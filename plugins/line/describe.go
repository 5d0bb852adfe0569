package line

import (
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// The parts of a message.
const (
	partTo       = "to"
	partMessage  = "message"
	partButtons  = "buttons"
	partMessages = "messages"
)

// The events that LINE brings.
const (
	eventFollowed = "line_followed"
	eventBlocked  = "line_blocked"
	eventReplied  = "line_replied"
	eventClicked  = "line_clicked"
)

// concurrency is how many requests run at the same time.
const concurrency = 8

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "line", Version: "1.1.0",
		Summary: channel.Text{
			En: "Sends LINE messages and hears what becomes of them", Ja: "LINE メッセージを送り、反応を受け取ります",
		},
		Reach: channel.ReachesLead,
		Keyed: true, // X-Line-Retry-Key, remembered by LINE for a day
		Rate:  "100 per second", Concurrency: concurrency, BatchMax: 4 * concurrency,
		Timeout: channel.Seconds(30 * time.Second),
		Config:  config(),
		Steps: []channel.Step{{
			Kind:    "line",
			Summary: channel.Text{En: "sends one LINE message to the lead", Ja: "リードに LINE メッセージを 1 通送ります"},
			Attributes: []channel.Attribute{
				{Name: partTo, Type: channel.TypeText, Required: true, Summary: channel.Text{
					En: "LINE user id, an attribute of the lead as a rule; several, separated by commas, for a lead that has several",
					Ja: "LINE のユーザー ID（ふつうはリードの属性）。1 人に複数あるときはカンマ区切り",
				}},
				{Name: partMessage, Type: channel.TypeText, Required: true, Summary: channel.Text{
					En: "the text, up to 5,000 characters", Ja: "本文（5,000 文字まで）",
				}},
				{Name: partButtons, Type: channel.TypeList, Summary: channel.Text{
					En: "answers to tap, up to 13 of 20 characters each; a tap is the event line_clicked",
					Ja: "タップで返せる選択肢（20 文字まで、13 個まで）。タップはイベント line_clicked になります",
				}},
				{Name: partMessages, Type: channel.TypeObject, Summary: channel.Text{
					En: "message objects of the Messaging API, { messages = […] }, instead of the text",
					Ja: "Messaging API のメッセージオブジェクト { messages = […] }。本文の代わりに送ります",
				}},
			},
			Parts: []string{partTo, partMessage, partButtons, partMessages},
		}},
		Events: events(),
	}
}

func config() []channel.Attribute {
	return []channel.Attribute{
		{Name: "token", Type: channel.TypeText, Required: true, Sensitive: true, Summary: channel.Text{
			En: "channel access token of the Messaging API", Ja: "Messaging API のチャネルアクセストークン",
		}},
		{Name: "secret", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
			En: "channel secret; with it the webhook of LINE is heard", Ja: "チャネルシークレット。LINE の Webhook を受け取るのに必要",
		}},
		{Name: "silent", Type: channel.TypeFlag, Summary: channel.Text{
			En: "messages arrive without a sound", Ja: "通知音を鳴らさずに届ける",
		}},
		{Name: "keep_replies", Type: channel.TypeFlag, Summary: channel.Text{
			En: "keep the text of what leads write in the event line_replied", Ja: "リードが書いた本文をイベント line_replied に残す",
		}},
		{Name: "api", Type: channel.TypeText, Default: "https://api.line.me", Summary: channel.Text{
			En: "address of the Messaging API", Ja: "Messaging API の URL",
		}},
		{Name: "timeout", Type: channel.TypeDuration, Default: "10s", Summary: channel.Text{
			En: "patience with one request", Ja: "1 回の要求を待つ時間",
		}},
		{Name: "allow_private", Type: channel.TypeFlag, Summary: channel.Text{
			En: "allow addresses of this machine and of private networks", Ja: "このマシンや社内ネットワーク宛てを許す",
		}},
		{Name: "identifier", Type: channel.TypeText, Default: "line_id", Summary: channel.Text{
			En: "attribute of the lead that holds the LINE user id and identifies it", Ja: "LINE のユーザー ID を入れ、リードの識別に使う属性",
		}},
		{Name: "dry_run", Type: channel.TypeFlag, Summary: channel.Text{
			En: "let LINE check every message, send none", Ja: "LINE に内容を確かめてもらうだけで送らない",
		}},
	}
}

func events() []channel.Event {
	return []channel.Event{
		{Name: eventFollowed, Summary: channel.Text{En: "the account was added as a friend, or unblocked", Ja: "友だち追加、またはブロック解除"}, Fields: []string{"line_id"}},
		{Name: eventBlocked, Summary: channel.Text{En: "the account was blocked", Ja: "ブロックされた"}, Fields: []string{"line_id"}},
		{Name: eventReplied, Summary: channel.Text{En: "the lead wrote something", Ja: "リードがメッセージを送った"}, Fields: []string{"line_id", "kind", "text"}},
		{Name: eventClicked, Summary: channel.Text{En: "the lead tapped an answer", Ja: "リードが選択肢をタップした"}, Fields: []string{"line_id", "button"}},
	}
}
