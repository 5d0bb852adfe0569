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

# A sign-up that does not come has heard nothing.
kpi "attendance_rate" {
  label  = "Attendance per sign-up"
  rate   = event.webinar_attended
  of     = event.webinar_registered
  within = "45d"
  over   = "90d"
  target = 0.5
}

kpi "registrations" {
  label  = "Webinar sign-ups"
  count  = event.webinar_registered
  over   = "28d"
  target = 150
}

# Of those who did not come, how many catch up with the recording.
kpi "video_rate" {
  label  = "Recording watched per no-show"
  rate   = event.video_watched
  of     = event.webinar_missed
  within = "14d"
  over   = "90d"
  target = 0.2
}

kpi "click_rate" {
  label  = "Click rate"
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
  target = 0.12
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
  goal   = 6

  step "registered" {
    label = "Registered"
    count = event.webinar_registered
  }

  step "attended" {
    label = "Attended"
    count = event.webinar_attended
    rate  = 0.50
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
    rate  = 0.25
  }
}
