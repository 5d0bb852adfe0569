segment "大手企業" { when = "lead.employees > 1000" }

segment "x" { when = "segment.大手企業" }
