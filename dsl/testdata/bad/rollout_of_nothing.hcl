rollout {
  canary       = 10 # ERROR: Half of a pair
  roll_back_if = ["kpi.clicks > 0.01", "kpi.clik.value > 1"] # ERROR: Half of a figure # ERROR: Unknown name
}

kpi "clicks" { count = event.email_clicked }
