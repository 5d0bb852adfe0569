# nurture test は、これらの物語を仮想の時計の上で確かめます。

test "30日に3回の行動で顕在になり、30日の沈黙で潜在に戻る" {
  start = "2026-10-05 10:00" # 月曜日

  lead {
    email      = "mori@tsukiyo.example.jp"
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

    expect = ["lead.stage == 'active'"] # 29日間で3回
  }

  after "30d" { expect = ["lead.stage == 'latent'"] }
}

test "何を行動と数えるか" {
  start = "2026-10-05 10:00"

  lead {
    email      = "hara@hoshizora.example.jp"
    created_at = "2026-10-05 10:00"
  }

  case "開封は数えない" {
    event "email_opened" {}
    event "email_opened" {}
    event "email_opened" {}
    event "email_opened" {}

    expect = ["lead.stage == 'latent'", "score.interest == 0"]
  }

  case "すぐ閉じたページは数えない" {
    event "page_viewed" { path = "/pricing" }
    event "page_viewed" { path = "/" }
    event "page_viewed" { path = "/cases" }

    expect = ["lead.stage == 'latent'", "not in_workflow('key_page')"]
  }

  case "クリック、資料請求、セミナーは数える" {
    event "email_clicked" {}
    event "form_submitted" { form = "download" }
    event "seminar_attended" {}

    expect = ["lead.stage == 'active'", "score.interest == 22"]
  }
}

test "重要ページを見て、2日以内にもう一度来られた方" {
  start = "2026-10-05 10:00"

  lead {
    user_id    = "t-001"
    email      = "kuwata@asagiri.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "page_viewed" {
    path          = "/pricing"
    dwell_seconds = 40
  }

  case "同じ訪問のうちは渡さない" {
    after "20m" {
      event "page_viewed" {
        path          = "/pricing/standard"
        dwell_seconds = 60
      }
    }

    after "3d" { expect = ["not tossed_up('returned')", "at('key_page') == 'exit.stayed_away'"] }
  }

  case "翌日に来られたら渡す" {
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

    # 返事がなければ、こちらに戻ります。
    after "5d" { expect = ["lead.stage in ['latent', 'active']"] }
  }

  case "3日後では渡さない" {
    after "3d" {
      event "page_viewed" {
        path          = "/company"
        dwell_seconds = 15
      }

      expect = ["not tossed_up('returned')"]
    }
  }
}

test "興味度25で注目アラートが一度だけ出る" {
  start = "2026-10-05 10:00"

  lead {
    email      = "tokita@minori.example.jp"
    company    = "みのり食品株式会社"
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

  # 薄れたあと、ひと月のうちにまた届いても、同じアラートは出ません。
  after "10d" {
    event "seminar_attended" {}

    expect = ["score.interest >= const.warning", "sent('sales') == 1"]
  }
}

test "顕在になった方は、資料のフォローから移る" {
  start = "2026-10-05 10:00"

  lead {
    email      = "ono@kazahana.example.jp"
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

test "お問い合わせは、点数を待たずにすぐ渡る" {
  start = "2026-10-06 11:00"

  lead {
    user_id    = "t-002"
    email      = "yoshino@umikaze.example.jp"
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

test "どんな順序で何が起きても、守られる約束" {
  start   = "2026-10-05 10:00"
  never   = ["sent('mail', '7d') > 4", "in_workflow('download') and in_workflow('active')", "times('toss_up_offered', '30d') > 2"]
  streams = 60
  over    = "90d"

  lead {
    user_id    = "t-003"
    email      = "sugita@hanabi.example.jp"
    created_at = "2026-10-05 10:00"
  }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }
}
