segment "a" { when = "segment.b" } # ERROR: Goes in a circle

segment "b" { when = "lead.employees > 1 and segment.c" }

segment "c" { when = "not segment.a" }
