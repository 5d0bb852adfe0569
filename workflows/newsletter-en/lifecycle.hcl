# The stages of a reader, in order.
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

# From a newsletter only those who ask are handed to sales. Who merely reads is left to read.
toss_up "inquiry" {
  label    = "Inquiry"
  to       = stage.sal
  on       = event.inquired
  when     = "lead.stage in ['visitor', 'subscriber']" # whoever is with sales already is answered there
  cooldown = "30d"

  hand_over {
    channel = channel.sales
    subject = "A reader asks: {{ lead.company ?? 'company unknown' }}, {{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"

    payload = {
      user_id  = "{{ lead.user_id ?? '' }}"
      company  = "{{ lead.company ?? '' }}"
      name     = "{{ lead.first_name ?? '' }} {{ lead.last_name ?? '' }}"
      email    = "{{ lead.email }}"
      field    = "{{ lead.field ?? '' }}"
      interest = "{{ score.interest | round() }}"
    }

    reasons = true # the conditions above, with the values that met them
  }

  answer {
    within   = "1 business day"
    accepted = event.toss_up_accepted
    rejected = event.toss_up_rejected
    recycle  = stage.visitor # a subscriber is one again with the next thing they do
  }

  success {
    on     = event.opportunity_created
    within = "60d"
  }
}
