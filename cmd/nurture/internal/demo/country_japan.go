package demo

import "time"

// japan is the zone of Japan. It has had no summer time since 1951, so a fixed offset
// is exact.
var japan = time.FixedZone("JST", 9*60*60)

// Japan is the country of the Japanese starters.
func Japan() *Country {
	return &Country{
		zone: japan, holidays: japaneseHolidays,
		surnames: japaneseSurnames, givenNames: japaneseGivenNames, positions: japanesePositions, companies: japaneseCompanies,
		private: "gmail.example.jp", phone: "03-0000-%04d", head: [2]string{"経理部", "経理部長"}, headAddress: "keiri",
		refusals: []string{"時期尚早（来期の予算で検討）", "決裁者ではなかった", "情報収集のみ", "他社で契約済み", "電話がつながらない"},
		money:    "¥", unit: 10_000,
		site: site{
			url:  "https://www.minamo.example.co.jp",
			home: page{"/", "みなも請求クラウド"}, features: page{"/features", "機能一覧"}, document: page{"/documents", "資料請求"},
			pricing: page{"/pricing", "料金プラン"}, standard: page{"/pricing/standard", "スタンダードプラン"},
			cases: page{"/cases", "導入事例"}, closing: page{"/cases/monthly-closing", "導入事例：月末の3日間が半日に"},
			contact: page{"/contact", "お問い合わせ"},
		},
	}
}

// Names are common ones; nobody in particular is meant. Each stands with its
// spelling in an address.
var japaneseSurnames = [][2]string{
	{"佐々木", "sasaki"},
	{"田中", "tanaka"},
	{"高橋", "takahashi"},
	{"伊藤", "ito"},
	{"渡辺", "watanabe"},
	{"山本", "yamamoto"},
	{"中村", "nakamura"},
	{"小林", "kobayashi"},
	{"加藤", "kato"},
	{"吉田", "yoshida"},
	{"山田", "yamada"},
	{"松本", "matsumoto"},
	{"井上", "inoue"},
	{"木村", "kimura"},
	{"清水", "shimizu"},
	{"山口", "yamaguchi"},
	{"池田", "ikeda"},
	{"橋本", "hashimoto"},
	{"阿部", "abe"},
	{"石川", "ishikawa"},
	{"前田", "maeda"},
	{"藤田", "fujita"},
	{"岡田", "okada"},
	{"後藤", "goto"},
	{"長谷川", "hasegawa"},
	{"村上", "murakami"},
	{"近藤", "kondo"},
	{"石井", "ishii"},
	{"坂本", "sakamoto"},
	{"遠藤", "endo"},
	{"青木", "aoki"},
	{"西村", "nishimura"},
	{"福田", "fukuda"},
	{"太田", "ota"},
	{"三浦", "miura"},
	{"岡本", "okamoto"},
	{"松田", "matsuda"},
	{"中島", "nakajima"},
	{"原田", "harada"},
	{"小野", "ono"},
}

var japaneseGivenNames = [][2]string{
	{"直樹", "naoki"},
	{"美咲", "misaki"},
	{"健一", "kenichi"},
	{"由美子", "yumiko"},
	{"拓也", "takuya"},
	{"恵子", "keiko"},
	{"大輔", "daisuke"},
	{"真由美", "mayumi"},
	{"浩二", "koji"},
	{"彩", "aya"},
	{"誠", "makoto"},
	{"香織", "kaori"},
	{"和也", "kazuya"},
	{"智子", "tomoko"},
	{"修", "osamu"},
	{"麻衣", "mai"},
	{"達也", "tatsuya"},
	{"裕子", "yuko"},
	{"翔", "sho"},
	{"千尋", "chihiro"},
	{"剛", "tsuyoshi"},
	{"愛", "ai"},
	{"英樹", "hideki"},
	{"奈々", "nana"},
	{"隆", "takashi"},
	{"沙織", "saori"},
	{"亮", "ryo"},
	{"明美", "akemi"},
	{"慎一", "shinichi"},
	{"優花", "yuka"},
}

