workflow "x" {
  enter { on = event.form_submitted }

  steps {
    set "mark" {
      last_nam = "x" # ERROR: Unknown reference
    }
  }
}
