rollout {
  canary = 10
  bake   = "1d"
  roll_back_if = [
    "kpi.left.value > 0.01",
    "0.01 <= kpi.left.value",
    "kpi.left.value > 0.01 and kpi.clicks.value > 5", # ERROR: Not a guard
    "kpi.left.value > kpi.rate.value", # ERROR: Not a guard
    "kpi.left.value == 0.01", # ERROR: Not a guard
    "kpi.clicks.value < 5", # ERROR: Not a guard
    "kpi.reach.value < 100", # ERROR: Not a guard
    "kpi.rate.value < 0.01", # WARNING: Guard without a voice
    "score.interest > 70", # ERROR: Not to be read here
  ]
}

kpi "clicks" { count = event.email_clicked }

kpi "reach" { value = "reachable('mail')" }

kpi "left" {
  rate   = event.unsubscribed
  of     = event.email_delivered
  within = "7d"
}

kpi "rate" {
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
}
