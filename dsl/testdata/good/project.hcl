project "kita-systems" {
  timezone = "Asia/Tokyo"
  language = "ja"
  calendar = calendar.japan
}

calendar "japan" {
  holidays = ["2026-12-29", "2026-12-30", "2026-12-31"]
}

const {
  warm = 30
  hot  = 60
}

lead {
  key = "email"

  text "email" { required = true }
  text "family_name" { label = "姓" }
  text "役職" { label = "役職" }
  number "headcount" {
    label = "従業員数"
    name  = "How many people work there"
  }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  choice "sector" {
    label = "業界"
    of    = ["it", "maker", "public"]
  }
}
