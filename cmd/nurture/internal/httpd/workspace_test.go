package httpd

import (
	"fmt"
	"time"

	"github.com/seed-456efde2/nurture/engine"
	"github.com/seed-456efde2/nurture/engine/calendar"
	"github.com/seed-456efde2/nurture/engine/enginetest"
)

func key(kind engine.KeyKind, name string) engine.Key { return engine.Key{Kind: kind, Name: name} }

func atLeast(k engine.Key, n float64) engine.Cond {
	return enginetest.When(fmt.Sprintf("%s >= %v", k, n), func(facts map[string]any) bool {
		v, ok := facts[k.String()].(float64)
		return ok && v >= n
	}, k)[0]
}

func isText(k engine.Key, text string) engine.Cond {
	return enginetest.When(fmt.Sprintf("%s == '%s'", k, text), func(facts map[string]any) bool { return facts[k.String()] == text }, k)[0]
}

// workspace is a demo of a Japanese B2B company: a document is requested, thanks
// and a case study are mailed, the hot ones are handed over.
func workspace() *engine.Spec {
	tokyo, err := calendar.ParseZone("Asia/Tokyo")
	if err != nil {
		panic(err)
	}
	japan := &calendar.Calendar{Name: "japan", Workdays: 0b0111110, Open: 9 * 60, Close: 18 * 60, Japan: true}
	interest := key(engine.KeyScore, "interest")
	mail := func(name string, next int) engine.StepSpec {
		return engine.StepSpec{
			Name: name, Kind: engine.SendStep, Next: next,
			Send: &engine.SendSpec{Channel: "mail", Kind: "email", Lane: engine.LaneNurture, Policy: "default", Content: enginetest.Parts(name)},
		}
	}
	wait := func(name string, next int, length time.Duration) engine.StepSpec {
		return engine.StepSpec{Name: name, Kind: engine.WaitStep, Next: next, Wait: &engine.WaitSpec{For: calendar.Length{Span: length}}}
	}
	return &engine.Spec{
		Name: "acme", Zone: tokyo, Language: "ja", Calendar: japan, KeyAttr: "email",
		Attrs: []engine.AttrSpec{
			{Name: "email", Kind: engine.Text, Label: "メール"},
			{Name: "company", Kind: engine.Text, Label: "会社名"},
			{Name: "last_name", Kind: engine.Text, Label: "姓"},
			{Name: "employees", Kind: engine.Number, Label: "従業員数"},
			{Name: "industry", Kind: engine.Text, Label: "業種"},
		},
		Events: []engine.EventSpec{
			{Name: "document_requested", Label: "資料請求", Fields: []engine.AttrSpec{{Name: "asset", Kind: engine.Text}}},
			{Name: "page_viewed", Label: "ページ閲覧", Fields: []engine.AttrSpec{{Name: "path", Kind: engine.Text}}},
			{Name: "pricing_viewed", Label: "料金ページ閲覧", From: "page_viewed", When: []engine.Cond{isText(key(engine.KeyEvent, "path"), "/pricing")}},
			{Name: "consent_given", Label: "同意"},
			{Name: "email_clicked", Label: "クリック"},
			{Name: "inquiry", Label: "問い合わせ"},
		},
		Consents: []engine.ConsentSpec{{Name: "marketing", Label: "メール配信", Granted: "consent_given"}},
		Scores: []engine.ScoreSpec{
			{Name: "fit", Label: "適合度", Range: true, Max: 50, Rules: []engine.ScoreRule{{Name: "size", When: []engine.Cond{atLeast(key(engine.KeyLead, "employees"), 100)}, Points: 30}}},
			{Name: "interest", Label: "興味度", HalfLife: 14 * engine.Day, Range: true, Max: 100, Rules: []engine.ScoreRule{
				{Name: "document", On: "document_requested", Points: 20},
				{Name: "pricing", On: "pricing_viewed", Points: 15, PerDay: 3},
				{Name: "click", On: "email_clicked", Points: 8},
				{Name: "inquiry", On: "inquiry", Points: 60},
			}},
		},
		Segments: []engine.SegmentSpec{{Name: "target_account", Label: "ターゲット企業", When: []engine.Cond{atLeast(key(engine.KeyLead, "employees"), 100)}}},
		Stages: []engine.StageSpec{
			{Name: "lead", Label: "見込み客"},
			{Name: "mql", Label: "MQL", Enter: []engine.Cond{atLeast(interest, 40)}},
			{Name: "sal", Label: "営業対応中"},
			{Name: "opportunity", Label: "商談"},
			{Name: "customer", Label: "顧客"},
		},
		TossUps: []engine.TossUpSpec{{
			Name: "hot_lead", Label: "営業トスアップ", From: "mql", To: "sal", Cooldown: 90 * engine.Day,
			When:     []engine.Cond{isText(key(engine.KeyLead, "industry"), "saas"), atLeast(interest, 70)},
			HandOver: &engine.HandOverSpec{Channel: "sales", Kind: "webhook", Content: enginetest.Parts("hot"), Reasons: true},
		}},
		Policies: []engine.PolicySpec{{Name: "default", Requires: "marketing", Quiet: &calendar.Quiet{From: 19 * 60, To: 8*60 + 30}}},
		Channels: []engine.ChannelSpec{
			{Name: "mail", Plugin: "email", Reach: engine.ReachLead}, {Name: "sales", Plugin: "webhook", Reach: engine.ReachStaff, Keyed: true},
		},
		Flows: []engine.FlowSpec{{
			Name: "document_nurture", Label: "資料請求ナーチャリング", Owner: "marketing", Enter: engine.EnterSpec{On: "document_requested"},
			Exits: []engine.ExitSpec{{Name: "handed_over", TossUp: "hot_lead"}},
			Steps: []engine.StepSpec{
				mail("thanks", 1), wait("let_them_read", 2, 24*time.Hour),
				{Name: "interested", Kind: engine.BranchStep, Branch: &engine.BranchSpec{
					Cases: []engine.CaseSpec{
						{Name: "very", First: 3, When: []engine.Cond{atLeast(interest, 45)}},
						{Name: "a little", First: 4, When: []engine.Cond{atLeast(interest, 30)}},
					}, Otherwise: 5,
				}},
				mail("case_study", 6), mail("short_version", 6), wait("quiet", 7, 14*24*time.Hour),
				wait("digest", 8, 7*24*time.Hour),
				{Name: "no_interest", Kind: engine.ExitStep},
				mail("seminar", engine.EndOfFlow),
			},
		}},
		KPIs: []engine.KPISpec{
			{Name: "documents", Label: "資料請求数", Count: "document_requested", Over: 30 * engine.Day, Target: 10},
			{Name: "click_rate", Label: "クリック率", Rate: "email_clicked", Of: "email_sent", Within: engine.Day, Over: 30 * engine.Day, Target: 0.2},
		},
	}
}
