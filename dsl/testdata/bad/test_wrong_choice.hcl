test "x" {
  start = "2026-10-05 09:00"

  lead { email = "a@example.jp" }

  event "form_submitted" { form = "inquri" } # ERROR: Not one of the choices

  expect = ["score.interest == 20"]
}
