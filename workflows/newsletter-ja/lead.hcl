# 読者について分かること。ルールから読めるのは、ここで宣言した項目だけです。
lead {
  key = "email"

  text "user_id" { label = "読者番号" }
  text "email" {
    label    = "メールアドレス"
    required = true
  }
  text "last_name" { label = "姓" }
  text "first_name" { label = "名" }
  text "company" { label = "会社名" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # 静かな時間帯は、分かっていれば読者のタイムゾーンで守ります。
  text "timezone" { label = "タイムゾーン" }

  choice "field" {
    label = "関心のある分野"
    of    = ["quality", "automation", "energy"]
  }
}

# 読者に起こること。メールの開封やクリックなど、チャネルが知らせるイベントは
# 宣言しなくても使えます。
event "form_submitted" {
  label = "フォーム送信"

  choice "form" {
    required = true
    of       = ["newsletter", "inquiry"]
  }
}

# 確認メールのボタンを押したときに、そのページから送ります。purpose は "marketing" です。
event "consent_given" {
  label = "購読の確認"

  text "purpose" { required = true }
  text "wording" { required = true }
}

event "page_viewed" {
  label = "ページ閲覧"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
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
event "signed_up" {
  label = "購読の申し込み"
  from  = event.form_submitted
  when  = "event.form == 'newsletter'"
}

event "inquired" {
  label = "お問い合わせ"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

event "article_read" {
  label = "記事を読んだ"
  from  = event.page_viewed
  when  = "event.path startsWith '/articles' and event.dwell_seconds >= 20"
}
