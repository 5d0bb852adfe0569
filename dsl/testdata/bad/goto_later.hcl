workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" { for = "1d" }

    goto "again" { # ERROR: Not available yet, and needed
      step    = step.a
      at_most = 3
    }
  }
}
