package dsl

import (
	"math"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// namespace is what stands before the dot.
type namespace struct {
	family family
	noun   Doc // of what stands behind the dot
}

var namespaces = map[string]namespace{
	"lead":    {famLead, Doc{"attribute", "項目"}},
	"event":   {famEvent, Doc{"field", "フィールド"}},
	"account": {famAccount, Doc{"attribute", "アカウントの項目"}},
	"score":   {famScore, Doc{"attribute", "スコア"}},
	"segment": {famSegment, Doc{"attribute", "セグメント"}},
	"consent": {famConsent, Doc{"attribute", "同意"}},
	"const":   {famConst, Doc{"attribute", "定数"}},

	"first_touch": {famTouch, Doc{"part", "項目"}},
	"last_touch":  {famTouch, Doc{"part", "項目"}},
}

// elsewhere is what the language has, but not among the facts of a lead.
var elsewhere = map[string]Doc{
	"kpi":     {"KPIs are read in thresholds and in rollout.", "KPI は threshold と rollout で読めます。"},
	"toss_up": {"To ask whether a lead was handed over, write tossed_up('…').", "営業に渡したかどうかは tossed_up('…') で調べます。"},
	"env":     {"Values of the surroundings are for the config of channels.", "環境の値はチャネルの config で使います。"},
	"secret":  {"Secrets are for the config of channels only, and never part of a text.", "秘密の値はチャネルの config でだけ使え、文面には書けません。"},
	"payload": {"payload.* is the message of a source, and belongs to its maps.", "payload.* は source に届いたメッセージで、map で使います。"},
	"file":    {"Files are read in attributes of the workspace, not in expressions.", "ファイルは属性で読み込みます。式の中では使えません。"},
}

// fact is an operand that reads one fact.
func (c *checker) fact(k engine.Key, kind opKind) operand {
	c.reads[k] = true
	name := k.String()
	n := &ast.IdentifierNode{Value: name}
	if kind == flagKind {
		n.SetType(boolType)
	}
	return bounded(operand{kind: kind, node: n, fact: name})
}

// count is a fact that counts from 0.
func (c *checker) count(k engine.Key) operand {
	o := c.fact(k, numberKind)
	o.lo = 0
	return o
}

// flagFact is a yes or no with its truth.
func (c *checker) flagFact(k engine.Key, empty bool) operand {
	o := c.fact(k, flagKind)
	o.empty = empty
	o.certain = k.Kind != engine.KeyLead && k.Kind != engine.KeyEvent
	return o.answering(wordTruth(o.fact, []string{"true"}, false, domainOf(o)))
}

// may checks that a family of facts can be read here.
func (c *checker) may(f family, n ast.Node, what string) bool {
	if c.sc.has(f) {
		return true
	}
	help := Doc{
		"A rule reads only what is decided before it: moments, attributes, scores, segments, stages, toss-ups, workflows, in this order.",
		"ルールは自分より前に決まるものだけを読めます。順序は、出来事、項目、スコア、セグメント、ステージ、トスアップ、ワークフローです。",
	}
	switch f {
	case famSkipped:
		help = Doc{"skipped is for expectations of tests.", "skipped はテストの expect で使います。"}
	case famShown:
		help = Doc{"shown is for expectations of tests.", "shown はテストの expect で使います。"}
	case famAccount:
		help = Doc{
			"What folds from a lead's own facts (moments, consents, points with on) does not hang on its colleagues. Ask about the account in a segment, a toss-up, a stage, a workflow, or a score's rule without on.",
			"リード自身の事実から決まるもの（瞬間、同意、on のあるスコア）は、同僚の行動に左右されません。アカウントは、セグメント、トスアップ、ステージ、ワークフロー、on のないスコアのルールで調べてください。",
		}
	case famKPI:
		help = elsewhere["kpi"]
	case famPayload:
		help = elsewhere["payload"]
	case famFormula:
		help = Doc{"It belongs to the formula of a kpi (value = …).", "kpi の式（value = …）で使います。"}
	case famConfirm:
		help = Doc{"It belongs to the mail of a consent's confirm.", "consent の confirm の確認メールで使います。"}
	case famMail:
		help = Doc{"It belongs to the texts of mails.", "メールの文面で使います。"}
	case famHandOver:
		help = Doc{"It belongs to the texts of a hand_over.", "hand_over の文面で使います。"}
	}
	c.report("N133", n, what, help)
	return false
}

// isWord reports a name that means something without a dot.
func (c *checker) isWord(name string) bool {
	return slices.Contains(bareWords, name) || slices.Contains(c.locals, name) || c.isFigureWord(name) ||
		c.whereDeclared(name) != "" || elsewhere[name] != Doc{}
}

// bareWords are the facts without a dot.
var bareWords = []string{"stage", "now", "weekday", "hour", "business_day", "reasons", "toss_up", engine.ConfirmURL, engine.PreferencesURL}

// word is a name without a dot.
func (c *checker) word(n *ast.IdentifierNode) operand {
	if slices.Contains(c.locals, n.Value) {
		return bounded(operand{kind: textKind, node: localNode(n.Value)})
	}
	if c.isFigureWord(n.Value) {
		return c.figureWord(n.Value)
	}
	switch n.Value {
	case "stage":
		return c.stage(n)
	case "now", "weekday", "hour", "business_day":
		if !c.may(famTime, n, n.Value) {
			return bad
		}
		return c.moment(n.Value)
	case engine.ConfirmURL:
		if !c.may(famConfirm, n, n.Value) {
			return bad
		}
		return c.fact(engine.Key{Kind: engine.KeyConfirmURL}, textKind)
	case engine.PreferencesURL:
		if !c.may(famMail, n, n.Value) {
			return bad
		}
		return c.fact(engine.Key{Kind: engine.KeyPreferencesURL}, textKind)
	case "reasons", "toss_up":
		if !c.may(famHandOver, n, n.Value) {
			return bad
		}
		if n.Value == "reasons" {
			return c.fact(engine.Key{Kind: engine.KeyReasons}, listKind)
		}
		return c.fact(engine.Key{Kind: engine.KeyTossUp}, textKind)
	}
	c.unknownWord(n)
	return bad
}

// localNode reads a variable of {{ for }}. No fact's name begins like it.
func localNode(name string) ast.Node { return &ast.IdentifierNode{Value: localFact(name)} }

func localFact(name string) string { return "for:" + name }

// moment is a fact of the clock and the calendar.
func (c *checker) moment(name string) operand {
	switch name {
	case "weekday":
		o := c.fact(engine.Key{Kind: engine.KeyWeekday}, textKind)
		o.vocab = &vocabulary{"N121", name, []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}}
		return o
	case "hour":
		o := c.count(engine.Key{Kind: engine.KeyHour})
		o.hi = 23
		return o
	case "business_day":
		return c.flagFact(engine.Key{Kind: engine.KeyBusinessDay}, false)
	}
	return c.fact(engine.Key{Kind: engine.KeyNow}, timeKind)
}

