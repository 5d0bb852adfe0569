test "x" {
  start = "2026-10-05 09:00"

  lead { email = "a@example.jp" }

  after "2d" { expect = ["score.interest == 0"] }
  at "2026-10-06 09:00" { expect = ["score.interest == 0"] } # ERROR: Time does not run back
}
