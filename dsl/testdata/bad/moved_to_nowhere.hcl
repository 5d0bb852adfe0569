workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "second" { for = "1d" }
  }

  moved {
    from = step.first
    to   = step.secnd # ERROR: Moved to nowhere
  }
}
