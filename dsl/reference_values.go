package dsl

import (
	"slices"
	"strings"
)

// valueForm is how the values of some types are written.
type valueForm struct {
	types    []Type
	title    Doc
	doc      Doc
	examples []string
}

// valueForms cover every type of the table.
var valueForms = []valueForm{
	{
		[]Type{TypeText, TypeTexts},
		Doc{"text", "文字列"},
		Doc{"In double quotes. A list of texts stands in brackets.", "二重引用符で囲みます。リストは角かっこで囲みます。"},
		[]string{`"Interest"`, `["saas", "retail"]`},
	},
	{
		[]Type{TypeTemplate, TypeObject},
		Doc{"text with insertions", "差し込みのある文字列"},
		Doc{
			"A text into which `{{ }}` inserts what each lead gets. What may be empty needs a substitute with `??`. An object gives such texts names.",
			"`{{ }}` でリードごとの値を差し込む文字列です。空のことがある値には `??` で代わりを書きます。オブジェクトは、そうした文字列に名前を付けたものです。",
		},
		[]string{`"{{ lead.company ?? 'your company' }}: how others did it"`, `{ email = "{{ lead.email }}" }`},
	},
	{
		[]Type{TypeTemplateFile},
		Doc{"template", "テンプレート"},
		Doc{
			"A file below `templates/`, named from there: Markdown (`.md`) or HTML (`.html`).",
			"`templates/` の下のファイルを、そこからの名前で書きます。Markdown（`.md`）か HTML（`.html`）です。",
		},
		[]string{`"pricing/case_study.md"`},
	},
	{
		[]Type{TypeCondition, TypeConditions},
		Doc{"condition", "条件"},
		Doc{
			"A yes/no question in quotes, asked of a lead at run time: see [conditions](conditions.md). A list means all of these, and each line has its own verdict in `explain` and `test`.",
			"リードについての、はい・いいえで答えられる問いです（[条件](conditions.md)）。リストは「すべて満たす」の意味で、`explain` や `test` では1行ずつ結果が出ます。",
		},
		[]string{`"score.interest >= 70"`, `["score.interest >= 70", "not lead.unsubscribed"]`},
	},
	{
		[]Type{TypeAmount, TypeTextExpr, TypeValueExpr},
		Doc{"expression", "式"},
		Doc{
			"A number, or an expression in quotes that gives one (`points`); an expression that gives a text (`owner`), or a text or a number (`key`).",
			"数値、または数値になる式（`points`）、文字列になる式（`owner`）、どちらかになる式（`key`）を、引用符で囲んで書きます。",
		},
		[]string{`20`, `"lead.employees >= 1000 ? 30 : 10"`, `"lead.region == 'kansai' ? 'osaka' : 'tokyo'"`},
	},
	{
		[]Type{TypeAssign},
		Doc{"value or expression", "値か式"},
		Doc{
			"What `set` and `emit` write. Without quotes, the value itself. In quotes, by the kind of the attribute or field: for a text or a choice, a text with `{{ }}`; for a number, an expression that gives one; for a flag, a condition; for a time, a date or an expression.",
			"`set` と `emit` が書き込む値です。引用符がなければ値そのものです。引用符の中は、属性や項目の種類によります。text と choice は `{{ }}` を使える文面、number は数値になる式、flag は条件、time は日時か式です。",
		},
		[]string{`"{{ lead.region ?? 'kanto' }}"`, `"(lead.visits ?? 0) + 1"`, `true`, `"now"`},
	},
	{
		[]Type{TypeFormula},
		Doc{"formula", "計算式"},
		Doc{
			"An expression over figures, in quotes: `toss_up.NAME.` with `handed_over` (the same as `offered`), `accepted`, `rejected`, `expired`, `opportunities` (the same as `succeeded`) or `won`; `kpi.NAME.value`; `reachable('channel')`; const.",
			"指標についての式を、引用符で囲んで書きます。`toss_up.名前.` に続けて `handed_over`（`offered` も同じ）、`accepted`、`rejected`、`expired`、`opportunities`（`succeeded` も同じ）、`won`。ほかに `kpi.名前.value`、`reachable('チャネル')`、const が使えます。",
		},
		[]string{`"toss_up.hot_lead.succeeded / toss_up.hot_lead.handed_over"`, `"reachable('mail')"`},
	},
	{
		[]Type{TypeStepDown},
		Doc{"step", "減点"},
		Doc{"Points, and the time without a payment in which they are taken away once.", "点数と、加点のないあいだにそれを一度引くまでの期間です。"},
		[]string{`"10 per 30d"`},
	},
	{
		[]Type{TypeDecide},
		Doc{"decision", "判定"},
		Doc{"How many messages of each arm must be judged, and how sure it must be: more than 50 and less than 100 percent.", "それぞれ何通の結果が必要か、どこまで確かめるか（50%より大きく100%未満）です。"},
		[]string{`"after 400 sends each, 95% sure"`},
	},
	{
		[]Type{TypeGuards},
		Doc{"guards", "打ち切りの条件"},
		Doc{"Events with the share of an arm's messages that they may follow at most.", "イベントと、案のメッセージのうちそれが続いてよい割合です。"},
		[]string{`["unsubscribed > 1%", "email_complained > 0.1%"]`},
	},
	{
		[]Type{TypeNumber, TypeWhole, TypeCount, TypePercent, TypeRange},
		Doc{"number", "数値"},
		Doc{
			"Digits with a point for decimals. A count is whole and above 0; a percent lies from 0 to 100; a range has two numbers, the lower first.",
			"小数点を使えます。件数は1以上の整数、割合は0から100まで、範囲は小さい順に2つの数値です。",
		},
		[]string{`0.05`, `3`, `10`, `[0, 100]`},
	},
	{
		[]Type{TypeFlag},
		Doc{"flag", "フラグ"},
		Doc{"true or false, without quotes.", "true か false を、引用符なしで書きます。"},
		[]string{`true`, `false`},
	},
	{
		[]Type{TypeChoice, TypeChoices},
		Doc{"choice", "選択"},
		Doc{"One of a few words in quotes, or a list of them.", "決まった語のどれか（またはそのリスト）を引用符で囲みます。"},
		[]string{`"postpone"`, `["workflow", "channel"]`},
	},
	{
		[]Type{TypeRef, TypeRefs},
		Doc{"reference", "参照"},
		Doc{
			"What is declared elsewhere, bare: kind, dot, name. Where several may stand, a list.",
			"別の場所で宣言したものを、引用符なしで「種類.名前」と書きます。いくつも書けるところではリストにします。",
		},
		[]string{`event.pricing_viewed`, `[event.email_clicked, event.email_replied]`},
	},
	{
		[]Type{TypeSpan, TypeLength, TypeCooldown},
		Doc{"length of time", "期間"},
		Doc{
			"A whole number with `s`, `m` (minutes), `h`, `d` or `w`. `wait`, `at_most` of a wait, `answer` and `capacity` also take business days and business hours, counted by the project's calendar (with work until 18:00, `\"2 business hours\"` after Friday 17:00 end on Monday); `cooldown` also takes `\"never again\"`. There are no months.",
			"整数に `s`（秒）、`m`（分）、`h`（時間）、`d`（日）、`w`（週）を付けます。`wait`、その `at_most`、`answer`、`capacity` では営業日（business days）と営業時間（business hours）も書け、プロジェクトのカレンダーで数えます（18:00終業なら、金曜17:00の `\"2 business hours\"` 後は月曜です）。`cooldown` には `\"never again\"` も書けます。月はありません。",
		},
		[]string{`"30m"`, `"4h"`, `"14d"`, `"2 business days"`, `"4 business hours"`},
	},
	{
		[]Type{TypeTime, TypeDates, TypePeriod},
		Doc{"date", "日付"},
		Doc{
			"Year first. Times of day are those of the project's zone. A list of days off may hold `\"japan\"` for the public holidays of Japan.",
			"年-月-日の順に書きます。時刻はプロジェクトのタイムゾーンです。休日のリストには、日本の祝日を表す `\"japan\"` を書けます。",
		},
		[]string{`"2026-10-05 09:00"`, `["japan", "2026-12-29"]`, `"2026-10-01 to 2026-12-31"`},
	},
	{
		[]Type{TypeSchedule},
		Doc{"schedule", "スケジュール"},
		Doc{
			"Five fields: minute, hour, day of the month, month, weekday (0 is Sunday). `*` is any; `2#1` is the first Tuesday, `5L` the last Friday, `L` as a day the last of the month. Or one date with a time, once.",
			"「分 時 日 月 曜日」の5項目です（曜日の0は日曜）。`*` はすべて、`2#1` は第1火曜、`5L` は最終金曜、日の `L` は月末です。一度きりの日時も書けます。",
		},
		[]string{`"0 9 * * 1"`, `"0 8 * * 2#1"`, `"0 9 L * *"`, `"2026-10-01 09:00"`},
	},
	{
		[]Type{TypeSlot},
		Doc{"slot", "曜日と時刻"},
		Doc{"Weekdays and a time of day in the lead's zone; without weekdays, every day.", "曜日と時刻です（リードのタイムゾーン）。曜日を省略すると毎日です。"},
		[]string{`"tue 09:30"`, `"tue-thu 12:10"`},
	},
	{
		[]Type{TypeHours, TypeWindow},
		Doc{"hours", "時間帯"},
		Doc{
			"From and to, and it may pass midnight. `send` and `until` take weekdays in front.",
			"始まりと終わりを書き、日をまたいでもかまいません。`send` と `until` では、前に曜日を書きます。",
		},
		[]string{`"19:00-08:30"`, `"tue-thu 09:30-11:30"`},
	},
	{
		[]Type{TypeWeekdays, TypeQuietDays},
		Doc{"weekdays", "曜日"},
		Doc{"A list of mon tue wed thu fri sat sun; quiet days also take `\"holiday\"`.", "mon tue wed thu fri sat sun のリストです。送らない日には `\"holiday\"` も書けます。"},
		[]string{`["mon", "fri"]`, `["sat", "sun", "holiday"]`},
	},
	{
		[]Type{TypePerDay, TypeRate, TypeRetry},
		Doc{"frequency", "頻度"},
		Doc{
			"How often on one calendar day of the lead; how fast a channel is asked (per second, minute, hour or day); how often and over which time a failed attempt is repeated.",
			"リードの暦日1日の回数、チャネルに頼む速さ（秒・分・時・日あたり）、失敗したときに繰り返す回数と期間です。",
		},
		[]string{`"2 per day"`, `"20 per second"`, `"5 times over 24h"`},
	},
	{
		[]Type{TypeZone},
		Doc{"time zone", "タイムゾーン"},
		Doc{"A name of the IANA database.", "IANA の名前で書きます。"},
		[]string{`"Asia/Tokyo"`, `"America/Sao_Paulo"`},
	},
	{
		[]Type{TypeAny},
		Doc{"value", "値"},
		Doc{"A text, number or flag, as the kind of the attribute asks.", "属性の種類に合う文字列、数値、フラグを書きます。"},
		[]string{`"saas"`, `0`, `false`},
	},
}

