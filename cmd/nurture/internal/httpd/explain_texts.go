package httpd

// whyWords are the texts of the panel that tells why.
var whyWords = map[string]word{
	"why":          {"なぜ・なぜまだ", "Why, and why not"},
	"why_about":    {"何について", "About"},
	"why_whole":    {"リード全体", "the lead as a whole"},
	"why_at":       {"いつの時点（空欄は現在）", "At (empty: now)"},
	"why_show":     {"調べる", "Show"},
	"why_on":       {"判定した出来事：", "judged on"},
	"why_log":      {"これまでの判断", "What was decided"},
	"why_expired":  {"理由は保存期間が過ぎたため残っていません。条件は事実から計算し直したものです。", "The reasons are not kept any more; the conditions were worked out again from the facts."},
	"why_failed":   {"いまは説明できません。", "This cannot be explained at the moment."},
	"why_channels": {"チャネル", "Channels"},
	"why_scores":   {"スコア", "Scores"},
}
