# alone
project "x" { timezone = "UTC" }

lead {
  number "n" {}
}

event "won" {}

lifecycle {
  stage "a" {}

  stage "b" {
    enter    = "lead.n > 5"
    leave    = "lead.n < 3"
    leave_to = stage.c # ERROR: leave goes back only
  }

  stage "c" { on = event.won }
}
