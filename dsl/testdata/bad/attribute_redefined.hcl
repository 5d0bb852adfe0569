segment "x" {
  when = "lead.employees > 1"
  when = "lead.employees > 2" # ERROR: Not readable
}
