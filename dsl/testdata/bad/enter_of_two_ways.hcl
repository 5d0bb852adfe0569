workflow "x" {
  enter {
    on      = event.form_submitted # ERROR: One or the other
    segment = segment.big
  }

  steps {
    wait "a" { for = "1d" }
  }
}
