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
  text "title" { label = "役職" }
  text "phone" { label = "電話番号" }
  number "employees" { label = "従業員数" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }
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
    of       = ["download", "inquiry"]
  }
}

event "seminar_attended" { label = "セミナー参加" }

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

# 名前のついた瞬間。すぐに閉じられたページは、行動とは数えません。
event "page_read" {
  label = "ページを読んだ"
  from  = event.page_viewed
  when  = "event.dwell_seconds >= 10"
}

# 検討が進んだ方が見るページ。自社のサイトに合わせて書き換えてください。
event "key_page_viewed" {
  label = "重要ページの閲覧"
  from  = event.page_viewed
  when  = "event.path matches '^/(pricing|estimate|implementation)' and event.dwell_seconds >= 10"
}

event "downloaded" {
  label = "資料ダウンロード"
  from  = event.form_submitted
  when  = "event.form == 'download'"
}

event "inquired" {
  label = "お問い合わせ"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

# ワークフロー key_page が起こすイベント。外からは送りません。
event "key_page_returned" { label = "重要ページのあとの再訪" }
