package dsl

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// Worded is what a compiled condition is besides an engine.Cond: it can be said
// in a person's words.
type Worded interface {
	// Words is the condition in the language "ja" or "en", with the labels of
	// the workspace: 興味度が70以上, "interest is at least 70".
	Words(lang string) string
}

// Sentence is a condition in words; one that has none is its source.
func Sentence(e engine.Expr, lang string) string {
	if w, ok := e.(Worded); ok {
		return w.Words(lang)
	}
	return e.Source()
}

// Words implements Worded.
func (c *cond) Words(lang string) string {
	return speaker{c.sc, lang}.clause(c.root)
}

// speaker says conditions in one language.
type speaker struct {
	sc   *Scope
	lang string
}

// say picks the sentence of the language and puts the parts in: {0}, {1} ….
func (s speaker) say(en, ja string, parts ...string) string {
	out := Doc{en, ja}.In(s.lang)
	for i, p := range parts {
		out = strings.ReplaceAll(out, "{"+strconv.Itoa(i)+"}", p)
	}
	return out
}

// clause is a yes/no question as a statement.
func (s speaker) clause(n ast.Node) string {
	switch n := n.(type) {
	case *ast.UnaryNode:
		return s.negation(n)
	case *ast.BinaryNode:
		return s.comparison(n, false)
	case *ast.CallNode:
		return s.callClause(n, false)
	case *ast.MemberNode:
		return s.flag(n, false)
	case *ast.IdentifierNode:
		if n.Value == "business_day" {
			return s.say("it is a business day", "営業日である")
		}
	}
	return s.raw(n)
}

// raw is the condition as it is written, where there are no better words.
func (s speaker) raw(n ast.Node) string {
	text := meaning(n, s.sc)
	switch n.(type) {
	case *ast.BinaryNode, *ast.UnaryNode, *ast.ConditionalNode:
		return text[1 : len(text)-1]
	}
	return text
}

func (s speaker) negation(n *ast.UnaryNode) string {
	switch x := n.Node.(type) {
	case *ast.BinaryNode:
		if x.Location() == n.Location() {
			return s.comparison(x, true)
		}
	case *ast.CallNode:
		return s.callClause(x, true)
	case *ast.MemberNode:
		return s.flag(x, true)
	case *ast.IdentifierNode:
		if x.Value == "business_day" {
			return s.say("it is no business day", "営業日ではない")
		}
	}
	return s.say("not ({0})", "「{0}」ではない", s.clause(n.Node))
}

// flag is a segment, a consent or a flag of the lead or the event.
func (s speaker) flag(n *ast.MemberNode, not bool) string {
	space, name := memberNames(n)
	pick := func(en, ja, notEn, notJa, label string) string {
		if not {
			return s.say(notEn, notJa, label)
		}
		return s.say(en, ja, label)
	}
	switch {
	case space == "segment" && s.sc.Segments[name] != nil:
		return pick("is in {0}", "{0}である", "is not in {0}", "{0}ではない", s.label(s.sc.Segments[name]))
	case space == "consent" && s.sc.Consents[name] != nil:
		return pick("has given consent to {0}", "{0}に同意している", "has not given consent to {0}", "{0}に同意していない", s.label(s.sc.Consents[name]))
	case space == "lead" && name == "unsubscribed" && s.sc.Attributes[name] != nil && s.sc.Attributes[name].Label == "":
		return pick("has unsubscribed", "配信停止している", "has not unsubscribed", "配信停止していない", "")
	case space == "const":
		return s.raw(n)
	}
	return pick("{0}: yes", "{0}が「はい」", "{0}: no", "{0}が「いいえ」", s.operand(n))
}

func memberNames(n *ast.MemberNode) (space, name string) {
	base, _ := n.Node.(*ast.IdentifierNode)
	prop, _ := n.Property.(*ast.StringNode)
	if base == nil || prop == nil {
		return "", ""
	}
	return base.Value, prop.Value
}

// label is what a declared name is called. Labels are in the project's language;
// in another one the name itself, in plain words, is better.
func (s speaker) label(n *namedInfo) string {
	if n.Label != "" && s.lang == s.sc.Language {
		return n.Label
	}
	return strings.ReplaceAll(n.Name, "_", " ")
}

