# The stages of a lead, in the order of the funnel.
lifecycle {
  stage "lead" { label = "Lead" }

  stage "mql" {
    label    = "Marketing qualified"
    enter    = "score.fit >= 30 and score.interest >= const.warm"
    leave    = "score.interest < 12" # lower than the way in, so that nobody goes to and fro
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

# Who asks to be called is handed over at once, whatever the points say.
toss_up "asked" {
  label    = "Asked to be called"
  to       = stage.sal
  on       = event.asked
  when     = "lead.stage in ['lead', 'mql']" # whoever is with sales already is answered there
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? 'Enterprise team' : 'Inside sales'"
    subject = "Asked after a webinar: {{ lead.company ?? 'company unknown' }}, {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email    = "{{ lead.email }}"
      webinar  = "{{ lead.webinar_title ?? '' }}"
      fit      = "{{ score.fit | round() }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead # who is sent back, or not answered, comes back to us
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}

# Came, or caught up, and looks at prices: handed over once, the moment all of it is true.
toss_up "hot_attendee" {
  label = "Warmed up by a webinar"
  from  = stage.mql
  to    = stage.sal

  # A list means: all of these.
  when = [
    "score.interest >= const.hot",
    "did('webinar_attended', '30d') or did('video_watched', '30d')",
    "did('pricing_viewed', '14d')",
    "not lead.unsubscribed",
  ]

  hold     = "30m" # it has to stay true this long before it counts
  cooldown = "90d" # the same lead is not handed over twice in this time

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? 'Enterprise team' : 'Inside sales'"
    subject = "{{ lead.company ?? 'Company unknown' }}: {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }} (interest {{ score.interest | round() }})"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email    = "{{ lead.email }}"
      webinar  = "{{ lead.webinar_title ?? '' }}"
      fit      = "{{ score.fit | round() }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true # the conditions above, with the values that met them
  }

  answer {
    within   = "2 business days"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.lead
  }

  # What counts is not how many are handed over, but how many become opportunities.
  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
