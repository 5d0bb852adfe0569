# The rules of the common workload: what nurture's benchmarks decide, as files.
project "load" {
  timezone = "UTC"
  language = "en"
}

lead {
  text "industry" {}
}

event "page_view" {
  text "path" {}
  number "duration" {}
}

event "email_open" {}

event "email_click" {
  text "link" {}
}

event "form_submit" {
  text "form" {}
}

event "download" {
  text "asset" {}
}

event "points_imported" {
  number "points" {}
}

score "interest" {
  rule "pricing" {
    on     = event.page_view
    when   = "event.path startsWith '/pricing'"
    points = 10
  }

  rule "long_view" {
    on     = event.page_view
    when   = "event.duration >= 60"
    points = 3
  }

  rule "open" {
    on     = event.email_open
    points = 2
  }

  rule "cta" {
    on     = event.email_click
    when   = "event.link == 'cta'"
    points = 8
  }

  rule "form" {
    on     = event.form_submit
    when   = "event.form != 'newsletter'"
    points = 30
  }

  rule "whitepaper" {
    on     = event.download
    when   = "event.asset startsWith 'whitepaper'"
    points = 15
  }

  rule "imported" {
    on     = event.points_imported
    points = "event.points"
  }
}

toss_up "hot" {
  when     = ["score.interest >= 100", "lead.industry in ['manufacturing', 'software']"]
  cooldown = "never again"

  hand_over {
    channel = channel.sink
    payload = { industry = "{{ lead.industry ?? '' }}" }
  }
}

workflow "welcome" {
  enter { on = event.form_submit }

  steps {
    webhook "mail_1" { payload = { mail = "1" } }

    wait "three_days" { for = "3d" }

    branch "opened" {
      case "yes" {
        when = "did('email_open')"

        webhook "mail_2" { payload = { mail = "2" } }
      }

      otherwise {}
    }
  }
}

channel "sink" {
  plugin = "webhook"
  retry  = "8 times over 10m"

  config {
    url           = env("LOADGEN_SINK")
    secret        = secret("LOADGEN_SECRET")
    allow_private = true
  }
}

kpi "page_view" { count = event.page_view }

kpi "email_open" { count = event.email_open }

kpi "email_click" { count = event.email_click }

kpi "form_submit" { count = event.form_submit }

kpi "download" { count = event.download }

kpi "handed_over" { value = "toss_up.hot.handed_over" }
