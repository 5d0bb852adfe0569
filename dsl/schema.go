package dsl

import "slices"

// Doc is a sentence in both languages.
type Doc struct{ En, Ja string }

// In is the sentence in the language "ja", or in English.
func (d Doc) In(language string) string {
	if language == "ja" {
		return d.Ja
	}
	return d.En
}

// Block is a row of the language's table: one kind of block. The loader reads
// by this table and by nothing else; the reference, completion and the JSON
// schema come from it too.
type Block struct {
	Name     string
	Doc      Doc
	Label    Label
	Space    string // blocks of one Space within one parent share their names; "" is the block's own
	Least    int    // how often it must stand in its parent
	Most     int    // how often it may; 0: any number
	Attrs    []*Attr
	Blocks   []*Block
	Open     bool // attributes follow from elsewhere: an event's fields, a const
	Foreign  bool // what may stand in it is what the channel's plugin describes
	OpenType Type // of the attributes of an Open block; 0: TypeAny
	Example  string
}

// Label says what stands between a block's type and its brace.
type Label uint8

// The kinds of label.
const (
	NoLabel Label = iota
	NameLabel
	TitleLabel
)

// Attr is a row of the table: one attribute of a block, of a plugin's config or
// of a plugin's step.
type Attr struct {
	Name      string
	Type      Type
	Doc       Doc
	Required  bool
	Default   string   // as it would be written; "" for none
	Of        []string // the choices of TypeChoice and TypeChoices
	Refs      []string // what a TypeRef or TypeRefs may name: "event", "stage", …
	Sensitive bool     // a secret: never printed, logged, planned or explained
	Example   string
}

// Type is the form of an attribute's value.
type Type uint8

// The types of attributes.
const (
	TypeText         Type = iota + 1 // plain text
	TypeTexts                        // list of plain texts
	TypeTemplate                     // text with {{ }}
	TypeCondition                    // one yes/no question
	TypeConditions                   // one, or a list: all of these
	TypeAmount                       // a number, or an expression that gives one
	TypeTextExpr                     // expression that gives a text
	TypeValueExpr                    // expression that gives a text or a number
	TypeFormula                      // expression that gives a figure
	TypeAssign                       // plain value, or an expression or text in quotes: see set
	TypeNumber                       // any number
	TypeWhole                        // whole number
	TypeCount                        // whole number above 0
	TypePercent                      // 0 to 100
	TypeFlag                         // true or false
	TypeChoice                       // one word of Of
	TypeChoices                      // list of words of Of
	TypeRange                        // [from, to]
	TypeSpan                         // length of time without business days
	TypeLength                       // length of time
	TypeCooldown                     // TypeSpan or "never again"
	TypeRef                          // reference
	TypeRefs                         // reference, or list of references
	TypeTime                         // date with time of day
	TypeDates                        // list of dates, "japan" for its public holidays
	TypePeriod                       // "2026-10-01 to 2026-12-31"
	TypeSchedule                     // five fields of cron, or one date with a time
	TypeSlot                         // weekday and time of day
	TypeStepDown                     // "10 per 30d"
	TypeDecide                       // "after 400 sends each, 95% sure"
	TypeGuards                       // list of "unsubscribed > 1%"
	TypeHours                        // "09:00-18:00"
	TypeWindow                       // "tue-thu 09:30-11:30"
	TypeWeekdays                     // list of weekdays
	TypeQuietDays                    // list of weekdays and "holiday"
	TypePerDay                       // "2 per day"
	TypeRate                         // "20 per second"
	TypeRetry                        // "5 times over 24h"
	TypeZone                         // time zone
	TypeTemplateFile                 // file under templates/
	TypeObject                       // { name = "text with {{ }}", … } or one text
	TypeAny                          // anything
)

