segment "x" {
  when = “lead.employees > 1” # ERROR: Not readable
}
