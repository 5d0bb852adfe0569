workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "reaction" { for = "1d" }

    goto "again" {
      step    = step.recation # ERROR: Unknown reference
      at_most = 3
    }
  }
}
