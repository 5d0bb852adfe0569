# What counts in the end is deals. The figures before them say where to look.
kpi "deals" {
  label  = "Deals won"
  count  = event.deal_won
  over   = "28d"
  target = 3
}

kpi "opportunity_rate" {
  label  = "Opportunities per toss-up"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.3
}

# The sooner sales answer the better. Those that nobody answered are counted too.
kpi "accept_rate" {
  label  = "Accepted per toss-up"
  rate   = event.toss_up_accepted
  of     = event.toss_up_offered
  within = "3d"
  over   = "90d"
  target = 0.7
}

kpi "toss_ups" {
  label = "Toss-ups"
  count = event.toss_up_offered
  over  = "28d"
}

kpi "downloads" {
  label  = "Downloads"
  count  = event.downloaded
  over   = "28d"
  target = 100
}

kpi "click_rate" {
  label  = "Click rate"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.07
}

kpi "unsubscribe_rate" {
  label  = "Unsubscribe rate"
  rate   = event.unsubscribed
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
}

# Says how many are needed at each step for the deals you want. Put in your own period, goal and rates.
funnel "quarter" {
  label  = "Deals of the quarter"
  period = "2026-10-01 to 2026-12-31"
  goal   = 5

  step "downloaded" {
    label = "Downloaded"
    count = event.downloaded
  }

  step "clicked" {
    label = "Clicked"
    count = event.email_clicked
    rate  = 0.35
  }

  step "handed_over" {
    label = "Handed over"
    count = event.toss_up_offered
    rate  = 0.40
  }

  step "opportunity" {
    label = "Opportunity"
    count = event.opportunity_created
    rate  = 0.30
  }

  step "won" {
    label = "Won"
    count = event.deal_won
    rate  = 0.25
  }
}
