toss_up "x" {
  when = "score.interest >= 70"
  hold = "10 minutes" # ERROR: Not a length of time
}
