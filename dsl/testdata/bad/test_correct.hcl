test "x" {
  start = "2026-10-05 09:00"

  lead { email = "a@example.jp" }

  event "page_viewed" { path = "/pricing" }
  correct "page_veiwed" { never = true } # ERROR: Unknown reference
  correct "pricing_viewed" { never = true } # ERROR: A moment does not arrive
  correct "page_viewed" {} # ERROR: Attribute is missing
  correct "page_viewed" { by = "robot" } # ERROR: Not one of the choices

  expect = ["score.interest == 0"]
}
