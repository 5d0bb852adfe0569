# What is known about a reader. Rules can read only what is declared here.
lead {
  key = "email"

  text "user_id" { label = "Reader number" }
  text "email" {
    label    = "E-mail"
    required = true
  }
  text "last_name" { label = "Last name" }
  text "first_name" { label = "First name" }
  text "company" { label = "Company" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # Quiet hours are kept in the reader's own zone where it is known.
  text "timezone" { label = "Time zone" }

  choice "field" {
    label = "Field of interest"
    of    = ["quality", "automation", "energy"]
  }
}

# What can happen to a reader. What channels report, opens and clicks for instance, can be
# used without being declared.
event "form_submitted" {
  label = "Form sent"

  choice "form" {
    required = true
    of       = ["newsletter", "inquiry"]
  }
}

# Sent by the page behind the button of the confirmation mail, with purpose "marketing".
event "consent_given" {
  label = "Confirmed sign-up"

  text "purpose" { required = true }
  text "wording" { required = true }
}

event "page_viewed" {
  label = "Page view"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
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
event "signed_up" {
  label = "Sign-up"
  from  = event.form_submitted
  when  = "event.form == 'newsletter'"
}

event "inquired" {
  label = "Inquiry"
  from  = event.form_submitted
  when  = "event.form == 'inquiry'"
}

event "article_read" {
  label = "Article read"
  from  = event.page_viewed
  when  = "event.path startsWith '/articles' and event.dwell_seconds >= 20"
}
