# The stages of a lead, in order.
lifecycle {
  stage "latent" { label = "Latent" }

  # Three actions in 30 days make a lead active, 30 days without one make it latent again.
  # Time alone brings it back, at the very moment.
  stage "active" {
    label = "Active"
    enter = "times('page_read', '30d') + times('email_clicked', '30d') + times('form_submitted', '30d') + times('seminar_attended', '30d') >= const.actions"

    leave = [
      "never('page_read', '30d')",
      "never('email_clicked', '30d')",
      "never('form_submitted', '30d')",
      "never('seminar_attended', '30d')",
    ]
    leave_to = stage.latent
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

# Looked at a key page, went away, and came back within two days: handed over at once.
toss_up "returned" {
  label    = "Back after a key page"
  to       = stage.sal
  on       = event.key_page_returned
  when     = ["lead.stage in ['latent', 'active']", "not lead.unsubscribed"]
  cooldown = "90d" # the same lead is not handed over twice in this time

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? 'Enterprise team' : 'Inside sales'"
    subject = "Back within two days: {{ lead.company ?? 'company unknown' }}, {{ lead.last_name ?? '' }} (interest {{ score.interest | round() }})"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email    = "{{ lead.email }}"
      phone    = "{{ lead.phone ?? '' }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true # the conditions above, with the values that met them
  }

  answer {
    within   = "1 business day" # while they are still looking
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.latent # who is sent back, or not answered, comes back to us
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
  when     = "lead.stage in ['latent', 'active']" # whoever is with sales already is answered there
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    owner   = "(lead.employees ?? 0) >= 300 ? 'Enterprise team' : 'Inside sales'"
    subject = "Inquiry: {{ lead.company ?? 'company unknown' }}, {{ lead.last_name ?? '' }}"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      title    = "{{ lead.title ?? '' }}"
      name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email    = "{{ lead.email }}"
      phone    = "{{ lead.phone ?? '' }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.latent
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
