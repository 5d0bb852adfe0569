# Olist's marketing funnel: shops ask to be contacted, sales calls some of them,
# a few of those sell on the platform in the end.
project "olist" {
  timezone = "America/Sao_Paulo"
  language = "en"
}

lead {
  text "landing_page_id" { label = "Landing page" }

  choice "origin" {
    label = "Origin"
    of    = ["paid_search", "organic_search", "direct_traffic", "unknown", "social", "email", "referral", "display", "other", "other_publicities"]
  }
}

event "contact_requested" {
  name  = "Contact Requested"
  label = "contact request"

  text "landing_page_id" {}

  choice "origin" {
    of = ["paid_search", "organic_search", "direct_traffic", "unknown", "social", "email", "referral", "display", "other", "other_publicities"]
  }
}

event "deal_won" {
  name  = "Deal Won"
  label = "deal"

  text "business_segment" {}
  text "lead_type" {}
}

# Who searched for us, or came by an address they knew, wants something.
toss_up "searched_for_us" {
  label = "Searched for us"
  on    = event.contact_requested
  when  = "event.origin in ['paid_search', 'organic_search', 'direct_traffic', 'unknown']"

  hand_over {
    channel = channel.sales
    reasons = true

    payload = {
      origin       = "{{ lead.origin ?? '' }}"
      landing_page = "{{ lead.landing_page_id ?? '' }}"
    }
  }

  success {
    on     = event.deal_won
    within = "365d"
  }
}

channel "sales" {
  plugin = "webhook"
  retry  = "6 times over 1m"

  config {
    url    = env("SALES_WEBHOOK_URL")
    secret = secret("SALES_WEBHOOK_SECRET")

    allow_private = true # sales listens on this machine
  }
}

kpi "contacts" {
  label = "Contact requests"
  count = event.contact_requested
  over  = "365d"
}

kpi "deals" {
  label = "Deals won"
  count = event.deal_won
  over  = "365d"
}

kpi "win_rate" {
  label  = "Contacts that became deals within a year"
  rate   = event.deal_won
  of     = event.contact_requested
  within = "365d"
  over   = "730d"
  target = 0.1
}
