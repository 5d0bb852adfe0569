# どんな会社の、どんな方か。on のないルールは、属性が変わるたびに計算し直します。
score "fit" {
  label = "適合度"
  range = [0, 100]

  rule "decision_maker" {
    label  = "決裁に関わる役職"
    when   = "lead.title matches '部長|本部長|室長|執行役員|取締役|社長'"
    points = 30
  }

  rule "manager" {
    label  = "課長職"
    when   = "lead.title matches '課長|マネージャー'"
    points = 20
  }

  rule "company_size" {
    label  = "会社の規模"
    points = "(lead.employees ?? 0) >= 1000 ? 30 : (lead.employees ?? 0) >= 100 ? 20 : 0"
  }

  rule "industry" {
    label  = "得意な業種"
    when   = "lead.industry in ['製造業', '物流業', '卸売業']"
    points = 20
  }
}

# 何をしたか。on のあるルールはイベントで加点され、2週間で半分に薄れます。
score "interest" {
  label     = "興味度"
  half_life = "14d"
  range     = [0, 100]

  rule "opened" {
    label   = "メールの開封"
    on      = event.email_opened
    points  = 2
    at_most = "1 per day"
  }

  rule "clicked" {
    label  = "メールのクリック"
    on     = event.email_clicked
    points = 8
  }

  rule "requested" {
    label  = "資料請求"
    on     = event.document_requested
    points = 20
  }

  rule "case" {
    label   = "導入事例の閲覧"
    on      = event.case_viewed
    points  = 12
    at_most = "2 per day"
  }

  rule "pricing" {
    label   = "料金ページの閲覧"
    on      = event.pricing_viewed
    points  = 20
    at_most = "2 per day"
  }

  rule "inquiry" {
    label  = "お問い合わせ"
    on     = event.inquired
    points = 50
  }

  rule "free_mail" {
    label  = "フリーメールでの請求"
    on     = event.document_requested
    when   = "lead.email matches '@(gmail|yahoo|outlook)[.]'"
    points = -15
  }
}

segment "target_account" {
  label = "ターゲット企業"
  when = [
    "lead.employees >= 100",
    "lead.industry in ['製造業', '物流業', '卸売業', 'IT・通信']",
  ]
}

segment "looking_around" {
  label = "検討中の訪問者"
  when  = "times('page_viewed', '7d') >= 4"
}
