segment "big" { when = "lead.employees > 1" } # ERROR: Name used twice
