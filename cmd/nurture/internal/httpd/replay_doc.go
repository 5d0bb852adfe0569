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
	say("%s, up to %s, in %.1f s", "イベント %s、%s まで、所要 %.1f 秒", amount(lang, d.Events, "event", "件"), d.To.Format("2006-01-02 15:04"), d.Seconds)
	if d.From != nil {
		say("What was done from %s on counts", "%s 以降の引き渡しと成果を集計", d.From.Format("2006-01-02 15:04"))
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
	say("\n%s: %s, %s, %s", "\n%s: リード %s、メッセージ %s、ステージ移動 %s",
		s.Name, amount(lang, s.Leads, "lead", "人"), amount(lang, s.Messages, "message", "通"), amount(lang, s.Moves, "stage move", "件"))
	for i := range s.TossUps {
		v := &s.TossUps[i]
		say("  toss_up.%s: %s handed over (%s)", "  toss_up.%s: 引き渡し %s（%s）", v.Name, amount(lang, v.Leads, "lead", "人"), amount(lang, v.HandedOver, "hand-over", "回"))
		if v.Outcome == "" {
			say("    no outcome to judge by: name one with --outcome event.NAME", "    成果のイベントがないため評価できません。--outcome event.NAME で指定してください")
			continue
		}
		fresh := ""
		if open := v.Leads - v.Judged; open > 0 {
			fresh = fmt.Sprintf(pick(lang, "; %s too fresh for a rate: the time is not over", "。まだ期間が終わらない %sは率に入れていません"), amount(lang, open, "lead", "人"))
		}
		say("    outcome event.%s: %s had it; %s of those handed over had it in time%s", "    成果 event.%s: 出たのは %s、引き渡した後の期間内に出たのは %s%s",
			v.Outcome, amount(lang, v.Outcomes, "lead", "人"), pick(lang, thousands(v.Won), amount(lang, v.Won, "", "人")), fresh)
		if v.Precision != nil {
			interval := ""
			if v.Interval != nil {
				interval = fmt.Sprintf(" (95 %%: %s–%s)", share(&v.Interval.Low), share(&v.Interval.High))
			}
			say("    precision %s%s: of those handed over, had the outcome", "    的中率 %s%s: 引き渡したうち成果が出た割合", share(v.Precision), interval)
		}
		if v.Recall != nil {
			say("    recall %s: of those with the outcome, had been handed over before it", "    捕捉率 %s: 成果が出たうち先に引き渡していた割合", share(v.Recall))
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

// UnknownText tells what a replay took for granted, "" for nothing.
func UnknownText(u *history.Unknown, lang string) string {
	var b strings.Builder
	writeUnknown(&b, u, lang)
	return b.String()
}

// writeUnknown tells what the replay took for granted.
func writeUnknown(b *strings.Builder, u *history.Unknown, lang string) {
	say := func(en, ja string, args ...any) { fmt.Fprintf(b, "  ? "+pick(lang, en, ja)+"\n", args...) }
	if u.Messages > 0 {
		say("never sent: %s that these rules send. What people would have done with them nobody knows; here they do nothing",
			"このルールが送るメッセージのうち %sは、実際には送られていません。受け手の反応は分からないため、反応しなかったものとしています", amount(lang, u.Messages, "message", "通"))
	}
	if u.Answers > 0 {
		say("left out: %s (opens, clicks, replies) to messages that these rules do not send, or send later",
			"記録された開封・クリック・返信のうち %sは、このルールでは送らない（または、より遅く送る）メッセージへの反応のため、数えていません", amount(lang, u.Answers, "answer", "件"))
	}
	if u.Offers > 0 {
		say("never made: %s. Whether sales would have taken them, or won them sooner, nobody knows; an outcome counts where it came anyway",
			"このルールの引き渡しのうち %sは、実際には行われていません。営業が受けたか、早く受注できたかは分かりません。成果は、引き渡さなくても出たものだけを数えています", amount(lang, u.Offers, "hand-over", "件"))
	}
	if u.Apart > 0 {
		say("run alone: %s that share a desk or an account with too many others, as if each had it to itself",
			"%sは担当枠・取引先を共有する相手が多すぎるため、枠を独り占めできるものとして計算しました", amount(lang, u.Apart, "lead", "人"))
	}
	if !u.Recorded {
		say("a file of events does not tell what was sent: every message counts as accepted, every recorded answer as given",
			"イベントのファイルからは送信の実績が分かりません。メッセージはすべて送信でき、記録された反応はすべてあったものとしています")
	}
}

// amount is a number with its unit: "1 lead", "2 leads", "2 人".
func amount(lang string, n int, one, counter string) string {
	switch {
	case lang == "ja":
		return thousands(n) + " " + counter
	case n == 1:
		return "1 " + one
	}
	return thousands(n) + " " + one + "s"
}

func writeDifference(b *strings.Builder, d *DifferenceDoc, lang string) {
	say := func(en, ja string, args ...any) { fmt.Fprintf(b, pick(lang, en, ja)+"\n", args...) }
	say("\ntoss_up.%s: %s by both (%s earlier, %s later), %s gained (%s with the outcome), %s lost (%s with the outcome)",
		"\ntoss_up.%s: 両方で引き渡す %s 人（早まる %s、遅れる %s）、新たに引き渡す %s 人（うち成果 %s）、引き渡さなくなる %s 人（うち成果 %s）",
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
