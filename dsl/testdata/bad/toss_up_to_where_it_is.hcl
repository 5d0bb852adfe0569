toss_up "x" {
  from = stage.sal
  to   = stage.sal # ERROR: From and to are one
  when = "score.interest >= 70"
}
