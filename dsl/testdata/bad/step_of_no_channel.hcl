workflow "x" {
  enter { on = event.form_submitted }

  steps {
    slack "tell" { message = "見込み客です" } # ERROR: No channel for this step
  }
}
