# alone
project "x" { timezone = "UTC" }

lead {}

lifecycle {
  stage "a" {}
  stage "b" {} # WARNING: No way in
}
