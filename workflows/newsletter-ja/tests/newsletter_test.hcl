# nurture test は、これらの物語を仮想の時計の上で確かめます。

test "購読は、確認のボタンを押してはじめて成り立つ" {
  start = "2026-10-05 22:00" # 月曜日の夜

  lead {
    email      = "mori@tsukiyo.example.jp"
    created_at = "2026-10-05 22:00"
  }

  event "form_submitted" { form = "newsletter" }

  expect = [
    "sent('mail') == 1", # 確認メールは夜でも届く
    "at('welcome') == 'confirmation'",
    "lead.stage == 'visitor'",
  ]

  case "押した方には、翌営業日にようこそ" {
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

  case "押さなければ、それきり" {
    after "60d" {
      expect = ["sent('mail') == 1", "at('welcome') == 'exit.not_confirmed'"]
    }
  }
}

test "通信は第2・第4木曜日に届く" {
  start = "2026-09-28 10:00"

  lead {
    email      = "hara@hoshizora.example.jp"
    created_at = "2026-09-28 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }

  at "2026-10-08 08:59" { expect = ["sent('mail') == 0"] }

  at "2026-10-08 11:30" { expect = ["sent('mail') == 1", "at('letter') == 'exit.sent'"] }

  at "2026-10-22 11:30" { expect = ["sent('mail') == 2"] }

  # 通信だけを停止しても、製品のお知らせの同意は残ります。
  event "unsubscribed" { topic = "letter" }

  at "2026-11-12 12:00" {
    expect = ["sent('mail') == 2", "skipped('mail') >= 1"]
  }
}

test "対照群の方には届かない" {
  start = "2026-09-28 10:00"

  # 対照群はアドレスではなく、読者ごとに決まります。この読者は、いつもそのひとりです。
  lead {
    email      = "reader-51@kazahana.example.jp"
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

test "製品のお知らせは、よく読まれる方にだけ届く" {
  start = "2026-09-28 10:00"

  lead {
    email      = "kuwata@asagiri.example.jp"
    created_at = "2026-09-28 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }

  case "よく読まれる方" {
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

    # 火曜・水曜・木曜のどれかの時刻に、一通だけ。
    at "2026-10-06 08:59" { expect = ["sent('mail') == 0"] }
    at "2026-10-08 08:50" { expect = ["sent('mail') <= 1", "in_workflow('news') or at('news') == 'exit.sent'"] }
    at "2026-10-12 12:00" { expect = ["at('news') == 'exit.sent'"] }
  }

  case "そうでない方" {
    event "email_opened" {}

    at "2026-10-12 12:00" { expect = ["not segment.regulars", "not in_workflow('news')", "sent('mail') == 1"] }
  }
}

test "お尋ねになった方だけが、営業に渡る" {
  start = "2026-10-06 11:00"

  lead {
    user_id    = "t-003"
    email      = "tokita@minori.example.jp"
    created_at = "2026-10-06 11:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }

  case "よく読むだけの方" {
    event "email_replied" {}
    event "email_replied" {}

    after "30d" { expect = ["not tossed_up('inquiry')", "sent('sales') == 0"] }
  }

  case "お問い合わせ" {
    event "form_submitted" { form = "inquiry" }

    expect = [
      "tossed_up('inquiry')",
      "lead.stage == 'sal'",
      "sent('sales') == 1",
    ]
  }
}

test "どんな順序で何が起きても、守られる約束" {
  start   = "2026-09-28 10:00"
  never   = ["sent('mail', '7d') > 4", "lead.unsubscribed and in_workflow('letter')"]
  streams = 60
  over    = "120d"

  lead {
    email      = "sugita@hanabi.example.jp"
    created_at = "2026-09-28 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "letter-2026-04"
  }
}
