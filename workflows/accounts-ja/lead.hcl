# お一人について分かること。ルールから読めるのは、ここで宣言した項目だけです。
lead {
  key = "email"

  text "email" {
    label    = "メールアドレス"
    form     = "email" # 大文字と小文字の違いなどで別人にしません
    required = true
  }
  text "last_name" { label = "姓" }
  text "first_name" { label = "名" }

  # 同じ会社の方を、これで見つけます（account.hcl）。
  text "company" {
    label = "会社名"
    form  = "text"
  }

  choice "role" {
    label = "役割"
    of    = ["evaluator", "manager", "executive"]
  }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # 静かな時間帯は、分かっていればご本人のタイムゾーンで守ります。
  text "timezone" { label = "タイムゾーン" }
}

# 起こること。チャネルやサイトのスニペットが知らせるイベント（クリック、サイト表示など）は、
# 宣言しなくても使えます。
event "form_submitted" {
  label = "フォーム送信"

  choice "form" {
    required = true
    of       = ["guide", "inquiry"]
  }
}

# フォームで配信希望にチェックがあったとき、フォームと一緒に送ります。これだけではまだ同意に
# なりません（contact.hcl）。
event "consent_given" {
  label = "配信の申し込み"

  text "purpose" { required = true }
  text "wording" { required = true }
}

event "page_viewed" {
  label = "ページ閲覧"

  text "path" { required = true }
}

event "opportunity_created" {
  label = "商談化"

  number "amount" { default = 0 }
}

event "deal_won" {
  label = "受注"

  number "amount" { default = 0 }
}

# 名前のついた瞬間。もとのイベントを絞り込み、独自の名前で数えます。
event "guide_requested" {
  label = "手引きの請求"
  from  = event.form_submitted
  when  = "event.form == 'guide'"
}

event "inquired" {
  label = "お問い合わせ"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

event "pricing_viewed" {
  label = "料金ページの閲覧"
  from  = event.page_viewed
  when  = "event.path == '/pricing'"
}
