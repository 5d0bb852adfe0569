kpi "x" {
  count = event.form_submitted
  by    = ["workflow"] # WARNING: Without effect
}
