# What every file of testdata/bad may use: a small sound workspace.
project "prelude" {
  timezone = "Asia/Tokyo"
}

const {
  hot = 70
}

lead {
  text "email" { required = true }
  text "last_name" {}
  number "employees" {}
  flag "unsubscribed" { default = false }

  choice "industry" {
    of = ["saas", "retail"]
  }
}

event "form_submitted" {
  choice "form" {
    of = ["inquiry", "download"]
  }
}

event "seminar_joined" {}

event "pricing_viewed" {
  from = event.page_viewed
  when = "event.path == '/pricing'"
}

consent "marketing" { granted = event.consent_given }

score "interest" {
  range = [0, 100]

  rule "form" {
    on     = event.form_submitted
    points = 20
  }
}

segment "big" { when = "lead.employees >= 100" }

lifecycle {
  stage "lead" {}

  stage "mql" {
    enter    = "score.interest >= 40"
    leave    = "score.interest < 10"
    leave_to = stage.lead
  }

  stage "sal" { on = event.seminar_joined }
}

toss_up "hot_lead" { when = "score.interest >= 70" }

contact_policy "default" {
  requires    = consent.marketing
  quiet_hours = "19:00-08:30"
}

channel "mail" {
  plugin = "email"

  config {
    host = "smtp.example.jp:587"
    from = "a@example.jp"
  }
}

channel "hook" {
  plugin = "webhook"

  config { url = "https://example.jp/hook" }
}
