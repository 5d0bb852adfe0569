# nurture test は、これらの物語を仮想の時計の上で確かめます。

test "資料請求のお礼はすぐに届き、翌営業日に事例をお送りする" {
  start = "2026-10-05 09:20" # 月曜日

  lead {
    user_id    = "t-001"
    email      = "mori@tsukiyo.example.jp"
    last_name  = "森"
    company    = "月夜物流株式会社"
    industry   = "物流業"
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

  # 反応がなければ、静かに見守ってから出ます。
  after "30d" {
    expect = [
      "sent('mail') == 2",
      "at('document_request') == 'exit.no_reaction'",
      "not tossed_up('hot_lead')",
    ]
  }
}

test "夜の資料請求にもお礼は届き、事例は営業時間まで待つ" {
  start = "2026-10-09 21:40" # 金曜日の夜。翌週の月曜日は祝日

  lead {
    email      = "hara@hoshizora.example.jp"
    last_name  = "原"
    created_at = "2026-10-09 21:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  event "form_submitted" { form = "document_request" }

  expect = ["sent('mail') == 1"]

  at "2026-10-12 15:00" { expect = ["sent('mail') == 1"] } # スポーツの日

  at "2026-10-14 18:00" { expect = ["sent('mail') == 2"] }
}

test "同意のない方に、ご案内は送らない" {
  start = "2026-10-05 10:00"

  lead {
    email      = "ono@kazahana.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "form_submitted" { form = "document_request" }

  expect = ["sent('mail') == 1"] # ご請求の資料だけ

  after "30d" {
    expect = [
      "sent('mail') == 1",
      "skipped('mail', 'no_consent') >= 1",
    ]
  }
}

test "興味が高まった方は、一度だけ営業に渡る" {
  start = "2026-10-05 10:00"

  lead {
    user_id    = "t-002"
    email      = "kuwata@asagiri.example.jp"
    last_name  = "桑田"
    company    = "あさぎり製作所株式会社"
    title      = "経理部長"
    industry   = "製造業"
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
      path          = "/cases/monthly-closing"
      dwell_seconds = 75
    }

    expect = [
      "score.interest >= 70",
      "not tossed_up('hot_lead')", # hold = 30m がまだ過ぎていません
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
    event "opportunity_created" { amount = 1200000 }

    expect = ["lead.stage == 'opportunity'"]
  }

  after "20d" {
    event "deal_won" { amount = 1200000 }

    expect = [
      "lead.stage == 'customer'",
      "sent('sales') == 1",
    ]
  }
}

test "お問い合わせは、点数を待たずにすぐ渡る" {
  start = "2026-10-06 11:00"

  lead {
    user_id    = "t-003"
    email      = "tokita@minori.example.jp"
    last_name  = "時田"
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

  # 返事がなければ、こちらに戻ります。
  after "5d" { expect = ["lead.stage == 'lead'"] }
}

test "配信を停止した方には、その瞬間から送らない" {
  start = "2026-10-05 10:00"

  lead {
    email      = "yoshino@umikaze.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  event "form_submitted" { form = "document_request" }

  after "2h" {
    event "unsubscribed" {}

    expect = ["at('document_request') == 'exit.opted_out'"]
  }

  after "30d" {
    expect = [
      "sent('mail') == 1",
      "lead.unsubscribed",
    ]
  }
}

test "メールサーバーが一時的に受け取らなくても、お礼は届く" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sugita@hanabi.example.jp"
    created_at = "2026-10-05 10:00"
  }

  reply "mail" {
    outcome = "retry"
    times   = 2
    code    = "smtp_451"
  }

  event "form_submitted" { form = "document_request" }

  expect = ["sent('mail') == 0"]

  after "24h" { expect = ["sent('mail') == 1"] }
}

test "どのような会社・お役職を、適合とみるか" {
  start = "2026-10-05 10:00"

  lead {
    email      = "minami@aozora.example.jp"
    created_at = "2026-10-05 10:00"
  }

  case "まだ何も分からない方" { expect = ["score.fit == 0", "not segment.target_account"] }

  case "大手製造業の部長" {
    lead {
      title     = "経理部長"
      industry  = "製造業"
      employees = 1200
    }

    expect = ["score.fit == 80", "segment.target_account"]
  }

  case "小さな会社の課長" {
    lead {
      title     = "総務課長"
      industry  = "サービス業"
      employees = 8
    }

    expect = ["score.fit == 20", "not segment.target_account"]
  }
}

test "どんな順序で何が起きても、守られる約束" {
  start   = "2026-10-05 10:00"
  never   = ["sent('mail', '7d') > 4", "times('toss_up_offered', '30d') > 2"]
  streams = 60

  lead {
    user_id    = "t-008"
    email      = "kita@yukikaze.example.jp"
    industry   = "物流業"
    employees  = 400
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }
}
