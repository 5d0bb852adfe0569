toss_up "x" {
  when     = "score.interest >= 70"
  cooldown = "3 months" # ERROR: Not a length of time
}
