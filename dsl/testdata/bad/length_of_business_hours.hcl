score "x" {
  half_life = "30 business hours" # ERROR: Not a length of time

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}
