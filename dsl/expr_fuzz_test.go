package dsl

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed-456efde2/nurture/engine"
)

// factsFor supplies every fact of the right kind; those from outside are left
// out where the input says so.
func factsFor(reads []engine.Key, sc *Scope, outside bool) map[string]any {
	facts := map[string]any{}
	for _, k := range reads {
		facts[k.String()] = factFor(k, sc, outside)
	}
	return facts
}

func factFor(k engine.Key, sc *Scope, outside bool) any {
	switch k.Kind {
	case engine.KeyLead, engine.KeyEvent:
		f := sc.Attributes[k.Name]
		if k.Kind == engine.KeyEvent {
			f = sc.Event.Fields[k.Name]
		}
		if !outside {
			return nil
		}
		return map[engine.Kind]any{engine.Text: "部長 a", engine.Number: 5.0, engine.Flag: true, engine.Instant: noon}[f.Kind]
	case engine.KeyScore, engine.KeyTimes, engine.KeySent, engine.KeySkipped, engine.KeyHour:
		return 3.0
	case engine.KeySegment, engine.KeyConsent, engine.KeyInWorkflow, engine.KeyTossedUp, engine.KeyBusinessDay:
		return true
	case engine.KeyNow:
		return noon
	case engine.KeySince:
		return nil
	case engine.KeyReasons:
		return sampleReasons
	}
	return "mql"
}

func fuzzScope() *Scope {
	sc := testScope()
	sc.Event = sc.Events["page_viewed"]
	sc.Families |= famSkipped | famHandOver
	return sc
}

func checkProblems(t *testing.T, src string, problems []problem) {
	t.Helper()
	for _, p := range problems {
		if p.Range.Start.Byte < 0 || p.Range.End.Byte > len(src)+1 || p.Range.Start.Byte > p.Range.End.Byte {
			t.Errorf("problem %s of %q is at %v", p.Code, src, p.Range)
		}
		if text := shown(src, []problem{p}, "ja") + shown(src, []problem{p}, "en"); strings.Contains(text, "IS NOT") || strings.Contains(text, "%[") && !strings.Contains(src, "%[") {
			t.Errorf("problem %s of %q has a hole:\n%s", p.Code, src, text)
		}
	}
}

func FuzzExpr(f *testing.F) {
	for _, seed := range []string{
		"score.interest >= const.hot", "did('pricing_viewed', '7d') or never('email_clicked', '30d')", "lead.title matches '部長|本部長'",
		"lead.industry in ['saas', 'other'] and not lead.unsubscribed", "(lead.employees ?? 0) + 1 > 10 ? lead.trial : false",
		"at('pricing_nurture') == 'reaction'", "now - lead.created_at >= 30", "lead.stage not in ['lead']", "((((((((((", "a ?: b ?: c",
		"1 < score.fit < 5 < 6", "x in (y in (z in 1..1000000000))", "lead.title =", "score.interest ＞＝ 70", "'", "lead['x']", "a.b.c.d",
		"not not not not lead.trial", "replace(lead.title ?? '', 'a', 'b') == percent(0.1)", "----------1 > 0", "// x\n", "lead.title matches '(a{9}){9}'",
		"min(1,2,3) == max(score.fit, 2)", "empty(lead.title) and lead.created_at > '2026-01-01'", "lead?.title", "`a``b` == lead.title",
		"skipped('mail', 'x') >= 1 && sent('mail') != 2 || !lead.trial", "event.path startsWith '/' and event.dwell_seconds >= 1e3", "\u2028\ufeff\x00",
	} {
		f.Add(seed)
	}
	sc := fuzzScope()
	f.Fuzz(func(t *testing.T, src string) {
		lit := plainLiteral(src)
		c, problems := compileCond(lit, sc)
		checkProblems(t, src, problems)
		if c != nil {
			checkCompiled(t, src, c, sc)
		}
		if n, _ := compileNum(lit, sc); n != nil {
			if _, _, err := n.Number(&engine.Vars{Facts: factsFor(n.Reads(), sc, true)}); err != nil {
				t.Errorf("%q: %v", src, err)
			}
		}
		if s, _ := compileStr(lit, sc); s != nil {
			if _, err := s.Text(&engine.Vars{Facts: factsFor(s.Reads(), sc, false)}); err != nil {
				t.Errorf("%q: %v", src, err)
			}
		}
		checkFormat(t, src, sc)
	})
}

