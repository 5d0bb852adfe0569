test "x" {
  start = "2026-10-05 09:00"

  lead { email = "a@example.jp" }

  event "form_sumbitted" { form = "inquiry" } # ERROR: Unknown reference

  expect = ["score.interest == 20"]
}
