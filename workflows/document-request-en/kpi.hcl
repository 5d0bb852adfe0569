# What counts in the end is deals. The figures before it say where to look.
kpi "deals" {
  label  = "Deals won"
  count  = event.deal_won
  over   = "28d"
  target = 4
}

kpi "opportunity_rate" {
  label  = "Opportunities per toss-up"
  rate   = event.opportunity_created
  of     = event.toss_up_offered
  within = "60d"
  over   = "90d"
  target = 0.3
}

# A number, and no target: more of them is not better by itself.
kpi "toss_ups" {
  label = "Toss-ups"
  count = event.toss_up_offered
  over  = "28d"
}

kpi "document_requests" {
  label  = "Document requests"
  count  = event.document_requested
  over   = "28d"
  target = 120
}

kpi "click_rate" {
  label  = "Click rate"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.08
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

  step "requested" {
    label = "Requested the document"
    count = event.document_requested
  }

  step "clicked" {
    label = "Clicked"
    count = event.email_clicked
    rate  = 0.35
  }

  step "handed_over" {
    label = "Handed over"
    count = event.toss_up_offered
    rate  = 0.45
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
