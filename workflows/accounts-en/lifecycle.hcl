# The stages of a person, in order.
lifecycle {
  stage "visitor" { label = "Not subscribed" }

  stage "subscriber" {
    label    = "Subscriber"
    enter    = "consent.marketing"
    leave    = "not consent.marketing"
    leave_to = stage.visitor
  }

  stage "sal" { label = "With sales" } # reached by a toss-up only

  stage "opportunity" {
    label = "Opportunity"
    on    = event.opportunity_created
  }

  stage "customer" {
    label = "Customer"
    on    = event.deal_won
  }
}

# A company that looks at the prices, and somebody in it who is interested: one of them is
# handed over, and no colleague beside, until sales have answered.
toss_up "team" {
  label    = "Company that decides"
  to       = stage.sal
  cooldown = "90d"
  once_for = "lead.company ?? ''"

  when = [
    "segment.busy_companies",
    "score.interest >= const.warm",
    "lead.stage in ['visitor', 'subscriber']",
  ]

  hand_over {
    channel = channel.sales
    subject = "{{ lead.company ?? 'A company' }} looks at the prices: {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"

    payload = {
      company   = "{{ lead.company ?? '' }}"
      employees = "{{ account.employees ?? 0 }}"
      visits    = "{{ account.times('pricing_viewed', '14d') }}"
      name      = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email     = "{{ lead.email }}"
      role      = "{{ lead.role ?? '' }}"
    }

    reasons = true # the conditions above, with the values that met them
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.visitor # a subscriber is one again with the next thing they do
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

# Who asks is handed over at once, whatever the score and the colleagues.
toss_up "inquiry" {
  label    = "Inquiry"
  to       = stage.sal
  on       = event.inquired
  when     = "lead.stage in ['visitor', 'subscriber']" # whoever is with sales already is answered there
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    subject = "Inquiry: {{ lead.company ?? 'company unknown' }}, {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"

    payload = {
      company = "{{ lead.company ?? '' }}"
      plan    = "{{ account.plan ?? '' }}"
      name    = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email   = "{{ lead.email }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.visitor
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
