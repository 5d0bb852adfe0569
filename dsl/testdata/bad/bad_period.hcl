funnel "x" {
  period = "2026-10-01 to 2026-13-31" # ERROR: Not a date
  goal   = 5

  step "a" { count = event.form_submitted }
  step "b" {
    count = event.seminar_joined
    rate  = 0.5
  }
}
