# どのくらい興味をお持ちか。3週間で半分に薄れます。開封は機械でも起こるので、数えません。
score "interest" {
  label     = "興味度"
  half_life = "21d"
  range     = [0, 100]

  rule "prices" {
    label   = "料金ページの閲覧"
    on      = event.pricing_viewed
    points  = 10
    at_most = "2 per day"
  }

  rule "clicked" {
    label   = "メールのクリック"
    on      = event.email_clicked
    points  = 8
    at_most = "2 per day"
  }

  rule "site" {
    label   = "サイトの表示のクリック"
    on      = event.web_clicked
    points  = 15
    at_most = "1 per day"
  }
}
