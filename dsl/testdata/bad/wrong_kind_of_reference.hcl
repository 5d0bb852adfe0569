toss_up "x" {
  to   = event.form_submitted # ERROR: Reference to something else
  when = "score.interest >= 70"
}
