# What is known about a lead. Rules can read only what is declared here.
lead {
  key = "email"

  text "user_id" { label = "Customer number" }
  text "email" {
    label    = "E-mail"
    required = true
  }
  text "last_name" { label = "Last name" }
  text "first_name" { label = "First name" }
  text "company" { label = "Company" }
  number "employees" { label = "Employees" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # We have stopped writing to somebody who does not react. The workflow win_back sets
  # it, and woken takes it away when they come again.
  flag "resting" {
    label   = "Resting"
    default = false
  }
}

# What can happen to a lead. What channels report, opens and clicks for instance, can be
# used without being declared.
event "page_viewed" {
  label = "Page view"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
}

event "order_placed" {
  label = "Order"

  text "order_id" { required = true }
  number "amount" { default = 0 }
}

event "form_submitted" {
  label = "Form sent"

  choice "form" {
    required = true
    of       = ["inquiry", "preferences"]
  }
}

event "consent_given" {
  label = "Consent"

  text "purpose" { required = true }
  text "wording" { required = true }
}

event "opportunity_created" {
  label = "Opportunity"

  number "amount" { default = 0 }
}

event "deal_won" {
  label = "Annual contract"

  number "amount" { default = 0 }
}

# Named moments. A page that was closed at once is no visit.
event "visited" {
  label = "Visit"
  from  = event.page_viewed
  when  = "event.dwell_seconds >= 10"
}

event "inquired" {
  label = "Inquiry"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}
