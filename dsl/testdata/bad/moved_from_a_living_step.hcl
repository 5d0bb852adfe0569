workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "first" { for = "1d" }
    wait "second" { for = "1d" }
  }

  moved {
    from = step.first # ERROR: Moved from a living step
    to   = step.second
  }
}
