package dsl

// textCodes: what is wrong with {{ }} in texts.
var textCodes = []code{
	{
		"N150", Error,
		text{"Braces not closed", "{{ begins here and }} is missing.", "Close it: {{ lead.last_name ?? '…' }}."},
		text{"波かっこが閉じていません", "ここで始まる {{ に対応する }} がありません。", "{{ lead.last_name ?? '…' }} のように閉じてください。"},
	},
	{
		"N151", Error,
		text{"Nothing to insert", "There is nothing between {{ and }}.", "Write what is to stand here: {{ lead.company ?? '…' }}."},
		text{"差し込むものがありません", "{{ と }} の間が空です。", "{{ lead.company ?? '…' }} のように書いてください。"},
	},
	{
		"N152", Error,
		text{"Part without end", "{{ %[1]s }} begins here and has no {{ end }}.", "Write {{ end }} where the part ends."},
		text{"終わりがありません", "ここで始まる {{ %[1]s }} に {{ end }} がありません。", "終わるところに {{ end }} を書いてください。"},
	},
	{
		"N153", Error,
		text{"Part without beginning", "{{ %[1]s }} stands here without an {{ if }} or {{ for }} before it.", "Take it away, or write {{ if … }} where the part begins."},
		text{"始まりがありません", "対応する {{ if }} や {{ for }} がないところに {{ %[1]s }} があります。", "取り除くか、始まるところに {{ if … }} を書いてください。"},
	},
	{
		"N154", Error,
		text{"Unknown word in braces", "'%[1]s' is not part of the texts' language.", "%[2]s"},
		text{"使えない語です", "「%[1]s」は文面では使えません。", "%[2]s"},
	},
	{
		"N155", Error,
		text{"May be empty", "%[1]s may be empty, and the text would have a hole.", "Say what stands there instead: {{ %[1]s ?? '…' }}."},
		text{"空の可能性があります", "%[1]s は空のことがあり、文面に穴があきます。", "代わりの言葉を書いてください: {{ %[1]s ?? '…' }}"},
	},
	{
		"N156", Error,
		text{"Wrong braces", "${ } does not insert anything in a text.", "Write {{ lead.last_name ?? '…' }}."},
		text{"かっこの種類が違います", "文面では ${ } で差し込みはできません。", "{{ lead.last_name ?? '…' }} と書いてください。"},
	},
	{
		"N157", Error,
		text{"Nothing to go through", "for goes through a list, but this gives %[1]s.", "The only list is reasons, in the texts of a hand_over: {{ for r in reasons }}{{ r }}{{ end }}."},
		text{"繰り返せません", "for はリストを順に書きますが、これは%[1]sです。", "リストは hand_over の文面の reasons だけです: {{ for r in reasons }}{{ r }}{{ end }}"},
	},
	{
		"N158", Error,
		text{"A list in a text", "A list cannot stand in a text as it is.", "Go through it: {{ for r in reasons }}- {{ r }}\n{{ end }}"},
		text{"リストはそのまま書けません", "リストはそのままでは文面に書けません。", "順に書いてください: {{ for r in reasons }}{{ r }}{{ end }}"},
	},
	{
		"N159", Error,
		text{"Wrong for", "This is not the form of a for.", "Write {{ for r in reasons }} … {{ end }}."},
		text{"for の書き方が違います", "for の形になっていません。", "{{ for r in reasons }} … {{ end }} と書いてください。"},
	},
	{
		"N160", Error,
		text{"Text too large", "A text may have %[1]s bytes and %[2]s inserted parts.", "Make it shorter; pictures belong behind a link."},
		text{"文面が大きすぎます", "文面は %[1]s バイト、差し込みは %[2]s か所までです。", "短くしてください。画像はリンクで参照します。"},
	},
	{
		"N161", Error,
		text{"Not UTF-8", "The file is not UTF-8 from here on.", "Save it as UTF-8."},
		text{"文字コードが違います", "ここから先が UTF-8 として読めません。", "UTF-8 で保存し直してください。"},
	},
	{
		"N169", Error,
		text{"Too many parts inside each other", "{{ if }} and {{ for }} may stand %[1]s deep inside each other.", "Split the text, or decide with a branch of the workflow."},
		text{"入れ子が深すぎます", "{{ if }} と {{ for }} の入れ子は %[1]s 段までです。", "文面を分けるか、ワークフローの branch で分けてください。"},
	},
}

