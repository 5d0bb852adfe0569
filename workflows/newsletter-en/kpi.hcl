# What counts in the end is deals. The figures before them say where to look.
kpi "deals" {
  label  = "Deals won"
  count  = event.deal_won
  over   = "28d"
  target = 2
}

kpi "opportunity_rate" {
  label  = "Opportunities per toss-up"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.35
}

# A sign-up that is not confirmed reaches nobody.
kpi "confirmation_rate" {
  label  = "Confirmed sign-ups"
  rate   = event.consent_given
  of     = event.signed_up
  within = "7d"
  over   = "28d"
  target = 0.75
}

kpi "sign_ups" {
  label  = "Sign-ups"
  count  = event.signed_up
  over   = "28d"
  target = 80
}

kpi "click_rate" {
  label  = "Click rate"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.06
}

kpi "unsubscribe_rate" {
  label  = "Unsubscribe rate"
  rate   = event.unsubscribed
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow"]
}

# Says how many are needed at each step for the deals you want. Put in your own period, goal and rates.
funnel "quarter" {
  label  = "Deals of the quarter"
  period = "2026-10-01 to 2026-12-31"
  goal   = 4

  step "signed_up" {
    label = "Confirmed"
    count = event.consent_given
  }

  step "clicked" {
    label = "Clicked"
    count = event.email_clicked
    rate  = 0.30
  }

  step "handed_over" {
    label = "Handed over"
    count = event.toss_up_offered
    rate  = 0.20
  }

  step "opportunity" {
    label = "Opportunity"
    count = event.opportunity_created
    rate  = 0.35
  }

  step "won" {
    label = "Won"
    count = event.deal_won
    rate  = 0.25
  }
}
