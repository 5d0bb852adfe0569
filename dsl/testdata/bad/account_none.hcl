segment "x" { when = "account.did('pricing_viewed')" } # ERROR: Not to be read here

segment "y" { when = "account.plan == 'gold'" } # ERROR: Not to be read here

test "colleagues" {
  start = "2026-10-05 09:00"

  lead { email = "tanaka@example.jp" }

  colleague "suzuki" { # ERROR: Half of a pair
    event "pricing_viewed" {}
  }

  expect = ["lead.email == 'tanaka@example.jp'"]
}
