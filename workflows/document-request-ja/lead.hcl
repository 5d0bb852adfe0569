# リードについて分かること。ルールから読めるのは、ここで宣言した項目だけです。
lead {
  key = "email"

  text "user_id" { label = "お客様番号" }
  text "email" {
    label    = "メールアドレス"
    required = true
  }
  text "last_name" { label = "姓" }
  text "first_name" { label = "名" }
  text "company" { label = "会社名" }
  text "department" { label = "部署" }
  text "title" { label = "役職" }
  text "phone" { label = "電話番号" }
  number "employees" { label = "従業員数" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  choice "industry" {
    label = "業種"
    of    = ["製造業", "物流業", "建設業", "卸売業", "IT・通信", "サービス業"]
  }

  choice "region" {
    label = "地域"
    of    = ["関東", "関西", "中部", "九州", "その他"]
  }
}

# リードに起こること。メールの開封やクリックなど、チャネルが知らせるイベントは
# 宣言しなくても使えます。
event "page_viewed" {
  label = "ページ閲覧"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
}

event "form_submitted" {
  label = "フォーム送信"

  choice "form" {
    required = true
    of       = ["document_request", "inquiry"]
  }
}

event "consent_given" {
  label = "同意"

  text "purpose" { required = true }
  text "wording" { required = true }
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
event "document_requested" {
  label = "資料請求"
  from  = event.form_submitted
  when  = "event.form == 'document_request'"
}

event "inquired" {
  label = "お問い合わせ"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

event "pricing_viewed" {
  label = "料金ページ閲覧"
  from  = event.page_viewed
  when  = "event.path startsWith '/pricing' and event.dwell_seconds >= 10"
}

event "case_viewed" {
  label = "導入事例の閲覧"
  from  = event.page_viewed
  when  = "event.path startsWith '/cases' and event.dwell_seconds >= 10"
}
