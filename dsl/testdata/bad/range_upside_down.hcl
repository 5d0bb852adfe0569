score "x" {
  range = [100, 0] # ERROR: Range upside down

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}
