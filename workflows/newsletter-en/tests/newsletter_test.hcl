# nurture test plays these stories on a virtual clock.

test "a sign-up counts once it is confirmed" {
  start = "2026-10-05 22:00" # Monday night

  lead {
    email      = "dana@moonlight.example.com"
    created_at = "2026-10-05 22:00"
  }

  event "form_submitted" { form = "newsletter" }

  expect = [
    "sent('mail') == 1", # the question goes at night too
    "at('welcome') == 'confirmation'",
    "lead.stage == 'visitor'",
  ]

  case "who confirms is welcomed on the next business day" {
    after "10m" {
      event "consent_given" {
        purpose = "marketing"
        wording = "letter-2026-04"
      }

      expect = ["lead.stage == 'subscriber'", "segment.readers"]
    }

    at "2026-10-07 18:00" {
      expect = ["sent('mail') == 2", "at('welcome') == 'exit.subscribed'"]
    }
  }

  case "who does not hears no more" {
    after "60d" {
      expect = ["sent('mail') == 1", "at('welcome') == 'exit.not_confirmed'"]
    }
  }
}

test "the letter comes on the second and fourth Thursday" {
  start = "2026-09-28 10:00"

  lead {
    email      = "sam@starlit.example.com"
    created_at = "2026-09-28 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }

  at "2026-10-08 08:59" { expect = ["sent('mail') == 0"] }

  at "2026-10-08 11:30" { expect = ["sent('mail') == 1", "at('letter') == 'exit.sent'"] }

  at "2026-10-22 11:30" { expect = ["sent('mail') == 2"] }

  # Who stops the letter has not stopped everything.
  event "unsubscribed" { topic = "letter" }

  at "2026-11-12 12:00" {
    expect = ["sent('mail') == 2", "skipped('mail') >= 1"]
  }
}

test "who is held out gets none" {
  start = "2026-09-28 10:00"

  # Who is held out follows from the reader, and is always the same. This one is.
  lead {
    email      = "reader-5@windflower.example.com"
    created_at = "2026-09-28 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }

  at "2026-11-30 12:00" {
    expect = ["sent('mail') == 0", "at('letter') == 'exit.held_out'"]
  }
}

test "product news goes to regular readers only" {
  start = "2026-09-28 10:00"

  lead {
    email      = "kim@morningmist.example.com"
    created_at = "2026-09-28 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }

  case "a regular" {
    event "email_replied" {}

    event "page_viewed" {
      path          = "/articles/rework"
      dwell_seconds = 95
    }
    event "page_viewed" {
      path          = "/articles/caliper"
      dwell_seconds = 40
    }

    expect = ["score.interest == 30", "segment.regulars"]

    # On Tuesday, Wednesday or Thursday: one of the three, once.
    at "2026-10-06 08:59" { expect = ["sent('mail') == 0"] }
    at "2026-10-08 08:50" { expect = ["sent('mail') <= 1", "in_workflow('news') or at('news') == 'exit.sent'"] }
    at "2026-10-12 12:00" { expect = ["at('news') == 'exit.sent'"] }
  }

  case "somebody else" {
    event "email_opened" {}

    at "2026-10-12 12:00" { expect = ["not segment.regulars", "not in_workflow('news')", "sent('mail') == 1"] }
  }
}

test "only who asks is handed to sales" {
  start = "2026-10-06 11:00"

  lead {
    user_id    = "t-003"
    email      = "rory@harvest.example.com"
    created_at = "2026-10-06 11:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }

  case "a keen reader" {
    event "email_replied" {}
    event "email_replied" {}

    after "30d" { expect = ["not tossed_up('inquiry')", "sent('sales') == 0"] }
  }

  case "an inquiry" {
    event "form_submitted" { form = "inquiry" }

    expect = [
      "tossed_up('inquiry')",
      "lead.stage == 'sal'",
      "sent('sales') == 1",
    ]
  }
}

test "whatever happens, and in whatever order" {
  start   = "2026-09-28 10:00"
  never   = ["sent('mail', '7d') > 4", "lead.unsubscribed and in_workflow('letter')"]
  streams = 60
  over    = "120d"

  lead {
    email      = "alex@seabreeze.example.com"
    created_at = "2026-09-28 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }
}
