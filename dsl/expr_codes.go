package dsl

import "slices"

// exprCodes are the problems inside quotes and templates.
var exprCodes = slices.Concat(gateCodes, nameCodes, kindCodes, textCodes, mailCodes)

// gateCodes: what is not an expression, or more than one may be.
var gateCodes = []code{
	{
		"N100", Error,
		text{"Empty condition", "There is nothing between the quotes.", "Write what is asked, for example score.interest >= 70."},
		text{"条件が空です", "引用符の間に何も書かれていません。", "たとえば score.interest >= 70 のように書いてください。"},
	},
	{
		"N101", Error,
		text{"Expression too long", "An expression may have %[1]s bytes; this one has %[2]s.", "Split it: a list of strings means that all of them must hold, and a segment gives a part a name."},
		text{"式が長すぎます", "式は %[1]s バイトまでです（この式は %[2]s バイト）。", "リストに分ける（すべて満たす、の意味になります）か、segment として名前を付けてください。"},
	},
	{
		"N102", Error,
		text{"Expression too complicated", "Brackets may stand %[1]s deep inside each other.", "Give a part of it a name with a segment."},
		text{"式が複雑すぎます", "かっこの入れ子は %[1]s 段までです。", "一部を segment として名前を付けてください。"},
	},
	{
		"N103", Error,
		text{"Full-width sign", "'%[1]s' is a full-width sign; expressions are written with half-width ones.", "Type %[2]s."},
		text{"全角の記号があります", "「%[1]s」は全角です。式の記号は半角で書きます。", "半角の %[2]s を入力してください。"},
	},
	{
		"N104", Error,
		text{"Cannot be read", "'%[1]s' cannot stand here.", "Comparisons look like lead.title == '部長'; they are joined by and, or, not."},
		text{"式として読めません", "「%[1]s」はここには書けません。", "比較は lead.title == '部長' のように書き、and・or・not でつなぎます。"},
	},
	{
		"N105", Error,
		text{"Ends too early", "Something is missing after '%[1]s'.", "Write the value to compare with, or take the last word away."},
		text{"式が途中で終わっています", "「%[1]s」の後ろに続きが必要です。", "比べる値を書くか、最後の語を取り除いてください。"},
	},
	{
		"N106", Error,
		text{"Text not closed", "A text begins here and has no closing quote.", "Texts stand in single quotes: '部長'."},
		text{"文字列が閉じていません", "ここから始まる文字列に閉じる引用符がありません。", "文字列は '部長' のように半角の引用符で囲みます。"},
	},
	{
		"N107", Error,
		text{"Assignment instead of comparison", "A single = would set a value; a condition only asks.", "Compare with ==."},
		text{"比較ではなく代入になっています", "= ひとつは代入の記号です。条件では比べることしかできません。", "比較は == と書いてください。"},
	},
	{
		"N108", Error,
		text{"Unknown operator", "'%[1]s' is not an operator of the language.", "Write %[2]s."},
		text{"使えない演算子です", "「%[1]s」という演算子はありません。", "%[2]s と書いてください。"},
	},
	{
		"N109", Error,
		text{"Unclear order", "?? and '%[1]s' stand side by side without brackets.", "Put the part with ?? in brackets: (lead.employees ?? 0) %[1]s …"},
		text{"計算の順序が決まりません", "?? と「%[1]s」がかっこなしで並んでいます。", "?? の部分をかっこで囲んでください: (lead.employees ?? 0) %[1]s …"},
	},
	{
		"N110", Error,
		text{"Not part of the language", "%[1]s cannot be used in conditions and texts.", "%[2]s"},
		text{"この書き方は使えません", "%[1]s は条件や文面では使えません。", "%[2]s"},
	},
	{
		"N111", Error,
		text{"Bracket without partner", "'%[1]s' has no partner.", "Close every bracket that is opened, in the opposite order."},
		text{"かっこが対になっていません", "「%[1]s」に対応するかっこがありません。", "開いたかっこは逆の順で閉じてください。"},
	},
	{
		"N143", Error,
		text{"Unknown backslash", "'%[1]s' has no meaning in a text.", "In patterns write [0-9] for a digit and [.] for a point; a backslash itself is written twice."},
		text{"使えない逆斜線です", "文字列の中の「%[1]s」には意味がありません。", "パターンの中では数字を [0-9]、点を [.] と書きます。逆斜線そのものは二つ続けて書きます。"},
	},
	{
		"N137", Error,
		text{"Number out of bounds", "'%[1]s' is not a number that can be counted with exactly.", "Numbers reach from -9007199254740991 to 9007199254740991, with a point for decimals."},
		text{"扱えない数値です", "「%[1]s」は正確に計算できる数値ではありません。", "-9007199254740991 から 9007199254740991 までの数を、小数点は半角で書いてください。"},
	},
}

