toss_up "x" {
  on = event.toss_up_offered # ERROR: Feeds itself
}
