segment "x" { when = "tossed_up('hot_lead')" } # ERROR: Not to be read here
