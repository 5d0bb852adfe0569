toss_up "x" {
  to   = "sal" # ERROR: Reference in quotes
  when = "score.interest >= 70"
}
