test "x" {
  start = "10月5日" # ERROR: Not a date

  lead { email = "a@example.jp" }

  expect = ["score.interest == 0"]
}
