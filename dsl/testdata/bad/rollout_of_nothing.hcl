rollout {
  canary       = 10 # ERROR: Half of a pair
  roll_back_if = ["kpi.clicks > 0.01", "kpi.clik.value > 1"] # ERROR: Half of a figure # ERROR: Unknown name
  to           = "a@b.example" # ERROR: Half of a pair
}

kpi "clicks" { count = event.email_clicked }
