score "x" {
  half_life = "5 business days" # ERROR: Not a length of time

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}
