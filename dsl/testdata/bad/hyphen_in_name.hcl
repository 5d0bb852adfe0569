segment "hot-lead" { when = "lead.employees > 1" } # ERROR: Not a name
