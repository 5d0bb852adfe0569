segmnt "x" { # ERROR: Unknown block
  when = "lead.employees > 1"
}
