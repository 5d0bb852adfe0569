package dsl

// The codes about structure.
const (
	codeSyntax        = "N001"
	codeTooLarge      = "N002"
	codeNoFiles       = "N003"
	codeUnreadable    = "N004"
	codeNotAllowed    = "N005"
	codeInterpolation = "N006"

	codeUnknownBlock  = "N010"
	codeUnknownAttr   = "N011"
	codeMissingAttr   = "N012"
	codeMissingBlock  = "N013"
	codeTooMany       = "N014"
	codeBadLabels     = "N015"
	codeBadName       = "N016"
	codeTwice         = "N017"
	codeBlockForm     = "N018"
	codeAttrForm      = "N019"
	codeUnknownRef    = "N020"
	codeWrongRef      = "N022"
	codeQuotedRef     = "N023"
	codeUnknownPlugin = "N024"
	codeNoTemplate    = "N025"
	codeNoFile        = "N026"
	codeWrongChannel  = "N027"
	codeWhichChannel  = "N028"
	codeNoChannel     = "N029"

	codeWrongType      = "N030"
	codeBadLength      = "N031"
	codeBadChoice      = "N032"
	codeOutOfBounds    = "N033"
	codeUpsideDown     = "N034"
	codeBadTime        = "N035"
	codeBadSchedule    = "N036"
	codeBadHours       = "N037"
	codeBadZone        = "N038"
	codeBadPhrase      = "N039"
	codeSecretHere     = "N040"
	codeUnsetSecret    = "N041"
	codeUnknownFunc    = "N042"
	codeCannotEvaluate = "N043"
	codeBadDefault     = "N044"
	codeEmpty          = "N045"
	codeOpenSecret     = "N046"
	codeBadDomain      = "N047"
	codeBadPath        = "N048"

	codeCycle        = "N050"
	codeNeeds        = "N051"
	codeExcludes     = "N052"
	codeReserved     = "N053"
	codeSpecialKind  = "N054"
	codeSameWire     = "N055"
	codeBuiltInField = "N056"
	codeNotBack      = "N057"
	codeNoWayIn      = "N058"
	codeSameStage    = "N059"
	codeUnreachable  = "N060"
	codeFallsThrough = "N061"
	codeMovedTo      = "N062"
	codeMovedFrom    = "N063"
	codeNoConsent    = "N065"
	codeNoPolicy     = "N066"
	codeTooOften     = "N067"
	codeNotLead      = "N068"
	codeEndless      = "N069"
	codeTestRequired = "N070"
	codeTestMoment   = "N071"
	codeTestNothing  = "N072"
	codeTestBack     = "N073"
	codeSelfFeeding  = "N074"
	codeUnusedHalf   = "N075"
	codeNeverOpen    = "N076"
	codeNoBinary     = "N081"
	codeFinish       = "N082"
	codeLoopAtOnce   = "N083"
	codeNotYours     = "N084"
	codeSetKey       = "N085"
	codeSameArm      = "N086"
	codeToLeads      = "N087"

	codeTooOftenTogether = "N088"
	codeVolumeGoal       = "N089"
	codeBadGuard         = "N090"
	codeMuteGuard        = "N091"
	codeReveals          = "N097"
	codeNoConfirmLink    = "N098"
)

