workflow "x" {
  enter { on = event.form_submitted }

  steps {
    exit "done" {}
    wait "more" { for = "1d" } # ERROR: Step is never reached
  }
}
