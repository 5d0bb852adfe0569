segment "ホット　リード" { when = "lead.employees > 1" } # ERROR: Not a name
