segment "a" { when = "lead.employees > 1" }

segment "a" { when = "lead.employees > 2" } # ERROR: Name used twice
