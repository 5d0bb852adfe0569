# alone
project "x" { timezone = "UTC" }

lead {
  text "stage" {} # ERROR: Name is taken
}
