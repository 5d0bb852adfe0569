workflow "x" {
  enter { on = event.form_submitted }

  steps {
    wait "a" {} # ERROR: Attribute is missing
  }
}
