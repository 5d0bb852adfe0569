package dsl

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// syntaxWords are HCL's own messages in a marketer's words. HCL's summaries are
// stable; one that is not among them comes through with its own detail.
var syntaxWords = map[string]struct{ what, help Doc }{
	"Unclosed configuration block": {
		Doc{"a block that begins here is never closed", "ここから始まるブロックが閉じていません"},
		Doc{"Write } where it ends.", "ブロックの終わりに } を書いてください。"},
	},
	"Argument or block definition required": {
		Doc{"an attribute or a block was expected here", "ここには項目かブロックを書きます"},
		Doc{"Attributes look like name = value, blocks like name { … }.", "項目は 名前 = 値、ブロックは 名前 { … } の形です。"},
	},
	"Invalid argument name": {
		Doc{"the name of an attribute does not stand in quotes", "項目の名前に引用符は付けません"},
		Doc{"Write it bare: name = value.", "名前 = 値 のように、引用符なしで書いてください。"},
	},
	"Invalid block definition": {
		Doc{"a block has a name in quotes and then a brace", "ブロックは、引用符で囲んだ名前と波かっこで書きます"},
		Doc{"Write for instance: segment \"target\" { … }", "たとえば segment \"target\" { … } と書きます。"},
	},
	"Invalid single-argument block definition": {
		Doc{"a block on one line holds one attribute", "1行で書くブロックには項目をひとつだけ書けます"},
		Doc{"Write the attributes on lines of their own.", "項目をそれぞれの行に分けてください。"},
	},
	"Missing newline after argument": {
		Doc{"something stands behind the value", "値のうしろに余分なものがあります"},
		Doc{"Each attribute has a line of its own.", "項目は1行にひとつずつ書きます。"},
	},
	"Missing newline after block definition": {
		Doc{"something stands behind the closing brace", "閉じかっこのうしろに余分なものがあります"},
		Doc{"Begin a new line after }.", "} のあとで改行してください。"},
	},
	"Invalid expression": {
		Doc{"a value was expected here", "ここには値を書きます"},
		Doc{"Texts stand in double quotes, lists in [ ].", "文字列は二重引用符で、リストは [ ] で囲みます。"},
	},
	"Missing expression": {
		Doc{"a value was expected here", "ここには値を書きます"},
		Doc{"Texts stand in double quotes, lists in [ ].", "文字列は二重引用符で、リストは [ ] で囲みます。"},
	},
	"Unterminated template string": {
		Doc{"a text that begins here has no closing quote", "ここから始まる文字列が閉じていません"},
		Doc{"Write \" where it ends, on the same line.", "同じ行の終わりに \" を書いてください。"},
	},
	"Invalid multi-line string": {
		Doc{"a text in quotes stands on one line", "引用符で囲む文字列は1行に書きます"},
		Doc{"For several lines write <<-EOT and EOT.", "何行にもわたるときは <<-EOT と EOT で囲みます。"},
	},
	"Invalid escape sequence": {
		Doc{"a backslash begins something that has no meaning", "\\ のうしろの文字に意味がありません"},
		Doc{"For a backslash itself write \\\\.", "\\ そのものは \\\\ と書きます。"},
	},
	"Missing item separator": {
		Doc{"a comma is missing between two values", "値と値のあいだにカンマがありません"},
		Doc{"Write a comma after each value of a list.", "リストの値はカンマで区切ります。"},
	},
	"Missing attribute separator": {
		Doc{"a comma or a new line is missing", "カンマか改行が必要です"},
		Doc{"Write each pair on its own line, or commas between them.", "1行にひとつずつ書くか、カンマで区切ってください。"},
	},
	"Missing close brace on interpolation": {
		Doc{"${ is never closed", "${ が閉じていません"},
		Doc{"Texts are written with {{ … }}.", "文面では {{ … }} と書きます。"},
	},
	"Invalid character": {
		Doc{"a character has no meaning here", "この文字に意味がありません"},
		Doc{"Outside of quotes only half-width signs are read.", "引用符の外では半角の記号だけが使えます。"},
	},
	"Attribute redefined": {
		Doc{"the same attribute stands here twice", "同じ項目が二度書かれています"},
		Doc{"Take one of them away.", "どちらかを取り除いてください。"},
	},
	"Unterminated heredoc": {
		Doc{"the text that << begins has no end", "<< で始まる文字列が終わっていません"},
		Doc{"Write the word behind << on a line of its own.", "<< のうしろの語だけの行で終えてください。"},
	},
}

