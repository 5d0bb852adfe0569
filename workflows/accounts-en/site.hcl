# What the web site shows, in the element with data-nurture-slot="hero". It follows from where
# the visitor stands, changes at once, and costs no mail. Of two workflows the one of the
# greater priority shows.

# Who looks at the prices alone is offered the guide.
workflow "price_seen" {
  label    = "Site: the guide for who looks at prices"
  owner    = "marketing@larkfield.example.com"
  priority = 10

  enter {
    on   = event.pricing_viewed
    when = "not segment.customers and not segment.busy_companies"
  }

  re_enter { after = "30d" }

  exit "company" { when = "segment.busy_companies" }

  steps {
    show "guide_banner" {
      slot     = "hero"
      template = "site/guide.md"
      until    = [event.web_clicked, event.guide_requested]
      at_most  = "14d"
    }

    exit "seen" {}
  }
}

# Who comes from a company that looks at the prices is offered a session for the team. It
# says nothing of what colleagues did: a visitor's id is no proof of who somebody is.
workflow "team_offer" {
  label    = "Site: a session for the team"
  owner    = "marketing@larkfield.example.com"
  priority = 20

  enter { segment = segment.busy_companies }

  re_enter { after = "30d" }

  exit "asked" { on = event.inquired }

  steps {
    show "team_banner" {
      slot     = "hero"
      template = "site/team.md"
      until    = event.web_clicked
      at_most  = "14d"
    }

    exit "seen" {}
  }
}
