kpi "x" {
  rate   = event.email_clicked
  of     = event.email_delivered
  within = "7d"
  target = 5 # ERROR: Number out of bounds
}
