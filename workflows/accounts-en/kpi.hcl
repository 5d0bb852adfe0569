# What counts in the end is deals. The figures before them say where to look.
kpi "deals" {
  label  = "Deals won"
  count  = event.deal_won
  over   = "28d"
  target = 2
}

# A sum adds up a number of the event, instead of counting events.
kpi "revenue" {
  label = "Worth of deals won"
  count = event.deal_won
  sum   = "amount"
  over  = "90d"
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
  rate   = event.consent_confirmed
  of     = event.consent_given
  within = "7d"
  over   = "28d"
  target = 0.7
}

# Of those who saw something on the site, who clicked it within a day.
kpi "site_click_rate" {
  label  = "Clicks on what the site showed"
  rate   = event.web_clicked
  of     = event.web_shown
  within = "1d"
  once   = "month"
  over   = "28d"
  by     = ["step"]
  target = 0.05
}

kpi "busy_companies" {
  label = "People of companies that look at the prices"
  value = "segment.busy_companies.leads"
}

# Says how many are needed at each step for the deals you want. Put in your own period, goal and rates.
funnel "quarter" {
  label  = "Deals of the quarter"
  period = "2026-10-01 to 2026-12-31"
  goal   = 4

  step "confirmed" {
    label = "Confirmed"
    count = event.consent_confirmed
  }

  step "prices" {
    label = "Looked at prices"
    count = event.pricing_viewed
    rate  = 0.40
  }

  step "handed_over" {
    label = "Handed over"
    count = event.toss_up_offered
    rate  = 0.25
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
