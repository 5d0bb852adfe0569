// Package workflows holds starter workspaces: whole folders of rules, texts and
// tests that a team copies and makes its own. They are files, embedded; there is
// no logic here.
package workflows

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed accounts-en accounts-ja b2b-jp b2b-jp-en document-request-en document-request-ja newsletter-en newsletter-ja
//go:embed webinar-en webinar-ja win-back-en win-back-ja
var files embed.FS

// DocumentRequest is the starter for Japanese B2B: a document is requested,
// thanks and a case study follow, and sales hears of whoever warms up. It is what
// `nurture dev` shows who speaks Japanese.
const DocumentRequest = "document-request-ja"

// Starter is one of the workspaces.
type Starter struct {
	Name     string
	Language string // of its texts and comments: "ja" or "en"
	En, Ja   [2]string
}

// About is what the starter is for, in two lines.
func (s *Starter) About(language string) [2]string {
	if language == "ja" {
		return s.Ja
	}
	return s.En
}

var (
	documentEn = [2]string{"A document is requested: thanks, a case study, and what the reaction asks for.", "Sales hears of whoever warms up, once, with the reasons."}
	documentJa = [2]string{"資料請求のあと、お礼と導入事例をお送りし、反応に合わせて次のご案内をします。", "興味の高まった方を、理由を添えて一度だけ営業に渡します。"}

	webinarEn = [2]string{"A webinar, from sign-up and reminder to those who came and those who did not.", "One run for each webinar, the recording on demand; who asks is handed to sales."}
	webinarJa = [2]string{"ウェビナーの受付から前日のお知らせ、参加後・欠席後のご案内までを行います。", "ウェビナーごとに別々に進み、録画も届け、相談を希望された方を営業に渡します。"}

	winBackEn = [2]string{"Two letters to people who have been quiet for 90 days, started by time alone.", "Who does not react rests: nothing is sent any more until they come by themselves."}
	winBackJa = [2]string{"90日反応のない方に、時間がたつだけで始まる二通のお便りをお送りします。", "反応のない方への配信はお休みし、ご自分から戻られたときに再開します。"}

	newsletterEn = [2]string{"A newsletter with a confirmed sign-up, twice a month, and product news for regulars.", "Experiments on the subject and on the time of sending, and a hold-out that shows the lift."}
	newsletterJa = [2]string{"登録の確認から始まる月2回のメールマガジンと、よく読まれる方への製品のお知らせ。", "件名の実験、送る時刻の実験、効果を測るための対照群が入っています。"}

	accountsEn = [2]string{"Selling to companies: colleagues count together, and one of them is handed to sales.", "A confirmed sign-up (double opt-in), and a web site that shows what fits."}
	accountsJa = [2]string{"会社に売るためのひな形。同僚の行動を合わせて数え、お一人だけを営業に渡します。", "メールの同意は本人の確認で成り立ち（ダブルオプトイン）、サイトの表示も相手に合わせます。"}

	b2bEn = [2]string{"B2B rules for Japan that work untuned: active after 3 actions in 30 days, back after silence.", "A heads-up at an interest of 25; a key page and back within two days goes to sales."}
	b2bJa = [2]string{"調整なしで動く BtoB の基本ルール。30日に3回の行動で顕在、30日の沈黙で潜在に戻ります。", "興味度25で注目アラート、重要ページの2日以内の再訪で営業に渡します。"}
)

var starters = []Starter{
	{"document-request-ja", "ja", documentEn, documentJa},
	{"document-request-en", "en", documentEn, documentJa},
	{"webinar-ja", "ja", webinarEn, webinarJa},
	{"webinar-en", "en", webinarEn, webinarJa},
	{"win-back-ja", "ja", winBackEn, winBackJa},
	{"win-back-en", "en", winBackEn, winBackJa},
	{"newsletter-ja", "ja", newsletterEn, newsletterJa},
	{"newsletter-en", "en", newsletterEn, newsletterJa},
	{"accounts-ja", "ja", accountsEn, accountsJa},
	{"accounts-en", "en", accountsEn, accountsJa},
	{"b2b-jp", "ja", b2bEn, b2bJa},
	{"b2b-jp-en", "en", b2bEn, b2bJa},
}

// All are the starters there are, in the order in which they are shown.
func All() []Starter { return append([]Starter(nil), starters...) }

// Names are their names, in the same order.
func Names() []string {
	names := make([]string, len(starters))
	for i := range starters {
		names[i] = starters[i].Name
	}
	return names
}

// Open gives a starter's files.
func Open(name string) (fs.FS, error) {
	for i := range starters {
		if starters[i].Name == name {
			return fs.Sub(files, name)
		}
	}
	return nil, fmt.Errorf("there is no starter called %q", name)
}
