# The small workspace that the examples of the documentation stand in.
project "example" {
  timezone = "Asia/Tokyo"
  language = "en"
}

const {
  hot = 70
}

lead {
  key = "email"

  text "email" { required = true }
  text "last_name" {}
  text "company" {}
  text "title" {}
  number "employees" {}
  flag "unsubscribed" { default = false }

  choice "industry" {
    of = ["saas", "retail", "manufacturing"]
  }
}

account {
  key = "company"

  text "plan" {}
}

event "form_submitted" {
  choice "form" {
    required = true
    of       = ["inquiry", "download", "seminar"]
  }
}

event "pricing_viewed" {
  from = event.page_viewed
  when = "event.path == '/pricing'"
}

event "seminar_joined" {}
event "appointment_made" {}
event "opportunity_created" {}
event "deal_won" {}

consent "marketing" {
  granted = event.consent_given
  revoked = event.unsubscribed
}

score "interest" {
  half_life = "14d"
  range     = [0, 100]

  rule "form" {
    on     = event.form_submitted
    points = 20
  }

  rule "pricing" {
    on      = event.pricing_viewed
    points  = 15
    at_most = "2 per day"
  }
}

segment "big" { when = "lead.employees >= 100" }

lifecycle {
  stage "lead" {}

  stage "mql" {
    enter    = "score.interest >= 40"
    leave    = "score.interest < 15"
    leave_to = stage.lead
  }

  stage "sal" { on = event.appointment_made }

  stage "customer" { on = event.deal_won }
}

toss_up "hot_lead" {
  when     = "score.interest >= const.hot"
  cooldown = "90d"
}

contact_policy "default" {
  requires    = consent.marketing
  allowed     = "not lead.unsubscribed"
  quiet_hours = "19:00-08:30"
}

channel "mail" {
  plugin = "email"

  config {
    host = "smtp.example.jp:587"
    from = "sato@example.jp"
  }
}

channel "crm" {
  plugin = "webhook"

  config { url = "https://crm.example.jp/leads" }
}
