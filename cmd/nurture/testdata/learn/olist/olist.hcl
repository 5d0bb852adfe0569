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

# Who searched for us, or came by an address they knew, wants something; which page
# they landed on may say more, but nobody has looked yet.
score "wants" {
  label = "Wants to sell"

  rule "paid_search" {
    when   = "lead.origin == 'paid_search'"
    points = 50
  }

  rule "organic_search" {
    when   = "lead.origin == 'organic_search'"
    points = 50
  }

  rule "direct" {
    when   = "lead.origin == 'direct_traffic'"
    points = 50
  }

  rule "unknown" {
    when   = "lead.origin == 'unknown'"
    points = 50
  }

  rule "social" {
    when   = "lead.origin == 'social'"
    points = 10
  }

  rule "email" {
    when   = "lead.origin == 'email'"
    points = 10
  }

  rule "referral" {
    when   = "lead.origin == 'referral'"
    points = 10
  }

  rule "display" {
    when   = "lead.origin in ['display', 'other', 'other_publicities']"
    points = 5
  }

  rule "page_a" {
    when   = "lead.landing_page_id == 'b76ef37428e6799c421989521c0e5077'"
    points = 1
  }

  rule "page_b" {
    when   = "lead.landing_page_id == '22c29808c4f815213303f8933030604c'"
    points = 1
  }

  rule "page_c" {
    when   = "lead.landing_page_id == '58326e62183c14b0c03085c33b9fdc44'"
    points = 1
  }

  rule "page_d" {
    when   = "lead.landing_page_id == '88740e65d5d6b056e0cda098e1ea6313'"
    points = 1
  }

  rule "page_e" {
    when   = "lead.landing_page_id == 'ce1a65abd0973638f1c887a6efcfa82d'"
    points = 1
  }

  rule "page_f" {
    when   = "lead.landing_page_id == '40dec9f3d5259a3d2dbcdab2114fae47'"
    points = 1
  }

  rule "page_g" {
    when   = "lead.landing_page_id == 'f017be4dbf86243af5c1ebed0cff36a2'"
    points = 1
  }

  rule "page_h" {
    when   = "lead.landing_page_id == 'e492ee5eaf1697716985cc6f33f9cd9b'"
    points = 1
  }

  rule "page_i" {
    when   = "lead.landing_page_id == 'a7982125ff7aa3b2054c6e44f9d28522'"
    points = 1
  }

  rule "page_j" {
    when   = "lead.landing_page_id == '73f31a40697cc90a86c1273563ac230e'"
    points = 1
  }
}

toss_up "wants_to_sell" {
  label = "Wants to sell"
  when  = "score.wants >= const.enough"

  success {
    on     = event.deal_won
    within = "60d"
  }
}

const {
  enough = 50
}
