package dsl

func rolloutBlock() *Block {
	return &Block{
		Name: "rollout", Most: 1, Later: LaterServed,
		Doc:      Doc{"How a changed file goes live.", "変更したファイルを本番にする手順。"},
		Meantime: Doc{"a changed file that loads goes live at once", "読み込めた変更は、すぐに本番になります"},
		Attrs: []*Attr{
			{Name: "shadow", Type: TypeSpan, Example: `"1h"`, Doc: Doc{"Decides beside the running revision and sends nothing.", "今の版と並行して判定だけ行い、何も送らない時間。"}},
			{Name: "canary", Type: TypePercent, Doc: Doc{"Then this percent of new entrants.", "そのあと、新しく入るリードのうち試す割合（%）。"}},
			{Name: "bake", Type: TypeSpan, Example: `"1d"`, Doc: Doc{"For this long.", "試す期間。"}},
			{Name: "roll_back_if", Type: TypeConditions, Example: `["kpi.unsubscribe_rate.value > 0.01"]`, Doc: Doc{"What takes it back.", "元に戻す条件。"}},
		},
		Example: "rollout {\n  shadow = \"1h\"\n  canary = 10\n  bake   = \"1d\"\n}",
	}
}
