funnel "q" {
  period = "2026-10-01 to 2026-12-31"
  goal   = 24
  by     = "regoin" # ERROR: Unknown reference

  step "reached" {
    count = event.email_delivered
    rate  = 0.5 # WARNING: Without effect
  }

  step "clicked" { count = event.email_clicked }

  step "won" {
    count = event.seminar_joined
    rate  = 25                     # ERROR: Number out of bounds
    when  = "lead.stage == 'lead'" # ERROR: Not to be read here
  }
}
