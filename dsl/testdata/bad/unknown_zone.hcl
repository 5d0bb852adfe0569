# alone
project "x" {
  timezone = "Tokyo" # ERROR: Unknown time zone
}

lead {}
