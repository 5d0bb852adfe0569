workflow "x" {
  in_flight = "finish" # WARNING: Not available yet, and missed

  enter { on = event.form_submitted }

  steps {
    wait "a" { for = "1d" }
  }
}
