score "x" {
  range { # ERROR: Attribute written as block
  }

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}
