segment "x" {
  条件   = "lead.employees > 1" # ERROR: Unknown attribute
  when = "lead.employees > 1"
}
