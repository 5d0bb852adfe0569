test "x" {
  start = "2026-10-05 09:00"

  lead { email = "a@example.jp" }

  after "2日" { expect = ["score.interest == 0"] } # ERROR: Not a length of time
}
