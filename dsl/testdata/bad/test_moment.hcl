test "x" {
  start = "2026-10-05 09:00"

  lead { email = "a@example.jp" }

  event "pricing_viewed" {} # ERROR: A moment does not arrive

  expect = ["score.interest == 20"]
}
