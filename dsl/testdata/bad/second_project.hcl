project "other" { timezone = "UTC" } # ERROR: Block stands twice
