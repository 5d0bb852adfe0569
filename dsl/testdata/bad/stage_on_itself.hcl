# alone
project "x" { timezone = "UTC" }

lead {}

lifecycle {
  stage "a" {}
  stage "b" { on = event.stage_changed } # ERROR: Feeds itself
}
