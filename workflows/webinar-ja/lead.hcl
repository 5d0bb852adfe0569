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
  number "employees" { label = "従業員数" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # 次に参加するウェビナー。申し込みフォームは、イベント webinar_registered の前に、
  # identify でこの4つを送ります。二つ目に申し込むと、新しいほうに置き換わります。
  text "webinar_id" { label = "次のウェビナー" }
  text "webinar_title" { label = "次のウェビナーの題名" }
  text "webinar_url" { label = "次のウェビナーの参加用URL" }
  time "webinar_at" { label = "次のウェビナーの開始日時" }
}

# リードに起こること。メールの開封やクリックなど、チャネルが知らせるイベントは
# 宣言しなくても使えます。
event "webinar_registered" {
  label = "ウェビナー申し込み"

  text "webinar_id" { required = true }
}

event "webinar_cancelled" {
  label = "ウェビナーのキャンセル"

  text "webinar_id" { required = true }
}

# 参加と欠席は、終了後に配信ツールの参加者一覧から送ります。
event "webinar_attended" {
  label = "ウェビナー参加"

  text "webinar_id" { required = true }
  number "minutes" { default = 0 }
}

event "webinar_missed" {
  label = "ウェビナー欠席"

  text "webinar_id" { required = true }
}

event "video_played" {
  label = "録画の再生"

  text "webinar_id" {}
  number "minutes" { default = 0 }
}

# 参加後のアンケートと、ページの相談フォーム。
event "form_submitted" {
  label = "フォーム送信"

  choice "form" {
    required = true
    of       = ["survey", "inquiry"]
  }
  flag "wants_contact" { default = false }
  text "message" {}
}

event "page_viewed" {
  label = "ページ閲覧"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
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
event "asked" {
  label = "相談の希望"
  from  = event.form_submitted
  when  = "event.form == 'inquiry' or event.wants_contact"
}

event "stayed" {
  label = "30分以上の参加"
  from  = event.webinar_attended
  when  = "event.minutes >= 30"
}

# 再生ボタンを押しただけの方を、見た方とは数えません。
event "video_watched" {
  label = "録画の視聴"
  from  = event.video_played
  when  = "event.minutes >= 5"
}

event "pricing_viewed" {
  label = "料金ページ閲覧"
  from  = event.page_viewed
  when  = "event.path startsWith '/pricing' and event.dwell_seconds >= 10"
}
