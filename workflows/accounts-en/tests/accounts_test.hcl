# nurture test plays these stories on a virtual clock.

test "a sign-up counts once the button was pressed" {
  start = "2026-10-05 22:00" # Monday night

  lead {
    email      = "dana@moonlight.example.com"
    created_at = "2026-10-05 22:00"
  }

  event "form_submitted" { form = "guide" }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  expect = [
    "sent('mail') == 2", # the guide and the question, at night too
    "not consent.marketing",
    "at('guide') == 'confirmation'",
  ]

  case "who presses it gets the case study, in business hours" {
    after "10m" {
      event "consent_confirmed" { consent = "marketing" }

      expect = ["consent.marketing", "lead.stage == 'subscriber'"]
    }

    at "2026-10-08 22:00" { expect = ["sent('mail') == 2"] }

    at "2026-10-13 12:00" {
      expect = ["sent('mail') == 3", "at('guide') == 'exit.sent'"]
    }
  }

  case "who does not hears no more" {
    after "60d" {
      expect = ["sent('mail') == 2", "not consent.marketing", "at('guide') == 'exit.not_confirmed'"]
    }
  }

  case "however often the form is sent, two questions go at most" {
    after "1d" {
      event "consent_given" {
        purpose = "marketing"
        wording = "form-2026-04"
      }
    }
    after "1d" {
      event "consent_given" {
        purpose = "marketing"
        wording = "form-2026-04"
      }

      expect = ["sent('mail') == 3"]
    }
  }
}

test "the site shows what fits, and stops when it was clicked" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@starlit.example.com"
    company    = "Starlit Tools"
    created_at = "2026-10-05 10:00"
  }

  event "page_viewed" { path = "/pricing" }

  expect = ["shown('hero') == 'guide_banner'", "sent('mail') == 0"]

  case "a click" {
    event "web_clicked" { slot = "hero" }

    expect = ["shown('hero') == ''", "score.interest == 25"]
  }

  case "two weeks" {
    after "14d" { expect = ["shown('hero') == ''", "at('price_seen') == 'exit.seen'"] }
  }

  case "colleagues look as well" {
    colleague "kim" {
      event "page_viewed" { path = "/pricing" }
    }
    colleague "lee" {
      event "page_viewed" { path = "/pricing" }
    }

    after "1m" {
      expect = ["segment.busy_companies", "shown('hero') == 'team_banner'"]
    }
  }
}

test "of a company that decides, one is handed over" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@starlit.example.com"
    company    = "Starlit Tools"
    role       = "manager"
    created_at = "2026-10-05 10:00"
  }

  event "page_viewed" { path = "/pricing" }

  colleague "kim" {
    event "page_viewed" { path = "/pricing" }
  }

  after "1h" { expect = ["not segment.busy_companies", "not tossed_up('team')"] }

  after "1m" {
    event "page_viewed" { path = "/pricing" }

    expect = ["segment.busy_companies", "tossed_up('team')", "lead.stage == 'sal'", "sent('sales') == 1"]
  }

  after "2d" {
    event "page_viewed" { path = "/pricing" }

    expect = ["sent('sales') == 1"]
  }
}

test "a colleague who is with sales already stands for the company" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@starlit.example.com"
    company    = "Starlit Tools"
    created_at = "2026-10-05 10:00"
  }

  colleague "kim" {
    event "page_viewed" { path = "/pricing" }
    event "page_viewed" { path = "/pricing" }
    event "page_viewed" { path = "/pricing" }
  }

  after "1h" {
    event "page_viewed" { path = "/pricing" }
    event "page_viewed" { path = "/pricing" }

    expect = ["segment.busy_companies", "score.interest >= 15", "not tossed_up('team')"]
  }

  # Who asks is heard all the same.
  event "form_submitted" { form = "inquiry" }

  expect = ["tossed_up('inquiry')", "shown('hero') == ''"]
}

test "customers are left in peace" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@starlit.example.com"
    company    = "Starlit Tools"
    created_at = "2026-10-05 10:00"
  }

  account { plan = "paid" }

  event "page_viewed" { path = "/pricing" }
  event "page_viewed" { path = "/pricing" }
  event "page_viewed" { path = "/pricing" }

  after "1h" {
    expect = ["segment.customers", "not segment.busy_companies", "shown('hero') == ''", "not tossed_up('team')"]
  }
}
