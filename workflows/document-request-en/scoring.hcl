# Who they are. Rules without on are computed anew whenever an attribute changes.
score "fit" {
  label = "Fit"
  range = [0, 100]

  rule "decision_maker" {
    label  = "Decides on budgets"
    when   = "lower(lead.title) matches 'cfo|chief|vp|vice president|controller|director|owner|founder'"
    points = 30
  }

  rule "manager" {
    label  = "Runs a team"
    when   = "lower(lead.title) matches 'manager|lead|supervisor'"
    points = 20
  }

  rule "company_size" {
    label  = "Size of the company"
    points = "(lead.employees ?? 0) >= 1000 ? 30 : (lead.employees ?? 0) >= 100 ? 20 : 0"
  }

  rule "industry" {
    label  = "An industry we know well"
    when   = "lead.industry in ['manufacturing', 'logistics', 'wholesale']"
    points = 20
  }
}

# What they do. Rules with on pay when the event comes; the points halve in two weeks.
score "interest" {
  label     = "Interest"
  half_life = "14d"
  range     = [0, 100]

  # Opens say little: mail programs open by themselves. They are worth next to nothing.
  rule "opened" {
    label   = "E-mail open"
    on      = event.email_opened
    points  = 2
    at_most = "1 per day"
  }

  rule "clicked" {
    label  = "E-mail click"
    on     = event.email_clicked
    points = 8
  }

  rule "requested" {
    label  = "Document request"
    on     = event.document_requested
    points = 20
  }

  rule "case" {
    label   = "Case study view"
    on      = event.case_viewed
    points  = 12
    at_most = "2 per day"
  }

  rule "pricing" {
    label   = "Pricing page view"
    on      = event.pricing_viewed
    points  = 20
    at_most = "2 per day"
  }

  rule "inquiry" {
    label  = "Inquiry"
    on     = event.inquired
    points = 50
  }

  rule "free_mail" {
    label  = "Request from a free mail address"
    on     = event.document_requested
    when   = "lead.email matches '@(gmail|yahoo|outlook)[.]'"
    points = -15
  }
}

segment "target_account" {
  label = "Target account"
  when = [
    "lead.employees >= 100",
    "lead.industry in ['manufacturing', 'logistics', 'wholesale', 'software']",
  ]
}

segment "looking_around" {
  label = "Looking around"
  when  = "times('page_viewed', '7d') >= 4"
}
