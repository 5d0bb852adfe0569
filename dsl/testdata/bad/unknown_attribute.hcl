segment "x" {
  wen  = "lead.employees > 1" # ERROR: Unknown attribute
  when = "lead.employees > 1"
}