func (c *checker) unknownWord(n *ast.IdentifierNode) {
	if help, ok := elsewhere[n.Value]; ok {
		c.report("N133", n, n.Value, help)
		return
	}
	p := c.report("N112", n, n.Value)
	if full := c.whereDeclared(n.Value); full != "" {
		p.Suggest = full
		return
	}
	known := append(slices.Clone(bareWords), names(c.sc.Attributes)...)
	if near := closest(n.Value, known); near != "" {
		if _, ok := c.sc.Attributes[near]; ok {
			near = "lead." + near
		}
		p.Suggest = near
	}
}

// whereDeclared is the full name of something that is declared under name.
func (c *checker) whereDeclared(name string) string {
	switch {
	case c.sc.Attributes[name] != nil:
		return "lead." + name
	case c.sc.Scores[name] != nil:
		return "score." + name
	case c.sc.Segments[name] != nil:
		return "segment." + name
	case c.sc.Consents[name] != nil:
		return "consent." + name
	case c.sc.Event != nil && c.sc.Event.Fields[name] != nil:
		return "event." + name
	}
	if _, ok := c.sc.Consts[name]; ok {
		return "const." + name
	}
	return ""
}

// member is a name behind a dot.
func (c *checker) member(n *ast.MemberNode) operand {
	prop, ok := n.Property.(*ast.StringNode)
	if !ok || prop.Location() != n.Location() {
		c.report("N110", n, "[ ]", advice["[ ]"])
		return bad
	}
	if path, ok := payloadPath(n); ok {
		return c.payload(n, path)
	}
	if inner, ok := n.Node.(*ast.MemberNode); ok {
		if space, name := memberNames(inner); c.isFigureSpace(space) {
			return c.figureMember(n, inner, space, name, prop)
		}
	}
	base, ok := n.Node.(*ast.IdentifierNode)
	if !ok {
		c.visit(n.Node)
		c.reportAt("N104", prop.Location(), prop.Value)
		return bad
	}
	space, ok := namespaces[base.Value]
	if !ok {
		c.unknownSpace(n, base)
		return bad
	}
	if base.Value == "lead" && prop.Value == "stage" {
		return c.stage(n)
	}
	if space.family == famEvent && (c.sc.Event == nil || !c.sc.has(famEvent)) {
		c.report("N132", n, prop.Value)
		return bad
	}
	if !c.may(space.family, n, c.text(n)) {
		return bad
	}
	return c.declared(n, base.Value, prop)
}

