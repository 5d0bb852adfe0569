# The key figures of nurturing, from the first visit to the deal, as a library. Set your own
# targets; a figure that nobody looks at may go. Each is shown by: nurture kpi NAME

event "appointment_made" {
  label = "Appointment made"
}

# Approaches: people, not visits.
kpi "k01_approaches" {
  label = "People who visited"
  count = event.page_viewed
  once  = "ever"
  by    = ["month"]
  over  = "90d"
}

kpi "k01_sign_ups" {
  label = "People who confirmed, by what brought them"
  count = event.consent_confirmed
  once  = "ever"
  by    = ["first_class"]
  over  = "90d"
}

# A visit turns into leave to write.
kpi "k02_conversion" {
  label  = "Visit to consent"
  rate   = event.consent_confirmed
  of     = event.page_viewed
  within = "30d"
  once   = "ever"
  over   = "90d"
}

kpi "k03_inquiries" {
  label  = "Inquiries, of the people written to"
  rate   = event.inquired
  of     = event.email_delivered
  within = "90d"
  once   = "ever"
  over   = "180d"
}

kpi "k04_appointments" {
  label  = "Appointments, of the people written to"
  rate   = event.appointment_made
  of     = event.email_delivered
  within = "90d"
  once   = "ever"
  over   = "180d"
}

kpi "k04_of_inquiries" {
  label  = "Appointments, of inquiries"
  rate   = event.appointment_made
  of     = event.inquired
  within = "30d"
  over   = "180d"
}

kpi "k05_opportunities" {
  label  = "Opportunities, of the people written to"
  rate   = event.opportunity_created
  of     = event.email_delivered
  within = "120d"
  once   = "ever"
  over   = "180d"
}

kpi "k05_of_appointments" {
  label  = "Opportunities, of appointments"
  rate   = event.opportunity_created
  of     = event.appointment_made
  within = "60d"
  over   = "180d"
}

kpi "k06_deals" {
  label  = "Deals, of the people written to"
  rate   = event.deal_won
  of     = event.email_delivered
  within = "180d"
  once   = "ever"
  over   = "365d"
}

kpi "k06_of_opportunities" {
  label  = "Deals, of opportunities"
  rate   = event.deal_won
  of     = event.opportunity_created
  within = "180d"
  over   = "365d"
}

kpi "k07_downloads" {
  label = "Documents and downloads"
  count = event.guide_requested
  over  = "28d"
}

# Circulation, for each issue.
kpi "k08_circulation" {
  label = "Messages accepted for delivery"
  count = event.email_delivered
  by    = ["workflow", "step"]
  over  = "28d"
}

# Machines that open mail stand apart, in k09_opened_by_machines.
kpi "k09_open_rate" {
  label      = "Open rate, people only"
  rate       = event.email_opened
  of         = event.email_delivered
  within     = "7d"
  over       = "28d"
  by         = ["workflow", "step"]
  min_sample = 200
}

kpi "k09_opened_by_machines" {
  label = "Opened by machines"
  count = event.email_opened_machine
  over  = "28d"
  by    = ["workflow", "step"]
}

kpi "k10_click_rate" {
  label      = "Click rate, people only"
  rate       = event.email_clicked
  of         = event.email_delivered
  within     = "7d"
  over       = "28d"
  by         = ["workflow", "step"]
  min_sample = 200
}

kpi "k10_clicked_by_machines" {
  label = "Clicked by machines"
  count = event.email_clicked_machine
  over  = "28d"
  by    = ["workflow", "step"]
}

kpi "k11_unsubscribes" {
  label      = "Unsubscribe rate"
  rate       = event.unsubscribed
  of         = event.email_delivered
  within     = "7d"
  over       = "28d"
  by         = ["workflow", "step"]
  min_sample = 200
  target     = 0.005

  # A step that drives people away stops by itself.
  threshold "too_many" {
    when        = "value > 0.1"
    hold        = "1d"
    keep_firing = "1d"

    pause { what = "step" }
  }
}

# Conversion from mail: a form within a week of the click.
kpi "k12_from_mail" {
  label  = "Forms after a click"
  rate   = event.form_submitted
  of     = event.email_clicked
  within = "7d"
  over   = "28d"
  by     = ["workflow", "step"]
}

kpi "k13_replies" {
  label = "Replies"
  count = event.email_replied
  over  = "28d"
}

# Why the others may not be written to stands in: nurture kpi k14_reachable
kpi "k14_reachable" {
  label = "Addresses that may be written to"
  value = "reachable('mail')"
}

kpi "k15_of_a_mailing" {
  label  = "Forms, of a mailing"
  rate   = event.form_submitted
  of     = event.email_delivered
  within = "14d"
  over   = "90d"
  by     = ["workflow", "step"]
}

# A volume, and no goal: more hand-overs are not more deals.
kpi "k16_toss_ups" {
  label = "Toss-ups"
  value = "toss_up.team.handed_over + toss_up.inquiry.handed_over"
  over  = "28d"
}

# What all of this is for.
kpi "k17_won" {
  label = "Opportunities won by nurturing"
  value = "toss_up.team.won + toss_up.inquiry.won"
  over  = "365d"
}

kpi "k17_won_rate" {
  label = "Won, of those handed over"
  value = "(toss_up.team.won + toss_up.inquiry.won) / (toss_up.team.handed_over + toss_up.inquiry.handed_over)"
  over  = "365d"
}
