segment "x" "y" { when = "lead.employees > 1" } # ERROR: Wrong number of names
