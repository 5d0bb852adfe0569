# A workspace with something of everything that the outside reaches: sources of each
# kind, channels that must not go where a private address is, and pages that show what
# leads wrote.
project "hostile" {
  timezone = "Asia/Tokyo"
  language = "en"
}

lead {
  key = "email"

  text "email" {}
  text "name" {}
  text "company" {}
  text "title" {}
  text "website" {}
}

event "inquired" {
  text "note" {}
}

event "deal_won" {
  number "amount" {}
}

source "shop" {
  kind = "webhook"

  verify {
    scheme    = "hmac"
    header    = "X-Signature"
    timestamp = "X-Timestamp"
    secret    = secret("SHOP_SECRET")
  }

  map {
    event      = event.inquired
    email      = "who.mail"
    fields     = { note = "items[0].text" }
    attributes = { company = "who.company" }
    message_id = "id"
  }
}

source "clouds" {
  kind = "cloudevents"

  verify {
    scheme = "bearer"
    secret = secret("CLOUD_TOKEN")
  }

  map {
    event  = event.inquired
    email  = "data.mail"
    fields = { note = "data.note" }
  }
}

source "hooks" {
  kind = "webhook"

  verify {
    scheme = "standard_webhooks"
    secret = secret("HOOK_SECRET")
  }

  map {
    event  = event.inquired
    email  = "data.mail"
    fields = { note = "data.note" }
  }
}

source "bounces" {
  kind    = "ses"
  channel = channel.mail
  topic   = "arn:aws:sns:ap-northeast-1:123456789012:mail"
}

score "interest" {
  rule "inquiry" {
    on     = event.inquired
    points = 30
  }
}

lifecycle {
  stage "known" {}

  stage "warm" {
    enter = "score.interest >= 30"
  }
}

toss_up "hot" {
  on   = event.inquired
  when = "score.interest >= 60"

  hand_over {
    channel = channel.inside
    subject = "{{ lead.company ?? '' }}"
    payload = { name = "{{ lead.name ?? '' }}" }
  }

  answer {
    within = "1d"
    reason "budget" { label = "No budget" }
  }

  success {
    on     = event.deal_won
    within = "90d"
  }
}

workflow "thanks" {
  enter { on = event.inquired }

  steps {
    webhook "tell" {
      channel = channel.metadata
      payload = { website = "{{ lead.website ?? '' }}" }
    }

    wait "a_day" { for = "1d" }
  }
}

channel "mail" {
  plugin = "email"

  config {
    host = "127.0.0.1:1"
    from = "Hostile <hostile@example.com>"
  }
}

# Private addresses in three forms. None of them may ever be reached.
channel "inside" {
  plugin = "webhook"
  retry  = "2 times over 1m"

  config { url = env("CANARY_URL") }
}

channel "metadata" {
  plugin = "webhook"
  retry  = "2 times over 1m"

  config { url = env("CANARY_NAME_URL") }
}

kpi "inquiries" { count = event.inquired }

kpi "win_rate" {
  rate   = event.deal_won
  of     = event.inquired
  within = "30d"
}

funnel "year" {
  period = "2026-01-01 to 2026-12-31"
  goal   = 10

  step "asked" { count = event.inquired }

  step "won" {
    count = event.deal_won
    rate  = 0.2
  }
}

review "weekly" {
  schedule = "0 9 * * 1"
  compare  = "7d"
}