func (c *checker) unknownSpace(n *ast.MemberNode, base *ast.IdentifierNode) {
	if base.Value == "kpi" && c.sc.has(famKPI) || base.Value == "toss_up" && c.sc.has(famFormula) {
		c.halfFigure(n, base.Value)
		return
	}
	if help, ok := elsewhere[base.Value]; ok {
		c.report("N133", n, c.text(n), help)
		return
	}
	p := c.report("N112", base, base.Value)
	if near := closest(base.Value, names(namespaces)); near != "" {
		p.Suggest = near
	}
}

// declared looks a name up in its namespace.
func (c *checker) declared(n *ast.MemberNode, space string, prop *ast.StringNode) operand {
	name := prop.Value
	switch space {
	case "lead":
		if f := c.sc.Attributes[name]; f != nil {
			return c.field(engine.Key{Kind: engine.KeyLead, Name: name}, f, "lead."+name)
		}
		return c.undeclared(n, space, prop, append(names(c.sc.Attributes), "stage"))
	case accountSpace:
		return c.accountMember(n, prop)
	case "event":
		if f := c.sc.Event.Fields[name]; f != nil {
			return c.field(engine.Key{Kind: engine.KeyEvent, Name: name}, f, "event."+name)
		}
		return c.undeclared(n, space, prop, names(c.sc.Event.Fields))
	case "score":
		if s := c.sc.Scores[name]; s != nil {
			return c.score(name, s)
		}
		return c.undeclared(n, space, prop, names(c.sc.Scores))
	case "segment":
		if c.sc.Segments[name] != nil {
			return c.flagFact(engine.Key{Kind: engine.KeySegment, Name: name}, false)
		}
		return c.undeclared(n, space, prop, names(c.sc.Segments))
	case "consent":
		if c.sc.Consents[name] != nil {
			return c.flagFact(engine.Key{Kind: engine.KeyConsent, Name: name}, false)
		}
		return c.undeclared(n, space, prop, names(c.sc.Consents))
	case "first_touch", "last_touch":
		return c.touch(n, space, prop)
	}
	return c.folded(n, prop)
}

// undeclared reports a name that its namespace does not have.
func (c *checker) undeclared(n *ast.MemberNode, space string, prop *ast.StringNode, known []string) operand {
	slices.Sort(known)
	p := c.reportAt("N021", prop.Location(), space, namespaces[space].noun, prop.Value, list(known))
	if near := closest(prop.Value, known); near != "" {
		p.Suggest, p.Shown = near, space+"."+near
		return bad
	}
	if full := c.whereDeclared(prop.Value); full != "" {
		start, end := c.byteSpan(c.extent(n))
		p.Range, p.Suggest = c.src.place(start, end), full
	}
	return bad
}

