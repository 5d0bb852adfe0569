# nurture test plays these stories on a virtual clock.

test "confirmed at once, and the link 24 hours before" {
  start = "2026-10-05 21:30" # Monday night

  lead {
    user_id       = "t-001"
    email         = "maya@moonlight.example.com"
    first_name    = "Maya"
    created_at    = "2026-10-05 21:00"
    webinar_id    = "w-2026-10"
    webinar_title = "Payroll cut-off in two hours"
    webinar_at    = "2026-10-15 14:00"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  expect = [
    "sent('mail') == 1",
    "at('webinar') == 'outcome'",
    "score.interest == 10",
  ]

  at "2026-10-14 13:59" { expect = ["sent('mail') == 1"] }

  at "2026-10-14 14:20" {
    expect = [
      "sent('mail') == 2",
      "at('webinar_reminder') == 'exit.reminded'",
    ]
  }

  # Where nothing is ever heard of it, it ends quietly.
  after "90d" {
    expect = [
      "sent('mail') == 2",
      "at('webinar') == 'exit.never_heard'",
    ]
  }
}

test "who came and who did not get different mails" {
  start = "2026-10-05 10:00"

  lead {
    user_id    = "t-002"
    email      = "sam@starlit.example.com"
    first_name = "Sam"
    created_at = "2026-10-05 09:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "seminar-2026-04"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  at "2026-10-15 16:00" {}

  case "came and opened the slides: invited to talk" {
    event "webinar_attended" {
      webinar_id = "w-2026-10"
      minutes    = 55
    }

    expect = ["at('webinar') == 'after_thanks'", "sent('mail') == 2"]

    after "1d" {
      event "email_clicked" { link_class = "archive" }
    }

    at "2026-10-21 12:00" {
      expect = ["sent('mail') == 3", "at('webinar') == 'exit.invited'"]
    }
  }

  case "only came: thanked, and that is all" {
    event "webinar_attended" {
      webinar_id = "w-2026-10"
      minutes    = 12
    }

    after "30d" {
      expect = ["sent('mail') == 2", "at('webinar') == 'exit.informed'"]
    }
  }

  case "watched the recording: the next questions" {
    event "webinar_missed" { webinar_id = "w-2026-10" }

    expect = ["at('webinar') == 'watching'"]

    after "2d" {
      event "video_played" {
        webinar_id = "w-2026-10"
        minutes    = 18
      }
    }

    after "7d" {
      expect = ["sent('mail') == 3", "at('webinar') == 'exit.watched'"]
    }
  }

  case "did neither: the gist, once" {
    event "webinar_missed" { webinar_id = "w-2026-10" }

    after "60d" {
      expect = ["sent('mail') == 3", "at('webinar') == 'exit.summed_up'"]
    }
  }
}

test "two webinars each go their own way" {
  start = "2026-10-05 10:00"

  lead {
    email      = "ola@windflower.example.com"
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "seminar-2026-04"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  after "1h" {
    event "webinar_registered" { webinar_id = "w-2026-11" }

    # Signing up to the same one again confirms nothing new.
    event "webinar_registered" { webinar_id = "w-2026-10" }

    expect = ["sent('mail') == 2"]
  }

  # Who came in October is still waited for in November.
  at "2026-10-15 16:00" {
    event "webinar_attended" {
      webinar_id = "w-2026-10"
      minutes    = 50
    }

    expect = [
      "sent('mail') == 3",
      "in_workflow('webinar')",
    ]
  }

  after "14d" { expect = ["in_workflow('webinar')", "sent('mail') == 3"] }

  at "2026-11-12 11:00" {
    event "webinar_cancelled" { webinar_id = "w-2026-11" }

    expect = ["not in_workflow('webinar')", "at('webinar') == 'exit.cancelled'"]
  }
}

test "who cancelled is not reminded" {
  start = "2026-10-05 10:00"

  lead {
    email      = "alex@seabreeze.example.com"
    created_at = "2026-10-05 10:00"
    webinar_id = "w-2026-10"
    webinar_at = "2026-10-15 14:00"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  after "1d" {
    event "webinar_cancelled" { webinar_id = "w-2026-10" }

    expect = ["at('webinar') == 'exit.cancelled'"]
  }

  after "30d" { expect = ["sent('mail') == 1"] }
}

test "who asks in the survey is handed to sales at once" {
  start = "2026-10-15 16:10"

  lead {
    user_id    = "t-003"
    email      = "rory@harvest.example.com"
    first_name = "Rory"
    employees  = 420
    created_at = "2026-10-05 10:00"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  event "form_submitted" {
    form          = "survey"
    wants_contact = true
  }

  expect = [
    "tossed_up('asked')",
    "lead.stage == 'sal'",
    "sent('sales') == 1",
    "at('webinar') == 'exit.asked'",
  ]

  # Nobody answered: it comes back to us.
  after "5d" { expect = ["lead.stage == 'lead'"] }
}

test "who came and looks at prices is handed over, once" {
  start = "2026-10-15 16:00"

  lead {
    user_id    = "t-004"
    email      = "kim@morningmist.example.com"
    first_name = "Kim"
    title      = "HR Director"
    employees  = 320
    created_at = "2026-10-05 09:00"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  event "webinar_attended" {
    webinar_id = "w-2026-10"
    minutes    = 58
  }

  expect = [
    "score.interest == 35",
    "lead.stage == 'mql'",
  ]

  after "20m" {
    event "page_viewed" {
      path          = "/pricing"
      dwell_seconds = 40
    }
    event "page_viewed" {
      path          = "/pricing/enterprise"
      dwell_seconds = 25
    }

    expect = [
      "score.interest >= const.hot",
      "not tossed_up('hot_attendee')", # hold = 30m is not over
    ]
  }

  after "31m" {
    expect = [
      "tossed_up('hot_attendee')",
      "lead.stage == 'sal'",
      "sent('sales') == 1",
    ]
  }

  event "toss_up_accepted" { toss_up = "hot_attendee" }

  after "10d" {
    event "opportunity_created" { amount = 900000 }
    expect = ["lead.stage == 'opportunity'"]
  }
}

test "whatever happens, and in whatever order" {
  start   = "2026-10-05 10:00"
  never   = ["sent('mail', '7d') > 12", "times('toss_up_offered', '30d') > 2"]
  streams = 60
  over    = "60d"

  lead {
    user_id    = "t-005"
    email      = "kit@fireworks.example.com"
    employees  = 320
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "seminar-2026-04"
  }
}
