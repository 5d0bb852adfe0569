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
  number "employees" { label = "Employees" }
  flag "unsubscribed" { default = false }
  time "created_at" { required = true }

  # The webinar they join next. The form sends these four by identify, before the event
  # webinar_registered. Who signs up to a second one is reminded of that one.
  text "webinar_id" { label = "Next webinar" }
  text "webinar_title" { label = "Title of the next webinar" }
  text "webinar_url" { label = "Link to the next webinar" }
  time "webinar_at" { label = "Start of the next webinar" }
}

# What can happen to a lead. What channels report, opens and clicks for instance, can be
# used without being declared.
event "webinar_registered" {
  label = "Webinar sign-ups"

  text "webinar_id" { required = true }
}

event "webinar_cancelled" {
  label = "Webinar cancelled"

  text "webinar_id" { required = true }
}

# Who came and who did not is sent after the webinar, from the tool's list.
event "webinar_attended" {
  label = "Attended"

  text "webinar_id" { required = true }
  number "minutes" { default = 0 }
}

event "webinar_missed" {
  label = "Missed"

  text "webinar_id" { required = true }
}

event "video_played" {
  label = "Recording played"

  text "webinar_id" {}
  number "minutes" { default = 0 }
}

# The survey after the webinar, and the contact form.
event "form_submitted" {
  label = "Form sent"

  choice "form" {
    required = true
    of       = ["survey", "inquiry"]
  }
  flag "wants_contact" { default = false }
  text "message" {}
}

event "page_viewed" {
  label = "Page view"

  text "path" { required = true }
  number "dwell_seconds" { default = 0 }
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
  label = "Deals won"

  number "amount" { default = 0 }
}

# Named moments: an event, narrowed, and counted under a name of its own.
event "asked" {
  label = "Asked"
  from  = event.form_submitted
  when  = "event.form == 'inquiry' or event.wants_contact"
}

event "stayed" {
  label = "Stayed for half an hour"
  from  = event.webinar_attended
  when  = "event.minutes >= 30"
}

# Who only pressed play has not watched it.
event "video_watched" {
  label = "Recording watched"
  from  = event.video_played
  when  = "event.minutes >= 5"
}

event "pricing_viewed" {
  label = "Pricing page view"
  from  = event.page_viewed
  when  = "event.path startsWith '/pricing' and event.dwell_seconds >= 10"
}
