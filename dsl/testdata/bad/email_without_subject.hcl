workflow "x" {
  enter { on = event.form_submitted }

  steps {
    email "hello" { template = "hello.md" } # ERROR: Attribute is missing
  }
}
