# nurture test は、これらの物語を仮想の時計の上で確かめます。

test "90日静かだった方に声をかけ、返事がなければお休みする" {
  start = "2026-04-06 10:00" # 月曜日

  lead {
    email      = "nishida@tsukiyo.example.jp"
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }

  expect = ["sent('mail') == 1", "at('tips') == 'a_fortnight'"]

  # 時間がたつだけで入ります。
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

  # お休み中は、毎月のお便りも届きません。
  after "60d" { expect = ["sent('mail', '60d') == 0"] }

  # ご自分から戻られたら、次のお便りから再びお届けします。
  after "1h" {
    event "page_viewed" {
      path          = "/stock"
      dwell_seconds = 30
    }

    expect = ["not lead.resting", "at('woken') == 'exit.awake'"]
  }

  after "35d" { expect = ["sent('mail', '35d') >= 1"] }
}

test "呼び戻しへの反応" {
  start = "2026-04-06 10:00"

  lead {
    email      = "okano@hoshizora.example.jp"
    employees  = 40
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }

  at "2026-07-08 16:30" { expect = ["at('win_back') == 'first_answer'"] }

  case "クリックした方には、お帰りなさいのご案内" {
    event "email_clicked" { link_class = "stock" }

    after "2d" { expect = ["at('win_back') == 'exit.came_back'", "not segment.dormant"] }
  }

  case "ご注文があれば、その瞬間に終わる" {
    event "order_placed" {
      order_id = "a-1001"
      amount   = 24000
    }

    expect = ["at('win_back') == 'exit.ordered'", "score.activity == 20", "lead.stage == 'active'"]
  }

  case "開いただけの方には、一度だけ確認する" {
    event "email_opened" {}

    expect = ["at('win_back') == 'first_answer'"]

    at "2026-07-24 12:00" {
      event "email_opened" {}

      expect = ["at('win_back') == 'exit.stays'", "not lead.resting"]
    }
  }

  case "停止を希望された方には、もう送らない" {
    event "unsubscribed" {}

    expect = ["at('win_back') == 'exit.opted_out'"]

    after "120d" { expect = ["sent('mail', '120d') == 0"] }
  }
}

test "呼び戻しのあいだ、使いこなし術は始まらない" {
  start = "2026-04-06 10:00"

  lead {
    email      = "hirano@kazahana.example.jp"
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }

  at "2026-07-08 12:00" {
    # 同意をもう一度いただいても、呼び戻しが終わるまで新しい案内は始まりません。
    event "consent_given" {
      purpose = "marketing"
      wording = "signup-2026-07"
    }

    expect = ["in_workflow('win_back')", "not in_workflow('tips')"]
  }
}

test "第1火曜日のお便りは、同意のある方にだけ届く" {
  start = "2026-06-15 10:00"

  lead {
    email      = "murai@umikaze.example.jp"
    created_at = "2026-06-15 10:00"
  }

  case "同意のある方" {
    event "consent_given" {
      purpose = "marketing"
      wording = "signup-2026-06"
    }

    at "2026-07-06 18:00" {}
    at "2026-07-07 11:30" { expect = ["sent('mail', '1d') == 1", "at('monthly_letter') == 'exit.sent'"] }
  }

  case "同意のない方" {
    at "2026-07-07 18:00" { expect = ["sent('mail') == 0", "not in_workflow('monthly_letter')"] }
  }
}

test "戻ってきた会社は、営業に渡る" {
  start = "2026-03-02 10:00"

  lead {
    user_id    = "t-004"
    email      = "sakai@asagiri.example.jp"
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

test "どんな順序で何が起きても、守られる約束" {
  start   = "2026-04-06 10:00"
  never   = ["sent('mail', '7d') > 3", "in_workflow('win_back') and in_workflow('tips')"]
  streams = 60
  over    = "240d"

  lead {
    email      = "sugita@hanabi.example.jp"
    created_at = "2026-04-06 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-04"
  }
}

test "静かになってからの日数は、最後の反応から数える" {
  start = "2026-01-13 10:00"

  lead {
    email      = "kita@yukikaze.example.jp"
    created_at = "2026-01-13 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "signup-2026-01"
  }

  at "2026-04-06 10:00" {}

  case "クリック" {
    event "email_clicked" { link_class = "monthly" }
    at "2026-07-05 09:00" { expect = ["not segment.dormant"] }
    at "2026-07-05 11:00" { expect = ["segment.dormant"] }
  }

  case "訪問" {
    event "page_viewed" {
      path          = "/stock"
      dwell_seconds = 30
    }

    at "2026-07-05 09:00" { expect = ["not segment.dormant"] }
    at "2026-07-05 11:00" { expect = ["segment.dormant"] }
  }

  case "ご注文" {
    event "order_placed" { order_id = "a-3001" }

    at "2026-07-05 09:00" { expect = ["not segment.dormant"] }
    at "2026-07-05 11:00" { expect = ["segment.dormant"] }
  }
}
