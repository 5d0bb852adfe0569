kpi "a" { value = "toss_up.hot_led.succeeded / toss_up.hot_lead.handed_over" } # ERROR: Unknown name
kpi "b" { value = "toss_up.hot_lead.handed" } # ERROR: Unknown name
kpi "c" { value = "toss_up.hot_lead" } # ERROR: Half of a figure
kpi "d" { value = "reachable('mial')" } # ERROR: Unknown channel
kpi "e" { value = "score.interest" } # ERROR: Not to be read here
kpi "f" { value = "toss_up.hot_lead.won > 3" } # ERROR: Not a number
kpi "g" { value = "kpi.h.value * 2" } # ERROR: Goes in a circle
kpi "h" { value = "kpi.g.value / 2" }
