# A bank calls its clients to offer a term deposit. What is known before the call
# says whom to call first.
project "bank" {
  timezone = "Europe/Lisbon"
  language = "en"
}

lead {
  number "age" { label = "Age" }
  text "job" { label = "Job" }
  text "marital" { label = "Marital status" }
  text "education" { label = "Education" }

  choice "housing" {
    label = "Housing loan"
    of    = ["yes", "no", "unknown"]
  }
}

event "call_made" {
  name  = "Call Made"
  label = "call"

  text "medium" {}
  number "contacts_this_campaign" {}
  number "previous_contacts" {}

  choice "previous_outcome" {
    of = ["nonexistent", "failure", "success"]
  }

  number "euribor3m" { label = "Euribor, three months" }
  number "nr_employed" {}
  number "emp_var_rate" {}
  number "days_since_last_contact" {}
}

# How long a call took is known when it is over; no rule may read it before.
event "call_ended" {
  name  = "Call Ended"
  label = "end of a call"

  number "seconds" {}
}

event "deposit_subscribed" {
  name  = "Deposit Subscribed"
  label = "deposit"
}

# A rehearsal: nothing is handed over, the choice is only counted.
toss_up "likely" {
  label = "Likely to subscribe"
  on    = event.call_made
  when  = "event.previous_outcome == 'success' or event.euribor3m < 1.3"

  success {
    on     = event.deposit_subscribed
    within = "30d"
  }
}

kpi "calls" {
  label = "Calls"
  count = event.call_made
  over  = "365d"
}

kpi "subscriptions" {
  label = "Deposits"
  count = event.deposit_subscribed
  over  = "365d"
}

kpi "success_rate" {
  label  = "Calls that led to a deposit within a month"
  rate   = event.deposit_subscribed
  of     = event.call_made
  within = "30d"
  over   = "365d"
  target = 0.2
}
