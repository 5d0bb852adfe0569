toss_up "x" {
  to   = sal # ERROR: Reference to something else
  when = "score.interest >= 70"
}
