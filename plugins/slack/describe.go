package slack

import (
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// The parts that have a place of their own in a message.
const (
	partMessage = "message"
	partTo      = "to"
	partSubject = "subject" // of a hand-over, as the next three
	partReasons = "reasons"
	partTossUp  = "toss_up"
	partOwner   = "owner"
	partBlocks  = "blocks"
	partPayload = "payload"
)

// The events that answers become.
const (
	eventAccepted = "toss_up_accepted"
	eventRejected = "toss_up_rejected"
)

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "slack", Version: "1.0.0",
		Summary: channel.Text{
			En: "Tells staff on Slack, and takes their answers to toss-ups", Ja: "Slack でスタッフに知らせ、トスアップへの返事を受け取ります",
		},
		Reach: channel.ReachesStaff,
		Keyed: false, // Slack knows no keys
		// One message a second is what Slack bears in one place.
		Commits: true, Rate: "1 per second", Concurrency: 2,
		Timeout: channel.Seconds(30 * time.Second),
		Config:  config(),
		Steps: []channel.Step{{
			Kind:    "slack",
			Summary: channel.Text{En: "tells staff about the lead", Ja: "リードのことをスタッフに知らせます"},
			Attributes: []channel.Attribute{
				{Name: partMessage, Type: channel.TypeText, Required: true, Summary: channel.Text{
					En: "what to say; *bold* and plain addresses work, mentions do not", Ja: "本文。*太字* や URL は使えます。メンションはできません",
				}},
				{Name: partTo, Type: channel.TypeText, Summary: channel.Text{
					En: "channel or member; that of the config by default; with a token only", Ja: "チャンネルかメンバー。省略時は config の値。token のときだけ使えます",
				}},
				{Name: partBlocks, Type: channel.TypeObject, Summary: channel.Text{
					En: `blocks of Slack's Block Kit, { blocks = […] }, instead of the message's own look`,
					Ja: "Block Kit のブロック { blocks = […] }。本文の代わりの見た目になります",
				}},
			},
			Parts: []string{partMessage, partTo, partBlocks, partSubject, partReasons, partTossUp, partOwner, partPayload},
		}},
		Events: []channel.Event{
			{Name: eventAccepted, Summary: channel.Text{En: "sales took the lead", Ja: "営業がリードを受け入れた"}, Fields: []string{"toss_up", "by", "note"}},
			{Name: eventRejected, Summary: channel.Text{En: "sales sent the lead back", Ja: "営業がリードを差し戻した"}, Fields: []string{"toss_up", "reason", "by", "note"}},
		},
	}
}

func config() []channel.Attribute {
	return []channel.Attribute{
		{Name: "url", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
			En: "address of an incoming webhook; this or token", Ja: "Incoming Webhook の URL。これか token のどちらか",
		}},
		{Name: "token", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
			En: `bot token, "xoxb-…", with the scope chat:write`, Ja: "ボットトークン「xoxb-…」（スコープ chat:write）",
		}},
		{Name: "to", Type: channel.TypeText, Summary: channel.Text{
			En: `channel that messages go to, "#sales"; needed with token`, Ja: "投稿先のチャンネル「#sales」。token のときに必要",
		}},
		{Name: "signing_secret", Type: channel.TypeText, Sensitive: true, Summary: channel.Text{
			En: "signing secret of the Slack app; with it toss-ups carry buttons to accept and reject",
			Ja: "Slack アプリの Signing Secret。トスアップに「受け入れる」「差し戻す」がつきます",
		}},
		{Name: "reasons", Type: channel.TypeList, Summary: channel.Text{
			En: "reasons to choose from when a toss-up is rejected", Ja: "差し戻すときに選ぶ理由",
		}},
		{Name: "language", Type: channel.TypeText, Default: "en", Choices: []string{"en", "ja"}, Summary: channel.Text{
			En: "language of the buttons", Ja: "ボタンの言語",
		}},
		{Name: "api", Type: channel.TypeText, Default: "https://slack.com/api", Summary: channel.Text{
			En: "address of Slack's API", Ja: "Slack API の URL",
		}},
		{Name: "timeout", Type: channel.TypeDuration, Default: "10s", Summary: channel.Text{
			En: "patience with one request", Ja: "1 回の要求を待つ時間",
		}},
		{Name: "allow_private", Type: channel.TypeFlag, Summary: channel.Text{
			En: "allow addresses of this machine and of private networks", Ja: "このマシンや社内ネットワーク宛てを許す",
		}},
		{Name: "dry_run", Type: channel.TypeFlag, Summary: channel.Text{
			En: "prepare every message, send none", Ja: "メッセージを組み立てるだけで送らない",
		}},
	}
}
