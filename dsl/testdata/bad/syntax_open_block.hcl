segment "x" { # ERROR: Not readable
  when = "lead.employees > 1"