// nameCodes: what nothing declares, or nothing that may be named here.
var nameCodes = []code{
	{
		"N021", Error,
		text{"Unknown name", "%[1]s has no %[2]s called '%[3]s'.", "Declared are: %[4]s."},
		text{"知らない名前です", "%[1]s に「%[3]s」という項目はありません。", "使える名前: %[4]s"},
	},
	{
		"N112", Error,
		text{"Unknown word", "'%[1]s' means nothing here.", "Facts begin with lead., score., segment., consent., event. or const.; texts stand in single quotes: '%[1]s'."},
		text{"知らない語です", "「%[1]s」という語はありません。", "事実は lead. score. segment. consent. event. const. で始め、文字列は '%[1]s' のように引用符で囲みます。"},
	},
	{
		"N113", Error,
		text{"Unknown function", "There is no function called '%[1]s'.", "Functions are: %[2]s."},
		text{"知らない関数です", "「%[1]s」という関数はありません。", "使える関数: %[2]s"},
	},
	{
		"N114", Error,
		text{"Wrong number of arguments", "%[1]s is given %[2]s arguments.", "It is written %[3]s."},
		text{"引数の数が違います", "%[1]s に引数が %[2]s 個あります。", "%[3]s のように書きます。"},
	},
	{
		"N115", Error,
		text{"Argument must be written out", "%[1]s needs a name in quotes here, because it is looked up when the file is loaded.", "It is written %[2]s."},
		text{"引数は文字列で書いてください", "%[1]s のこの引数は読み込み時に調べるので、引用符で囲んだ名前が必要です。", "%[2]s のように書きます。"},
	},
	{
		"N116", Error,
		text{"Unknown event", "No event is called '%[1]s'.", "Declared are: %[2]s."},
		text{"知らないイベントです", "「%[1]s」というイベントはありません。", "使える名前: %[2]s"},
	},
	{
		"N117", Error,
		text{"Unknown workflow", "No workflow is called '%[1]s'.", "Declared are: %[2]s."},
		text{"知らないワークフローです", "「%[1]s」というワークフローはありません。", "使える名前: %[2]s"},
	},
	{
		"N118", Error,
		text{"Unknown channel", "No channel is called '%[1]s'.", "Declared are: %[2]s."},
		text{"知らないチャネルです", "「%[1]s」というチャネルはありません。", "使える名前: %[2]s"},
	},
	{
		"N147", Error,
		text{"Unknown slot", "No step shows anything in a slot called '%[1]s'.", "There are: %[2]s."},
		text{"知らないスロットです", "「%[1]s」というスロットに表示するステップはありません。", "使える名前: %[2]s"},
	},
	{
		"N119", Error,
		text{"Unknown toss-up", "No toss-up is called '%[1]s'.", "Declared are: %[2]s."},
		text{"知らないトスアップです", "「%[1]s」というトスアップはありません。", "使える名前: %[2]s"},
	},
	{
		"N120", Error,
		text{"Wrong length of time", "'%[1]s' is not a length of time.", "Write a whole number with d, h, m or s: '7d' is seven days, '4h' four hours; at most '3650d'."},
		text{"期間の書き方が違います", "「%[1]s」は期間として読めません。", "'7d'（7日）'4h'（4時間）のように、整数に d・h・m・s を付けます。最長は '3650d' です。"},
	},
	{
		"N132", Error,
		text{"No event at hand", "event.%[1]s can only be read where a rule has an event (on = event.…).", "Add on to the rule, or ask with did('…', '7d') whether something has happened."},
		text{"ここではイベントを読めません", "event.%[1]s は、on = event.… のあるルールでだけ読めます。", "ルールに on を加えるか、did('…', '7d') で過去の出来事を調べてください。"},
	},
	{
		"N133", Error,
		text{"Not to be read here", "%[1]s cannot be read in this place.", "%[2]s"},
		text{"ここでは読めません", "%[1]s はこの場所では読めません。", "%[2]s"},
	},
}

