score "x" {
  range = [0, const.hott] # ERROR: Unknown reference

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}
