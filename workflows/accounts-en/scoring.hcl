# How much somebody is interested. Points halve in three weeks. Opens are not counted: mail
# programs open by themselves.
score "interest" {
  label     = "Interest"
  half_life = "21d"
  range     = [0, 100]

  rule "prices" {
    label   = "Prices viewed"
    on      = event.pricing_viewed
    points  = 10
    at_most = "2 per day"
  }

  rule "clicked" {
    label   = "Click in a mail"
    on      = event.email_clicked
    points  = 8
    at_most = "2 per day"
  }

  rule "site" {
    label   = "Click on what the site showed"
    on      = event.web_clicked
    points  = 15
    at_most = "1 per day"
  }
}
