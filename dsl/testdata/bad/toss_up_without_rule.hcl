toss_up "x" { to = stage.sal } # ERROR: Attribute is missing
