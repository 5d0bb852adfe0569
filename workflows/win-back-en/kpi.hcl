# What counts in the end is contracts and orders. The figures before them say where to look.
kpi "deals" {
  label  = "Annual contracts"
  count  = event.deal_won
  over   = "28d"
  target = 2
}

kpi "orders" {
  label  = "Orders"
  count  = event.order_placed
  over   = "28d"
  target = 400
}

# How many orders follow a letter within 30 days: the win-back's beside the others'.
kpi "order_rate" {
  label  = "Orders per letter"
  rate   = event.order_placed
  of     = event.email_delivered
  within = "30d"
  over   = "90d"
  by     = ["workflow"]
  target = 0.03
}

kpi "opportunity_rate" {
  label  = "Opportunities per toss-up"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.3
}

kpi "click_rate" {
  label  = "Click rate"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.04
}

# A win-back makes people unsubscribe. More than elsewhere is what to expect.
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

  step "reached" {
    label = "Reached"
    count = event.email_delivered
  }

  step "clicked" {
    label = "Clicked"
    count = event.email_clicked
    rate  = 0.04
  }

  step "handed_over" {
    label = "Handed over"
    count = event.toss_up_offered
    rate  = 0.30
  }

  step "opportunity" {
    label = "Opportunity"
    count = event.opportunity_created
    rate  = 0.30
  }

  step "won" {
    label = "Won"
    count = event.deal_won
    rate  = 0.30
  }
}
