# どんな方か。on のないルールは、属性が変わるたびに計算し直します。
score "fit" {
  label = "適合度"
  range = [0, 100]

  rule "decision_maker" {
    label  = "決裁に関わる役職"
    when   = "lead.title matches '部長|本部長|室長|執行役員|取締役|社長'"
    points = 30
  }

  rule "company_size" {
    label  = "会社の規模"
    points = "(lead.employees ?? 0) >= 300 ? 40 : (lead.employees ?? 0) >= 50 ? 30 : 0"
  }
}

# 何をしたか。on のあるルールはイベントで加点され、3週間で半分に薄れます。
score "interest" {
  label     = "興味度"
  half_life = "21d"
  range     = [0, 100]

  rule "registered" {
    label  = "ウェビナーの申し込み"
    on     = event.webinar_registered
    points = 10
  }

  # 申し込みより参加、参加より最後まで見たことに、重みを置きます。
  rule "attended" {
    label  = "ウェビナーの参加"
    on     = event.webinar_attended
    points = 15
  }

  rule "stayed" {
    label  = "30分以上の参加"
    on     = event.stayed
    points = 10
  }

  rule "watched" {
    label   = "録画の視聴"
    on      = event.video_watched
    points  = 15
    at_most = "1 per day"
  }

  rule "clicked" {
    label   = "メールのクリック"
    on      = event.email_clicked
    points  = 5
    at_most = "2 per day"
  }

  rule "pricing" {
    label   = "料金ページの閲覧"
    on      = event.pricing_viewed
    points  = 20
    at_most = "2 per day"
  }
}

# 時刻だけで成り立つ条件です。開始の24時間前になった瞬間に、この中に入ります。
segment "joins_tomorrow" {
  label = "24時間以内にウェビナーがある方"
  when = [
    "lead.webinar_at > now",
    "lead.webinar_at - now <= 1", # 日数の差
  ]
}
