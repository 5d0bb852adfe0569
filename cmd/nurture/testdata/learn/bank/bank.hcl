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

  text "default" { label = "Credit in default" }

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

# What speaks for a deposit, before the call. Whoever said yes before, or is called
# while money is cheap, comes over the threshold; what the rest is worth, nobody has
# looked at yet.
score "likely" {
  label = "Likely to subscribe"

  rule "previous_success" {
    on     = event.call_made
    when   = "event.previous_outcome == 'success'"
    points = 50
  }

  rule "low_rate" {
    on     = event.call_made
    when   = "event.euribor3m < 1.3"
    points = 50
  }

  rule "falling_rate" {
    on     = event.call_made
    when   = "event.emp_var_rate < -1"
    points = 1
  }

  rule "few_employed" {
    on     = event.call_made
    when   = "event.nr_employed < 5100"
    points = 1
  }

  rule "first_call" {
    on     = event.call_made
    when   = "event.contacts_this_campaign == 1"
    points = 1
  }

  rule "many_calls" {
    on     = event.call_made
    when   = "event.contacts_this_campaign > 4"
    points = -1
  }

  rule "mobile" {
    on     = event.call_made
    when   = "event.medium == 'cellular'"
    points = 1
  }

  rule "known_before" {
    on     = event.call_made
    when   = "event.previous_contacts > 0"
    points = 1
  }

  rule "failed_before" {
    on     = event.call_made
    when   = "event.previous_outcome == 'failure'"
    points = -1
  }

  rule "student_or_retired" {
    on     = event.call_made
    when   = "lead.job in ['student', 'retired']"
    points = 1
  }

  rule "blue_collar" {
    on     = event.call_made
    when   = "lead.job == 'blue-collar'"
    points = -1
  }

  rule "young" {
    on     = event.call_made
    when   = "lead.age < 25"
    points = 1
  }

  rule "old" {
    on     = event.call_made
    when   = "lead.age >= 60"
    points = 1
  }

  rule "no_default" {
    on     = event.call_made
    when   = "lead.default == 'no'"
    points = 1
  }

  rule "single" {
    on     = event.call_made
    when   = "lead.marital == 'single'"
    points = 1
  }

  rule "university" {
    on     = event.call_made
    when   = "lead.education == 'university.degree'"
    points = 1
  }

  # It says a lot, and nobody knows it in time.
  rule "long_call" {
    on     = event.call_ended
    when   = "event.seconds >= 300"
    points = 1
  }
}

toss_up "likely" {
  label = "Likely to subscribe"
  when  = "score.likely >= 50"

  success {
    on     = event.deposit_subscribed
    within = "1d"
  }
}
