# The stages of a lead, in order.
lifecycle {
  stage "contact" { label = "Signed up" }

  stage "active" {
    label    = "Active"
    enter    = "score.activity >= const.active"
    leave    = "score.activity < 5" # lower than the way in, so that nobody goes to and fro
    leave_to = stage.contact
  }

  stage "sal" { label = "With sales" } # reached by a toss-up only

  stage "opportunity" {
    label = "Opportunity"
    on    = event.opportunity_created
  }

  stage "customer" {
    label = "Annual contract"
    on    = event.deal_won
  }
}

# A company that had not ordered for long is looking around again: somebody should call.
toss_up "returning" {
  label = "Returning account"
  to    = stage.sal

  # A list means: all of these.
  when = [
    "lead.stage in ['contact', 'active']",
    "lead.employees >= 100",
    "did('order_placed')",
    "never('order_placed', '90d')",
    "times('visited', '7d') >= 3",
    "not lead.unsubscribed",
  ]

  hold     = "1h" # it has to stay true this long before it counts
  cooldown = "180d"

  hand_over {
    channel = channel.sales
    subject = "Back again: {{ lead.company ?? 'company unknown' }}, {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email    = "{{ lead.email }}"
      activity = "{{ score.activity | round() }}"
    }

    reasons = true # the conditions above, with the values that met them
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.contact # who is sent back, or not answered, comes back to us
  }

  # What counts is not how many are handed over, but how many become opportunities.
  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

# An inquiry goes at once.
toss_up "inquiry" {
  label    = "Inquiry"
  to       = stage.sal
  on       = event.inquired
  when     = "lead.stage in ['contact', 'active']"
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    subject = "Inquiry: {{ lead.company ?? 'company unknown' }}, {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"

    payload = {
      user_id = "{{ lead.user_id ?? '' }}"
      company = "{{ lead.company ?? '' }}"
      name    = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email   = "{{ lead.email }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.contact
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
