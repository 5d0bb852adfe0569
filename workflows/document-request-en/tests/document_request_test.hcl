# nurture test plays these stories on a virtual clock.

test "thanks come at once, the case study on the next business day" {
  start = "2026-10-05 09:20" # a Monday

  lead {
    user_id    = "t-001"
    email      = "dana@moonlight.example.com"
    first_name = "Dana"
    company    = "Moonlight Logistics"
    industry   = "logistics"
    employees  = 60
    created_at = "2026-10-05 09:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  event "form_submitted" { form = "document_request" }

  expect = [
    "sent('mail') == 1",
    "score.interest == 20",
    "at('document_request') == 'let_them_read'",
    "lead.stage == 'lead'",
  ]

  at "2026-10-06 12:00" {
    expect = [
      "sent('mail') == 2",
      "at('document_request') == 'reaction'",
    ]
  }

  # Who does not react is left in peace.
  after "30d" {
    expect = [
      "sent('mail') == 2",
      "at('document_request') == 'exit.no_reaction'",
      "not tossed_up('hot_lead')",
    ]
  }
}

test "a request at night is thanked for, and the rest waits for the morning" {
  start = "2026-11-25 21:40" # the evening before Thanksgiving

  lead {
    email      = "sam@starlit.example.com"
    created_at = "2026-11-25 21:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  event "form_submitted" { form = "document_request" }

  expect = ["sent('mail') == 1"]

  at "2026-11-27 15:00" { expect = ["sent('mail') == 1"] } # days off

  at "2026-12-01 17:00" { expect = ["sent('mail') == 2"] }
}

test "quiet hours are those of the lead, not ours" {
  start = "2026-10-05 13:00" # in New York; 10:00 in Los Angeles

  lead {
    email      = "lee@westbay.example.com"
    timezone   = "America/Los_Angeles"
    created_at = "2026-10-05 12:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  event "form_submitted" { form = "document_request" }

  at "2026-10-06 11:59" { expect = ["sent('mail') == 1"] } # 08:59 over there

  at "2026-10-06 19:00" { expect = ["sent('mail') == 2"] }
}

test "who did not agree to marketing gets the document and no more" {
  start = "2026-10-05 10:00"

  lead {
    email      = "ola@windflower.example.com"
    created_at = "2026-10-05 10:00"
  }

  event "form_submitted" { form = "document_request" }

  expect = ["sent('mail') == 1"]

  after "30d" {
    expect = [
      "sent('mail') == 1",
      "skipped('mail', 'no_consent') >= 1",
    ]
  }
}

test "who warms up is handed to sales, once" {
  start = "2026-10-05 10:00"

  lead {
    user_id    = "t-002"
    email      = "kim@morningmist.example.com"
    first_name = "Kim"
    company    = "Morning Mist Manufacturing"
    title      = "Controller"
    industry   = "manufacturing"
    employees  = 320
    created_at = "2026-10-05 09:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  event "form_submitted" { form = "document_request" }

  after "1h" {
    event "page_viewed" {
      path          = "/pricing"
      dwell_seconds = 48
    }

    event "page_viewed" {
      path          = "/pricing/standard"
      dwell_seconds = 31
    }

    expect = [
      "score.fit == 70",
      "score.interest > 59 and score.interest < 60",
      "lead.stage == 'mql'",
      "not tossed_up('hot_lead')",
    ]
  }

  after "2h" {
    event "page_viewed" {
      path          = "/customers/monthly-close"
      dwell_seconds = 75
    }

    expect = [
      "score.interest >= 70",
      "not tossed_up('hot_lead')", # hold = 30m is not over
    ]
  }

  after "31m" {
    expect = [
      "tossed_up('hot_lead')",
      "lead.stage == 'sal'",
      "at('document_request') == 'exit.handed_over'",
      "sent('sales') == 1",
    ]
  }

  event "toss_up_accepted" { toss_up = "hot_lead" }

  after "3d" {
    event "opportunity_created" { amount = 12000 }

    expect = ["lead.stage == 'opportunity'"]
  }
}

test "an inquiry does not wait for points" {
  start = "2026-10-06 11:00"

  lead {
    user_id    = "t-003"
    email      = "rory@harvest.example.com"
    employees  = 12
    created_at = "2026-10-06 11:00"
  }

  event "form_submitted" { form = "inquiry" }

  expect = [
    "tossed_up('inquiry')",
    "not tossed_up('hot_lead')",
    "lead.stage == 'sal'",
    "sent('sales') == 1",
  ]

  # Nobody answered: it comes back to us.
  after "5d" { expect = ["lead.stage == 'lead'"] }
}

test "how well a company fits" {
  start = "2026-10-05 10:00"

  lead {
    email      = "kit@fireworks.example.com"
    created_at = "2026-10-05 10:00"
  }

  case "nothing is known" { expect = ["score.fit == 0", "not segment.target_account"] }

  case "a CFO of a manufacturer" {
    lead {
      title     = "CFO"
      industry  = "manufacturing"
      employees = 1200
    }

    expect = ["score.fit == 80", "segment.target_account"]
  }

  case "a manager of a small agency" {
    lead {
      title     = "Office Manager"
      industry  = "services"
      employees = 8
    }

    expect = ["score.fit == 20", "not segment.target_account"]
  }
}

test "whatever happens, and in whatever order" {
  start   = "2026-10-05 10:00"
  never   = ["sent('mail', '7d') > 4", "times('toss_up_offered', '30d') > 2"]
  streams = 60

  lead {
    user_id    = "t-004"
    email      = "alex@seabreeze.example.com"
    industry   = "logistics"
    employees  = 400
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }
}
