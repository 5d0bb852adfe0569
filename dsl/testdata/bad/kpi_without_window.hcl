kpi "x" {
  rate = event.email_clicked # ERROR: Half of a pair
  of   = event.email_delivered
}
