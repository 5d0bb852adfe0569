workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      for = "1d" # ERROR: One or the other
      on  = event.email_clicked
    }
  }
}
