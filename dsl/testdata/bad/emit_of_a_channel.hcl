workflow "x" {
  enter { on = event.form_submitted }

  steps {
    emit "fake" { event = event.email_clicked } # ERROR: Event of somebody else
  }
}
