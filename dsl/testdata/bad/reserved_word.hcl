segment "not" { when = "lead.employees > 1" } # ERROR: Name is taken
