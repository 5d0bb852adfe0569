package verdict

// Reason is why a hit was judged as it was: a code that is stored and never changes.
type Reason string

// The reasons.
const (
	Told         Reason = "told"
	Trap         Reason = "trap"
	Filter       Reason = "filter"
	MaybeFilter  Reason = "maybe_filter"
	Program      Reason = "program"
	Card         Reason = "card"
	Head         Reason = "head"
	Prefetched   Reason = "prefetched"
	NoAgent      Reason = "no_agent"
	Early        Reason = "early"
	Instant      Reason = "instant"
	Burst        Reason = "burst"
	Repeat       Reason = "repeat"
	Company      Reason = "company"
	Ordinary     Reason = "ordinary"
	ByProxy      Reason = "by_proxy"
	NothingKnown Reason = "nothing_known"
)

// reasonWords are the reasons for people, in English and Japanese.
var reasonWords = map[Reason][2]string{
	Told:         {"the channel said so", "チャネルからの通知によります"},
	Trap:         {"it followed a link that no person can see", "人には見えないリンクをたどりました"},
	Filter:       {"it comes from a mail filter", "メールの検査装置からのアクセスです"},
	MaybeFilter:  {"it comes from a network of mail filters", "メール検査事業者のネットワークからのアクセスです"},
	Program:      {"a program asked, not a browser", "ブラウザではなくプログラムからのアクセスです"},
	Card:         {"it made a preview of the link", "リンクのプレビューを作るためのアクセスです"},
	Head:         {"it asked for the head of the page only", "ページ本体を求めないアクセス (HEAD) です"},
	Prefetched:   {"the mail program fetches every picture, read or not", "開封の有無にかかわらず画像を先読みするメールソフトです"},
	NoAgent:      {"it did not say which program it is", "ブラウザの名乗りがないアクセスです"},
	Early:        {"it came before the message was handed over", "メールの引き渡しより前のアクセスです"},
	Instant:      {"it came too soon after the message for a person", "引き渡しの直後で、人には早すぎます"},
	Burst:        {"several links were followed at once", "複数のリンクがほぼ同時にたどられました"},
	Repeat:       {"one link was followed over and over", "同じリンクが短時間に何度もたどられました"},
	Company:      {"it came together with a machine", "機械によるアクセスと一緒に届きました"},
	Ordinary:     {"nothing speaks against a person", "人によるアクセスと見て差し支えありません"},
	ByProxy:      {"a picture proxy fetched it for a person", "画像プロキシが閲覧者の代わりに取得しました"},
	NothingKnown: {"nothing is known of who asked", "アクセス元の情報がありません"},
}

// Words says the reason to people: in Japanese for "ja", in English for any other
// language. A reason that this version does not know is shown as it is.
func (r Reason) Words(language string) string {
	words, known := reasonWords[r]
	switch {
	case !known:
		return string(r)
	case language == "ja":
		return words[1]
	}
	return words[0]
}
