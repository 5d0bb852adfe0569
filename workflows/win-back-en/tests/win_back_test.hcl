# nurture test plays these stories on a virtual clock.

test "quiet for 90 days: two letters, and then we stop" {
  start = "2026-04-06 10:00" # a Monday

  lead {
    email      = "dana@moonlight.example.com"
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }

  expect = ["sent('mail') == 1", "at('tips') == 'a_fortnight'"]

  # Time alone lets them in.
  at "2026-07-04 12:00" { expect = ["not segment.dormant", "not in_workflow('win_back')"] }

  at "2026-07-08 12:00" {
    expect = [
      "segment.dormant",
      "at('win_back') == 'first_answer'",
    ]
  }

  at "2026-07-23 12:00" { expect = ["at('win_back') == 'last_answer'"] }

  at "2026-08-10 12:00" {
    expect = [
      "at('win_back') == 'exit.resting'",
      "lead.resting",
    ]
  }

  # The monthly letter does not go to who rests either.
  after "60d" { expect = ["sent('mail', '60d') == 0"] }

  # Until they come by themselves.
  after "1h" {
    event "page_viewed" {
      path          = "/stock"
      dwell_seconds = 30
    }

    expect = ["not lead.resting", "at('woken') == 'exit.awake'"]
  }

  after "35d" { expect = ["sent('mail', '35d') >= 1"] }
}

test "what they do about the win-back" {
  start = "2026-04-06 10:00"

  lead {
    email      = "sam@starlit.example.com"
    employees  = 40
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }

  at "2026-07-08 16:30" { expect = ["at('win_back') == 'first_answer'"] }

  case "a click brings the welcome back" {
    event "email_clicked" { link_class = "stock" }

    after "2d" { expect = ["at('win_back') == 'exit.came_back'", "not segment.dormant"] }
  }

  case "an order ends it at once" {
    event "order_placed" {
      order_id = "a-1001"
      amount   = 24000
    }

    expect = ["at('win_back') == 'exit.ordered'", "score.activity == 20", "lead.stage == 'active'"]
  }

  case "an open alone does not, but keeps them on the list" {
    event "email_opened" {}

    expect = ["at('win_back') == 'first_answer'"]

    at "2026-07-24 12:00" {
      event "email_opened" {}

      expect = ["at('win_back') == 'exit.stays'", "not lead.resting"]
    }
  }

  case "who unsubscribes hears no more" {
    event "unsubscribed" {}

    expect = ["at('win_back') == 'exit.opted_out'"]

    after "120d" { expect = ["sent('mail', '120d') == 0"] }
  }
}

test "while the win-back goes on, the tips do not begin" {
  start = "2026-04-06 10:00"

  lead {
    email      = "ola@windflower.example.com"
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }

  at "2026-07-08 12:00" {
    # Consent that is given again begins nothing new while the win-back goes on.
    event "consent_given" {
      purpose = "marketing"
      wording = "signup-2026-07"
    }

    expect = ["in_workflow('win_back')", "not in_workflow('tips')"]
  }
}

test "the letter of the first Tuesday goes to those who agreed" {
  start = "2026-06-15 10:00"

  lead {
    email      = "rory@harvest.example.com"
    created_at = "2026-06-15 10:00"
  }

  case "agreed" {
    event "consent_given" {
      purpose = "marketing"
      wording = "signup-2026-06"
    }

    at "2026-07-06 18:00" {}
    at "2026-07-07 11:30" { expect = ["sent('mail', '1d') == 1", "at('monthly_letter') == 'exit.sent'"] }
  }

  case "did not" {
    at "2026-07-07 18:00" { expect = ["sent('mail') == 0", "not in_workflow('monthly_letter')"] }
  }
}

test "a company that comes back is handed to sales" {
  start = "2026-03-02 10:00"

  lead {
    user_id    = "t-004"
    email      = "kim@morningmist.example.com"
    employees  = 300
    created_at = "2026-03-01 10:00"
  }

  event "order_placed" {
    order_id = "a-2001"
    amount   = 80000
  }

  at "2026-07-06 10:00" {
    event "page_viewed" {
      path          = "/stock"
      dwell_seconds = 40
    }
    event "page_viewed" {
      path          = "/prices"
      dwell_seconds = 25
    }
    event "page_viewed" {
      path          = "/branches"
      dwell_seconds = 60
    }

    expect = ["not tossed_up('returning')"] # hold = 1h
  }

  after "61m" {
    expect = [
      "tossed_up('returning')",
      "lead.stage == 'sal'",
      "sent('sales') == 1",
    ]
  }

  event "toss_up_accepted" { toss_up = "returning" }

  after "7d" {
    event "opportunity_created" { amount = 500000 }
    expect = ["lead.stage == 'opportunity'"]
  }
}

test "whatever happens, and in whatever order" {
  start   = "2026-04-06 10:00"
  never   = ["sent('mail', '7d') > 3", "in_workflow('win_back') and in_workflow('tips')"]
  streams = 60
  over    = "240d"

  lead {
    email      = "alex@seabreeze.example.com"
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }
}

test "the 90 days begin with the last thing they did" {
  start = "2026-01-13 10:00"

  lead {
    email      = "noor@snowfield.example.com"
    created_at = "2026-01-13 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-01"
  }

  at "2026-04-06 10:00" {}

  case "a click" {
    event "email_clicked" { link_class = "monthly" }
    at "2026-07-05 09:00" { expect = ["not segment.dormant"] }
    at "2026-07-05 11:00" { expect = ["segment.dormant"] }
  }

  case "a visit" {
    event "page_viewed" {
      path          = "/stock"
      dwell_seconds = 30
    }

    at "2026-07-05 09:00" { expect = ["not segment.dormant"] }
    at "2026-07-05 11:00" { expect = ["segment.dormant"] }
  }

  case "an order" {
    event "order_placed" { order_id = "a-3001" }

    at "2026-07-05 09:00" { expect = ["not segment.dormant"] }
    at "2026-07-05 11:00" { expect = ["segment.dormant"] }
  }
}
