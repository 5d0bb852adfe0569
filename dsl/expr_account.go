package dsl

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/seed-456efde2/nurture/engine"
)

// accountCalls are what can be asked of all leads of the account, and how.
var accountCalls = map[string]string{
	"did": "account.did('event', '7d')", "times": "account.times('event', '7d')",
	"never": "account.never('event', '30d')", "since": "account.since('event')",
}

// accountSpace stands before the dot of everything about the lead's account.
const accountSpace = "account"

// accountCallee is the name behind account. where that is what is called.
func accountCallee(n *ast.CallNode) string {
	m, ok := n.Callee.(*ast.MemberNode)
	if !ok {
		return ""
	}
	space, name := memberNames(m)
	if space != accountSpace {
		return ""
	}
	return name
}

// hasAccount reports where no account is declared.
func (c *checker) hasAccount(n ast.Node) bool {
	if c.sc.Account != nil {
		return true
	}
	c.report("N133", n, c.text(n), Doc{
		"Say what makes an account: account { key = \"company\" }.", "アカウントの単位を宣言してください: account { key = \"company\" }",
	})
	return false
}

// accountMember is what is said of the account.
func (c *checker) accountMember(n *ast.MemberNode, prop *ast.StringNode) operand {
	if !c.hasAccount(n) {
		return bad
	}
	if f := c.sc.Account[prop.Value]; f != nil {
		return c.field(engine.Key{Kind: engine.KeyAccount, Name: prop.Value}, f, accountSpace+"."+prop.Value)
	}
	return c.undeclared(n, accountSpace, prop, append(names(c.sc.Account), names(accountCalls)...))
}

// accountCall asks what the leads of the account did, all of them together.
func (c *checker) accountCall(n *ast.CallNode, name string) operand {
	usage, ok := accountCalls[name]
	m := n.Callee.(*ast.MemberNode)
	switch {
	case !ok:
		p := c.reportAt("N113", m.Property.Location(), accountSpace+"."+name, strings.Join(accountCallNames(), ", "))
		if p.Suggest = closest(name, names(accountCalls)); p.Suggest != "" {
			p.Shown = accountSpace + "." + p.Suggest
		}
		return bad
	case !c.may(famAccount, n, accountSpace+"."+name) || !c.hasAccount(n):
		return bad
	}
	args, ok := c.namedArgs(n, accountSpace+"."+name, usage)
	if !ok || !declaredArg(c, "N116", n.Arguments[0], args[0], c.sc.Events) {
		return bad
	}
	if name == "since" {
		o := c.count(engine.Key{Kind: engine.KeyAccountSince, Name: args[0]})
		o.empty = true
		return o
	}
	window, ok := c.window(n, args)
	if !ok {
		return bad
	}
	o := c.count(engine.Key{Kind: engine.KeyAccountTimes, Name: args[0], Window: window})
	switch name {
	case "did":
		return c.happened(o, ">")
	case "never":
		return c.happened(o, "==")
	}
	return o
}

func accountCallNames() []string {
	var out []string
	for _, name := range names(accountCalls) {
		out = append(out, accountSpace+"."+name)
	}
	return out
}

// accountCounted are comparisons of what an account did, in words.
func (s speaker) accountCounted(name, op string, args []string, number string) string {
	how, ok := counting[op]
	if !ok {
		return ""
	}
	switch name {
	case "account.times":
		return s.say("{0}, at its account", "アカウント全体で{0}", s.say(how.En, how.Ja, s.within("{0}", "{1}の{0}", s.event(args), args), number))
	case "account.since":
		return s.say("{0}, at its account", "アカウント全体で{0}", s.say(daysAgo[op].En, daysAgo[op].Ja, s.event(args), number))
	}
	return ""
}

// accountClause is what an account did or never did, in words; "" for other calls.
func (s speaker) accountClause(name string, args []string, not bool) string {
	var did string
	switch {
	case name == "account.did" && !not, name == "account.never" && not:
		did = s.happened(args, Doc{"{0} in the last {1}", "{0}が{1}にある"}, Doc{"{0} at some time", "{0}がこれまでにある"})
	case name == "account.did", name == "account.never":
		did = s.happened(args, Doc{"no {0} in the last {1}", "{0}が{1}にない"}, Doc{"no {0} ever", "{0}が一度もない"})
	default:
		return ""
	}
	return s.say("{0}, at its account", "アカウント全体で{0}", did)
}