// structureCodes are the problems about blocks, references, values and steps.
// (Those inside quotes and templates: exprCodes.)
var structureCodes = []code{
	{
		codeSyntax, Error,
		text{"Not readable", "%[1]s.", "%[2]s"},
		text{"読めません", "%[1]s。", "%[2]s"},
	},
	{
		codeTooLarge, Error,
		text{"File too large", "The file has more than %[1]s.", "Split it: all *.hcl files of the workspace are one set."},
		text{"ファイルが大きすぎます", "%[1]s を超えています。", "ファイルを分けてください。ワークスペースの *.hcl はすべてひとつの集まりです。"},
	},
	{
		codeNoFiles, Error,
		text{"No workspace", "There is no *.hcl file here.", "Start one with: nurture init"},
		text{"ワークスペースがありません", "*.hcl のファイルがひとつもありません。", "nurture init で作れます。"},
	},
	{
		codeUnreadable, Error,
		text{"File cannot be read", "The file cannot be read: %[1]s.", "Files are UTF-8, and readable by the one who runs nurture."},
		text{"ファイルを開けません", "ファイルを開けません（%[1]s）。", "UTF-8 で保存し、読み取りを許可してください。"},
	},
	{
		codeNotAllowed, Error,
		text{"Not part of the language", "%[1]s cannot be used in a workspace.", "Write the value itself, const.NAME, or env(\"…\"), secret(\"…\"), file(\"…\")."},
		text{"この書き方は使えません", "%[1]s はワークスペースでは使えません。", "値そのもの、const.名前、env(\"…\")、secret(\"…\")、file(\"…\") のどれかで書いてください。"},
	},
	{
		codeInterpolation, Error,
		text{"Wrong kind of braces", "${ } and %{ } are not read here.", "In texts write {{ … }}; in conditions write the name itself, const.hot for instance. For the characters as they are, write $${."},
		text{"かっこの種類が違います", "${ } や %{ } はここでは使えません。", "文面では {{ … }} と書き、条件では const.hot のように名前をそのまま書きます。文字として使うときは $${ と書きます。"},
	},

	{
		codeUnknownBlock, Error,
		text{"Unknown block", "There is no block called '%[1]s' here.", "%[2]s"},
		text{"知らないブロックです", "「%[1]s」というブロックはここには書けません。", "%[2]s"},
	},
	{
		codeUnknownAttr, Error,
		text{"Unknown attribute", "%[1]s has no attribute called '%[2]s'.", "%[3]s"},
		text{"知らない項目です", "%[1]s に「%[2]s」という項目はありません。", "%[3]s"},
	},
	{
		codeMissingAttr, Error,
		text{"Attribute is missing", "%[1]s needs %[2]s.", "Write: %[2]s = %[3]s"},
		text{"必要な項目がありません", "%[1]s には %[2]s が必要です。", "%[2]s = %[3]s のように書いてください。"},
	},
	{
		codeMissingBlock, Error,
		text{"Block is missing", "%[1]s needs %[2]s.", "Write for instance:\n%[3]s"},
		text{"必要なブロックがありません", "%[1]s には %[2]s が必要です。", "たとえば次のように書きます。\n%[3]s"},
	},
	{
		codeTooMany, Error,
		text{"Block stands twice", "%[1]s may stand only once.", "Take one of them away."},
		text{"ブロックが重複しています", "%[1]s はひとつしか書けません。", "どちらかを取り除いてください。"},
	},
	{
		codeBadLabels, Error,
		text{"Wrong number of names", "%[1]s takes %[2]s.", "Write: %[3]s"},
		text{"名前の数が違います", "%[1]s に書けるのは、%[2]s。", "%[3]s のように書いてください。"},
	},
	{
		codeBadName, Error,
		text{"Not a name", "'%[1]s' cannot be a name: names have letters, digits and _, and begin with a letter.", "In a condition '-' is minus and a space ends the name."},
		text{"名前として使えません", "「%[1]s」は名前にできません。使えるのは文字、数字、_ で、先頭は文字です。", "条件の中では - は引き算、空白は名前の終わりになります。"},
	},
	{
		codeTwice, Error,
		text{"Name used twice", "%[1]s \"%[2]s\" is declared twice.", "Rename one of them, or take it away."},
		text{"名前が重複しています", "%[1]s \"%[2]s\" が二度宣言されています。", "どちらかの名前を変えるか、取り除いてください。"},
	},
	{
		codeBlockForm, Error,
		text{"Block written as attribute", "%[1]s is a block.", "Write it without =: %[1]s { … }"},
		text{"ブロックに = は付けません", "%[1]s はブロックです。", "= を付けずに %[1]s { … } と書いてください。"},
	},
	{
		codeAttrForm, Error,
		text{"Attribute written as block", "%[1]s is an attribute.", "Write it with =: %[1]s = %[2]s"},
		text{"項目には = が必要です", "%[1]s は項目です。", "%[1]s = %[2]s のように = を付けて書いてください。"},
	},

	{
		codeUnknownRef, Error,
		text{"Unknown reference", "There is no %[1]s called '%[2]s'.", "%[3]s"},
		text{"参照先がありません", "「%[2]s」という %[1]s はありません。", "%[3]s"},
	},
	{
		codeWrongRef, Error,
		text{"Reference to something else", "'%[1]s' does not refer to what belongs here.", "Write %[2]s."},
		text{"参照の種類が違います", "「%[1]s」はここに書く種類の参照ではありません。", "%[2]s のように書いてください。"},
	},
	{
		codeQuotedRef, Error,
		text{"Reference in quotes", "A reference stands bare, without quotes.", "Write %[1]s."},
		text{"参照に引用符は付けません", "参照は引用符なしで書きます。", "%[1]s と書いてください。"},
	},
	{
		codeUnknownPlugin, Error,
		text{"Unknown plugin", "There is no plugin called '%[1]s'.", "Known plugins: %[2]s. One of your own becomes known with: nurture plugin lock"},
		text{"知らないプラグインです", "「%[1]s」というプラグインはありません。", "使えるプラグイン: %[2]s。自作や外部のものは nurture plugin lock で使えるようになります。"},
	},
	{
		codeNoTemplate, Error,
		text{"Template not found", "There is no file templates/%[1]s.", "%[2]s"},
		text{"テンプレートがありません", "templates/%[1]s というファイルはありません。", "%[2]s"},
	},
	{
		codeNoFile, Error,
		text{"File not found", "There is no file %[1]s inside the workspace.", "file(\"…\") reads files of the workspace, named from its root."},
		text{"ファイルがありません", "ワークスペースの中に %[1]s はありません。", "file(\"…\") はワークスペースの中のファイルを、いちばん上からの名前で読みます。"},
	},
	{
		codeWrongChannel, Error,
		text{"Channel cannot do this", "channel.%[1]s (plugin %[2]s) has no step '%[3]s'.", "%[4]s"},
		text{"このチャネルではできません", "channel.%[1]s（プラグイン %[2]s）には %[3]s というステップがありません。", "%[4]s"},
	},
	{
		codeWhichChannel, Error,
		text{"Which channel?", "Several channels can perform %[1]s: %[2]s.", "Say which: channel = channel.…"},
		text{"チャネルを選べません", "%[1]s を行えるチャネルがいくつもあります: %[2]s。", "channel = channel.… と書いて選んでください。"},
	},
	{
		codeNoChannel, Error,
		text{"No channel for this step", "No channel is configured that can perform %[1]s.", "Write for instance:\n%[2]s"},
		text{"このステップのチャネルがありません", "%[1]s を行えるチャネルが設定されていません。", "たとえば次のように書きます。\n%[2]s"},
	},

	{
		codeWrongType, Error,
		text{"Wrong kind of value", "%[1]s must be %[2]s.", "Write: %[1]s = %[3]s"},
		text{"値の種類が違います", "%[1]s に書くのは、%[2]sです。", "%[1]s = %[3]s のように書いてください。"},
	},
	{
		codeBadLength, Error,
		text{"Not a length of time", "'%[1]s' %[2]s.", "Write for instance \"%[3]s\". Lengths are written \"30s\", \"10m\", \"4h\", \"14d\", \"2w\"%[4]s."},
		text{"期間として読めません", "「%[1]s」は%[2]s。", "たとえば \"%[3]s\" と書きます。期間は \"30s\"、\"10m\"、\"4h\"、\"14d\"、\"2w\"%[4]s のように書きます。"},
	},
	{
		codeBadChoice, Error,
		text{"Not one of the choices", "'%[1]s' is not one of the choices.", "Choose from: %[2]s."},
		text{"選択肢にありません", "「%[1]s」は選択肢にありません。", "選べるのは: %[2]s"},
	},
	{
		codeOutOfBounds, Error,
		text{"Number out of bounds", "%[1]s must be %[2]s.", "%[3]s"},
		text{"数値が範囲の外です", "%[1]s に書けるのは、%[2]sです。", "%[3]s"},
	},
	{
		codeUpsideDown, Error,
		text{"Range upside down", "%[1]s is not below %[2]s.", "Write the lower end first."},
		text{"範囲が逆です", "%[1]s は %[2]s より小さくありません。", "小さいほうを先に書いてください。"},
	},
	{
		codeBadTime, Error,
		text{"Not a date", "'%[1]s' is not %[2]s.", "Write for instance \"%[3]s\"."},
		text{"日付として読めません", "「%[1]s」は%[2]sとして読めません。", "\"%[3]s\" のように書いてください。"},
	},
	{
		codeBadSchedule, Error,
		text{"Not a schedule", "'%[1]s' is not a schedule: %[2]s.", "Five fields: minute, hour, day, month, weekday. \"0 9 * * 1\" is Mondays at 9:00, \"0 8 * * 2#1\" the first Tuesday of a month at 8:00. Or one date with a time: \"2026-10-01 09:00\"."},
		text{"スケジュールとして読めません", "「%[1]s」はスケジュールではありません（%[2]s）。", "「分 時 日 月 曜日」の5項目です。\"0 9 * * 1\" は毎週月曜9時、\"0 8 * * 2#1\" は毎月第1火曜8時。一度きりなら \"2026-10-01 09:00\"。"},
	},
	{
		codeBadHours, Error,
		text{"Not hours or days", "'%[1]s' %[2]s.", "Write for instance \"%[3]s\"."},
		text{"曜日や時間帯として読めません", "「%[1]s」は%[2]s。", "\"%[3]s\" のように書いてください。"},
	},
	{
		codeBadZone, Error,
		text{"Unknown time zone", "There is no time zone called '%[1]s'.", "Write for instance \"%[2]s\"."},
		text{"知らないタイムゾーンです", "「%[1]s」というタイムゾーンはありません。", "\"%[2]s\" のような名前で書いてください。"},
	},
	{
		codeBadPhrase, Error,
		text{"Cannot be read", "'%[1]s' cannot be read as %[2]s.", "Write for instance %[3]s."},
		text{"読めない書き方です", "「%[1]s」は%[2]sとして読めません。", "%[3]s のように書いてください。"},
	},
	{
		codeSecretHere, Error,
		text{"Secret in a wrong place", "A secret may stand only in the config of a channel, in a setting that is kept secret.", "%[1]s"},
		text{"ここに秘密の値は書けません", "secret(\"…\") を書けるのは、チャネルの config の秘密の項目だけです。", "%[1]s"},
	},
	{
		codeUnsetSecret, Note,
		text{"Not set", "%[1]s is not set where this runs.", "Set it before serve: %[1]s=…"},
		text{"設定されていません", "%[1]s がこの環境で設定されていません。", "serve の前に %[1]s=… を設定してください。"},
	},
	{
		codeUnknownFunc, Error,
		text{"Unknown function", "There is no function called '%[1]s' in HCL.", "Functions are env(\"…\"), secret(\"…\"), file(\"…\")."},
		text{"知らない関数です", "HCL に「%[1]s」という関数はありません。", "使えるのは env(\"…\")、secret(\"…\")、file(\"…\") です。"},
	},
	{
		codeCannotEvaluate, Error,
		text{"No value", "The value cannot be computed: %[1]s.", "Write the value itself, or const.NAME."},
		text{"値が決まりません", "値を計算できません（%[1]s）。", "値そのもの、または const.名前 で書いてください。"},
	},
	{
		codeBadDefault, Error,
		text{"Value does not fit", "%[1]s is %[2]s, and %[3]s is not.", "Write for instance: %[4]s"},
		text{"値が合いません", "%[1]s に入るのは%[2]sで、%[3]s は合いません。", "たとえば %[4]s と書きます。"},
	},
	{
		codeEmpty, Error,
		text{"Nothing in it", "%[1]s is empty.", "Write: %[1]s = %[2]s"},
		text{"中身がありません", "%[1]s が空です。", "%[1]s = %[2]s のように書いてください。"},
	},
	{
		codeOpenSecret, Note,
		text{"Secret written in the file", "%[1]s is a secret, and whoever reads the file reads it.", "Write %[1]s = secret(\"%[2]s\") and set it where nurture runs."},
		text{"秘密の値がファイルに書かれています", "%[1]s は秘密の値ですが、ファイルを読む人に見えてしまいます。", "%[1]s = secret(\"%[2]s\") と書き、動かす環境で設定してください。"},
	},
	{
		codeBadDomain, Error,
		text{"Not a domain", "%[1]q is not the domain of an address.", "Write what stands behind the @, such as \"docomo.ne.jp\", or \"*\" for each domain without a block of its own."},
		text{"ドメインではありません", "%[1]q はメールアドレスのドメインではありません。", "\"docomo.ne.jp\" のように @ の後ろを書いてください。個別の指定がないドメインは \"*\" です。"},
	},
	{
		codeBadPath, Error,
		text{"Not a path", "'%[1]s' leads to nothing that a message could have.", "Join names by dots and put places of lists in brackets: \"form.answers[0].text\". A header is \"header:X-Request-Id\", a name with a dot in it ['a.b']."},
		text{"パスとして読めません", "「%[1]s」はメッセージの中の場所を示していません。", "名前は点で、リストの位置は [ ] で \"form.answers[0].text\" のように書きます。ヘッダーは \"header:X-Request-Id\"、点を含む名前は ['a.b'] です。"},
	},
}
