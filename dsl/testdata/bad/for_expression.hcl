score "x" {
  range = [for x in [0, 1] : x] # ERROR: Not part of the language

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}
