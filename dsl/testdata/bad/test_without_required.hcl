test "x" {
  start = "2026-10-05 09:00"

  lead {} # ERROR: Required value is missing

  expect = ["score.interest == 0"]
}
