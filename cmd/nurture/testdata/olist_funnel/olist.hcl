# Olist's marketing funnel, told as a funnel: shops ask to be contacted, and some of
# them sell on the platform in the end. The source dates contacts by the day, in UTC.
project "olist" {
  timezone = "UTC"
  language = "en"
}

lead {
  choice "origin" {
    label = "Origin"
    of    = ["paid_search", "organic_search", "direct_traffic", "unknown", "social", "email", "referral", "display", "other", "other_publicities"]
  }
}

event "contact_requested" {
  name  = "Contact Requested"
  label = "contact request"
}

event "deal_won" {
  name  = "Deal Won"
  label = "deal"
}

lifecycle {
  stage "lead" { within = "180d" }

  stage "customer" { on = event.deal_won }
}

funnel "shops" {
  label  = "Shops won"
  period = "2017-06-01 to 2018-12-31"
  goal   = 1000
  by     = "origin"

  step "contact" { count = event.contact_requested }

  step "won" {
    count = event.deal_won
    rate  = 0.12
  }
}

kpi "contacts" {
  count = event.contact_requested
  over  = "3650d"
}

kpi "deals" {
  count = event.deal_won
  over  = "3650d"
}
