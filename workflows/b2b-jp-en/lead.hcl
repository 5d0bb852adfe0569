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
  text "title" { label = "Job title" }
  text "phone" { label = "Phone" }
  number "employees" { label = "Employees" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }
}

# What can happen to a lead. What channels report, opens and clicks for instance, can be
# used without being declared.
event "page_viewed" {
  label = "Page view"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
}

event "form_submitted" {
  label = "Form sent"

  choice "form" {
    required = true
    of       = ["download", "inquiry"]
  }
}

event "seminar_attended" { label = "Seminar attended" }

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
  label = "Deal won"

  number "amount" { default = 0 }
}

# Named moments. A page that was closed at once is no action.
event "page_read" {
  label = "Page read"
  from  = event.page_viewed
  when  = "event.dwell_seconds >= 10"
}

# The pages that people look at when they mean it. Put your own paths here.
event "key_page_viewed" {
  label = "Key page view"
  from  = event.page_viewed
  when  = "event.path matches '^/(pricing|estimate|implementation)' and event.dwell_seconds >= 10"
}

event "downloaded" {
  label = "Download"
  from  = event.form_submitted
  when  = "event.form == 'download'"
}

event "inquired" {
  label = "Inquiry"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

# Brought by the workflow key_page; no client sends it.
event "key_page_returned" { label = "Back after a key page" }