// comparing says how each comparison reads with a number: en with "is", ja as a
// suffix.
var comparing = map[string]Doc{
	">=": {"{0} is at least {1}", "{0}が{1}以上"}, ">": {"{0} is more than {1}", "{0}が{1}より大きい"},
	"<=": {"{0} is at most {1}", "{0}が{1}以下"}, "<": {"{0} is less than {1}", "{0}が{1}未満"},
	"==": {"{0} is {1}", "{0}が{1}"}, "!=": {"{0} is not {1}", "{0}が{1}ではない"},
	"contains": {"{0} contains {1}", "{0}に{1}を含む"}, "startsWith": {"{0} starts with {1}", "{0}が{1}で始まる"},
	"endsWith":     {"{0} ends with {1}", "{0}が{1}で終わる"},
	"not contains": {"{0} does not contain {1}", "{0}に{1}を含まない"}, "not startsWith": {"{0} does not start with {1}", "{0}が{1}で始まらない"},
	"not endsWith": {"{0} does not end with {1}", "{0}が{1}で終わらない"},
}

func (s speaker) comparison(n *ast.BinaryNode, not bool) string {
	switch n.Operator {
	case "and", "&&":
		return s.say("{0} and {1}", "{0}、かつ{1}", s.inside(n, n.Left), s.inside(n, n.Right))
	case "or", "||":
		return s.say("{0} or {1}", "{0}、または{1}", s.inside(n, n.Left), s.inside(n, n.Right))
	case "in":
		return s.among(n, not)
	case "matches":
		return s.pattern(n, not)
	}
	left, right, op := n.Left, n.Right, n.Operator
	if isLiteral(left) && !isLiteral(right) && mirrored[op] != "" {
		left, right, op = right, left, mirrored[op]
	}
	if not {
		op = "not " + op
	}
	if special := s.counted(left, right, op); special != "" {
		return special
	}
	form, ok := comparing[op]
	if !ok {
		return s.raw(n)
	}
	return s.say(form.En, form.Ja, s.operand(left), s.value(left, right))
}

// inside brackets an or within an and, and the other way round.
func (s speaker) inside(outer *ast.BinaryNode, n ast.Node) string {
	text := s.clause(n)
	inner, ok := n.(*ast.BinaryNode)
	if !ok || plain(inner.Operator) == plain(outer.Operator) || plain(inner.Operator) != "or" && plain(inner.Operator) != "and" {
		return text
	}
	return s.say("({0})", "（{0}）", text)
}

func isLiteral(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.StringNode, *ast.BoolNode:
		return true
	case *ast.MemberNode:
		space, _ := memberNames(n)
		return space == "const"
	}
	return false
}

// counted are comparisons that read better as a whole: how often something
// happened, how long ago, where a lead stands, yes and no.
func (s speaker) counted(left, right ast.Node, op string) string {
	if b, ok := right.(*ast.BoolNode); ok && (op == "==" || op == "!=") {
		if b.Value == (op == "==") {
			return s.clause(left)
		}
		return s.negation(&ast.UnaryNode{Operator: "not", Node: left})
	}
	call, ok := left.(*ast.CallNode)
	if !ok {
		return ""
	}
	name, args := callParts(call)
	how, ok := counting[op]
	number := s.value(left, right)
	if text := s.accountCounted(name, op, args, number); text != "" {
		return text
	}
	switch {
	case name == "times" && ok:
		return s.say(how.En, how.Ja, s.within("{0}", "{1}の{0}", s.event(args), args), number)
	case name == "since" && ok:
		return s.say(daysAgo[op].En, daysAgo[op].Ja, s.event(args), number)
	case name == "sent" && ok:
		return s.say(how.En, how.Ja, s.within("sent by {0}", "{1}の{0}の送信", args[0], args), number)
	case name == "skipped" && ok:
		return s.say(how.En, how.Ja, s.say("skipped by {0}", "{0}の見送り", strings.Join(args, ": ")), number)
	case name == "at" && op == "==":
		return s.say("stands at {1} in {0}", "{0}で{1}にいる", s.flow(args), number)
	}
	return ""
}

var counting = map[string]Doc{
	">=": {"{0} at least {1} times", "{0}が{1}回以上"}, ">": {"{0} more than {1} times", "{0}が{1}回より多い"},
	"<=": {"{0} at most {1} times", "{0}が{1}回以下"}, "<": {"{0} less than {1} times", "{0}が{1}回未満"},
	"==": {"{0} {1} times", "{0}が{1}回"}, "!=": {"{0} not {1} times", "{0}が{1}回ではない"},
}

var daysAgo = map[string]Doc{
	">=": {"at least {1} days since {0}", "{0}から{1}日以上"}, ">": {"more than {1} days since {0}", "{0}から{1}日より長い"},
	"<=": {"at most {1} days since {0}", "{0}から{1}日以内"}, "<": {"less than {1} days since {0}", "{0}から{1}日未満"},
	"==": {"{1} days since {0}", "{0}からちょうど{1}日"}, "!=": {"not {1} days since {0}", "{0}からの日数が{1}日ではない"},
}