// mailCodes: what is wrong with a template of a mail.
var mailCodes = []code{
	{
		"N162", Error,
		text{"Unknown line in front", "The part between the --- lines has no '%[1]s'.", "It has: %[2]s. Each stands on a line of its own: preview: …"},
		text{"知らない設定です", "--- の間に「%[1]s」という設定はありません。", "使える設定: %[2]s（preview: … のように一行に一つ書きます）"},
	},
	{
		"N163", Error,
		text{"HTML in Markdown", "A Markdown template takes no HTML.", "Use Markdown, or make it a template that ends in .html."},
		text{"Markdown の中に HTML があります", "Markdown のテンプレートに HTML は書けません。", "Markdown で書くか、拡張子を .html にしてください。"},
	},
	{
		"N164", Error,
		text{"Part crosses its surroundings", "The beginning and the end of this part stand in different paragraphs, links or emphases.", "Put {{ if }}, {{ else }} and {{ end }} on lines of their own, or into the same sentence."},
		text{"範囲が段落をまたいでいます", "始まりと終わりが別の段落・リンク・強調の中にあります。", "{{ if }}・{{ else }}・{{ end }} をそれぞれ単独の行に置くか、同じ文の中に置いてください。"},
	},
	{
		"N165", Error,
		text{"Unknown look", "'%[1]s' cannot be said of a link.", "Write {.button}, a name of your own for its clicks {.case_study}, or both {.button .case_study}; a picture takes {width=300}."},
		text{"リンクの指定が違います", "リンクに「%[1]s」という指定はできません。", "{.button}、クリックに付ける名前 {.case_study}、または両方 {.button .case_study}。画像には {width=300} と書けます。"},
	},
	{
		"N167", Error,
		text{"Unsafe place", "A value cannot be inserted safely here: %[1]s.", "Insert values in the text or in quoted attributes of the HTML."},
		text{"安全に差し込めない場所です", "ここには値を安全に差し込めません: %[1]s", "値は HTML の文章か、引用符で囲んだ属性の中に差し込んでください。"},
	},
	{
		"N168", Error,
		text{"No address", "There is no attribute that holds a lead's mail address.", "Declare text \"email\" in the lead block, or name another one with key."},
		text{"宛先がありません", "見込み客のメールアドレスを入れる項目がありません。", "lead に text \"email\" を宣言するか、key で指定してください。"},
	},
	{
		"N173", Error,
		text{"Unsafe or incomplete link", "'%[1]s' is no address that a mail can link to.", "Write the whole address: https://www.example.com/…"},
		text{"リンク先が使えません", "「%[1]s」はメールから開けるアドレスではありません。", "https://www.example.com/… のように全体を書いてください。"},
	},
	{
		"N175", Error,
		text{"Wrong columns", "These columns do not go: %[1]s", "Write ::: columns, +++ between the columns and ::: at the end, each on a line of its own."},
		text{"段組の書き方が違います", "%[1]s", "::: columns の行で始め、段の間に +++、終わりに ::: を、それぞれ単独の行に書いてください。"},
	},
	{
		"N174", Error,
		text{"Markdown too tangled", "Too many lists, quotes or emphases stand inside each other here.", "Take some of the > - * _ of this part away."},
		text{"Markdown が込み入りすぎています", "ここにはリスト・引用・強調の入れ子が多すぎます。", "この部分の > - * _ を減らしてください。"},
	},
}
