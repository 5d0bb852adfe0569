segment "x" {
  label = secret("X") # NOTE: Not set # ERROR: Secret in a wrong place
  when  = "lead.employees > 1"
}