func checkCompiled(t *testing.T, src string, c engine.Cond, sc *Scope) {
	t.Helper()
	reads := c.Reads()
	if !slices.IsSortedFunc(reads, func(a, b engine.Key) int { return strings.Compare(a.String(), b.String()) }) ||
		len(slices.Compact(slices.Clone(reads))) != len(reads) {
		t.Errorf("%q reads %s", src, flat(reads))
	}
	for _, outside := range []bool{true, false} {
		if _, err := c.Holds(&engine.Vars{Facts: factsFor(reads, sc, outside)}); err != nil {
			t.Errorf("%q: %v", src, err)
		}
	}
	if Sentence(c, "ja") == "" || Sentence(c, "en") == "" || c.Meaning() == "" {
		t.Errorf("%q has no words", src)
	}
}

// checkFormat: formatting twice is formatting once, and changes no meaning.
func checkFormat(t *testing.T, src string, sc *Scope) {
	t.Helper()
	once, ok := formatExpr(src)
	if !ok {
		return
	}
	twice, ok := formatExpr(once)
	if !ok || twice != once {
		t.Errorf("%q is formatted as %q, then as %q", src, once, twice)
	}
	before, _ := compileCond(plainLiteral(src), sc)
	after, _ := compileCond(plainLiteral(once), sc)
	if (before == nil) != (after == nil) || before != nil && before.Meaning() != after.Meaning() {
		t.Errorf("%q means something else as %q", src, once)
	}
}

// Inputs that would end a process that trusts its parser.
func TestHostileExpressionsAreBounded(t *testing.T) {
	t.Parallel()
	const mega = 1 << 20
	nested := "lead.trial"
	elvis, chain, in := "a", "score.fit", "1"
	for range 30 {
		nested = "(" + nested + " ? lead.trial : lead.unsubscribed)"
		elvis = "(" + elvis + " ?: b)"
		chain = "(1 < " + chain + " < 5 ? 1 : 2)"
		in = "(lead.fit in " + in + ")"
	}
	for name, src := range map[string]string{
		"open brackets": strings.Repeat("(", mega), "brackets": strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000),
		"deep": strings.Repeat("(", 31) + "lead.trial" + strings.Repeat(")", 31), "minus": strings.Repeat("-", 4000) + "1 > 0",
		"not": strings.Repeat("not ", 1000) + "lead.trial", "ternaries": nested, "elvis": elvis, "chains": chain, "ins": in,
		"long text": "lead.title == '" + strings.Repeat("a", mega) + "'", "ors": strings.Repeat("lead.trial or ", 250) + "lead.trial",
		"regex": "lead.title matches '" + strings.Repeat("(a*)*", 100) + "'", "regex bomb": "lead.title matches '((((a{100}){100}){100}){100})'",
		"huge number": "score.fit > " + strings.Repeat("9", 4000), "range": "score.fit in 1..1000000000", "list": "score.fit in [" + strings.Repeat("1,", 2000) + "1]",
		"words": "lead.title in [" + strings.Repeat("'a',", 900) + "'b']", "pluses": strings.Repeat("lead.title + ", 300) + "'a' == 'b'",
		"replace": "lead.title == " + strings.Repeat("replace(", 30) + "'aaaa'" + strings.Repeat(", 'a', 'aaaaaaaaaa')", 30),
		"quotes":  strings.Repeat("'", 4001), "commas": "min(" + strings.Repeat("1,", 2000) + "1) > 0", "pipes": "score.fit" + strings.Repeat(" | round()", 300) + " > 1",
		"differs": strings.Repeat("score.fit != 1 or ", 200) + "score.fit != 2", "strings": "lead.title == " + strings.Repeat("'a' + ", 600) + "'a'",
	} {
		sc := fuzzScope()
		c, problems := compileCond(plainLiteral(src), sc)
		if c == nil && len(problems) == 0 {
			t.Errorf("%s: neither a condition nor a problem", name)
		}
		if c != nil {
			checkCompiled(t, name, c, sc)
		}
		formatExpr(src)
	}
}