// field is an attribute of the lead or a field of the event.
func (c *checker) field(k engine.Key, f *fieldInfo, name string) operand {
	empty := f.Default.IsNone() && !f.Required
	var o operand
	switch f.Kind {
	case engine.Number:
		o = c.fact(k, numberKind)
	case engine.Flag:
		return c.flagFact(k, empty)
	case engine.Instant:
		o = c.fact(k, timeKind)
	default:
		o = c.fact(k, textKind)
		o.blank = true
		if len(f.Choices) > 0 {
			o.vocab = &vocabulary{"N121", name, f.Choices}
		}
	}
	o.empty = empty
	return o
}

func (c *checker) score(name string, s *scoreInfo) operand {
	o := c.fact(engine.Key{Kind: engine.KeyScore, Name: name}, numberKind)
	if s.Range {
		o.lo, o.hi = s.Min, s.Max
	}
	return o
}

// stage is the lead's stage of the lifecycle.
func (c *checker) stage(n ast.Node) operand {
	if !c.may(famStage, n, c.text(n)) {
		return bad
	}
	o := c.fact(engine.Key{Kind: engine.KeyStage}, textKind)
	v := &vocabulary{code: "N123", name: "lead.stage"}
	for _, s := range c.sc.Stages {
		v.values = append(v.values, s.Name)
	}
	if len(v.values) > 0 {
		o.vocab = v
	}
	return o
}

// folded is a const: its value stands in its place.
func (c *checker) folded(n *ast.MemberNode, prop *ast.StringNode) operand {
	v, ok := c.sc.Consts[prop.Value]
	if !ok {
		return c.undeclared(n, "const", prop, names(c.sc.Consts))
	}
	any := v.Any(c.sc.Zone)
	if v.Kind() == engine.Instant || any == nil {
		return operand{kind: timeKind, node: literalNode(any), fixed: true}
	}
	o := constant(any)
	o.fixed = true
	return o
}

// factCalls are the facts that are asked for like functions, and how.
var factCalls = map[string]string{
	"did": "did('event', '7d')", "times": "times('event', '7d')", "never": "never('event', '30d')",
	"since": "since('event')", "at": "at('workflow')", "in_workflow": "in_workflow('workflow')",
	"sent": "sent('channel', '7d')", "skipped": "skipped('channel', 'reason')", "tossed_up": "tossed_up('toss_up')",
	"shown": "shown('slot')",
}

// call is a fact that is asked for with arguments, or a function.
func (c *checker) call(n *ast.CallNode) operand {
	if name := accountCallee(n); name != "" {
		return c.accountCall(n, name)
	}
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		c.report("N110", n, c.text(n.Callee)+"()", advice["call"])
		return bad
	}
	if _, ok := factCalls[callee.Value]; ok {
		return c.factCall(n, callee)
	}
	if f := functions[callee.Value]; f != nil {
		return c.function(n, callee, f)
	}
	if callee.Value == "reachable" {
		return c.reachable(n)
	}
	if help, ok := elsewhere[callee.Value]; ok {
		c.report("N133", n, callee.Value, help)
		return bad
	}
	p := c.reportAt("N113", callee.Location(), callee.Value, functionList())
	p.Suggest = closest(callee.Value, callNames())
	return bad
}

// callNames are all names that can be called.
func callNames() []string { return append(names(factCalls), names(functions)...) }

