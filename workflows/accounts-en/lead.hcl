# What is known about a person. Rules can read only what is declared here.
lead {
  key = "email"

  text "email" {
    label    = "E-mail"
    form     = "email" # capitals and the like make no second person
    required = true
  }
  text "last_name" { label = "Last name" }
  text "first_name" { label = "First name" }

  # Colleagues are found by it: see account.hcl.
  text "company" {
    label = "Company"
    form  = "text"
  }

  choice "role" {
    label = "Role"
    of    = ["evaluator", "manager", "executive"]
  }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # Quiet hours are kept in the person's own zone where it is known.
  text "timezone" { label = "Time zone" }
}

# What can happen. What channels and the site's snippet report (clicks, what was shown) can
# be used without being declared.
event "form_submitted" {
  label = "Form sent"

  choice "form" {
    required = true
    of       = ["guide", "inquiry"]
  }
}

# Sent by the form's page along with the form, where the box was ticked. It gives nothing yet:
# see contact.hcl.
event "consent_given" {
  label = "Asked to subscribe"

  text "purpose" { required = true }
  text "wording" { required = true }
}

event "page_viewed" {
  label = "Page view"

  text "path" { required = true }
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
event "guide_requested" {
  label = "Guide requested"
  from  = event.form_submitted
  when  = "event.form == 'guide'"
}

event "inquired" {
  label = "Inquiry"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

event "pricing_viewed" {
  label = "Prices viewed"
  from  = event.page_viewed
  when  = "event.path == '/pricing'"
}
