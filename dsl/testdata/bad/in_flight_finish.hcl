workflow "x" {
  in_flight = "finish" # ERROR: Leads inside follow the file

  enter { on = event.form_submitted }

  steps {
    wait "a" { for = "1d" }
  }
}
