kpi "x" {
  count  = event.form_submitted
  rate   = event.email_clicked # ERROR: One or the other
  of     = event.email_delivered
  within = "7d"
}
