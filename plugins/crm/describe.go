package crm

import (
	"math"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/seed-456efde2/nurture/plugins/channel"
)

// Step is the kind of step that every sales system brings.
func Step() channel.Step {
	return channel.Step{
		Kind:    "crm",
		Summary: channel.Text{En: "Writes to the sales system.", Ja: "営業システムに書き込みます。"},
		Attributes: []channel.Attribute{
			{Name: "action", Type: channel.TypeText, Required: true, Choices: Actions(), Summary: channel.Text{
				En: "What is done.", Ja: "行うこと。",
			}},
			{Name: "with", Type: channel.TypeObject, Summary: channel.Text{
				En: "With which values: campaign and status, subject, text, due, owner; all others are about the person.",
				Ja: "使う値。campaign と status、subject、text、due、owner。ほかは本人の情報。",
			}},
		},
		Parts: []string{"action", "with", "toss_up", "subject", "reasons", "owner", "lead", "user_id", "message_id"},
	}
}

// Events are what the sales systems tell of.
func Events() []channel.Event {
	with := func(more ...string) []string { return append([]string{"toss_up", "record"}, more...) }
	return []channel.Event{
		{Name: Accepted, Summary: channel.Text{En: "sales took the lead", Ja: "営業がリードを受け入れた"}, Fields: with()},
		{Name: Rejected, Summary: channel.Text{En: "sales sent the lead back", Ja: "営業がリードを差し戻した"}, Fields: with("reason")},
		{Name: Opportunity, Summary: channel.Text{En: "the lead became an opportunity", Ja: "商談になった"}, Fields: with("amount")},
		{Name: Won, Summary: channel.Text{En: "the deal was won", Ja: "受注した"}, Fields: with("amount")},
		{Name: Lost, Summary: channel.Text{En: "the deal was lost", Ja: "失注した"}, Fields: with("amount", "reason")},
	}
}

// Shared are the settings that all sales systems have; poll is how often one is
// asked by default.
func Shared(poll string) []channel.Attribute {
	return []channel.Attribute{
		{Name: "owners", Type: channel.TypeMap, Summary: channel.Text{
			En: "owners of toss-ups and who they are in the sales system", Ja: "トスアップの担当者と、営業システムでの担当者の対応",
		}},
		{Name: "fields", Type: channel.TypeMap, Summary: channel.Text{
			En: "names of values and the fields of the sales system that they go to", Ja: "値の名前と、書き込み先の項目の対応",
		}},
		{Name: "poll", Type: channel.TypeDuration, Default: poll, Summary: channel.Text{
			En: "how often to ask what became of the leads", Ja: "結果を確認する間隔",
		}},
		{Name: "timeout", Type: channel.TypeDuration, Default: "20s", Summary: channel.Text{
			En: "patience with one request", Ja: "1 回の要求を待つ時間",
		}},
	}
}

// Reserve is the setting of the systems that count the requests of a day.
func Reserve() channel.Attribute {
	return channel.Attribute{Name: "reserve", Type: channel.TypeNumber, Default: 10.0, Summary: channel.Text{
		En: "percent of the day's requests that are kept for hand-overs", Ja: "トスアップのために残す 1 日の要求数の割合（%）",
	}}
}

// CheckReserve says what is wrong with the share that is kept for hand-overs.
func CheckReserve(percent float64) channel.Diagnostics {
	if percent >= 0 && percent <= 90 {
		return nil
	}
	return channel.Diagnostics{channel.Wrong("reserve",
		channel.Text{En: "Not a share of a day's requests", Ja: "割合ではありません"},
		channel.Text{En: "write a number from 0 to 90", Ja: "0 から 90 までの数を書きます"})}
}

// ReadBase reads the address of a sales system. A line that others can read is a
// warning.
func ReadBase(path, text, example string) (*url.URL, channel.Diagnostics) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, channel.Diagnostics{channel.Wrong(path,
			channel.Text{En: "Not an address", Ja: "アドレスではありません"},
			channel.Text{En: "write " + strconv.Quote(example), Ja: "「" + example + "」の形で書きます"})}
	}
	if u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return u, channel.Diagnostics{{
			Severity: channel.SeverityWarning, Path: path,
			Summary: channel.Text{En: "Open line", Ja: "暗号化されていません"},
			Detail:  channel.Text{En: "names and credentials can be read on the way; use https", Ja: "名前やパスワードが途中で読まれます。https を使ってください"},
		}}
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

func number(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && !math.IsNaN(n) && !math.IsInf(n, 0)
}