func callParts(n *ast.CallNode) (string, []string) {
	name := ""
	if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
		name = callee.Value
	} else if of := accountCallee(n); of != "" {
		name = accountSpace + "." + of
	}
	if name == "" {
		return "", nil
	}
	var args []string
	for _, a := range n.Arguments {
		word, ok := a.(*ast.StringNode)
		if !ok {
			return "", nil
		}
		args = append(args, word.Value)
	}
	if len(args) == 0 {
		return "", nil
	}
	return name, args
}

// within adds "in the last 7 days" where there is a window. In ja, {1} stands for
// it in front.
func (s speaker) within(en, ja, what string, args []string) string {
	if len(args) < 2 {
		return s.say(en, strings.TrimPrefix(ja, "{1}の"), what)
	}
	return s.say(en+" in the last {1}", ja, what, s.window(args[1]))
}

var windowNames = map[byte]Doc{'d': {"days", "日以内"}, 'h': {"hours", "時間以内"}, 'm': {"minutes", "分以内"}, 's': {"seconds", "秒以内"}}

func (s speaker) window(w string) string {
	number, unit := w[:len(w)-1], windowNames[w[len(w)-1]].In(s.lang)
	if s.lang == "ja" {
		return number + unit
	}
	if number == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return number + " " + unit
}

func (s speaker) event(args []string) string {
	if e := s.sc.Events[args[0]]; e != nil {
		return s.label(&e.namedInfo)
	}
	return args[0]
}

func (s speaker) flow(args []string) string {
	if w := s.sc.Workflows[args[0]]; w != nil {
		return s.label(&w.namedInfo)
	}
	return args[0]
}

// callClause is a fact that is asked for with arguments, as a statement.
func (s speaker) callClause(n *ast.CallNode, not bool) string {
	if callee, ok := n.Callee.(*ast.IdentifierNode); ok && callee.Value == "empty" && len(n.Arguments) == 1 {
		if not {
			return s.say("{0} is known", "{0}がある", s.operand(n.Arguments[0]))
		}
		return s.say("{0} is not known", "{0}がない", s.operand(n.Arguments[0]))
	}
	name, args := callParts(n)
	if text := s.accountClause(name, args, not); text != "" {
		return text
	}
	switch {
	case name == "did" && !not, name == "never" && not:
		return s.happened(args, Doc{"{0} in the last {1}", "{0}が{1}にある"}, Doc{"{0} at some time", "{0}がこれまでにある"})
	case name == "never", name == "did":
		return s.happened(args, Doc{"no {0} in the last {1}", "{0}が{1}にない"}, Doc{"no {0} ever", "{0}が一度もない"})
	case name == "in_workflow" && !not:
		return s.say("is in {0}", "{0}の途中である", s.flow(args))
	case name == "in_workflow":
		return s.say("is not in {0}", "{0}の途中ではない", s.flow(args))
	case name == "tossed_up" && s.sc.TossUps[args[0]] != nil:
		label := s.label(s.sc.TossUps[args[0]])
		if not {
			return s.say("was not handed over: {0}", "{0}がまだ", label)
		}
		return s.say("was handed over: {0}", "{0}が済んでいる", label)
	}
	if not {
		return s.say("not ({0})", "「{0}」ではない", s.raw(n))
	}
	return s.raw(n)
}

func (s speaker) happened(args []string, windowed, ever Doc) string {
	if len(args) < 2 {
		return s.say(ever.En, ever.Ja, s.event(args))
	}
	return s.say(windowed.En, windowed.Ja, s.event(args), s.window(args[1]))
}

// operand is a value in words: its label, or how it is written.
func (s speaker) operand(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MemberNode:
		return s.member(n)
	case *ast.IdentifierNode:
		if d, ok := wordNames[n.Value]; ok {
			return d.In(s.lang)
		}
	case *ast.BinaryNode:
		if n.Operator == "??" {
			return s.say("{0} (or {1})", "{0}（空のときは{1}）", s.operand(n.Left), s.value(n.Left, n.Right))
		}
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if !ok || len(n.Arguments) == 0 {
			break
		}
		switch callee.Value {
		case "round", "floor", "ceil", "lower", "upper", "trim", "label":
			return s.operand(n.Arguments[0])
		case "len":
			return s.say("the length of {0}", "{0}の文字数", s.operand(n.Arguments[0]))
		}
	}
	if isLiteral(n) {
		return s.value(n, n)
	}
	return s.raw(n)
}

var wordNames = map[string]Doc{
	"stage": {"the stage", "ステージ"}, "weekday": {"the weekday", "曜日"}, "hour": {"the hour", "時刻（時）"}, "now": {"now", "現在"},
}

