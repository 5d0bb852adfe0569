kpi "x" {
  count  = event.form_submitted
  target = "many" # ERROR: Wrong kind of value
}
