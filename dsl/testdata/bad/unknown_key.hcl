# alone
project "x" { timezone = "UTC" }

lead {
  key = "emial" # ERROR: Unknown reference

  text "email" {}
}