func (s speaker) member(n *ast.MemberNode) string {
	space, name := memberNames(n)
	switch {
	case space == "lead" && name == "stage":
		return wordNames["stage"].In(s.lang)
	case space == "lead" && s.sc.Attributes[name] != nil:
		return s.label(&s.sc.Attributes[name].namedInfo)
	case space == "event" && s.sc.Event != nil && s.sc.Event.Fields[name] != nil:
		return s.label(&s.sc.Event.Fields[name].namedInfo)
	case space == accountSpace && s.sc.Account[name] != nil:
		return s.say("{0} of its account", "アカウントの{0}", s.label(&s.sc.Account[name].namedInfo))
	case space == "score" && s.sc.Scores[name] != nil:
		return s.label(&s.sc.Scores[name].namedInfo)
	case touchParts[name] != (Doc{}) && (space == "first_touch" || space == "last_touch"):
		return s.touch(space, name)
	case space == "const":
		return s.value(n, n)
	}
	return s.raw(n)
}

var weekdayNames = map[string]Doc{
	"mon": {"Monday", "月曜日"}, "tue": {"Tuesday", "火曜日"}, "wed": {"Wednesday", "水曜日"}, "thu": {"Thursday", "木曜日"},
	"fri": {"Friday", "金曜日"}, "sat": {"Saturday", "土曜日"}, "sun": {"Sunday", "日曜日"},
}

// value is the constant that something is compared with.
func (s speaker) value(of, n ast.Node) string {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return formatNumber(float64(n.Value))
	case *ast.FloatNode:
		return formatNumber(n.Value)
	case *ast.StringNode:
		return s.quoted(of, n.Value)
	case *ast.MemberNode:
		if space, name := memberNames(n); space == "const" {
			v := s.sc.Consts[name]
			if v.Kind() == engine.Text {
				return s.quoted(of, v.Text())
			}
			if v.Kind() == engine.Number {
				return formatNumber(v.Number())
			}
		}
	}
	return s.operand(n)
}

// quoted is a text; stages and weekdays have names of their own.
func (s speaker) quoted(of ast.Node, word string) string {
	switch n := of.(type) {
	case *ast.IdentifierNode:
		if d, ok := weekdayNames[word]; ok && n.Value == "weekday" {
			return d.In(s.lang)
		}
		if n.Value == "stage" {
			return s.stage(word)
		}
	case *ast.MemberNode:
		if space, name := memberNames(n); space == "lead" && name == "stage" {
			return s.stage(word)
		}
	case *ast.CallNode:
		if name, _ := callParts(n); name == "at" {
			return word
		}
	}
	return s.say("'{0}'", "「{0}」", word)
}

func (s speaker) stage(name string) string {
	for _, st := range s.sc.Stages {
		if st.Name == name {
			return s.label(st)
		}
	}
	return name
}

// among is a list of values.
func (s speaker) among(n *ast.BinaryNode, not bool) string {
	array, ok := n.Right.(*ast.ArrayNode)
	if !ok {
		return s.raw(n)
	}
	var list []string
	for _, e := range array.Nodes {
		list = append(list, s.value(n.Left, e))
	}
	what := s.operand(n.Left)
	if not {
		return s.say("{0} is not {1}", "{0}が{1}のどれでもない", what, s.alternatives(list))
	}
	return s.say("{0} is {1}", "{0}が{1}", what, s.alternatives(list))
}

func (s speaker) alternatives(list []string) string {
	if s.lang == "ja" {
		return strings.Join(list, "か")
	}
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// plainAlternatives is a pattern that only lists words.
var plainAlternatives = regexp.MustCompile(`^[^\\()[\]{}*+?.^$|]+(\|[^\\()[\]{}*+?.^$|]+)*$`)

func (s speaker) pattern(n *ast.BinaryNode, not bool) string {
	text, ok := n.Right.(*ast.StringNode)
	if !ok {
		return s.raw(n)
	}
	what := s.operand(n.Left)
	if plainAlternatives.MatchString(text.Value) {
		var list []string
		for _, word := range strings.Split(text.Value, "|") {
			list = append(list, s.say("'{0}'", "「{0}」", word))
		}
		if not {
			return s.say("{0} does not contain {1}", "{0}に{1}を含まない", what, s.alternatives(list))
		}
		return s.say("{0} contains {1}", "{0}に{1}を含む", what, s.alternatives(list))
	}
	if not {
		return s.say("{0} does not fit the pattern {1}", "{0}がパターン {1} に合わない", what, text.Value)
	}
	return s.say("{0} fits the pattern {1}", "{0}がパターン {1} に合う", what, text.Value)
}
