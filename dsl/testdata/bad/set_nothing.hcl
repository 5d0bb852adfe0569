workflow "x" {
  enter { on = event.form_submitted }

  steps {
    set "mark" {} # ERROR: Nothing in it
  }
}