// typeNames are the types as a person reads them.
var typeNames = map[Type]Doc{
	TypeText:         {"a text in quotes", "引用符で囲んだ文字列"},
	TypeTexts:        {"a list of texts", "文字列のリスト"},
	TypeTemplate:     {"a text in quotes", "引用符で囲んだ文字列"},
	TypeCondition:    {"a condition in quotes", "引用符で囲んだ条件"},
	TypeConditions:   {"a condition in quotes, or a list of them", "引用符で囲んだ条件、またはそのリスト"},
	TypeAmount:       {"a number, or an expression in quotes", "数値、または引用符で囲んだ式"},
	TypeTextExpr:     {"an expression in quotes", "引用符で囲んだ式"},
	TypeValueExpr:    {"an expression in quotes", "引用符で囲んだ式"},
	TypeFormula:      {"a formula in quotes", "引用符で囲んだ計算式"},
	TypeAssign:       {"a value, or an expression in quotes", "値、または引用符で囲んだ式"},
	TypeNumber:       {"a number", "数値"},
	TypeWhole:        {"a whole number", "整数"},
	TypeCount:        {"a whole number above 0", "1以上の整数"},
	TypePercent:      {"a number from 0 to 100", "0から100までの数値"},
	TypeFlag:         {"true or false", "true または false"},
	TypeChoice:       {"one of a few words in quotes", "引用符で囲んだ選択肢のひとつ"},
	TypeChoices:      {"a list of words in quotes", "引用符で囲んだ選択肢のリスト"},
	TypeRange:        {"two numbers in brackets, the lower first", "小さい順に並べた2つの数値のリスト"},
	TypeSpan:         {"a length of time in quotes", "引用符で囲んだ期間"},
	TypeLength:       {"a length of time in quotes", "引用符で囲んだ期間"},
	TypeCooldown:     {`a length of time in quotes, or "never again"`, `引用符で囲んだ期間、または "never again"`},
	TypeRef:          {"a bare reference, without quotes", "引用符なしの参照"},
	TypeRefs:         {"a bare reference, or a list of them", "引用符なしの参照、またはそのリスト"},
	TypeTime:         {"a date with a time of day in quotes", "引用符で囲んだ日時"},
	TypeDates:        {"a list of dates in quotes", "引用符で囲んだ日付のリスト"},
	TypePeriod:       {"two dates in quotes", "引用符で囲んだ期間（開始日と終了日）"},
	TypeSchedule:     {"a schedule of five fields, or a date with a time, in quotes", "引用符で囲んだ5項目のスケジュール、または日時"},
	TypeSlot:         {"a weekday and a time in quotes", "引用符で囲んだ曜日と時刻"},
	TypeStepDown:     {"points and a length of time in quotes", "引用符で囲んだ点数と期間"},
	TypeDecide:       {"how many sends and how sure, in quotes", "引用符で囲んだ送信数と確信の度合い"},
	TypeGuards:       {"a list of events with a share each, in quotes", "引用符で囲んだ、イベントと割合のリスト"},
	TypeHours:        {"hours of the day in quotes", "引用符で囲んだ時間帯"},
	TypeWindow:       {"weekdays and hours in quotes", "引用符で囲んだ曜日と時間帯"},
	TypeWeekdays:     {"a list of weekdays in quotes", "引用符で囲んだ曜日のリスト"},
	TypeQuietDays:    {`a list of weekdays in quotes, and "holiday"`, `引用符で囲んだ曜日と "holiday" のリスト`},
	TypePerDay:       {"a limit for a day in quotes", "引用符で囲んだ1日あたりの上限"},
	TypeRate:         {"a rate in quotes", "引用符で囲んだ速度"},
	TypeRetry:        {"a rule for trying again in quotes", "引用符で囲んだ再試行の決まり"},
	TypeZone:         {"a time zone in quotes", "引用符で囲んだタイムゾーン"},
	TypeTemplateFile: {"a file under templates/ in quotes", "引用符で囲んだ templates/ の下のファイル名"},
	TypeObject:       {"names and texts in braces", "波かっこで囲んだ名前と文字列"},
	TypeAny:          {"a value", "値"},
}

// typeExamples show each type; a row's own Example goes before.
var typeExamples = map[Type]string{
	TypeText: `"…"`, TypeTexts: `["…", "……"]`, TypeTemplate: `"{{ lead.company ?? '貴社' }}"`,
	TypeCondition: `"score.interest >= 70"`, TypeConditions: `["score.interest >= 70", "not lead.unsubscribed"]`,
	TypeAmount: "20", TypeTextExpr: `"lead.region == 'kansai' ? 'osaka' : 'tokyo'"`,
	TypeValueExpr: `"event.order_id"`, TypeFormula: `"toss_up.hot_lead.succeeded / toss_up.hot_lead.handed_over"`, TypeAssign: `"kansai"`,
	TypeNumber: "0.05", TypeWhole: "10", TypeCount: "3", TypePercent: "10", TypeFlag: "true", TypeRange: "[0, 100]",
	TypeSpan: `"4h"`, TypeLength: `"5 business days"`, TypeCooldown: `"90d"`,
	TypeTime: `"2026-10-05 09:00"`, TypeDates: `["2026-12-29", "2026-12-30"]`,
	TypePeriod: `"2026-10-01 to 2026-12-31"`, TypeSchedule: `"0 9 * * 1"`, TypeSlot: `"tue 09:30"`,
	TypeStepDown: `"10 per 30d"`, TypeDecide: `"after 400 sends each, 95% sure"`, TypeGuards: `["unsubscribed > 1%"]`,
	TypeHours: `"19:00-08:30"`, TypeWindow: `"tue-thu 09:30-11:30"`, TypeWeekdays: `["mon", "fri"]`,
	TypeQuietDays: `["sat", "sun", "holiday"]`, TypePerDay: `"2 per day"`, TypeRate: `"20 per second"`,
	TypeRetry: `"5 times over 24h"`, TypeZone: `"Asia/Tokyo"`, TypeTemplateFile: `"pricing/case_study.md"`,
	TypeObject: `{ email = "{{ lead.email }}" }`, TypeAny: `"…"`,
}

// example is what a value of the attribute looks like.
func (a *Attr) example() string {
	switch {
	case a.Example != "":
		return a.Example
	case len(a.Of) > 0 && a.Type == TypeChoice:
		return `"` + a.Of[0] + `"`
	case len(a.Of) > 0:
		return `["` + a.Of[0] + `"]`
	case len(a.Refs) > 0:
		return a.Refs[0] + ".…"
	}
	return typeExamples[a.Type]
}

// attr finds an attribute of the block, nil when there is none.
func (b *Block) attr(name string) *Attr { return findAttr(b.Attrs, name) }

func findAttr(attrs []*Attr, name string) *Attr {
	i := slices.IndexFunc(attrs, func(a *Attr) bool { return a.Name == name })
	if i < 0 {
		return nil
	}
	return attrs[i]
}

// block finds a block that may stand in b, nil when there is none.
func (b *Block) block(name string) *Block {
	i := slices.IndexFunc(b.Blocks, func(k *Block) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return b.Blocks[i]
}

// space is the name space of the block's labels.
func (b *Block) space() string {
	if b.Space != "" {
		return b.Space
	}
	return b.Name
}

func (b *Block) attrNames() []string {
	var out []string
	for _, a := range b.Attrs {
		out = append(out, a.Name)
	}
	return out
}

func (b *Block) blockNames() []string {
	var out []string
	for _, k := range b.Blocks {
		out = append(out, k.Name)
	}
	return out
}
