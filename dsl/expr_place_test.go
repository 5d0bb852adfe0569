package dsl

import (
	"strings"
	"testing"
)

// The caret stands under the marketer's own words, behind whatever the quoted
// string or heredoc does to them.
func TestPlacesInTheFile(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		`when = "score.intrest >= 70"`:                                              "1:15 intrest",
		`when = "lead.title == \"部長\" and lead.titel == 'a'"`:                       "1:39 titel",
		`when = "lead.title == 'a\u0062c' and lead.titel == 'a'"`:                   "1:43 titel",
		`when = "lead.title == '$${x}' and lead.titel == 'a'"`:                      "1:40 titel",
		`when = "lead.title == '%%{x}' and lead.役職名 == 'a'"`:                        "1:40 役職名",
		"when = <<EOT\nlead.title == '部長'\n  and score.intrest > 1\nEOT":            "3:13 intrest",
		"when = <<-EOT\n    lead.title == '部長'\n      and score.intrest > 1\n  EOT": "3:17 intrest",
		"when = <<-EOT\n\n    lead.title ＝＝ '部長'\n    EOT":                          "3:16 ＝＝",
	} {
		lit := literalIn(t, file)
		_, problems := compileCond(lit, testScope())
		if len(problems) != 1 {
			t.Errorf("%s has %d problems", file, len(problems))
			continue
		}
		at := problems[0].Range
		got := strings.Join([]string{itoa(at.Start.Line), ":", itoa(at.Start.Column), " ", file[at.Start.Byte:at.End.Byte]}, "")
		if got != want {
			t.Errorf("%s points at %q, want %q", file, got, want)
		}
	}
}

func itoa(n int) string { return thousands(n) }

// A name in decomposed Unicode, as some editors save it, is the same name.
func TestTemplatesInDecomposedUnicode(t *testing.T) {
	t.Parallel()
	sc := testScope()
	sc.Attributes["がっこう"] = otherwise(field("がっこう", 1), sc.Consts["area"])
	src := fileSource(templateFile{Name: "a.md", Source: []byte("{{ lead.か\u3099っこう }} {{ lead.き\u3099 }}")})
	_, problems := compileSource(src, sc)
	if len(problems) != 1 || problems[0].Code != "N021" || problems[0].Range.Start.Column != 20 {
		t.Errorf("problems %+v", problems)
	}
}

// Every code has both languages, and its sentences take only args that every
// problem of the code has.
func TestCodesAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range exprCodes {
		if seen[c.ID] {
			t.Errorf("%s is declared twice", c.ID)
		}
		seen[c.ID] = true
		for _, w := range []text{c.En, c.Ja} {
			if w.Summary == "" || w.What == "" || w.Help == "" || strings.Contains(w.Summary, "%") {
				t.Errorf("%s has no words, or names in its summary: %+v", c.ID, w)
			}
		}
	}
}

func TestTruths(t *testing.T) {
	t.Parallel()
	range100 := domain{lo: 0, hi: 100}
	number := func(op string, n float64) *truth { return numberTruth("x", op, n, range100) }
	word := func(but bool, words ...string) *truth { return wordTruth("x", words, but, domain{}) }
	abc := domain{words: []string{"a", "b", "c"}}
	for name, c := range map[string]struct {
		t             *truth
		always, never bool
	}{
		"x >= 0":                   {number(">=", 0), true, false},
		"x > 0":                    {number(">", 0), false, false},
		"x < 0":                    {number("<", 0), false, true},
		"x <= 0":                   {number("<=", 0), false, false},
		"x == 100":                 {number("==", 100), false, false},
		"x == 101":                 {number("==", 101), false, true},
		"x != 101":                 {number("!=", 101), true, false},
		"x < 5 or x >= 5":          {number("<", 5).or(number(">=", 5)), true, false},
		"x < 5 or x > 5":           {number("<", 5).or(number(">", 5)), false, false},
		"x <= 5 and x >= 5":        {number("<=", 5).and(number(">=", 5)), false, false},
		"x < 5 and x >= 5":         {number("<", 5).and(number(">=", 5)), false, true},
		"not (x < 5) and x < 5":    {number("<", 5).not().and(number("<", 5)), false, true},
		"x == 1 or x != 1":         {number("==", 1).or(number("!=", 1)), true, false},
		"a and b":                  {word(false, "a").and(word(false, "b")), false, true},
		"not a or not b":           {word(true, "a").or(word(true, "b")), true, false},
		"not a and not b":          {word(true, "a").and(word(true, "b")), false, false},
		"a or not a":               {word(false, "a").or(word(true, "a")), true, false},
		"a or not b":               {word(false, "a").or(word(true, "b")), false, false},
		"in a b c of a b c":        {wordTruth("x", []string{"a", "b", "c"}, false, abc), true, false},
		"not in a b c of a b c":    {wordTruth("x", []string{"a", "b", "c"}, true, abc), false, true},
		"not in a b of a b c":      {wordTruth("x", []string{"a", "b"}, true, abc), false, false},
		"not a or not b, or empty": {wordTruth("x", []string{"a"}, true, domain{empty: true}).or(wordTruth("x", []string{"b"}, true, domain{empty: true})), false, false},
		"a and b, or empty":        {wordTruth("x", []string{"a"}, false, domain{empty: true}).and(wordTruth("x", []string{"b"}, false, domain{empty: true})), false, true},
	} {
		if c.t.always() != c.always || c.t.never() != c.never {
			t.Errorf("%s: always %t, never %t", name, c.t.always(), c.t.never())
		}
	}
}
