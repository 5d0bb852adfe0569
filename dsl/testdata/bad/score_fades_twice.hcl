score "x" {
  half_life = "14d"
  expires   = "90d" # ERROR: One or the other

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}

score "y" {
  expires = "90d"
  step    = "10 per 30d" # ERROR: One or the other

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}

score "z" {
  step = "10 every month" # ERROR: Cannot be read

  rule "a" {
    on     = event.form_submitted
    points = 1
  }
}
