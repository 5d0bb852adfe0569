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
  number "employees" { label = "従業員数" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # 反応のない方への配信を、こちらからお休みした印。ワークフロー win_back が付け、
  # またご利用が始まると woken が外します。
  flag "resting" {
    label   = "配信をお休み中"
    default = false
  }
}

# リードに起こること。メールの開封やクリックなど、チャネルが知らせるイベントは
# 宣言しなくても使えます。
event "page_viewed" {
  label = "ページ閲覧"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
}

event "order_placed" {
  label = "ご注文"

  text "order_id" { required = true }
  number "amount" { default = 0 }
}

event "form_submitted" {
  label = "フォーム送信"

  choice "form" {
    required = true
    of       = ["inquiry", "preferences"]
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
  label = "年間契約"

  number "amount" { default = 0 }
}

# 名前のついた瞬間。すぐに閉じられたページは、訪問とは数えません。
event "visited" {
  label = "訪問"
  from  = event.page_viewed
  when  = "event.dwell_seconds >= 10"
}

event "inquired" {
  label = "お問い合わせ"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}
