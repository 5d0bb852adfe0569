# The stages of a lead, in the order of the funnel.
lifecycle {
  stage "lead" { label = "Lead" }

  stage "mql" {
    label    = "Marketing qualified"
    enter    = "score.fit >= 30 and score.interest >= const.warm"
    leave    = "score.interest < 15" # lower than the way in, so that nobody goes to and fro
    leave_to = stage.lead
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

# Somebody has warmed up: sales hears of it, once, the moment all of this is true.
toss_up "hot_lead" {
  label = "Hot lead"
  from  = stage.mql
  to    = stage.sal

  # A list means: all of these.
  when = [
    "segment.target_account",
    "score.interest >= const.hot",
    "did('pricing_viewed', '7d') or did('case_viewed', '7d')",
    "not lead.unsubscribed",
  ]

  hold     = "30m" # it has to stay true this long before it counts
  cooldown = "90d" # the same lead is not handed over twice in this time

  hand_over {
    channel = channel.sales
    owner   = "lead.region == 'west' ? 'West coast team' : lead.region == 'south' ? 'Atlanta team' : 'New York team'"
    subject = "{{ lead.company ?? 'Company unknown' }}: {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }} (interest {{ score.interest | round() }})"

    payload = {
      user_id    = "{{ lead.user_id ?? '' }}"
      company    = "{{ lead.company ?? '' }}"
      department = "{{ lead.department ?? '' }}"
      title      = "{{ lead.title ?? '' }}"
      name       = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email      = "{{ lead.email }}"
      phone      = "{{ lead.phone ?? '' }}"
      fit        = "{{ score.fit | round() }}"
      interest   = "{{ score.interest | round() }}"
    }

    reasons = true # the conditions above, with the values that met them
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead # who is sent back, or not answered, comes back to us
  }

  # What counts is not how many are handed over, but how many become opportunities.
  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

# An inquiry goes at once, whatever the points say.
toss_up "inquiry" {
  label    = "Inquiry"
  to       = stage.sal
  on       = event.inquired
  when     = "lead.stage in ['lead', 'mql']" # whoever is with sales already is answered there
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    owner   = "lead.region == 'west' ? 'West coast team' : lead.region == 'south' ? 'Atlanta team' : 'New York team'"
    subject = "Inquiry from {{ lead.company ?? 'a company unknown' }}: {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"

    payload = {
      user_id    = "{{ lead.user_id ?? '' }}"
      company    = "{{ lead.company ?? '' }}"
      department = "{{ lead.department ?? '' }}"
      title      = "{{ lead.title ?? '' }}"
      name       = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email      = "{{ lead.email }}"
      phone      = "{{ lead.phone ?? '' }}"
      fit        = "{{ score.fit | round() }}"
      interest   = "{{ score.interest | round() }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
