package httpd

import (
	"fmt"
	"strings"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/history"
)

// ReplayDoc is history run against one or two sets of rules.
type ReplayDoc struct {
	Events      int                   `json:"events" doc:"Recorded events that were run."`
	From        *time.Time            `json:"from,omitempty" doc:"What was done before it is not counted."`
	To          *time.Time            `json:"to,omitempty" doc:"End of the record."`
	Seconds     float64               `json:"seconds"`
	Rules       []history.SetReplayed `json:"rules" doc:"With two sets of rules, those compared with come first."`
	Differences []DifferenceDoc       `json:"differences,omitempty"`
}

// DifferenceDoc tells whom the second rules hand over and the first do not, and the
// other way about.
type DifferenceDoc struct {
	TossUp  string       `json:"tossUp"`
	Both    int          `json:"both"`
	Earlier int          `json:"earlier" doc:"Of both: handed over earlier by the second rules."`
	Later   int          `json:"later"`
	Gained  int          `json:"gained" doc:"Handed over by the second rules only."`
	GainWon int          `json:"gainedWithOutcome"`
	Lost    int          `json:"lost" doc:"Handed over by the first rules only."`
	LostWon int          `json:"lostWithOutcome"`
	Leads   []DiffersDoc `json:"leads" doc:"Whom it concerns, in order of time."`
}

// DiffersDoc is one lead that two sets of rules treat differently.
type DiffersDoc struct {
	Lead    string     `json:"lead"`
	Change  string     `json:"change" enum:"gained,lost"`
	At      *time.Time `json:"at"`
	Outcome *time.Time `json:"outcome,omitempty" doc:"When its outcome came, after that."`
}

// NewReplayDoc makes of a replay what is told of it.
func NewReplayDoc(r *history.Replayed, zone *time.Location) *ReplayDoc {
	if zone == nil {
		zone = time.UTC
	}
	local := func(t engine.Time) *time.Time {
		if t == 0 {
			return nil
		}
		at := t.In(zone)
		return &at
	}
	doc := &ReplayDoc{Events: r.Events, From: local(r.From), To: local(r.To), Rules: r.Sets}
	for i := range r.Differences {
		d := &r.Differences[i]
		out := DifferenceDoc{TossUp: d.TossUp, Both: d.Both, Earlier: d.Earlier, Later: d.Later, Gained: len(d.Gained), Lost: len(d.Lost), Leads: []DiffersDoc{}}
		for _, l := range d.Gained {
			if l.Outcome != 0 {
				out.GainWon++
			}
			out.Leads = append(out.Leads, DiffersDoc{l.Lead, "gained", local(l.At), local(l.Outcome)})
		}
		for _, l := range d.Lost {
			if l.Outcome != 0 {
				out.LostWon++
			}
			out.Leads = append(out.Leads, DiffersDoc{l.Lead, "lost", local(l.At), local(l.Outcome)})
		}
		doc.Differences = append(doc.Differences, out)
	}
	return doc
}

// Cut keeps at most n leads of each difference, half of them gained where there are
// as many; 0 keeps all.
func (d *ReplayDoc) Cut(n int) {
	if n <= 0 {
		return
	}
	for i := range d.Differences {
		x := &d.Differences[i]
		gained, lost := x.Gained, x.Lost
		if gained+lost <= n {
			continue
		}
		lost = min(lost, max(n/2, n-gained))
		gained = min(gained, n-lost)
		leads := append([]DiffersDoc{}, x.Leads[:gained]...)
		x.Leads = append(leads, x.Leads[x.Gained:x.Gained+lost]...)
	}
}

// ReplayText tells a replay in words.
func ReplayText(d *ReplayDoc, lang string) string {
	var b strings.Builder
	say := func(en, ja string, args ...any) { fmt.Fprintf(&b, pick(lang, en, ja)+"\n", args...) }
	say("%s events, up to %s, in %.1f s", "イベント %s 件、%s まで、所要 %.1f 秒", thousands(d.Events), d.To.Format("2006-01-02 15:04"), d.Seconds)
	if d.From != nil {
		say("Counted from %s on", "%s 以降を集計", d.From.Format("2006-01-02 15:04"))
	}
	for i := range d.Rules {
		writeSet(&b, &d.Rules[i], lang)
	}
	for i := range d.Differences {
		writeDifference(&b, &d.Differences[i], lang)
	}
	return b.String()
}

