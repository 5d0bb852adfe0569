workflow "x" {
  enter { on = event.form_submitted }

  steps {
    goto "again" { # ERROR: Goes round without waiting
      step    = step.again
      at_most = 3
    }
  }
}
