test "x" {
  start = "2026-10-05 09:00"

  lead {
    email     = "a@example.jp"
    employees = "many" # ERROR: Value does not fit
  }

  expect = ["score.interest == 0"]
}