// kindCodes: what does not fit together, or asks nothing.
var kindCodes = []code{
	{
		"N121", Error,
		text{"Value that never comes", "%[1]s never is '%[2]s'.", "It is one of: %[3]s."},
		text{"取り得ない値です", "%[1]s が「%[2]s」になることはありません。", "取り得る値: %[3]s"},
	},
	{
		"N122", Error,
		text{"Unknown step", "%[1]s never gives '%[2]s': the workflow has no such step and no such exit.", "It has: %[3]s."},
		text{"知らないステップです", "%[1]s が「%[2]s」になることはありません。そのステップも exit もありません。", "使える名前: %[3]s"},
	},
	{
		"N123", Error,
		text{"Unknown stage", "No stage is called '%[2]s'.", "Declared are: %[3]s."},
		text{"知らないステージです", "「%[2]s」というステージはありません。", "使える名前: %[3]s"},
	},
	{
		"N124", Error,
		text{"Different kinds compared", "%[1]s is %[2]s and %[3]s is %[4]s; they are never equal.", "Compare numbers with numbers and texts with texts in single quotes."},
		text{"種類の違う値を比べています", "%[1]s は%[2]s、%[3]s は%[4]sなので、比べられません。", "数値は数値と、文字列は引用符で囲んだ文字列と比べてください。"},
	},
	{
		"N125", Error,
		text{"Operator does not fit", "%[1]s works on %[2]s, but %[3]s is %[4]s.", "%[5]s"},
		text{"演算子が合いません", "%[1]s は%[2]sに使いますが、%[3]s は%[4]sです。", "%[5]s"},
	},
	{
		"N126", Error,
		text{"Not a yes/no question", "This gives %[1]s, but a condition is answered with yes or no.", "Compare it with something: %[2]s."},
		text{"はい／いいえで答えられません", "この式の結果は%[1]sです。条件は、はい／いいえで答えられる必要があります。", "何かと比べてください: %[2]s"},
	},
	{
		"N127", Error,
		text{"Always true", "This holds for everybody, whatever is known about the lead.", "Take it away, or compare with another value."},
		text{"常に真になります", "どの見込み客についても必ず成り立ちます。", "取り除くか、別の値と比べてください。"},
	},
	{
		"N128", Error,
		text{"Always false", "This holds for nobody, whatever is known about the lead.", "Compare with another value; two values of one fact are joined by or, not by and."},
		text{"常に偽になります", "どの見込み客についても成り立つことがありません。", "別の値と比べてください。ひとつの事実の二つの値は and ではなく or でつなぎます。"},
	},
	{
		"N129", Error,
		text{"Threshold out of range", "%[1]s reaches from %[2]s to %[3]s, so this is %[4]s.", "Compare with a number inside the range."},
		text{"しきい値が範囲の外です", "%[1]s は %[2]s から %[3]s までなので、%[4]s。", "範囲の中の数と比べてください。"},
	},
	{
		"N130", Error,
		text{"May be empty", "%[1]s may be empty, and nothing can be computed with an empty value.", "Say what counts instead: (%[1]s ?? %[2]s)."},
		text{"空の可能性があります", "%[1]s は空のことがあり、空の値は計算できません。", "代わりの値を書いてください: (%[1]s ?? %[2]s)"},
	},
	{
		"N131", Error,
		text{"nil is not compared", "A comparison with an empty value never holds, so nil cannot be asked for with %[1]s.", "Ask with empty(…) or not empty(…)."},
		text{"nil とは比べられません", "空の値との比較は決して成り立たないので、%[1]s で nil を調べることはできません。", "empty(…) または not empty(…) と書いてください。"},
	},
	{
		"N134", Error,
		text{"Pattern cannot be read", "The pattern after matches is not a regular expression: %[1]s.", "Signs such as ( [ * + ? . need a pair of [ ] around them when they mean themselves: [.]."},
		text{"パターンが読めません", "matches の後ろが正規表現になっていません: %[1]s", "( [ * + ? . などを文字として探すときは [.] のように角かっこで囲みます。"},
	},
	{
		"N135", Error,
		text{"Pattern too large", "The pattern would take %[1]s steps a character; %[2]s are allowed.", "Make the repetitions smaller, or split it into several conditions."},
		text{"パターンが大きすぎます", "このパターンは1文字あたり %[1]s 手順かかります（上限 %[2]s）。", "繰り返しの数を減らすか、条件を分けてください。"},
	},
	{
		"N136", Error,
		text{"Pattern must be written out", "The pattern after matches has to be a text in quotes.", "To look for the value of another fact, use contains."},
		text{"パターンは文字列で書いてください", "matches の後ろには引用符で囲んだパターンが必要です。", "別の事実の値を探すには contains を使います。"},
	},
	{
		"N138", Error,
		text{"Not a number", "This gives %[1]s, but a number is needed here.", "Write a number, or cond ? number : number."},
		text{"数値ではありません", "この式の結果は%[1]sですが、ここでは数値が必要です。", "数値、または「条件 ? 数値 : 数値」を書いてください。"},
	},
	{
		"N139", Error,
		text{"Not a text", "This gives %[1]s, but a text is needed here.", "Texts stand in single quotes inside the expression: 'tokyo'."},
		text{"文字列ではありません", "この式の結果は%[1]sですが、ここでは文字列が必要です。", "式の中の文字列は 'tokyo' のように引用符で囲みます。"},
	},
	{
		"N141", Error,
		text{"Not a date", "'%[1]s' cannot be compared with a time.", "Write '2026-10-01' or '2026-10-01 09:00'."},
		text{"日付として読めません", "「%[1]s」は日時と比べられません。", "'2026-10-01' または '2026-10-01 09:00' と書いてください。"},
	},
	{
		"N142", Error,
		text{"Different kinds of result", "One way gives %[1]s, the other %[2]s.", "Let both give the same kind of value."},
		text{"結果の種類が違います", "一方は%[1]s、もう一方は%[2]sになります。", "どちらも同じ種類の値にしてください。"},
	},
	{
		"N145", Error,
		text{"Not a time", "This gives %[1]s, but a time is needed here.", "Write a date, '2026-10-01 09:00' without {{ }}, or an expression such as now."},
		text{"日時ではありません", "この式の結果は%[1]sですが、ここでは日時が必要です。", "「2026-10-01 09:00」のような日時か、now のような式を書いてください。"},
	},
	{
		"N146", Error,
		text{"Half of a figure", "%[1]s is not a number yet.", "Say which of its figures is meant: kpi.NAME.value, toss_up.NAME.handed_over."},
		text{"数値が決まりません", "%[1]s だけでは数値になりません。", "kpi.名前.value や toss_up.名前.handed_over のように、どの数値かを書いてください。"},
	},
	{
		"N144", Error,
		text{"Empty text compared", "An empty text counts as no value, and a comparison with no value never holds.", "Ask with empty(%[1]s) or not empty(%[1]s)."},
		text{"空の文字列と比べています", "空の文字列は「値なし」と同じ扱いで、値なしとの比較は決して成り立ちません。", "empty(%[1]s) または not empty(%[1]s) と書いてください。"},
	},
}
