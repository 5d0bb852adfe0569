workflow "x" {
  enter { on = event.form_submitted }

  exit "gone" {} # ERROR: Attribute is missing

  steps {
    wait "a" { for = "1d" }
  }
}
