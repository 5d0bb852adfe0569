toss_up "x" {
  to   = stage["sal"] # ERROR: Reference to something else
  when = "score.interest >= 70"
}
