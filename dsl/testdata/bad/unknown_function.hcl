segment "x" {
  label = uppercase("x") # ERROR: Unknown function
  when  = "lead.employees > 1"
}
