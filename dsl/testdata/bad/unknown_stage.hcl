toss_up "x" {
  to   = stage.opportunity # ERROR: Unknown reference
  when = "score.interest >= 70"
}