func writeSet(b *strings.Builder, s *history.SetReplayed, lang string) {
	say := func(en, ja string, args ...any) { fmt.Fprintf(b, pick(lang, en, ja)+"\n", args...) }
	say("\n%s: %s leads, %s messages, %s stage moves", "\n%s: リード %s 人、メッセージ %s 通、ステージ移動 %s 件",
		s.Name, thousands(s.Leads), thousands(s.Messages), thousands(s.Moves))
	for i := range s.TossUps {
		v := &s.TossUps[i]
		say("  toss_up.%s  %s leads handed over (%s hand-overs)", "  toss_up.%s  引き渡し %s 人（%s 回）", v.Name, thousands(v.Leads), thousands(v.HandedOver))
		if v.Outcome == "" {
			say("    no outcome to judge by: name one with --outcome event.NAME", "    成果のイベントがないため評価できません。--outcome event.NAME で指定してください")
			continue
		}
		say("    outcome event.%s  %s of %s judged, %s leads had it", "    成果 event.%s  評価対象 %[3]s 人中 %[2]s 人、成果のあったリード %[4]s 人",
			v.Outcome, thousands(v.Won), thousands(v.Judged), thousands(v.Outcomes))
		if v.Precision != nil {
			interval := ""
			if v.Interval != nil {
				interval = fmt.Sprintf(" (95 %%: %s–%s)", share(&v.Interval.Low), share(&v.Interval.High))
			}
			say("    precision %s%s   recall %s", "    適合率 %s%s   再現率 %s", share(v.Precision), interval, share(v.Recall))
		}
		if v.MedianDays != nil {
			say("    lead time: median %.1f days, 90 %% within %.1f days", "    成果までの日数: 中央値 %.1f 日、90%% は %.1f 日以内", *v.MedianDays, *v.P90Days)
		}
		if v.Target > 0 && v.Precision != nil && *v.Precision < v.Target {
			say("    below target %s ⚠", "    目標 %s を下回る ⚠", share(&v.Target))
		}
	}
	writeUnknown(b, &s.Unknown, lang)
}

// writeUnknown tells what the replay took for granted.
func writeUnknown(b *strings.Builder, u *history.Unknown, lang string) {
	say := func(en, ja string, args ...any) { fmt.Fprintf(b, "  ? "+pick(lang, en, ja)+"\n", args...) }
	if u.Messages > 0 {
		say("messages that were never sent: %s; what people would have done with them is not known, so they do nothing", "%s 通は実際には送られていません。受け手がどうしたかは分からないため、何もしなかったものとしています", thousands(u.Messages))
	}
	if u.Answers > 0 {
		say("recorded opens, clicks and replies to messages that these rules do not send, left out: %s", "記録された開封・クリック・返信のうち %s 件は、このルールでは送らないメッセージへの反応のため除きました", thousands(u.Answers))
	}
	if u.Offers > 0 {
		say("hand-overs that were never made: %s; whether sales would have taken them, or won them sooner, is not known", "%s 件の引き渡しは実際には行われていません。営業が受けたか、早く受注できたかは分かりません", thousands(u.Offers))
	}
	if u.Apart > 0 {
		say("leads that share a desk or an account with too many others, run each alone: %s", "%s 人は担当枠・取引先を共有する相手が多すぎるため、単独で計算しました", thousands(u.Apart))
	}
	if !u.Recorded {
		say("a file of events does not tell what was sent: every message counts as accepted", "イベントのファイルからは送信の実績が分からないため、すべて送信できたものとしています")
	}
}

func writeDifference(b *strings.Builder, d *DifferenceDoc, lang string) {
	say := func(en, ja string, args ...any) { fmt.Fprintf(b, pick(lang, en, ja)+"\n", args...) }
	say("\ntoss_up.%s: %s in both (%s earlier, %s later), %s gained (%s with outcome), %s lost (%s with outcome)",
		"\ntoss_up.%s: 両方 %s 人（早まる %s、遅れる %s）、新たに %s 人（うち成果 %s）、なくなる %s 人（うち成果 %s）",
		d.TossUp, thousands(d.Both), thousands(d.Earlier), thousands(d.Later), thousands(d.Gained), thousands(d.GainWon), thousands(d.Lost), thousands(d.LostWon))
	for _, l := range d.Leads {
		sign := "+"
		if l.Change == "lost" {
			sign = "-"
		}
		outcome := ""
		if l.Outcome != nil {
			outcome = pick(lang, "  outcome ", "  成果 ") + l.Outcome.Format("2006-01-02")
		}
		fmt.Fprintf(b, "  %s %s  %s%s\n", sign, l.At.Format("2006-01-02 15:04"), l.Lead, outcome)
	}
	if more := d.Gained + d.Lost - len(d.Leads); more > 0 {
		say("  … %s more (--leads 0 lists all)", "  … ほか %s 人（--leads 0 で全件）", thousands(more))
	}
}

// pick is the text of a language.
func pick(lang, en, ja string) string {
	if lang == "ja" {
		return ja
	}
	return en
}

// share is a rate as people read it.
func share(rate *float64) string {
	if rate == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**rate)
}

// thousands is a number as people read it: 48,210.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
