# nurture test は、これらの物語を仮想の時計で再生します。

test "申し込みは、ボタンを押してはじめて有効になる" {
  start = "2026-10-05 22:00" # 月曜の夜

  lead {
    email      = "dana@tsukiakari.example.jp"
    created_at = "2026-10-05 22:00"
  }

  event "form_submitted" { form = "guide" }

  event "consent_given" {
    purpose = "marketing"
    wording = "form-2026-04"
  }

  expect = [
    "sent('mail') == 2", # 手引きと確認のメール。夜でも送ります
    "not consent.marketing",
    "at('guide') == 'confirmation'",
  ]

  case "押した方には、営業時間に事例が届く" {
    after "10m" {
      event "consent_confirmed" { consent = "marketing" }

      expect = ["consent.marketing", "lead.stage == 'subscriber'"]
    }

    at "2026-10-08 22:00" { expect = ["sent('mail') == 2"] }

    at "2026-10-13 12:00" {
      expect = ["sent('mail') == 3", "at('guide') == 'exit.sent'"]
    }
  }

  case "押さない方には、もう届かない" {
    after "60d" {
      expect = ["sent('mail') == 2", "not consent.marketing", "at('guide') == 'exit.not_confirmed'"]
    }
  }

  case "何度申し込まれても、確認のメールは2通まで" {
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

test "サイトは相手に合うものを表示し、クリックで終わる" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@hoshizora.example.jp"
    company    = "ほしぞら工具"
    created_at = "2026-10-05 10:00"
  }

  event "page_viewed" { path = "/pricing" }

  expect = ["shown('hero') == 'guide_banner'", "sent('mail') == 0"]

  case "クリックした" {
    event "web_clicked" { slot = "hero" }

    expect = ["shown('hero') == ''", "score.interest == 25"]
  }

  case "2週間たった" {
    after "14d" { expect = ["shown('hero') == ''", "at('price_seen') == 'exit.seen'"] }
  }

  case "同僚も料金を見た" {
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

test "検討中の会社から、お一人を営業に渡す" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@hoshizora.example.jp"
    company    = "ほしぞら工具"
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

test "営業に渡した同僚がいれば、重ねて渡さない" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@hoshizora.example.jp"
    company    = "ほしぞら工具"
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

  # お問い合わせは、それでも渡します。
  event "form_submitted" { form = "inquiry" }

  expect = ["tossed_up('inquiry')", "shown('hero') == ''"]
}

test "ご契約中の会社は、そっとしておく" {
  start = "2026-10-05 10:00"

  lead {
    email      = "sam@hoshizora.example.jp"
    company    = "ほしぞら工具"
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
