# nurture test は、これらの物語を仮想の時計の上で確かめます。

test "申し込みの控えはすぐに、参加用URLは24時間前に届く" {
  start = "2026-10-05 21:30" # 月曜日の夜

  lead {
    user_id       = "t-001"
    email         = "mizuno@tsukiyo.example.jp"
    last_name     = "水野"
    created_at    = "2026-10-05 21:00"
    webinar_id    = "w-2026-10"
    webinar_title = "勤怠の締めを2時間にする方法"
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

  # 参加も欠席も届かなければ、静かに終わります。
  after "90d" {
    expect = [
      "sent('mail') == 2",
      "at('webinar') == 'exit.never_heard'",
    ]
  }
}

test "参加された方と欠席された方では、届くものが違う" {
  start = "2026-10-05 10:00"

  lead {
    user_id    = "t-002"
    email      = "kanda@hoshizora.example.jp"
    last_name  = "神田"
    created_at = "2026-10-05 09:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "seminar-2026-04"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  at "2026-10-15 16:00" {}

  case "参加して、資料を開いた方には相談のご案内" {
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

  case "参加しただけの方は、お礼で終わる" {
    event "webinar_attended" {
      webinar_id = "w-2026-10"
      minutes    = 12
    }

    after "30d" {
      expect = ["sent('mail') == 2", "at('webinar') == 'exit.informed'"]
    }
  }

  case "欠席して録画を見た方には、よくあるご質問" {
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

  case "欠席して録画も見ない方には、要点を一度だけ" {
    event "webinar_missed" { webinar_id = "w-2026-10" }

    after "60d" {
      expect = ["sent('mail') == 3", "at('webinar') == 'exit.summed_up'"]
    }
  }
}

test "二つのウェビナーは、それぞれ別に進む" {
  start = "2026-10-05 10:00"

  lead {
    email      = "ishida@kazahana.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "seminar-2026-04"
  }

  event "webinar_registered" { webinar_id = "w-2026-10" }

  after "1h" {
    event "webinar_registered" { webinar_id = "w-2026-11" }

    # 同じウェビナーに二度申し込んでも、控えは一通です。
    event "webinar_registered" { webinar_id = "w-2026-10" }

    expect = ["sent('mail') == 2"]
  }

  # 10月の回に参加しても、11月の回は待ちつづけます。
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

test "取り消した方に、前日のお知らせは届かない" {
  start = "2026-10-05 10:00"

  lead {
    email      = "ogata@umikaze.example.jp"
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

test "アンケートで相談を希望された方は、すぐ営業に渡る" {
  start = "2026-10-15 16:10"

  lead {
    user_id    = "t-003"
    email      = "nagai@minori.example.jp"
    last_name  = "永井"
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

  # 返事がなければ、こちらに戻ります。
  after "5d" { expect = ["lead.stage == 'lead'"] }
}

test "参加して料金まで見た方は、一度だけ営業に渡る" {
  start = "2026-10-15 16:00"

  lead {
    user_id    = "t-004"
    email      = "kuwata@asagiri.example.jp"
    last_name  = "桑田"
    title      = "人事部長"
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
      "not tossed_up('hot_attendee')", # hold = 30m がまだ過ぎていません
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

test "どんな順序で何が起きても、守られる約束" {
  start   = "2026-10-05 10:00"
  never   = ["sent('mail', '7d') > 12", "times('toss_up_offered', '30d') > 2"]
  streams = 60
  over    = "60d"

  lead {
    user_id    = "t-005"
    email      = "sugita@hanabi.example.jp"
    employees  = 320
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "seminar-2026-04"
  }
}
