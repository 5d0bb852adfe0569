# alone
project "x" { timezone = "UTC" }

lead {
  number "n" {}
}

lifecycle {
  stage "a" {}

  stage "b" {
    enter = "lead.n > 5"
    leave = "lead.n < 3" # ERROR: Half of a pair
  }
}