// japanesePositions are departments with the titles in them, some more than once because
// there are more of them.
var japanesePositions = [][2]string{
	{"経理部", "経理部長"},
	{"経理部", "経理課長"},
	{"経理部", "経理課長"},
	{"経理部", "主任"},
	{"経理部", "担当"},
	{"経理部", "担当"},
	{"管理本部", "管理本部長"},
	{"管理部", "管理部長"},
	{"総務部", "総務部長"},
	{"総務部", "総務課長"},
	{"総務部", "担当"},
	{"経営企画室", "経営企画室長"},
	{"経営企画室", "マネージャー"},
	{"情報システム部", "情報システム課長"},
	{"情報システム部", "担当"},
	{"財務部", "執行役員 財務部長"},
	{"業務部", "業務課長"},
	{"役員室", "取締役"},
}

var japaneseCompanies = []company{
	{"ほしぞら製作所株式会社", "hoshizora.example.jp", "製造業", "関東", 420},
	{"月夜物流株式会社", "tsukiyo.example.jp", "物流業", "関東", 880},
	{"あさぎり電機株式会社", "asagiri.example.jp", "製造業", "中部", 1650},
	{"風花商事株式会社", "kazahana.example.jp", "卸売業", "関西", 240},
	{"うみかぜ運輸株式会社", "umikaze.example.jp", "物流業", "九州", 310},
	{"こもれび建設株式会社", "komorebi.example.jp", "建設業", "関東", 190},
	{"みのり食品販売株式会社", "minori.example.jp", "卸売業", "関東", 560},
	{"はなび金属工業株式会社", "hanabi.example.jp", "製造業", "関西", 130},
	{"ゆうなぎシステム株式会社", "yunagi.example.jp", "IT・通信", "関東", 75},
	{"しずく化学株式会社", "shizuku.example.jp", "製造業", "関西", 2300},
	{"つばめ倉庫株式会社", "tsubame.example.jp", "物流業", "中部", 460},
	{"やまびこ木工株式会社", "yamabiko.example.jp", "製造業", "中部", 48},
	{"こだま商会株式会社", "kodama-shokai.example.jp", "卸売業", "九州", 110},
	{"あけぼの設備株式会社", "akebono-setsubi.example.jp", "建設業", "関西", 95},
	{"ひなた機工株式会社", "hinata.example.jp", "製造業", "関東", 270},
	{"さざなみ水産株式会社", "sazanami.example.jp", "卸売業", "九州", 150},
	{"くもい情報サービス株式会社", "kumoi.example.jp", "IT・通信", "関東", 640},
	{"まどか印刷株式会社", "madoka.example.jp", "製造業", "関東", 85},
	{"いぶき運送株式会社", "ibuki.example.jp", "物流業", "関西", 1200},
	{"とまり木ホーム株式会社", "tomarigi.example.jp", "建設業", "中部", 330},
	{"うたかた繊維株式会社", "utakata.example.jp", "製造業", "関西", 180},
	{"しおさい冷凍株式会社", "shiosai.example.jp", "物流業", "その他", 210},
	{"かげろう精密株式会社", "kagero.example.jp", "製造業", "中部", 960},
	{"むらさめ資材株式会社", "murasame.example.jp", "卸売業", "関東", 390},
	{"ねむのき薬品株式会社", "nemunoki.example.jp", "卸売業", "関西", 720},
	{"そよかぜソリューションズ株式会社", "soyokaze.example.jp", "IT・通信", "関西", 160},
	{"あおぞら配送株式会社", "aozora-haiso.example.jp", "物流業", "関東", 68},
	{"ふゆつき硝子株式会社", "fuyutsuki.example.jp", "製造業", "その他", 140},
	{"たまゆら土木株式会社", "tamayura.example.jp", "建設業", "九州", 120},
	{"はるかぜ文具株式会社", "harukaze.example.jp", "卸売業", "中部", 230},
	{"ほたる電子株式会社", "hotaru.example.jp", "製造業", "九州", 1100},
	{"なぎさ学習サービス株式会社", "nagisa.example.jp", "サービス業", "関東", 55},
}

// japaneseHolidays are the public holidays on weekdays in the year that a demo begins.
var japaneseHolidays = []string{
	"2026-10-12", "2026-11-03", "2026-11-23", "2027-01-01", "2027-01-11", "2027-02-11", "2027-02-23",
	"2027-03-22", "2027-04-29", "2027-05-03", "2027-05-04", "2027-05-05", "2027-07-19", "2027-08-11", "2027-09-20", "2027-09-23",
}
