workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {
      on = [event.email_clicked, event.seminar_joined] # WARNING: Waits for ever
    }
  }
}
