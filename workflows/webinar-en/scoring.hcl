# Who they are. Rules without on are computed anew whenever an attribute changes.
score "fit" {
  label = "Fit"
  range = [0, 100]

  rule "decision_maker" {
    label  = "Decides on budgets"
    when   = "lower(lead.title) matches 'chief|vp|vice president|head of|director|owner|founder'"
    points = 30
  }

  rule "company_size" {
    label  = "Size of the company"
    points = "(lead.employees ?? 0) >= 300 ? 40 : (lead.employees ?? 0) >= 50 ? 30 : 0"
  }
}

# What they do. Rules with on pay when the event comes; the points halve in three weeks.
score "interest" {
  label     = "Interest"
  half_life = "21d"
  range     = [0, 100]

  rule "registered" {
    label  = "Sign-up"
    on     = event.webinar_registered
    points = 10
  }

  # Coming counts more than signing up, and staying more than coming.
  rule "attended" {
    label  = "Attended"
    on     = event.webinar_attended
    points = 15
  }

  rule "stayed" {
    label  = "Stayed for half an hour"
    on     = event.stayed
    points = 10
  }

  rule "watched" {
    label   = "Recording watched"
    on      = event.video_watched
    points  = 15
    at_most = "1 per day"
  }

  rule "clicked" {
    label   = "E-mail click"
    on      = event.email_clicked
    points  = 5
    at_most = "2 per day"
  }

  rule "pricing" {
    label   = "Pricing page view"
    on      = event.pricing_viewed
    points  = 20
    at_most = "2 per day"
  }
}

# Time alone makes this true. They join at the very moment that 24 hours are left.
segment "joins_tomorrow" {
  label = "Joins within 24 hours"
  when = [
    "lead.webinar_at > now",
    "lead.webinar_at - now <= 1", # the difference in days
  ]
}
