package dsl

// meaningCodes are the problems of what the blocks mean together.
var meaningCodes = []code{
	{
		codeCycle, Error,
		text{"Goes in a circle", "%[1]s depends on itself: %[2]s.", "Take one of these references away."},
		text{"循環しています", "%[1]s は自分自身に依存しています: %[2]s。", "どれかの参照を取り除いてください。"},
	},
	{
		codeNeeds, Error,
		text{"Half of a pair", "%[1]s means nothing without %[2]s.", "Write %[2]s too, or take %[1]s away."},
		text{"片方だけでは意味がありません", "%[1]s は %[2]s がなければ意味がありません。", "%[2]s も書くか、%[1]s を取り除いてください。"},
	},
	{
		codeExcludes, Error,
		text{"One or the other", "%[1]s and %[2]s exclude each other.", "%[3]s"},
		text{"同時には書けません", "%[1]s と %[2]s は同時に書けません。", "%[3]s"},
	},
	{
		codeReserved, Error,
		text{"Name is taken", "'%[1]s' has a meaning of its own: %[2]s.", "Choose another name."},
		text{"使えない名前です", "「%[1]s」には決まった意味があります（%[2]s）。", "別の名前にしてください。"},
	},
	{
		codeSpecialKind, Error,
		text{"Attribute has its own kind", "The attribute %[1]s is always %[2]s: %[3]s.", "Write: %[2]s \"%[1]s\" { … }"},
		text{"属性の種類が決まっています", "属性 %[1]s の種類は %[2]s と決まっています（%[3]s）。", "%[2]s \"%[1]s\" { … } と書いてください。"},
	},
	{
		codeSameWire, Error,
		text{"Same name on the wire", "%[1]s and %[2]s arrive under one name, '%[3]s'.", "Give one of them its exact wire name with name = \"…\"."},
		text{"受信名が重なっています", "%[1]s と %[2]s は、どちらも「%[3]s」という名前で届きます。", "name = \"…\" で、どちらかに正確な受信名を書いてください。"},
	},
	{
		codeBuiltInField, Error,
		text{"Field has its own kind", "The field %[1]s of %[2]s is always %[3]s.", "Choose another name, or take it away."},
		text{"項目の種類が決まっています", "%[2]s の項目 %[1]s の種類は %[3]s と決まっています。", "別の名前にするか、取り除いてください。"},
	},
	{
		codeNotBack, Error,
		text{"leave goes back only", "stage.%[1]s does not stand before stage.%[2]s.", "Name an earlier stage; moving on is what enter is for."},
		text{"leave で進むことはできません", "stage.%[1]s は stage.%[2]s より前にありません。", "前にある段階を書いてください。進むには enter を使います。"},
	},
	{
		codeNoWayIn, Warning,
		text{"No way in", "Nothing brings a lead into the stage %[1]s.", "Give it enter or on, or name it in a toss_up."},
		text{"入る道がありません", "段階 %[1]s に入る道がありません。", "enter か on を書くか、toss_up の to に書いてください。"},
	},
	{
		codeSameStage, Error,
		text{"From and to are one", "The hand-over leaves the lead where it is: from and to are both stage.%[1]s.", "Name another stage, or take to away."},
		text{"移る前後が同じです", "from も to も stage.%[1]s で、渡しても段階が変わりません。", "別の段階を書くか、to を取り除いてください。"},
	},
	{
		codeUnreachable, Error,
		text{"Step is never reached", "No lead ever reaches %[1]s: every way before it leaves the workflow.", "Take it away, or move it before the exit."},
		text{"たどり着けないステップです", "%[1]s には誰も進めません。手前のどの道もワークフローを出ます。", "取り除くか、exit より前に移してください。"},
	},
	{
		codeFallsThrough, Warning,
		text{"No otherwise", "A lead for whom no case holds goes on at %[1]s.", "If that is meant, write: otherwise {}"},
		text{"otherwise がありません", "どの case にも当てはまらないリードは %[1]s へ進みます。", "それでよければ otherwise {} と書いてください。"},
	},
	{
		codeMovedTo, Error,
		text{"Moved to nowhere", "There is no step called '%[1]s' in this workflow.", "%[2]s"},
		text{"移る先がありません", "このワークフローに「%[1]s」というステップはありません。", "%[2]s"},
	},
	{
		codeMovedFrom, Error,
		text{"Moved from a living step", "The step %[1]s is still here.", "moved tells where the leads of a removed step go. Take one of the two away."},
		text{"残っているステップからは移せません", "ステップ %[1]s はまだあります。", "moved は、なくなったステップにいるリードの行き先です。どちらかを取り除いてください。"},
	},
	{
		codeNoConsent, Error,
		text{"Sent without consent", "%[1]s reaches leads, and nothing on its way asks for consent.", "Give the contact_policy: requires = consent.… . What the lead itself asked for is transactional = true."},
		text{"同意なしに送られます", "%[1]s はリードに届きますが、そこまでの道で同意を確かめていません。", "contact_policy に requires = consent.… と書いてください。リード自身が求めたものなら transactional = true です。"},
	},
	{
		codeNoPolicy, Error,
		text{"No contact policy", "%[1]s reaches leads, and there is no contact_policy that covers it.", "%[2]s"},
		text{"コンタクトポリシーがありません", "%[1]s はリードに届きますが、適用する contact_policy がありません。", "%[2]s"},
	},
	{
		codeTooOften, Note,
		text{"More messages than a cap allows", "A lead can meet %[1]s messages of channel.%[2]s within %[3]s; the cap of contact_policy.%[4]s is %[5]s.", "%[6]s"},
		text{"上限を超える数のメッセージがあります", "リードは %[3]s のうちに channel.%[2]s のメッセージを %[1]s 通受け取る可能性があります（contact_policy.%[4]s の上限は %[5]s 通）。", "%[6]s"},
	},
	{
		codeNotLead, Error,
		text{"Channel reaches no lead", "channel.%[1]s does not reach leads, so no policy covers it.", "Take it away, or name a channel such as e-mail."},
		text{"リードに届かないチャネルです", "channel.%[1]s はリードに届かないので、ポリシーの対象になりません。", "取り除くか、メールなどのチャネルを書いてください。"},
	},
	{
		codeEndless, Warning,
		text{"Waits for ever", "A lead for whom %[1]s never comes stays on this step for ever.", "Say how long: at_most = \"14d\""},
		text{"いつまでも待ちつづけます", "%[1]s が起こらないリードは、このステップから動きません。", "at_most = \"14d\" のように上限を書いてください。"},
	},
	{
		codeTestRequired, Error,
		text{"Required value is missing", "%[1]s is required, and is not given here.", "Write: %[1]s = %[2]s"},
		text{"必須の値がありません", "%[1]s は必須ですが、書かれていません。", "%[1]s = %[2]s のように書いてください。"},
	},
	{
		codeTestMoment, Error,
		text{"A moment does not arrive", "%[1]s is a named moment: it is found in %[2]s, and never arrives itself.", "Write event \"%[2]s\" with fields for which %[1]s holds."},
		text{"瞬間はそのままでは届きません", "%[1]s は %[2]s を絞り込んだ瞬間で、それ自体は届きません。", "%[1]s の条件を満たす項目で event \"%[2]s\" と書いてください。"},
	},
	{
		codeTestNothing, Warning,
		text{"Nothing is expected", "The test passes whatever happens.", "Say what must hold: expect = [\"sent('mail') == 1\"]"},
		text{"何も確かめていません", "何が起きても合格するテストです。", "expect = [\"sent('mail') == 1\"] のように、成り立つべきことを書いてください。"},
	},
	{
		codeTestBack, Error,
		text{"Time does not run back", "%[1]s lies before %[2]s, which the test has reached.", "Moments of a test follow each other in time."},
		text{"時間は戻りません", "%[1]s は、テストがすでに達した %[2]s より前です。", "テストの時点は時間の順に書きます。"},
	},
	{
		codeSelfFeeding, Error,
		text{"Feeds itself", "%[1]s brings %[2]s, which sets it off again.", "Choose an event that comes from outside."},
		text{"自分で自分を起こします", "%[1]s が %[2]s を起こし、それがまた %[1]s を起こします。", "外から来るイベントにしてください。"},
	},
	{
		codeUnusedHalf, Warning,
		text{"Without effect", "%[1]s has no effect here: %[2]s.", "%[3]s"},
		text{"効果がありません", "%[1]s はここでは効果がありません（%[2]s）。", "%[3]s"},
	},

	{
		codeNeverOpen, Error,
		text{"Never sent", "'%[1]s' lies in the quiet time of contact_policy.%[2]s.", "Choose hours in which the policy lets messages go."},
		text{"送れる時間がありません", "「%[1]s」は contact_policy.%[2]s の送らない時間に入っています。", "ポリシーが送ることを許す時間帯を選んでください。"},
	},

	{
		codeNoBinary, Error,
		text{"Plugin is not here", "The plugin %[1]s is described, and this build does not have it: what it is given could not be sent.", "Check and test work without it. To serve, take out channel.%[2]s and the steps that use it, or write to another system with plugin = \"webhook\"."},
		text{"プラグインがありません", "プラグイン %[1]s は定義されていますが、この版には入っていないため送れません。", "check と test はこのままで使えます。serve で動かすには、channel.%[2]s とそれを使うステップを取り除くか、plugin = \"webhook\" で送ってください。"},
	},
	{
		codeFinish, Error,
		text{"Leads inside follow the file", "Leads inside %[1]s always follow the changed file; they cannot finish on the one they entered by, because scores, policies and consents are promises about now.", "Give the changed workflow a new name and let the old one run empty (nurture drain %[1]s), or say where leads of removed steps go with moved."},
		text{"中のリードは変更に従います", "%[1]s の中にいるリードは、いつも変更後のファイルに従います。点数やポリシー、同意は「今」の約束なので、入ったときの版のまま進めることはできません。", "変更した側を新しい名前のワークフローにして、もとを空になるまで動かすか（nurture drain %[1]s）、なくしたステップの行き先を moved で書いてください。"},
	},
	{
		codeLoopAtOnce, Error,
		text{"Goes round without waiting", "Nothing waits between %[1]s and %[2]s: a lead would go round %[3]s times in one instant.", "Put a wait on the way, or go to a step before one."},
		text{"待たずに回りつづけます", "%[1]s から %[2]s までに待つところがなく、一瞬で %[3]s 回まわります。", "途中に wait を入れるか、wait より前のステップへ戻してください。"},
	},
	{
		codeNotYours, Error,
		text{"Event of somebody else", "%[1]s is brought by a channel or by the engine, and means that it really happened.", "Declare an event of your own: event \"…\" { }"},
		text{"起こせないイベントです", "%[1]s はチャネルやエンジンのイベントで、実際に起きたことを表します。", "event \"…\" { } と書いて、独自のイベントを宣言してください。"},
	},
	{
		codeSetKey, Error,
		text{"Identity is not set", "%[1]s tells who a lead is, and a step cannot make it somebody else.", "Write to another attribute."},
		text{"リードを特定する属性です", "%[1]s はリードを特定する属性なので、ステップでは変えられません。", "別の属性に書いてください。"},
	},
	{
		codeSameArm, Error,
		text{"Nothing to compare", "%[1]s and %[2]s are the same.", "Change one of them, or take it away."},
		text{"違いがありません", "%[1]s と %[2]s が同じ内容です。", "どちらかを変えるか、取り除いてください。"},
	},
	{
		codeToLeads, Error,
		text{"Channel reaches leads", "channel.%[1]s writes to leads, and this is for your own people.", "Name a channel to your staff or to a system: Slack, a webhook."},
		text{"リードに届くチャネルです", "channel.%[1]s はリードに届きますが、これは社内への知らせです。", "Slack や webhook など、社内やシステムに届くチャネルを書いてください。"},
	},
	{
		codeTooOftenTogether, Note,
		text{"More messages together than a cap allows", "The workflows together can bring a lead %[1]s messages of channel.%[2]s within %[3]s; the cap of contact_policy.%[4]s is %[5]s.", "The cap holds, and the one with the higher priority goes first. Put workflows that compete into one lane, or spread them."},
		text{"合わせると上限を超える数のメッセージがあります", "すべてのワークフローを合わせると、リードは %[3]s のうちに channel.%[2]s のメッセージを %[1]s 通受け取る可能性があります（contact_policy.%[4]s の上限は %[5]s 通）。", "上限は守られ、priority の大きいものが先に送られます。競い合うワークフローは同じ lane に入れるか、間をあけてください。"},
	},
	{
		codeVolumeGoal, Warning,
		text{"Hand-overs as a goal", "kpi.%[1]s counts how many leads are handed over, and gives it a target. More hand-overs are not more deals: a rule that hands over more and wins less would look better.", "Aim at what comes of them: toss_up.NAME.succeeded / toss_up.NAME.handed_over, or toss_up.NAME.won. Without target the figure is shown as a volume."},
		text{"引き渡しの件数が目標になっています", "kpi.%[1]s は引き渡した件数を数え、目標値があります。引き渡しが増えても受注が増えるとは限らず、増やすだけで受注の減るルールが良く見えてしまいます。", "その結果を目標にしてください（toss_up.名前.succeeded / toss_up.名前.handed_over、toss_up.名前.won など）。target を外せば、量として表示されます。"},
	},
	{
		codeBadGuard, Error,
		text{"Not a guard", "'%[1]s' cannot take a change back: %[2]s.", "%[3]s"},
		text{"見張れない条件です", "「%[1]s」では変更を元に戻せません（%[2]s）。", "%[3]s"},
	},
	{
		codeMuteGuard, Warning,
		text{"Guard without a voice", "kpi.%[1]s is judged %[2]s after each delivery, and the bake is over after %[3]s: until then nothing can be below anything.", "Let the bake last longer than that, or guard what shows at once: an unsubscribe rate above a limit."},
		text{"期間内に判定できません", "kpi.%[1]s は %[2]s たってから判定しますが、試す期間は %[3]s で終わります。それまでは「下回った」と言えません。", "bake をそれより長くするか、解除率の上昇のようにすぐ分かるものを見張ってください。"},
	},
	{
		codeReveals, Error,
		text{"Would show what is not to be seen", "%[1]s stands in a text of the web site, and whoever has the visitor's id can read it there.", "%[2]s"},
		text{"サイトに表示されてしまいます", "%[1]s はサイトの文面に入り、訪問者の ID を知る人なら誰でも読めます。", "%[2]s"},
	},
	{
		codeNoConfirmLink, Error,
		text{"No link to confirm", "The mail %[1]s has no {{ confirm_url }}, so nobody could confirm anything.", "Put it into a link: [Confirm]({{ confirm_url }}){.button}"},
		text{"確認のリンクがありません", "メール %[1]s に {{ confirm_url }} がないため、だれも確認できません。", "[登録を確認する]({{ confirm_url }}){.button} のようにリンクに入れてください。"},
	},
}
