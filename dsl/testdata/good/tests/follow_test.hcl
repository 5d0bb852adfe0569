test "資料請求にお礼を送り、読まれたら事例を送る" {
  start = "2026-10-06 10:00" # a Tuesday

  lead {
    email       = "mori@example.jp"
    family_name = "森"
    headcount   = 500
    sector      = "it"
    created_at  = "2026-09-01 10:00"
  }

  event "consent_given" {
    purpose = "news"
    wording = "document-form-v2"
  }

  event "document_requested" { document = "catalog" }

  expect = [
    "score.interest == 40",
    "sent('mail') == 1",
  ]

  reply "mail" {
    outcome = "retry"
    times   = 2
  }

  after "1d" {
    event "email_clicked" { link = "https://www.kita.example/catalog" }
    expect = ["at('follow') == 'case_study'"]
  }

  at "2026-10-20 09:00" {
    expect = [
      "sent('mail') == 2",
      "sent('sales') == 1",
      "at('follow') == 'exit.end'",
    ]
  }
}
