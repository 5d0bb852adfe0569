# alone
project "x" { timezone = "UTC" }

lead {
  number "n" {}
}

lifecycle {
  stage "a" {
    enter = "lead.n > 5" # WARNING: Without effect
  }
}
