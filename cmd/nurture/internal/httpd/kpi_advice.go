package httpd

import (
	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/kpi"
)

// AdviceDoc says where a bad figure is repaired, and what to try: an experiment as
// a rule, because nobody knows beforehand.
type AdviceDoc struct {
	Cause  string     `json:"cause" doc:"opens, clicks, conversion, unsubscribes, bounces, replies, toss_up, follow_up, reach, approach, winning."`
	Likely TextDoc    `json:"likely" doc:"The likely cause."`
	Try    []TrialDoc `json:"try"`
}

// TextDoc is a sentence in both languages.
type TextDoc struct {
	En string `json:"en"`
	Ja string `json:"ja"`
}

// In is the sentence in a language, "ja" or "en".
func (t TextDoc) In(language string) string {
	if language == "ja" {
		return t.Ja
	}
	return t.En
}

// TrialDoc is something to try, with the word of the language to write for it where
// there is one.
type TrialDoc struct {
	TextDoc
	Write string `json:"write,omitempty" doc:"What to write in the workflow: experiment with variant or slot, contact_policy, segment …"`
}

// adviceFor looks a figure up in the table of causes.
func adviceFor(k *engine.KPISpec) *AdviceDoc {
	what := k.Count + k.Rate
	if k.Value != nil {
		for _, name := range k.Value.Figures() {
			if what == "" {
				what = name
			}
		}
	}
	cause := kpi.CauseOf(what)
	advice, ok := adviceTable[cause]
	if !ok {
		return nil
	}
	advice.Cause = string(cause)
	return &advice
}

func try(write, en, ja string) TrialDoc { return TrialDoc{TextDoc{en, ja}, write} }

