toss_up "crowded" {
  when = "score.interest >= 70"

  capacity {
    at_most   = 10
    per       = "1 business day"
    order_by  = score.nothing # ERROR: Unknown reference
    inquiries = "later"       # ERROR: Not one of the choices
  }

  answer {
    within = "2 business days"

    reason "no_budget" { recycle = stage.nowhere } # ERROR: Unknown reference
  }
}

test "too many" {
  start  = "2026-10-06 10:00"
  others = 5000 # ERROR: Value does not fit

  lead { email = "tanaka@example.jp" }

  expect = ["not tossed_up('crowded')"]
}
