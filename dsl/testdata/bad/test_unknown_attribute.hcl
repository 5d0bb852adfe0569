test "x" {
  start = "2026-10-05 09:00"

  lead {
    email   = "a@example.jp"
    company = "Example" # ERROR: Unknown attribute
  }

  expect = ["score.interest == 0"]
}
