toss_up "x" {
  on   = event.form_submitted
  hold = "10m" # ERROR: One or the other
}
