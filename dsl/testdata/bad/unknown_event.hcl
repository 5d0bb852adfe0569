score "x" {
  rule "a" {
    on     = event.form_submited # ERROR: Unknown reference
    points = 1
  }
}