var adviceTable = map[kpi.Cause]AdviceDoc{
	kpi.Opening: {
		Likely: TextDoc{"Few open: the subject, the sender or the time do not fit.", "開封が少ない: 件名・差出人・送る時刻が合っていません。"},
		Try: []TrialDoc{
			try("experiment { variant }", "Subjects that name a benefit or a number, against today's.", "メリットや数字を入れた件名を、今の件名と比べる。"),
			try("experiment { slot }", "Several weekdays and times of day.", "曜日と時刻をいくつか比べる。"),
			try("experiment { variant }", "A person as the sender, against the company.", "差出人を会社名から担当者名に変えて比べる。"),
		},
	},
	kpi.Clicking: {
		Likely: TextDoc{"They open and do not click: the body does not lead on.", "開封されてもクリックされない: 本文が次の行動につながっていません。"},
		Try: []TrialDoc{
			try("experiment { variant }", "One call to action at the top, against several.", "行動をうながすリンクをひとつに絞り、上に置いて比べる。"),
			try("experiment { variant }", "A shorter text; the price or a case in the first lines.", "短くした本文や、冒頭に価格・事例を置いた本文と比べる。"),
			try("segment", "What is sent to whom: by topic and interest.", "関心やテーマで送る相手を分ける。"),
		},
	},
	kpi.Converting: {
		Likely: TextDoc{"They come and do not act: the offer or the form does not fit.", "訪れても行動に至らない: オファーやフォームが合っていません。"},
		Try: []TrialDoc{
			try("experiment { variant }", "Another offer: a case study, a trial, a seminar, a consultation.", "オファーを変える（事例集、体験、セミナー、相談）。"),
			try("", "A form with fewer fields, and a page that repeats the words of the mail.", "フォームの項目を減らし、ページの言葉をメールとそろえる。"),
			try("branch", "The next offer by what they have read.", "読んだ内容に応じて次のオファーを分ける。"),
		},
	},
	kpi.Leaving: {
		Likely: TextDoc{"Many leave: too often, or not what they had asked for.", "解除が多い: 頻度が高いか、求めていない内容です。"},
		Try: []TrialDoc{
			try("contact_policy { cap }", "Fewer messages a week.", "週あたりの通数を減らす。"),
			try("segment", "A narrower segment; leave out who has not opened for 90 days.", "対象を絞り、90日開封のない人を外す。"),
			try("topic", "Topics, so that people may leave one and keep the others.", "topic を分け、テーマごとに解除できるようにする。"),
		},
	},
	kpi.Bouncing: {
		Likely: TextDoc{"Addresses are old or mistyped, or the sender is not trusted.", "アドレスが古いか誤っている、または差出人が信頼されていません。"},
		Try: []TrialDoc{
			try("", "Check the source that the bounced addresses came from; confirm new ones by mail.", "不達の多い入手元を調べ、新しいアドレスは確認メールで確かめる。"),
			try("channel { config }", "SPF, DKIM and DMARC of the sender's domain.", "送信ドメインの SPF・DKIM・DMARC を確認する。"),
		},
	},
	kpi.Replying: {
		Likely: TextDoc{"Few answer: the mail asks nothing that is easy to answer.", "返信が少ない: 答えやすい問いかけがありません。"},
		Try: []TrialDoc{
			try("experiment { variant }", "One question at the end, from a person.", "担当者の名前で、最後に質問をひとつ書く。"),
		},
	},
	kpi.HandingOver: {
		Likely: TextDoc{"Sales gets leads that are not ready, or do not fit.", "準備のできていない、または対象に合わないリードを渡しています。"},
		Try: []TrialDoc{
			try("toss_up { when }", "A higher threshold, or fit as well as interest; see what it would have done with nurture plan.", "しきい値を上げる、または興味に加えて属性も条件にする（nurture plan で影響を確認）。"),
			try("score", "Points for what winners did; the reasons of rejections tell which.", "受注した人の行動に点を付ける。差し戻しの理由が手がかりです。"),
			try("toss_up { hold }", "hold, so that a single visit does not hand over.", "hold を付け、一度の訪問では渡さない。"),
		},
	},
	kpi.Following: {
		Likely: TextDoc{"Sales does not answer in time: too many at once, or to the wrong desk.", "営業の返答が間に合わない: 一度に多すぎるか、担当が合っていません。"},
		Try: []TrialDoc{
			try("toss_up { capacity }", "A capacity by owner and business day, best first.", "担当者・営業日ごとの上限を設け、高いスコアから渡す。"),
			try("answer { within }", "A reminder before the time is over.", "期限前のリマインダー。"),
		},
	},
	kpi.ReachingFew: {
		Likely: TextDoc{"Few may be written to: consent or addresses are missing.", "送れる相手が少ない: 同意かアドレスが足りません。"},
		Try: []TrialDoc{
			try("", "Ask for consent where people already are: forms, bookings, the end of a seminar.", "フォーム・予約・セミナーの終わりなどで同意を求める。"),
			try("consent { expires }", "Renew consent before it runs out.", "同意が切れる前に更新を案内する。"),
		},
	},
	kpi.GettingFew: {
		Likely: TextDoc{"Few come: look at the sources one by one.", "訪れる人が少ない: 入手元ごとに見てください。"},
		Try: []TrialDoc{
			try("kpi { by = [\"source\"] }", "Move effort to the sources whose people become opportunities, not to those that bring the most.", "数の多い入手元ではなく、商談になる入手元に力を移す。"),
		},
	},
	kpi.WinningOften: {
		Likely: TextDoc{"Opportunities are not won: the offer, or what sales knows of the lead.", "商談が受注に至らない: 提案か、営業に渡す情報が足りません。"},
		Try: []TrialDoc{
			try("hand_over { reasons }", "More of what the lead has read in the packet for sales.", "リードが何を読んだかを、営業への情報に加える。"),
			try("workflow", "A workflow that goes on after the opportunity: cases of the same industry.", "商談後もつづくワークフロー（同じ業界の事例など）。"),
		},
	},
}
