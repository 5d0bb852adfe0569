project "描画" {
  timezone = "Asia/Tokyo"
  language = "ja"
}

lead {
  text "email" { required = true }
  number "従業員数" {}
}

score "interest" {
  label = "興味度"
  range = [0, 100]

  rule "資料" {
    on     = event.資料請求
    points = 20
  }
}

event "資料請求" {}

segment "ターゲット" {
  label = "ターゲット企業"
  when  = "lead.従業員数 >= 100"
}