// reportSyntax brings HCL's own messages into ours. Where a full-width sign stands
// in a line, that is the message: what else HCL stumbled over there follows from it.
func reportSyntax(r *reporter, diags hcl.Diagnostics, src []byte) {
	wide := map[int]bool{}
	for _, d := range diags {
		if d.Severity != hcl.DiagError || d.Subject == nil {
			continue
		}
		at, sign, found := wideSign(*d.Subject, src)
		if line := d.Subject.Start.Line; found && !wide[line] {
			wide[line] = true
			r.add(codeSyntax, at, nil,
				Doc{"'" + string(sign.wide) + "' is a full-width character", "「" + string(sign.wide) + "」は全角文字です"},
				Doc{"Type the half-width " + sign.narrow, "半角の " + sign.narrow + " を入力してください"}).suggest(sign.narrow)
		}
	}
	for _, d := range diags {
		if d.Severity == hcl.DiagError && (d.Subject == nil || !wide[d.Subject.Start.Line]) {
			reportOne(r, d, src)
		}
	}
}

func reportOne(r *reporter, d *hcl.Diagnostic, src []byte) {
	var at hcl.Range
	if d.Subject != nil {
		at = *d.Subject
	}
	words, known := syntaxWords[d.Summary]
	if !known {
		sentence := plainSentence(d.Detail)
		words.what = Doc{lowerFirst(sentence), "HCL として読めません（" + sentence + "）"}
		words.help = Doc{"Look at the words above the mark and the line before it.", "印の付いたところと、その前の行を確かめてください。"}
	}
	diag := r.add(codeSyntax, at, nil, words.what, words.help)
	if first, ok := redefined(d, src); ok {
		diag.also(first)
		return
	}
	if d.Context != nil && d.Context.Start.Line < at.Start.Line {
		first := *d.Context
		first.End = advance(first.Start, []byte(firstLine(string(first.SliceBytes(src)))))
		diag.also(first)
	}
}

// redefined finds where an attribute was set first; HCL tells it in words only:
// "… was already set at FILE:LINE,COLUMN-COLUMN.".
func redefined(d *hcl.Diagnostic, src []byte) (hcl.Range, bool) {
	if d.Summary != "Attribute redefined" || d.Subject == nil {
		return hcl.Range{}, false
	}
	m := setAt.FindStringSubmatch(d.Detail)
	if m == nil {
		return hcl.Range{}, false
	}
	line, _ := strconv.Atoi(m[1])
	at := hcl.InitialPos
	for at.Line < line {
		next := bytes.IndexByte(src[at.Byte:], '\n')
		if next < 0 {
			return hcl.Range{}, false
		}
		at = advance(at, src[at.Byte:at.Byte+next+1])
	}
	name := string(d.Subject.SliceBytes(src))
	indent := bytes.Index(src[at.Byte:], []byte(name))
	if indent < 0 {
		return hcl.Range{}, false
	}
	start := advance(at, src[at.Byte:at.Byte+indent])
	return hcl.Range{Filename: d.Subject.Filename, Start: start, End: advance(start, []byte(name))}, true
}

var setAt = regexp.MustCompile(`already set at .*:(\d+),\d+-`)

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

type wideRune struct {
	wide   rune
	narrow string
}

// wideSign finds a full-width sign where HCL stumbled: the most common slip on a
// Japanese keyboard outside of quotes.
func wideSign(at hcl.Range, src []byte) (hcl.Range, wideRune, bool) {
	words := string(at.SliceBytes(src))
	for i, r := range words {
		narrow := narrowSign(r)
		if narrow == "" {
			continue
		}
		start := advance(at.Start, []byte(words[:i]))
		end := advance(start, []byte(string(r)))
		return hcl.Range{Filename: at.Filename, Start: start, End: end}, wideRune{r, narrow}, true
	}
	return hcl.Range{}, wideRune{}, false
}

func narrowSign(r rune) string {
	switch r {
	case '“', '”', '〝', '〟':
		return `"`
	case '　':
		return "space"
	case '、':
		return ","
	case '。':
		return "."
	}
	if r >= '！' && r <= '～' {
		return string(r - '！' + '!')
	}
	return ""
}
