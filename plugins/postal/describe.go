package postal

import (
	"time"

	"github.com/seed-456efde2/nurture/plugins/channel"
	"github.com/seed-456efde2/nurture/plugins/internal/dayfile"
)

// column is a column of the address file, and where it comes from the part of a
// request.
type column struct {
	name     string
	header   channel.Text
	summary  channel.Text
	required bool
}

// lines are the columns that a step fills in.
var lines = []column{
	{"piece", channel.Text{En: "piece", Ja: "発送物"}, channel.Text{En: `what is to be printed, "brochure"`, Ja: "印刷・発送するもの「パンフレット」"}, true},
	{"postcode", channel.Text{En: "postcode", Ja: "郵便番号"}, channel.Text{En: "postcode", Ja: "郵便番号"}, true},
	{"address", channel.Text{En: "address", Ja: "住所1"}, channel.Text{En: "address", Ja: "住所"}, true},
	{"address2", channel.Text{En: "address 2", Ja: "住所2"}, channel.Text{En: "building and room", Ja: "建物名・部屋番号"}, false},
	{"company", channel.Text{En: "company", Ja: "会社名"}, channel.Text{En: "company", Ja: "会社名"}, false},
	{"department", channel.Text{En: "department", Ja: "部署名"}, channel.Text{En: "department", Ja: "部署名"}, false},
	{"title", channel.Text{En: "title", Ja: "役職"}, channel.Text{En: "title", Ja: "役職"}, false},
	{"name", channel.Text{En: "name", Ja: "氏名"}, channel.Text{En: "name of the recipient", Ja: "宛名"}, true},
	{"honorific", channel.Text{En: "honorific", Ja: "敬称"}, channel.Text{En: "honorific behind the name", Ja: "敬称（様、御中など）"}, false},
	{"note", channel.Text{En: "note", Ja: "備考"}, channel.Text{En: "a word to the printer", Ja: "印刷会社への連絡"}, false},
}

// Describe tells what the channel is.
func (c *Channel) Describe() channel.Description {
	return channel.Description{
		Name: "postal", Version: "1.0.0",
		Summary: channel.Text{
			En: "Writes an address file a day for the printer, with the cost of each piece",
			Ja: "印刷会社に渡す宛名ファイルを 1 日 1 つ、1 通ごとの費用とともに書き出します",
		},
		Reach: channel.ReachesLead, Keyed: true,
		Concurrency: 1, BatchMax: 256,
		Timeout: channel.Seconds(30 * time.Second),
		Config:  config(),
		Steps:   []channel.Step{step()},
		Events: []channel.Event{{
			Name:    "postal_sent",
			Summary: channel.Text{En: "a piece of mail was handed to the printer; cost is what it costs", Ja: "郵便物を印刷会社に渡した。cost はその費用"},
			Fields:  []string{"channel", "workflow", "step", "message", "topic", "experiment", "arm", "currency"},
			Numbers: []string{"cost"},
		}},
	}
}

func config() []channel.Attribute {
	return []channel.Attribute{
		{Name: "folder", Type: channel.TypeText, Required: true, Summary: channel.Text{
			En: "folder that the printer fetches from, an absolute path; made where it is missing",
			Ja: "印刷会社が取りに来るフォルダーの絶対パス。なければ作ります",
		}},
		{Name: "name", Type: channel.TypeText, Summary: channel.Text{
			En: "beginning of the files' names; the channel's name by default", Ja: "ファイル名の先頭。省略時はチャネル名",
		}},
		{Name: "encoding", Type: channel.TypeText, Default: string(dayfile.UTF8), Choices: dayfile.Encodings(), Summary: channel.Text{
			En: "encoding that the printer reads", Ja: "印刷会社が読める文字コード",
		}},
		{Name: "headers", Type: channel.TypeText, Default: "en", Choices: []string{"en", "ja"}, Summary: channel.Text{
			En: "language of the first line", Ja: "見出し行の言語",
		}},
		{Name: "timezone", Type: channel.TypeText, Default: "UTC", Summary: channel.Text{
			En: `where a day begins at midnight, "Asia/Tokyo"`, Ja: "日付の変わり目を決めるタイムゾーン「Asia/Tokyo」",
		}},
		{Name: "postcodes", Type: channel.TypeText, Default: postcodesJapan, Choices: []string{postcodesJapan, postcodesAny}, Summary: channel.Text{
			En: "which postcodes are right", Ja: "正しい郵便番号の形",
		}},
		{Name: "cost", Type: channel.TypeNumber, Default: 0.0, Summary: channel.Text{
			En: "cost of one piece, postage and printing", Ja: "1 通の費用（郵送料と印刷費）",
		}},
		{Name: "costs", Type: channel.TypeMap, Summary: channel.Text{
			En: `cost by piece, { brochure = "240" }; before cost`, Ja: "発送物ごとの費用 { brochure = \"240\" }。cost より優先",
		}},
		{Name: "currency", Type: channel.TypeText, Default: "JPY", Summary: channel.Text{En: "currency of the costs", Ja: "費用の通貨"}},
		{Name: "dry_run", Type: channel.TypeFlag, Summary: channel.Text{
			En: "check every address, write none", Ja: "宛名を確かめるだけで書き出さない",
		}},
	}
}

func step() channel.Step {
	s := channel.Step{
		Kind:    "postal",
		Summary: channel.Text{En: "sends one piece of mail to the lead", Ja: "リードに郵便物を 1 通送ります"},
	}
	for _, l := range lines {
		s.Attributes = append(s.Attributes, channel.Attribute{Name: l.name, Type: channel.TypeText, Required: l.required, Summary: l.summary})
		s.Parts = append(s.Parts, l.name)
	}
	s.Attributes = append(s.Attributes, channel.Attribute{Name: partCost, Type: channel.TypeNumber, Summary: channel.Text{
		En: "cost of this piece; that of the channel by default", Ja: "この 1 通の費用。省略時はチャネルの設定",
	}})
	s.Parts = append(s.Parts, partCost)
	return s
}
