review "x" { # NOTE: Not available yet
  schedule = "0 25 * * 1" # ERROR: Not a schedule
}
