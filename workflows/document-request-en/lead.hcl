# What is known about a lead. Rules can read only what is declared here.
lead {
  key = "email"

  text "user_id" { label = "Customer number" }
  text "email" {
    label    = "E-mail"
    required = true
  }
  text "first_name" { label = "First name" }
  text "last_name" { label = "Last name" }
  text "company" { label = "Company" }
  text "department" { label = "Department" }
  text "title" { label = "Job title" }
  text "phone" { label = "Phone" }
  number "employees" { label = "Employees" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # Quiet hours are kept in the lead's own zone where it is known.
  text "timezone" { label = "Time zone" }

  choice "industry" {
    label = "Industry"
    of    = ["manufacturing", "logistics", "construction", "wholesale", "software", "services"]
  }

  choice "region" {
    label = "Region"
    of    = ["northeast", "midwest", "south", "west", "elsewhere"]
  }
}

# What can happen to a lead. What channels report, opens and clicks for instance,
# can be used without being declared.
event "page_viewed" {
  label = "Page view"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
}

event "form_submitted" {
  label = "Form sent"

  choice "form" {
    required = true
    of       = ["document_request", "inquiry"]
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
  label = "Deal won"

  number "amount" { default = 0 }
}

# Named moments: an event, narrowed, and counted under a name of its own.
event "document_requested" {
  label = "Document request"
  from  = event.form_submitted
  when  = "event.form == 'document_request'"
}

event "inquired" {
  label = "Inquiry"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

event "pricing_viewed" {
  label = "Pricing page view"
  from  = event.page_viewed
  when  = "event.path startsWith '/pricing' and event.dwell_seconds >= 10"
}

event "case_viewed" {
  label = "Case study view"
  from  = event.page_viewed
  when  = "event.path startsWith '/customers' and event.dwell_seconds >= 10"
}
