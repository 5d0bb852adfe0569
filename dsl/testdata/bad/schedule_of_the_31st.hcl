review "x" {
  schedule = "0 9 31 2 *" # ERROR: Not a schedule
}