func functionList() string {
	all := callNames()
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// factCall resolves a fact with arguments; all of them are names in quotes.
func (c *checker) factCall(n *ast.CallNode, callee *ast.IdentifierNode) operand {
	args, ok := c.namedArgs(n, callee.Value, factCalls[callee.Value])
	if !ok {
		return bad
	}
	switch callee.Value {
	case "did", "times", "never", "since":
		return c.history(n, callee.Value, args)
	case "sent", "skipped":
		return c.channelFact(n, callee.Value, args)
	}
	return c.placeFact(n, callee.Value, args[0])
}

// namedArgs are the arguments of a fact that is asked for, all of them in quotes.
func (c *checker) namedArgs(n *ast.CallNode, name, usage string) ([]string, bool) {
	most := strings.Count(usage, ",") + 1
	if len(n.Arguments) < 1 || len(n.Arguments) > most {
		c.report("N114", n, name, len(n.Arguments), usage)
		return nil, false
	}
	args := make([]string, len(n.Arguments))
	for i, a := range n.Arguments {
		word, ok := c.visit(a).known.(string)
		if !ok {
			c.report("N115", a, name, usage)
			return nil, false
		}
		args[i] = word
	}
	return args, true
}

// history is what has happened.
func (c *checker) history(n *ast.CallNode, name string, args []string) operand {
	if !c.may(famHistory, n, name) || !declaredArg(c, "N116", n.Arguments[0], args[0], c.sc.Events) {
		return bad
	}
	if name == "since" {
		o := c.count(engine.Key{Kind: engine.KeySince, Name: args[0]})
		o.empty = true
		return o
	}
	window, ok := c.window(n, args)
	if !ok {
		return bad
	}
	o := c.count(engine.Key{Kind: engine.KeyTimes, Name: args[0], Window: window})
	switch name {
	case "did":
		return c.happened(o, ">")
	case "never":
		return c.happened(o, "==")
	}
	return o
}

// happened compares a count with none at all.
func (c *checker) happened(o operand, op string) operand {
	t := numberTruth(o.fact, op, 0, domain{lo: 0, hi: math.Inf(1)})
	return test(numberWith(op, 0), o).answering(t)
}

// window reads an optional second argument as a length of time.
func (c *checker) window(n *ast.CallNode, args []string) (engine.Span, bool) {
	if len(args) < 2 {
		return 0, true
	}
	window, ok := parseWindow(args[1])
	if !ok {
		p := c.report("N120", n.Arguments[1], args[1])
		if fix := guessWindow(args[1]); fix != "" {
			p.Suggest = "'" + fix + "'"
		}
	}
	return window, ok
}

// channelFact is what a channel sent or did not send.
func (c *checker) channelFact(n *ast.CallNode, name string, args []string) operand {
	fam := famSent
	if name == "skipped" {
		fam = famSkipped
	}
	if !c.may(fam, n, name) || !declaredArg(c, "N118", n.Arguments[0], args[0], c.sc.Channels) {
		return bad
	}
	if name == "skipped" {
		key := engine.Key{Kind: engine.KeySkipped, Name: args[0]}
		if len(args) > 1 {
			key.Arg = args[1]
		}
		return c.count(key)
	}
	window, ok := c.window(n, args)
	if !ok {
		return bad
	}
	return c.count(engine.Key{Kind: engine.KeySent, Name: args[0], Window: window})
}

// placeFact is where the lead stands.
func (c *checker) placeFact(n *ast.CallNode, name, arg string) operand {
	if name == "shown" {
		return c.shown(n, arg)
	}
	if name == "tossed_up" {
		if !c.may(famTossedUp, n, name) || !declaredArg(c, "N119", n.Arguments[0], arg, c.sc.TossUps) {
			return bad
		}
		return c.flagFact(engine.Key{Kind: engine.KeyTossedUp, Name: arg}, false)
	}
	if !c.may(famFlow, n, name) || !declaredArg(c, "N117", n.Arguments[0], arg, c.sc.Workflows) {
		return bad
	}
	if name == "in_workflow" {
		return c.flagFact(engine.Key{Kind: engine.KeyInWorkflow, Name: arg}, false)
	}
	o := c.fact(engine.Key{Kind: engine.KeyAt, Name: arg}, textKind)
	w := c.sc.Workflows[arg]
	o.vocab = &vocabulary{"N122", "at('" + arg + "')", slices.Concat(w.Steps, w.Exits, []string{"exit.end", ""})}
	return o
}

// declaredArg checks that a name in quotes is declared.
func declaredArg[V any](c *checker, code string, n ast.Node, name string, known map[string]V) bool {
	if _, ok := known[name]; ok {
		return true
	}
	p := c.report(code, n, name, list(names(known)))
	if near := closest(name, names(known)); near != "" {
		p.Suggest = "'" + near + "'"
	}
	return false
}
