kpi "x" { label = "?" } # ERROR: Attribute is missing
