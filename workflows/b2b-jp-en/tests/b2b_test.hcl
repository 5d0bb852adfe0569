# nurture test plays these stories on a virtual clock.

test "three actions in 30 days make active, 30 days of silence latent" {
  start = "2026-10-05 10:00" # a Monday

  lead {
    email      = "dana@moonlight.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "page_viewed" {
    path          = "/"
    dwell_seconds = 30
  }

  after "10d" {
    event "email_clicked" {}

    expect = ["lead.stage == 'latent'"]
  }

  after "19d" {
    event "page_viewed" {
      path          = "/cases"
      dwell_seconds = 30
    }

    expect = ["lead.stage == 'active'"] # three in 29 days
  }

  after "30d" { expect = ["lead.stage == 'latent'"] }
}

test "what counts as an action" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@starlit.example.jp"
    created_at = "2026-10-05 10:00"
  }

  case "opens do not" {
    event "email_opened" {}
    event "email_opened" {}
    event "email_opened" {}
    event "email_opened" {}

    expect = ["lead.stage == 'latent'", "score.interest == 0"]
  }

  case "pages closed at once do not" {
    event "page_viewed" { path = "/pricing" }
    event "page_viewed" { path = "/" }
    event "page_viewed" { path = "/cases" }

    expect = ["lead.stage == 'latent'", "not in_workflow('key_page')"]
  }

  case "a click, a download and a seminar do" {
    event "email_clicked" {}
    event "form_submitted" { form = "download" }
    event "seminar_attended" {}

    expect = ["lead.stage == 'active'", "score.interest == 22"]
  }
}

test "a key page, and back within two days" {
  start = "2026-10-05 10:00"

  lead {
    user_id    = "t-001"
    email      = "kim@morningmist.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "page_viewed" {
    path          = "/pricing"
    dwell_seconds = 40
  }

  case "not within the same visit" {
    after "20m" {
      event "page_viewed" {
        path          = "/pricing/standard"
        dwell_seconds = 60
      }
    }

    after "3d" { expect = ["not tossed_up('returned')", "at('key_page') == 'exit.stayed_away'"] }
  }

  case "the next day: handed over" {
    after "22h" {
      event "page_viewed" {
        path          = "/company"
        dwell_seconds = 15
      }

      expect = [
        "tossed_up('returned')",
        "lead.stage == 'sal'",
        "sent('sales') == 1",
      ]
    }

    # Nobody answered: it comes back to us.
    after "5d" { expect = ["lead.stage in ['latent', 'active']"] }
  }

  case "three days later: not" {
    after "3d" {
      event "page_viewed" {
        path          = "/company"
        dwell_seconds = 15
      }

      expect = ["not tossed_up('returned')"]
    }
  }
}

test "a heads-up at 25, once" {
  start = "2026-10-05 10:00"

  lead {
    email      = "rory@harvest.example.jp"
    company    = "Minori Foods"
    created_at = "2026-10-05 10:00"
  }

  event "seminar_attended" {}
  event "form_submitted" { form = "download" }
  event "email_clicked" {}

  expect = ["score.interest == 22", "sent('sales') == 0"]

  after "1m" {
    event "email_clicked" {}

    expect = [
      "score.interest >= const.warning",
      "sent('sales') == 1",
      "not tossed_up('returned')",
    ]
  }

  # Faded and back within a month: the same heads-up does not come again.
  after "10d" {
    event "seminar_attended" {}

    expect = ["score.interest >= const.warning", "sent('sales') == 1"]
  }
}

test "who becomes active moves over from the download mails" {
  start = "2026-10-05 10:00"

  lead {
    email      = "ola@windflower.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  event "form_submitted" { form = "download" }

  expect = ["sent('mail') == 1", "at('download') == 'let_them_read'"]

  after "1h" {
    event "email_clicked" {}
    event "seminar_attended" {}

    expect = [
      "lead.stage == 'active'",
      "at('active') == 'a_day'",
      "at('download') == 'exit.displaced'",
    ]
  }

  at "2026-10-07 12:00" { expect = ["sent('mail') == 2", "at('active') == 'reaction'"] }

  after "1h" {
    event "email_clicked" { link_class = "price" }
  }

  at "2026-10-15 12:00" { expect = ["sent('mail') == 3", "at('active') == 'exit.invited'"] }
}

test "an inquiry does not wait for points" {
  start = "2026-10-06 11:00"

  lead {
    user_id    = "t-002"
    email      = "lee@westbay.example.jp"
    employees  = 12
    created_at = "2026-10-06 11:00"
  }

  event "form_submitted" { form = "inquiry" }

  expect = [
    "tossed_up('inquiry')",
    "lead.stage == 'sal'",
    "sent('sales') == 1",
  ]
}

test "whatever happens, and in whatever order" {
  start   = "2026-10-05 10:00"
  never   = ["sent('mail', '7d') > 4", "in_workflow('download') and in_workflow('active')", "times('toss_up_offered', '30d') > 2"]
  streams = 60
  over    = "90d"

  lead {
    user_id    = "t-003"
    email      = "alex@seabreeze.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }
}
