toss_up "x" {
  when     = "score.interest >= 70"
  cooldown = "９０日" # ERROR: Not a length of time
}
