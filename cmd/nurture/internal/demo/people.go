package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// mood is how much somebody wants what is offered.
type mood uint8

const (
	cold mood = iota // looks once and forgets
	warm             // reads along, and comes back when a mail speaks to them
	hot              // compares prices today
)

// person is somebody of the town. Only the goroutine that runs the agenda
// touches it.
type person struct {
	id         string // under which the web site and the register know them
	last       string
	first      string
	email      string
	phone      string
	department string
	title      string
	company    company
	mood       mood
	consents   bool // allows mails when asking for the document
	asks       bool // a hot one who asks questions instead of waiting to be called

	chance *rand.Rand
	events int  // sent so far
	mails  int  // received so far
	gone   bool // unsubscribed
	owned  bool // a sales person is on it
}

// company is where somebody works.
type company struct {
	name      string
	domain    string
	industry  string
	region    string
	employees int
}

// event makes an event of this person. Its id follows from who it is and how many
// came before, so that the same town sends the same ids.
func (p *person) event(kind string, at time.Time) event {
	p.events++
	return event{Type: kind, MessageID: fmt.Sprintf("%s-%03d", p.id, p.events), UserID: p.id, Timestamp: at.UTC()}
}

// track is something that the person did.
func (p *person) track(at time.Time, name string, properties map[string]any) event {
	e := p.event("track", at)
	e.Event, e.Properties = name, properties
	return e
}

// identify is what a form tells about the person.
func (p *person) identify(at time.Time) event {
	e := p.event("identify", at)
	e.Traits = map[string]any{
		"user_id": p.id, "email": p.email, "last_name": p.last, "first_name": p.first, "phone": p.phone,
		"company": p.company.name, "department": p.department, "title": p.title,
		"industry": p.company.industry, "region": p.company.region, "employees": p.company.employees,
		"created_at": at.UTC(),
	}
	return e
}

// likely answers yes with the given probability.
func (p *person) likely(probability float64) bool { return p.chance.Float64() < probability }

// between is a length of time between two others.
func (p *person) between(least, most time.Duration) time.Duration {
	return least + time.Duration(p.chance.Int64N(int64(most-least)))
}

// about is a length of time that is often shorter than the mean and sometimes
// much longer, as people's delays are; it is never more than five means.
func (p *person) about(mean time.Duration) time.Duration {
	return time.Duration(min(p.chance.ExpFloat64(), 5) * float64(mean))
}

// source is a stream of chance of its own for everything that has a name of its
// own, so that what one does never depends on when others do something.
func source(seed uint64, what string, n uint64) *rand.Rand {
	h := uint64(14695981039346656037)
	for _, b := range []byte(what) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return rand.New(rand.NewPCG(seed^h, n))
}

// newPerson makes up the nth person of a town.
func newPerson(seed uint64, n int) *person {
	chance := source(seed, "person", uint64(n))
	surname := surnames[chance.IntN(len(surnames))]
	given := givenNames[chance.IntN(len(givenNames))]
	position := positions[chance.IntN(len(positions))]
	p := &person{
		id:   fmt.Sprintf("c%d-%04d", seed, n),
		last: surname[0], first: given[0], company: companies[chance.IntN(len(companies))],
		department: position[0], title: position[1],
		phone:    fmt.Sprintf("03-0000-%04d", chance.IntN(10000)),
		mood:     moodOf(chance.Float64()),
		consents: chance.Float64() < 0.88,
		asks:     chance.Float64() < 0.4,
		chance:   chance,
	}
	p.email = fmt.Sprintf("%s.%s%d@%s", surname[1], given[1], n, p.company.domain)
	if chance.Float64() < 0.06 {
		p.email = fmt.Sprintf("%s%s%d@gmail.example.jp", given[1], surname[1], n)
	}
	return p
}

func moodOf(share float64) mood {
	switch {
	case share < 0.25:
		return hot
	case share < 0.65:
		return warm
	}
	return cold
}

// Names are common ones; nobody in particular is meant. Each stands with its
// spelling in an address.
var surnames = [...][2]string{
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

var givenNames = [...][2]string{
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

// positions are departments with the titles in them, some more than once because
// there are more of them.
var positions = [...][2]string{
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

var companies = [...]company{
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