// formOf is how values of the type are written. Every type has one.
func formOf(t Type) valueForm {
	i := slices.IndexFunc(valueForms, func(f valueForm) bool { return slices.Contains(f.types, t) })
	if i < 0 {
		return valueForm{title: typeNames[t]}
	}
	return valueForms[i]
}

// functionsOfHCL run once when a file is read.
var functionsOfHCL = []struct {
	usage string
	doc   Doc
}{
	{`env("NAME")`, Doc{"the value of an environment variable", "環境変数の値"}},
	{`secret("NAME")`, Doc{
		"the same, and never printed, logged, planned or explained; only in the config of a channel",
		"同じく環境変数の値。表示も記録もされません。チャネルの config でだけ使えます",
	}},
	{`file("NAME")`, Doc{"the text of a file inside the workspace", "ワークスペースの中のファイルの内容"}},
	{`const.NAME`, Doc{"a value that is declared in const { }", "const { } で宣言した値"}},
}

// valuesPage tells how each kind of value is written.
func (m *manual) valuesPage() {
	s := m.page("values.md", m.say("Values", "値の書き方"), m.say(
		"How the values of attributes are written. Names are bare, conditions and texts are quoted.",
		"項目の値の書き方です。名前はそのまま、条件や文面は引用符で囲みます。",
	))
	for _, f := range valueForms {
		var examples []string
		for _, e := range f.examples {
			examples = append(examples, tick(e))
		}
		s.topic(Topic{
			Kind: "value", Name: f.title.In(m.language), Title: f.title.In(m.language), level: 2,
			Text: f.doc.In(m.language) + "\n\n" + m.say("Examples: ", "例: ") + strings.Join(examples, m.say(", ", "、")),
		})
	}
	s.heading(2, m.say("Values from elsewhere", "ほかから読む値"))
	var rows [][]string
	for _, f := range functionsOfHCL {
		rows = append(rows, []string{tick(f.usage), f.doc.In(m.language)})
	}
	s.paragraph(table([]string{m.say("written", "書き方"), m.say("gives", "値")}, rows))
	m.done(s)
}
